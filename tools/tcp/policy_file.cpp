// Files one inside the other. A policy is read whole before a line of it is looked at, so it may be a pipe.
#include "tools/tcp/policy_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libdiag/core/text.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::tcp {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string shown_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

/// What a file is, whatever it is called.
struct file_identity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

struct opened_file {
  std::string text;
  file_identity identity;
};

result<opened_file> slurp(const std::string& path) {
  const bool standard = path == "-";
  io::unique_fd owned;
  if (!standard) {
    owned.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    // Privileges are gone by now, and with them root's way past file permissions; the shell still has it.
    if (!owned)
      return system_failure(errno, "read policy file", path,
                            errno == EACCES && ::geteuid() == 0 ? "let the shell open it: - < FILE" : "");
  }
  const int fd = standard ? 0 : owned.get();
  opened_file out;
  struct stat about {};
  if (::fstat(fd, &about) == 0) out.identity = {about.st_dev, about.st_ino};
  std::array<char, 65536> buffer;
  while (true) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read policy file", shown_name(path));
    if (got == 0) return out;
    out.text.append(buffer.data(), static_cast<std::size_t>(got));
    if (out.text.size() > largest_policy_file)
      return failure{{}, "read policy file", shown_name(path), "it is larger than 64 MiB", {}};
  }
}

class policy_reader {
 public:
  read_policy run(const std::string& path) {
    auto opened = slurp(path);
    if (opened)
      read(path, *opened);
    else
      out_.unreadable = opened.error();
    return std::move(out_);
  }

 private:
  struct station {
    file_identity identity;
    std::string path;
  };

  void read(const std::string& path, const opened_file& file) {
    const auto number = static_cast<std::uint32_t>(out_.rules.files.size());
    out_.rules.files.push_back(shown_name(path));
    way_.push_back({file.identity, path});
    std::string_view rest{file.text};
    if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    for (std::uint64_t line = 1; !rest.empty() && !full_; ++line) {
      const auto end = rest.find('\n');
      auto text = rest.substr(0, end);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      if (text.ends_with('\r')) text.remove_suffix(1);
      take(number, line, text);
    }
    way_.pop_back();
  }

  void take(std::uint32_t file, std::uint64_t line, std::string_view text) {
    const auto place = [&] { return out_.rules.files[file] + ':' + std::to_string(line); };
    auto entry = parse_policy_line(text);
    if (!entry) return refuse(place(), entry.error().why, entry.error().hint);
    if (const auto* inner = std::get_if<policy_include>(&*entry)) return include(inner->file, place());
    auto* row = std::get_if<policy_entry>(&*entry);
    if (row == nullptr) return;
    if (out_.rules.rows.size() == most_policy_rows) {
      full_ = true;
      return refuse(place(), "more than 1000000 rows", "use ranges and lists of ports");
    }
    out_.rules.rows.push_back({file, line, std::move(row->target), std::move(row->ports),
                               std::move(row->expected), std::move(row->name)});
  }

  void include(const std::string& name, const std::string& place) {
    if (name == "-") return refuse(place, "standard input cannot be included", "name a file");
    if (name.find('\0') != name.npos) return refuse(place, "a NUL octet is in no file's name", {});
    if (way_.size() > deepest_include)
      return refuse(place, "includes are nested deeper than 16", "include from fewer levels");
    if (out_.rules.files.size() >= most_policy_files)
      return refuse(place, "more than 1000 files in one policy", "include fewer");
    const auto slash = way_.back().path.rfind('/');
    const bool relative = name.front() != '/' && slash != name.npos;
    const auto path = relative ? way_.back().path.substr(0, slash + 1) + name : name;
    const auto opened = slurp(path);
    if (!opened)
      return refuse(place, "cannot include " + safe_text(path) + ": " + reason_of(opened.error()),
                    opened.error().hint);
    const auto round = std::find_if(way_.begin(), way_.end(),
                                    [&](const station& one) { return one.identity == opened->identity; });
    if (round == way_.end()) return read(path, *opened);
    refuse(place, "it includes " + safe_text(path) + ", which is being read already" + way_from(round),
           "take one of the includes out");
  }

