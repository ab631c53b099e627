// Spans of octets, big- and little-endian loads and stores, and two bounds-checked cursors.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace diag {

using byte_view = std::span<const std::byte>;
using byte_span = std::span<std::byte>;

/// The octets of `text`, borrowed.
inline byte_view as_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// Loads read at `at`; the caller has checked that the octets are there (asserted in debug builds).
inline std::uint8_t load_u8(byte_view bytes, std::size_t at) {
  assert(at < bytes.size());
  return std::to_integer<std::uint8_t>(bytes[at]);
}
inline std::uint16_t load_be16(byte_view bytes, std::size_t at) {
  assert(at + 2 <= bytes.size());
  return static_cast<std::uint16_t>(load_u8(bytes, at) << 8 | load_u8(bytes, at + 1));
}
inline std::uint32_t load_be32(byte_view bytes, std::size_t at) {
  return std::uint32_t{load_be16(bytes, at)} << 16 | load_be16(bytes, at + 2);
}
inline std::uint64_t load_be64(byte_view bytes, std::size_t at) {
  return std::uint64_t{load_be32(bytes, at)} << 32 | load_be32(bytes, at + 4);
}
inline std::uint16_t load_le16(byte_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(load_u8(bytes, at) | load_u8(bytes, at + 1) << 8);
}
inline std::uint32_t load_le32(byte_view bytes, std::size_t at) {
  return std::uint32_t{load_le16(bytes, at)} | std::uint32_t{load_le16(bytes, at + 2)} << 16;
}
inline std::uint64_t load_le64(byte_view bytes, std::size_t at) {
  return std::uint64_t{load_le32(bytes, at)} | std::uint64_t{load_le32(bytes, at + 4)} << 32;
}

inline void store_u8(byte_span out, std::size_t at, std::uint8_t value) {
  assert(at < out.size());
  out[at] = std::byte{value};
}
inline void store_be16(byte_span out, std::size_t at, std::uint16_t value) {
  store_u8(out, at, static_cast<std::uint8_t>(value >> 8));
  store_u8(out, at + 1, static_cast<std::uint8_t>(value & 0xff));
}
inline void store_be32(byte_span out, std::size_t at, std::uint32_t value) {
  store_be16(out, at, static_cast<std::uint16_t>(value >> 16));
  store_be16(out, at + 2, static_cast<std::uint16_t>(value & 0xffff));
}
inline void store_be64(byte_span out, std::size_t at, std::uint64_t value) {
  store_be32(out, at, static_cast<std::uint32_t>(value >> 32));
  store_be32(out, at + 4, static_cast<std::uint32_t>(value & 0xffffffff));
}

/// Reads forward through borrowed octets. A read past the end yields zeros or an empty span and makes `ok()`
/// false for good, so a parser may read a whole structure and ask once.
class byte_reader {
 public:
  explicit byte_reader(byte_view bytes) : bytes_{bytes} {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }

  byte_view take(std::size_t count) {
    if (count > remaining()) {
      ok_ = false;
      position_ = bytes_.size();
      return {};
    }
    const auto taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }
  byte_view rest() { return take(remaining()); }
  void skip(std::size_t count) { take(count); }

  std::uint8_t u8() { return number<1>(load_u8); }
  std::uint16_t be16() { return number<2>(load_be16); }
  std::uint32_t be32() { return number<4>(load_be32); }
  std::uint64_t be64() { return number<8>(load_be64); }
  std::uint16_t le16() { return number<2>(load_le16); }
  std::uint32_t le32() { return number<4>(load_le32); }
  std::uint64_t le64() { return number<8>(load_le64); }

 private:
  template <std::size_t Size, class Load>
  auto number(Load load) -> decltype(load(byte_view{}, 0)) {
    const auto octets = take(Size);
    if (octets.size() != Size) return 0;
    return load(octets, 0);
  }

  byte_view bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

/// Writes forward into a borrowed buffer. A write past the end is dropped whole and makes `ok()` false for
/// good.
class byte_writer {
 public:
  explicit byte_writer(byte_span out) : out_{out} {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] byte_view written() const { return byte_view{out_}.first(position_); }

  void u8(std::uint8_t value) {
    if (reserve(1)) store_u8(out_, position_ - 1, value);
  }
  void be16(std::uint16_t value) {
    if (reserve(2)) store_be16(out_, position_ - 2, value);
  }
  void be32(std::uint32_t value) {
    if (reserve(4)) store_be32(out_, position_ - 4, value);
  }
  void be64(std::uint64_t value) {
    if (reserve(8)) store_be64(out_, position_ - 8, value);
  }
  void bytes(byte_view octets) {
    if (!octets.empty() && reserve(octets.size()))
      std::memcpy(out_.data() + position_ - octets.size(), octets.data(), octets.size());
  }

 private:
  bool reserve(std::size_t count) {
    if (!ok_ || count > out_.size() - position_) return ok_ = false;
    position_ += count;
    return true;
  }

  byte_span out_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace diag
