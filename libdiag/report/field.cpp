// Field tables: names of types, look-up by key.
#include "libdiag/report/field.hpp"

namespace diag::report {

std::string_view describe(field_type type) {
  switch (type) {
    case field_type::integer:
      return "integer";
    case field_type::real:
    case field_type::elapsed:
      return "number";
    case field_type::time:
      return "time";
    case field_type::text:
      return "text";
    case field_type::boolean:
      return "boolean";
    case field_type::text_list:
      return "list of text";
    case field_type::counts:
      return "object of integers";
    case field_type::object:
      return "object";
    case field_type::object_list:
      return "list of objects";
  }
  return "unknown";
}

std::optional<std::size_t> find_field(std::span<const field> fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].name == name) return i;
  return std::nullopt;
}

}  // namespace diag::report
