//! Traces in absolute milliseconds, real modems' transcripts, and a seeded modem that stalls.

use super::*;
use crate::map::Map;
use crate::wire::at::CmeError;

const PROBE: &str = "ATE0V1+CMEE=1;+CMEE?\r";
const PROBE_ANSWER: &str = "\r\n+CMEE: 1\r\n\r\nOK\r\n";

/// A port and what it is told at which millisecond.
struct Trace {
    port: AtPort,
}

impl Trace {
    fn new() -> Self {
        Self { port: AtPort::new() }
    }

    /// A port that is in step at 0 ms.
    fn in_step() -> Self {
        let mut trace = Self::new();
        let id = trace.request(0, "AT", 1000);
        trace.sends(&[PROBE]);
        trace.hears(0, PROBE_ANSWER);
        trace.sends(&["AT\r"]);
        trace.hears(0, "\r\nOK\r\n");
        assert_eq!(trace.reply(id), "OK");
        trace
    }

    fn request(&mut self, ms: u64, line: &str, timeout_ms: u64) -> TransactionId {
        let command = Command::typed(line).unwrap();
        self.port.request(Instant::from_millis(ms), command, Duration::from_millis(timeout_ms))
    }

    fn hears(&mut self, ms: u64, text: &str) {
        self.port.handle_input(Instant::from_millis(ms), text.as_bytes());
    }

    /// Nothing is due before `ms`, `timer` is due then, and it runs.
    fn expires(&mut self, ms: u64, timer: Timer) {
        assert_eq!(self.port.poll_timeout(), Some((Instant::from_millis(ms), timer)));
        self.port.handle_timeout(Instant::from_millis(ms));
    }

    fn sends(&mut self, expected: &[&str]) {
        let sent: Vec<String> = std::iter::from_fn(|| self.port.poll_transmit())
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect();
        assert_eq!(sent, expected);
    }

    fn urcs(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.port.poll_urc()).collect()
    }

    /// The reply in a few words: its lines and final result, or the error.
    fn reply(&mut self, id: TransactionId) -> String {
        match self.port.take_reply(id) {
            None => "nothing yet".to_owned(),
            Some(Ok(reply)) => {
                let mut words = reply.lines;
                words.push(reply.final_text);
                words.join("|")
            }
            Some(Err(error)) => error.to_string(),
        }
    }
}

