// Catch2, whichever of its two header layouts is installed (2.13 on Debian 12, 3 later).
#pragma once

#ifdef DIAG_CATCH2_V3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
