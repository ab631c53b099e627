// Listening, leaving, over: each stage has one deadline and is left once. HTTP/1.0: RFC 1945 §8.2.
#include "libdiag/probe/connect_dialogue.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace diag::probe {

namespace {

// What any web server answers with a header and no body, and what most other services answer with an error.
constexpr std::string_view head_request = "HEAD / HTTP/1.0\r\n\r\n";
constexpr std::string_view http_answer = "HTTP/";

bool begins_with(byte_view octets, std::string_view text) {
  return octets.size() >= text.size() && std::ranges::equal(octets.first(text.size()), as_bytes(text));
}

}  // namespace

connect_dialogue::connect_dialogue(const dialogue_config& config, mono_time opened)
    : config_{config}, opened_{opened}, limit_{opened + config.timeout}, wake_{limit_} {
  if (!config_.data.empty()) {
    write_due_ = account_.asked = true;
  } else if (config_.banner) {
    wake_ = std::min(limit_, opened + config_.banner_wait);
  }
}

void connect_dialogue::heard(mono_time at, byte_view octets) {
  if (stage_ == stage::over || octets.empty()) return;
  if (stage_ == stage::leaving) {
    // A peer that pours on after our FIN does not tell us how it closes: its octets are not read for ever.
    ignored_ += octets.size();
    if (ignored_ > most_ignored) end(at, tcp_dialogue::ending::enough);
    return;
  }
  auto& kept = account_.received;
  const auto before = kept.size();
  if (before == 0) {
    account_.first_octet = std::max(at - opened_, duration{0});
    wake_ = limit_;  // it speaks first: no question is needed
  }
  const auto taken = octets.first(std::min(octets.size(), most_kept - before));
  kept.insert(kept.end(), taken.begin(), taken.end());
  if (const auto size = line_end(before)) {
    kept.resize(*size);
    say_goodbye(at);
  } else if (kept.size() == most_kept) {
    end(at, tcp_dialogue::ending::enough);
  }
}

std::optional<std::size_t> connect_dialogue::line_end(std::size_t searched) const {
  constexpr auto lf = std::byte{'\n'};
  const byte_view kept = account_.received;
  // RFC 1945 §6: a header goes on to the first empty line; servers that end lines with a bare LF are read
  // too.
  const auto whole_header = account_.asked && begins_with(kept, http_answer);
  for (auto at = searched; at < kept.size(); ++at) {
    if (kept[at] != lf) continue;
    if (!whole_header) return at + 1;
    const auto empty =
        at >= 1 && (kept[at - 1] == lf || (at >= 2 && kept[at - 1] == std::byte{'\r'} && kept[at - 2] == lf));
    if (empty) return at + 1;
  }
  return std::nullopt;
}

void connect_dialogue::closed(mono_time at, stream_closed::manner how) {
  if (stage_ == stage::over) return;
  switch (how) {
    case stream_closed::manner::finished:
      return end(at, tcp_dialogue::ending::fin);
    case stream_closed::manner::reset:
      return end(at, tcp_dialogue::ending::reset, false);
    case stream_closed::manner::failed:  // the kernel gave up: neither FIN nor RST came
      return end(at, tcp_dialogue::ending::timeout);
  }
}

void connect_dialogue::woke(mono_time now) {
  if (stage_ == stage::over || now < wake_) return;
  if (stage_ == stage::listening && now < limit_) {
    write_due_ = account_.asked = true;
    wake_ = limit_;
    return;
  }
  end(now, tcp_dialogue::ending::timeout);
}

void connect_dialogue::say_goodbye(mono_time at) {
  stage_ = stage::leaving;
  finish_due_ = true;
  wake_ = std::min(limit_, at + goodbye_wait);
}

void connect_dialogue::end(mono_time at, tcp_dialogue::ending how, bool stream_lives) {
  stage_ = stage::over;
  account_.how = how;
  account_.ended_after = std::max(at - opened_, duration{0});
  write_due_ = finish_due_ = false;
  release_due_ = stream_lives;
}

std::optional<connect_dialogue::move> connect_dialogue::next_move() {
  if (std::exchange(write_due_, false)) return move::write;
  if (std::exchange(finish_due_, false)) return move::finish;
  if (std::exchange(release_due_, false)) return move::release;
  return std::nullopt;
}

byte_view connect_dialogue::words() const {
  return config_.data.empty() ? as_bytes(head_request) : config_.data;
}

tcp_oddities connect_dialogue::odd() const {
  if (!account_.received.empty()) return 0;
  if (account_.how == tcp_dialogue::ending::reset) return tcp_oddities{} | tcp_oddity::reset_after_open;
  if (account_.how == tcp_dialogue::ending::fin) return tcp_oddities{} | tcp_oddity::closed_after_open;
  return 0;
}

}  // namespace diag::probe
