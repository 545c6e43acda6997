//! The codec on messages written down in public, and on what no sender should send.

use super::alphabet::{Alphabet, pack, unpack};
use super::*;

fn octets(hex: &str) -> Vec<u8> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.iter().map(byte).collect()
}

fn delivered(hex: &str) -> Deliver {
    match Pdu::decode_with_centre(&octets(hex)) {
        Ok((_, Pdu::Deliver(deliver))) => deliver,
        other => panic!("{other:?}"),
    }
}

fn text_of(data: &UserData) -> String {
    join([&data.body])
}

fn gsm7(text: &str, header: Header) -> UserData {
    UserData { header, coding: Coding::Gsm7, body: Body::Text(text.encode_utf16().collect()) }
}

#[test]
fn a_message_of_the_default_alphabet_is_read() {
    // The example of many tutorials, first at dreamfabric.com/sms.
    let hex = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37";
    let deliver = delivered(hex);
    assert_eq!(deliver.from.text, "27838890001");
    assert_eq!(text_of(&deliver.data), "hellohello");
    let time = deliver.time.unwrap();
    assert_eq!((rfc3339(time.unix_secs).as_str(), time.zone_quarters), ("1999-03-29T13:16:59Z", 8));
    let (centre, _) = Pdu::decode_with_centre(&octets(hex)).unwrap();
    assert_eq!(centre.unwrap().display(), "+27381000015");
}

#[test]
fn a_number_a_name_and_a_zone_west_of_utc_are_read() {
    let mut from = Address { kind: Address::ALPHANUMERIC, text: "Ä_€ 12345".to_owned() };
    let time = Some(Timestamp { unix_secs: 1_795_262_400, zone_quarters: -19 });
    let data = gsm7("x", Header::default());
    for (kind, text, shown) in [
        (Address::ALPHANUMERIC, "Ä_€ 12345", "Ä_€ 12345"),
        (Address::ALPHANUMERIC, "Seven77", "Seven77"),
        (Address::INTERNATIONAL, "491701234567", "+491701234567"),
        (Address::UNKNOWN, "*100#", "*100#"),
        (Address::UNKNOWN, "", ""),
    ] {
        from = Address { kind, text: text.to_owned() };
        assert_eq!(from.display(), shown);
        let sent = Deliver { from: from.clone(), protocol: 0, dcs: 0, time, data: data.clone() };
        let bytes = Pdu::Deliver(sent.clone()).encode().unwrap();
        assert_eq!(Pdu::decode(&bytes, false), Ok(Pdu::Deliver(sent)));
    }
    assert_eq!(from.text, "");
}

#[test]
fn only_numbers_are_numbers() {
    assert_eq!(Address::of_number(" +49 170-1 ").unwrap().display(), "+491701");
    assert_eq!(Address::of_number("*100#").unwrap().kind, Address::UNKNOWN);
    for wrong in ["", "+", "a", "12\r\n3", "1+2", "123456789012345678901", "12\"", "١٢"] {
        assert_eq!(Address::of_number(wrong), None, "{wrong:?}");
    }
}

#[test]
fn septets_behind_a_header_begin_at_a_whole_one() {
    let concat = Some(Concat { reference: 0x12, is_wide: false, total: 2, number: 1 });
    let data = gsm7("ab", Header { concat, ..Header::default() });
    let mut bytes = Vec::new();
    assert_eq!(data.write(&mut bytes), Ok(true));
    // Nine septets: seven for the header's six octets. One bit is left empty, and 'a' is 0x61.
    assert_eq!(bytes, octets("09050003120201C262"));
    assert_eq!(UserData::read(&bytes, Coding::Gsm7, true), Ok(data));
    for fill in 0..7 {
        let codes: Vec<u8> = (0..100).map(|code: u8| code.wrapping_mul(5) % 128).collect();
        assert_eq!(unpack(&pack(&codes, fill), fill, 100), codes);
    }
}

#[test]
fn every_code_of_every_alphabet_is_encoded_to_a_code_of_the_same_meaning() {
    for locking in 0..=14 {
        for single in 0..=14 {
            let alphabet = Alphabet::new(locking, single);
            for code in (0..128).filter(|code| *code != 0x1B) {
                for codes in [vec![code], vec![0x1B, code]] {
                    let [unit] = alphabet.decode(&codes)[..] else { panic!() };
                    let Some((escape, again)) = alphabet.encode(unit) else { continue };
                    let again: Vec<u8> = escape.into_iter().chain([again]).collect();
                    assert_eq!(alphabet.decode(&again), [unit], "{locking} {single} {code:#x}");
                }
            }
        }
    }
    assert_eq!(Alphabet::new(0, 0).decode(&[0x1B, 0x1B, 0x1B, 0x41, 0x1B]), [0x20, 0x41, 0x20]);
}

