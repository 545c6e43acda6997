//! Two or more of our connections on one bus.

use ltewan::service::ubus::{Connection, Event, Kind, Method, Object, Param};
use ltewan::time::Duration;
use ltewan::types::{Table, Value};
use ltewan::wire::ubus::Status;

use super::{Bus, Peer, wait_until};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) const LTEWAN: Object = Object {
    name: "ltewan",
    methods: &[
        Method { name: "status", params: &[Param { name: "modem", kind: Kind::String }] },
        Method {
            name: "echo",
            params: &[
                Param { name: "text", kind: Kind::String },
                Param { name: "number", kind: Kind::Integer },
                Param { name: "flag", kind: Kind::Boolean },
                Param { name: "list", kind: Kind::Array },
                Param { name: "table", kind: Kind::Table },
            ],
        },
        Method { name: "large", params: &[Param { name: "bytes", kind: Kind::Integer }] },
        Method { name: "fail", params: &[] },
        Method { name: "never", params: &[] },
    ],
};

/// What the object `ltewan` of these tests does.
pub(crate) fn serve(connection: &mut Connection, event: Event) -> Option<Event> {
    let Event::Call { call, method, ref args, .. } = event else { return Some(event) };
    match method {
        "status" => connection.reply(call, &Table::new().with("state", "connected")),
        "echo" => connection.reply(call, args),
        "large" => {
            let len = args.get("bytes").and_then(Value::as_i64).unwrap_or(0);
            let text = "x".repeat(usize::try_from(len).unwrap());
            connection.reply(call, &Table::new().with("text", text));
        }
        "fail" => {
            connection.refuse(call, Status::NotSupported, "NO_SUCH_THING", "this \"modem\" cannot");
        }
        "never" => return Some(event),
        other => panic!("method {other}"),
    }
    connection.finish(call, Status::Ok);
    None
}

pub(crate) fn keep(_: &mut Connection, event: Event) -> Option<Event> {
    Some(event)
}

fn call(server: &mut Peer, client: &mut Peer, method: &str, args: &Table) -> Event {
    let now = client.now();
    let wanted = client.connection.invoke(now, "ltewan", method, args, SECOND * 5);
    let is_reply =
        |event: &Event| matches!(event, Event::Reply { request, .. } if *request == wanted);
    wait_until(&mut [server, client], |peers| peers[1].events.iter().any(is_reply));
    let index = client.events.iter().position(is_reply).unwrap();
    client.events.remove(index)
}

fn answer(server: &mut Peer, client: &mut Peer, method: &str, args: &Table) -> Table {
    let reply = call(server, client, method, args);
    let Event::Reply { result: Ok(Some(data)), .. } = reply else { panic!("{reply:?}") };
    data
}

#[test]
fn arguments_of_every_kind_come_back_as_they_were_sent() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let args = Table::new()
        .with("text", "grüß \"dich\"\n")
        .with("number", i64::MIN)
        .with("flag", false)
        .with("list", vec![Value::Null, Value::F64(0.5), Value::Array(Vec::new())])
        .with("table", Table::new().with("b", 1).with("a", 2));
    assert_eq!(answer(&mut server, &mut client, "echo", &args), args);
    assert_eq!(
        answer(&mut server, &mut client, "status", &Table::new()),
        Table::new().with("state", "connected")
    );
}

#[test]
fn an_answer_may_be_just_under_a_megabyte_and_not_over() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    for len in [65_535, 65_536, 300_000, (1 << 20) - 100] {
        let data = answer(&mut server, &mut client, "large", &Table::new().with("bytes", len));
        assert_eq!(data.get_str("text").map(str::len), usize::try_from(len).ok());
    }
    let reply = call(&mut server, &mut client, "large", &Table::new().with("bytes", 1 << 20));
    let Event::Reply { result: Err(error), .. } = reply else { panic!("{reply:?}") };
    assert_eq!(error.status, Status::NoMemory);
    assert_eq!(error.data.unwrap().get_str("error"), Some("ANSWER_TOO_LARGE"));
}

#[test]
fn a_failed_call_carries_the_methods_own_words() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let reply = call(&mut server, &mut client, "fail", &Table::new());
    let Event::Reply { result: Err(error), .. } = reply else { panic!("{reply:?}") };
    assert_eq!(error.status, Status::NotSupported);
    let data = error.data.unwrap();
    assert_eq!(data.get_str("error"), Some("NO_SUCH_THING"));
    assert_eq!(data.get_str("message"), Some("this \"modem\" cannot"));

    let wrong = Table::new().with("modme", "a");
    let reply = call(&mut server, &mut client, "status", &wrong);
    let Event::Reply { result: Err(error), .. } = reply else { panic!("{reply:?}") };
    assert_eq!(error.status, Status::InvalidArgument);
    assert_eq!(
        error.data.unwrap().get_str("message"),
        Some("unknown argument 'modme'; status takes modem (String)")
    );
}

