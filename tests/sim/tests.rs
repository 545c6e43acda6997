//! The simulator's own tests: it must be right before anything is tested against it.
//!
//! Requests and replies are written as hex, from the message descriptions, not with the
//! simulator's own encoder.

mod abuse;
mod data;
mod mbim;
mod world;

use ltewan::time::{Duration, Instant};

use super::qmi::tlv::find;
use super::{Command, Config, Port, SimModem};

/// A modem and the time, for tests that read as a trace.
struct Bench {
    modem: SimModem,
    now: Instant,
    /// What ports said that nobody has asked for yet.
    unread: Vec<(Port, Vec<u8>)>,
}

/// Bytes from hex with any spacing.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
        .collect()
}

impl Bench {
    fn new(settings: &str) -> Self {
        let mut config = Config::default();
        config.apply(settings.split_whitespace()).unwrap();
        let now = Instant::from_millis(1000);
        let mut bench = Self { modem: SimModem::new(now, config), now, unread: Vec::new() };
        bench.output(Port::At(2));
        bench
    }

    fn command(&mut self, line: &str) {
        self.modem.command(self.now, &Command::parse(line).unwrap());
    }

    /// What is due at a port, piece by piece.
    fn output(&mut self, port: Port) -> Vec<Vec<u8>> {
        while let Some(sent) = self.modem.poll_transmit(self.now) {
            self.unread.push(sent);
        }
        let (wanted, rest) = self.unread.drain(..).partition(|(from, _)| *from == port);
        self.unread = rest;
        let wanted: Vec<(Port, Vec<u8>)> = wanted;
        wanted.into_iter().map(|(_, bytes)| bytes).collect()
    }

    fn advance(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some(at) = self.modem.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            let before = self.modem.poll_timeout();
            self.modem.handle_timeout(self.now);
            if self.modem.poll_timeout() == before {
                break;
            }
        }
        self.now = end;
        self.modem.handle_timeout(end);
    }

    /// Sends a request of a service; `tlvs` is hex.
    fn send(&mut self, service: u8, client: u8, message: u16, tlvs: &str) {
        let tlvs = hex(tlvs);
        let [id_low, id_high] = message.to_le_bytes();
        let length = u8::try_from(tlvs.len()).unwrap();
        let head: &[u8] = if service == 0 { &[0, 7] } else { &[0, 7, 0] };
        let sdu = [head, &[id_low, id_high, length, 0], &tlvs].concat();
        let total = u8::try_from(sdu.len() + 5).unwrap();
        let frame = [&[1, total, 0, 0, service, client][..], &sdu].concat();
        self.modem.handle_input(self.now, Port::Qmi, &frame);
    }

    /// Sends a request and returns the error code and the TLVs of its reply.
    fn ask(&mut self, service: u8, client: u8, message: u16, tlvs: &str) -> (u16, Vec<u8>) {
        self.send(service, client, message, tlvs);
        let frame = self.output(Port::Qmi).remove(0);
        let body = frame[if service == 0 { 12 } else { 13 }..].to_vec();
        let result = find(&body, 2).unwrap();
        (u16::from_le_bytes([result[2], result[3]]), body)
    }

    /// Allocates a client id.
    fn client(&mut self, service: u8) -> u8 {
        let (error, body) = self.ask(0, 0, 0x22, &format!("01 0100 {service:02x}"));
        assert_eq!(error, 0);
        find(&body, 1).unwrap()[1]
    }

    /// Sends an AT line and returns all that comes back.
    fn at(&mut self, line: &str) -> String {
        self.modem.handle_input(self.now, Port::At(2), format!("{line}\r").as_bytes());
        String::from_utf8(self.output(Port::At(2)).concat()).unwrap()
    }
}

