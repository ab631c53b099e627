// Records: values checked against their table as they are set.
#include "libdiag/report/record.hpp"

#include <cassert>
#include <cmath>

#include "libdiag/core/text.hpp"

namespace diag::report {

object::object(std::span<const field> fields) : fields_{fields}, values_(fields.size()) {}

object& object::store(std::string_view key, field_type type, value&& what) {
  const auto position = find_field(fields_, key);
  assert(position && "a key that is not in the table");
  // A release build prefers a record without one key over no record at all.
  if (!position) return *this;
  assert(fields_[*position].type == type && "a value of another type than the table says");
  if (fields_[*position].type == type) values_[*position] = std::move(what);
  return *this;
}

object& object::set(std::string_view key, std::string_view text) {
  return text.empty() ? *this : store(key, field_type::text, safe_text(text));
}

object& object::set(std::string_view key, duration elapsed) {
  return store(key, field_type::elapsed, elapsed);
}

object& object::set(std::string_view key, wall_time when) {
  return store(key, field_type::time, when);
}

object& object::set(std::string_view key, text_list words) {
  if (words.empty()) return *this;
  for (auto& word : words) word = safe_text(word);
  return store(key, field_type::text_list, std::move(words));
}

object& object::set(std::string_view key, counts numbers) {
  if (numbers.empty()) return *this;
  for (auto& [word, number] : numbers) word = safe_text(word);
  return store(key, field_type::counts, std::move(numbers));
}

object& object::set(std::string_view key, object nested) {
  return store(key, field_type::object, std::move(nested));
}

object& object::set(std::string_view key, std::vector<object> nested) {
  return nested.empty() ? *this : store(key, field_type::object_list, std::move(nested));
}

object& object::set_boolean(std::string_view key, bool truth) {
  return store(key, field_type::boolean, truth);
}

object& object::set_integer(std::string_view key, std::int64_t number) {
  return store(key, field_type::integer, number);
}

object& object::set_real(std::string_view key, double number) {
  return std::isfinite(number) ? store(key, field_type::real, number) : *this;
}

const value& object::at(std::size_t position) const {
  assert(position < values_.size());
  return values_[position];
}

}  // namespace diag::report
