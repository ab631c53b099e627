// Elements as text.
#include "libdiag/report/svg_shapes.hpp"

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/markup.hpp"

namespace diag::report::svg {
namespace {

constexpr std::size_t longest_caption = 120;

}  // namespace

std::string shortened(std::string_view text, std::size_t most) {
  auto safe = safe_text(text);
  if (safe.size() <= most) return safe;
  std::size_t end = most - 3;
  while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xC0) == 0x80) --end;
  return safe.substr(0, end) + "...";
}

std::string text_at(double x, double y, std::string_view anchor, int size, std::string_view colour,
                    std::string_view words, std::string_view more) {
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"{}\"{}>{}</text>\n", x, y,
      anchor, size, colour, more, markup(words));
}

std::string line(double x1, double y1, double x2, double y2, std::string_view colour, std::string_view more) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"{}/>\n", x1,
                     y1, x2, y2, colour, more);
}

std::string box(double x, double y, double wide, double high, std::string_view colour,
                std::string_view more) {
  return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"{}/>\n",
                     x, y, wide, high, colour, more);
}

std::string dot(double x, double y, double radius, std::string_view colour) {
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"/>\n", x, y, radius, colour);
}

std::string ring(double x, double y, double radius, std::string_view colour) {
  return fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"1.5\"/>\n",
      x, y, radius, colour);
}

std::string sheet(double width, double height, double right, std::string_view caption,
                  std::string_view body) {
  const auto foot = shortened(caption, longest_caption);
  auto out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, sans-serif\">\n"
      "<title>{2}</title>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
      width, height, markup(foot));
  out += body;
  out += text_at(right, height - 12, "end", 11, faint, foot);
  return out + "</svg>\n";
}

}  // namespace diag::report::svg
