//! The `ubus` tool against an object that our connection serves.

use ltewan::service::ubus::Event;
use ltewan::types::Table;
use ltewan::wire::json::table_to_json;

use super::connection::{LTEWAN, keep, serve};
use super::{Bus, Peer, Tool, wait_until};

/// Runs the tool to its end; leaves the test where there is none.
macro_rules! ubus {
    ($bus:expr, $server:expr, $($arg:expr),+) => {
        match Tool::start($bus, &[$($arg),+]) {
            Some(tool) => tool.finish($server),
            None => return,
        }
    };
}

#[test]
fn ubus_list_shows_the_methods_and_their_arguments() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let (code, output, _) = ubus!(&bus, &mut server, "-v", "list", "ltewan");
    assert_eq!(code, Some(0));
    let (title, methods) = output.split_once('\n').unwrap();
    assert!(title.starts_with("'ltewan' @"), "{title}");
    assert_eq!(
        methods,
        concat!(
            "\t\"status\":{\"modem\":\"String\"}\n",
            "\t\"echo\":{\"text\":\"String\",\"number\":\"Integer\",\"flag\":\"Boolean\",",
            "\"list\":\"Array\",\"table\":\"Table\"}\n",
            "\t\"large\":{\"bytes\":\"Integer\"}\n",
            "\t\"fail\":{}\n",
            "\t\"never\":{}\n",
        )
    );
    let (_, output, _) = ubus!(&bus, &mut server, "list", "lte*");
    assert_eq!(output, "ltewan\n");
}

#[test]
fn ubus_call_gives_and_gets_every_type_json_has() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let args = concat!(
        r#"{"text":"a \"b\" \\ \u0001 grüß","number":-5000000000,"flag":1,"#,
        r#""list":[1,"two",false,null,{},[]],"table":{"z":1,"a":{"b":[[]]}}}"#
    );
    let (code, output, _) = ubus!(&bus, &mut server, "-S", "call", "ltewan", "echo", args);
    assert_eq!(code, Some(0));
    assert_eq!(output.trim_end(), args.replace("\"flag\":1", "\"flag\":true"));
}

#[test]
fn our_json_is_laid_out_as_the_tool_lays_it_out() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    // Deeper than the tool indents.
    let deep = format!("{}{}", "[".repeat(25), "]".repeat(25));
    let args = format!(
        r#"{{"text":"\b\f\n\r\t\u0001\"\\/","list":[{{}},[1,2],{deep}],"table":{{"k":{{}}}}}}"#
    );
    let (_, output, _) = ubus!(&bus, &mut server, "call", "ltewan", "echo", &args);
    let (_, compact, _) = ubus!(&bus, &mut server, "-S", "call", "ltewan", "echo", &args);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let now = client.now();
    client.connection.subscribe(now, "ltewan");
    let on = Event::Subscribers { object: "ltewan", active: true };
    wait_until(&mut [&mut server, &mut client], |peers| peers[0].has(&on));
    // What the tool made of its arguments, as a table: sent back to us as an event.
    let mut listener = Peer::connected(&bus, Vec::new(), keep);
    let now = listener.now();
    listener.connection.listen(now, "echo");
    listener.connection.invoke(now, "x", "x", &Table::new(), super::LIMIT);
    wait_until(&mut [&mut listener], |peers| !peers[0].events.is_empty());
    listener.connection.invoke(now, "x", "x", &Table::new(), super::LIMIT);
    wait_until(&mut [&mut listener], |peers| peers[0].events.len() >= 2);
    ubus!(&bus, &mut server, "send", "echo", &args);
    let is_event = |event: &Event| matches!(event, Event::BusEvent { .. });
    wait_until(&mut [&mut listener], |peers| peers[0].events.iter().any(is_event));
    let Some(Event::BusEvent { data, .. }) = listener.events.pop() else { panic!() };
    assert_eq!(table_to_json(&data) + "\n", compact);
    assert_eq!(ltewan::wire::json::table_to_json_indented(&data) + "\n", output);
}

