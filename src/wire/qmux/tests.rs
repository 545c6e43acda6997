use super::*;
use crate::wire::qmi::CLIENT_BROADCAST;

/// A reply of DMS, client 1: Get Model says `X`.
fn model_reply(transaction: u16) -> RawMessage {
    let tlvs = vec![0x02, 4, 0, 0, 0, 0, 0, 0x01, 1, 0, b'X'];
    RawMessage::request(Service::Dms, 1, transaction, 0x0022, Vec::new()).response(tlvs)
}

fn decode_all(decoder: &mut Decoder, bytes: &[u8]) -> Vec<RawMessage> {
    decoder.handle_input(bytes);
    core::iter::from_fn(|| decoder.poll_message()).collect()
}

#[test]
fn a_request_to_dms_is_laid_out_as_specified() {
    let request = RawMessage::request(Service::Dms, 1, 0x0302, 0x0022, vec![0x01, 1, 0, 9]);
    let expected = [
        0x01, 0x10, 0x00, 0x00, 0x02, 0x01, // marker, length, flags, service, client
        0x00, 0x02, 0x03, 0x22, 0x00, 0x04, 0x00, // flags, transaction, message, length
        0x01, 0x01, 0x00, 0x09,
    ];
    assert_eq!(request.encode().unwrap(), expected);
    assert_eq!(RawMessage::decode(&expected).unwrap(), request);
}

#[test]
fn a_transaction_of_the_control_service_has_one_byte() {
    let request = RawMessage::request(Service::Ctl, 0, 0x00FE, 0x0027, Vec::new());
    let expected = [0x01, 0x0B, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFE, 0x27, 0x00, 0x00, 0x00];
    assert_eq!(request.encode().unwrap(), expected);
    assert_eq!(RawMessage::decode(&expected).unwrap(), request);
}

#[test]
fn the_kind_is_in_other_bits_for_the_control_service() {
    for service in [Service::Ctl, Service::Wds, Service::from_code(0xE0)] {
        let request = RawMessage::request(service, 1, 1, 0x0020, Vec::new());
        assert_eq!(request.kind(), Kind::Request);
        assert_eq!(request.response(Vec::new()).kind(), Kind::Response);
        let indication = RawMessage::indication(service, CLIENT_BROADCAST, 0x20, Vec::new());
        assert_eq!(indication.kind(), Kind::Indication);
        assert_eq!(RawMessage::decode(&indication.encode().unwrap()), Ok(indication));
    }
    assert_eq!(RawMessage { flags: 0x01, ..model_reply(1) }.kind(), Kind::Request);
    assert_eq!(RawMessage { flags: 0x06, ..model_reply(1) }.kind(), Kind::Indication);
}

#[test]
fn one_byte_more_or_less_is_no_frame() {
    let frame = model_reply(1).encode().unwrap();
    for len in 0..frame.len() {
        assert_eq!(RawMessage::decode(&frame[..len]), Err(Error::Truncated), "{len}");
    }
    let longer = [frame.as_slice(), &[0]].concat();
    assert_eq!(RawMessage::decode(&longer), Err(Error::BadLength));
}

#[test]
fn lengths_that_contradict_each_other_are_refused() {
    let frame = model_reply(1).encode().unwrap();
    let with = |at: usize, value: u8| {
        let mut bytes = frame.clone();
        bytes[at] = value;
        RawMessage::decode(&bytes)
    };
    assert_eq!(with(0, 0x02), Err(Error::bad_value(&"marker")));
    assert_eq!(with(3, 0x40), Err(Error::bad_value(&"control flags")));
    assert_eq!(with(1, 0x05), Err(Error::BadLength));
    assert_eq!(with(2, 0xFF), Err(Error::TooLarge));
    assert_eq!(with(11, 0x09), Err(Error::BadLength));
}

#[test]
fn a_frame_too_long_for_a_modem_is_not_made() {
    let with = |tlvs_len| RawMessage { tlvs: vec![0; tlvs_len], ..model_reply(1) }.encode();
    assert_eq!(with(MAX_FRAME_LEN - 13).unwrap().len(), MAX_FRAME_LEN);
    assert_eq!(with(MAX_FRAME_LEN - 12), Err(Error::TooLarge));
}

