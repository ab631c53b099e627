# Warnings, hardening, sanitizers and ccache: everything that is said to the compiler and not about a target.
find_program(DIAG_CCACHE ccache)
if(DIAG_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DIAG_CCACHE})
endif()

add_library(diag_flags INTERFACE)
target_compile_options(diag_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wformat=2 -Wundef -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(diag_flags INTERFACE -Wuseless-cast -Wduplicated-cond -Wlogical-op -fstack-clash-protection)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps and overruns inside std::string and std::vector that are not there (GCC bugs 105651, 105329).
  target_compile_options(diag_flags INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(DIAG_WERROR)
  target_compile_options(diag_flags INTERFACE -Werror)
endif()
target_include_directories(diag_flags INTERFACE ${PROJECT_SOURCE_DIR})

# -O3 clones fmt's formatters into every user and doubles the pages a one-shot run touches; speed does not notice.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(diag_flags INTERFACE -ffunction-sections -fdata-sections -fno-math-errno)
  target_link_options(diag_flags INTERFACE -Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro,-z,now -s)
  target_compile_options(diag_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS)
endif()
if(DIAG_SANITIZE)
  target_compile_options(diag_flags INTERFACE -fsanitize=${DIAG_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(diag_flags INTERFACE -fsanitize=${DIAG_SANITIZE})
else()
  # The tools are started thousands of times by health checks: without libstdc++ to relocate they start 0.4 ms sooner.
  set(DIAG_STATIC_RUNTIME -static-libstdc++ -static-libgcc)
endif()
if(DIAG_FUZZ)
  # The libraries must be instrumented too, or libFuzzer sees no coverage but the target's own file.
  target_compile_options(diag_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(DIAG_COVERAGE)
  target_compile_options(diag_flags INTERFACE --coverage -O0)
  target_link_options(diag_flags INTERFACE --coverage)
endif()
if(DIAG_TIDY)
  find_program(DIAG_CLANG_TIDY clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${DIAG_CLANG_TIDY} --warnings-as-errors=*)
endif()
