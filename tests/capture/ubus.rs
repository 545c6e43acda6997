//! Bytes between real ubusd (2025-12, x86-64) and clients made with libubus, one message a line:
//! connection, direction, hex.
//!
//! `ubus.tsv`: the example server of ubus and the `ubus` tool: `list`, `list -v`, calls (a missing
//! object, a missing method, a wrong argument, every type), `subscribe`, `listen`, `send`.
//! `ubus-more.tsv`: a server with doubles, infinities, empty and nameless values, a 4 KB answer,
//! an answer in two parts, notifications with and without a wish for an answer, a subscriber that
//! follows an object (`watcher`) and a call with tables 30 deep.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ltewan::service::ubus::{Connection, Event, Kind, Method, Object, Param};
use ltewan::time::{Duration, Instant};
use ltewan::types::{Table, Value};
use ltewan::wire::blobmsg;
use ltewan::wire::ubus::{Attribute, Decoder, Message, MessageType, Status};

const BASIC: &str = include_str!("ubus.tsv");
const MORE: &str = include_str!("ubus-more.tsv");

const NOW: Instant = Instant::from_millis(1000);

const TEST: Object = Object {
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
            name: "watch",
            params: &[
                Param { name: "id", kind: Kind::Integer },
                Param { name: "counter", kind: Kind::Integer },
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

struct Line {
    connection: &'static str,
    to_bus: bool,
    bytes: Vec<u8>,
}

fn read(capture: &'static str) -> Vec<Line> {
    capture
        .lines()
        .map(|line| {
            let mut columns = line.split('\t');
            let connection = columns.next().unwrap();
            let to_bus = match columns.next().unwrap() {
                "client->ubusd" => true,
                "ubusd->client" => false,
                other => panic!("direction {other}"),
            };
            Line { connection, to_bus, bytes: unhex(columns.next().unwrap()) }
        })
        .collect()
}

fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every captured message, of both files.
pub(crate) fn all_messages() -> Vec<Vec<u8>> {
    read(BASIC).into_iter().chain(read(MORE)).map(|line| line.bytes).collect()
}

#[test]
fn every_captured_message_decodes_and_encodes_to_the_same_bytes() {
    let messages = all_messages();
    assert_eq!(messages.len(), 111 + 136);
    let mut tables = 0;
    for bytes in &messages {
        let message = Message::decode(bytes).unwrap();
        assert_eq!(hex(&message.encode().unwrap()), hex(bytes));
        for attribute in &message.attributes {
            match attribute {
                Attribute::Data(table) | Attribute::Signature(table) => {
                    let decoded = blobmsg::decode(table).unwrap();
                    assert_eq!(hex(&blobmsg::encode(&decoded).unwrap()), hex(table));
                    tables += 1;
                }
                Attribute::Other { id, .. } => panic!("attribute {id} is not known"),
                Attribute::Status(_)
                | Attribute::ObjectPath(_)
                | Attribute::ObjectId(_)
                | Attribute::Method(_)
                | Attribute::ObjectType(_)
                | Attribute::Target(_)
                | Attribute::Active(_)
                | Attribute::NoReply(_)
                | Attribute::Subscribers(_)
                | Attribute::User(_)
                | Attribute::Group(_) => {}
            }
        }
    }
    assert!(tables > 80, "{tables} tables seen");
}

#[test]
fn a_stream_cut_anywhere_gives_the_same_messages() {
    let messages = all_messages();
    let stream = messages.concat();
    for piece_len in [1, 2, 3, 7, 11, 12, 13, 100, 4096, stream.len()] {
        let mut decoder = Decoder::new();
        let mut seen = Vec::new();
        for piece in stream.chunks(piece_len) {
            decoder.push(piece);
            while let Some(message) = decoder.next_message().unwrap() {
                seen.push(message.unwrap().encode().unwrap());
            }
        }
        assert_eq!(seen, messages, "pieces of {piece_len}");
        assert_eq!(decoder.pending_len(), 0);
    }
}

#[test]
fn every_value_type_reads_as_libubox_wrote_it() {
    let data = find(MORE, "call-types", false, MessageType::Data, "pi");
    let Value::Array(mixed) = data.get("mixed").unwrap() else { panic!("not a list") };
    assert_eq!(data.get("pi"), Some(&Value::F64("3.14159265358979".parse().unwrap())));
    assert_eq!(data.get("neg"), Some(&Value::F64(-1e-300)));
    assert_eq!(data.get("inf"), Some(&Value::F64(f64::INFINITY)));
    assert_eq!(data.get("short"), Some(&Value::I16(-2)));
    assert_eq!(data.get("min"), Some(&Value::I64(i64::MIN)));
    assert_eq!(data.get("max"), Some(&Value::I32(i32::MAX)));
    assert_eq!(data.get("no"), Some(&Value::Bool(false)));
    assert_eq!(data.get("nothing"), Some(&Value::Null));
    assert_eq!(data.get(""), Some(&Value::String(String::new())));
    assert_eq!(data.get_str("ke"), Some("q\"\\\u{8}\u{c}\n\r\t\u{1}\u{7f}/"));
    assert_eq!(data.get("empty"), Some(&Value::Table(Table::new())));
    assert_eq!(mixed.len(), 6);
    assert_eq!(mixed[3], Value::Table(Table::new().with("in", 1)));
    let names: Vec<&str> = data.0.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.iter().filter(|name| **name == "dup").count(), 2);
    assert_eq!(names[..3], ["pi", "zero", "neg"]);
}

/// The data of the first message of a kind that has an entry of that name.
fn find(
    capture: &'static str,
    connection: &str,
    to_bus: bool,
    kind: MessageType,
    entry: &str,
) -> Table {
    read(capture)
        .iter()
        .filter(|line| line.connection == connection && line.to_bus == to_bus)
        .map(|line| Message::decode(&line.bytes).unwrap())
        .filter(|message| message.kind == kind)
        .find_map(|message| message.data().unwrap().filter(|data| data.get(entry).is_some()))
        .unwrap()
}

/// Plays one captured connection: what the capture's client sent must be what ours sends, byte for
/// byte, and what ubusd sent is fed to ours.
struct Play {
    ours: Connection,
    lines: std::vec::IntoIter<Line>,
    /// What ours has sent and the capture has not yet.
    sent: Vec<u8>,
}

impl Play {
    fn new(capture: &'static str, connection: &str, objects: Vec<Object>) -> Self {
        let mut ours = Connection::new(objects);
        ours.handle_connected(NOW);
        let lines: Vec<Line> =
            read(capture).into_iter().filter(|line| line.connection == connection).collect();
        assert!(!lines.is_empty());
        Self { ours, lines: lines.into_iter(), sent: Vec::new() }
    }

    fn collect(&mut self) {
        self.sent.extend_from_slice(self.ours.transmit());
        let len = self.ours.transmit().len();
        self.ours.transmitted(len);
    }

    /// Feeds the bus's next `count` messages.
    fn hear(&mut self, count: usize) -> &mut Self {
        for _ in 0..count {
            let line = self.lines.next().unwrap();
            assert!(!line.to_bus, "the capture's client speaks: {}", hex(&line.bytes));
            self.ours.handle_input(NOW, &line.bytes);
        }
        self.collect();
        self
    }

    /// Compares the capture's client's next `count` messages with what ours has sent.
    fn spoke(&mut self, count: usize) -> &mut Self {
        self.collect();
        for _ in 0..count {
            let line = self.lines.next().unwrap();
            assert!(line.to_bus, "the bus speaks: {}", hex(&line.bytes));
            let ours: Vec<u8> = self.sent.drain(..line.bytes.len().min(self.sent.len())).collect();
            assert_eq!(hex(&ours), hex(&line.bytes));
        }
        self
    }

    /// Passes over the capture's next `count` messages.
    fn skip(&mut self, count: usize) -> &mut Self {
        for _ in 0..count {
            self.lines.next().unwrap();
        }
        self
    }

    fn event(&mut self) -> Event {
        self.ours.poll_event().expect("an event")
    }

    fn end(&mut self) {
        self.collect();
        assert_eq!(hex(&self.sent), "");
        assert_eq!(self.ours.poll_event(), None);
    }
}

#[test]
fn an_object_is_published_and_answers_byte_for_byte_as_with_libubus() {
    let mut play = Play::new(BASIC, "server", vec![TEST]);
    play.hear(1).spoke(1).hear(2);
    assert_eq!(play.event(), Event::Connected);
    // The example server's nameless subscriber object.
    play.skip(3);

    play.hear(1);
    let args = Table::new().with("id", 7).with("msg", "grüß");
    let call = expect_call(play.event(), "hello", &args);
    play.ours.reply(call, &Table::new().with("message", "test received a message: grüß"));
    play.ours.finish(call, Status::Ok);
    play.spoke(2);

    play.hear(1);
    let args = Table::new().with("to", 18).with("string", "x");
    let Event::Call { call, method: "count", args: given, .. } = play.event() else { panic!() };
    assert_eq!(given.0[1], args.0[1]);
    play.ours.reply(call, &Table::new().with("rc", 0x48));
    play.ours.finish(call, Status::Ok);
    play.spoke(2);

    // No such method.
    play.hear(1).spoke(1).end();
}

fn expect_call(event: Event, name: &str, expected: &Table) -> ltewan::service::ubus::CallId {
    let Event::Call { call, object, method, args, user, group, rpc_session } = event else {
        panic!("{event:?}");
    };
    assert_eq!((object, method, &args), ("test", name, expected));
    assert_eq!((user.as_deref(), group.as_deref()), (Some("root"), Some("root")));
    assert!(!rpc_session);
    call
}

#[test]
fn a_wrong_argument_that_libubus_passes_through_is_refused_by_name() {
    let mut play = Play::new(BASIC, "server", vec![TEST]);
    play.hear(1).spoke(1).hear(2).event();
    let wrong = read(BASIC)
        .into_iter()
        .find(|line| {
            let message = Message::decode(&line.bytes).unwrap();
            line.connection == "server"
                && message.kind == MessageType::Invoke
                && message.data().unwrap().unwrap().get_str("id") == Some("seven")
        })
        .unwrap();
    play.ours.handle_input(NOW, &wrong.bytes);
    play.collect();
    let mut decoder = Decoder::new();
    decoder.push(&play.sent);
    let data = decoder.next_message().unwrap().unwrap().unwrap().data().unwrap().unwrap();
    assert_eq!(data.get_str("error"), Some("INVALID_ARGUMENT"));
    assert_eq!(data.get_str("message"), Some("argument 'id': expected Integer, got String"));
    let status = decoder.next_message().unwrap().unwrap().unwrap();
    assert_eq!(status.status(), Some(Status::InvalidArgument));
    assert_eq!(play.ours.poll_event(), None);
}

/// Makes a captured call with our own connection.
fn call_as_captured(connection: &str, method: &str, args: &Table) -> Play {
    let mut play = Play::new(BASIC, connection, Vec::new());
    play.hear(1);
    assert_eq!(play.event(), Event::Connected);
    play.ours.invoke(NOW, "test", method, args, Duration::from_secs(30));
    play.spoke(1).hear(2).spoke(1).hear(1);
    play
}

#[test]
fn a_call_is_byte_for_byte_as_with_libubus() {
    let args = Table::new().with("id", 7).with("msg", "grüß");
    let mut play = call_as_captured("call-hello", "hello", &args);
    play.hear(1);
    let Event::Reply { result: Ok(Some(data)), .. } = play.event() else { panic!() };
    assert_eq!(data, Table::new().with("message", "test received a message: grüß"));

    let to = find(BASIC, "call-count", true, MessageType::Invoke, "to");
    let mut play = call_as_captured("call-count", "count", &to);
    play.hear(1);
    let Event::Reply { result: Ok(Some(data)), .. } = play.event() else { panic!() };
    assert_eq!(data, Table::new().with("rc", 0x48));
    play.end();
}

#[test]
fn a_call_with_every_type_is_byte_for_byte_as_with_libubus() {
    let table = Table::new()
        .with("b", true)
        .with("n", -5)
        .with("big", 5_000_000_000_i64)
        .with("d", 1.5)
        .with(
            "arr",
            vec![
                Value::I32(0),
                Value::String("two".to_owned()),
                Value::Bool(false),
                Value::Null,
                Value::Table(Table::new()),
            ],
        );
    let captured = find(BASIC, "call-nested", true, MessageType::Invoke, "t");
    let arr = captured.get_table("t").unwrap().get("arr").unwrap().clone();
    let Value::Array(elements) = &arr else { panic!() };
    assert_eq!(elements[1], Value::String("two".to_owned()));
    let names = |table: &Table| table.0.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(captured.get_table("t").unwrap()), names(&table));
    call_as_captured("call-nested", "hello", &captured);
}

