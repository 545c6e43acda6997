//! Input that nobody would send on purpose, and every line that somebody may type.

use super::{Bench, Command, Port};

/// A small generator (Knuth's MMIX constants); its seed is in the test.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        (0..self.next(most)).map(|_| u8::try_from(self.next(256)).unwrap()).collect()
    }
}

#[test]
fn random_requests_to_every_service_are_answered_once_and_never_panic() {
    let mut chance = Chance(1);
    for settings in ["", "sim=pin", "sim=absent", "mode=low", "sim=error"] {
        let mut bench = Bench::new(settings);
        for service in [0x00, 0x01, 0x02, 0x03, 0x0b, 0x1a] {
            for message in (0..0xb0).filter(|message| (service, *message) != (2, 0x2e)) {
                let client = if service == 0 { 0 } else { bench.client(service) };
                for _ in 0..4 {
                    let mut tlvs = String::new();
                    for kind in (1..4).chain(0x10..0x1a) {
                        if chance.next(2) == 0 {
                            continue;
                        }
                        let value = chance.bytes(12);
                        let hex: String = value.iter().map(|b| format!("{b:02x}")).collect();
                        tlvs += &format!("{kind:02x} {:02x}00 {hex}", value.len());
                    }
                    bench.send(service, client, message, &tlvs);
                    let replies = bench.output(Port::Qmi);
                    bench.unread.clear();
                    let is_reply = |frame: &&Vec<u8>| frame[6] == if service == 0 { 1 } else { 2 };
                    assert_eq!(replies.iter().filter(is_reply).count(), 1, "{service} {message}");
                }
                // A random release may have taken the id; a sync may have taken all.
                bench.ask(0, 0, 0x27, "");
            }
        }
        assert!(bench.modem.client_ids().is_empty());
    }
}

#[test]
fn random_bytes_on_any_port_never_panic_the_simulator() {
    let mut chance = Chance(2);
    for settings in ["", "link=raw", "link=raw chunk=3"] {
        let mut bench = Bench::new(settings);
        let wds = bench.client(1);
        bench.ask(1, wds, 0x20, "");
        for _ in 0..20_000 {
            let mut bytes = chance.bytes(80);
            // Half of the packets start like one, from the right address.
            if bytes.len() > 20 && chance.next(2) == 0 {
                bytes[..10].copy_from_slice(&[0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6]);
                bytes[3] = u8::try_from(bytes.len()).unwrap();
                bytes[9] = [1, 6, 17][usize::try_from(chance.next(3)).unwrap()];
                bytes[12..16].copy_from_slice(&[10, 64, 0, 2]);
            }
            bench.modem.handle_packet(bench.now, &bytes);
            bench.modem.handle_input(bench.now, Port::Qmi, &bytes);
            bench.modem.handle_input(bench.now, Port::At(2), &bytes);
            bench.modem.handle_input(bench.now, Port::Mbim, &bytes);
            while bench.modem.poll_packet().is_some() {}
            bench.output(Port::Qmi);
            bench.unread.clear();
        }
    }
}

#[test]
fn every_documented_command_line_is_understood() {
    for line in [
        "latency 5",
        "latency wds 0x20 5",
        "latency at 5",
        "silence on",
        "hang off",
        "lose 2",
        "duplicate 2",
        "split 5",
        "garbage 00ff",
        "garbage off",
        "drop all",
        "drop v6 36",
        "drop v4 2 241",
        "address v4",
        "mtu 1430",
        "data off",
        "policy allow",
        "policy v4only",
        "policy reject 33",
        "policy reject 2 241",
        "apn internet,ims",
        "apn any",
        "coverage roaming",
        "deny 15",
        "deregister",
        "register",
        "signal -70 -11 -101 35",
        "sim absent",
        "sim notready 500",
        "sim retries 1",
        "time boot 4000",
        "urc RING",
        "reset",
        "reset 500",
        "unplug",
        "replug 500",
    ] {
        assert!(Command::parse(line).is_ok(), "{line}");
    }
    for line in ["", "drop", "drop v5", "sim", "latency", "policy", "signal 1", "reset x", "what"] {
        assert!(Command::parse(line).is_err(), "{line}");
    }
}
