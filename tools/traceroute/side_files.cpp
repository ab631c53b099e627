// Files in, files out.
#include "tools/traceroute/side_files.hpp"

#include <algorithm>

#include "libdiag/probe/path_findings.hpp"
#include "libdiag/report/time_text.hpp"
#include "tools/traceroute/dot.hpp"
#include "tools/traceroute/path_plot.hpp"
#include "tools/traceroute/text_lines.hpp"

namespace diag::traceroute {
namespace {

std::string title_of(const stage& on, std::uint32_t path) {
  const auto& address = on.paths[path].address;
  const auto name = on.names.name_of(address);
  return name.empty() ? to_string(address) : std::string{name} + " (" + to_string(address) + ')';
}

std::string caption_of(const stage& on) {
  return "diag-traceroute, " + (on.paths.empty() ? std::string{} : probe_words(on.paths.front()) + ", ") +
         report::time_text(on.wall_of(on.began));
}

result<void> create(std::optional<report::output_file>& place, const std::string& path) {
  if (path.empty()) return {};
  auto file = report::output_file::create(path);
  if (!file) return file.error();
  place.emplace(std::move(*file));
  return {};
}

}  // namespace

result<void> side_files::open(const trace_options& options, std::size_t targets) {
  if (options.as_numbers) {
    auto table = asn_table::open(options.asn_file);
    if (!table) return table.error();
    origins_.emplace(std::move(*table));
  }
  if (!options.plot.empty() && targets > most_plotted_paths)
    return failure{{}, "draw", options.plot, "more than 256 targets", "leave --plot out, or use --json"};
  if (auto made = create(dot_, options.dot); !made) return made;
  if (auto made = create(plot_, options.plot); !made) return made;
  if (options.save.empty()) return {};
  auto file = baseline_file::open(options.save);
  if (!file) return file.error();
  saved_.emplace(std::move(*file));
  return {};
}

void side_files::take(const probe::traced_path& path, const stage& on) {
  if (saved_) saved_->take(path, on.label(path.end.target));
  if (dot_)
    drawn_.push_back({title_of(on, path.end.target),
                      std::make_shared<const probe::path_graph>(probe::graph_of(path.target, path.rows))});
  if (plot_) plotted_.push_back(path);
}

void side_files::take(const probe::multipath& what, const stage& on) {
  if (dot_) drawn_.push_back({title_of(on, what.target), what.graph});
}

void side_files::take(const probe::rounds_course& course, const stage& on) {
  if (!plot_) return;
  std::vector<plotted_report> all;
  for (std::uint32_t i = 0; i < on.paths.size(); ++i) all.push_back({title_of(on, i), course.hops(i)});
  picture_ = report_plot(all, on.labels, caption_of(on));
}

std::vector<failure> side_files::close(const stage& on) {
  std::vector<failure> troubles;
  const auto told = [&troubles](std::optional<failure> trouble) {
    if (trouble) troubles.push_back(std::move(*trouble));
  };
  if (saved_) told(saved_->close(on.wall_of(on.began)));
  if (dot_) {
    std::vector<drawn_path> all;
    for (const auto& one : drawn_) all.push_back({one.title, one.graph.get()});
    dot_->out().write(dot_text(all, on.labels));
    told(dot_->close());
  }
  if (plot_) {
    std::sort(plotted_.begin(), plotted_.end(),
              [](const auto& a, const auto& b) { return a.end.target < b.end.target; });
    std::vector<plotted_trace> all;
    for (const auto& one : plotted_) all.push_back({title_of(on, one.end.target), &one});
    plot_->out().write(picture_.empty() ? trace_plot(all, on.labels, caption_of(on)) : picture_);
    told(plot_->close());
  }
  return troubles;
}

std::vector<std::string> path_difference::sentences() const {
  if (!listed) return {"the file of --expect does not have this target"};
  std::vector<std::string> all;
  for (const auto& one : what.changes) all.push_back(change_sentence(one));
  if (what.expected_reached != what.reached)
    all.emplace_back(what.reached ? "expected not to be reached, and it is" : "expected to be reached");
  return all;
}

std::optional<path_difference> difference(const path_baseline* expected, const probe::traced_path& path) {
  if (expected == nullptr) return std::nullopt;
  const auto* known = expected->find(path.target.address);
  if (known == nullptr) return path_difference{false, {}};
  auto compared = compare(*known, known_path_of(path));
  if (compared.same()) return std::nullopt;
  return path_difference{true, std::move(compared)};
}

}  // namespace diag::traceroute
