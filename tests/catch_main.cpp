// The one translation unit that holds Catch2's own main when Catch2 does not bring it as a library.
#ifndef DIAG_CATCH2_V3
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
