// What is said on a connection, and when enough has been heard.
#include "libdiag/probe/connect_dialogue.hpp"

#include "tests/probe/connect_rig.hpp"

using namespace diag;
using namespace diag::probe;
using ending = tcp_dialogue::ending;
using move = connect_dialogue::move;

namespace {

constexpr mono_time opened{1s};

connect_dialogue listening(duration timeout = 5s) {
  return connect_dialogue{{true, {}, 500ms, timeout}, opened};
}
void hear(connect_dialogue& to, duration after, std::string_view text) {
  to.heard(opened + after, as_bytes(text));
}
std::string kept(const connect_dialogue& of) {
  return text_of(of.account().received);
}

}  // namespace

TEST_CASE("dialogue: a first line, our FIN, the peer's FIN", "[probe][tcp]") {
  auto talk = listening();
  CHECK(talk.deadline() == opened + 500ms);
  hear(talk, 20ms, "SSH-2.0-x\r\nmore");
  CHECK(talk.next_move() == move::finish);
  CHECK(talk.deadline() == opened + 520ms);
  talk.closed(opened + 30ms, stream_closed::manner::finished);
  CHECK(talk.next_move() == move::release);
  CHECK_FALSE(talk.next_move());
  REQUIRE(talk.over());
  CHECK(kept(talk) == "SSH-2.0-x\r\n");
  CHECK(talk.account().how == ending::fin);
  CHECK(talk.account().first_octet == duration{20ms});
  CHECK(talk.account().ended_after == duration{30ms});
  CHECK_FALSE(talk.account().asked);
  CHECK(talk.odd() == 0);
}

TEST_CASE("dialogue: a line in pieces, ended by LF alone", "[probe][tcp]") {
  auto talk = listening();
  hear(talk, 1ms, "+OK");
  CHECK(talk.deadline() == opened + 5s);
  hear(talk, 2ms, " ready");
  CHECK_FALSE(talk.next_move());
  hear(talk, 3ms, "\n");
  CHECK(talk.next_move() == move::finish);
  CHECK(kept(talk) == "+OK ready\n");
  CHECK(talk.account().first_octet == duration{1ms});
}

TEST_CASE("dialogue: silence is asked, and the whole HTTP header is read", "[probe][tcp]") {
  auto talk = listening();
  talk.woke(opened + 499ms);
  CHECK_FALSE(talk.next_move());
  talk.woke(opened + 500ms);
  CHECK(talk.next_move() == move::write);
  CHECK(text_of(talk.words()) == "HEAD / HTTP/1.0\r\n\r\n");
  hear(talk, 600ms, "HTTP/1.0 200 OK\r\nServer: x\r\n");
  CHECK_FALSE(talk.next_move());
  hear(talk, 610ms, "\r\n<html>");
  CHECK(talk.next_move() == move::finish);
  CHECK(kept(talk) == "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n");
  CHECK(talk.account().asked);
}

TEST_CASE("dialogue: an HTTP header with bare line feeds ends too", "[probe][tcp]") {
  connect_dialogue talk{{false, as_bytes("GET / HTTP/1.0\n\n"), 500ms, 5s}, opened};
  CHECK(talk.next_move() == move::write);
  CHECK(text_of(talk.words()) == "GET / HTTP/1.0\n\n");
  hear(talk, 1ms, "HTTP/1.1 404 no\nA: b\n\nbody\n");
  CHECK(kept(talk) == "HTTP/1.1 404 no\nA: b\n\n");
}

TEST_CASE("dialogue: other answers to our question are one line", "[probe][tcp]") {
  auto talk = listening();
  talk.woke(opened + 500ms);
  hear(talk, 600ms, "500 what?\r\nHTTP/1.0\r\n");
  CHECK(kept(talk) == "500 what?\r\n");
}

TEST_CASE("dialogue: --data speaks first and asks nothing more", "[probe][tcp]") {
  connect_dialogue talk{{true, as_bytes("EHLO x\r\n"), 500ms, 2s}, opened};
  CHECK(talk.next_move() == move::write);
  CHECK(talk.deadline() == opened + 2s);
  CHECK(talk.account().asked);
  talk.woke(opened + 2s);
  CHECK(talk.next_move() == move::release);
  CHECK(talk.account().how == ending::timeout);
}

