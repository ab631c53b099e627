// Lines wait for names, probes do not, and the order stays.
#include "tools/traceroute/patient_view.hpp"

#include <map>

#include "tests/catch.hpp"
#include "tests/tools/traceroute_stage.hpp"

namespace {

using namespace diag;
using namespace diag::traceroute;
using namespace diag::traceroute::test;

class listener final : public view {
 public:
  explicit listener(std::vector<int>& told) : told_{told} {}
  void take(const probe::path_event& event) override {
    if (const auto* row = std::get_if<probe::hop_row>(&event)) told_.push_back(row->hop);
    if (std::holds_alternative<probe::path_end>(event)) told_.push_back(100);
  }
  void end(const ending&) override { told_.push_back(1000); }

 private:
  std::vector<int>& told_;
};

struct desk {
  std::map<std::string, std::string> names{};
  std::vector<std::string> asked{};
  std::vector<int> told{};
  address_labels labels{sources()};
  patient_view shown{std::make_unique<listener>(told), labels};

  label_sources sources() {
    label_sources from;
    from.ask_name = [this](const ip_address& address) { asked.push_back(to_string(address)); };
    from.find_name = [this](const ip_address& address) -> std::optional<std::optional<std::string>> {
      const auto found = names.find(to_string(address));
      if (found == names.end()) return std::nullopt;
      return std::optional{found->second};
    };
    return from;
  }
};

}  // namespace

TEST_CASE("patient view: a row waits for its names, those behind it with it", "[tools][traceroute]") {
  desk here;
  here.shown.take(row_of(1, {answer_from("198.51.100.1", 1ms), answer_from("198.51.100.2", 1ms)}));
  here.shown.take(silent_row(2));
  here.shown.rest(at(1ms));
  CHECK(here.told.empty());
  CHECK(here.asked == std::vector<std::string>{"198.51.100.1", "198.51.100.2"});
  here.names["198.51.100.1"] = "one.example";
  here.shown.rest(at(2ms));
  CHECK(here.told.empty());
  here.names["198.51.100.2"] = "two.example";
  here.shown.rest(at(3ms));
  CHECK(here.told == std::vector<int>{1, 2});
  CHECK_FALSE(here.shown.waits_until().has_value());
}

TEST_CASE("patient view: a row without names in it goes through at once", "[tools][traceroute]") {
  desk here;
  here.shown.take(silent_row(1));
  CHECK(here.told == std::vector<int>{1});
}

TEST_CASE("patient view: nobody waits longer than a second for a name", "[tools][traceroute]") {
  desk here;
  here.shown.take(row_of(1, {answer_from("198.51.100.1", 1ms)}));
  here.shown.rest(at(5ms));
  REQUIRE(here.shown.waits_until().has_value());
  CHECK(*here.shown.waits_until() == at(1005ms));
  here.shown.take(end_of(probe::path_stop::reached, 1));
  here.shown.rest(at(1004ms));
  CHECK(here.told.empty());
  here.shown.rest(at(1005ms));
  CHECK(here.told == std::vector<int>{1, 100});
}

TEST_CASE("patient view: the end comes after all that waited", "[tools][traceroute]") {
  desk here;
  here.shown.take(row_of(1, {answer_from("198.51.100.1", 1ms)}));
  here.shown.end({});
  CHECK(here.told == std::vector<int>{1, 1000});
}

TEST_CASE("patient view: everybody in an event is asked for once", "[tools][traceroute]") {
  auto graph = std::make_shared<probe::path_graph>();
  graph->nodes = {
      {.hop = 1, .address = ip("198.51.100.1")}, {.hop = 2}, {.hop = 2, .address = ip("198.51.100.1")}};
  probe::multipath what;
  what.graph = graph;
  CHECK(addresses_in(what) == std::vector{ip("198.51.100.1")});
  probe::mtu_row row;
  row.answer.from = ip("198.51.100.1");
  row.limited_by = ip("198.51.100.9");
  CHECK(addresses_in(row) == std::vector{ip("198.51.100.1"), ip("198.51.100.9")});
  CHECK(addresses_in(probe::path_end{}).empty());
}