#[test]
fn ubus_call_with_a_wrong_argument_shows_which_and_why() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let cases = [
        (r#"{"modme":"a"}"#, "unknown argument 'modme'; status takes modem (String)"),
        (r#"{"modem":7}"#, "argument 'modem': expected String, got Integer"),
        (r#"{"modem":null}"#, "argument 'modem': expected String, got null"),
    ];
    for (args, reason) in cases {
        let (code, output, errors) = ubus!(&bus, &mut server, "call", "ltewan", "status", args);
        assert_ne!(code, Some(0));
        assert!(errors.contains("(Invalid argument)"), "{errors}");
        let expected =
            format!("{{\n\t\"error\": \"INVALID_ARGUMENT\",\n\t\"message\": \"{reason}\"\n}}\n");
        assert_eq!(output, expected);
    }
    let (_, _, errors) = ubus!(&bus, &mut server, "call", "ltewan", "nomethod");
    assert!(errors.contains("(Method not found)"), "{errors}");
    let (_, output, errors) = ubus!(&bus, &mut server, "call", "ltewan", "fail");
    assert!(errors.contains("(Operation not supported)"), "{errors}");
    assert!(output.contains("\"message\": \"this \\\"modem\\\" cannot\""), "{output}");
    let session = r#"{"ubus_rpc_session":"0123","modem":"a"}"#;
    let (code, ..) = ubus!(&bus, &mut server, "call", "ltewan", "status", session);
    assert_eq!(code, Some(0));
}

#[test]
fn ubus_subscribe_and_listen_print_what_we_tell() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let Some(mut subscriber) = Tool::start(&bus, &["subscribe", "ltewan"]) else { return };
    let on = Event::Subscribers { object: "ltewan", active: true };
    wait_until(&mut [&mut server], |peers| peers[0].has(&on));
    let data = Table::new().with("modem", "a").with("to", "connected");
    server.connection.notify("ltewan", "state", &data);
    let line = subscriber.line(&mut server);
    assert_eq!(line, "{ \"state\": {\"modem\":\"a\",\"to\":\"connected\"} }");
    drop(subscriber);
    let off = Event::Subscribers { object: "ltewan", active: false };
    wait_until(&mut [&mut server], |peers| peers[0].has(&off));

    let mut other =
        Peer::new(vec![ltewan::service::ubus::Object { name: "other", methods: &[] }], keep);
    let Some(mut listener) = Tool::start(&bus, &["listen", "lte*", "ubus.object.add"]) else {
        return;
    };
    // Nothing tells when the tool listens: publish an object again and again until it says so.
    let line = loop {
        other.connect(&bus.path());
        wait_until(&mut [&mut other], |peers| peers[0].has(&Event::Connected));
        if let Some(line) = listener.line_within(&mut server, super::Duration::from_millis(50)) {
            break line;
        }
        other.close();
        other.events.clear();
    };
    assert!(line.contains("\"ubus.object.add\"") && line.contains("\"other\""), "{line}");
    other.close();
    server.connection.send_event("ltewan.state", &data);
    let mut line = listener.line(&mut server);
    while line.contains("ubus.object.add") {
        line = listener.line(&mut server);
    }
    assert_eq!(line, "{ \"ltewan.state\": {\"modem\":\"a\",\"to\":\"connected\"} }");
}

#[test]
fn ubus_wait_for_sees_our_object_come() {
    let bus = Bus::start();
    let mut server = Peer::new(vec![LTEWAN], serve);
    let Some(waiting) = Tool::start(&bus, &["-t", "9", "wait_for", "ltewan"]) else { return };
    server.connect(&bus.path());
    let (code, ..) = waiting.finish(&mut server);
    assert_eq!(code, Some(0));
}

#[test]
fn ubus_monitor_shows_a_call_of_ours_and_its_answer() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let mut client = Peer::connected(&bus, Vec::new(), keep);
    let Some(mut monitor) = Tool::start(&bus, &["-m", "data", "-M", "t", "monitor"]) else {
        return;
    };
    // Nothing tells when the monitor is at work: call until it shows a whole answer.
    loop {
        let now = client.now();
        client.connection.invoke(now, "ltewan", "status", &Table::new(), super::LIMIT);
        wait_until(&mut [&mut server, &mut client], |peers| !peers[1].events.is_empty());
        client.events.clear();
        assert!(client.now() < super::Instant::ZERO + super::LIMIT, "nothing is shown");
        let Some(line) = monitor.line_within(&mut server, super::Duration::from_millis(20)) else {
            continue;
        };
        assert!(line.starts_with("->") && line.contains("data: {\"obj"), "{line}");
        if line.contains("\"data\":{\"state\":\"connected\"}") {
            return;
        }
    }
}
