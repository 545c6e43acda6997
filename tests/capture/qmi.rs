//! QMI frames from other programs: name, direction, hex, source. One a line in `qmi.tsv`.
//!
//! Requests are libqmi's (`qmicli` 1.32 on a pty) and uqmi's: ours must be the same, TLV for TLV.
//! Replies and indications are published ones from modems, and for what nobody has published, made
//! ones that `qmicli` was seen to read as the tests below do. libqmi writes TLVs in no fixed order,
//! so requests are compared with their TLVs sorted.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod replies;
mod requests;

use ltewan::wire::qmi::{Indication, ReplyError, Request, TlvWriter, read_reply};
use ltewan::wire::qmux::{Decoder, Kind, RawMessage};

const CAPTURE: &str = include_str!("qmi.tsv");

struct Line {
    name: &'static str,
    to_modem: bool,
    bytes: Vec<u8>,
}

fn lines() -> impl Iterator<Item = Line> {
    CAPTURE.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[name, direction, hex, _source] = columns.as_slice() else { panic!("{line}") };
        let to_modem = match direction {
            "to-modem" => true,
            "from-modem" => false,
            other => panic!("direction {other}"),
        };
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        assert!(rest.is_empty(), "{name}");
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        Line { name, to_modem, bytes: pairs.iter().map(byte).collect() }
    })
}

/// Every captured frame.
pub(crate) fn all_frames() -> Vec<Vec<u8>> {
    lines().map(|line| line.bytes).collect()
}

/// The one message with a name.
fn message(name: &str) -> RawMessage {
    let line = lines().find(|line| line.name == name);
    let line = line.unwrap_or_else(|| panic!("no {name}"));
    RawMessage::decode(&line.bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The reply with a name, read as one to a request `R`.
fn reply<R: Request>(name: &str) -> Result<R::Response, ReplyError> {
    let message = message(name);
    assert_eq!(message.kind(), Kind::Response, "{name}");
    assert_eq!((message.service, message.message), (R::SERVICE, R::MESSAGE), "{name}");
    read_reply::<R>(message.tlvs())
}

/// The indication with a name.
fn indication(name: &str) -> Indication {
    let message = message(name);
    assert_eq!(message.kind(), Kind::Indication, "{name}");
    let read = Indication::read(message.service, message.message, message.tlvs());
    read.unwrap().unwrap_or_else(|| panic!("{name} is unknown"))
}

#[test]
fn every_frame_decodes_and_encodes_to_the_same_bytes() {
    let mut count = 0;
    for Line { name, to_modem, bytes } in lines() {
        let message = RawMessage::decode(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(message.encode().unwrap(), bytes, "{name}");
        assert_eq!(message.control, if to_modem { 0x00 } else { 0x80 }, "{name}");
        assert_eq!(message.kind() == Kind::Request, to_modem, "{name}");
        assert_eq!(message.tlvs().check(), Ok(()), "{name}");
        let mut tlvs = TlvWriter::new();
        for tlv in message.tlvs().iter() {
            tlvs.put(tlv.kind, tlv.value);
        }
        assert_eq!(tlvs.finish().unwrap(), message.tlvs, "{name}");
        count += 1;
    }
    assert!(count > 100, "{count} frames");
}

#[test]
fn a_port_that_is_a_stream_delivers_every_frame_whatever_the_pieces() {
    let frames = all_frames();
    let stream = frames.concat();
    for piece_len in [1, 2, 7, 64, 511, 4096, stream.len()] {
        let mut decoder = Decoder::new();
        let mut decoded = Vec::new();
        for piece in stream.chunks(piece_len) {
            decoder.handle_input(piece);
            decoded.extend(core::iter::from_fn(|| decoder.poll_message()));
        }
        let encoded: Vec<Vec<u8>> = decoded.iter().map(|m| m.encode().unwrap()).collect();
        assert_eq!(encoded, frames, "in pieces of {piece_len}");
        assert_eq!(decoder.skipped_len(), 0);
    }
}

#[test]
fn a_frame_printed_for_a_log_shows_no_value() {
    let start =
        message("wds-start-network=apn=internet,ip-type=4,auth=BOTH,username=joe,password=secret");
    let shown = format!("{start:?}");
    assert_eq!(shown, "Request Wds/7 #1 0x0020 19:1 18:6 17:3 16:1 14:8");
}
