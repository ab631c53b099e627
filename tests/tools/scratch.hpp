// A folder of files that goes away with its owner.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/catch.hpp"

namespace diag::test {

class scratch {
 public:
  scratch() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ~scratch() { std::filesystem::remove_all(path_); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  /// Writes the file and returns its path.
  [[nodiscard]] std::string file(const std::string& name, std::string_view text) const {
    const auto path = in(name);
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }
  [[nodiscard]] std::string in(const std::string& name) const { return path_ + '/' + name; }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream from{in(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{from}, {}};
  }

 private:
  std::string path_ = "/tmp/diag-tests-XXXXXX";
};

}  // namespace diag::test
