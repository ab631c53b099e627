// What a record holds: one table per event. JSON keys, CSV columns, OpenMetrics names and diag-json(5) all
// come from it, so a name, its unit and its meaning stand in one place.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace diag::report {

enum class field_type : std::uint8_t {
  integer,      ///< std::int64_t
  real,         ///< double; a value that is not finite counts as absent
  elapsed,      ///< diag::duration, printed exactly in the field's unit ("ms" or "s")
  time,         ///< wall_time, printed as RFC 3339
  text,         ///< std::string; passed through safe_text when it is set
  boolean,      ///< bool
  text_list,    ///< std::vector<std::string>
  counts,       ///< words with a number each; the words are data, not keys of the table
  object,       ///< the keys in `members`
  object_list,  ///< any number of those
};
std::string_view describe(field_type type);

/// What becomes of a field in OpenMetrics output, which is made from `summary` events alone.
enum class metric_kind : std::uint8_t {
  none,
  label,     ///< on every sample of the record
  gauge,     ///< one sample; `counts` give one for each word, labelled `reason`
  state,     ///< text: one sample with the value 1, labelled with the text
  quantile,  ///< member "pNN" of an object: a quantile of the object's summary
  average,   ///< member of an object: with metric_total() it gives the summary's sum
  total,     ///< integer: how many observations the record's objects summarise
};

struct field {
  std::string_view name;
  field_type type = field_type::text;
  std::string_view unit;  ///< "ms", "s", "percent", "packets", "octets"; empty: none
  std::string_view description;
  metric_kind metric = metric_kind::none;
  std::span<const field> members = {};
};

/// One event of one tool. `tool`, `event` and `time` are in every record and stand in no table.
struct schema {
  std::string_view tool;
  std::string_view event;
  std::string_view description;
  std::span<const field> fields;
};

/// Position of `name` in `fields`.
std::optional<std::size_t> find_field(std::span<const field> fields, std::string_view name);

}  // namespace diag::report