#[test]
fn a_missing_object_and_a_missing_method_fail_as_the_bus_says() {
    let mut play = Play::new(BASIC, "call-missing", Vec::new());
    play.hear(1).event();
    let request = play.ours.invoke(NOW, "nothere", "x", &Table::new(), Duration::from_secs(1));
    play.spoke(1).hear(1);
    let result = Err(Status::NotFound.into());
    assert_eq!(play.event(), Event::Reply { request, result });
    play.end();

    let mut play = call_as_captured("call-nomethod", "nomethod", &Table::new());
    let Event::Reply { result: Err(error), .. } = play.event() else { panic!() };
    assert_eq!(error, Status::MethodNotFound.into());
    play.end();
}

#[test]
fn listening_is_byte_for_byte_as_with_libubus() {
    let mut play = Play::new(BASIC, "listen", Vec::new());
    play.ours.listen(NOW, "lte*");
    play.hear(1).spoke(1).hear(2).spoke(1).hear(2).spoke(1);
    assert_eq!(play.event(), Event::Connected);
    let Event::BusEvent { name, data } = play.event() else { panic!() };
    assert_eq!((name.as_str(), data.get_str("state")), ("ltewan.state", Some("connected")));
    play.end();
}

#[test]
fn an_event_is_sent_byte_for_byte_as_with_libubus() {
    let mut play = Play::new(BASIC, "send", Vec::new());
    play.hear(1).event();
    let list = vec![Value::String("x".to_owned()), Value::String("y".to_owned())];
    let data = Table::new()
        .with("modem", "a")
        .with("state", "connected")
        .with("n", 3)
        .with("ok", true)
        .with("list", list);
    play.ours.send_event("ltewan.state", &data);
    play.spoke(1).hear(1).end();
}