#[test]
fn national_tables_save_messages_where_they_are_asked_for() {
    let text = "ğ".repeat(80);
    let plain = split(&text, 0, 1).unwrap();
    assert_eq!((plain.len(), plain[0].coding), (2, Coding::Ucs2));
    let turkish = split(&text, 1, 1).unwrap();
    assert_eq!((turkish.len(), turkish[0].coding), (1, Coding::Gsm7));
    assert_eq!((turkish[0].header.locking, turkish[0].header.single), (1, 0));
    // One such letter among others is cheaper behind an escape; both say it in one message.
    assert_eq!(split("ağ", 1, 1).unwrap()[0].header.single, 1);
    assert!(split("ab", 1, 1).unwrap()[0].header == Header::default());
}

#[test]
fn a_text_of_the_longest_length_is_one_message_and_one_character_more_is_two() {
    let count = |text: &str| split(text, 0, 0).unwrap().len();
    for (unit, single, each) in [("a", 160, 153), ("ж", 70, 67), ("€", 80, 76), ("😀", 35, 33)]
    {
        assert_eq!(count(&unit.repeat(single)), 1, "{unit}");
        assert_eq!(count(&unit.repeat(single + 1)), 2, "{unit}");
        assert_eq!(count(&unit.repeat(each * 2)), 2, "{unit}");
        assert_eq!(count(&unit.repeat(each * 2 + 1)), 3, "{unit}");
        assert!(split(&unit.repeat(each * PARTS_MAX), 0, 0).is_some());
        assert!(split(&unit.repeat(each * PARTS_MAX + 1), 0, 0).is_none());
    }
    assert_eq!(count(""), 1);
}

#[test]
fn half_a_character_in_each_of_two_messages_is_one_when_they_are_joined() {
    let halves = [Body::Text(vec![0x41, 0xD83D]), Body::Text(vec![0xDE00, 0x42])];
    assert_eq!(join(&halves), "A😀B");
    assert_eq!(join(&halves[..1]), "A\u{FFFD}");
    assert_eq!(join([&Body::Data(vec![0, 255])]), "00FF");
}

#[test]
fn the_data_coding_schemes_are_those_of_the_specification() {
    use Coding::{Data, Gsm7, Ucs2};
    for (dcs, coding) in [
        (0x00, Gsm7),
        (0x04, Data),
        (0x08, Ucs2),
        (0x0C, Gsm7),
        (0x10, Gsm7),
        (0x18, Ucs2),
        (0x20, Data),
        (0x48, Ucs2),
        (0x80, Gsm7),
        (0xC8, Gsm7),
        (0xD8, Gsm7),
        (0xE0, Ucs2),
        (0xF0, Gsm7),
        (0xF5, Data),
        (0xF4, Data),
    ] {
        assert_eq!(Coding::of_message(dcs), coding, "{dcs:#x}");
    }
    for (dcs, coding) in [
        (0x0F, (Gsm7, false)),
        (0x10, (Gsm7, true)),
        (0x11, (Ucs2, true)),
        (0x44, (Data, false)),
        (0x48, (Ucs2, false)),
        (0x98, (Ucs2, false)),
        (0xF4, (Data, false)),
        (0x00, (Gsm7, false)),
    ] {
        assert_eq!(Coding::of_broadcast(dcs), coding, "{dcs:#x}");
    }
}

#[test]
fn unknown_elements_of_a_header_are_kept_and_impossible_ones_are_void() {
    let element = |bytes: &[u8]| Header::read(bytes);
    let header = element(&octets("7003AABBCC0804123403020504C3501F9024010125010F"));
    assert_eq!(header.other, [(0x70, vec![0xAA, 0xBB, 0xCC])]);
    let concat = Concat { reference: 0x1234, is_wide: true, total: 3, number: 2 };
    assert_eq!((header.concat, header.ports), (Some(concat), Some((0xC350, 0x1F90))));
    assert_eq!((header.single, header.locking), (1, 15));
    assert_eq!(Header::read(&header.write().unwrap()[1..]), header);
    for void in ["0003010200", "0003010203", "0003010000", "00020102", "0003"] {
        assert_eq!(element(&octets(void)).concat, None, "{void}");
    }
}

