// A record: one event with its values, held against the table that names them.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/report/field.hpp"

namespace diag::report {

struct value;

using text_list = std::vector<std::string>;
using counts = std::vector<std::pair<std::string, std::int64_t>>;

/// Values for a list of fields, in the order of that list. A key that is not in the list or a value of
/// another type than the list says is a broken contract (assert). Text from outside may be passed as it came:
/// it is made safe (core/text.hpp) here, so no writer has to think of it.
class object {
 public:
  /// `fields` must outlive the object: they are constant tables.
  explicit object(std::span<const field> fields);

  object& set(std::string_view key, std::string_view text);
  object& set(std::string_view key, const char* text) { return set(key, std::string_view{text}); }
  object& set(std::string_view key, duration elapsed);
  object& set(std::string_view key, wall_time when);
  object& set(std::string_view key, text_list words);
  object& set(std::string_view key, counts numbers);
  object& set(std::string_view key, object nested);
  object& set(std::string_view key, std::vector<object> nested);
  /// bool, any integer (64-bit unsigned saturates), any floating point number (NaN and infinity: absent).
  template <class Number>
  requires std::integral<Number> || std::floating_point<Number> object& set(std::string_view key,
                                                                            Number number) {
    if constexpr (std::same_as<Number, bool>) {
      return set_boolean(key, number);
    } else if constexpr (std::floating_point<Number>) {
      return set_real(key, double{number});
    } else {
      return set_integer(key, std::in_range<std::int64_t>(number) ? static_cast<std::int64_t>(number)
                                                                  : std::numeric_limits<std::int64_t>::max());
    }
  }
  /// Sets nothing for nullopt.
  template <class T>
  object& set(std::string_view key, const std::optional<T>& maybe) {
    return maybe ? set(key, *maybe) : *this;
  }

  [[nodiscard]] std::span<const field> fields() const { return fields_; }
  /// The value at that position of the table; std::monostate inside means absent.
  [[nodiscard]] const value& at(std::size_t position) const;
  /// nullptr when absent. `T` is one of the alternatives of `value`.
  template <class T>
  [[nodiscard]] const T* find(std::string_view key) const;

 private:
  object& set_boolean(std::string_view key, bool truth);
  object& set_integer(std::string_view key, std::int64_t number);
  object& set_real(std::string_view key, double number);
  object& store(std::string_view key, field_type type, value&& what);

  std::span<const field> fields_;
  std::vector<value> values_;
};

/// One value, or none. The variant is a base so that `object` can hold a vector of it before it is complete.
struct value : std::variant<std::monostate, std::int64_t, double, duration, wall_time, std::string, bool,
                            text_list, counts, object, std::vector<object>> {
  using variant::variant;
  [[nodiscard]] bool absent() const { return index() == 0; }
  /// For std::visit and std::get_if.
  [[nodiscard]] const variant& alternatives() const { return *this; }
};

/// An object that happened: `record r{ping_reply, now}; r.set(ping_key::seq, 1);`
class record : public object {
 public:
  record(const schema& what, wall_time when) : object{what.fields}, schema_{&what}, time_{when} {}
  [[nodiscard]] const schema& what() const { return *schema_; }
  [[nodiscard]] wall_time time() const { return time_; }

 private:
  const schema* schema_;
  wall_time time_;
};

template <class T>
const T* object::find(std::string_view key) const {
  const auto position = find_field(fields_, key);
  return position ? std::get_if<T>(&at(*position).alternatives()) : nullptr;
}

}  // namespace diag::report
