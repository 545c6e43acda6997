//! Registration, bearers, indications, faults, AT.

use super::{Bench, Port, find};
use crate::sim::DeviceEvent;

/// The message numbers of the indications among `frames`.
fn indications(frames: &[Vec<u8>]) -> Vec<u16> {
    let of = |frame: &&Vec<u8>| frame[6] == 4;
    frames.iter().filter(of).map(|frame| u16::from_le_bytes([frame[9], frame[10]])).collect()
}

#[test]
fn registration_takes_its_time_and_tells_only_who_registered() {
    let mut bench = Bench::new("mode=low reg=2000");
    let (deaf, keen, dms) = (bench.client(3), bench.client(3), bench.client(2));
    assert_eq!(bench.ask(3, keen, 0x03, "13 0100 01").0, 0);
    // Set operating mode: online. The reply, then searching.
    bench.send(2, dms, 0x2e, "01 0100 00");
    let frames = bench.output(Port::Qmi);
    assert_eq!(indications(&frames), [0x24]);
    assert_eq!(frames[1][5], keen);
    let (_, body) = bench.ask(3, deaf, 0x24, "");
    assert_eq!(find(&body, 1).unwrap()[0], 2);
    bench.advance(1999);
    assert!(bench.output(Port::Qmi).is_empty());
    bench.advance(1);
    let frames = bench.output(Port::Qmi);
    assert_eq!(indications(&frames), [0x24]);
    // Registered, attached twice, 3GPP, one interface: LTE.
    assert_eq!(find(&frames[0][13..], 1).unwrap(), [1, 1, 1, 2, 1, 8]);
    let (_, body) = bench.ask(3, deaf, 0x24, "");
    assert_eq!(find(&body, 0x12).unwrap()[..4], [0x06, 0x01, 0x02, 0x00]);
}

#[test]
fn a_denied_registration_carries_its_cause() {
    let mut bench = Bench::new("");
    let nas = bench.client(3);
    assert_eq!(bench.ask(3, nas, 0x03, "21 0200 0100").0, 0);
    bench.command("deny 15");
    bench.advance(0);
    let frames = bench.output(Port::Qmi);
    assert_eq!(indications(&frames), [0x68]);
    assert_eq!(find(&frames[0][13..], 3).unwrap(), [15]);
    assert_eq!(find(&bench.ask(3, nas, 0x24, "").1, 1).unwrap()[0], 3);
}

#[test]
fn a_bearer_comes_up_has_settings_and_ends_with_its_handle() {
    let mut bench = Bench::new("bearer=300 subnet=3 mtu=1430");
    let wds = bench.client(1);
    // APN "internet", IPv4.
    bench.send(1, wds, 0x20, "14 0800 696e7465726e6574 19 0100 04");
    assert!(bench.output(Port::Qmi).is_empty());
    bench.advance(300);
    let frames = bench.output(Port::Qmi);
    assert_eq!(frames.len(), 2, "the reply, then the indication");
    let handle = find(&frames[0][13..], 1).unwrap().to_vec();
    assert_eq!(find(&frames[1][13..], 1).unwrap(), [2, 0]);
    assert_eq!(bench.ask(1, wds, 0x20, "19 0100 04").0, 26, "it is up already");
    let (_, body) = bench.ask(1, wds, 0x2d, "10 0400 10e30000");
    assert_eq!(find(&body, 0x1e).unwrap(), [2, 0, 67, 10]);
    assert_eq!(find(&body, 0x21).unwrap(), [252, 255, 255, 255]);
    assert_eq!(find(&body, 0x29).unwrap(), [0x96, 0x05, 0, 0]);
    assert_eq!(bench.ask(1, wds, 0x21, "01 0400 00000000").0, 9);
    let handle: String = handle.iter().map(|byte| format!("{byte:02x}")).collect();
    bench.send(1, wds, 0x21, &format!("01 0400 {handle}"));
    let frames = bench.output(Port::Qmi);
    assert_eq!(indications(&frames), [0x22]);
    assert_eq!(find(&bench.ask(1, wds, 0x22, "").1, 1).unwrap(), [1]);
}

#[test]
fn a_refusal_names_the_cause_in_both_ways() {
    let mut bench = Bench::new("apn=internet policy=v4only");
    let wds = bench.client(1);
    let (error, body) = bench.ask(1, wds, 0x20, "14 0300 666f6f");
    assert_eq!(error, 14);
    assert_eq!(find(&body, 0x10).unwrap(), 1013u16.to_le_bytes());
    assert_eq!(find(&body, 0x11).unwrap(), [6, 0, 27, 0]);
    let (_, body) = bench.ask(1, wds, 0x20, "14 0800 696e7465726e6574 19 0100 06");
    assert_eq!(find(&body, 0x11).unwrap(), [6, 0, 50, 0]);
    bench.command("policy reject 33");
    let (_, body) = bench.ask(1, wds, 0x20, "14 0800 696e7465726e6574");
    assert_eq!(find(&body, 0x11).unwrap(), [6, 0, 33, 0]);
}

