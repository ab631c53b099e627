// A libpcap handle on one interface (Ethernet) or on all (LINUX_SLL2, whose header names interface and
// direction).
//
// libpcap hides the packets a host sends to itself on the loopback device: each shows up once, as incoming.
#include "libdiag/io/capture.hpp"

#include <algorithm>
#include <array>
#include <net/if.h>
#include <vector>

#include "libdiag/io/netlink.hpp"
#include "libdiag/io/pcap_library.hpp"
#include "libdiag/io/privilege.hpp"

namespace diag::io {
namespace {

constexpr std::size_t ethernet_header = 14;
constexpr std::size_t sll2_header = 20;
constexpr std::uint8_t sll2_outgoing = 4;  // PACKET_OUTGOING
constexpr int batch_size = 64;

struct stored_frame {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::size_t wire_size = 0;
  wall_time wall{};
};

struct frame_store {
  std::vector<std::byte> octets;
  std::vector<stored_frame> frames;
};

/// libpcap takes its slot back when this returns: the octets are copied.
void store_frame(u_char* user, const pcap_pkthdr* header, const u_char* octets) {
  auto& store = *static_cast<frame_store*>(static_cast<void*>(user));
  // With nanosecond precision tv_usec holds nanoseconds.
  const auto since = std::chrono::seconds{header->ts.tv_sec} + std::chrono::nanoseconds{header->ts.tv_usec};
  store.frames.push_back({store.octets.size(), header->caplen, header->len, wall_time{since}});
  const auto bytes = std::as_bytes(std::span{octets, header->caplen});
  store.octets.insert(store.octets.end(), bytes.begin(), bytes.end());
}

}  // namespace

struct capture::state {
  pcap_library library{};
  pcap_t* handle = nullptr;
  link_type link = link_type::ethernet;
  bool all = false;
  std::uint32_t interface = 0;
  std::optional<mac_address> own_mac{};
  frame_store store{};
  std::vector<frame> frames{};
  std::uint32_t drops_seen = 0;

  state() = default;
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    if (handle != nullptr) library.close(handle);
  }

  [[nodiscard]] failure trouble(std::string why, const std::string& subject, std::string hint = {}) const {
    failure what;
    what.operation = "capture on";
    what.subject = subject;
    what.why = std::move(why);
    what.hint = std::move(hint);
    return what;
  }
  result<void> open(const capture_config& config);
  result<void> set_filter(const capture_config& config, const std::string& subject);
  void read_link_header(frame& one) const;
};

