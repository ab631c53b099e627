// The words of a path's closed lists.
#include "libdiag/probe/path_event.hpp"

namespace diag::probe {

std::string_view describe(path_method method) {
  switch (method) {
    case path_method::udp:
      return "udp";
    case path_method::icmp:
      return "icmp";
    case path_method::tcp_syn:
      return "tcp";
    case path_method::tcp_ack:
      return "tcp-ack";
  }
  return "udp";
}

std::string_view describe(hop_state state) {
  switch (state) {
    case hop_state::silent:
      return "silent";
    case hop_state::time_exceeded:
      return "time-exceeded";
    case hop_state::reached:
      return "reached";
    case hop_state::unreachable:
      return "unreachable";
    case hop_state::error:
      return "error";
  }
  return "error";
}

std::string_view describe(path_stop why) {
  switch (why) {
    case path_stop::reached:
      return "reached";
    case path_stop::unreachable:
      return "unreachable";
    case path_stop::silence:
      return "silence";
    case path_stop::last_hop:
      return "last-hop";
    case path_stop::error:
      return "error";
    case path_stop::interrupted:
      return "interrupted";
  }
  return "error";
}

}  // namespace diag::probe
