// The five functions of libmaxminddb(3) that a look-up takes.
#include "tools/traceroute/mmdb_file.hpp"

#include <array>
#include <charconv>
#include <dlfcn.h>
#include <maxminddb.h>

#include "libdiag/io/socket_address.hpp"

namespace diag::traceroute {
namespace {

constexpr auto library = "libmaxminddb.so.0";

failure cannot_read(const std::string& path, std::string why, std::string hint = {}) {
  return {{}, "read AS table", path, std::move(why), std::move(hint)};
}

}  // namespace

struct mmdb_file::state {
  MMDB_s database{};
  bool opened = false;
  bool complete = true;
  decltype(&::MMDB_open) open{};
  decltype(&::MMDB_close) close{};
  decltype(&::MMDB_lookup_sockaddr) lookup{};
  decltype(&::MMDB_aget_value) value{};
  decltype(&::MMDB_strerror) describe{};

  state() = default;
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    if (opened) close(&database);
  }

  bool load() {
    void* const handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return false;
    look_up(handle, open, "MMDB_open");
    look_up(handle, close, "MMDB_close");
    look_up(handle, lookup, "MMDB_lookup_sockaddr");
    look_up(handle, value, "MMDB_aget_value");
    look_up(handle, describe, "MMDB_strerror");
    return complete;
  }

  [[nodiscard]] std::optional<MMDB_entry_data_s> at(MMDB_entry_s& entry, const char* key) const {
    const std::array<const char*, 2> path{key, nullptr};
    MMDB_entry_data_s data{};
    if (value(&entry, &data, path.data()) != MMDB_SUCCESS || !data.has_data) return std::nullopt;
    return data;
  }
  [[nodiscard]] std::string text_at(MMDB_entry_s& entry, const char* key) const {
    const auto data = at(entry, key);
    if (!data || data->type != MMDB_DATA_TYPE_UTF8_STRING) return {};
    return {data->utf8_string, data->data_size};
  }

 private:
  template <class Function>
  void look_up(void* handle, Function& function, const char* name) {
    // POSIX lets an object pointer from dlsym() become a function pointer; C++ has no other cast for it.
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    complete = complete && function != nullptr;
  }
};

mmdb_file::mmdb_file(std::unique_ptr<state> made) : state_{std::move(made)} {}
mmdb_file::~mmdb_file() = default;

result<std::unique_ptr<mmdb_file>> mmdb_file::open(const std::string& path) {
  auto made = std::make_unique<state>();
  if (!made->load())
    return cannot_read(path, "cannot load " + std::string{library}, "apt install libmaxminddb0");
  const int status = made->open(path.c_str(), MMDB_MODE_MMAP, &made->database);
  if (status != MMDB_SUCCESS) return cannot_read(path, made->describe(status));
  made->opened = true;
  return std::unique_ptr<mmdb_file>{new mmdb_file{std::move(made)}};
}

std::optional<as_origin> mmdb_file::find(const ip_address& address) const {
  auto& my = *state_;
  const auto where = io::to_socket_address(address);
  int error = MMDB_SUCCESS;
  auto found = my.lookup(&my.database, &where.any, &error);
  if (error != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
  as_origin out;
  // MaxMind's own keys, then those that others have made a habit.
  if (const auto number = my.at(found.entry, "autonomous_system_number");
      number && number->type == MMDB_DATA_TYPE_UINT32) {
    out.number = number->uint32;
    out.name = my.text_at(found.entry, "autonomous_system_organization");
  } else {
    auto text = my.text_at(found.entry, "asn");
    if (text.starts_with("AS")) text.erase(0, 2);
    std::from_chars(text.data(), text.data() + text.size(), out.number);
    out.name = my.text_at(found.entry, "as_name");
    if (out.name.empty()) out.name = my.text_at(found.entry, "name");
  }
  if (out.number == 0) return std::nullopt;
  // IPv4 lives in ::/96 of a tree for both.
  constexpr unsigned embedded = 96;
  unsigned length = found.netmask;
  if (address.is_v4() && my.database.metadata.ip_version == 6)
    length = length > embedded ? length - embedded : 0;
  ip_prefix prefix{address, static_cast<std::uint8_t>(length)};
  prefix.address = prefix.first();
  out.prefix = prefix;
  return out;
}

}  // namespace diag::traceroute
