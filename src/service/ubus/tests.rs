use super::*;
use crate::time::Instant;
use crate::types::{Table, Value};
use crate::wire::ubus::{Attribute, Decoder, Message, MessageType, Status};
use crate::wire::{Error, blobmsg};

const OBJECT_ID: u32 = 0x1000;
const CALLER: u32 = 0x2000;
const SECOND: Duration = Duration::from_secs(1);

const OBJECT: Object = Object {
    name: "ltewan",
    methods: &[
        Method { name: "status", params: &[] },
        Method {
            name: "set",
            params: &[
                Param { name: "text", kind: Kind::String },
                Param { name: "number", kind: Kind::Integer },
                Param { name: "flag", kind: Kind::Boolean },
                Param { name: "list", kind: Kind::Array },
                Param { name: "table", kind: Kind::Table },
            ],
        },
    ],
};

/// A connection and what is at the other end of it.
struct Link {
    ours: Connection,
    now: Instant,
    decoder: Decoder,
}

impl Link {
    fn new(objects: Vec<Object>) -> Self {
        let now = Instant::from_millis(5000);
        Self { ours: Connection::new(objects), now, decoder: Decoder::new() }
    }

    /// Connected, with [`OBJECT`] published and nothing left to tell.
    fn up() -> Self {
        let mut link = Self::new(vec![OBJECT]);
        link.connect();
        link.publish();
        assert_eq!(link.events(), [Event::Connected]);
        link
    }

    fn connect(&mut self) {
        self.decoder.reset();
        self.ours.handle_connected(self.now);
        self.say(MessageType::Hello, 0, 77, Vec::new());
    }

    fn publish(&mut self) {
        let asked = self.heard();
        assert_eq!(asked[0].kind, MessageType::AddObject);
        self.data(asked[0].seq, 0, vec![Attribute::ObjectId(OBJECT_ID)]);
        self.status(asked[0].seq, 0, Status::Ok);
    }

    fn say(&mut self, kind: MessageType, seq: u16, peer: u32, attributes: Vec<Attribute>) {
        let bytes = Message { kind, seq, peer, attributes }.encode().unwrap();
        self.ours.handle_input(self.now, &bytes);
    }

    fn data(&mut self, seq: u16, peer: u32, attributes: Vec<Attribute>) {
        self.say(MessageType::Data, seq, peer, attributes);
    }

    fn status(&mut self, seq: u16, peer: u32, status: Status) {
        self.say(MessageType::Status, seq, peer, vec![Attribute::Status(status.code())]);
    }

    fn invoke(&mut self, seq: u16, method: &str, args: &Table) {
        let attributes = vec![
            Attribute::ObjectId(OBJECT_ID),
            Attribute::Method(method.to_owned()),
            Attribute::User("root".to_owned()),
            Attribute::Group("root".to_owned()),
            Attribute::Data(blobmsg::encode(args).unwrap()),
        ];
        self.say(MessageType::Invoke, seq, CALLER, attributes);
    }

    fn heard(&mut self) -> Vec<Message> {
        self.decoder.push(self.ours.transmit());
        let len = self.ours.transmit().len();
        self.ours.transmitted(len);
        let next = || self.decoder.next_message().unwrap();
        std::iter::from_fn(next).map(Result::unwrap).collect()
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.ours.poll_event()).collect()
    }

    /// Lets time pass to the next deadline and gives how long that was.
    fn wait(&mut self) -> Duration {
        let deadline = self.ours.poll_timeout().unwrap();
        let passed = deadline.saturating_since(self.now);
        self.now = deadline;
        self.ours.handle_timeout(self.now);
        passed
    }

    fn call(&mut self, seq: u16) -> CallId {
        self.invoke(seq, "status", &Table::new());
        let Some(Event::Call { call, .. }) = self.ours.poll_event() else { panic!("no call") };
        call
    }
}

fn failed(request: RequestId, status: Status) -> Event {
    Event::Reply { request, result: Err(status.into()) }
}

