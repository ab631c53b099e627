// Conditions on a summary: the reader and the judgement.
#include "libdiag/report/threshold.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "libdiag/core/rounding.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"

namespace diag::report {
namespace {

constexpr std::string_view relation_words[] = {">", ">=", "<", "<=", "==", "!="};

/// A key as conditions name it: without its unit.
std::string_view metric_name(std::string_view key) {
  for (const std::string_view unit : {"_ms", "_percent"})
    if (key.ends_with(unit)) return key.substr(0, key.size() - unit.size());
  return key;
}

bool comparable(field_type type) {
  return type != field_type::text && type != field_type::time && type != field_type::object;
}

std::string known_metrics(const schema& summary) {
  std::string names;
  for (const auto& f : summary.fields) {
    if (comparable(f.type)) names.append(names.empty() ? "" : ", ").append(metric_name(f.name));
    for (const auto& m : f.members)
      if (f.type == field_type::object)
        names.append(names.empty() ? "" : ", ").append(metric_name(f.name)).append(".").append(m.name);
  }
  return names;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}
bool is_number(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}

/// Nanoseconds in a unit; 0 for no unit that we know.
double nanoseconds_in(std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, double>, 5> units{
      {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}}};
  for (const auto& [name, factor] : units)
    if (name == unit) return factor;
  return 0;
}

/// A value as conditions compare it: nanoseconds, percent, or how many.
struct number_of {
  std::optional<double> operator()(std::int64_t number) const { return static_cast<double>(number); }
  std::optional<double> operator()(double number) const { return number; }
  std::optional<double> operator()(duration elapsed) const { return static_cast<double>(elapsed.count()); }
  std::optional<double> operator()(bool truth) const { return truth ? 1 : 0; }
  std::optional<double> operator()(const std::vector<object>& list) const {
    return static_cast<double>(list.size());
  }
  std::optional<double> operator()(const text_list& words) const { return static_cast<double>(words.size()); }
  std::optional<double> operator()(const counts& numbers) const {
    double sum = 0;
    for (const auto& entry : numbers) sum += static_cast<double>(entry.second);
    return sum;
  }
  template <class Other>
  std::optional<double> operator()(const Other&) const {
    return std::nullopt;
  }
};

}  // namespace

/// Reads one expression from left to right; every method leaves `at_` where the next word begins.
class threshold_parser {
 public:
  threshold_parser(std::string_view text, const schema& summary) : text_{text}, summary_{summary} {}

  result<threshold, threshold_error> run() {
    threshold made;
    made.any_of_.emplace_back();
    while (true) {
      threshold::condition one;
      if (auto wrong = read(one)) return *wrong;
      made.any_of_.back().push_back(std::move(one));
      skip_blanks();
      if (at_ == text_.size()) return made;
      if (take("||") || take(",") || take_word("or"))
        made.any_of_.emplace_back();
      else if (!take("&&") && !take_word("and"))
        return wrong_here("expected 'and', 'or' or the end");
    }
  }

 private:
  using error = std::optional<threshold_error>;

  error read(threshold::condition& one) {
    skip_blanks();
    const auto name_at = at_;
    const auto name = take_while(is_name);
    if (name.empty()) return wrong_here("expected a metric (" + known_metrics(summary_) + ")");
    if (!resolve(name, one)) {
      at_ = name_at;
      return wrong_here("no metric '" + std::string{name} + "' (there are " + known_metrics(summary_) + ")");
    }
    one.metric = name;
    skip_blanks();
    if (!take_relation(one)) return wrong_here("expected one of > >= < <= == !=");
    skip_blanks();
    return read_limit(one);
  }

  bool resolve(std::string_view name, threshold::condition& one) const {
    const auto dot = name.find('.');
    const auto head = name.substr(0, dot);
    for (std::size_t i = 0; i < summary_.fields.size(); ++i) {
      const auto& f = summary_.fields[i];
      if (metric_name(f.name) != head) continue;
      one.field = i;
      one.type = f.type;
      if (f.type != field_type::object) return dot == std::string_view::npos && comparable(f.type);
      one.member = find_field(f.members, dot == std::string_view::npos ? "avg" : name.substr(dot + 1));
      if (one.member) one.type = f.members[*one.member].type;
      return one.member.has_value();
    }
    return dot == std::string_view::npos && resolve_member(head, one);
  }

  /// A count inside an object may be named alone: `open` for `states.open`.
  bool resolve_member(std::string_view name, threshold::condition& one) const {
    for (std::size_t i = 0; i < summary_.fields.size(); ++i) {
      const auto& f = summary_.fields[i];
      if (f.type != field_type::object) continue;
      const auto member = find_field(f.members, name);
      if (!member || f.members[*member].type != field_type::integer) continue;
      one.field = i;
      one.member = member;
      one.type = field_type::integer;
      return true;
    }
    return false;
  }

