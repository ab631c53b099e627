# What the project stands on. The Debian package of each is in cmake/packages/build.txt.
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)

# Header-only, so that no library is loaded for it; without long double, which nobody prints here and which alone
# would bring libm in.
add_library(diag_fmt INTERFACE)
target_link_libraries(diag_fmt INTERFACE fmt::fmt-header-only)
target_compile_definitions(diag_fmt INTERFACE FMT_USE_LONG_DOUBLE=0)

# libnet ships no CMake or pkg-config file on Debian 12. The archive is preferred: one shared library less to load.
find_path(LIBNET_INCLUDE_DIR libnet.h REQUIRED)
find_library(LIBNET_LIBRARY NAMES libnet.a net REQUIRED)
add_library(diag_libnet INTERFACE)
target_include_directories(diag_libnet SYSTEM INTERFACE ${LIBNET_INCLUDE_DIR})
target_link_libraries(diag_libnet INTERFACE ${LIBNET_LIBRARY})

# libpcap is compiled against and loaded at run time, when a capture is asked for (libdiag/io/capture.cpp).
find_path(PCAP_INCLUDE_DIR pcap/pcap.h REQUIRED)
find_path(MNL_INCLUDE_DIR libmnl/libmnl.h REQUIRED)
find_library(MNL_LIBRARY NAMES libmnl.a mnl REQUIRED)
find_path(NCURSES_INCLUDE_DIR ncurses.h REQUIRED)
find_path(MAXMINDDB_INCLUDE_DIR maxminddb.h REQUIRED)