  /// ": a.policy > b.policy", the files of a cycle.
  std::string way_from(std::vector<station>::const_iterator at) const {
    std::string all;
    for (; at != way_.end(); ++at)
      all.append(all.empty() ? "" : " > ").append(safe_text(shown_name(at->path)));
    return ": " + all;
  }

  static std::string reason_of(const failure& what) {
    return what.why.empty() ? what.code.message() : what.why;
  }

  void refuse(const std::string& place, const std::string& why, const std::string& hint) {
    if (out_.errors.size() == most_policy_errors) return;
    out_.errors.push_back({out_.rules.rows.size(), line_complaint(place, why, hint)});
    if (out_.errors.size() < most_policy_errors) return;
    full_ = true;
    out_.errors.back().text = safe_text(place) + ": that is the 100000th error; the rest was not read";
  }

  read_policy out_;
  std::vector<station> way_;
  bool full_ = false;
};

/// An address without its link, for sorting.
struct position {
  ip_family family = ip_family::none;
  std::array<std::uint64_t, 2> words{};
  friend auto operator<=>(const position&, const position&) = default;
};
position position_of(const ip_address& address) {
  return {address.family(), address.words()};
}

struct span_of_row {
  position first, last;
  std::uint32_t row = 0, block = 0;
};

bool same_link(const ip_address& a, const ip_address& b) {
  return a.scope() == 0 || b.scope() == 0 || a.scope() == b.scope();
}

}  // namespace

read_policy read_policy_files(const std::string& path) {
  return policy_reader{}.run(path);
}

std::string line_complaint(const std::string& place, const std::string& why, const std::string& hint) {
  return safe_text(place) + ": " + why + (hint.empty() ? "" : " (" + hint + ")");
}

std::vector<policy_error> contradictions(const policy& rules) {
  std::vector<span_of_row> spans;
  for (std::uint32_t row = 0; row < rules.rows.size(); ++row)
    for (std::uint32_t block = 0; block < rules.rows[row].blocks.size(); ++block) {
      const auto& [first, count] = rules.rows[row].blocks[block];
      spans.push_back({position_of(first), position_of(first.plus(count - 1)), row, block});
    }
  std::sort(spans.begin(), spans.end(), [](const span_of_row& a, const span_of_row& b) {
    return a.first != b.first ? a.first < b.first : a.row < b.row;
  });
  struct conflict {
    std::uint32_t later, earlier;
    ip_address at;
    std::uint16_t port;
  };
  std::vector<conflict> found;
  std::vector<span_of_row> open;
  for (const auto& next : spans) {
    std::erase_if(open, [&](const span_of_row& one) { return one.last < next.first; });
    const auto& row = rules.rows[next.row];
    const auto& from = row.blocks[next.block].first;
    for (const auto& one : open) {
      const auto& other = rules.rows[one.row];
      if (one.row == next.row || !same_link(from, other.blocks[one.block].first)) continue;
      if (!row.expected.contradicts(other.expected)) continue;
      const auto port = row.ports.common(other.ports);
      if (port) found.push_back({std::max(one.row, next.row), std::min(one.row, next.row), from, *port});
    }
    open.push_back(next);
  }
  std::sort(found.begin(), found.end(), [](const conflict& a, const conflict& b) {
    return a.later != b.later ? a.later < b.later : a.earlier < b.earlier;
  });
  std::vector<policy_error> told;
  const conflict* last = nullptr;
  for (const auto& one : found) {
    if (last != nullptr && last->later == one.later) continue;
    last = &one;
    const auto& later = rules.rows[one.later];
    const auto& earlier = rules.rows[one.earlier];
    told.push_back(
        {one.later, line_complaint(rules.place(later),
                                   "port " + std::to_string(one.port) + " of " + to_string(one.at) +
                                       " is to be " + later.expected.text() + " here and " +
                                       earlier.expected.text() + " in " + safe_text(rules.place(earlier)),
                                   "make one of the rows narrower")});
  }
  return told;
}

}  // namespace diag::tcp
