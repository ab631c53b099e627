// Text inside XML 1.0 and HTML.
#pragma once

#include <string>
#include <string_view>

namespace diag::report {

/// For text and for attributes, in XML 1.0 and HTML alike. `text` holds no control characters: safe_text()
/// has seen to that where it came in.
std::string markup(std::string_view text);

}  // namespace diag::report
