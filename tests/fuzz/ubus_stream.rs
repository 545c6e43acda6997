//! The bus: a decoder, and a connection that has been greeted, fed with a stream in pieces.

use super::source::Source;
use ltewan::service::methods::LTEWAN;
use ltewan::service::ubus::{Connection, Event, MAX_CALLS, MAX_OUTGOING_LEN, Object};
use ltewan::time::{Duration, Instant};
use ltewan::types::Table;
use ltewan::wire::ubus::{Attribute, Decoder, Message, MessageType, Status};

/// The id that the bus gives our object; the next one is that of our subscriber.
const OBJECT_ID: u32 = 2001;

/// Ours with its first methods alone: to publish all of them takes most of the time of a run.
const OBJECT: Object = Object { name: LTEWAN.name, methods: LTEWAN.methods.split_at(3).0 };

pub(crate) fn run(bytes: &[u8]) {
    decode(bytes);
    let mut source = Source::new(bytes);
    let mut now = Instant::from_millis(1);
    let mut connection = Connection::new(vec![OBJECT]);
    connection.subscribe(now, "network.interface");
    greet(&mut connection, now);
    let size = 1 + usize::from(source.byte());
    let mut calls = Vec::new();
    for piece in source.rest().chunks(size) {
        now = now + Duration::from_millis(u64::from(piece[0]));
        connection.handle_input(now, piece);
        connection.handle_timeout(now);
        if piece[0] & 7 == 1 {
            let timeout = Duration::from_secs(1);
            connection.invoke(now, "network.interface", "dump", &Table::new(), timeout);
        }
        while let Some(event) = connection.poll_event() {
            match event {
                Event::Call { call, .. } => calls.push(call),
                Event::Broken { .. } => {
                    connection.handle_disconnected(now);
                    greet(&mut connection, now);
                }
                Event::Connected
                | Event::Refused { .. }
                | Event::Reply { .. }
                | Event::Notification { .. }
                | Event::BusEvent { .. }
                | Event::Subscribers { .. }
                | Event::Subscription { .. } => {}
            }
        }
        if calls.len() > MAX_CALLS / 2
            && let Some(call) = calls.pop()
        {
            connection.reply(call, &Table::new().with("n", 1));
            connection.finish(call, Status::Ok);
        }
        assert!(connection.transmit().len() <= MAX_OUTGOING_LEN);
        connection.transmitted(usize::from(piece[0]).min(connection.transmit().len()));
    }
}

fn decode(bytes: &[u8]) {
    let mut decoder = Decoder::new();
    for piece in bytes.chunks(61) {
        decoder.push(piece);
        loop {
            match decoder.next_message() {
                Err(_) => return,
                Ok(None) => break,
                Ok(Some(Err(_))) => {}
                Ok(Some(Ok(message))) => {
                    let Ok(encoded) = message.encode() else { continue };
                    assert_eq!(Message::decode(&encoded), Ok(message));
                }
            }
        }
    }
}

/// The bus says hello, and answers the publishing of our object and of our subscriber.
fn greet(connection: &mut Connection, now: Instant) {
    connection.handle_connected(now);
    let mut say = |kind, seq, attributes| {
        let message = Message { kind, seq, peer: 0, attributes };
        if let Ok(bytes) = message.encode() {
            connection.handle_input(now, &bytes);
        }
    };
    say(MessageType::Hello, 0, Vec::new());
    for seq in 1..=2 {
        let id = OBJECT_ID + u32::from(seq) - 1;
        say(MessageType::Data, seq, vec![Attribute::ObjectId(id)]);
        say(MessageType::Status, seq, vec![Attribute::Status(0)]);
    }
}
