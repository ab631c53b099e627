// Each question as a frame to the wanted address alone, whatever the IP or ARP destination is.
#include "libdiag/probe/mac_search_questions.hpp"

namespace diag::probe {

namespace {
constexpr std::uint16_t reverse_request = 3;  // RFC 903
constexpr std::uint16_t inverse_request = 8;  // RFC 2390

bool is_address(const ip_address& address) {
  return address && !address.is_unspecified();
}
}  // namespace

mac_questions::mac_questions(const mac_search_config& config, const target_list& targets)
    : config_{config}, targets_{targets}, question_{config.link}, departures_(remembered) {
  for (const auto& destination : config.broadcasts) {
    // Nobody can answer an echo request from nowhere.
    const auto& from = destination.is_v6() ? config.link.v6 : config.link.v4;
    if (is_address(destination) && is_address(from)) specials_.push_back({mac_evidence::echo, destination});
  }
  echoes_ = specials_.size();
  if (config.inverse) specials_.push_back({mac_evidence::inverse, {}});
  if (config.reverse) specials_.push_back({mac_evidence::reverse, {}});
}

transmit mac_questions::ask(mono_time now) {
  const auto place = asked_ % of_a_pass();
  const auto number = ++asked_;
  departures_[number % remembered] = {number, now, {}, stamp_source::user};
  transmit out;
  out.token = number;
  out.layer = transmit::layer_kind::link;
  out.interface = config_.link.interface;
  // A stamp costs a system call: none where speed is all.
  out.want_stamp = place < specials_.size() || (config_.rate > 0 && !config_.unlimited);
  if (place < specials_.size()) {
    out.destination = specials_[place].destination;
    out.bytes = special_frame(place);
  } else {
    out.destination = targets_.at(place - specials_.size());
    out.bytes = question_.ask(out.destination, config_.wanted);
  }
  return out;
}

byte_view mac_questions::special_frame(std::uint64_t place) {
  const auto& what = specials_[place];
  const auto& link = config_.link;
  if (what.how == mac_evidence::echo) {
    craft::link_echo_fields fields;
    fields.source = what.destination.is_v6() ? link.v6 : link.v4;
    fields.destination = what.destination;
    fields.identifier = config_.identifier;
    // A number of its own in every pass, so that an answer names its question.
    fields.sequence = static_cast<std::uint16_t>((asked_ - 1) / of_a_pass() * echoes_ + place + 1);
    fields.tag = config_.tag;
    frame_ = craft::echo_frame(link.frames, config_.wanted, fields);
    return frame_;
  }
  // RFC 2390 §7, RFC 903: the target hardware address is who is asked about; its protocol address is unknown.
  const auto operation = what.how == mac_evidence::inverse ? inverse_request : reverse_request;
  craft::arp_template question{link.frames, arp_message_from(link, operation)};
  const auto octets = question.stamp(config_.wanted, {}, config_.wanted);
  frame_.assign(octets.begin(), octets.end());
  return frame_;
}

void mac_questions::left(const sent& what) {
  auto& when = departures_[what.token % remembered];
  if (when.number == what.token && what.token != 0) note_departure(when, what.when);
}

bool mac_questions::failed(probe_token number) {
  auto& when = departures_[number % remembered];
  if (number == 0 || when.number != number) return false;
  when = {};
  return true;
}

std::optional<round_trip> mac_questions::time_of(probe_token number, const arrival& answer) const {
  const auto& when = departures_[number % remembered];
  if (number == 0 || when.number != number) return std::nullopt;
  return measure(when.user_sent, {when.kernel_sent, when.kernel_source}, answer);
}

mac_questions::asking mac_questions::look_up(std::uint64_t place, const arrival& answer) const {
  if (asked_ <= place) return {};
  // Answers of ARP and neighbour discovery do not say which question they answer.
  const auto once = asked_ <= of_a_pass() + place;
  return {true, once ? time_of(place + 1, answer) : std::nullopt};
}

mac_questions::asking mac_questions::asked_for(std::uint64_t target, const arrival& answer) const {
  return look_up(specials_.size() + target, answer);
}

mac_questions::asking mac_questions::asked_by(mac_evidence how, const arrival& answer) const {
  for (std::uint64_t place = echoes_; place < specials_.size(); ++place)
    if (specials_[place].how == how) return look_up(place, answer);
  return {};
}

std::optional<mac_questions::asking> mac_questions::echoed(std::uint16_t sequence,
                                                           const arrival& answer) const {
  if (sequence == 0 || echoes_ == 0) return std::nullopt;
  const auto pass = (sequence - 1U) / echoes_;
  const auto number = pass * of_a_pass() + (sequence - 1U) % echoes_ + 1;
  if (number > asked_) return std::nullopt;
  return asking{true, time_of(number, answer)};
}

}  // namespace diag::probe
