// Policy files: rows, includes, and all errors at once.
#include "tools/tcp/policy.hpp"

#include <regex>

#include "tools/tcp/policy_file.hpp"

#include "tests/catch.hpp"
#include "tests/tools/scratch.hpp"

namespace {

using namespace diag;
using test::scratch;
using tools::exit_code;
using lines = std::vector<std::string>;

struct gathering {
  tcp::gathered_policy got;
  lines complaints;
};

gathering gather(const tcp::policy_request& request) {
  gathering out;
  out.got = tcp::gather_policy(request, [&](const std::string& line) { out.complaints.push_back(line); });
  return out;
}
gathering gather(const std::string& path) {
  return gather(tcp::policy_request{.file = path});
}

/// Complaints without the folder.
lines bare(const gathering& from, const scratch& dir) {
  lines out;
  for (auto line : from.complaints) {
    for (auto at = line.find(dir.in("")); at != line.npos; at = line.find(dir.in("")))
      line.erase(at, dir.in("").size());
    out.push_back(line);
  }
  return out;
}

bool refused(const gathering& from) {
  return from.got.asked.fatal && from.got.asked.worst == exit_code::usage && from.got.asked.plan.size() == 0;
}

}  // namespace

TEST_CASE("policy: rows with their places, and each pair asked once", "[tools][policy]") {
  const scratch dir;
  const auto path = dir.file("p",
                             "# head\n"
                             "192.0.2.0/30 80,443 open\n"
                             "\n"
                             "192.0.2.1-2 443 open|closed \"two\"\n"
                             "[2001:db8::1] 22 filtered # last\n"
                             "2001:db8::1 22 filtered|closed");
  const auto out = gather(path);
  CHECK(out.complaints.empty());
  const auto& rows = out.got.rules.rows;
  REQUIRE(rows.size() == 4);
  CHECK(out.got.rules.place(rows[1]) == path + ":4");
  CHECK(rows[1].pairs() == 2);
  CHECK(rows[1].name == "two");
  CHECK(out.got.asked.plan.size() == 8 + 1);
  CHECK_FALSE(out.got.asked.fatal);
  CHECK(out.got.asked.worst == exit_code::positive);
}

TEST_CASE("policy: CRLF, a byte order mark and a missing last newline", "[tools][policy]") {
  const scratch dir;
  const auto out = gather(dir.file("p",
                                   "\xef\xbb\xbf"
                                   "192.0.2.1 80 open\r\n\r\n192.0.2.2 80 open \"a b\"\r"));
  CHECK(out.complaints.empty());
  REQUIRE(out.got.rules.rows.size() == 2);
  CHECK(out.got.rules.rows[0].target == "192.0.2.1");
  CHECK(out.got.rules.rows[1].name == "a b");
}

TEST_CASE("policy: all errors are told with file and line, and nothing is asked", "[tools][policy]") {
  const scratch dir;
  const auto out = gather(dir.file("p",
                                   "192.0.2.1 80 open\n"
                                   "192.0.2.1 0 open\n"
                                   "192.0.2.300 80 open\n"
                                   "192.0.2.1:80 80 open\n"
                                   "192.0.2.1 80 opne\n"
                                   "no-such-host.invalid 80 open\n"
                                   "192.0.2.1 80 closed\n"));
  CHECK(
      bare(out, dir) ==
      lines{"p:2: ports \"0\": port 0: must be 1..65535", "p:3: target \"192.0.2.300\": not an IPv4 address",
            "p:4: target \"192.0.2.1:80\": not an IPv6 address (ports stand in a word of their own: TARGET "
            "PORTS EXPECTATION)",
            "p:5: unknown expectation \"opne\" (one of open, closed, filtered, rejected, unreachable, error)",
            "p:7: port 80 of 192.0.2.1 is to be closed here and open in p:1 (make one of the rows narrower)",
            "p: 5 errors; nothing was sent"});
  CHECK(refused(out));
}

TEST_CASE("policy: a file without a row is an error", "[tools][policy]") {
  const scratch dir;
  const auto out = gather(dir.file("p", "# nothing\n"));
  CHECK(bare(out, dir) ==
        lines{"p: no row in it (write TARGET PORTS EXPECTATION [NAME])", "p: 1 error; nothing was sent"});
  CHECK(refused(out));
}

