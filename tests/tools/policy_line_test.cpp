// One line of a policy: what it may say, and the sentence for each way to get it wrong.
#include "tools/tcp/policy_line.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using probe::reason;
using probe::tcp_state;

std::optional<std::uint16_t> services(std::string_view name) {
  return name == "https" ? std::optional<std::uint16_t>{443} : std::nullopt;
}

tcp::policy_entry row(std::string_view line) {
  const auto read = tcp::parse_policy_line(line, services);
  INFO(line);
  REQUIRE(read.has_value());
  REQUIRE(std::holds_alternative<tcp::policy_entry>(*read));
  return std::get<tcp::policy_entry>(*read);
}

std::string why(std::string_view line) {
  const auto read = tcp::parse_policy_line(line, services);
  if (read) return "no error";
  return read.error().why + (read.error().hint.empty() ? "" : " (" + read.error().hint + ")");
}

bool is_nothing(std::string_view line) {
  const auto read = tcp::parse_policy_line(line, services);
  return read && std::holds_alternative<std::monostate>(*read);
}

}  // namespace

TEST_CASE("policy line: a row of three words", "[tools][policy]") {
  const auto read = row("192.0.2.0/24 443 open");
  CHECK(read.target == "192.0.2.0/24");
  CHECK(read.ports.text() == "443");
  CHECK(read.expected.text() == "open");
  CHECK(read.name.empty());
}