#[test]
fn arguments_are_refused_by_name_with_what_was_expected() {
    let deep = Table::new().with("a", 1);
    let cases = [
        (
            Table::new().with("txet", "x"),
            "unknown argument 'txet'; set takes text (String), number (Integer), flag (Boolean), \
             list (Array), table (Table)",
        ),
        (Table::new().with("text", 1), "argument 'text': expected String, got Integer"),
        (Table::new().with("text", Value::Null), "argument 'text': expected String, got null"),
        (Table::new().with("number", "1"), "argument 'number': expected Integer, got String"),
        (Table::new().with("number", 1.0), "argument 'number': expected Integer, got Double"),
        (Table::new().with("number", true), "argument 'number': expected Integer, got Boolean"),
        (Table::new().with("flag", 2), "argument 'flag': expected Boolean, got Integer"),
        (Table::new().with("flag", "1"), "argument 'flag': expected Boolean, got String"),
        (Table::new().with("list", deep.clone()), "argument 'list': expected Array, got Table"),
        (Table::new().with("table", vec![1, 2]), "argument 'table': expected Table, got Array"),
        (Table::new().with("number", 1).with("number", 2), "argument 'number' given twice"),
    ];
    let mut link = Link::up();
    for (args, reason) in cases {
        link.invoke(3, "set", &args);
        let heard = link.heard();
        let data = heard[0].data().unwrap().unwrap();
        assert_eq!(data, Table::new().with("error", "INVALID_ARGUMENT").with("message", reason));
        assert_eq!(heard[1].status(), Some(Status::InvalidArgument));
        assert_eq!((heard[1].seq, heard[1].peer), (3, CALLER));
        assert_eq!(heard[1].object_id(), Some(OBJECT_ID));
        assert_eq!(link.events(), []);
    }
}

#[test]
fn a_method_without_arguments_says_so() {
    let mut link = Link::up();
    link.invoke(1, "status", &Table::new().with("x".repeat(500), 1));
    let data = link.heard()[0].data().unwrap().unwrap();
    let name = "x".repeat(64);
    let expected = format!("unknown argument '{name}'; status takes no arguments");
    assert_eq!(data.get_str("message"), Some(expected.as_str()));
}

#[test]
fn shells_may_write_booleans_as_0_and_1_and_integers_of_any_width() {
    let mut link = Link::up();
    let given = [Value::Bool(true), Value::I32(1), Value::I64(1), Value::I16(1)];
    for flag in given {
        link.invoke(1, "set", &Table::new().with("flag", flag).with("number", i64::MAX));
        let expected = Table::new().with("flag", true).with("number", i64::MAX);
        let Some(Event::Call { args, .. }) = link.ours.poll_event() else { panic!("refused") };
        assert_eq!(args, expected);
    }
}

#[test]
fn the_session_that_uhttpd_adds_is_taken_and_kept_from_the_method() {
    let mut link = Link::up();
    let args = Table::new().with("text", "a").with("ubus_rpc_session", "0123456789abcdef");
    link.invoke(1, "set", &args);
    let Some(Event::Call { args, rpc_session, .. }) = link.ours.poll_event() else { panic!() };
    assert_eq!(args, Table::new().with("text", "a"));
    assert!(rpc_session);
}

#[test]
fn calls_that_are_no_calls_get_the_status_libubus_gives() {
    let mut link = Link::up();
    let object = Attribute::ObjectId(OBJECT_ID);
    let method = |name: &str| Attribute::Method(name.to_owned());
    let cases = [
        (vec![object.clone()], Status::InvalidArgument),
        (vec![object.clone(), method("status")], Status::InvalidArgument),
        (vec![object.clone(), method("stat"), Attribute::Data(vec![])], Status::MethodNotFound),
        (vec![Attribute::ObjectId(5), method("status")], Status::NotFound),
        (vec![object, method("status"), Attribute::Data(vec![1, 2])], Status::InvalidArgument),
    ];
    for (attributes, status) in cases {
        link.say(MessageType::Invoke, 9, CALLER, attributes);
        assert_eq!(link.heard().last().unwrap().status(), Some(status));
    }
    // Nobody could be answered.
    link.say(MessageType::Invoke, 9, CALLER, vec![method("status")]);
    assert_eq!(link.heard(), []);
    assert_eq!(link.events(), []);
}

#[test]
fn a_finished_call_is_answered_no_more() {
    let mut link = Link::up();
    let call = link.call(4);
    link.ours.reply(call, &Table::new().with("n", 1));
    link.ours.reply(call, &Table::new().with("n", 2));
    link.ours.finish(call, Status::Ok);
    assert_eq!(link.heard().len(), 3);
    link.ours.reply(call, &Table::new());
    link.ours.finish(call, Status::Ok);
    link.ours.refuse(call, Status::NotFound, "X", "x");
    assert_eq!(link.heard(), []);
}

#[test]
fn a_call_that_wants_no_answer_gets_none() {
    let mut link = Link::up();
    let attributes = vec![
        Attribute::ObjectId(OBJECT_ID),
        Attribute::Method("status".to_owned()),
        Attribute::Data(Vec::new()),
        Attribute::NoReply(true),
    ];
    link.say(MessageType::Invoke, 1, CALLER, attributes);
    let Some(Event::Call { call, .. }) = link.ours.poll_event() else { panic!() };
    link.ours.reply(call, &Table::new());
    link.ours.finish(call, Status::Ok);
    assert_eq!(link.heard(), []);
}

