// Domain names: RFC 1035 §3.1, §4.1.4, §5.1; RFC 4343; RFC 4034 §6.1.
//
// Compression is where readers of DNS were broken most often. Here a pointer is followed only to before the
// labels it ends, so that each jump goes further back and none can go round; what they put together is
// bounded by the 255 octets of a name, the jumps by a count, and all names of a message by its budget, since
// thousands of records may each expand the same long chain.
#include "libdiag/wire/dns_name.hpp"

#include <algorithm>

namespace diag::wire {

namespace {

constexpr std::size_t most_pointers = 127;
constexpr std::size_t header_size = 12;
constexpr std::uint8_t label_kind = 0xc0;  // RFC 1035 §4.1.4: 00 a label, 11 a pointer, the others nothing

std::byte lower(std::byte octet) {
  const auto value = std::to_integer<std::uint8_t>(octet);
  return value >= 'A' && value <= 'Z' ? std::byte{static_cast<std::uint8_t>(value | 0x20U)} : octet;
}

/// Where each label begins, the root's left out.
struct label_places {
  std::array<std::uint8_t, 128> at{};
  std::size_t count = 0;
};
label_places places_of(byte_view name) {
  label_places places;
  for (std::size_t i = 0; i < name.size() && name[i] != std::byte{0}; i += 1U + load_u8(name, i))
    places.at[places.count++] = static_cast<std::uint8_t>(i);
  return places;
}

/// Takes a backslash and what follows it off the front of `text`.
std::optional<std::byte> take_escape(std::string_view& text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() < 2) return std::nullopt;
  if (!digit(text[1])) {
    const auto octet = static_cast<std::byte>(text[1]);
    text.remove_prefix(2);
    return octet;
  }
  if (text.size() < 4 || !digit(text[2]) || !digit(text[3])) return std::nullopt;
  const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  if (value > 255) return std::nullopt;
  text.remove_prefix(4);
  return static_cast<std::byte>(value);
}

}  // namespace

std::string_view describe(dns_name_error error) {
  switch (error) {
    case dns_name_error::empty:
      return "is empty";
    case dns_name_error::empty_label:
      return "has an empty label";
    case dns_name_error::label_too_long:
      return "has a label of more than 63 octets";
    case dns_name_error::name_too_long:
      return "is longer than 255 octets";
    case dns_name_error::bad_escape:
      return "has a backslash without a character or three digits up to 255 behind it";
  }
  return "is no domain name";
}

bool dns_name::push_label(byte_view label) {
  if (size_ + 1U + label.size() > max_size) return false;
  const auto at = size_ - 1U;
  store_u8(octets_, at, static_cast<std::uint8_t>(label.size()));
  std::copy(label.begin(), label.end(), octets_.begin() + static_cast<std::ptrdiff_t>(at + 1));
  size_ = static_cast<std::uint8_t>(size_ + 1U + label.size());
  octets_[size_ - 1U] = std::byte{0};
  return true;
}

result<dns_name, dns_name_error> dns_name::from_text(std::string_view text) {
  if (text.empty()) return dns_name_error::empty;
  dns_name name;
  if (text == ".") return name;
  std::array<std::byte, max_label> label{};
  std::size_t size = 0;
  const auto end_label = [&]() -> std::optional<dns_name_error> {
    if (size == 0) return dns_name_error::empty_label;
    if (!name.push_label(byte_view{label}.first(size))) return dns_name_error::name_too_long;
    size = 0;
    return std::nullopt;
  };
  while (!text.empty()) {
    auto octet = static_cast<std::byte>(text.front());
    if (text.front() == '.') {
      text.remove_prefix(1);
      if (const auto error = end_label()) return *error;
      continue;
    }
    if (text.front() == '\\') {
      const auto escaped = take_escape(text);
      if (!escaped) return dns_name_error::bad_escape;
      octet = *escaped;
    } else {
      text.remove_prefix(1);
    }
    if (size == max_label) return dns_name_error::label_too_long;
    label[size++] = octet;
    if (text.empty())
      if (const auto error = end_label()) return *error;
  }
  return name;
}

std::optional<dns_name> dns_name::from_wire(byte_view octets) {
  dns_name name;
  std::size_t at = 0;
  while (at < octets.size()) {
    const auto length = load_u8(octets, at);
    if (length == 0) return at + 1 == octets.size() ? std::optional{name} : std::nullopt;
    if (length > max_label || at + 1 + length > octets.size()) return std::nullopt;
    if (!name.push_label(octets.subspan(at + 1, length))) return std::nullopt;
    at += 1U + length;
  }
  return std::nullopt;
}

std::size_t dns_name::labels() const {
  return places_of(bytes()).count;
}

dns_name dns_name::parent() const {
  dns_name up;
  if (is_root()) return up;
  const auto skip = 1U + load_u8(octets_, 0);
  up.size_ = static_cast<std::uint8_t>(size_ - skip);
  std::copy_n(octets_.begin() + skip, up.size_, up.octets_.begin());
  return up;
}

bool dns_name::is_under(const dns_name& zone) const {
  if (zone.size_ > size_) return false;
  const auto places = places_of(bytes());
  const auto start = static_cast<std::size_t>(size_ - zone.size_);
  // The suffix must begin where a label does.
  const auto* const end = places.at.data() + places.count;
  const bool at_label = zone.is_root() || std::find(places.at.data(), end, start) != end;
  return at_label && same_dns_octets(bytes().subspan(start), zone.bytes());
}

bool dns_name::prepend(byte_view label) {
  if (label.empty() || label.size() > max_label || size_ + 1U + label.size() > max_size) return false;
  const auto below = *this;
  size_ = 1;
  push_label(label);
  return append(below);
}