#[test]
fn several_frames_in_one_read_come_in_order() {
    let messages = [model_reply(1), model_reply(2), model_reply(3)];
    let bytes: Vec<u8> = messages.iter().flat_map(|m| m.encode().unwrap()).collect();
    assert_eq!(decode_all(&mut Decoder::new(), &bytes), messages);
}

#[test]
fn a_frame_in_pieces_comes_with_its_last_piece() {
    let message = model_reply(7);
    let frame = message.encode().unwrap();
    for split in 1..frame.len() {
        let mut decoder = Decoder::new();
        assert_eq!(decode_all(&mut decoder, &frame[..split]), []);
        assert_eq!(
            decode_all(&mut decoder, &frame[split..]),
            core::slice::from_ref(&message),
            "{split}"
        );
        assert_eq!(decoder.skipped_len(), 0);
    }
}

#[test]
fn bytes_that_start_no_frame_are_skipped_and_counted() {
    let message = model_reply(7);
    let frame = message.encode().unwrap();
    let mut decoder = Decoder::new();
    // A marker among them starts nothing: what follows is no header.
    let garbage = b"\r\nOK\r\n\x01\xFF\xFF\xFF";
    let bytes = [garbage.as_slice(), &frame, b"+", &frame].concat();
    assert_eq!(decode_all(&mut decoder, &bytes), [message.clone(), message]);
    assert_eq!(decoder.skipped_len(), 11);
}

#[test]
fn a_frame_whose_tlvs_lie_is_handed_over_for_its_transaction() {
    let message = RawMessage { tlvs: vec![0x02, 9, 0, 0], ..model_reply(7) };
    let mut decoder = Decoder::new();
    assert_eq!(
        decode_all(&mut decoder, &message.encode().unwrap()),
        core::slice::from_ref(&message)
    );
    assert_eq!(message.tlvs().check(), Err(Error::BadLength));
}

#[test]
fn a_frame_with_bytes_missing_does_not_swallow_the_next_one() {
    let frame = model_reply(7).encode().unwrap();
    let next = model_reply(8);
    let mut cut = frame.clone();
    cut.drain(16..20);
    let mut decoder = Decoder::new();
    let bytes = [cut.as_slice(), &next.encode().unwrap()].concat();
    assert_eq!(decode_all(&mut decoder, &bytes), [next]);
    assert_eq!(decoder.skipped_len(), u64::try_from(cut.len()).unwrap());
}

#[test]
fn a_port_that_was_reopened_starts_anew() {
    let message = model_reply(7);
    let frame = message.encode().unwrap();
    let mut decoder = Decoder::new();
    decoder.handle_input(&frame[..9]);
    decoder.reset();
    assert_eq!(decode_all(&mut decoder, &frame), [message]);
}

#[test]
fn a_flood_of_markers_is_gone_through_at_once() {
    let mut decoder = Decoder::new();
    let flood = vec![MARKER; 4 * MAX_FRAME_LEN];
    assert_eq!(decode_all(&mut decoder, &flood), []);
    let message = model_reply(7);
    assert_eq!(decode_all(&mut decoder, &message.encode().unwrap()), [message]);
}

#[test]
fn frames_inside_frames_are_taken_apart_in_a_moment() {
    // Each frame's TLVs lie and hold the next frame: the outermost is 16 KB.
    let mut tlvs: Vec<u8> = Vec::new();
    let mut frame = Vec::new();
    while frame.len() < MAX_FRAME_LEN - 40 {
        let message =
            RawMessage { tlvs: [&[0x01, 0xFF, 0xFF], tlvs.as_slice()].concat(), ..model_reply(1) };
        frame = message.encode().unwrap();
        tlvs.clone_from(&frame);
    }
    let mut decoder = Decoder::new();
    // Only the innermost one has no other in it.
    assert_eq!(decode_all(&mut decoder, &frame).len(), 1);
}