TEST_CASE("policy line: a name in quotes, with escapes, or bare", "[tools][policy]") {
  CHECK(row(R"(db1 5432 filtered|rejected "db from dmz")").name == "db from dmz");
  CHECK(row(R"(db1 5432 open "a \"b\" \\ # c")").name == R"(a "b" \ # c)");
  CHECK(row("db1 5432 open db-from-dmz").name == "db-from-dmz");
  CHECK(row(R"(db1 5432 open "")").name.empty());
  CHECK(row(R"(db1 5432 open a"b)").name == R"(a"b)");
}

TEST_CASE("policy line: a comment begins where a word could", "[tools][policy]") {
  CHECK(is_nothing(""));
  CHECK(is_nothing(" \t\r"));
  CHECK(is_nothing("# 192.0.2.1 80 open"));
  CHECK(is_nothing("\t # x"));
  CHECK(row("db1 80 open # \"not a name").name.empty());
  CHECK(row("db1 80 open a#b").name == "a#b");
  CHECK(row("db1\t80  open\r").expected.text() == "open");
}

TEST_CASE("policy line: include", "[tools][policy]") {
  const auto file = [](std::string_view line) {
    const auto read = tcp::parse_policy_line(line);
    REQUIRE(read.has_value());
    return std::get<tcp::policy_include>(*read).file;
  };
  CHECK(file("include dmz.policy") == "dmz.policy");
  CHECK(file("include \"a b.policy\" # c") == "a b.policy");
  CHECK(why("include") == "include takes one file (put a name that holds blanks in quotes)");
  CHECK(why("include a b") == "include takes one file (put a name that holds blanks in quotes)");
  CHECK(why("include \"\"") == "include takes one file (put a name that holds blanks in quotes)");
}

TEST_CASE("policy line: expectations are states, with a reason where it matters", "[tools][policy]") {
  const auto both = row("db1 1 filtered|rejected:admin-prohibited").expected;
  CHECK(both.admits(tcp_state::filtered, reason::no_answer));
  CHECK(both.admits(tcp_state::filtered, reason::connection_timeout));
  CHECK(both.admits(tcp_state::rejected, reason::admin_prohibited));
  CHECK_FALSE(both.admits(tcp_state::rejected, reason::host_unreachable));
  CHECK_FALSE(both.admits(tcp_state::open, reason::syn_ack));
  CHECK(both.text() == "filtered|rejected:admin-prohibited");
  // The wider alternative takes in the narrower, whichever comes first.
  CHECK(row("db1 1 rejected|rejected:port-unreachable").expected.text() == "rejected");
  CHECK(row("db1 1 rejected:port-unreachable|rejected").expected.text() == "rejected");
  for (const auto* state : {"open", "closed", "filtered", "rejected", "unreachable", "error"})
    CHECK(row(std::string{"db1 1 "} + state).expected.text() == state);
}

TEST_CASE("policy line: expectations contradict when no outcome suits both", "[tools][policy]") {
  const auto of = [](std::string_view text) { return *tcp::parse_expectation(text); };
  CHECK(of("open").contradicts(of("closed")));
  CHECK(of("open").contradicts(of("filtered|rejected")));
  CHECK_FALSE(of("open|closed").contradicts(of("closed|filtered")));
  CHECK_FALSE(of("rejected").contradicts(of("rejected:admin-prohibited")));
  CHECK(of("rejected:host-unreachable").contradicts(of("rejected:admin-prohibited")));
}

TEST_CASE("policy line: a reason stands with the states that it can give", "[tools][policy]") {
  for (const auto* word : {"net-unreachable", "host-unreachable", "fragmentation-needed", "packet-too-big",
                           "hop-limit-exceeded", "reassembly-time-exceeded", "parameter-problem"}) {
    CAPTURE(word);
    CHECK(tcp::parse_expectation("unreachable:" + std::string{word}).has_value());
  }
  for (const auto* word : {"net-unreachable", "host-unreachable", "port-unreachable", "admin-prohibited",
                           "route-rejected", "unreachable"}) {
    CAPTURE(word);
    CHECK(tcp::parse_expectation("rejected:" + std::string{word}).has_value());
  }
  for (const auto* text :
       {"rejected:fragmentation-needed", "rejected:packet-too-big", "rejected:hop-limit-exceeded",
        "unreachable:admin-prohibited", "unreachable:no-answer", "unreachable:unreachable"}) {
    CAPTURE(text);
    CHECK_FALSE(tcp::parse_expectation(text).has_value());
  }
}

TEST_CASE("policy line: each error has its sentence and what to do", "[tools][policy]") {
  constexpr auto states = " (one of open, closed, filtered, rejected, unreachable, error)";
  CHECK(why("db1") == "PORTS is missing (write TARGET PORTS EXPECTATION [NAME])");
  CHECK(why("db1 80") == "EXPECTATION is missing (write TARGET PORTS EXPECTATION [NAME])");
  CHECK(why("db1 80 open web server") == "more than four words (put a NAME that holds blanks in quotes)");
  CHECK(why("db1 80 opne") == "unknown expectation \"opne\"" + std::string{states});
  CHECK(why("db1 80 OPEN") == "unknown expectation \"OPEN\"" + std::string{states});
  CHECK(why("db1 80 open|") == "an expectation is empty" + std::string{states});
  CHECK(why("db1 80 |open") == "an expectation is empty" + std::string{states});
  CHECK(why("db1 80 open:reset") ==
        "no port is open for the reason \"reset\" (one of syn-ack, syn-ack-by-device)");
  CHECK(why("db1 80 closed:") ==
        "no port is closed for the reason \"\" (one of reset, reset-by-device, unfiltered)");
  CHECK(why("db1 80 rejected:no-such-word")
            .starts_with("no port is rejected for the reason \"no-such-word\" (one of net-unreachable, "
                         "host-unreachable,"));
  CHECK(why("db1 0 open") == "ports \"0\": port 0: must be 1..65535");
  CHECK(why("db1 80,, open") == "ports \"80,,\": an item of the list is empty");
  CHECK(why("db1 90-80 open") == "ports \"90-80\": the range \"90-80\" ends before it begins");
  CHECK(why("\"db1\" 80 open") ==
        "TARGET stands in quotes (write TARGET PORTS EXPECTATION [NAME], with quotes around NAME alone)");
  CHECK(
      why("db1 80 \"open\"") ==
      "EXPECTATION stands in quotes (write TARGET PORTS EXPECTATION [NAME], with quotes around NAME alone)");
  CHECK(why("db1 80 open \"web") == "the quote is not closed (end it with \")");
  CHECK(why("db1 80 open \"web\\") == "the quote is not closed (end it with \")");
  CHECK(why("db1 80 open \"web\"x") ==
        "a blank must follow the closing quote (write \\\" for a quote inside)");
  CHECK(why("db1 80 open \"a\\n\"") == "unknown escape \"\\n\" in the quotes (only \\\" and \\\\ are known)");
  CHECK(why(std::string{"db1 80 open a\0b", 15}) == "the line holds a NUL octet (take it out)");
}

TEST_CASE("policy line: 1,024 octets are taken, one more is not", "[tools][policy]") {
  const std::string start = "db1 80 open ";
  const auto longest = start + std::string(tcp::longest_policy_line - start.size(), 'n');
  CHECK(row(longest).name.size() == tcp::longest_policy_line - start.size());
  CHECK(why(longest + 'n') == "the line is longer than 1024 octets (use more rows, or a shorter name)");
}

TEST_CASE("policy line: hostile octets reach no terminal", "[tools][policy]") {
  CHECK(why("db1 80 \x1b[2J") ==
        "unknown expectation \"\\x1b[2J\" (one of open, closed, filtered, rejected, unreachable, error)");
  CHECK(why("db1 \xff\xfe open").find('\xff') == std::string::npos);
  // In a name they are kept as they are: reports escape them.
  CHECK(row("db1 80 open \"\x1b[2J\"").name == "\x1b[2J");
}

TEST_CASE("policy line: a quoted name reads back", "[tools][policy]") {
  for (const std::string name : {"plain", "with blank", R"(a "b" \c)", "# no comment", "\\"}) {
    std::string line = "db1 80 open ";
    tcp::append_quoted(line, name);
    CHECK(row(line).name == name);
  }
}
