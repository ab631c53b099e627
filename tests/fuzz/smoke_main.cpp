// Drives a fuzz target without the fuzzing engine: every file of the directories named, then seeded mutations
// of them (cut, flip, overwrite, splice, grow). The same inputs in every run, so a failure comes back.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "libdiag/core/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using input = std::vector<std::uint8_t>;

constexpr std::uint64_t seed = 0x6469'6167;
constexpr int mutations = 20'000;
constexpr std::size_t max_size = 4096;
// Under a sanitizer a slow target must not hold up the suite; what was run is printed.
constexpr auto time_limit = std::chrono::seconds{20};

std::vector<input> read_seeds(int count, char** directories) {
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i < count; ++i)
    if (std::filesystem::is_directory(directories[i]))
      for (const auto& entry : std::filesystem::directory_iterator{directories[i]})
        if (entry.is_regular_file()) paths.push_back(entry.path());
  std::ranges::sort(paths);  // directory order differs between file systems
  std::vector<input> seeds;
  for (const auto& path : paths) {
    std::ifstream file{path, std::ios::binary};
    seeds.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
  }
  return seeds;
}

/// Boundary values find more than uniform ones.
std::uint8_t octet(diag::seeded_random& random) {
  constexpr std::uint8_t special[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfe, 0xff};
  return random.below(2) == 0 ? special[random.below(std::size(special))]
                              : static_cast<std::uint8_t>(random.below(256));
}

void mutate(input& octets, const std::vector<input>& seeds, diag::seeded_random& random) {
  const auto at = random.below(octets.size() + 1);
  switch (random.below(5)) {
    case 0:
      octets.resize(at);
      break;
    case 1:
      if (at < octets.size()) octets[at] = static_cast<std::uint8_t>(octets[at] ^ 1U << random.below(8));
      break;
    case 2:
      if (at < octets.size()) octets[at] = octet(random);
      break;
    case 3: {
      const auto& other = seeds[random.below(seeds.size())];
      const auto from = random.below(other.size() + 1);
      octets.resize(at);
      octets.insert(octets.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      break;
    }
    default:
      octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(at), 1 + random.below(64), octet(random));
  }
  if (octets.size() > max_size) octets.resize(max_size);
}

void run(const input& octets) {
  // An allocation of exactly this size: a sanitizer then sees the first octet read past it.
  const input exact{octets.begin(), octets.end()};
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  auto seeds = read_seeds(argc, argv);
  const auto seed_count = seeds.size();
  if (seeds.empty()) seeds.push_back({});
  for (const auto& each : seeds) run(each);

  diag::seeded_random random{seed};
  const auto end = std::chrono::steady_clock::now() + time_limit;
  int done = 0;
  for (; done < mutations && std::chrono::steady_clock::now() < end; ++done) {
    auto octets = seeds[random.below(seeds.size())];
    for (auto rounds = 1 + random.below(4); rounds > 0; --rounds) mutate(octets, seeds, random);
    run(octets);
  }
  std::printf("%zu seeds and %d mutations\n", seed_count, done);
  return 0;
}
