// Opened before privileges are dropped, before any octet from a file or the network is read.
#include "tools/traceroute/doors.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "libdiag/io/entropy.hpp"
#include "libdiag/io/privilege.hpp"
#include "libdiag/io/stream_set.hpp"

namespace diag::traceroute {
namespace {

using io::probe_protocol;
using probe::path_method;

constexpr std::uint16_t mda_flows = 512;         // each holds a descriptor
constexpr std::uint16_t many_descriptors = 256;  // more than a usual limit may leave
constexpr std::uint64_t few_targets = 16;
// What 512 traces at once may pile up while the scheduler runs somebody else.
constexpr double burst_rate = 100'000;
constexpr std::size_t answer_size = 128;

/// What the run sends and hears, beside ICMP errors.
struct needs {
  bool tcp = false, udp = false, echo = false;
  bool udp_answers = false;
};

needs needs_of(const trace_options& o) {
  if (o.mode == run_mode::locate) return {true, o.locate_udp, true, o.locate_udp};
  needs wanted;
  wanted.tcp = o.is_tcp();
  wanted.udp = o.method == path_method::udp;
  wanted.echo = o.method == path_method::icmp;
  wanted.udp_answers = o.fixed_port;
  return wanted;
}

bool likely_many(const trace_options& options) {
  if (!options.targets.file.empty()) return true;
  std::uint64_t all = 0;
  for (const auto& word : options.targets.words) {
    const auto text = tools::parse_target(word);
    if (!text) continue;
    const auto* block = std::get_if<tools::address_block>(&*text);
    all += block != nullptr ? block->count : 1;
  }
  return all > few_targets;
}

io::probe_socket_config base_config(const trace_options& options, ip_family family) {
  io::probe_socket_config config;
  config.family = family;
  config.interface = options.interface;
  if (options.source.family() == family) config.source = options.source;
  config.mark = options.mark;
  if (likely_many(options))
    config.receive_buffer =
        io::receive_buffer_for(options.rate.value_or(0) > 0 ? *options.rate : burst_rate, answer_size);
  return config;
}

result<void> open_into(std::optional<io::probe_socket>& place, const io::probe_socket_config& config) {
  auto socket = io::open_probe_socket(config);
  if (!socket) return socket.error();
  place.emplace(std::move(*socket));
  return {};
}

result<void> open_sources(family_doors& made, const io::probe_socket_config& config) {
  const io::raised_privileges for_a_mark;
  auto sources = io::open_source_finder(config);
  if (!sources) return sources.error();
  made.sources.emplace(std::move(*sources));
  return {};
}

/// Whole packets out; in what the method is answered with.
result<family_doors> open_raw(const trace_options& options, const doors& open, ip_family family) {
  const auto wanted = needs_of(options);
  auto config = base_config(options, family);
  config.kind = io::socket_kind::raw;
  family_doors made;
  config.protocol = probe_protocol::whole;
  if (auto done = open_into(made.sender, config); !done) return done.error();
  if (open.ports) config.ports = open.ports->ports();
  config.protocol = probe_protocol::icmp;
  config.identifier_base = open.identity.identifier_base;
  config.identifier_count = wanted.echo ? flow_count(options) : 0;
  // What a translator left in a quote may be neither our port nor our identifier.
  config.every_error = true;
  if (auto done = open_into(made.errors, config); !done) return done.error();
  if (wanted.tcp) {
    config.protocol = probe_protocol::tcp;
    if (auto done = open_into(made.segments, config); !done) return done.error();
  }
  if (wanted.udp_answers) {
    config.protocol = probe_protocol::udp;
    if (auto done = open_into(made.datagrams, config); !done) return done.error();
  }
  if (auto done = open_sources(made, config); !done) return done.error();
  return made;
}

/// One datagram socket, whose error queue tells of the path.
result<family_doors> open_datagram(const trace_options& options, doors& open, ip_family family) {
  auto config = base_config(options, family);
  config.kind = io::socket_kind::datagram;
  config.traffic_class = options.traffic_class;
  const bool whole = options.dont_fragment || options.mode == run_mode::mtu;
  config.path_mtu = whole ? io::path_mtu_mode::probe : io::path_mtu_mode::dont;
  family_doors made;
  if (options.method == path_method::icmp) {
    config.protocol = probe_protocol::icmp;
    if (auto done = open_into(made.errors, config); !done) return done.error();
  } else {
    config.protocol = probe_protocol::udp;
    // Both families from the same port: a flow has one number.
    config.ports = {open.port_base != 0 ? open.port_base : options.source_port.value_or(0), 1};
    if (auto done = open_into(made.datagrams, config); !done) return done.error();
    open.port_base = made.datagrams->ports().base;
  }
  if (auto done = open_sources(made, config); !done) return done.error();
  return made;
}

bool forbidden(const failure& what) {
  return what.code == std::errc::operation_not_permitted || what.code == std::errc::permission_denied;
}

tools::needed_families wanted_families(const trace_options& options) {
  auto wanted = tools::families_of(options.targets);
  // No word that names a target: it will be refused by name, and any socket will do until then.
  if (!wanted.v4 && !wanted.v6) wanted.v4 = true;
  return wanted;
}

template <class Open>
void open_families(const trace_options& options, doors& open, const Open& open_one) {
  const auto wanted = wanted_families(options);
  const auto attempt = [&](ip_family family, std::optional<failure>& trouble) {
    auto opened = open_one(family);
    if (opened)
      open.of(family) = std::move(*opened);
    else
      trouble = opened.error();
  };
  if (wanted.v4) attempt(ip_family::v4, open.without_v4);
  if (wanted.v6) attempt(ip_family::v6, open.without_v6);
}

result<void> lease(const trace_options& options, doors& open) {
  const auto wanted = needs_of(options);
  if (!wanted.tcp && !wanted.udp) return {};
  const auto kind = wanted.tcp && wanted.udp ? io::port_kind::both
                    : wanted.tcp             ? io::port_kind::tcp
                                             : io::port_kind::udp;
  const auto count = flow_count(options);
  if (count > many_descriptors) io::raise_descriptor_limit();
  auto ports = options.source_port ? io::lease_these_ports(*options.source_port, count, kind)
                                   : io::lease_ports(count, open.identity.lease_seed, kind);
  if (!ports) return ports.error();
  open.ports.emplace(std::move(*ports));
  open.port_base = open.ports->base();
  return {};
}

failure worst_of(const doors& open) {
  return open.without_v4 ? *open.without_v4 : *open.without_v6;
}

/// False: this process may not have raw sockets.
result<bool> open_crafted(const trace_options& options, doors& open) {
  if (auto leased = lease(options, open); !leased) return leased.error();
  open_families(options, open, [&](ip_family family) { return open_raw(options, open, family); });
  if (open.v4.usable() || open.v6.usable()) return true;
  const auto why = worst_of(open);
  if (!forbidden(why) || !options.needs_raw().empty()) return why;
  open.ports.reset();
  open.port_base = 0;
  open.without_v4.reset();
  open.without_v6.reset();
  return false;
}

}  // namespace

result<run_identity> make_identity() {
  const auto seed = io::entropy();
  if (!seed) return seed.error();
  seeded_random random{*seed};
  run_identity made;
  made.key = make_hash_key(random);
  made.identifier_base = static_cast<std::uint16_t>(random());
  made.flow_label = static_cast<std::uint32_t>(random() & 0xfffff);
  made.lease_seed = random();
  return made;
}

std::uint16_t flow_count(const trace_options& options) {
  return options.mode == run_mode::mda ? mda_flows : options.flows;
}

std::string_view unprivileged_note(const trace_options& options) {
  return options.method == path_method::icmp
             ? "without CAP_NET_RAW: one identifier, given by the kernel; what was changed on the way is not "
               "seen"
             : "without CAP_NET_RAW: one source port; what was changed on the way, and the hop limit that "
               "was "
               "left, are not seen";
}

std::string capture_filter(const trace_options& options, io::port_range ports) {
  const auto wanted = needs_of(options);
  // Whose errors they are is found out frame by frame; neighbor discovery and its kin are no concern of ours.
  std::string filter =
      "(icmp and (icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12)) or (ip6[6] = 58 and ip6[40] < 128) or "
      "((ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60) and not (ip6[40] = 58 and ip6[48] > 129))";
  const auto last = ports.base + std::max<std::uint32_t>(ports.count, 1) - 1;
  if (wanted.tcp) filter += fmt::format(" or (tcp portrange {}-{})", ports.base, last);
  if (wanted.udp) filter += fmt::format(" or (udp portrange {}-{})", ports.base, last);
  if (!wanted.echo) return filter;
  return filter +
         " or (icmp and (icmp[0] = 0 or icmp[0] = 8)) or (ip6[6] = 58 and (ip6[40] = 128 or ip6[40] = 129))";
}

result<doors> open_doors(const trace_options& options) {
  const auto identity = make_identity();
  if (!identity) return identity.error();
  doors open;
  open.identity = *identity;
  const auto crafted = open_crafted(options, open);
  if (!crafted) return crafted.error();
  if (!*crafted) {
    open.whole_packets = false;
    open_families(options, open, [&](ip_family family) { return open_datagram(options, open, family); });
    if (!open.v4.usable() && !open.v6.usable()) return worst_of(open);
  }
  if (!options.packets && options.pcap.empty()) return open;
  io::capture_config config;
  config.interface = options.interface;
  config.filter = capture_filter(options, open.ports ? open.ports->ports() : io::port_range{});
  auto tap = io::open_capture(config);
  if (!tap) return tap.error();
  open.tap.emplace(std::move(*tap));
  return open;
}

}  // namespace diag::traceroute