  bool take_relation(threshold::condition& one) {
    using enum threshold::relation;
    constexpr std::pair<std::string_view, threshold::relation> signs[] = {
        {">=", at_least}, {"<=", at_most}, {"==", equal}, {"!=", different},
        {">", above},     {"<", below},    {"=", equal}};
    for (const auto& [sign, is] : signs)
      if (take(sign)) {
        one.is = is;
        return true;
      }
    return false;
  }

  error read_limit(threshold::condition& one) {
    const auto number_at = at_;
    const auto digits = take_while(is_number);
    const auto number = parse_real(digits, 0, 1e15);
    if (!number) {
      at_ = number_at;
      return wrong_here("expected a number");
    }
    const auto unit_at = at_;
    const auto unit =
        take("%") ? std::string_view{"%"} : take_while([](char c) { return c >= 'a' && c <= 'z'; });
    one.limit = *number;
    one.limit_text = std::string{digits} + std::string{unit};
    if (one.type == field_type::elapsed) {
      one.limit *= nanoseconds_in(unit);
      if (nanoseconds_in(unit) > 0) return std::nullopt;
      at_ = unit_at;
      return wrong_here("a time needs a unit: ns, us, ms, s or m");
    }
    const bool percent = one.type == field_type::real;
    if (unit.empty() || (percent && unit == "%")) {
      if (percent) one.limit_text = std::string{digits} + "%";
      return std::nullopt;
    }
    at_ = unit_at;
    return wrong_here(percent ? "a share is written with % or without a unit" : "a count has no unit");
  }

  threshold_error wrong_here(std::string why) const { return {std::move(why), at_ + 1}; }
  void skip_blanks() { take_while(is_blank); }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool take_word(std::string_view word) {
    const auto after = at_ + word.size();
    return (after == text_.size() || (after < text_.size() && is_blank(text_[after]))) && take(word);
  }
  template <class Is>
  std::string_view take_while(Is is) {
    const auto from = at_;
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  std::string_view text_;
  const schema& summary_;
  std::size_t at_ = 0;
};

result<threshold, threshold_error> threshold::parse(std::string_view text, const schema& summary) {
  return threshold_parser{text, summary}.run();
}

bool threshold::holds(const condition& what, double measured) {
  switch (what.is) {
    case relation::above:
      return measured > what.limit;
    case relation::at_least:
      return measured >= what.limit;
    case relation::below:
      return measured < what.limit;
    case relation::at_most:
      return measured <= what.limit;
    case relation::equal:
      return !(measured < what.limit) && !(measured > what.limit);
    case relation::different:
      return measured < what.limit || measured > what.limit;
  }
  return false;
}

std::optional<double> threshold::measured(const condition& what, const record& summary) {
  const value* held = &summary.at(what.field);
  if (what.member) {
    const auto* nested = std::get_if<object>(&held->alternatives());
    static const value nothing{};
    held = nested != nullptr ? &nested->at(*what.member) : &nothing;
  }
  if (!held->absent()) return std::visit(number_of{}, held->alternatives());
  // Lists and counts are left out of a record when they are empty.
  if (what.type == field_type::object_list || what.type == field_type::text_list ||
      what.type == field_type::counts)
    return 0;
  if (what.type != field_type::elapsed) return std::nullopt;
  for (std::size_t i = 0; i < summary.fields().size(); ++i) {
    if (summary.fields()[i].metric != metric_kind::total) continue;
    const auto* received = std::get_if<std::int64_t>(&summary.at(i).alternatives());
    if (received == nullptr || *received == 0) return std::numeric_limits<double>::infinity();
  }
  return std::nullopt;
}

std::string threshold::sentence(const condition& what, std::optional<double> value) {
  std::string text = what.metric + ' ';
  if (!value || std::isinf(*value))
    text += "not measured";
  else if (what.type == field_type::elapsed)
    text += milliseconds_words(duration{round_to_integer(*value)}) + " ms";
  else
    text += percent_words(*value) + (what.type == field_type::real ? "%" : "");
  return text + ' ' + std::string{relation_words[static_cast<std::size_t>(what.is)]} + ' ' + what.limit_text;
}

std::optional<std::string> threshold::crossed(const record& summary) const {
  for (const auto& all : any_of_) {
    std::string text;
    const bool hold = std::all_of(all.begin(), all.end(), [&](const condition& one) {
      const auto value = measured(one, summary);
      text += (text.empty() ? "" : " and ") + sentence(one, value);
      return value && holds(one, *value);
    });
    if (hold) return text;
  }
  return std::nullopt;
}

std::vector<std::size_t> threshold::fields() const {
  std::vector<std::size_t> all;
  for (const auto& alternative : any_of_)
    for (const auto& one : alternative) all.push_back(one.field);
  return all;
}

std::string threshold::limit_of(std::string_view metric) const {
  for (const auto& all : any_of_)
    for (const auto& one : all) {
      if (one.metric != metric || (one.is != relation::above && one.is != relation::at_least)) continue;
      return percent_words(one.type == field_type::elapsed ? one.limit / 1e6 : one.limit);
    }
  return {};
}

}  // namespace diag::report
