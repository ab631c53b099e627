// The JSON writer. Boost.JSON would do the same escaping, but linking its archive for that one function makes
// every tool 930 KB bigger (175 KB without, measured with -O2 and a static libstdc++), and a health check
// starts a tool thousands of times. It is the strict reader in this writer's tests instead.
#include "libdiag/report/json.hpp"

#include "libdiag/report/decimal.hpp"
#include "libdiag/report/time_text.hpp"

namespace diag::report {
namespace {

void append_object(std::string& out, const object& what, bool first);

/// What stands between brackets: `one` appends an element.
template <class Range, class One>
void append_list(std::string& out, const Range& elements, char open, char close, One one) {
  out += open;
  bool first = true;
  for (const auto& element : elements) {
    if (!first) out += ',';
    first = false;
    one(element);
  }
  out += close;
}

struct value_writer {
  std::string& out;
  const field& meta;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(std::int64_t number) const { append_integer(out, number); }
  void operator()(double number) const { append_real(out, number); }
  void operator()(duration elapsed) const { append_elapsed(out, elapsed, digits_of_unit(meta.unit)); }
  void operator()(wall_time when) const {
    out += '"';
    append_time(out, when);
    out += '"';
  }
  void operator()(const std::string& text) const { append_json_text(out, text); }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(const text_list& words) const {
    append_list(out, words, '[', ']', [this](const auto& word) { append_json_text(out, word); });
  }
  void operator()(const counts& numbers) const {
    append_list(out, numbers, '{', '}', [this](const auto& entry) {
      append_json_text(out, entry.first);
      out += ':';
      append_integer(out, entry.second);
    });
  }
  void operator()(const object& nested) const {
    out += '{';
    append_object(out, nested, true);
    out += '}';
  }
  void operator()(const std::vector<object>& nested) const { append_list(out, nested, '[', ']', *this); }
};

/// The members without braces; `first` false puts a comma before the first of them.
void append_object(std::string& out, const object& what, bool first) {
  const auto fields = what.fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& held = what.at(i);
    if (held.absent()) continue;
    if (!first) out += ',';
    first = false;
    // Keys come from our own tables: plain words.
    out += '"';
    out += fields[i].name;
    out += "\":";
    std::visit(value_writer{out, fields[i]}, held.alternatives());
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    // RFC 8259 section 7: the quote, the backslash and C0. Text in a record is well-formed UTF-8 already.
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (const auto octet = static_cast<unsigned char>(c); octet < 0x20) {
      out += "\\u00";
      out += hex[octet >> 4];
      out += hex[octet & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_json(std::string& out, const record& what) {
  out += "{\"tool\":\"";
  out += what.what().tool;
  out += "\",\"event\":\"";
  out += what.what().event;
  out += "\",\"time\":\"";
  append_time(out, what.time());
  out += '"';
  append_object(out, what, false);
  out += "}\n";
}

}  // namespace diag::report
