// Opened before privileges are dropped, before any octet from a file or the network is read.
#include "tools/tcp/doors.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "libdiag/io/entropy.hpp"
#include "libdiag/io/privilege.hpp"
#include "tools/tcp/plan.hpp"
#include "tools/tcp/target_ports.hpp"

namespace diag::tcp {
namespace {

// What a sweep at its highest rate may pile up while the scheduler runs somebody else.
constexpr double sweep_burst_rate = 400'000;
constexpr std::size_t packet_size = 80;  // IP header, SYN-ACK with options
constexpr std::uint64_t own_descriptors = 64;

/// How much the words of the command line ask, a name taken for one address; nullopt: they do not tell.
std::optional<std::uint64_t> questions_by_words(const tcp_options& options) {
  if (!options.targets.file.empty() || options.is_suite()) return std::nullopt;
  const auto any_port = [](std::string_view) { return std::optional<std::uint16_t>{1}; };
  const auto common = tools::parse_ports(options.ports, any_port);
  std::uint64_t all = 0;
  for (const auto& word : options.targets.words) {
    const auto read = parse_target_ports(word, any_port);
    if (!read) continue;
    const auto* block = std::get_if<tools::address_block>(&read->target);
    const auto ports = !read->ports.empty() ? read->ports.size() : common ? common->size() : 1;
    all += (block != nullptr ? block->count : 1) * ports * options.targets.flows;
  }
  return all;
}

/// Whether the answers could outrun a usual receive buffer; in doubt yes.
bool likely_many(const tcp_options& options) {
  constexpr std::uint64_t few_questions = 64;
  const auto questions = questions_by_words(options);
  return !questions || *questions > few_questions;
}

io::probe_socket_config socket_config(const tcp_options& options, const doors& open, ip_family family) {
  io::probe_socket_config config;
  config.family = family;
  config.kind = io::socket_kind::raw;
  config.interface = options.interface;
  if (options.source.family() == family) config.source = options.source;
  config.hop_limit = options.hop_limit;
  config.traffic_class = options.traffic_class;
  config.mark = options.mark;
  config.ports = open.ports->ports();
  // A sweep asks for no transmit stamps, and one end alone measures nothing.
  config.stamps = questions_by_words(options).value_or(0) <= stamped_sweep;
  if (likely_many(options))
    config.receive_buffer =
        io::receive_buffer_for(options.rate.value_or(0) > 0 ? *options.rate : sweep_burst_rate, packet_size);
  return config;
}

result<family_doors> open_family(const tcp_options& options, const doors& open, ip_family family) {
  auto config = socket_config(options, open, family);
  family_doors made;
  config.protocol = io::probe_protocol::tcp;
  auto segments = io::open_probe_socket(config);
  if (!segments) return segments.error();
  config.protocol = io::probe_protocol::icmp;
  auto errors = io::open_probe_socket(config);
  if (!errors) return errors.error();
  made.segments.emplace(std::move(*segments));
  made.errors.emplace(std::move(*errors));
  return made;
}

bool forbidden(const failure& what) {
  return what.code == std::errc::operation_not_permitted || what.code == std::errc::permission_denied;
}

tools::needed_families wanted_families(const tcp_options& options) {
  if (options.is_suite() && options.targets.family == ip_family::none) return {true, true};
  auto wanted = families_of(options.targets);
  // No word that names a target: it will be refused by name, and any socket will do until then.
  if (!wanted.v4 && !wanted.v6) wanted.v4 = true;
  return wanted;
}

/// Sockets for crafted segments. False: this process may not have them.
result<bool> open_crafted(const tcp_options& options, doors& open) {
  auto ports = options.source_ports ? io::lease_these_ports(options.source_ports->first, lease_size(options))
                                    : io::lease_ports(lease_size(options), open.identity.lease_seed);
  if (!ports) return ports.error();
  open.ports.emplace(std::move(*ports));
  const auto wanted = wanted_families(options);
  const auto attempt = [&](ip_family family, family_doors& place, std::optional<failure>& trouble) {
    auto opened = open_family(options, open, family);
    if (opened)
      place = std::move(*opened);
    else
      trouble = opened.error();
  };
  if (wanted.v4) attempt(ip_family::v4, open.v4, open.without_v4);
  if (wanted.v6) attempt(ip_family::v6, open.v6, open.without_v6);
  if (open.v4.segments || open.v6.segments) return true;
  const auto& why = open.without_v4 ? *open.without_v4 : *open.without_v6;
  if (!forbidden(why)) return why;
  return false;
}

result<void> open_tap(const tcp_options& options, doors& open) {
  const bool shown = options.packets || !options.pcap.empty();
  if (!shown) {
    // Loading libpcap costs more than a connection.
    const auto may = io::read_privileges();
    if (!open.connects() || !may || !may->may_open_raw()) return {};
  }
  io::capture_config config;
  config.interface = options.interface;
  config.filter = open.connects() ? connection_filter(shown) : capture_filter(open.ports->ports());
  auto tap = io::open_capture(config);
  if (tap)
    open.tap.emplace(std::move(*tap));
  else if (shown)
    return tap.error();  // otherwise the kernel tells enough
  return {};
}

constexpr auto icmp_errors =
    "(icmp and (icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12)) or (ip6[6] = 58 and ip6[40] < 128)";

}  // namespace

result<run_identity> make_identity() {
  const auto seed = io::entropy();
  if (!seed) return seed.error();
  seeded_random random{*seed};
  run_identity made;
  made.key = make_hash_key(random);
  made.timestamp_base = static_cast<std::uint32_t>(random());
  // Told to others in a resume token, so it must not lead back to the key.
  const auto order = io::entropy();
  if (!order) return order.error();
  seeded_random told{*order};
  made.order_seed = told();
  made.lease_seed = random();
  return made;
}

std::uint16_t lease_size(const tcp_options& options) {
  constexpr std::uint64_t most_rounds = 16, most_ports = 64;
  if (options.source_ports)
    return static_cast<std::uint16_t>(options.source_ports->last - options.source_ports->first + 1);
  const auto rounds = options.rounds == 0 ? most_rounds : std::min(options.rounds, most_rounds);
  const std::uint64_t flows = options.targets.flows;
  const auto wanted = std::min(flows * (options.retries + 1) * rounds, most_ports);
  return static_cast<std::uint16_t>(std::max(wanted, flows));
}

std::string capture_filter(io::port_range ports) {
  return fmt::format("(tcp portrange {}-{}) or {}", ports.base, ports.base + ports.count - 1, icmp_errors);
}

std::string connection_filter(bool whole) {
  if (whole) return fmt::format("tcp or {}", icmp_errors);
  // Byte 13 of the TCP header holds the flags: SYN is 2, RST is 4. Without extension headers in IPv6.
  return fmt::format("(tcp[13] & 6 != 0) or (ip6[6] = 6 and ip6[53] & 6 != 0) or {}", icmp_errors);
}

result<doors> open_doors(const tcp_options& options) {
  const auto identity = make_identity();
  if (!identity) return identity.error();
  doors open;
  open.identity = *identity;
  if (options.resume) open.identity.order_seed = options.resume->order_seed;
  open.method = options.method == probe_method::automatic ? probe_method::syn : options.method;
  if (!open.connects()) {
    const auto crafted = open_crafted(options, open);
    if (!crafted) return crafted.error();
    if (!*crafted && (options.method != probe_method::automatic || options.needs_raw()))
      return open.without_v4 ? *open.without_v4 : *open.without_v6;
    if (!*crafted) {
      open.method = probe_method::connect;
      open.fell_back = true;
      open.ports.reset();
    }
  }
  if (open.connects()) {
    const auto limit = io::raise_descriptor_limit();
    open.most_streams = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(limit - std::min(limit, own_descriptors), 16, 1024));
    open.without_v4.reset();
    open.without_v6.reset();
  }
  if (auto tap = open_tap(options, open); !tap) return tap.error();
  return open;
}

}  // namespace diag::tcp