result<void> capture::state::set_filter(const capture_config& config, const std::string& subject) {
  if (config.filter.empty()) return {};
  bpf_program code{};
  if (library.compile(handle, &code, config.filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return trouble(library.geterr(handle), subject);
  const int failed = library.setfilter(handle, &code);
  library.freecode(&code);
  if (failed != 0) return trouble(library.geterr(handle), subject);
  return {};
}

result<void> capture::state::open(const capture_config& config) {
  all = config.interface.empty();
  const std::string device = all ? "any" : config.interface;
  const std::string subject = all ? "every interface" : config.interface;
  if (!all) {
    const auto found = link_named(config.interface);
    if (!found) return found.error();
    if (!*found) return trouble("no such interface", subject, "see: ip link");
    interface = (*found)->index;
    // On loopback every frame has one address (00:00:00:00:00:00) at both ends: it tells no direction.
    if (!(*found)->loopback) own_mac = (*found)->mac;
  }
  std::array<char, PCAP_ERRBUF_SIZE> words{};
  handle = library.create(device.c_str(), words.data());
  if (handle == nullptr) return trouble(words.data(), subject);
  library.set_snaplen(handle, static_cast<int>(config.snap_length));
  library.set_immediate_mode(handle, 1);
  library.set_buffer_size(handle, static_cast<int>(config.buffer_size));
  if (library.set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO) != 0)
    return trouble("no nanosecond stamps", subject);
  int status = 0;
  {
    const raised_privileges for_the_moment;
    status = library.activate(handle);
  }
  if (status < 0) {
    const bool refused = status == PCAP_ERROR_PERM_DENIED;
    std::string why = status == PCAP_ERROR ? library.geterr(handle) : library.statustostr(status);
    if (refused) why = "Operation not permitted";
    return trouble(std::move(why), subject, refused ? "needs CAP_NET_RAW; see diag(7)" : "");
  }
  if (all && library.set_datalink(handle, DLT_LINUX_SLL2) != 0)
    return trouble("this libpcap has no LINUX_SLL2", subject, "name one interface");
  if (library.setnonblock(handle, 1, words.data()) != 0) return trouble(words.data(), subject);
  switch (library.datalink(handle)) {
    case DLT_EN10MB:
      link = link_type::ethernet;
      break;
    case DLT_RAW:
      link = link_type::raw_ip;
      break;
    case DLT_LINUX_SLL2:
      link = link_type::linux_sll2;
      break;
    default:
      return trouble("neither an Ethernet nor an IP interface", subject,
                     "leave -I out to capture everywhere");
  }
  return set_filter(config, subject);
}

void capture::state::read_link_header(frame& one) const {
  const auto bytes = one.bytes;
  one.interface = interface;
  if (link == link_type::ethernet && bytes.size() >= ethernet_header) {
    one.ethertype = load_be16(bytes, 12);
    one.packet = bytes.subspan(ethernet_header);
    one.outgoing = own_mac && std::ranges::equal(bytes.subspan(6, 6), own_mac->octets);
  } else if (link == link_type::linux_sll2 && bytes.size() >= sll2_header) {
    one.ethertype = load_be16(bytes, 0);
    one.interface = load_be32(bytes, 4);
    one.outgoing = load_u8(bytes, 10) == sll2_outgoing;
    one.packet = bytes.subspan(sll2_header);
  } else if (link == link_type::raw_ip && !bytes.empty()) {
    one.ethertype = load_u8(bytes, 0) >> 4 == 6 ? 0x86dd : 0x0800;
    one.packet = bytes;
  }
  // One 802.1Q tag in the way is stepped over; the frame itself still shows it.
  if (one.ethertype == 0x8100 && one.packet.size() >= 4) {
    one.ethertype = load_be16(one.packet, 2);
    one.packet = one.packet.subspan(4);
  }
}

capture::capture(std::unique_ptr<state> made) : state_{std::move(made)} {}
capture::capture(capture&&) noexcept = default;
capture& capture::operator=(capture&&) noexcept = default;
capture::~capture() = default;

int capture::fd() const {
  return state_->library.get_selectable_fd(state_->handle);
}
link_type capture::link() const {
  return state_->link;
}
bool capture::all_interfaces() const {
  return state_->all;
}

std::span<const frame> capture::receive(clock_bridge& clocks) {
  auto& s = *state_;
  s.store.octets.clear();
  s.store.frames.clear();
  s.frames.clear();
  auto* const user = static_cast<u_char*>(static_cast<void*>(&s.store));
  if (s.library.dispatch(s.handle, batch_size, store_frame, user) <= 0) return {};
  clocks.refresh();
  const auto read_at = now();
  for (const auto& stored : s.store.frames) {
    auto& one = s.frames.emplace_back();
    one.bytes = byte_view{s.store.octets}.subspan(stored.offset, stored.size);
    one.wire_size = stored.wire_size;
    one.wall = stored.wall;
    const auto at = clocks.to_mono(stored.wall);
    one.kernel = at ? probe::moment{*at, probe::stamp_source::capture}
                    : probe::moment{read_at, probe::stamp_source::user};
    s.read_link_header(one);
  }
  return s.frames;
}

std::uint64_t capture::take_drops() {
  auto& s = *state_;
  pcap_stat counts{};
  if (s.library.stats(s.handle, &counts) != 0) return 0;
  const auto lost = counts.ps_drop - s.drops_seen;
  s.drops_seen = counts.ps_drop;
  return lost;
}

result<capture> open_capture(const capture_config& config) {
  auto made = std::make_unique<capture::state>();
  auto library = load_pcap();
  if (!library) return library.error();
  made->library = *library;
  auto opened = made->open(config);
  if (!opened) return opened.error();
  return capture{std::move(made)};
}

}  // namespace diag::io