#[test]
fn sync_and_version_info_are_answered_byte_for_byte() {
    let mut bench = Bench::new("");
    bench.modem.handle_input(bench.now, Port::Qmi, &hex("01 0b00 00 00 00  00 01 2700 0000"));
    assert_eq!(
        bench.output(Port::Qmi),
        [hex("01 1200 80 00 00  01 01 2700 0700  02 0400 0000 0000")]
    );
    bench.modem.handle_input(bench.now, Port::Qmi, &hex("01 0b00 00 00 00  00 02 2100 0000"));
    let reply = bench.output(Port::Qmi).remove(0);
    assert_eq!(
        reply,
        hex("01 3400 80 00 00  01 02 2100 2900  02 0400 0000 0000
             01 1f00 06  00 0100 0500  01 0100 4300  02 0100 0e00  03 0100 1900
             0b 0100 2e00  1a 0100 1000")
    );
}

#[test]
fn a_request_in_pieces_and_two_requests_at_once_are_both_understood() {
    let mut bench = Bench::new("");
    let sync = hex("01 0b00 00 00 00  00 01 2700 0000");
    for byte in &sync {
        bench.modem.handle_input(bench.now, Port::Qmi, &[*byte]);
    }
    assert_eq!(bench.output(Port::Qmi).len(), 1);
    bench.modem.handle_input(bench.now, Port::Qmi, &[sync.clone(), sync].concat());
    assert_eq!(bench.output(Port::Qmi).len(), 2);
}

#[test]
fn client_ids_run_out_and_come_back_when_released() {
    let mut bench = Bench::new("cids=2");
    let first = bench.client(2);
    let second = bench.client(2);
    assert_ne!(first, second);
    assert_eq!(bench.ask(0, 0, 0x22, "01 0100 02").0, 5);
    assert_eq!(bench.modem.client_ids(), [(2, first), (2, second)]);
    assert_eq!(bench.ask(0, 0, 0x23, &format!("01 0200 02 {first:02x}")).0, 0);
    assert_eq!(bench.ask(0, 0, 0x22, "01 0100 02").0, 0);
    assert_eq!(bench.ask(0, 0, 0x23, &format!("01 0200 02 {first:02x}")).0, 7);
    assert_eq!(bench.ask(2, first, 0x22, "").0, 7, "a released id is not served");
}

#[test]
fn unknown_messages_and_services_are_refused_as_firmware_does() {
    let mut bench = Bench::new("");
    let dms = bench.client(2);
    assert_eq!(bench.ask(2, dms, 0x7777, "").0, 71);
    assert_eq!(bench.ask(0, 0, 0x22, "01 0100 e1").0, 31);
    bench.send(0xe1, 1, 0x20, "");
    assert!(bench.output(Port::Qmi).is_empty());
    assert_eq!(bench.modem.stats().unknown_messages, 1);
    assert_eq!(bench.modem.stats().qmi(2, 0x7777), 1);
}

#[test]
fn iccid_and_imsi_files_have_the_bytes_of_the_specification() {
    let mut bench = Bench::new("iccid=8949020000012345678 imsi=262020123456789");
    let uim = bench.client(0x0b);
    // Session: primary, no application; file under MF; 10 bytes at most.
    let iccid = "01 0200 00 00  02 0500 e22f 02 003f  03 0400 0000 0000";
    let (error, body) = bench.ask(0x0b, uim, 0x20, iccid);
    assert_eq!(error, 0);
    assert_eq!(find(&body, 0x11).unwrap(), hex("0a00 98942000001032547 6f8"));
    let imsi = "01 0200 00 00  02 0700 076f 04 003f ff7f  03 0400 0000 0000";
    let (_, body) = bench.ask(0x0b, uim, 0x20, imsi);
    assert_eq!(find(&body, 0x11).unwrap(), hex("0900 08 2926201032547698"));
    assert_eq!(bench.ask(0x0b, uim, 0x20, &imsi.replace("076f", "996f")).0, 80);
}

#[test]
fn a_wrong_pin_costs_one_attempt_and_the_puk_frees_the_card() {
    let mut bench = Bench::new("sim=pin pin=1234 puk=87654321");
    let uim = bench.client(0x0b);
    let verify = |pin: &str| format!("01 0200 00 00  02 0600 01 04 {pin}");
    let (error, body) = bench.ask(0x0b, uim, 0x26, &verify("30303030"));
    assert_eq!((error, find(&body, 0x10).unwrap()), (12, &[2, 10][..]));
    assert_eq!(bench.ask(0x0b, uim, 0x26, &verify("30303030")).0, 12);
    let (error, body) = bench.ask(0x0b, uim, 0x26, &verify("30303030"));
    assert_eq!((error, find(&body, 0x10).unwrap()), (35, &[0, 10][..]));
    assert_eq!(bench.ask(0x0b, uim, 0x26, &verify("31323334")).0, 35, "right, but too late");
    assert_eq!(bench.modem.world.uicc.pin_attempts, 3);
    let unblock = "01 0200 00 00  02 0f00 01 08 3837363534333231 04 35363738";
    assert_eq!(bench.ask(0x0b, uim, 0x27, unblock).0, 0);
    bench.command("reset 0");
    bench.advance(1);
    bench.output(Port::At(2));
}
