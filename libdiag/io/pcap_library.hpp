// libpcap, brought in when asked for: dlopen(3) and the functions used, by their own types.
#pragma once

#include <pcap/pcap.h>

#include "libdiag/core/result.hpp"

namespace diag::io {

/// Loaded once and never unloaded: its own libraries may have left threads or exit handlers behind.
struct pcap_library {
  decltype(&::pcap_create) create = nullptr;
  decltype(&::pcap_close) close = nullptr;
  decltype(&::pcap_activate) activate = nullptr;
  decltype(&::pcap_set_snaplen) set_snaplen = nullptr;
  decltype(&::pcap_set_immediate_mode) set_immediate_mode = nullptr;
  decltype(&::pcap_set_buffer_size) set_buffer_size = nullptr;
  decltype(&::pcap_set_tstamp_precision) set_tstamp_precision = nullptr;
  decltype(&::pcap_set_datalink) set_datalink = nullptr;
  decltype(&::pcap_setnonblock) setnonblock = nullptr;
  decltype(&::pcap_datalink) datalink = nullptr;
  decltype(&::pcap_compile) compile = nullptr;
  decltype(&::pcap_setfilter) setfilter = nullptr;
  decltype(&::pcap_freecode) freecode = nullptr;
  decltype(&::pcap_dispatch) dispatch = nullptr;
  decltype(&::pcap_stats) stats = nullptr;
  decltype(&::pcap_get_selectable_fd) get_selectable_fd = nullptr;
  decltype(&::pcap_geterr) geterr = nullptr;
  decltype(&::pcap_statustostr) statustostr = nullptr;
};

/// Fails when the library is not installed, or too old to have all of these (libpcap 1.5).
result<pcap_library> load_pcap();

}  // namespace diag::io
