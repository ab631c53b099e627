// Names of ports out of a services file.
#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include "tools/tcp/service_names.hpp"

#include "tests/catch.hpp"

namespace {

/// A file that goes when the test ends.
class services_file {
 public:
  explicit services_file(std::string_view text) {
    const int fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    std::ofstream{path} << text;
  }
  ~services_file() { ::unlink(path.c_str()); }

  std::string path = "/tmp/diag-services-XXXXXX";
};

}  // namespace

TEST_CASE("service names: the first TCP name of a port", "[tools][tcp]") {
  const services_file file{
      "# a comment\nssh\t\t22/tcp\t\t# Secure Shell\ndomain 53/udp\nhttp 80/tcp www\r\nweb 80/tcp\n"
      "bad 0/tcp\nworse x/tcp\n/tcp\nlast 65535/tcp"};
  const diag::tcp::service_names names{true, file.path};
  CHECK(names.name_of(22) == "ssh");
  CHECK(names.name_of(53).empty());
  CHECK(names.name_of(80) == "http");
  CHECK(names.name_of(0).empty());
  CHECK(names.name_of(65535) == "last");
}

TEST_CASE("service names: none when not wanted, or when there is no file", "[tools][tcp]") {
  const services_file file{"ssh 22/tcp\n"};
  CHECK(diag::tcp::service_names{false, file.path}.name_of(22).empty());
  CHECK(diag::tcp::service_names{true, "/nonexistent/services"}.name_of(22).empty());
}
