// Frames to lines and to a capture file.
#include "tools/common/frame_log.hpp"

#include "libdiag/wire/dissect.hpp"

namespace diag::tools {
namespace {

wire::link_type wire_link(io::link_type link) {
  switch (link) {
    case io::link_type::linux_sll2:
      return wire::link_type::linux_sll2;
    case io::link_type::raw_ip:
      return wire::link_type::raw_ip;
    case io::link_type::ethernet:
      break;
  }
  return wire::link_type::ethernet;
}

}  // namespace

result<frame_log> frame_log::open(bool lines, const std::string& pcap, io::link_type link,
                                  report::output& out) {
  frame_log made{lines, link, out};
  if (pcap.empty()) return made;
  auto file = report::output_file::create(pcap);
  if (!file) return file.error();
  made.file_.emplace(std::move(*file));
  // The writer borrows the file's output, which lives on the heap and survives the move.
  made.writer_.emplace(made.file_->out(), report::pcap_link{static_cast<std::uint32_t>(link)});
  return made;
}

void frame_log::begin() {
  if (!lines_) return;
  line_.clear();
  report::packet_lines::append_header(line_);
  out_->write(line_);
}

void frame_log::take(const io::frame& one) {
  if (writer_) writer_->write(one.wall, one.bytes, one.wire_size);
  if (!lines_) return;
  line_.clear();
  printer_.append(line_, one.wall, one.outgoing, wire::dissect(one.bytes, wire_link(link_)));
  out_->write(line_);
}

std::optional<failure> frame_log::close() {
  return file_ ? file_->close() : std::nullopt;
}

}  // namespace diag::tools