#[test]
fn calls_beyond_the_maximum_are_refused_until_one_is_finished() {
    let mut link = Link::up();
    let calls: Vec<CallId> = (0..MAX_CALLS).map(|_| link.call(1)).collect();
    link.invoke(2, "status", &Table::new());
    let heard = link.heard();
    assert_eq!(heard[0].data().unwrap().unwrap().get_str("error"), Some("BUSY"));
    assert_eq!(heard[1].status(), Some(Status::NoMemory));
    assert_eq!(link.events(), []);
    link.ours.finish(calls[3], Status::Ok);
    link.call(3);
}

#[test]
fn a_call_of_an_earlier_connection_is_dropped_silently() {
    let mut link = Link::up();
    let call = link.call(1);
    link.ours.handle_disconnected(link.now);
    link.connect();
    link.publish();
    let new_call = {
        link.events();
        link.call(1)
    };
    assert_ne!(call, new_call);
    link.ours.reply(call, &Table::new());
    link.ours.finish(call, Status::Ok);
    assert_eq!(link.heard(), []);
}

#[test]
fn an_id_is_looked_up_once_and_again_when_the_bus_says_it_is_gone() {
    let mut link = Link::up();
    let args = Table::new().with("a", 1);
    let invoke = |link: &mut Link| link.ours.invoke(link.now, "network", "dump", &args, SECOND);
    let first = invoke(&mut link);
    let lookup = link.heard().remove(0);
    assert_eq!((lookup.kind, lookup.object_path()), (MessageType::Lookup, Some("network")));
    link.data(lookup.seq, 0, vec![Attribute::ObjectId(50)]);
    link.status(lookup.seq, 0, Status::Ok);
    let call = link.heard().remove(0);
    assert_eq!((call.kind, call.peer), (MessageType::Invoke, 50));
    link.status(call.seq, 50, Status::Ok);
    assert_eq!(link.events(), [Event::Reply { request: first, result: Ok(None) }]);

    let second = invoke(&mut link);
    let call = link.heard().remove(0);
    assert_eq!((call.kind, call.peer), (MessageType::Invoke, 50), "the id is known");
    // netifd was restarted: ubusd itself answers, without naming an object.
    link.status(call.seq, 50, Status::NotFound);
    let lookup = link.heard().remove(0);
    assert_eq!(lookup.kind, MessageType::Lookup);
    link.data(lookup.seq, 0, vec![Attribute::ObjectId(51)]);
    link.status(lookup.seq, 0, Status::Ok);
    let call = link.heard().remove(0);
    assert_eq!((call.peer, call.data().unwrap()), (51, Some(args.clone())));
    // Gone again: once is enough.
    link.status(call.seq, 51, Status::NotFound);
    assert_eq!(link.events(), [failed(second, Status::NotFound)]);
    assert_eq!(link.heard(), []);
}

#[test]
fn a_methods_own_not_found_is_not_taken_for_the_buss() {
    let mut link = Link::up();
    let request = link.ours.invoke(link.now, "network", "up", &Table::new(), SECOND);
    let lookup = link.heard().remove(0);
    link.data(lookup.seq, 0, vec![Attribute::ObjectId(50)]);
    link.status(lookup.seq, 0, Status::Ok);
    let first = link.heard().remove(0);
    link.status(first.seq, 50, Status::Ok);
    link.events();
    let again = link.ours.invoke(link.now, "network", "up", &Table::new(), SECOND);
    let call = link.heard().remove(0);
    let code = Status::NotFound.code();
    let attributes = vec![Attribute::Status(code), Attribute::ObjectId(50)];
    link.say(MessageType::Status, call.seq, 50, attributes);
    assert_eq!(link.heard(), [], "the call is not made twice");
    assert_eq!(link.events(), [failed(again, Status::NotFound)]);
    assert_ne!(request, again);
}

#[test]
fn a_call_has_one_deadline_for_lookup_and_answer() {
    let mut link = Link::up();
    let slow = link.ours.invoke(link.now, "network", "up", &Table::new(), SECOND * 3);
    let fast = link.ours.invoke(link.now, "network", "up", &Table::new(), SECOND);
    let lookup = link.heard().remove(0);
    assert_eq!(link.wait(), SECOND);
    assert_eq!(link.events(), [failed(fast, Status::Timeout)]);
    link.data(lookup.seq, 0, vec![Attribute::ObjectId(50)]);
    link.status(lookup.seq, 0, Status::Ok);
    let call = link.heard().remove(0);
    assert_eq!(link.wait(), SECOND * 2);
    assert_eq!(link.events(), [failed(slow, Status::Timeout)]);
    assert_eq!(link.ours.poll_timeout(), None);
    // An answer that comes too late belongs to nobody.
    link.status(call.seq, 50, Status::Ok);
    assert_eq!(link.events(), []);
}