TEST_CASE("dialogue: a tarpit is silent until the timeout", "[probe][tcp]") {
  auto talk = listening(1s);
  talk.woke(opened + 500ms);
  CHECK(talk.next_move() == move::write);
  talk.woke(opened + 1s);
  CHECK(talk.next_move() == move::release);
  REQUIRE(talk.over());
  CHECK(talk.account().how == ending::timeout);
  CHECK(talk.account().ended_after == duration{1s});
  CHECK_FALSE(talk.account().first_octet);
  CHECK(talk.odd() == 0);
}

TEST_CASE("dialogue: a timeout shorter than the wait leaves no time to ask", "[probe][tcp]") {
  auto talk = listening(200ms);
  CHECK(talk.deadline() == opened + 200ms);
  talk.woke(opened + 200ms);
  CHECK(talk.next_move() == move::release);
  CHECK_FALSE(talk.account().asked);
}

TEST_CASE("dialogue: an octet a second meets the timeout, not its own end", "[probe][tcp]") {
  auto talk = listening(3s);
  for (int second = 0; second < 3; ++second) {
    hear(talk, second * 1s, "x");
    CHECK(talk.deadline() == opened + 3s);
  }
  talk.woke(opened + 3s);
  CHECK(kept(talk) == "xxx");
  CHECK(talk.account().how == ending::timeout);
  CHECK_FALSE(talk.account().asked);
}

TEST_CASE("dialogue: a banner without end is kept to 4,096 octets and left", "[probe][tcp]") {
  auto talk = listening();
  const std::string flood(3000, 'a');
  hear(talk, 1ms, flood);
  CHECK_FALSE(talk.over());
  hear(talk, 2ms, flood);
  REQUIRE(talk.over());
  CHECK(talk.account().received.size() == 4096);
  CHECK(talk.account().how == ending::enough);
  CHECK(talk.next_move() == move::release);
}

TEST_CASE("dialogue: who pours on after our FIN is left", "[probe][tcp]") {
  auto talk = listening();
  hear(talk, 1ms, "hello\n");
  const std::string flood(16384, 'a');
  int reads = 0;
  for (; reads < 100 && !talk.over(); ++reads) hear(talk, 2ms, flood);
  CHECK(reads == 5);
  CHECK(talk.account().how == ending::enough);
  CHECK(kept(talk) == "hello\n");
}

TEST_CASE("dialogue: who ignores our FIN is waited for half a second", "[probe][tcp]") {
  auto talk = listening();
  hear(talk, 100ms, "hello\n");
  CHECK(talk.next_move() == move::finish);
  talk.woke(opened + 600ms);
  CHECK(talk.next_move() == move::release);
  CHECK(talk.account().how == ending::timeout);
  CHECK(kept(talk) == "hello\n");
}

TEST_CASE("dialogue: closed before a word is said so", "[probe][tcp]") {
  auto finished = listening();
  finished.closed(opened + 1ms, stream_closed::manner::finished);
  CHECK(finished.account().how == ending::fin);
  CHECK(has(finished.odd(), tcp_oddity::closed_after_open));
  CHECK(finished.next_move() == move::release);

  auto reset = listening();
  reset.closed(opened + 1ms, stream_closed::manner::reset);
  CHECK(reset.account().how == ending::reset);
  CHECK(has(reset.odd(), tcp_oddity::reset_after_open));
  CHECK_FALSE(reset.next_move());  // the host has let go of it
}

TEST_CASE("dialogue: a reset after a word is an ending, and nothing odd", "[probe][tcp]") {
  auto talk = listening();
  hear(talk, 1ms, "x");
  talk.closed(opened + 2ms, stream_closed::manner::reset);
  CHECK(talk.account().how == ending::reset);
  CHECK(talk.odd() == 0);
}

TEST_CASE("dialogue: when it is over nothing changes it", "[probe][tcp]") {
  auto talk = listening();
  talk.closed(opened + 1ms, stream_closed::manner::failed);
  CHECK(talk.account().how == ending::timeout);
  CHECK(talk.next_move() == move::release);
  hear(talk, 2ms, "late\n");
  talk.closed(opened + 3ms, stream_closed::manner::reset);
  talk.woke(opened + 1h);
  CHECK_FALSE(talk.next_move());
  CHECK(talk.account().received.empty());
  CHECK(talk.account().how == ending::timeout);
}