#[test]
fn validity_is_rounded_up_to_what_can_be_said() {
    let said = |minutes| {
        let data = gsm7("", Header::default());
        let validity = Validity::Minutes(minutes);
        let to = Address::of_number("1").unwrap();
        let (reference, protocol, dcs, wants_report) = (1, 0, 0, false);
        let submit = Submit { reference, to, protocol, dcs, wants_report, validity, data };
        match Pdu::decode(&Pdu::Submit(submit).encode().unwrap(), true) {
            Ok(Pdu::Submit(Submit { validity: Validity::Minutes(minutes), .. })) => minutes,
            other => panic!("{other:?}"),
        }
    };
    for (asked, got) in [
        (0, 5),
        (5, 5),
        (6, 10),
        (720, 720),
        (721, 750),
        (1440, 1440),
        (1441, 2880),
        (43_200, 43_200),
        (43_201, 50_400),
        (u32::MAX, 635_040),
    ] {
        assert_eq!(said(asked), got, "{asked}");
    }
}

#[test]
fn a_report_tells_what_became_of_a_message() {
    // Of the sources of ModemManager, test-sms-part-3gpp.c names no report; this is made by hand.
    let hex = "0006D50B911326880736F4111011719551401110117195714000";
    let (_, pdu) = Pdu::decode_with_centre(&octets(hex)).unwrap();
    let Pdu::StatusReport(report) = &pdu else { panic!("{pdu:?}") };
    assert_eq!((report.reference, report.delivery()), (0xD5, Delivery::Done));
    assert_eq!(report.recipient.display(), "+31628870634");
    assert_eq!(pdu.encode_with_centre(None).unwrap(), octets(hex));
    for (status, delivery) in
        [(0x1F, Delivery::Done), (0x30, Delivery::Trying), (0x41, Delivery::Failed)]
    {
        let report = StatusReport { status, ..report.clone() };
        assert_eq!(report.delivery(), delivery);
    }
}

#[test]
fn what_is_cut_short_is_read_as_far_as_it_goes_or_refused() {
    let whole = octets("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37");
    for end in 0..whole.len() {
        let read = Pdu::decode_with_centre(&whole[..end]);
        assert_eq!(read.is_ok(), end > whole.len() - 10, "{end}");
    }
    let short = Pdu::decode_with_centre(&whole[..whole.len() - 4]).unwrap();
    let (_, Pdu::Deliver(deliver)) = short else { panic!() };
    assert_eq!(text_of(&deliver.data), "hello");
}

#[test]
fn dates_are_those_of_the_calendar() {
    for (secs, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_709_251_199, "2024-02-29T23:59:59Z"),
        (1_795_262_400, "2026-11-21T12:00:00Z"),
    ] {
        assert_eq!(rfc3339(secs), text);
        for zone_quarters in [-79, -1, 0, 1, 22, 79] {
            let time = Timestamp { unix_secs: secs.max(700_000_000), zone_quarters };
            assert_eq!(Timestamp::read(time.write().unwrap()), Ok(time));
        }
    }
    for wrong in ["00000000000000", "62923100000000", "62113242000000", "6211A221000000"] {
        let octets: [u8; 7] = octets(wrong).try_into().unwrap();
        assert!(Timestamp::read(octets).is_err(), "{wrong}");
    }
}

#[test]
fn a_ussd_string_is_packed_filled_up_and_read_back() {
    // 3GPP TS 23.038 6.1.2.3.1: eight characters and seven both take seven octets.
    for (text, octets_len) in [("*100#", 5), ("1234567", 7), ("12345678", 7), ("€ [x]", 7)] {
        let (dcs, octets) = encode_ussd(text).unwrap();
        assert_eq!((dcs, octets.len()), (USSD_GSM7, octets_len), "{text}");
        assert_eq!(decode_ussd(&octets, dcs), text);
    }
    let (dcs, octets) = encode_ussd("ж").unwrap();
    assert_eq!((dcs, octets.as_slice()), (USSD_UCS2, [0x04, 0x36].as_slice()));
    assert_eq!(encode_ussd(&"x".repeat(182)).map(|(_, octets)| octets.len()), Some(160));
    assert!(encode_ussd(&"x".repeat(183)).is_none() && encode_ussd("").is_none());
    assert!(encode_ussd(&"ж".repeat(81)).is_none());
    // With a language before the text, 5.
    let (_, german) = encode_ussd("de\nHallo").unwrap();
    assert_eq!(decode_ussd(&german, 0x10), "Hallo");
    assert_eq!(decode_ussd(&[0x64, 0x32, 0x04, 0x36], 0x11), "ж");
    assert_eq!(decode_ussd(&[0xD8, 0x00, 0x04], USSD_UCS2), "\u{FFFD}");
    assert_eq!(decode_ussd(&[], 0x10), "");
}
