use super::*;

fn message(attributes: Vec<Attribute>) -> Message {
    Message { kind: MessageType::Invoke, seq: 1, peer: 2, attributes }
}

#[test]
fn a_status_has_a_code_a_name_and_the_tools_words() {
    for (code, status) in (0_u32..).zip(Status::ALL) {
        assert_eq!(status.code(), code);
        assert_eq!(Status::from_code(code), status);
    }
    assert_eq!(Status::from_code(14), Status::UnknownError);
    assert_eq!(Status::from_code(u32::MAX), Status::UnknownError);
    assert_eq!(Status::InvalidArgument.name(), "INVALID_ARGUMENT");
    assert_eq!(Status::InvalidArgument.to_string(), "Invalid argument");
}

#[test]
fn every_type_of_message_keeps_its_number() {
    for code in 0..=u8::MAX {
        assert_eq!(MessageType::from_code(code).code(), code);
    }
}

#[test]
fn attributes_unknown_or_of_the_wrong_type_are_kept() {
    let odd = message(vec![
        Attribute::Other { id: 99, payload: vec![1, 2, 3] },
        Attribute::Other { id: 3, payload: vec![1, 2, 3] },
        Attribute::Other { id: 4, payload: b"no end".to_vec() },
        Attribute::Other { id: 9, payload: vec![1, 1] },
    ]);
    let decoded = Message::decode(&odd.encode().unwrap()).unwrap();
    assert_eq!(decoded, odd);
    assert_eq!(decoded.object_id(), None);
    assert_eq!(decoded.method(), None);
    assert_eq!(decoded.active(), None);
}

#[test]
fn of_repeated_attributes_the_last_counts() {
    let twice = message(vec![Attribute::ObjectId(1), Attribute::ObjectId(2)]);
    assert_eq!(twice.object_id(), Some(2));
}

#[test]
fn a_message_of_the_largest_size_passes_and_a_larger_one_does_not() {
    let largest = message(vec![Attribute::Data(vec![0; MAX_MESSAGE_LEN - 8])]);
    let bytes = largest.encode().unwrap();
    assert_eq!(bytes.len(), MAX_MESSAGE_LEN + 8);
    let mut decoder = Decoder::new();
    for piece in bytes.chunks(4096) {
        assert_eq!(decoder.next_message(), Ok(None));
        decoder.push(piece);
    }
    assert_eq!(decoder.next_message(), Ok(Some(Ok(largest))));
    let larger = message(vec![Attribute::Data(vec![0; MAX_MESSAGE_LEN - 7])]);
    assert_eq!(larger.encode(), Err(Error::TooLarge));
}

#[test]
fn a_header_that_promises_much_is_given_no_room() {
    let mut decoder = Decoder::new();
    decoder.push(&[0, 5, 0, 1, 0, 0, 0, 0, 0, 0x0f, 0xff, 0xff]);
    assert_eq!(decoder.next_message(), Ok(None));
    assert_eq!(decoder.pending_len(), 12);
}

#[test]
fn a_bad_message_does_not_spoil_the_next() {
    let mut decoder = Decoder::new();
    decoder.push(&[0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 9]);
    decoder.push(&message(Vec::new()).encode().unwrap());
    assert_eq!(decoder.next_message(), Ok(Some(Err(Error::Truncated))));
    assert_eq!(decoder.next_message(), Ok(Some(Ok(message(Vec::new())))));
    assert_eq!(decoder.next_message(), Ok(None));
}

#[test]
fn a_stream_that_is_not_ubus_is_told_by_its_first_byte() {
    let mut decoder = Decoder::new();
    decoder.push(b"HTTP/1.1");
    assert_eq!(decoder.next_message(), Err(Error::bad_value(&"ubus version")));
}

#[test]
fn read_messages_leave_no_bytes_and_a_large_one_no_room_behind() {
    let mut decoder = Decoder::new();
    let large = message(vec![Attribute::Data(vec![0; 500_000])]).encode().unwrap();
    for _ in 0..10 {
        decoder.push(&large);
        assert!(decoder.next_message().unwrap().is_some());
        assert_eq!(decoder.next_message(), Ok(None));
        assert_eq!(decoder.buffer.len(), 0);
        assert!(decoder.buffer.capacity() <= decoder::KEPT_CAPACITY);
    }
}
