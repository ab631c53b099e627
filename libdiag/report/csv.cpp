// CSV cells and lines. RFC 4180 section 2; the leading apostrophe is the usual guard against formula
// injection.
#include "libdiag/report/csv.hpp"

#include <algorithm>

#include "libdiag/report/decimal.hpp"
#include "libdiag/report/time_text.hpp"

namespace diag::report {
namespace {

/// A cell's content before quoting.
struct plain_writer {
  std::string& out;
  const field& meta;

  void operator()(std::monostate) const {}
  void operator()(std::int64_t number) const { append_integer(out, number); }
  void operator()(double number) const { append_real(out, number); }
  void operator()(duration elapsed) const { append_elapsed(out, elapsed, digits_of_unit(meta.unit)); }
  void operator()(wall_time when) const { append_time(out, when); }
  void operator()(const std::string& text) const { out += text; }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(const text_list& words) const {
    for (const auto& word : words) separated(word);
  }
  void operator()(const counts& numbers) const {
    for (const auto& [word, number] : numbers) {
      separated(word);
      out += '=';
      append_integer(out, number);
    }
  }
  void operator()(const object& nested) const {
    const auto fields = nested.fields();
    bool first = true;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (nested.at(i).absent()) continue;
      if (!first) out += ' ';
      first = false;
      out += fields[i].name;
      out += '=';
      std::visit(plain_writer{out, fields[i]}, nested.at(i).alternatives());
    }
  }
  void operator()(const std::vector<object>& nested) const {
    for (const auto& one : nested) {
      separated({});
      (*this)(one);
    }
  }

 private:
  void separated(std::string_view word) const {
    if (!out.empty()) out += ';';
    out += word;
  }
};

/// Text needs the formula guard; a number does not, or "-1" would be spoilt.
bool is_text(field_type type) {
  return type == field_type::text || type == field_type::text_list || type == field_type::counts;
}

void append_cell(std::string& out, const value& held, const field& meta) {
  if (held.absent()) return;
  std::string plain;
  std::visit(plain_writer{plain, meta}, held.alternatives());
  if (is_text(meta.type))
    append_csv_text(out, plain);
  else
    out += plain;
}

}  // namespace

csv_writer::csv_writer(std::span<const schema* const> events) {
  const auto add = [this](std::string_view key, std::string_view member) {
    const auto same = [&](const column& c) { return c.key == key && c.member == member; };
    if (std::none_of(columns_.begin(), columns_.end(), same)) columns_.push_back({key, member});
  };
  for (const auto* event : events)
    for (const auto& f : event->fields) {
      if (f.type != field_type::object) add(f.name, {});
      if (f.type == field_type::object)
        for (const auto& member : f.members) add(f.name, member.name);
    }
}

void csv_writer::append_header(std::string& out) const {
  out += "time,event";
  for (const auto& [key, member] : columns_) {
    out += ',';
    out += key;
    if (!member.empty()) out += '.';
    out += member;
  }
  out += "\r\n";
}

void csv_writer::append(std::string& out, const record& what) const {
  append_time(out, what.time());
  out += ',';
  out += what.what().event;
  for (const auto& [key, member] : columns_) {
    out += ',';
    const auto position = find_field(what.fields(), key);
    if (!position) continue;
    const auto& meta = what.fields()[*position];
    const auto* nested = std::get_if<object>(&what.at(*position).alternatives());
    if (member.empty() && nested == nullptr) {
      append_cell(out, what.at(*position), meta);
    } else if (!member.empty() && nested != nullptr) {
      const auto inner = find_field(meta.members, member);
      if (inner) append_cell(out, nested->at(*inner), meta.members[*inner]);
    }
  }
  out += "\r\n";
}

void append_csv_text(std::string& out, std::string_view text) {
  constexpr std::string_view formula = "=+-@\t\r";
  const bool guard = !text.empty() && formula.find(text.front()) != std::string_view::npos;
  const bool quote = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quote) out += '"';
  if (guard) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quote) out += '"';
}

}  // namespace diag::report