bool dns_name::append(const dns_name& suffix) {
  if (size_ + suffix.size_ - 1U > max_size) return false;
  std::copy_n(suffix.octets_.begin(), suffix.size_, octets_.begin() + size_ - 1);
  size_ = static_cast<std::uint8_t>(size_ + suffix.size_ - 1U);
  return true;
}

dns_name dns_name::with_case(std::uint64_t bits) const {
  auto name = *this;
  unsigned letter = 0;
  // Length octets are below the letters.
  for (auto& octet : name.octets_) {
    const auto small = lower(octet);
    if (small < std::byte{'a'} || small > std::byte{'z'}) continue;
    octet = (bits >> (letter++ % 64) & 1U) != 0 ? small ^ std::byte{0x20} : small;
  }
  return name;
}

std::string dns_name::text() const {
  // RFC 1035 §5.1; the same as BIND and Knot escape.
  constexpr std::string_view special = ".\\\"();@$ ";
  if (is_root()) return ".";
  std::string out;
  out.reserve(size_);
  for (std::size_t at = 0; octets_[at] != std::byte{0};) {
    const std::size_t length = load_u8(octets_, at);
    append_dns_text(out, bytes().subspan(at + 1, length), special);
    out += '.';
    at += 1 + length;
  }
  return out;
}

void append_dns_text(std::string& out, byte_view octets, std::string_view special) {
  for (const auto octet : octets) {
    const auto value = std::to_integer<std::uint8_t>(octet);
    const bool is_special = special.find(static_cast<char>(value)) != std::string_view::npos;
    if (value < 0x20 || value >= 0x7f || (value == 0x20 && is_special)) {
      out += '\\';
      out += static_cast<char>('0' + value / 100);
      out += static_cast<char>('0' + value / 10 % 10);
      out += static_cast<char>('0' + value % 10);
      continue;
    }
    if (is_special) out += '\\';
    out += static_cast<char>(value);
  }
}

bool same_dns_octets(byte_view a, byte_view b) {
  return std::ranges::equal(a, b, [](std::byte x, std::byte y) { return lower(x) == lower(y); });
}

bool operator==(const dns_name& a, const dns_name& b) {
  return same_dns_octets(a.bytes(), b.bytes());
}

bool dns_name::same_case(const dns_name& other) const {
  return std::ranges::equal(bytes(), other.bytes());
}

std::strong_ordering operator<=>(const dns_name& a, const dns_name& b) {
  // Label by label from the root, each as octets.
  const auto left = places_of(a.bytes());
  const auto right = places_of(b.bytes());
  for (std::size_t i = 1; i <= std::min(left.count, right.count); ++i) {
    const auto x = a.bytes().subspan(left.at[left.count - i]);
    const auto y = b.bytes().subspan(right.at[right.count - i]);
    const auto one = x.subspan(1, load_u8(x, 0));
    const auto other = y.subspan(1, load_u8(y, 0));
    const auto order = std::lexicographical_compare_three_way(
        one.begin(), one.end(), other.begin(), other.end(),
        [](std::byte p, std::byte q) { return lower(p) <=> lower(q); });
    if (std::is_neq(order)) return order;
  }
  return left.count <=> right.count;
}

/// One name on its way through a message.
class dns_name_reader {
 public:
  dns_name_reader(byte_view message, std::size_t offset, dns_budget& budget)
      : message_{message}, budget_{budget}, at_{offset}, limit_{offset} {}

  result<dns_name_at, dns_flaw> read() {
    for (;;) {
      if (at_ >= message_.size()) return flaw(dns_flaw::kind::truncated);
      const auto length = load_u8(message_, at_);
      const bool pointer = (length & label_kind) == label_kind;
      if (!budget_.spend(pointer ? 2U : 2U + length)) return flaw(dns_flaw::kind::too_much_naming);
      if (length == 0) {
        leave_place(1);
        return read_;
      }
      const auto wrong = pointer                      ? follow()
                         : (length & label_kind) != 0 ? dns_flaw::kind::bad_label
                                                      : take(length);
      if (wrong) return flaw(*wrong);
    }
  }

 private:
  using problem = std::optional<dns_flaw::kind>;

  [[nodiscard]] dns_flaw flaw(dns_flaw::kind what) const { return {.what = what, .at = at_}; }
  void leave_place(std::size_t size) {
    if (!read_.compressed) read_.next = at_ + size;
  }
  problem take(std::size_t length) {
    if (at_ + 1 + length > message_.size()) return dns_flaw::kind::truncated;
    if (!read_.name.push_label(message_.subspan(at_ + 1, length))) return dns_flaw::kind::name_too_long;
    at_ += 1 + length;
    return std::nullopt;
  }
  problem follow() {
    if (at_ + 2 > message_.size()) return dns_flaw::kind::truncated;
    const std::size_t target = load_be16(message_, at_) & 0x3fffU;
    leave_place(2);
    read_.compressed = true;
    if (target >= limit_ || target < header_size || ++pointers_ > most_pointers)
      return dns_flaw::kind::bad_pointer;
    at_ = limit_ = target;
    return std::nullopt;
  }

  byte_view message_;
  dns_budget& budget_;
  std::size_t at_;
  std::size_t limit_;  ///< where the labels begin that are being read: a pointer must go before them
  std::size_t pointers_ = 0;
  dns_name_at read_{};
};

result<dns_name_at, dns_flaw> read_dns_name(byte_view message, std::size_t offset, dns_budget& budget) {
  return dns_name_reader{message, offset, budget}.read();
}

}  // namespace diag::wire
