// What every reader of target words shares: names are looked up, refusals and losses are told and counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/io/resolver.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/target_text.hpp"

namespace diag::tools {

/// A target of which nothing could be made: no address, so no number.
struct lost_target {
  std::string word;
  std::string reason;  ///< one word for records: "unknown-host", ...
  std::string why;     ///< a sentence
};

/// The names users gave to addresses.
class target_names {
 public:
  void add(const ip_address& address, const std::string& name) { names_.push_back({address, name}); }
  /// After the last add(): the first mention of an address names it.
  void seal();
  /// Empty when the user gave the address itself.
  [[nodiscard]] std::string_view name_of(const ip_address& address) const;
  /// The name, or the address as text.
  [[nodiscard]] std::string label(const ip_address& address) const;

 private:
  struct named {
    ip_address address;
    std::string name;
  };
  std::vector<named> names_;  // by address, once sealed
};

struct intake_rules {
  ip_family family = ip_family::none;
  bool all_addresses = false;
  /// Families there is a socket for: a name is taken by an address of these if it has one.
  bool have_v4 = true, have_v6 = true;
};

class target_intake {
 public:
  using complainer = std::function<void(const std::string&)>;
  /// `complain` is borrowed.
  target_intake(const intake_rules& rules, const complainer& complain) : rules_{rules}, complain_{complain} {}

  /// The addresses `text` stands for; none: refused or lost, and told so. `place` is "line 3 of FILE", empty
  /// on the command line, where a refusal is fatal. Blocks in the name service; each name is looked up once.
  std::vector<address_block> addresses(const target_text& text, std::string_view word,
                                       const std::string& place);
  void refuse(std::string_view word, const std::string& place, const target_text_error& why);
  /// A file that cannot be read.
  void unreadable(const failure& what, bool fatal);
  /// A sentence that refuses the whole.
  void refuse_all(const std::string& sentence);

  /// Yours to take when all words are in.
  target_names names{};
  std::vector<lost_target> lost{};
  exit_code worst = exit_code::positive;  ///< usage: bad words; ours: names that gave no address
  bool fatal = false;                     ///< a word of the command line itself is wrong: do not run

 private:
  using found = result<std::vector<ip_address>, io::resolve_error>;
  const found& look_up(const std::string& name);
  std::vector<address_block> named(const std::string& name, const std::string& place);
  void lose(const std::string& name, const std::string& place, const io::resolve_error& error);

  intake_rules rules_;
  const complainer& complain_;
  std::unordered_map<std::string, found> asked_;
};

}  // namespace diag::tools
