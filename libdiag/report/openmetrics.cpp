// Metric families out of a field table. OpenMetrics 1.0 sections on text format; Prometheus exposition
// formats.
#include "libdiag/report/openmetrics.hpp"

#include <cmath>

#include <fmt/format.h>

#include "libdiag/report/decimal.hpp"

namespace diag::report {
namespace {

/// Backslash, quote and line end: label values escape all three, HELP texts hold none of them.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string_view base_unit(std::string_view unit) {
  if (unit == "ms" || unit == "s") return "_seconds";
  if (unit == "percent") return "_ratio";
  if (unit == "octets") return "_bytes";
  if (unit == "packets") return "_packets";
  return "";
}

std::string_view without_unit(std::string_view name) {
  for (const std::string_view unit : {"_ms", "_percent"})
    if (name.ends_with(unit)) return name.substr(0, name.size() - unit.size());
  return name;
}

/// A value in base units; nothing for one that is not a number.
std::string number_text(const value& held, const field& meta) {
  std::string out;
  const auto& any = held.alternatives();
  if (const auto* integer = std::get_if<std::int64_t>(&any)) append_integer(out, *integer);
  if (const auto* elapsed = std::get_if<duration>(&any)) append_elapsed(out, *elapsed, in_seconds);
  if (const auto* truth = std::get_if<bool>(&any)) out = *truth ? "1" : "0";
  if (const auto* real = std::get_if<double>(&any))
    append_real(out, meta.unit == "percent" ? *real / 100 : *real);
  return out;
}

/// `target="...",address="..."`.
std::string labels_of(const record& what) {
  std::string out;
  for (std::size_t i = 0; i < what.fields().size(); ++i) {
    if (what.fields()[i].metric != metric_kind::label) continue;
    const auto* text = std::get_if<std::string>(&what.at(i).alternatives());
    if (text == nullptr) continue;
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", what.fields()[i].name, escaped(*text));
  }
  return out;
}

std::string joined(const std::string& labels, std::string_view name, std::string_view text) {
  return fmt::format("{}{}{}=\"{}\"", labels, labels.empty() ? "" : ",", name, escaped(text));
}

/// "p95" is 0.95, "p50" is 0.5: the canonical form of OpenMetrics has no zero at the end.
std::string quantile_text(std::string_view member) {
  auto text = "0." + std::string{member.substr(1)};
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

/// One metric family: its head is written with its first sample, so a family without samples leaves no trace.
class family {
 public:
  family(std::string& out, std::string name, std::string_view type, std::string help)
      : out_{out}, name_{std::move(name)}, type_{type}, help_{std::move(help)} {}

  void sample(std::string_view suffix, const std::string& labels, std::string_view number) {
    if (number.empty()) return;
    if (!opened_) out_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name_, help_, type_);
    opened_ = true;
    out_ += fmt::format("{}{}{{{}}} {}\n", name_, suffix, labels, number);
  }

 private:
  std::string& out_;
  std::string name_;
  std::string_view type_;
  std::string help_;
  bool opened_ = false;
};

class exposition {
 public:
  exposition(const schema& what, const std::vector<record>& records) : schema_{what}, records_{records} {}

  std::string text() {
    for (std::size_t i = 0; i < schema_.fields.size(); ++i) {
      const auto& meta = schema_.fields[i];
      if (meta.type == field_type::object) {
        summary(i, meta);
        for (std::size_t m = 0; m < meta.members.size(); ++m) member_gauge(i, meta, m);
      } else if (meta.metric == metric_kind::gauge || meta.metric == metric_kind::total) {
        gauge(i, meta);
      } else if (meta.metric == metric_kind::state) {
        state(i, meta);
      }
    }
    return out_ + "# EOF\n";
  }

 private:
  std::string name_of(std::string_view name, std::string_view unit) const {
    return fmt::format("diag_{}_{}{}", schema_.tool, without_unit(name), base_unit(unit));
  }

  void gauge(std::size_t at, const field& meta) {
    family metric{out_, name_of(meta.name, meta.unit), "gauge", std::string{meta.description}};
    for (const auto& one : records_) {
      const auto labels = labels_of(one);
      metric.sample("", labels, number_text(one.at(at), meta));
      if (const auto* by_reason = std::get_if<counts>(&one.at(at).alternatives()))
        for (const auto& [reason, number] : *by_reason)
          metric.sample("", joined(labels, "reason", reason), std::to_string(number));
    }
  }

  void state(std::size_t at, const field& meta) {
    family metric{out_, name_of(meta.name, meta.unit), "gauge", std::string{meta.description}};
    for (const auto& one : records_)
      if (const auto* word = std::get_if<std::string>(&one.at(at).alternatives()))
        metric.sample("", joined(labels_of(one), meta.name, *word), "1");
  }

  void member_gauge(std::size_t at, const field& meta, std::size_t member) {
    const auto& inner = meta.members[member];
    if (inner.metric != metric_kind::gauge) return;
    const auto name = fmt::format("{}_{}", without_unit(meta.name), inner.name);
    family metric{out_, name_of(name, inner.unit), "gauge",
                  fmt::format("{}: {}", meta.description, inner.description)};
    for (const auto& one : records_)
      if (const auto* nested = std::get_if<object>(&one.at(at).alternatives()))
        metric.sample("", labels_of(one), number_text(nested->at(member), inner));
  }

  void summary(std::size_t at, const field& meta) {
    family metric{out_, name_of(meta.name, meta.unit), "summary", std::string{meta.description}};
    for (const auto& one : records_) {
      const auto* nested = std::get_if<object>(&one.at(at).alternatives());
      if (nested == nullptr) continue;
      const auto labels = labels_of(one);
      std::optional<duration> average;
      for (std::size_t m = 0; m < meta.members.size(); ++m) {
        const auto& inner = meta.members[m];
        if (inner.metric == metric_kind::quantile)
          metric.sample("", joined(labels, "quantile", quantile_text(inner.name)),
                        number_text(nested->at(m), inner));
        if (const auto* mean = std::get_if<duration>(&nested->at(m).alternatives());
            mean != nullptr && inner.metric == metric_kind::average)
          average = *mean;
      }
      const auto observed = observations(one);
      if (!average || !observed) continue;
      std::string sum;
      append_real(sum, seconds(*average) * static_cast<double>(*observed));
      metric.sample("_sum", labels, sum);
      metric.sample("_count", labels, std::to_string(*observed));
    }
  }

  static std::optional<std::int64_t> observations(const record& one) {
    for (std::size_t i = 0; i < one.fields().size(); ++i)
      if (one.fields()[i].metric == metric_kind::total)
        if (const auto* total = std::get_if<std::int64_t>(&one.at(i).alternatives())) return *total;
    return std::nullopt;
  }

  const schema& schema_;
  const std::vector<record>& records_;
  std::string out_;
};

}  // namespace

void openmetrics_writer::add(const record& what) {
  if (&what.what() == schema_) records_.push_back(what);
}

std::string openmetrics_writer::text() const {
  return exposition{*schema_, records_}.text();
}

}  // namespace diag::report
