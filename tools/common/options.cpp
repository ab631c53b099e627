// CLI11 behind a narrow door.
//
// Fifty options cost CLI11 0.3 ms to define (measured: every new name is compared with every other), more
// than the whole rest of a one-shot ping takes on the CPU. So only those options are defined that some word
// of the command line could mean.
#include "tools/common/options.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace diag::tools {
namespace {

/// Calls visit(name) for each of "-c,--count".
template <class Visit>
void for_each_name(std::string_view names, Visit visit) {
  while (!names.empty()) {
    const auto comma = names.find(',');
    visit(names.substr(0, comma));
    names = comma == names.npos ? std::string_view{} : names.substr(comma + 1);
  }
}

bool is_long(std::string_view word) {
  return word.size() > 2 && word.starts_with("--");
}
bool is_cluster(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && word[1] != '-';
}

/// Could a word of the command line mean this option? A letter anywhere behind a single dash may.
bool mentioned(std::string_view names, const std::vector<std::string_view>& words) {
  bool found = false;
  for_each_name(names, [&](std::string_view name) {
    found = found || std::any_of(words.begin(), words.end(), [name](std::string_view word) {
              if (is_long(name)) return word.substr(0, word.find('=')) == name;
              return is_cluster(word) && word.find(name[1], 1) != word.npos;
            });
  });
  return found;
}

/// "-c/--count".
std::string shown(std::string_view names) {
  std::string text{names};
  std::replace(text.begin(), text.end(), ',', '/');
  return text;
}

std::string in_quotes(std::string_view word) {
  constexpr std::size_t longest = 80;
  const auto cut = word.size() > longest;
  return '\'' + safe_text(word.substr(0, longest)) + (cut ? "...'" : "'");
}

/// CLI11's sentences begin with the option's name: "--count: 1 required  missing", "quiet was given a
/// disallowed flag override".
std::string mismatch(const CLI::Error& error) {
  const std::string what = error.what();
  if (error.get_name() != "ArgumentMismatch") return safe_text(what);
  const auto name = what.substr(0, what.find_first_of(": "));
  if (what.find("override") == what.npos) return "option " + safe_text(name) + " needs a value";
  return "option --" + safe_text(name) + " takes no value";
}

/// What CLI11 knew nothing of: words, and before `--` also unknown options.
result<std::vector<std::string>, usage_error> words_of(std::vector<std::string> rest) {
  const auto end_of_options = std::find(rest.begin(), rest.end(), "--");
  const auto unknown = std::find_if(rest.begin(), end_of_options, [](const std::string& word) {
    return word.size() > 1 && word.front() == '-';
  });
  if (unknown != end_of_options) return usage_error{"unknown option " + in_quotes(*unknown)};
  if (end_of_options != rest.end()) rest.erase(end_of_options);
  return rest;
}

}  // namespace

void command_line::flag(std::string_view names, bool& into) {
  options_.push_back({names, false, [&into](std::string_view) -> complaint {
                        into = true;
                        return std::nullopt;
                      }});
}

void command_line::value(std::string_view names, reader read) {
  options_.push_back({names, true, std::move(read)});
}

void command_line::each_value(std::string_view names, reader read) {
  options_.push_back({names, true, std::move(read), true});
}

result<std::vector<std::string>, usage_error> command_line::parse(int argc, const char* const* argv) {
  const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
  std::optional<usage_error> wrong;
  const auto read = [&wrong](const option& one, std::string_view word) {
    const auto why = one.read(word);
    if (why && !wrong)
      wrong = usage_error{"option " + shown(one.names) + ": " + in_quotes(word) + ' ' + *why};
    return true;
  };

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const auto& one : options_) {
    if (!mentioned(one.names, words)) continue;
    if (one.takes_value) {
      // CLI11 would take the next word for the missing half of "--count=".
      for_each_name(one.names, [&](std::string_view name) {
        const auto empty = std::string{name} + '=';
        if (is_long(name) && !wrong && std::find(words.begin(), words.end(), empty) != words.end())
          wrong = usage_error{"option " + shown(one.names) + " needs a value"};
      });
      app.add_option(std::string{one.names},
                     [&](const CLI::results_t& given) {
                       if (!one.adds_up) return read(one, given.back());
                       for (const auto& word : given) read(one, word);
                       return true;
                     })
          ->multi_option_policy(one.adds_up ? CLI::MultiOptionPolicy::TakeAll
                                            : CLI::MultiOptionPolicy::TakeLast);
    } else {
      app.add_flag_callback(std::string{one.names}, [&] { read(one, {}); })->disable_flag_override();
    }
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Error& error) {
    if (!wrong) wrong = usage_error{mismatch(error)};
  }
  auto rest = words_of(app.remaining());
  if (!rest) return rest.error();
  if (wrong) return *wrong;
  return rest;
}

std::vector<std::string> command_line::names() const {
  std::vector<std::string> all;
  for (const auto& one : options_)
    for_each_name(one.names, [&](std::string_view name) { all.emplace_back(name); });
  return all;
}

command_line::reader text_reader(std::string& into) {
  return [&into](std::string_view word) -> complaint {
    if (word.empty()) return "must not be empty";
    into = word;
    return std::nullopt;
  };
}

}  // namespace diag::tools
