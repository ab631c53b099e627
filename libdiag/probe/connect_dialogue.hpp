// The talk on a connection that stands (--banner, --data): hear a first line, or ask for one, then say
// goodbye and see how the peer does.
//
// The peer is a stranger: it may say nothing, drip an octet a second or pour for ever. What is kept, what is
// read and thrown away, and the time all have their bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/tcp_event.hpp"

namespace diag::probe {

struct dialogue_config {
  bool banner = false;     ///< ask for something (HTTP HEAD) when nothing was said for `banner_wait`
  byte_view data{};        ///< said first, borrowed for the dialogue's life; empty: nothing
  duration banner_wait{};  ///< after the connection opened
  duration timeout{};      ///< of the whole dialogue, from the open
};

/// A machine within a machine: told what the stream does, asked for moves until `over()`.
class connect_dialogue {
 public:
  static constexpr std::size_t most_kept = 4096;
  static constexpr std::size_t most_ignored = 65536;  ///< after our FIN
  static constexpr duration goodbye_wait = 500ms;     ///< for the peer's FIN or RST to our FIN

  connect_dialogue(const dialogue_config& config, mono_time opened);

  void heard(mono_time at, byte_view octets);
  /// The peer ended it. By reset, the host has let go of the stream; otherwise a `release` move follows.
  void closed(mono_time at, stream_closed::manner how);
  /// Time has passed; does nothing before deadline().
  void woke(mono_time now);

  enum class move : std::uint8_t {
    write,    ///< words()
    finish,   ///< our FIN
    release,  ///< the last one
  };
  /// First in, first out; nullopt: nothing to do for now.
  std::optional<move> next_move();
  /// Borrowed: the configured data, or a literal.
  [[nodiscard]] byte_view words() const;
  [[nodiscard]] mono_time deadline() const { return wake_; }
  [[nodiscard]] bool over() const { return stage_ == stage::over; }
  /// As far as it got: `how` is none before it is over.
  [[nodiscard]] const tcp_dialogue& account() const { return account_; }
  /// reset_after_open or closed_after_open, where the peer ended it without a word.
  [[nodiscard]] tcp_oddities odd() const;

 private:
  enum class stage : std::uint8_t { listening, leaving, over };
  [[nodiscard]] std::optional<std::size_t> line_end(std::size_t searched) const;
  void say_goodbye(mono_time at);
  void end(mono_time at, tcp_dialogue::ending how, bool stream_lives = true);

  dialogue_config config_;
  mono_time opened_;
  mono_time limit_;
  mono_time wake_;
  stage stage_ = stage::listening;
  bool write_due_ = false;
  bool finish_due_ = false;
  bool release_due_ = false;
  std::size_t ignored_ = 0;
  tcp_dialogue account_;
};

}  // namespace diag::probe
