// What pictures are made of (SVG 1.1): text, lines, boxes, rings, and the sheet they are drawn on.
// Coordinates are pixels, y downwards.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace diag::report::svg {

inline constexpr std::string_view ink = "#1f2328", faint = "#6a737d", grid = "#e4e7eb", blue = "#1f6fb2",
                                  red = "#d1242f", orange = "#c76b00", purple = "#8250df", green = "#2c7a3f",
                                  slate = "#8c959f", paper = "#ffffff", shade = "#f6f8fa";

/// Text from outside, made safe, of at most `most` octets, cut between two characters of UTF-8.
std::string shortened(std::string_view text, std::size_t most);

/// `words` may hold any markup; what is no character of XML 1.0 must be gone (shortened(), safe_text()).
/// `more` are further attributes with a blank in front.
std::string text_at(double x, double y, std::string_view anchor, int size, std::string_view colour,
                    std::string_view words, std::string_view more = "");
std::string line(double x1, double y1, double x2, double y2, std::string_view colour,
                 std::string_view more = "");
std::string box(double x, double y, double wide, double high, std::string_view colour,
                std::string_view more = "");
std::string dot(double x, double y, double radius, std::string_view colour);
/// Hollow.
std::string ring(double x, double y, double radius, std::string_view colour);

/// The whole file: `body` on a white sheet, its caption at the foot, right-aligned at `right`.
std::string sheet(double width, double height, double right, std::string_view caption, std::string_view body);

}  // namespace diag::report::svg
