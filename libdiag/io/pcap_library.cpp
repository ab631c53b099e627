// dlopen(3) of libpcap under the names the distributions give it.
#include "libdiag/io/pcap_library.hpp"

#include <dlfcn.h>

namespace diag::io {
namespace {

class symbol_finder {
 public:
  explicit symbol_finder(void* library) : library_{library} {}

  template <class Function>
  void find(Function& into, const char* name) {
    into = reinterpret_cast<Function>(::dlsym(library_, name));  // POSIX promises that this works
    if (into == nullptr && missing_ == nullptr) missing_ = name;
  }
  [[nodiscard]] const char* missing() const { return missing_; }

 private:
  void* library_;
  const char* missing_ = nullptr;
};

failure cannot_load(std::string why) {
  failure what;
  what.operation = "load";
  what.subject = "libpcap";
  what.why = std::move(why);
  what.hint = "capturing needs it: apt install libpcap0.8";
  return what;
}

}  // namespace

result<pcap_library> load_pcap() {
  void* handle = nullptr;
  for (const char* name : {"libpcap.so.0.8", "libpcap.so.1"})
    if (handle == nullptr) handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return cannot_load("not installed");
  symbol_finder symbols{handle};
  pcap_library out;
  symbols.find(out.create, "pcap_create");
  symbols.find(out.close, "pcap_close");
  symbols.find(out.activate, "pcap_activate");
  symbols.find(out.set_snaplen, "pcap_set_snaplen");
  symbols.find(out.set_immediate_mode, "pcap_set_immediate_mode");
  symbols.find(out.set_buffer_size, "pcap_set_buffer_size");
  symbols.find(out.set_tstamp_precision, "pcap_set_tstamp_precision");
  symbols.find(out.set_datalink, "pcap_set_datalink");
  symbols.find(out.setnonblock, "pcap_setnonblock");
  symbols.find(out.datalink, "pcap_datalink");
  symbols.find(out.compile, "pcap_compile");
  symbols.find(out.setfilter, "pcap_setfilter");
  symbols.find(out.freecode, "pcap_freecode");
  symbols.find(out.dispatch, "pcap_dispatch");
  symbols.find(out.stats, "pcap_stats");
  symbols.find(out.get_selectable_fd, "pcap_get_selectable_fd");
  symbols.find(out.geterr, "pcap_geterr");
  symbols.find(out.statustostr, "pcap_statustostr");
  if (symbols.missing() != nullptr) return cannot_load(std::string{"too old: has no "} + symbols.missing());
  return out;
}

}  // namespace diag::io