TEST_CASE("policy: a file that cannot be read is our failure", "[tools][policy]") {
  const auto out = gather("/nonexistent/p");
  CHECK(out.complaints == lines{"cannot read policy file /nonexistent/p: No such file or directory"});
  CHECK(out.got.asked.fatal);
  CHECK(out.got.asked.worst == exit_code::ours);
  const scratch dir;
  CHECK(gather(dir.in("")).got.asked.worst == exit_code::ours);
}

TEST_CASE("policy: rows contradict only where they meet", "[tools][policy]") {
  const scratch dir;
  CHECK(gather(dir.file("a", "192.0.2.0/25 80 open\n192.0.2.128/25 80 closed\n")).complaints.empty());
  CHECK(gather(dir.file("b", "192.0.2.0/24 80 open\n192.0.2.7 81 closed\n")).complaints.empty());
  CHECK(gather(dir.file("c", "192.0.2.0/24 80 open|closed\n192.0.2.7 80 closed\n")).complaints.empty());
  CHECK(gather(dir.file("d", "fe80::1%1 80 open\nfe80::1%2 80 closed\n")).complaints.empty());
  const auto clash =
      gather(dir.file("e", "192.0.2.0/24 1-100 open\n192.0.2.4/30 90-200 closed\n192.0.2.0/24 1-100 open\n"));
  CHECK(bare(clash, dir)[0] ==
        "e:2: port 90 of 192.0.2.4 is to be closed here and open in e:1 (make one of the rows narrower)");
  CHECK(bare(clash, dir)[1] ==
        "e:3: port 90 of 192.0.2.4 is to be open here and closed in e:2 (make one of the rows narrower)");
  CHECK(refused(clash));
}

TEST_CASE("policy: a contradiction at the top of the address space is seen", "[tools][policy]") {
  const scratch dir;
  CHECK(refused(gather(dir.file("p", "255.255.255.255 80 open\n255.255.255.0/24 80 closed\n"))));
  CHECK(refused(gather(dir.file("q", "2001:db8::ffff 80 open\n2001:db8::/112 80 closed\n"))));
}

TEST_CASE("policy: a thousand rows that contradict one are a thousand lines", "[tools][policy]") {
  const scratch dir;
  std::string text = "198.18.0.0/16 80 open\n";
  for (int i = 0; i < 1000; ++i)
    text += "198.18." + std::to_string(i / 250) + "." + std::to_string(i % 250) + " 80 closed\n";
  CHECK(gather(dir.file("p", text)).complaints.size() == 1001);
}

TEST_CASE("policy include: is relative to the file that includes", "[tools][policy]") {
  const scratch dir;
  const auto path = dir.file("main", "192.0.2.1 1 open\ninclude sub/one\n192.0.2.1 4 open\n");
  (void)dir.file("sub/one", "192.0.2.1 2 open\ninclude two\n");
  (void)dir.file("sub/two", "192.0.2.1 3 open\n");
  const auto out = gather(path);
  CHECK(out.complaints.empty());
  lines order;
  for (const auto& row : out.got.rules.rows) order.push_back(row.ports.text());
  CHECK(order == lines{"1", "2", "3", "4"});
  CHECK(out.got.rules.place(out.got.rules.rows[2]) == dir.in("sub/two") + ":1");
  CHECK(out.got.rules.place(out.got.rules.rows[3]) == path + ":3");
}

TEST_CASE("policy include: a cycle is refused by name, whatever the file is called", "[tools][policy]") {
  const scratch dir;
  const auto path = dir.file("a", "192.0.2.1 1 open\ninclude b\n");
  (void)dir.file("b", "include ./a\n");
  const auto out = gather(path);
  CHECK(bare(out, dir)[0] ==
        "b:1: it includes ./a, which is being read already: a > b (take one of the includes out)");
  CHECK(refused(out));
  const auto self = gather(dir.file("s", "include s\n"));
  CHECK(bare(self, dir)[0] ==
        "s:1: it includes s, which is being read already: s (take one of the includes out)");
}

TEST_CASE("policy include: the same file twice is no cycle", "[tools][policy]") {
  const scratch dir;
  (void)dir.file("one", "192.0.2.1 1 open\n");
  const auto out = gather(dir.file("main", "include one\ninclude one\n"));
  CHECK(out.complaints.empty());
  CHECK(out.got.rules.rows.size() == 2);
  CHECK(out.got.asked.plan.size() == 1);
}

