// A hundred thousand mangled packets: none is believed that does not prove itself, and the law holds.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::ping_error;
using probe::ping_reply;

namespace {

/// What an honest observer, who knows every packet sent, says of a reply: its identity octets are those of a
/// request, as far as they are there.
bool proves_itself(const std::vector<packet>& requests, const packet& reply, std::uint64_t number) {
  const auto header = look(reply);
  if (!header || number == 0 || number > requests.size()) return false;
  const auto& request = requests[number - 1];
  const auto asked = *look(request);
  const auto carried = std::min<std::size_t>(header->payload.size() - 4, 12);
  // Identifier and sequence to the bit; of the eight octets of the token one may be damaged.
  std::size_t wrong = 0;
  for (std::size_t i = 4; i < 4 + carried; ++i) {
    if (header->payload[i] == asked.payload[i]) continue;
    if (i < 8 || carried < 12) return false;
    ++wrong;
  }
  return header->source == asked.destination && wrong <= 1;
}

packet mangle(packet octets, seeded_random& random) {
  const auto times = 1 + random.below(3);
  for (std::uint64_t i = 0; i < times && !octets.empty(); ++i) {
    const auto at = random.below(octets.size());
    switch (random.below(6)) {
      case 0:
        octets[at] ^= std::byte{1} << random.below(8);
        break;
      case 1:
        octets[at] = static_cast<std::byte>(random.below(256));
        break;
      case 2:
        octets.resize(at);
        break;
      case 3:
        octets.insert(octets.end(), random.below(40), static_cast<std::byte>(random.below(256)));
        break;
      case 4:
        // Of the octets that say who it is for.
        octets[std::min<std::size_t>(20 + random.below(16), octets.size() - 1)] ^= std::byte{1}
                                                                                   << random.below(8);
        break;
      default:
        break;
    }
  }
  // Half of them with sound checksums and lengths, or none would get past the first check.
  if (octets.size() >= 28 && (octets[0] == std::byte{0x45}) && random.below(2) == 0) {
    store_be16(octets, 2, static_cast<std::uint16_t>(octets.size()));
    finish_ip(octets);
    finish_icmp(octets);
  }
  return octets;
}

}  // namespace

TEST_CASE("ping: believes no packet that does not prove itself", "[sim][ping]") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  INFO("seed " << seed);
  seeded_random random{seed};
  auto config = by_hand::quiet();
  config.count = 200;
  config.interval = 10ms;
  by_hand bench{"198.51.100.1", config};
  std::vector<packet> requests;
  std::uint64_t believed = 0;
  std::uint64_t unproven = 0;
  for (int turn = 0; turn < 200; ++turn) {
    requests.push_back(bench.request());
    const auto next = bench.now + 10ms;
    for (int i = 0; i < 150; ++i) {
      const auto& request =
          requests[requests.size() - 1 - random.below(std::min<std::size_t>(3, requests.size()))];
      icmp_error_fields fields;
      fields.from = *parse_ip("203.0.113.1");
      fields.type = random.below(2) == 0 ? 3 : 11;
      fields.code = static_cast<std::uint8_t>(random.below(16));
      fields.quote = random.below(2) == 0 ? 0 : 28;
      const auto octets =
          mangle(random.below(3) == 0 ? icmp_error(request, fields) : echo_reply(request), random);
      const auto before = bench.seen_count();
      bench.feed(octets, 50us);
      for (const auto& event : bench.seen_since(before)) {
        if (const auto* reply = std::get_if<ping_reply>(&event)) {
          ++believed;
          if (!proves_itself(requests, octets, reply->number)) ++unproven;
        } else if (const auto* error = std::get_if<ping_error>(&event)) {
          ++believed;
          auto quoted = packet(octets.begin() + 28, octets.end());
          const auto header = look(quoted);
          const auto& asked = requests.at(error->number - 1);
          if (!header || !(header->destination == look(asked)->destination) || header->payload.size() < 8 ||
              load_be32(header->payload, 4) != load_be32(look(asked)->payload, 4))
            ++unproven;
        }
      }
    }
    bench.now = next;
    bench.feed(probe::wakeup{});
  }
  bench.finish();
  CHECK(unproven == 0);
  CHECK(believed > 500);
  CHECK(bench.book.rejected() > 5000);
  CHECK(bench.book.breach() == "");
}