#[test]
fn a_subscriber_that_follows_an_object_is_byte_for_byte_as_with_libubus() {
    // libubus asks in another order, so the bus's answers are given by hand and the sequence
    // numbers left out; the ids are the capture's.
    let captured: Vec<Vec<u8>> = read(MORE)
        .into_iter()
        .filter(|l| l.connection == "watcher" && l.to_bus)
        .map(|l| l.bytes)
        .collect();
    let (own, events, other) = (0x551f_644b, 0x1897_6568, 0xdb7c_4b50);
    let mut ours = Connection::new(Vec::new());
    ours.subscribe(NOW, "other");
    ours.handle_connected(NOW);
    let mut bus = HandMadeBus::default();
    bus.say(&mut ours, MessageType::Hello, 0, 0x1234_5678, Vec::new());
    let asked = bus.heard(&mut ours);
    assert_eq!(asked.len(), 2);
    assert_eq!(without_seq(&asked[0]), without_seq(&captured[1]));
    assert_eq!(without_seq(&asked[1]), without_seq(&captured[2]));
    bus.answer(&mut ours, 1, Some(Attribute::ObjectId(events)), Status::Ok);
    bus.answer(&mut ours, 2, Some(Attribute::ObjectId(own)), Status::Ok);
    let asked = bus.heard(&mut ours);
    assert_eq!(without_seq(&asked[0]), without_seq(&captured[3]));
    let register = Message::decode(&asked[0]).unwrap();
    let done = vec![Attribute::Status(0)];
    bus.say(&mut ours, MessageType::Status, register.seq, 1, done);
    let lookup = bus.heard(&mut ours);
    let seq = Message::decode(&lookup[0]).unwrap().seq;
    bus.answer(&mut ours, seq, None, Status::NotFound);
    assert!(bus.heard(&mut ours).is_empty());

    let from_bus: Vec<Vec<u8>> = read(MORE)
        .into_iter()
        .filter(|l| l.connection == "watcher" && !l.to_bus)
        .map(|l| l.bytes)
        .collect();
    let added = from_bus
        .iter()
        .find(|bytes| Message::decode(bytes).unwrap().method() == Some("ubus.object.add"));
    ours.handle_input(NOW, added.unwrap());
    let asked = bus.heard(&mut ours);
    assert_eq!(Message::decode(&asked[0]).unwrap().target(), Some(other));
    assert_eq!(without_seq(&asked[0]), without_seq(&captured[5]));
    assert_eq!(asked[1], captured[6]);
    bus.answer(&mut ours, Message::decode(&asked[0]).unwrap().seq, None, Status::Ok);

    let notified: Vec<_> = from_bus
        .iter()
        .filter(|bytes| Message::decode(bytes).unwrap().object_id() == Some(own))
        .filter(|bytes| Message::decode(bytes).unwrap().kind == MessageType::Invoke)
        .take(2)
        .collect();
    ours.handle_input(NOW, notified[0]);
    assert!(bus.heard(&mut ours).is_empty(), "one that wants no answer");
    ours.handle_input(NOW, notified[1]);
    assert_eq!(bus.heard(&mut ours), [captured[7].clone()]);
    let events: Vec<Event> = std::iter::from_fn(|| ours.poll_event()).collect();
    let data = Table::new().with("modem", "a").with("rsrp", -97.5).with("ok", true);
    let object = "other".to_owned();
    assert_eq!(events.len(), 4);
    assert_eq!(events[1], Event::Subscription { object: object.clone(), active: true });
    assert_eq!(events[2], Event::Notification { object, kind: "state".to_owned(), data });
}