#[test]
fn an_answer_from_another_peer_is_not_taken() {
    let mut link = Link::up();
    link.ours.invoke(link.now, "network", "up", &Table::new(), SECOND);
    let lookup = link.heard().remove(0);
    link.data(lookup.seq, 9, vec![Attribute::ObjectId(50)]);
    link.status(lookup.seq, 9, Status::Ok);
    assert_eq!((link.heard(), link.events()), (vec![], vec![]));
}

#[test]
fn calls_without_a_connection_fail_at_once_and_those_under_way_with_it() {
    let mut link = Link::new(vec![OBJECT]);
    let early = link.ours.invoke(link.now, "a", "b", &Table::new(), SECOND);
    assert_eq!(link.events(), [failed(early, Status::ConnectionFailed)]);
    let mut link = Link::up();
    let under_way = link.ours.invoke(link.now, "a", "b", &Table::new(), SECOND);
    link.ours.handle_disconnected(link.now);
    assert_eq!(link.events(), [failed(under_way, Status::ConnectionFailed)]);
    assert_eq!(link.ours.poll_timeout(), None);
    assert!(link.ours.transmit().is_empty());
}

#[test]
fn requests_beyond_the_maximum_fail_at_once() {
    let mut link = Link::up();
    for _ in 0..MAX_REQUESTS {
        link.ours.invoke(link.now, "a", "b", &Table::new(), SECOND);
    }
    assert_eq!(link.events(), []);
    let more = link.ours.invoke(link.now, "a", "b", &Table::new(), SECOND);
    assert_eq!(link.events(), [failed(more, Status::NoMemory)]);
}

#[test]
fn a_bus_that_does_not_greet_or_answer_is_given_up() {
    let mut link = Link::new(vec![OBJECT]);
    link.ours.handle_connected(link.now);
    assert_eq!(link.wait(), BUS_TIMEOUT);
    assert_eq!(link.events(), [Event::Broken { fault: Fault::Silent }]);

    link.connect();
    assert_eq!(link.wait(), BUS_TIMEOUT);
    assert_eq!(link.events(), [Event::Broken { fault: Fault::Silent }]);
    assert_eq!(link.ours.poll_timeout(), None);

    link.ours.handle_connected(link.now);
    link.status(1, 0, Status::Ok);
    assert_eq!(link.events(), [Event::Broken { fault: Fault::NotGreeted }]);
}

#[test]
fn bytes_that_cannot_be_messages_end_the_connection_once() {
    let cases: [(&[u8], Error); 3] = [
        (&[1, 0, 0, 0], Error::bad_value(&"ubus version")),
        (&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3], Error::BadLength),
        (&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 1], Error::TooLarge),
    ];
    for (bytes, error) in cases {
        let mut link = Link::up();
        link.ours.handle_input(link.now, bytes);
        assert_eq!(link.events(), [Event::Broken { fault: Fault::Framing(error) }]);
        link.ours.handle_input(link.now, bytes);
        assert_eq!(link.events(), []);
        link.ours.notify("ltewan", "x", &Table::new());
        assert!(link.ours.transmit().is_empty());
    }
}

#[test]
fn a_message_with_broken_attributes_is_passed_over() {
    let mut link = Link::up();
    // An attribute longer than its message.
    let bytes = [0, 5, 0, 1, 0, 0, 0x20, 0, 0, 0, 0, 8, 3, 0, 0, 8];
    link.ours.handle_input(link.now, &bytes);
    assert_eq!(link.events(), []);
    link.call(2);
}

#[test]
fn a_bus_that_never_reads_is_given_up_before_memory_is() {
    let mut link = Link::up();
    let text = "x".repeat(100_000);
    let mut most = 0;
    let mut events = Vec::new();
    for seq in 0..100 {
        link.invoke(seq, "status", &Table::new());
        if let Some(Event::Call { call, .. }) = link.ours.poll_event() {
            link.ours.reply(call, &Table::new().with("text", text.as_str()));
            link.ours.finish(call, Status::Ok);
        }
        most = most.max(link.ours.transmit().len());
        events.append(&mut link.events());
    }
    assert!(most > MAX_OUTGOING_LEN / 2 && most <= MAX_OUTGOING_LEN, "{most}");
    assert_eq!(events, [Event::Broken { fault: Fault::OutgoingFull }]);
    assert!(link.ours.transmit().is_empty());
}

