// Opened before privileges are dropped, before any octet from a file or the network is read.
#include "tools/ping/doors.hpp"

#include <fmt/format.h>

#include "libdiag/io/entropy.hpp"

namespace diag::ping {
namespace {

// What a sweep at its highest rate may pile up while the scheduler runs somebody else.
constexpr double sweep_burst_rate = 400'000;
constexpr std::size_t headers = 48;  // IPv6 and ICMPv6

io::probe_socket_config socket_config(const ping_options& options, const run_identity& identity,
                                      ip_family family) {
  io::probe_socket_config config;
  config.family = family;
  config.kind = options.timestamp ? io::socket_kind::raw : options.socket;
  config.interface = options.interface;
  if (options.source.family() == family) config.source = options.source;
  config.hop_limit = options.hop_limit;
  config.traffic_class = options.traffic_class;
  config.mark = options.mark;
  config.multicast_loop = options.loopback;
  config.broadcast = options.broadcast;
  // The search must try what the cached path MTU would forbid.
  config.path_mtu = options.mtu ? io::path_mtu_mode::probe : options.path_mtu;
  config.identifier_base = identity.identifier_base;
  config.identifier_count = identity.identifiers;
  if (!options.timestamp) config.nonce = identity.nonce;
  const std::size_t packet = options.size + headers;
  if (mode_of(options) == run_mode::sweep)
    config.receive_buffer =
        io::receive_buffer_for(options.rate.value_or(0) > 0 ? *options.rate : sweep_burst_rate, packet);
  // Room for IPv4 options and for an error's quote beside the payload.
  config.snap_length = std::max(config.snap_length, packet + 128);
  return config;
}

tools::needed_families wanted_families(const ping_options& options) {
  auto wanted = tools::families_of(options.targets);
  // No word that names a target: it will be refused by name, and any socket will do until then.
  if (!wanted.v4 && !wanted.v6) wanted.v4 = true;
  return wanted;
}

}  // namespace

result<run_identity> make_identity() {
  const auto seed = io::entropy();
  if (!seed) return seed.error();
  seeded_random random{*seed};
  run_identity made;
  made.identifier_base = static_cast<std::uint16_t>(random() & 0xfffc);  // four identifiers in a row
  made.nonce = static_cast<std::uint32_t>(random());
  made.key = make_hash_key(random);
  return made;
}

std::string capture_filter(const run_identity& identity) {
  const auto mask = 0x10000 - identity.identifiers;
  // Echo and timestamp carry our identifier, or our nonce (last, for reading past the end ends the filter);
  // of the rest only errors concern us. IPv6 with extension headers in front is let through whole (not
  // libpcap's icmp6, which knows only a fragment header there): the machine looks closer. What MLD sends
  // behind its router alert (RFC 3810 section 5) is no concern of ours.
  return fmt::format(
      "(icmp and (icmp[4:2] & {0:#x} = {1:#x} or icmp[0] = 3 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12 "
      "or icmp[0] = 4 or icmp[8:4] = {2:#x})) or "
      "(ip6 and ((ip6[6] = 58 and (ip6[40] < 128 or (ip6[40] <= 129 and (ip6[44:2] & {0:#x} = {1:#x} or "
      "ip6[48:4] = {2:#x})))) or ((ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60) and "
      "not (ip6[40] = 58 and ip6[48] > 129))))",
      mask & 0xffff, identity.identifier_base, identity.nonce);
}

result<doors> open_doors(const ping_options& options) {
  const auto identity = make_identity();
  if (!identity) return identity.error();
  doors open;
  open.identity = *identity;
  const auto wanted = wanted_families(options);
  const auto attempt = [&](ip_family family, std::optional<io::probe_socket>& place,
                           std::optional<failure>& trouble) {
    auto socket = io::open_probe_socket(socket_config(options, *identity, family));
    if (socket)
      place.emplace(std::move(*socket));
    else
      trouble = socket.error();
  };
  if (wanted.v4) attempt(ip_family::v4, open.v4, open.without_v4);
  if (wanted.v6) attempt(ip_family::v6, open.v6, open.without_v6);
  if (!open.v4 && !open.v6) return open.without_v4 ? *open.without_v4 : *open.without_v6;
  if (!options.packets && options.pcap.empty()) return open;

  auto seen = open.identity;
  if (!open.raw()) {
    seen.identifier_base = open.v4 ? open.v4->identifier() : open.v6->identifier();
    seen.identifiers = 1;
  }
  io::capture_config config;
  config.interface = options.interface;
  // With two datagram sockets there are two identifiers, and which one counts is not known yet.
  config.filter = !open.raw() && open.v4 && open.v6 ? "icmp or icmp6" : capture_filter(seen);
  auto tap = io::open_capture(config);
  if (!tap) return tap.error();
  open.tap.emplace(std::move(*tap));
  return open;
}

result<void> settle_identity(doors& open, const probe::target_list& targets) {
  if (open.raw()) return {};
  const bool v4 = targets.has(ip_family::v4);
  const bool v6 = targets.has(ip_family::v6);
  if (v4 && v6) {
    failure what;
    what.operation = "ask both address families at once";
    what.why = "a datagram ICMP socket has an identifier of its own";
    what.hint = "use -4 or -6, or give the program CAP_NET_RAW; see diag(7)";
    return what;
  }
  if (v4) open.v6.reset();
  if (v6) open.v4.reset();
  const auto& left = open.v4 ? open.v4 : open.v6;
  if (left) open.identity.identifier_base = left->identifier();
  open.identity.identifiers = 1;
  return {};
}

}  // namespace diag::ping