#[test]
fn a_notification_is_byte_for_byte_as_with_libubus() {
    let object = Object { name: "other", methods: &[] };
    let mut ours = Connection::new(vec![object]);
    ours.handle_connected(NOW);
    let lines: Vec<Line> = read(MORE).into_iter().filter(|l| l.connection == "other").collect();
    let mut bus = HandMadeBus::default();
    let data = Table::new().with("modem", "a").with("rsrp", -97.5).with("ok", true);
    for line in lines.iter().take(5).filter(|line| !line.to_bus) {
        ours.handle_input(NOW, &line.bytes);
        bus.heard(&mut ours);
        let is_active = Message::decode(&line.bytes).unwrap().active().is_some();
        ours.notify("other", "state", &data);
        let sent = bus.heard(&mut ours);
        if is_active {
            assert_eq!(hex(&sent[0]), hex(&lines[5].bytes));
            return;
        }
        assert!(sent.is_empty(), "no one has subscribed yet");
    }
    panic!("no subscriber came");
}

/// Answers that no capture holds in the order needed.
#[derive(Default)]
struct HandMadeBus {
    decoder: Decoder,
}

impl HandMadeBus {
    fn say(
        &mut self,
        ours: &mut Connection,
        kind: MessageType,
        seq: u16,
        peer: u32,
        attributes: Vec<Attribute>,
    ) {
        let message = Message { kind, seq, peer, attributes };
        ours.handle_input(NOW, &message.encode().unwrap());
    }

    fn answer(&mut self, ours: &mut Connection, seq: u16, data: Option<Attribute>, end: Status) {
        if let Some(attribute) = data {
            self.say(ours, MessageType::Data, seq, 0, vec![attribute]);
        }
        self.say(ours, MessageType::Status, seq, 0, vec![Attribute::Status(end.code())]);
    }

    fn heard(&mut self, ours: &mut Connection) -> Vec<Vec<u8>> {
        self.decoder.push(ours.transmit());
        let len = ours.transmit().len();
        ours.transmitted(len);
        let next = || self.decoder.next_message().unwrap();
        std::iter::from_fn(next).map(|message| message.unwrap().encode().unwrap()).collect()
    }
}

fn without_seq(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    bytes[2] = 0;
    bytes[3] = 0;
    hex(&bytes)
}
