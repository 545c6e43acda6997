//! Short messages: ten thousand random texts through encoding, splitting, shuffling and joining,
//! and messages that decoders of others read alike (`sms.tsv`).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::chance::{Chance, setting};
use ltewan::wire::sms::{
    Address, Alphabet, Coding, Deliver, OCTETS_MAX, Pdu, Submit, Timestamp, UserData, Validity,
    join, rfc3339, split,
};

/// The languages with tables of their own, TS 23.038 6.2.1.2.4.
const LANGUAGES: u8 = 13;

/// A character of the default alphabet, or of a language's tables, locking and single.
fn character(chance: &mut Chance, language: u8, kind: Kind) -> char {
    let language = if kind == Kind::National { language } else { 0 };
    let codes = [0x1B, chance.byte() & 0x7F];
    let codes = &codes[usize::from(chance.below(5) > 0)..];
    let unit = Alphabet::new(language, language).decode(codes)[0];
    match (kind, chance.below(8)) {
        (Kind::Any, 0) => char::from_u32(0x1_F300 + u32::from(chance.byte())).unwrap(),
        (Kind::Any, 1) => {
            char::from_u32(u32::try_from(chance.below(0x11_0000)).unwrap()).unwrap_or('ж')
        }
        _ => char::from_u32(unit.into()).filter(|c| *c != '\u{FFFD}').unwrap_or(' '),
    }
}

/// What a text is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Default,
    National,
    Any,
}

fn text(chance: &mut Chance) -> (String, u8) {
    let language = 1 + chance.byte() % LANGUAGES;
    let length = match chance.below(4) {
        0 => chance.below(12),
        1 => 60 + chance.below(110),
        _ => chance.below(900),
    };
    let kind = [Kind::Default, Kind::National, Kind::Any][chance.below(3)];
    ((0..length).map(|_| character(chance, language, kind)).collect(), language)
}

fn shuffle<T>(chance: &mut Chance, items: &mut [T]) {
    for at in (1..items.len()).rev() {
        items.swap(at, chance.below(at + 1));
    }
}

fn deliver(from: &str, time: Timestamp, data: UserData) -> Pdu {
    let (from, dcs) = (Address::of_number(from).unwrap(), data.coding.dcs());
    Pdu::Deliver(Deliver { from, protocol: 0, dcs, time: Some(time), data })
}

fn submit(to: &str, data: UserData) -> Pdu {
    let (to, dcs) = (Address::of_number(to).unwrap(), data.coding.dcs());
    let validity = Validity::Minutes(1440);
    Pdu::Submit(Submit { reference: 7, to, protocol: 0, dcs, wants_report: true, validity, data })
}

#[test]
fn random_texts_are_the_same_after_encoding_splitting_shuffling_and_joining() {
    let mut chance = Chance(setting("LTEWAN_SEED", 0x53_4d_53));
    let cases = setting("LTEWAN_CASES", 10_000);
    let (mut parts_count, mut coded) = (0, [0; 3]);
    for _ in 0..cases {
        let (text, language) = text(&mut chance);
        let parts = split(&text, language, chance.byte()).unwrap();
        let zone_quarters = i8::try_from(i32::try_from(chance.below(159)).unwrap() - 79).unwrap();
        let unix_secs = 1_000_000_000 + i64::try_from(chance.below(1_000_000_000)).unwrap();
        let mut sent: Vec<Vec<u8>> = parts
            .iter()
            .map(|part| {
                let time = Timestamp { unix_secs, zone_quarters };
                let outgoing = submit("+491701234567", part.clone()).encode().unwrap();
                let Pdu::Submit(read) = Pdu::decode(&outgoing, true).unwrap() else { panic!() };
                assert_eq!((&read.data, read.validity), (part, Validity::Minutes(1440)));
                deliver("4917", time, part.clone()).encode().unwrap()
            })
            .collect();
        shuffle(&mut chance, &mut sent);
        let mut got: Vec<UserData> = Vec::new();
        for bytes in &sent {
            let Pdu::Deliver(deliver) = Pdu::decode(bytes, false).unwrap() else { panic!() };
            assert_eq!(deliver.time, Some(Timestamp { unix_secs, zone_quarters }));
            assert!(bytes.len() <= OCTETS_MAX + 15);
            got.push(deliver.data);
        }
        got.sort_by_key(|data| data.header.concat.map(|concat| concat.number));
        let total = got[0].header.concat.map_or(1, |concat| usize::from(concat.total));
        assert_eq!(total, got.len());
        assert_eq!(join(got.iter().map(|data| &data.body)), text, "{language}");
        for data in &got {
            // No part begins or ends within a character.
            assert!(join([&data.body]).chars().all(|c| c != '\u{FFFD}' || text.contains(c)));
        }
        parts_count += total;
        coded[match (got[0].coding, got[0].header.locking + got[0].header.single) {
            (Coding::Gsm7, 0) => 0,
            (Coding::Gsm7, _) => 1,
            _ => 2,
        }] += 1;
    }
    assert!(coded.iter().all(|count| *count > cases / 20), "{coded:?}");
    assert!(parts_count > usize::try_from(cases).unwrap() * 3 / 2);
}
/// Undoes `\u{1f600}`.
fn unescape(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').unwrap();
        plain.extend(char::from_u32(u32::from_str_radix(code, 16).unwrap()));
        plain.push_str(rest);
    }
    plain
}

/// Kind, octets, number, time, place in a longer message, text, and by whose word: random texts
/// of ours, without those that others mistake: Gammu takes two tildes for one, and gsmcodecs a
/// comma of the Indian alphabets for an apostrophe.
const CAPTURE: &str = include_str!("sms.tsv");

#[test]
fn decoders_of_others_read_our_messages_as_we_do() {
    let (mut national, mut count) = (0, 0);
    for line in CAPTURE.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[kind, octets, number, time, place, text, source] = columns.as_slice() else {
            panic!("{line}")
        };
        let octets: Vec<u8> = octets
            .as_bytes()
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        let (centre, pdu) = Pdu::decode_with_centre(&octets).unwrap();
        assert_eq!(pdu.encode_with_centre(centre.as_ref()).as_deref(), Ok(octets.as_slice()));
        let (address, got_time, data) = match pdu {
            Pdu::Deliver(deliver) if kind == "deliver" => {
                (deliver.from, deliver.time, deliver.data)
            }
            Pdu::Submit(submit) if kind == "submit" => (submit.to, None, submit.data),
            other @ (Pdu::Deliver(_) | Pdu::Submit(_) | Pdu::StatusReport(_)) => {
                panic!("{other:?}")
            }
        };
        assert_eq!(address.display(), number);
        assert_eq!(got_time.map_or("-".to_owned(), |time| rfc3339(time.unix_secs)), time);
        let part = data.header.concat;
        let got = part.map(|part| format!("{}/{}/{}", part.reference, part.total, part.number));
        assert_eq!(got.as_deref().unwrap_or("-"), place);
        assert_eq!(join([&data.body]), unescape(text), "{source}");
        national += usize::from(data.header.locking + data.header.single > 0);
        count += 1;
    }
    assert!(count - national >= 80 && national >= 30, "{count} messages, {national} national");
}