#[test]
fn nothing_is_sent_before_the_first_request_and_then_a_probe_comes_first() {
    let mut t = Trace::new();
    t.sends(&[]);
    assert_eq!(t.port.poll_timeout(), None);
    let id = t.request(10, "AT+CGMI", 5000);
    t.sends(&[PROBE]);
    t.hears(15, "ATE0V1+CMEE=1;+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
    t.sends(&["AT+CGMI\r"]);
    t.hears(20, "\r\nQuectel\r\n");
    assert_eq!(t.reply(id), "nothing yet");
    t.hears(21, "\r\nOK\r\n");
    assert_eq!(t.reply(id), "Quectel|OK");
    assert_eq!(t.reply(id), "nothing yet", "a reply is taken once");
    assert_eq!(t.port.poll_timeout(), None, "an idle port wakes nobody");
}

#[test]
fn commands_go_out_one_at_a_time_and_in_order() {
    let mut t = Trace::in_step();
    let first = t.request(0, "AT+CGMI", 1000);
    let second = t.request(0, "AT+CGMM", 1000);
    t.sends(&["AT+CGMI\r"]);
    t.hears(1, "\r\nQuectel\r\n\r\nOK\r\n");
    t.sends(&["AT+CGMM\r"]);
    t.hears(2, "\r\n+CME ERROR: 14\r\n");
    assert_eq!(t.reply(first), "Quectel|OK");
    assert_eq!(
        t.port.take_reply(second),
        Some(Err(RequestError::At(AtError::Cme(CmeError::SimBusy))))
    );
}

#[test]
fn a_late_reply_never_reaches_the_next_requester() {
    let mut t = Trace::in_step();
    let slow = t.request(0, "AT+COPS=?", 1000);
    let next = t.request(0, "AT+CGMI", 1000);
    t.sends(&["AT+COPS=?\r"]);
    t.expires(1000, Timer::Reply);
    assert_eq!(t.reply(slow), "no answer in time");
    t.sends(&[PROBE]);
    t.hears(1500, "\r\n+COPS: (2,\"Telekom.de\",,\"26201\",7)\r\n\r\nOK\r\n");
    t.sends(&[]);
    t.hears(1510, PROBE_ANSWER);
    t.sends(&["AT+CGMI\r"]);
    t.hears(1520, "\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(t.reply(next), "Quectel|OK");
}

#[test]
fn a_late_answer_to_one_probe_is_not_taken_for_the_answer_to_another() {
    let mut t = Trace::in_step();
    let slow = t.request(0, "AT+COPS=?", 1000);
    t.sends(&["AT+COPS=?\r"]);
    t.expires(1000, Timer::Reply);
    assert_eq!(t.reply(slow), "no answer in time");
    // The modem is deaf through one round of probes and into the next.
    let lost = t.request(2000, "AT+CGMI", 1000);
    t.sends(&[PROBE]);
    t.expires(5000, Timer::Probe);
    t.sends(&["ATE0V1+GCAP\r"]);
    t.expires(8000, Timer::Probe);
    t.sends(&["ATE0V1+CSQ\r"]);
    t.expires(11_000, Timer::Probe);
    assert_eq!(t.reply(lost), "no answer in time");
    t.sends(&[]);
    let next = t.request(12_000, "AT+CGMM", 1000);
    t.sends(&[PROBE]);
    t.hears(12_500, "\r\n+COPS: (1)\r\n\r\nOK\r\n");
    t.hears(12_501, PROBE_ANSWER);
    t.hears(12_502, "\r\n+GCAP: +CGSM\r\n\r\nOK\r\n\r\n+CSQ: 9,99\r\n\r\nOK\r\n");
    t.sends(&[]);
    t.hears(12_503, PROBE_ANSWER);
    t.sends(&["AT+CGMM\r"]);
    t.hears(12_510, "\r\nEC25\r\n\r\nOK\r\n");
    assert_eq!(t.reply(next), "EC25|OK");
}

#[test]
fn probes_that_a_modem_lost_are_given_up_after_a_second_of_silence() {
    let mut t = Trace::new();
    let lost = t.request(0, "AT+CGMI", 1000);
    t.expires(3000, Timer::Probe);
    t.expires(6000, Timer::Probe);
    t.expires(9000, Timer::Probe);
    assert_eq!(t.reply(lost), "no answer in time");
    let next = t.request(20_000, "AT+CGMI", 1000);
    t.sends(&[PROBE, "ATE0V1+GCAP\r", "ATE0V1+CSQ\r", PROBE]);
    t.hears(20_010, PROBE_ANSWER);
    t.sends(&[]);
    t.expires(21_010, Timer::Probe);
    t.sends(&["AT+CGMI\r"]);
    t.hears(21_020, "\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(t.reply(next), "Quectel|OK");
}

#[test]
fn a_modem_that_refuses_every_probe_is_used_once_it_is_silent() {
    let mut t = Trace::new();
    let id = t.request(0, "AT+CGMI", 1000);
    t.sends(&[PROBE]);
    t.hears(5, "\r\nERROR\r\n");
    t.sends(&["ATE0V1+GCAP\r"]);
    t.hears(10, "\r\nERROR\r\n");
    t.sends(&["ATE0V1+CSQ\r"]);
    t.hears(15, "\r\nERROR\r\n");
    t.sends(&[]);
    t.expires(3010, Timer::Probe);
    t.sends(&["AT+CGMI\r"]);
    t.hears(3020, "\r\nWAVECOM MODEM\r\n\r\nOK\r\n");
    assert_eq!(t.reply(id), "WAVECOM MODEM|OK");
}

#[test]
fn a_probe_never_asks_what_the_late_command_asked() {
    let mut t = Trace::in_step();
    t.request(0, "AT+CMEE?", 1000);
    t.request(0, "AT+CGMI", 1000);
    t.sends(&["AT+CMEE?\r"]);
    t.expires(1000, Timer::Reply);
    t.sends(&["ATE0V1+GCAP\r"]);
    t.hears(1100, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
    t.sends(&[]);
    t.hears(1200, "\r\n+GCAP: +CGSM\r\n\r\nOK\r\n");
    t.sends(&["AT+CGMI\r"]);
}

#[test]
fn unsolicited_codes_inside_a_reply_are_taken_out_of_it() {
    let mut t = Trace::in_step();
    let id = t.request(0, "AT+CGMR", 1000);
    t.hears(1, "\r\n^RSSI:13\r\n\r\nEC25EFA\r\n\r\n+CMTI: \"SM\",3\r\n\r\nOK\r\n\r\nRING\r\n");
    assert_eq!(t.reply(id), "EC25EFA|OK");
    assert_eq!(t.urcs(), ["^RSSI:13", "+CMTI: \"SM\",3", "RING"]);
}

#[test]
fn the_commands_own_name_makes_a_line_part_of_the_reply() {
    let mut t = Trace::in_step();
    let id = t.request(0, "AT+CPIN?", 1000);
    t.hears(1, "\r\n+CPIN: READY\r\n\r\n+CFUN: 1\r\n\r\nOK\r\n");
    assert_eq!(t.reply(id), "+CPIN: READY|OK");
    assert_eq!(t.urcs(), ["+CFUN: 1"]);
}

#[test]
fn a_registration_change_while_registration_is_asked_is_not_the_answer() {
    let mut t = Trace::in_step();
    let id = t.request(0, "AT+CEREG?", 1000);
    t.hears(1, "\r\n+CEREG: 5,\"5A21\",\"1C03E0B\",7\r\n\r\n+CEREG: 2,1\r\n\r\nOK\r\n");
    assert_eq!(t.reply(id), "+CEREG: 2,1|OK");
    assert_eq!(t.urcs(), ["+CEREG: 5,\"5A21\",\"1C03E0B\",7"]);
    let set = t.request(2, "AT+CEREG=2", 1000);
    t.hears(3, "\r\n+CEREG: 2,1\r\n\r\nOK\r\n");
    assert_eq!(t.reply(set), "OK");
    assert_eq!(t.urcs(), ["+CEREG: 2,1"]);
}

#[test]
fn a_message_is_one_code_with_its_pdu() {
    let mut t = Trace::in_step();
    t.hears(1, "\r\n+CMT: ,25\r\n07911326");
    assert_eq!(t.urcs(), Vec::<String>::new());
    t.hears(2, "04000024\r\n");
    assert_eq!(t.urcs(), ["+CMT: ,25\n0791132604000024"]);
    let id = t.request(3, "AT+CGMI", 1000);
    t.hears(4, "\r\n+CMT: ,25\r\n\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(t.urcs(), ["+CMT: ,25"], "what is no PDU is not swallowed");
    assert_eq!(t.reply(id), "Quectel|OK");
}

#[test]
fn a_text_with_line_ends_is_one_code_and_one_that_never_ends_takes_nothing_along() {
    let mut t = Trace::in_step();
    let id = t.request(10, "AT+CSQ", 1000);
    t.hears(20, "\r\n+CUSD: 1,\"Menu\r\nOK\n1) \"Data\" x\r\n\r\n+CREG: 1\",15\r\n");
    t.hears(30, "\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
    assert_eq!(t.reply(id), "+CSQ: 20,99|OK");
    assert_eq!(t.urcs(), ["+CUSD: 1,\"Menu\nOK\n1) \"Data\" x\n+CREG: 1\",15"]);
    t.hears(40, "\r\n+CUSD: 0,\"cut\r\n");
    assert!(t.urcs().is_empty());
    let id = t.request(1_050, "AT+CSQ", 1000);
    t.hears(1_060, "\r\n+CSQ: 21,99\r\n\r\nOK\r\n");
    assert_eq!(t.reply(id), "+CSQ: 21,99|OK");
    assert_eq!(t.urcs(), ["+CUSD: 0,\"cut"]);
    // Nor does one without a bound.
    t.hears(2_000, "\r\n+CUSD: 0,\"");
    t.hears(2_000, &"x\r\n".repeat(2_000));
    assert!(t.urcs().iter().all(|line| line.len() <= 1_030));
}

#[test]
fn a_call_that_ends_does_not_end_another_command() {
    let mut t = Trace::in_step();
    let id = t.request(0, "AT+CGMI", 1000);
    t.hears(1, "\r\nNO CARRIER\r\n\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(t.reply(id), "Quectel|OK");
    assert_eq!(t.urcs(), ["NO CARRIER"]);
    let dial = t.request(2, "ATD*99#", 1000);
    t.hears(3, "\r\nNO CARRIER\r\n");
    assert_eq!(t.reply(dial), "NO CARRIER");
    let dial = t.request(4, "ATD*99#", 1000);
    t.hears(5, "\r\nCONNECT 150000000\r\n");
    assert_eq!(t.reply(dial), "CONNECT 150000000");
}

#[test]
fn a_pdu_goes_out_at_the_prompt_and_once() {
    let mut t = Trace::in_step();
    let command = Command::typed("AT+CMGS=18").unwrap().with_pdu("0011000B").unwrap();
    let id = t.port.request(Instant::ZERO, command, Duration::from_secs(60));
    t.sends(&["AT+CMGS=18\r"]);
    t.hears(1, "AT+CMGS=18\r\r\n");
    t.sends(&[]);
    t.hears(2, ">");
    t.sends(&["0011000B\x1a"]);
    t.hears(3, " 0011000B\x1a\r\n\r\n> \r\n+CMGS: 5\r\n\r\nOK\r\n");
    t.sends(&[]);
    assert_eq!(t.reply(id), ">|+CMGS: 5|OK");
}

#[test]
fn a_text_that_says_ok_is_not_taken_for_the_answer_nor_the_answer_for_it() {
    for echo in ["", "> OK\x1a\r\n", "OK\x1a\r\n"] {
        for (answer, reply) in
            [("\r\n+CMGS: 5\r\n\r\nOK\r\n", "+CMGS: 5|OK"), ("\r\nERROR\r\n", "ERROR")]
        {
            let mut t = Trace::in_step();
            let command = Command::typed("AT+CMGS=\"123\"").unwrap();
            let command = command.with_text("ERROR\rOK").unwrap();
            let id = t.port.request(Instant::ZERO, command, Duration::from_secs(60));
            t.sends(&["AT+CMGS=\"123\"\r"]);
            t.hears(1, "\r\n> ");
            t.sends(&["ERROR\rOK\x1a"]);
            t.hears(2, echo);
            assert_eq!(t.reply(id), "nothing yet", "{echo:?}");
            t.hears(3, answer);
            assert_eq!(t.reply(id), reply, "{echo:?}");
        }
    }
}

#[test]
fn a_prompt_that_nobody_answers_is_left_by_escape() {
    let mut t = Trace::in_step();
    let typed = t.request(0, "AT+CMGS=18", 1000);
    t.sends(&["AT+CMGS=18\r"]);
    t.hears(1, "\r\n> ");
    t.expires(1000, Timer::Reply);
    t.sends(&["\x1b"]);
    assert_eq!(t.reply(typed), "no answer in time");
}

#[test]
fn a_cancelled_command_is_still_waited_for() {
    let mut t = Trace::in_step();
    let first = t.request(0, "AT+COPS=?", 60_000);
    let second = t.request(0, "AT+CGMI", 1000);
    let third = t.request(0, "AT+CGMM", 1000);
    t.port.cancel(first);
    t.port.cancel(second);
    t.sends(&["AT+COPS=?\r"]);
    t.hears(9000, "\r\n+COPS: (1)\r\n\r\nOK\r\n");
    t.sends(&["AT+CGMM\r"]);
    t.hears(9010, "\r\nEC25\r\n\r\nOK\r\n");
    assert_eq!(t.reply(first), "nothing yet");
    assert_eq!(t.reply(second), "nothing yet");
    assert_eq!(t.reply(third), "EC25|OK");
}

#[test]
fn an_unplugged_port_fails_everything_and_stays_quiet() {
    let mut t = Trace::in_step();
    let first = t.request(0, "AT+CGMI", 1000);
    let second = t.request(0, "AT+CGMM", 1000);
    t.port.handle_closed();
    let third = t.request(1, "AT+CGMR", 1000);
    for id in [first, second, third] {
        assert_eq!(t.port.take_reply(id), Some(Err(RequestError::PortClosed)));
    }
    t.hears(2, "\r\nOK\r\n\r\nRING\r\n");
    t.port.handle_timeout(Instant::from_millis(100_000));
    assert_eq!((t.urcs(), t.port.poll_timeout()), (vec![], None));
    t.sends(&[]);
}

#[test]
fn a_final_result_that_ends_nothing_makes_the_port_get_in_step_anew() {
    let mut t = Trace::in_step();
    t.hears(1, "\r\nOK\r\n");
    t.sends(&[]);
    let id = t.request(2, "AT+CGMI", 1000);
    t.sends(&[PROBE]);
    t.hears(3, PROBE_ANSWER);
    t.sends(&["AT+CGMI\r"]);
    t.hears(4, "\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(t.reply(id), "Quectel|OK");
}

#[test]
fn a_full_queue_refuses_and_a_long_wait_ends() {
    let mut t = Trace::in_step();
    let slow = t.request(0, "AT+COPS=?", 180_000);
    let waiting: Vec<_> = (0..QUEUE_MAX).map(|_| t.request(5, "AT+CGMI", 1000)).collect();
    let refused = t.request(5, "AT+CGMI", 1000);
    assert_eq!(t.port.take_reply(refused), Some(Err(RequestError::QueueFull)));
    t.expires(120_005, Timer::Wait);
    for id in waiting {
        assert_eq!(t.port.take_reply(id), Some(Err(RequestError::Timeout)));
    }
    t.hears(130_000, "\r\nOK\r\n");
    assert_eq!(t.reply(slow), "OK");
}

#[test]
fn what_is_for_now_is_not_sent_later() {
    let mut t = Trace::in_step();
    let slow = t.request(0, "AT+COPS=?", 180_000);
    t.sends(&["AT+COPS=?\r"]);
    let patient = t.request(5, "AT+CGMI", 1000);
    let (now, wait) = (Instant::from_millis(10), Duration::from_secs(5));
    let reset = t.port.request_within(now, Command::execute("+CFUN=1,1"), wait, wait);
    t.expires(5_010, Timer::Wait);
    assert_eq!(t.port.take_reply(reset), Some(Err(RequestError::Timeout)));
    t.hears(6_000, "\r\nOK\r\n");
    t.sends(&["AT+CGMI\r"]);
    t.hears(6_010, "\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!((t.reply(slow).as_str(), t.reply(patient).as_str()), ("OK", "Quectel|OK"));
    t.sends(&[]);
}

#[test]
fn what_nobody_takes_is_bounded() {
    let mut t = Trace::in_step();
    for n in 0..URCS_MAX + 10 {
        t.hears(1, &format!("\r\n^RSSI:{n}\r\n"));
    }
    assert_eq!((t.urcs().len(), t.port.urcs_lost()), (URCS_MAX, 10));
    let ids: Vec<_> = (0..REPLIES_MAX + 10)
        .map(|_| {
            let id = t.request(2, "AT", 1000);
            t.hears(2, "\r\nOK\r\n");
            id
        })
        .collect();
    assert_eq!(t.reply(ids[0]), "nothing yet");
    assert_eq!(t.reply(ids[REPLIES_MAX + 9]), "OK");
}

#[test]
fn a_reply_that_is_too_long_is_malformed_and_the_port_goes_on() {
    let mut t = Trace::in_step();
    let many = t.request(0, "AT+CMGL=4", 1000);
    for _ in 0..=REPLY_LINES_MAX {
        t.hears(1, "\r\n+CMGL: 1\r\n");
    }
    t.hears(2, "\r\nOK\r\n");
    let too_large = Some(Err(RequestError::Malformed(wire::Error::TooLarge)));
    assert_eq!(t.port.take_reply(many), too_large);
    let wide = t.request(3, "AT+CGMI", 1000);
    for _ in 0..100 {
        t.hears(4, &"x".repeat(1000));
    }
    t.hears(5, "OK\r\n\r\nOK\r\n");
    assert_eq!(t.port.take_reply(wide), too_large);
    let next = t.request(6, "AT+CGMI", 1000);
    t.hears(7, "\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(t.reply(next), "Quectel|OK");
}

/// xorshift64*: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }
}

const CAPTURES: [(&str, &str); 8] = [
    ("huawei-e1752", include_str!("../../../tests/capture/at/huawei-e1752.txt")),
    ("option-gtm382", include_str!("../../../tests/capture/at/option-gtm382.txt")),
    ("sierra-mc8790", include_str!("../../../tests/capture/at/sierra-mc8790.txt")),
    ("quectel-ec25", include_str!("../../../tests/capture/at/quectel-ec25.txt")),
    ("huawei-e3131", include_str!("../../../tests/capture/at/huawei-e3131.txt")),
    ("intel-xmm7360", include_str!("../../../tests/capture/at/intel-xmm7360.txt")),
    ("motorola-ezx", include_str!("../../../tests/capture/at/motorola-ezx.txt")),
    ("mbim-crsm", include_str!("../../../tests/capture/at/mbim-crsm.txt")),
];

/// The bytes of a line of a transcript.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        bytes.extend_from_slice(before.as_bytes());
        let (name, tail) = after.split_once('>').unwrap();
        bytes.push(match name {
            "CR" => b'\r',
            "LF" => b'\n',
            hex => u8::from_str_radix(hex, 16).unwrap(),
        });
        rest = tail;
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Plays a transcript into a port, each read in pieces of the sizes that `piece` gives.
fn replay(capture: &str, mut piece: impl FnMut() -> usize) {
    let mut t = Trace::in_step();
    let mut pending = None;
    let mut urcs = Queue::new();
    for line in capture.lines() {
        let (kind, rest) = line.split_at_checked(2).unwrap_or((line, ""));
        match kind {
            "> " => {
                assert_eq!(urcs, Queue::<String>::new(), "not told of before {line}");
                let command = String::from_utf8(unescape(rest)).unwrap();
                pending = Some(t.request(1, command.trim_end(), 1000));
                t.sends(&[&command]);
            }
            "< " => {
                let mut bytes = unescape(rest);
                while !bytes.is_empty() {
                    let tail = bytes.split_off(piece().clamp(1, bytes.len()));
                    t.port.handle_input(Instant::from_millis(2), &bytes);
                    bytes = tail;
                }
                urcs.extend(t.urcs());
            }
            "= " => {
                let (what, text) = rest.split_once(' ').unwrap_or((rest, ""));
                match what {
                    "urc" => assert_eq!(urcs.pop_front().as_deref(), Some(text)),
                    "error" => assert_eq!(t.reply(pending.take().unwrap()), text),
                    "ok" => {
                        let lines = String::from_utf8_lossy(&unescape(text)).into_owned();
                        let reply = t.port.take_reply(pending.take().unwrap()).unwrap().unwrap();
                        // A byte that is no UTF-8 came as the character of its number.
                        let text: String = unescape(text).into_iter().map(char::from).collect();
                        assert!([lines, text].contains(&reply.lines.join("|")), "{reply:?}");
                    }
                    other => panic!("{other} in {line}"),
                }
            }
            _ => assert!(line.starts_with('#'), "{line}"),
        }
    }
    assert_eq!((urcs, pending), (Queue::new(), None));
}

#[test]
fn real_modems_are_understood_however_the_reads_cut_their_words() {
    for (name, capture) in CAPTURES {
        println!("{name}");
        replay(capture, || usize::MAX);
        replay(capture, || 1);
        for seed in 1..50 {
            let mut random = Random(seed);
            replay(capture, || usize::try_from(random.below(7) + 1).unwrap());
        }
    }
}

/// A modem that answers in order, stalls, loses commands while it does, and never lies.
struct StallingModem {
    random: Random,
    awake_at: u64,
    /// Whole answers, in order.
    answers: Queue<String>,
}

impl StallingModem {
    fn hear(&mut self, now: u64, bytes: &[u8]) {
        let line = String::from_utf8_lossy(bytes).into_owned();
        if line == "\x1b" {
            return;
        }
        let is_stalled = now < self.awake_at;
        if is_stalled && self.random.below(3) == 0 {
            return;
        }
        if !is_stalled && self.random.below(10) == 0 {
            self.awake_at = now + 500 + self.random.below(20_000);
        }
        let body = match line.trim_end() {
            "ATE0V1+CMEE=1;+CMEE?" => "\r\n+CMEE: 1\r\n".to_owned(),
            "ATE0V1+GCAP" => "\r\n+GCAP: +CGSM\r\n".to_owned(),
            "ATE0V1+CSQ" => "\r\n+CSQ: 9,99\r\n".to_owned(),
            other => format!("\r\n{}\r\n", other.trim_start_matches("AT+ECHO=")),
        };
        let end = if self.random.below(8) == 0 { "ERROR" } else { "OK" };
        let noise = ["", "", "\r\n^RSSI:9\r\n", "\r\n+CREG: 1\r\n"];
        let noise = noise[usize::try_from(self.random.below(4)).unwrap()];
        self.answers.push_back(format!("{noise}{body}\r\n{end}\r\n"));
    }
}

#[test]
fn no_reply_ever_reaches_another_requester() {
    let (mut answered, mut failed) = (0, 0);
    for seed in 1..=300 {
        let mut modem = StallingModem { random: Random(seed), awake_at: 0, answers: Queue::new() };
        let mut random = Random(seed + 1_000_000);
        let mut port = AtPort::new();
        let mut open = Map::new();
        for step in 0..2000_u64 {
            let now = step * 50;
            let at = Instant::from_millis(now);
            if random.below(20) == 0 {
                let command = Command::typed(&format!("AT+ECHO=token{step}")).unwrap();
                let id = port.request(at, command, Duration::from_millis(1000));
                open.insert(id, format!("token{step}"));
            }
            while now >= modem.awake_at
                && let Some(answer) = modem.answers.pop_front()
            {
                let cut = usize::try_from(random.below(answer.len() as u64)).unwrap();
                port.handle_input(at, &answer.as_bytes()[..cut]);
                port.handle_input(at, &answer.as_bytes()[cut..]);
            }
            if port.poll_timeout().is_some_and(|(due, _)| due <= at) {
                port.handle_timeout(at);
            }
            while let Some(bytes) = port.poll_transmit() {
                modem.hear(now, &bytes);
            }
            while port.poll_urc().is_some() {}
            open.retain(|id, token| match port.take_reply(*id) {
                None => true,
                Some(Ok(reply)) => {
                    assert_eq!(reply.lines, std::slice::from_ref(token), "seed {seed} at {now} ms");
                    answered += 1;
                    false
                }
                Some(Err(_)) => {
                    failed += 1;
                    false
                }
            });
        }
    }
    assert!(answered > 10_000 && failed > 1000, "{answered} answered, {failed} failed");
}

#[test]
fn no_bytes_make_it_panic_grow_or_hang() {
    let all: String = CAPTURES.iter().map(|(_, capture)| *capture).collect();
    let reads: Vec<Vec<u8>> =
        all.lines().filter_map(|line| line.strip_prefix("< ")).map(unescape).collect();
    for seed in 1..=2000 {
        let mut random = Random(seed);
        let mut port = AtPort::new();
        let mut now = 0;
        for _ in 0..40 {
            now += random.below(4000);
            let at = Instant::from_millis(now);
            let pick = usize::try_from(random.below(reads.len() as u64)).unwrap();
            let mut bytes = reads[pick].clone();
            for _ in 0..random.below(6) {
                let place = usize::try_from(random.below(bytes.len() as u64)).unwrap();
                match random.below(4) {
                    0 => bytes[place] = u8::try_from(random.below(256)).unwrap(),
                    1 => bytes.insert(place, b"\r\n>\"\x1a\0+,"[place % 8]),
                    2 => bytes.truncate(place.max(1)),
                    _ => bytes.extend_from_within(place..),
                }
            }
            match random.below(6) {
                0 => {
                    let command = Command::typed("AT+CREG?").unwrap();
                    let timeout = Duration::from_millis(random.below(3000));
                    port.request(at, command, timeout);
                }
                1 => {
                    let command = Command::typed("AT+CMGS=1").unwrap().with_pdu("00").unwrap();
                    port.request(at, command, Duration::from_secs(2));
                }
                _ => port.handle_input(at, &bytes),
            }
            port.handle_timeout(at);
            while port.poll_transmit().is_some() {}
            if let Some((due, _)) = port.poll_timeout() {
                assert!(due > at || port.queue.len() <= QUEUE_MAX);
            }
        }
        // Noise just before it may spoil the first reply or two, and no more.
        honest_reply(&mut port, now);
        honest_reply(&mut port, now + 60_000);
        let reply = honest_reply(&mut port, now + 120_000);
        assert!(reply.contains(&"Quectel".to_owned()), "seed {seed}: {reply:?}");
    }
}

/// What a modem that has come to its senses answers, within a minute.
fn honest_reply(port: &mut AtPort, start_ms: u64) -> Vec<String> {
    let mut id = None;
    for now in (start_ms..start_ms + 60_000).step_by(100) {
        let at = Instant::from_millis(now);
        let asked = *id.get_or_insert_with(|| {
            port.request(at, Command::execute("+CGMI"), Duration::from_secs(5))
        });
        while let Some(bytes) = port.poll_transmit() {
            let answer: &[u8] = match bytes.as_slice() {
                b"AT+CGMI\r" => b"\r\nQuectel\r\n\r\nOK\r\n",
                b"ATE0V1+GCAP\r" => b"\r\n+GCAP: x\r\n\r\nOK\r\n",
                b"ATE0V1+CSQ\r" => b"\r\n+CSQ: 1,1\r\n\r\nOK\r\n",
                b"AT+CREG?\r" => b"\r\n+CREG: 0,1\r\n\r\nOK\r\n",
                b"AT+CMGS=1\r" => b"\r\n> ",
                b"\x1b" => b"",
                _ if bytes.ends_with(b"+CMEE?\r") => PROBE_ANSWER.as_bytes(),
                _ => b"\r\nOK\r\n",
            };
            port.handle_input(at, answer);
        }
        port.handle_timeout(at);
        match port.take_reply(asked) {
            Some(Ok(reply)) => return reply.lines,
            Some(Err(_)) => id = None,
            None => {}
        }
    }
    panic!("no answer");
}