#[test]
fn the_network_drops_and_renumbers_and_tells_the_owner_only() {
    let mut bench = Bench::new("");
    let (owner, other) = (bench.client(1), bench.client(1));
    bench.send(1, owner, 0x20, "");
    bench.output(Port::Qmi);
    bench.command("address v4");
    let frames = bench.output(Port::Qmi);
    assert_eq!(find(&frames[0][13..], 1).unwrap(), [2, 1], "reconfiguration required");
    assert_eq!(frames[0][5], owner);
    assert_eq!(find(&bench.ask(1, other, 0x2d, "").1, 0x1e).unwrap(), [2, 1, 64, 10]);
    bench.command("drop v4 6 36");
    let frames = bench.output(Port::Qmi);
    assert_eq!(frames.len(), 1);
    assert_eq!(find(&frames[0][13..], 0x11).unwrap(), [6, 0, 36, 0]);
    assert_eq!(find(&bench.ask(1, owner, 0x22, "").1, 1).unwrap(), [1]);
}

#[test]
fn releasing_a_client_id_ends_its_call() {
    let mut bench = Bench::new("");
    let wds = bench.client(1);
    assert_eq!(bench.ask(1, wds, 0x20, "").0, 0);
    assert_eq!(bench.modem.world.network.bearers.len(), 1);
    bench.ask(0, 0, 0x23, &format!("01 0200 01 {wds:02x}"));
    assert!(bench.modem.world.network.bearers.is_empty());
}

#[test]
fn faults_of_the_link_hit_replies_as_told() {
    let mut bench = Bench::new("");
    let dms = bench.client(2);
    bench.command("latency dms 0x22 500");
    bench.send(2, dms, 0x22, "");
    bench.advance(499);
    assert!(bench.output(Port::Qmi).is_empty());
    bench.advance(1);
    assert_eq!(bench.output(Port::Qmi).len(), 1);
    bench.command("lose 1");
    bench.send(2, dms, 0x23, "");
    bench.send(2, dms, 0x23, "");
    assert_eq!(bench.output(Port::Qmi).len(), 1);
    bench.command("duplicate 1");
    bench.send(2, dms, 0x23, "");
    assert_eq!(bench.output(Port::Qmi).len(), 2);
    bench.command("split 5");
    bench.send(2, dms, 0x23, "");
    assert!(bench.output(Port::Qmi).iter().all(|piece| piece.len() <= 5));
    bench.command("split 0");
    bench.command("garbage 00ff");
    bench.send(2, dms, 0x23, "");
    assert_eq!(bench.output(Port::Qmi)[0][..3], [0x00, 0xff, 0x01]);
    bench.command("silence on");
    bench.send(2, dms, 0x23, "");
    assert!(bench.output(Port::Qmi).is_empty());
}

#[test]
fn a_reset_loses_client_ids_and_is_seen_from_outside() {
    let mut bench = Bench::new("boot=4000 sim=pin");
    let dms = bench.client(2);
    bench.send(2, dms, 0x2e, "01 0100 04");
    assert_eq!(bench.output(Port::Qmi).len(), 1, "the reply still comes");
    assert_eq!(bench.modem.poll_device(), Some(DeviceEvent::Detached));
    bench.send(2, dms, 0x22, "");
    bench.advance(4000);
    assert_eq!(bench.modem.poll_device(), Some(DeviceEvent::Attached));
    let mut sync = false;
    while let Some((port, bytes)) = bench.modem.poll_transmit(bench.now) {
        sync |= port == Port::Qmi && bytes[6..10] == [2, 0, 0x27, 0];
    }
    assert!(sync);
    assert!(bench.modem.client_ids().is_empty());
    assert_eq!(bench.ask(2, dms, 0x22, "").0, 7);
}

#[test]
fn at_commands_are_echoed_answered_and_refused() {
    let mut bench = Bench::new("");
    assert_eq!(bench.at("AT"), "AT\r\r\nOK\r\n");
    assert_eq!(bench.at("ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(bench.at("at+cgsn"), "\r\n867698040000017\r\n\r\nOK\r\n");
    assert_eq!(bench.at("AT+CFUN?;+CSQ"), "\r\n+CFUN: 1\r\n\r\n+CSQ: 25,99\r\n\r\nOK\r\n");
    assert_eq!(bench.at("AT+COPS?"), "\r\n+COPS: 0,0,\"Simphone DE\",7\r\n\r\nOK\r\n");
    assert_eq!(bench.at("AT+NONSENSE"), "\r\nERROR\r\n");
    assert_eq!(bench.at("ATV0"), "0\r");
    assert_eq!(bench.modem.stats().at_commands, 7);
}

#[test]
fn at_pin_entry_reports_the_state_of_the_card() {
    let mut bench = Bench::new("sim=pin");
    bench.at("ATE0");
    assert_eq!(bench.at("AT+CPIN?"), "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n");
    assert_eq!(bench.at("AT+CIMI"), "\r\n+CME ERROR: 11\r\n");
    assert_eq!(bench.at("AT+CPIN=\"0000\""), "\r\n+CME ERROR: 16\r\n");
    assert_eq!(bench.at("AT+CREG=1"), "\r\nOK\r\n");
    let answer = bench.at("AT+CPIN=1234");
    assert!(answer.starts_with("\r\nOK\r\n\r\n+CPIN: READY\r\n"), "{answer:?}");
    bench.advance(0);
    bench.command("deregister");
    let lines = String::from_utf8(bench.output(Port::At(2)).concat()).unwrap();
    assert!(lines.ends_with("+CREG: 2\r\n"), "{lines:?}");
}
