// Loads, stores and the two cursors.
#include "libdiag/core/bytes.hpp"

#include "tests/catch.hpp"

namespace {

constexpr std::array<std::byte, 8> ramp{std::byte{0x01}, std::byte{0x23}, std::byte{0x45}, std::byte{0x67},
                                        std::byte{0x89}, std::byte{0xab}, std::byte{0xcd}, std::byte{0xef}};

}  // namespace

TEST_CASE("bytes: loads read both byte orders", "[core][bytes]") {
  CHECK(diag::load_u8(ramp, 7) == 0xef);
  CHECK(diag::load_be16(ramp, 6) == 0xcdef);
  CHECK(diag::load_be32(ramp, 4) == 0x89abcdef);
  CHECK(diag::load_be64(ramp, 0) == 0x0123456789abcdef);
  CHECK(diag::load_le16(ramp, 6) == 0xefcd);
  CHECK(diag::load_le32(ramp, 4) == 0xefcdab89);
  CHECK(diag::load_le64(ramp, 0) == 0xefcdab8967452301);
}

TEST_CASE("bytes: stores are read back by loads", "[core][bytes]") {
  std::array<std::byte, 9> out{};
  diag::store_be64(out, 1, 0x0123456789abcdef);
  CHECK(out[0] == std::byte{0});
  CHECK(diag::load_be64(out, 1) == 0x0123456789abcdef);
  diag::store_be32(out, 0, 0xfedcba98);
  CHECK(diag::load_be32(out, 0) == 0xfedcba98);
  diag::store_be16(out, 7, 0x55aa);
  CHECK(diag::load_be16(out, 7) == 0x55aa);
}

TEST_CASE("bytes: a reader hands out numbers in turn and the rest at last", "[core][bytes]") {
  diag::byte_reader reader{ramp};
  CHECK(reader.u8() == 0x01);
  CHECK(reader.be16() == 0x2345);
  reader.skip(1);
  CHECK(reader.le16() == 0xab89);
  CHECK(reader.position() == 6);
  CHECK(reader.rest().size() == 2);
  CHECK(reader.remaining() == 0);
  CHECK(reader.ok());
  CHECK(reader.rest().empty());
  CHECK(reader.ok());
}

TEST_CASE("bytes: a reader that ran past the end yields zeros and stays failed", "[core][bytes]") {
  diag::byte_reader reader{ramp};
  reader.skip(5);
  CHECK(reader.be32() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.remaining() == 0);
  CHECK(reader.u8() == 0);
  CHECK(reader.take(1).empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("bytes: a reader is not fooled by a count near the largest", "[core][bytes]") {
  diag::byte_reader reader{ramp};
  reader.skip(3);
  CHECK(reader.take(~std::size_t{0}).empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("bytes: a writer fills its buffer and drops what does not fit whole", "[core][bytes]") {
  std::array<std::byte, 8> out{};
  diag::byte_writer writer{out};
  writer.u8(0x01);
  writer.be16(0x2345);
  writer.be32(0x6789abcd);
  CHECK(writer.ok());
  writer.be16(0xffff);
  CHECK_FALSE(writer.ok());
  writer.u8(0xef);
  CHECK(writer.position() == 7);
  CHECK(out[7] == std::byte{0});
  CHECK(diag::load_be32(writer.written(), 3) == 0x6789abcd);
}

TEST_CASE("bytes: a writer takes octets and nothing", "[core][bytes]") {
  std::array<std::byte, 8> out{};
  diag::byte_writer writer{out};
  writer.bytes({});
  writer.bytes(ramp);
  writer.bytes({});
  CHECK(writer.ok());
  CHECK(out == ramp);
}
