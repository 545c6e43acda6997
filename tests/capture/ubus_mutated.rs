//! Captured bus messages, damaged at random from a seed: nothing may panic, hang, or grow without
//! bound. `LTEWAN_SEED` and `LTEWAN_CASES` choose another run.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use super::chance::{Chance, setting};
use ltewan::service::ubus::{Connection, Event, Kind, MAX_OUTGOING_LEN, Method, Object, Param};
use ltewan::time::{Duration, Instant};
use ltewan::types::{Table, Value};
use ltewan::wire::json::{table_to_json, table_to_json_indented};
use ltewan::wire::ubus::{Attribute, Decoder, Message, MessageType, Status};
use ltewan::wire::{Error, blobmsg};

const OBJECT: Object = Object {
    name: "test",
    methods: &[
        Method {
            name: "hello",
            params: &[
                Param { name: "id", kind: Kind::Integer },
                Param { name: "msg", kind: Kind::String },
            ],
        },
        Method {
            name: "count",
            params: &[
                Param { name: "to", kind: Kind::Integer },
                Param { name: "string", kind: Kind::String },
            ],
        },
    ],
};

fn damage(chance: &mut Chance, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    for _ in 0..=chance.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = chance.below(bytes.len());
        match chance.below(7) {
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => bytes[at] = chance.byte(),
            2 => bytes.truncate(at),
            3 => bytes.insert(at, chance.byte()),
            4 => {
                // A word, where lengths are.
                let word = at & !3;
                for (offset, byte) in chance.next().to_be_bytes()[4..].iter().enumerate() {
                    if let Some(slot) = bytes.get_mut(word + offset) {
                        *slot = if offset < 2 { *slot } else { *byte };
                    }
                }
            }
            5 => {
                let other = &others[chance.below(others.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[chance.below(other.len())..]);
            }
            _ => {
                let copy = bytes[at..(at + chance.below(64)).min(bytes.len())].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(count).sum::<usize>(),
        Value::Table(table) => 1 + count_entries(table),
        Value::Null
        | Value::Bool(_)
        | Value::I16(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::F64(_)
        | Value::String(_) => 1,
    }
}

fn count_entries(table: &Table) -> usize {
    table.0.iter().map(|(_, value)| count(value)).sum()
}

/// Whatever decodes must encode, and decode to the same again.
fn check_codec(bytes: &[u8]) -> Result<(), Error> {
    let message = Message::decode(bytes)?;
    let encoded = message.encode()?;
    assert_eq!(Message::decode(&encoded), Ok(message.clone()));
    for attribute in &message.attributes {
        let (Attribute::Data(table) | Attribute::Signature(table)) = attribute else { continue };
        let decoded = blobmsg::decode(table)?;
        assert!(count_entries(&decoded) <= table.len() / 4);
        let encoded = blobmsg::encode(&decoded)?;
        // NaN is not equal to itself.
        assert_eq!(format!("{:?}", blobmsg::decode(&encoded)?), format!("{decoded:?}"));
        assert!(table_to_json(&decoded).len() <= table_to_json_indented(&decoded).len());
    }
    Ok(())
}

#[test]
fn damaged_messages_never_panic_and_what_decodes_encodes_again() {
    let originals = super::ubus::all_messages();
    let mut chance = Chance(setting("LTEWAN_SEED", 1) | 1);
    let (mut good, mut seen) = (0, BTreeSet::new());
    for _ in 0..setting("LTEWAN_CASES", 200_000) {
        let mut bytes = originals[chance.below(originals.len())].clone();
        damage(&mut chance, &mut bytes, &originals);
        match check_codec(&bytes) {
            Ok(()) => good += 1,
            Err(error) => {
                seen.insert(error.to_string());
            }
        }
    }
    assert!(good > 1000, "the damage is too great to test anything: {good} good");
    assert!(seen.len() >= 6, "the damage is too small to test anything: {seen:?}");
}

#[test]
fn a_connection_survives_any_bytes() {
    let originals = super::ubus::all_messages();
    let mut chance = Chance(setting("LTEWAN_SEED", 2) | 1);
    let mut now = Instant::from_millis(1);
    let mut ours = Connection::new(vec![OBJECT]);
    ours.subscribe(now, "other");
    ours.listen(now, "ltewan.*");
    let mut calls = Vec::new();
    let (mut called, mut told, mut broken) = (0, 0, 0);
    for case in 0..setting("LTEWAN_CASES", 100_000) {
        now = now + Duration::from_millis(chance.next() % 200);
        if case == 0 || chance.below(200) == 0 {
            connect(&mut ours, now);
        }
        let mut bytes = originals[chance.below(originals.len())].clone();
        // So that it is for an object of ours.
        point_at(&mut chance, &mut bytes);
        if chance.below(8) == 0 {
            damage(&mut chance, &mut bytes, &originals);
        }
        for piece in bytes.chunks(1 + chance.below(100)) {
            ours.handle_input(now, piece);
        }
        if chance.below(8) == 0 {
            ours.invoke(now, "test", "hello", &Table::new(), Duration::from_secs(1));
        }
        ours.handle_timeout(now);
        let mut events = 0;
        while let Some(event) = ours.poll_event() {
            events += 1;
            if let Event::Call { call, .. } = event {
                calls.push(call);
                called += 1;
            } else if matches!(event, Event::Notification { .. } | Event::BusEvent { .. }) {
                told += 1;
            } else if matches!(event, Event::Broken { .. }) {
                broken += 1;
                ours.handle_disconnected(now);
                connect(&mut ours, now);
            }
        }
        assert!(events < 1000, "{events} events of one message");
        if calls.len() > 20 {
            let call = calls.swap_remove(chance.below(calls.len()));
            ours.reply(call, &Table::new().with("n", 1));
            ours.finish(call, Status::Ok);
        }
        assert!(ours.transmit().len() <= MAX_OUTGOING_LEN);
        if chance.below(4) == 0 {
            ours.transmitted(chance.below(5000));
        }
    }
    let reached = [called, told, broken];
    assert!(reached.iter().all(|&count| count > 100), "calls, news, breaks: {reached:?}");
}

/// Greets the connection and gives its object, its event object and its subscriber their ids.
fn connect(ours: &mut Connection, now: Instant) {
    ours.handle_connected(now);
    let say = |ours: &mut Connection, kind, seq, attributes| {
        let message = Message { kind, seq, peer: 0, attributes };
        ours.handle_input(now, &message.encode().unwrap());
    };
    say(ours, MessageType::Hello, 0, Vec::new());
    for seq in 1..=3 {
        say(ours, MessageType::Data, seq, vec![Attribute::ObjectId(2000 + u32::from(seq))]);
        say(ours, MessageType::Status, seq, vec![Attribute::Status(0)]);
    }
    let mut decoder = Decoder::new();
    decoder.push(ours.transmit());
    assert_eq!(decoder.next_message().unwrap().unwrap().unwrap().kind, MessageType::AddObject);
}

/// Most captured messages carry their object id first.
fn point_at(chance: &mut Chance, bytes: &mut [u8]) {
    if chance.below(3) > 0 && bytes.get(12..16) == Some(&[3, 0, 0, 8]) {
        let id = 2001 + u32::try_from(chance.below(3)).unwrap();
        bytes[16..20].copy_from_slice(&id.to_be_bytes());
        bytes[3] %= 16;
    }
}
