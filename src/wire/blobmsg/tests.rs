use super::*;

fn array_of(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner]))
}

#[test]
fn a_string_is_written_as_libubox_writes_it() {
    // seen: `ubus call test hello '{"id":7,"msg":"grüß"}'`
    let table = Table::new().with("id", 7).with("msg", "grüß");
    let bytes = [
        0x85, 0, 0, 0x10, 0, 2, b'i', b'd', 0, 0, 0, 0, 0, 0, 0, 7, //
        0x83, 0, 0, 0x13, 0, 3, b'm', b's', b'g', 0, 0, 0, b'g', b'r', 0xc3, 0xbc, 0xc3, 0x9f, 0,
        0,
    ];
    assert_eq!(encode(&table).unwrap(), bytes);
    assert_eq!(decode(&bytes).unwrap(), table);
}

#[test]
fn names_of_any_length_are_padded_to_four() {
    for len in 0..70 {
        let table = Table::new().with("n".repeat(len), true).with("next", 1);
        let bytes = encode(&table).unwrap();
        assert!(bytes.len().is_multiple_of(4));
        assert_eq!(decode(&bytes).unwrap(), table);
    }
}

#[test]
fn text_that_is_no_c_string_is_still_whole_for_every_reader() {
    let table = Table::new().with("a\0b", "c\0d");
    let expected = Table::new().with("a\u{fffd}b", "c\u{fffd}d");
    assert_eq!(decode(&encode(&table).unwrap()).unwrap(), expected);
}

#[test]
fn text_that_is_not_utf_8_is_replaced_and_ends_at_its_nul() {
    let bytes = [0x83, 0, 0, 0x0e, 0, 1, 0xff, 0, b'a', 0xfe, b'b', 0, b'c', 0, 0, 0];
    assert_eq!(decode(&bytes).unwrap(), Table::new().with("\u{fffd}", "a\u{fffd}b"));
}

#[test]
fn a_value_without_a_name_header_has_an_empty_name() {
    let bytes = [0x05, 0, 0, 8, 0, 0, 0, 9];
    assert_eq!(decode(&bytes).unwrap(), Table::new().with("", 9));
}

#[test]
fn any_byte_but_zero_is_true() {
    let bytes = [0x07, 0, 0, 5, 0xff, 0, 0, 0, 0x07, 0, 0, 5, 0, 0, 0, 0];
    assert_eq!(decode(&bytes).unwrap(), Table::new().with("", true).with("", false));
}

#[test]
fn malformed_values_are_refused_with_what_is_wrong() {
    let cases: [(&[u8], Error); 9] = [
        (&[0x85, 0, 0], Error::Truncated),
        (&[0x85, 0, 0, 3], Error::BadLength),
        (&[0x05, 0, 0, 12, 0, 0, 0, 0], Error::Truncated),
        (&[0x05, 0, 0, 6, 0, 1, 0, 0], Error::BadLength),
        (&[0x05, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0], Error::BadLength),
        (&[0x03, 0, 0, 6, b'a', b'b', 0, 0], Error::bad_value(&"string")),
        (&[0x09, 0, 0, 4], Error::bad_value(&"blobmsg type")),
        (&[0x80, 0, 0, 8, 0, 1, b'a', b'b'], Error::bad_value(&"blobmsg name")),
        (&[0x80, 0, 0, 8, 0, 9, b'a', 0], Error::Truncated),
    ];
    for (bytes, error) in cases {
        assert_eq!(decode(bytes), Err(error), "{bytes:02x?}");
    }
    // Its padding is not there.
    assert_eq!(decode(&[0x07, 0, 0, 5, 1]), Err(Error::Truncated));
}

#[test]
fn nesting_is_bounded_both_ways() {
    let deepest = Table::new().with("a", array_of(MAX_DEPTH - 1));
    assert_eq!(decode(&encode(&deepest).unwrap()).unwrap(), deepest);
    let deeper = Table::new().with("a", array_of(MAX_DEPTH));
    assert_eq!(encode(&deeper), Err(Error::TooLarge));
    let mut bytes = Vec::new();
    for _ in 0..10_000_u32 {
        let len = u32::try_from(bytes.len() + 4).unwrap();
        bytes.splice(0..0, (0x0100_0000 | len).to_be_bytes());
    }
    assert_eq!(decode(&bytes), Err(Error::TooLarge));
}

#[test]
fn the_number_of_values_is_bounded() {
    let nameless = [0, 0, 0, 4];
    assert!(decode(&nameless.repeat(MAX_VALUES)).is_ok());
    assert_eq!(decode(&nameless.repeat(MAX_VALUES + 1)), Err(Error::TooLarge));
    assert_eq!(decode(&vec![0; MAX_LEN + 1]), Err(Error::TooLarge));
}

#[test]
fn size_is_bounded_when_writing() {
    let fits = Table::new().with("", "x".repeat(MAX_LEN - 9));
    assert_eq!(encode(&fits).unwrap().len(), MAX_LEN);
    assert_eq!(encode(&Table::new().with("", "x".repeat(MAX_LEN - 8))), Err(Error::TooLarge));
    assert_eq!(encode(&Table::new().with("n".repeat(70_000), 1)), Err(Error::TooLarge));
    let many = Table::new().with("list", vec![1; 100_000]);
    assert_eq!(encode(&many), Err(Error::TooLarge));
}

#[test]
fn every_type_keeps_its_number() {
    for id in 0..=u8::MAX {
        assert_eq!(Type::from_id(id).map(Type::id), (id <= 8).then_some(id));
    }
}
