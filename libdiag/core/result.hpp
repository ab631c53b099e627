// result<T, E>: a value or the reason why there is none. boost::system::result, because C++20 has no
// std::expected.
#pragma once

#include <boost/system/result.hpp>

#include "libdiag/core/error.hpp"

namespace diag {

/// Taking the value of an error is a broken contract (the program ends): test with `if (!r)` and read
/// `r.error()`.
template <class T, class E = failure>
using result = boost::system::result<T, E>;

}  // namespace diag