#[test]
fn a_call_may_be_finished_after_later_ones() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let now = client.now();
    let early = client.connection.invoke(now, "ltewan", "never", &Table::new(), SECOND * 5);
    wait_until(&mut [&mut server, &mut client], |peers| !peers[0].events.is_empty());
    answer(&mut server, &mut client, "status", &Table::new());
    let Some(Event::Call { call, user, .. }) = server.events.pop() else { panic!() };
    assert!(user.is_some());
    server.connection.reply(call, &Table::new().with("late", true));
    server.connection.finish(call, Status::Ok);
    let result = Ok(Some(Table::new().with("late", true)));
    let wanted = Event::Reply { request: early, result };
    wait_until(&mut [&mut server, &mut client], |peers| peers[1].has(&wanted));
}

#[test]
fn an_unanswered_call_times_out_and_a_missing_object_is_not_found() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let now = client.now();
    let short = Duration::from_millis(100);
    let never = client.connection.invoke(now, "ltewan", "never", &Table::new(), short);
    let lost = client.connection.invoke(now, "nowhere", "x", &Table::new(), SECOND);
    let timeout = Event::Reply { request: never, result: Err(Status::Timeout.into()) };
    let missing = Event::Reply { request: lost, result: Err(Status::NotFound.into()) };
    wait_until(&mut [&mut server, &mut client], |peers| {
        peers[1].has(&timeout) && peers[1].has(&missing)
    });
}

#[test]
fn notifications_reach_a_subscriber_that_came_before_the_object() {
    let bus = Bus::start();
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let now = client.now();
    client.connection.subscribe(now, "ltewan");
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let round = |server: &mut Peer, client: &mut Peer, number: i32| {
        let on = Event::Subscribers { object: "ltewan", active: true };
        let subscribed = Event::Subscription { object: "ltewan".to_owned(), active: true };
        wait_until(&mut [server, client], |peers| peers[0].has(&on) && peers[1].has(&subscribed));
        server.connection.notify("ltewan", "state", &Table::new().with("n", number));
        let data = Table::new().with("n", number);
        let (object, kind) = ("ltewan".to_owned(), "state".to_owned());
        let told = Event::Notification { object, kind, data };
        wait_until(&mut [server, client], |peers| peers[1].has(&told));
        server.events.clear();
        client.events.clear();
    };
    round(&mut server, &mut client, 1);

    // The object goes and comes back, as when its daemon is restarted.
    server.close();
    let gone = Event::Subscription { object: "ltewan".to_owned(), active: false };
    wait_until(&mut [&mut server, &mut client], |peers| peers[1].has(&gone));
    assert!(server.has(&Event::Subscribers { object: "ltewan", active: false }));
    server.events.clear();
    client.events.clear();
    server.connect(&bus.path());
    round(&mut server, &mut client, 2);
    answer(&mut server, &mut client, "status", &Table::new());

    client.close();
    let off = Event::Subscribers { object: "ltewan", active: false };
    wait_until(&mut [&mut server, &mut client], |peers| peers[0].has(&off));
    server.connection.notify("ltewan", "state", &Table::new());
    assert!(server.connection.transmit().is_empty(), "nobody to tell");
}

#[test]
fn events_reach_those_who_listen_for_them_and_their_sender_not() {
    let bus = Bus::start();
    let mut sender = Peer::connected(&bus, Vec::new(), keep);
    let mut listener = Peer::connected(&bus, Vec::new(), keep);
    for peer in [&mut sender, &mut listener] {
        let now = peer.now();
        peer.connection.listen(now, "ltewan.*");
        peer.connection.listen(now, "network.interface");
    }
    // The answer to a call says that the bus has seen all that was sent before.
    for peer in [&mut sender, &mut listener] {
        let now = peer.now();
        for _ in 0..3 {
            peer.events.clear();
            peer.connection.invoke(now, "nowhere", "x", &Table::new(), SECOND);
            wait_until(&mut [&mut *peer], |peers| !peers[0].events.is_empty());
        }
        peer.events.clear();
    }
    let data = Table::new().with("a", 1);
    for name in ["ltewan.state", "ltewam.state", "network.interface", "network.interface.lan"] {
        sender.connection.send_event(name, &data);
    }
    sender.connection.send_event("ltewan.last", &data);
    let event = |name: &str| Event::BusEvent { name: name.to_owned(), data: data.clone() };
    wait_until(&mut [&mut sender, &mut listener], |peers| peers[1].has(&event("ltewan.last")));
    let wanted = ["ltewan.state", "network.interface", "ltewan.last"].map(event);
    assert_eq!(listener.events, wanted);
    assert_eq!(sender.events, []);
}