#[test]
fn partial_writes_lose_and_repeat_nothing() {
    let mut link = Link::up();
    let mut wire = Vec::new();
    for seq in 0..50 {
        let call = link.call(seq);
        link.ours.reply(call, &Table::new().with("seq", i32::from(seq)));
        link.ours.finish(call, Status::Ok);
        let len = link.ours.transmit().len().min(usize::from(seq) + 1);
        wire.extend_from_slice(&link.ours.transmit()[..len]);
        link.ours.transmitted(len);
    }
    wire.extend_from_slice(link.ours.transmit());
    link.decoder.push(&wire);
    let next = || link.decoder.next_message().unwrap();
    let messages: Vec<Message> = std::iter::from_fn(next).map(Result::unwrap).collect();
    let seqs: Vec<u16> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (0..50).flat_map(|seq| [seq, seq]).collect::<Vec<u16>>());
}

#[test]
fn an_object_the_bus_refuses_is_offered_again_every_second() {
    let mut link = Link::new(vec![OBJECT]);
    link.connect();
    for _ in 0..3 {
        let asked = link.heard();
        link.status(asked[0].seq, 0, Status::InvalidArgument);
        let subject = Subject::Object("ltewan");
        let status = Status::InvalidArgument;
        assert_eq!(link.events(), [Event::Refused { subject, status }]);
        assert_eq!(link.wait(), PUBLISH_INTERVAL);
    }
    link.publish();
    assert_eq!(link.events(), [Event::Connected]);
    assert_eq!(link.ours.poll_timeout(), None);
}

#[test]
fn a_notification_is_only_made_when_someone_hears_it() {
    let mut link = Link::up();
    let active = |flag| vec![Attribute::ObjectId(OBJECT_ID), Attribute::Active(flag)];
    link.ours.notify("ltewan", "state", &Table::new());
    assert_eq!(link.heard(), []);
    link.say(MessageType::Notify, 1, 0, active(true));
    link.ours.notify("ltewan", "state", &Table::new());
    link.ours.notify("other", "state", &Table::new());
    let heard = link.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].kind, heard[0].no_reply()), (MessageType::Notify, true));
    link.say(MessageType::Notify, 2, 0, active(false));
    link.ours.notify("ltewan", "state", &Table::new());
    assert_eq!(link.heard(), []);
    let told = [true, false].map(|active| Event::Subscribers { object: "ltewan", active });
    assert_eq!(link.events(), told);
}

#[test]
fn only_the_bus_itself_can_tell_of_a_new_object() {
    let mut link = Link::up();
    link.ours.subscribe(link.now, "network");
    let asked = link.heard();
    for (own, message) in asked.iter().enumerate() {
        assert_eq!(message.kind, MessageType::AddObject);
        let id = u32::try_from(own).unwrap() + 60;
        link.data(message.seq, 0, vec![Attribute::ObjectId(id)]);
        link.status(message.seq, 0, Status::Ok);
    }
    let register = link.heard().remove(0);
    link.status(register.seq, 1, Status::Ok);
    let lookup = link.heard().remove(0);
    link.status(lookup.seq, 0, Status::NotFound);
    let event_object = register.data().unwrap().unwrap().get("object").unwrap().as_i64().unwrap();
    let event_object = u32::try_from(event_object).unwrap();
    let data = blobmsg::encode(&Table::new().with("id", 90).with("path", "network")).unwrap();
    let event = vec![
        Attribute::ObjectId(event_object),
        Attribute::Method("ubus.object.add".to_owned()),
        Attribute::Data(data),
        Attribute::NoReply(true),
    ];
    link.say(MessageType::Invoke, 1, CALLER, event.clone());
    assert_eq!(link.heard(), []);
    link.say(MessageType::Invoke, 1, 0, event);
    let subscribe = link.heard().remove(0);
    assert_eq!((subscribe.kind, subscribe.target()), (MessageType::Subscribe, Some(90)));
}

#[test]
fn an_id_of_an_earlier_connection_is_not_used() {
    let mut link = Link::up();
    link.ours.invoke(link.now, "network", "up", &Table::new(), SECOND);
    let lookup = link.heard().remove(0);
    link.data(lookup.seq, 0, vec![Attribute::ObjectId(50)]);
    link.status(lookup.seq, 0, Status::Ok);
    link.connect();
    link.publish();
    link.ours.invoke(link.now, "network", "up", &Table::new(), SECOND);
    assert_eq!(link.heard().last().unwrap().kind, MessageType::Lookup);
}