TEST_CASE("policy include: 16 levels and no more", "[tools][policy]") {
  const scratch dir;
  const auto chain = [&](int depth) {
    for (int i = 0; i < depth; ++i)
      (void)dir.file("f" + std::to_string(i), "include f" + std::to_string(i + 1) + "\n");
    (void)dir.file("f" + std::to_string(depth), "192.0.2.1 1 open\n");
    return gather(dir.in("f0"));
  };
  CHECK(chain(16).complaints.empty());
  CHECK(bare(chain(17), dir)[0] == "f16:1: includes are nested deeper than 16 (include from fewer levels)");
}

TEST_CASE("policy include: files that double at each level end at a thousand", "[tools][policy]") {
  const scratch dir;
  for (int i = 0; i < 15; ++i) {
    const auto next = "include f" + std::to_string(i + 1) + "\n";
    (void)dir.file("f" + std::to_string(i), next + next);
  }
  (void)dir.file("f15", "192.0.2.1 1 open\n");
  const auto out = gather(dir.in("f0"));
  CHECK(out.got.rules.files.size() == tcp::most_policy_files);
  CHECK(bare(out, dir)[0].find("more than 1000 files in one policy (include fewer)") != std::string::npos);
}

TEST_CASE("policy include: what cannot be included is an error of its line", "[tools][policy]") {
  const scratch dir;
  const auto out = gather(dir.file("p", "include missing\ninclude .\ninclude -\n192.0.2.1 80 open\n"));
  CHECK(bare(out, dir) == lines{"p:1: cannot include missing: No such file or directory",
                                "p:2: cannot include .: Is a directory",
                                "p:3: standard input cannot be included (name a file)",
                                "p: 3 errors; nothing was sent"});
  CHECK(refused(out));
}

TEST_CASE("policy: a file without end is given up", "[tools][policy]") {
  const auto out = gather("/dev/zero");
  CHECK(out.complaints == lines{"cannot read policy file /dev/zero: it is larger than 64 MiB"});
}

TEST_CASE("policy: a name without an address is an error of ours, and the other rows are asked",
          "[tools][policy]") {
  const scratch dir;
  const auto out = gather(dir.file("p", "192.0.2.1 80 open\nno-such-host.invalid 80 open\n"));
  REQUIRE(out.complaints.size() == 1);
  CHECK(bare(out, dir)[0].starts_with("p:2: cannot resolve no-such-host.invalid: "));
  CHECK_FALSE(out.got.asked.fatal);
  CHECK(out.got.asked.worst == exit_code::ours);
  CHECK(out.got.asked.plan.size() == 1);
  CHECK_FALSE(out.got.rules.rows[1].lost.empty());
}

TEST_CASE("policy: a name that no host can have is an error of its line", "[tools][policy]") {
  const scratch dir;
  const auto out = gather(dir.file("p", "192.0.2.1 80 open\n-x 80 open\n"));
  CHECK(bare(out, dir) ==
        lines{"p:2: cannot use target -x: begins with a dash", "p: 1 error; nothing was sent"});
  CHECK(refused(out));
}

TEST_CASE("policy: the other family is refused by its line", "[tools][policy]") {
  const scratch dir;
  const auto path = dir.file("p", "192.0.2.1 80 open\n2001:db8::1 80 open\n");
  const auto out = gather(tcp::policy_request{.file = path, .family = ip_family::v4});
  CHECK(bare(out, dir)[0] == "p:2: target \"2001:db8::1\": not an IPv4 address, and -4 was given");
  CHECK(refused(out));
}

TEST_CASE("policy: a dry run says rows, pairs and probes", "[tools][policy]") {
  const scratch dir;
  const auto out = gather(dir.file("p", "192.0.2.0/24 80,443 open \"web\"\n192.0.2.1 443 open|closed\n"));
  auto text = policy_dry_run(out.got, 2, 1);
  for (auto at = text.find(dir.in("")); at != text.npos; at = text.find(dir.in("")))
    text.erase(at, dir.in("").size());
  CHECK(std::regex_replace(text, std::regex{" +"}, " ") ==
        "ROW TARGET PORTS EXPECTED ASKED NAME\n"
        "p:1 192.0.2.0/24 80,443 open 512 pairs web\n"
        "p:2 192.0.2.1 443 open|closed 1 pair\n"
        "2 rows, 512 pairs of 256 addresses: 512 probes when all answer at once, "
        "1,536 probes when none does; nothing was sent\n");
  CHECK(policy_dry_run(out.got, 0, 0).find("512 probes each round; nothing was sent") != std::string::npos);
}