#[test]
fn everything_is_renewed_after_the_broker_was_killed() {
    let mut bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let now = client.now();
    client.connection.subscribe(now, "ltewan");
    client.connection.listen(now, "x.*");
    answer(&mut server, &mut client, "status", &Table::new());
    for round in 0..3 {
        let now = client.now();
        let under_way = client.connection.invoke(now, "ltewan", "never", &Table::new(), SECOND * 9);
        wait_until(&mut [&mut server, &mut client], |peers| {
            peers[0].events.iter().any(|event| matches!(event, Event::Call { .. }))
        });
        bus.stop();
        wait_until(&mut [&mut server, &mut client], |peers| {
            !peers[0].has_socket() && !peers[1].has_socket()
        });
        let failed = Err(Status::ConnectionFailed.into());
        assert!(client.has(&Event::Reply { request: under_way, result: failed.clone() }));
        let refused = client.connection.invoke(now, "ltewan", "status", &Table::new(), SECOND);
        let event = Event::Reply { request: refused, result: failed };
        assert_eq!(client.connection.poll_event(), Some(event));
        // A call of before: to finish it now does nothing.
        let Some(Event::Call { call, .. }) =
            server.events.iter().find(|event| matches!(event, Event::Call { .. })).cloned()
        else {
            panic!()
        };
        server.events.clear();
        client.events.clear();

        bus.start_again();
        // The client first and the server first, in turn.
        let path = bus.path();
        if round % 2 == 0 {
            client.connect(&path);
            wait_until(&mut [&mut client], |peers| peers[0].has(&Event::Connected));
            server.connect(&path);
        } else {
            server.connect(&path);
            wait_until(&mut [&mut server], |peers| peers[0].has(&Event::Connected));
            client.connect(&path);
        }
        let on = Event::Subscribers { object: "ltewan", active: true };
        wait_until(&mut [&mut server, &mut client], |peers| peers[0].has(&on));
        server.connection.reply(call, &Table::new());
        server.connection.finish(call, Status::Ok);
        assert!(server.connection.transmit().is_empty(), "a call of an earlier connection");
        let subscribed = Event::Subscription { object: "ltewan".to_owned(), active: true };
        wait_until(&mut [&mut server, &mut client], |peers| peers[1].has(&subscribed));
        server.connection.notify("ltewan", "state", &Table::new());
        server.connection.send_event("x.y", &Table::new());
        wait_until(&mut [&mut server, &mut client], |peers| {
            let seen = &peers[1].events;
            seen.iter().any(|event| matches!(event, Event::Notification { .. }))
                && seen.iter().any(|event| matches!(event, Event::BusEvent { .. }))
        });
        answer(&mut server, &mut client, "status", &Table::new());
        server.events.clear();
        client.events.clear();
    }
}

#[test]
fn an_object_whose_path_is_taken_is_published_once_it_is_free() {
    let bus = Bus::start();
    let mut first = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut second = Peer::new(vec![LTEWAN], serve);
    second.connect(&bus.path());
    wait_until(&mut [&mut first, &mut second], |peers| {
        peers[1].events.iter().any(|event| matches!(event, Event::Refused { .. }))
    });
    assert!(!second.has(&Event::Connected));
    first.close();
    wait_until(&mut [&mut second], |peers| peers[0].has(&Event::Connected));
}

#[test]
fn many_calls_may_be_under_way_at_once() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let now = client.now();
    let mut wanted = Vec::new();
    for number in 0..100 {
        let args = Table::new().with("number", number);
        let request = client.connection.invoke(now, "ltewan", "echo", &args, SECOND * 9);
        wanted.push(Event::Reply { request, result: Ok(Some(args)) });
    }
    wait_until(&mut [&mut server, &mut client], |peers| peers[1].events.len() >= wanted.len());
    assert!(wanted.iter().all(|event| client.has(event)));
}

#[test]
fn more_calls_than_there_are_sequence_numbers_all_get_their_own_answer() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    for batch in 0..700 {
        let now = client.now();
        let first = batch * 100;
        let mut wanted = Vec::new();
        for number in first..first + 100 {
            let args = Table::new().with("number", number);
            let request = client.connection.invoke(now, "ltewan", "echo", &args, SECOND * 9);
            wanted.push(Event::Reply { request, result: Ok(Some(args)) });
        }
        wait_until(&mut [&mut server, &mut client], |peers| peers[1].events.len() >= wanted.len());
        assert!(wanted.iter().all(|event| client.has(event)));
        client.events.clear();
    }
}
