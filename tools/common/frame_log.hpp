// --packets and --pcap: every frame of ours, as a line and in a file.
#pragma once

#include <optional>
#include <string>

#include "libdiag/io/capture.hpp"
#include "libdiag/report/output_file.hpp"
#include "libdiag/report/packets.hpp"
#include "libdiag/report/pcap_writer.hpp"

namespace diag::tools {

class frame_log {
 public:
  /// Creates the file, if one is asked for. Called after privileges are dropped, so the file is one that the
  /// user may write.
  /// `lines`: --packets; `pcap`: the file of --pcap, empty for none.
  static result<frame_log> open(bool lines, const std::string& pcap, io::link_type link, report::output& out);

  void begin();
  void take(const io::frame& one);
  /// The failure, if a frame was lost on its way into the file.
  std::optional<failure> close();

 private:
  frame_log(bool lines, io::link_type link, report::output& out) : lines_{lines}, link_{link}, out_{&out} {}

  bool lines_;
  io::link_type link_;
  report::output* out_;
  std::optional<report::output_file> file_{};
  std::optional<report::pcap_writer> writer_{};
  report::packet_lines printer_{};
  std::string line_;
};

}  // namespace diag::tools
