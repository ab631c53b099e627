// Capture files, octet by octet, and the files they go to.
#include "libdiag/report/pcap_writer.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

#include "libdiag/core/bytes.hpp"
#include "libdiag/report/output_file.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

namespace {

/// A directory that goes with the test.
struct scratch {
  scratch() {
    std::string name = std::filesystem::temp_directory_path() / "report_test_XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  std::filesystem::path path;
};

std::string content(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("pcap_writer: writes the header and each frame", "[report][pcap]") {
  scratch dir;
  auto file = output_file::create(dir.path / "a.pcap");
  REQUIRE(file.has_value());
  pcap_writer writer{file->out(), pcap_link::raw_ip};
  CHECK(writer.write(wall_time{2s + 3ns}, as_bytes("abc"), 100));
  CHECK(writer.write(wall_time{-1s}, as_bytes("d"), 0));
  CHECK_FALSE(file->close().has_value());

  const auto written = content(dir.path / "a.pcap");
  const auto bytes = as_bytes(written);
  REQUIRE(bytes.size() == 24 + 16 + 3 + 16 + 1);
  CHECK(load_le32(bytes, 0) == 0xA1B23C4D);
  CHECK(load_le16(bytes, 4) == 2);
  CHECK(load_le16(bytes, 6) == 4);
  CHECK(load_le32(bytes, 16) == pcap_writer::snap_length);
  CHECK(load_le32(bytes, 20) == 101);
  CHECK(load_le32(bytes, 24) == 2);
  CHECK(load_le32(bytes, 28) == 3);
  CHECK(load_le32(bytes, 32) == 3);
  CHECK(load_le32(bytes, 36) == 100);
  CHECK(written.substr(40, 3) == "abc");
  CHECK(load_le32(bytes, 43) == 0);       // no time before 1970
  CHECK(load_le32(bytes, 43 + 12) == 1);  // a frame is at least as long as what was kept of it
}

TEST_CASE("pcap_writer: keeps the snap length of a giant frame", "[report][pcap]") {
  scratch dir;
  auto file = output_file::create(dir.path / "a.pcap");
  REQUIRE(file.has_value());
  pcap_writer writer{file->out(), pcap_link::ethernet};
  const std::vector<std::byte> giant(pcap_writer::snap_length + 1);
  writer.write(wall_time{}, giant, giant.size());
  CHECK_FALSE(file->close().has_value());
  const auto written = content(dir.path / "a.pcap");
  CHECK(written.size() == 40 + pcap_writer::snap_length);
  CHECK(load_le32(as_bytes(written), 36) == giant.size());
}

TEST_CASE("output_file: is private and replaces what was there", "[report][file]") {
  scratch dir;
  const auto path = dir.path / "f";
  std::ofstream{path} << "something longer than what follows";
  auto file = output_file::create(path);
  REQUIRE(file.has_value());
  file->out().write("new");
  CHECK_FALSE(file->close().has_value());
  CHECK_FALSE(file->close().has_value());
  CHECK(content(path) == "new");

  REQUIRE(output_file::create(dir.path / "g").has_value());
  struct stat made {};
  REQUIRE(::stat((dir.path / "g").c_str(), &made) == 0);
  CHECK((made.st_mode & 0777) == 0600);
}

TEST_CASE("output_file: refuses links, devices, directories and standard output", "[report][file]") {
  scratch dir;
  std::ofstream{dir.path / "victim"} << "kept";
  std::filesystem::create_symlink(dir.path / "victim", dir.path / "link");
  REQUIRE(::mkfifo((dir.path / "fifo").c_str(), 0600) == 0);
  for (const std::string& path :
       {(dir.path / "link").string(), (dir.path / "fifo").string(), dir.path.string(),
        std::string{"/dev/null"}, std::string{"-"}, std::string{"/no/such/directory/f"}}) {
    const auto file = output_file::create(path);
    INFO(path);
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().subject == path);
  }
  CHECK(content(dir.path / "victim") == "kept");
}
