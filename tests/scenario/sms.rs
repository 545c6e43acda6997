//! Short messages: received, joined, kept, cleared from the modem, sent and reported.

use ltewan::manager::CallError;
use ltewan::types::{Table, Value};
use ltewan::wire::sms::{Address, Deliver, Pdu, Timestamp, UserData, join, split};

use super::USB1;
use super::router::Router;

/// Every language that modems speak.
const MODEMS: [&str; 3] = ["", "front=at dialect=quectel", "front=mbim"];

fn router(modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, &format!("messages=on {modem}"));
    router.at(2_000).ifup("wwan");
    router.run_for(30_000);
    router
}

fn tpdu(from: &str, data: UserData) -> String {
    let (from, dcs) = (Address::of_number(from).unwrap(), data.coding.dcs());
    let time = Some(Timestamp { unix_secs: 1_795_262_400, zone_quarters: 4 });
    let pdu = Pdu::Deliver(Deliver { from, protocol: 0, dcs, time, data });
    pdu.encode().unwrap().iter().map(|octet| format!("{octet:02X}")).collect()
}

/// The network brings a text, its parts in this order.
fn receive(router: &mut Router, text: &str, reference: u8, order: &[usize]) {
    let parts = split(text, 0, reference).unwrap();
    assert_eq!(parts.len(), order.len());
    for at in order {
        let tpdu = tpdu("+491701234567", parts[*at].clone());
        router.tell(USB1, &format!("sms {tpdu}"));
    }
}

/// `ID STATE NUMBER TEXT`, oldest first.
fn list(router: &mut Router) -> Vec<String> {
    let answer = router.call("sms_list", Table::new()).unwrap();
    let line = |entry: &Value| {
        let entry = entry.as_table().unwrap();
        let word = |name| entry.get_str(name).unwrap_or("-").to_owned();
        let id = entry.get("id").and_then(Value::as_i64).unwrap();
        format!("{id} {} {} {}", word("state"), word("number"), word("text"))
    };
    answer.get_array("messages").unwrap().iter().map(line).collect()
}

fn ids(ids: &[i32]) -> Table {
    Table::new().with("ids", ids.to_vec())
}

fn message(number: &str, text: &str) -> Table {
    Table::new().with("number", number).with("text", text)
}

/// Sends, and waits for the answer.
fn send(router: &mut Router, args: Table, ms: u64) -> Result<Table, CallError> {
    let call = router.start_call("sms_send", args);
    router.settle();
    router.run_for(ms);
    let reply = router.reply(call).map(|(_, result)| result.clone());
    reply.unwrap_or_else(|| panic!("{}", router.tail()))
}

fn in_modem(router: &Router) -> usize {
    router.modem(USB1).world.messages.stored.len()
}

#[test]
fn a_message_is_told_kept_and_cleared_from_the_modem() {
    for modem in MODEMS {
        let mut router = router(modem);
        receive(&mut router, "Grüße, 5 € 😀", 0, &[0]);
        router.run_for(1_000);
        assert_eq!(list(&mut router), ["1 unread +491701234567 Grüße, 5 € 😀"]);
        assert_eq!(in_modem(&router), 1, "it is on flash before it leaves the modem");
        router.run_for(5_000);
        assert_eq!(in_modem(&router), 0);
        assert_eq!(router.count("usb:1-1 message 1 from +491701234567", 0), 1);
        let hotplug = "hotplug ACTION=sms ID=1 NUMBER=+491701234567 INTERFACE=wwan MODEM=usb:1-1";
        assert_eq!(router.count(hotplug, 0), 1, "{}", router.tail());
        assert_eq!(router.status()[0].get("sms_unread").and_then(Value::as_i64), Some(1));
        let read = router.call("sms_read", ids(&[1])).unwrap();
        let read = read.get_array("messages").unwrap()[0].as_table().unwrap().clone();
        assert_eq!(read.get_str("time"), Some("2026-11-21T12:00:00Z"));
        assert_eq!(list(&mut router), ["1 read +491701234567 Grüße, 5 € 😀"]);
        router.run_for(5_000);
        router.reboot();
        router.run_for(30_000);
        assert_eq!(list(&mut router), ["1 read +491701234567 Grüße, 5 € 😀"]);
        router.call("sms_delete", ids(&[1])).unwrap();
        assert_eq!(router.call("sms_delete", ids(&[1])).unwrap_err().code, "NOT_FOUND");
        assert!(list(&mut router).is_empty());
    }
}

#[test]
fn parts_are_joined_in_any_order_and_over_a_restart() {
    for modem in MODEMS {
        let mut router = router(modem);
        let text = "äöü".repeat(150);
        receive(&mut router, &text, 9, &[2, 0, 1]);
        router.run_for(1_000);
        assert_eq!(list(&mut router), [format!("1 unread +491701234567 {text}")]);
        let text = "0123456789".repeat(40);
        let parts = split(&text, 0, 10).unwrap();
        for (at, part) in parts.iter().enumerate() {
            router.tell(USB1, &format!("sms {}", tpdu("+49170", part.clone())));
            router.run_for(if at == 0 { 1_000 } else { 6_000 });
            router.restart_daemon();
            router.run_for(20_000);
        }
        assert_eq!(list(&mut router)[1..], [format!("2 unread +49170 {text}")]);
        assert_eq!(in_modem(&router), 0);
    }
}

#[test]
fn a_message_that_is_not_on_flash_when_the_daemon_dies_is_in_the_modem_still() {
    for modem in MODEMS {
        let mut router = router(modem);
        receive(&mut router, "first", 0, &[0]);
        router.run_for(500);
        router.restart_daemon();
        router.run_for(30_000);
        assert_eq!(list(&mut router), ["1 unread +491701234567 first"]);
        assert_eq!(in_modem(&router), 0);
        // The network sends again what it believes lost.
        receive(&mut router, "first", 0, &[0]);
        router.run_for(30_000);
        assert_eq!((list(&mut router).len(), in_modem(&router)), (1, 0));
    }
}

#[test]
fn what_no_memory_holds_is_acknowledged_when_it_is_on_flash() {
    let mut router = router(MODEMS[0]);
    let direct = |n: u32| {
        let part = split(&format!("direct {n}"), 0, 0).unwrap().remove(0);
        format!("sms direct {}", tpdu("+491701234567", part))
    };
    let acknowledged = |router: &Router| router.modem(USB1).world.messages.acknowledged;
    router.tell(USB1, &direct(1));
    router.run_for(100);
    assert_eq!((acknowledged(&router), list(&mut router).len()), (1, 1), "it does not wait long");
    router.flash_full = true;
    router.tell(USB1, &direct(2));
    router.run_for(70_000);
    assert_eq!((acknowledged(&router), list(&mut router).len()), (1, 2));
    router.restart_daemon();
    router.flash_full = false;
    router.run_for(60_000);
    let texts: Vec<String> = list(&mut router);
    assert_eq!((acknowledged(&router), texts.len()), (2, 2), "{texts:?}");
    assert!(router.modem(USB1).world.messages.direct.is_empty());
    router.restart_daemon();
    assert_eq!(list(&mut router).len(), 2);
}

#[test]
fn a_message_that_comes_while_the_modem_is_got_to_know_comes_once() {
    let mut router = router("latency=20");
    router.restart_daemon();
    router.run_for(1);
    let part = split("early", 0, 0).unwrap().remove(0);
    router.tell(USB1, &format!("sms direct {}", tpdu("+491701234567", part)));
    router.run_for(120_000);
    assert_eq!(list(&mut router).len(), 1, "{}", router.tail());
    assert_eq!(router.modem(USB1).world.messages.acknowledged, 1);
}

#[test]
fn a_place_that_has_another_message_by_now_is_not_deleted_but_read() {
    for modem in MODEMS {
        let mut router = router(modem);
        receive(&mut router, "first", 0, &[0]);
        router.run_for(1_000);
        assert_eq!(in_modem(&router), 1);
        let other = split("second", 0, 0).unwrap().remove(0);
        router.tell(USB1, &format!("sms replace 0 {}", tpdu("+491701234567", other)));
        // Also when the modem tells of it before the first is deleted.
        router.tell(USB1, "urc +CMTI: \"SM\",0");
        router.run_for(10_000);
        let texts: Vec<String> = list(&mut router);
        assert_eq!(texts.len(), 2, "{modem}: {texts:?}");
        assert!(texts[1].ends_with("second"), "{modem}: {texts:?}");
        assert_eq!((in_modem(&router), router.modem(USB1).world.messages.deleted_unseen), (0, 0));
    }
}

#[test]
fn messages_belong_to_their_modem_wherever_it_is_plugged_in() {
    for modem in MODEMS {
        let mut router = router(modem);
        receive(&mut router, "first", 0, &[0]);
        router.run_for(10_000);
        let held = |router: &mut Router, modem: &str| {
            let answer = router.call("sms_list", Table::new().with("modem", modem)).unwrap();
            let paths = answer
                .get_array("messages")
                .unwrap()
                .iter()
                .map(|it| it.as_table().unwrap().get_str("modem").unwrap_or("gone").to_owned());
            paths.collect::<Vec<_>>()
        };
        assert_eq!(held(&mut router, USB1), [USB1]);
        router.tell(USB1, "unplug");
        router.run_for(1_000);
        let all = router.call("sms_list", Table::new()).unwrap();
        let first = all.get_array("messages").unwrap()[0].as_table().unwrap().clone();
        assert_eq!((first.get("modem"), first.get_str("text")), (None, Some("first")));
        router.move_modem(USB1, "usb:1-2");
        router.tell("usb:1-2", "replug 0");
        router.plug(USB1, &format!("messages=on imei=867698040000099 {modem}"));
        router.run_for(30_000);
        assert_eq!(held(&mut router, "usb:1-2"), ["usb:1-2"], "{modem}");
        assert!(held(&mut router, USB1).is_empty(), "{modem}");
        let modems = router.status();
        let unread = modems.iter().map(|it| it.get("sms_unread").and_then(Value::as_i64));
        assert_eq!(unread.collect::<Vec<_>>(), [Some(0), Some(1)], "{modem}");
        // The other one gets the same from the network.
        receive(&mut router, "first", 0, &[0]);
        router.run_for(10_000);
        assert_eq!(held(&mut router, USB1), [USB1], "{modem}");
    }
}

#[test]
fn nothing_leaves_the_modem_while_the_flash_is_full() {
    let mut router = router(MODEMS[0]);
    router.flash_full = true;
    receive(&mut router, "one", 0, &[0]);
    router.run_for(60_000);
    assert_eq!((list(&mut router).len(), in_modem(&router)), (1, 1));
    router.flash_full = false;
    router.run_for(400_000);
    assert_eq!(in_modem(&router), 0);
}

#[test]
fn what_came_before_leaves_the_modem_without_anything_written() {
    for modem in MODEMS {
        let mut router = router(modem);
        receive(&mut router, "one", 0, &[0]);
        router.run_for(10_000);
        assert_eq!(in_modem(&router), 0);
        router.flash_full = true;
        receive(&mut router, "one", 0, &[0]);
        router.run_for(10_000);
        assert_eq!((list(&mut router).len(), in_modem(&router)), (1, 0), "{modem}");
    }
}

#[test]
fn what_cannot_be_read_stays_in_the_modem() {
    let mut router = router(MODEMS[0]);
    router.tell(USB1, "sms cdma");
    receive(&mut router, "one", 0, &[0]);
    for _ in 0..2 {
        router.run_for(30_000);
        assert_eq!((list(&mut router).len(), in_modem(&router)), (1, 1));
        router.restart_daemon();
    }
}

#[test]
fn hostile_messages_neither_stop_the_others_nor_the_daemon() {
    for modem in MODEMS {
        let mut router = router(modem);
        router.tell(USB1, "sms FF");
        router.tell(USB1, "sms 0400");
        router.tell(USB1, &format!("sms 44{}", "FF".repeat(200)));
        receive(&mut router, "one", 0, &[0]);
        router.run_for(30_000);
        let list = list(&mut router);
        assert!(list.iter().any(|line| line.ends_with("+491701234567 one")), "{modem}: {list:?}");
        router.restart_daemon();
        router.run_for(30_000);
        assert!(router.is_up("wwan"), "{modem}");
    }
}

#[test]
fn more_messages_than_the_modem_holds_all_arrive() {
    for modem in MODEMS {
        let mut router = router(modem);
        for n in 0..35 {
            receive(&mut router, &format!("message {n}"), 0, &[0]);
        }
        router.run_for(60_000);
        assert_eq!((list(&mut router).len(), in_modem(&router)), (35, 0));
    }
}

#[test]
fn a_text_is_sent_in_parts_and_its_delivery_reported() {
    for modem in MODEMS {
        let mut router = router(modem);
        let text = "Добрый день! ".repeat(20);
        let args = message("+49 170 7654321", &text).with("report", true);
        let answer = send(&mut router, args, 1_500).unwrap();
        let number = |name| answer.get(name).and_then(Value::as_i64);
        assert_eq!((number("id"), number("parts")), (Some(1), Some(4)));
        let sent = &router.modem(USB1).world.messages.sent;
        let bodies: Vec<_> = sent
            .iter()
            .map(|tpdu| match Pdu::decode(tpdu, true) {
                Ok(Pdu::Submit(submit)) => {
                    assert_eq!(submit.to.display(), "+491707654321");
                    submit.data.body
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(join(&bodies), text);
        assert!(list(&mut router)[0].starts_with("1 sent "));
        router.run_for(10_000);
        assert!(list(&mut router)[0].starts_with("1 delivered "), "{modem}");
        assert_eq!(in_modem(&router), 0);
    }
}

#[test]
fn a_refusal_that_may_pass_is_tried_again_and_any_other_is_told() {
    for modem in MODEMS {
        let mut router = router(modem);
        router.tell(USB1, "sms refuse 2 42");
        assert!(send(&mut router, message("123", "hello"), 60_000).is_ok());
        // Over MBIM there is no cause.
        let words = if modem == "front=mbim" { ["Busy", "Failure"] } else { ["42", "21"] };
        router.tell(USB1, "sms refuse 3 42");
        let error = send(&mut router, message("123", "hello"), 60_000).unwrap_err();
        assert!(error.message.contains(words[0]), "{}", error.message);
        router.tell(USB1, "sms refuse 1 21");
        let error = send(&mut router, message("123", "hello"), 1_000).unwrap_err();
        assert!(error.message.contains(words[1]), "{}", error.message);
        let states: Vec<String> =
            list(&mut router).iter().map(|l| l.split(' ').nth(1).unwrap().to_owned()).collect();
        assert_eq!(states, ["sent", "failed", "failed"]);
        assert_eq!(router.modem(USB1).world.messages.sent.len(), 1);
    }
}

#[test]
fn what_cannot_be_sent_is_refused_with_the_argument_named() {
    let mut router = router(MODEMS[0]);
    for (number, text, named) in [
        ("12\r\nAT", "x", "number"),
        ("", "x", "number"),
        ("123", &"ж".repeat(67 * 64 + 1), "text"),
        ("123", &"x".repeat(153 * 64 + 1), "text"),
    ] {
        let error = send(&mut router, message(number, text), 100).unwrap_err();
        assert!(error.message.contains(&format!("'{named}'")), "{}", error.message);
    }
    assert!(router.modem(USB1).world.messages.sent.is_empty() && list(&mut router).is_empty());
    // Who waits when the modem goes hears so.
    router.tell(USB1, "latency 20000");
    let call = router.start_call("sms_send", message("123", "x"));
    router.settle();
    router.tell(USB1, "unplug");
    router.run_for(1_000);
    assert_eq!(router.reply(call).unwrap().1.as_ref().unwrap_err().code, "MODEM");
    assert_eq!(list(&mut router), ["1 failed 123 x"]);
}

#[test]
fn a_modem_that_will_not_tell_of_ussd_tells_of_messages() {
    let mut router = Router::new();
    router.plug(USB1, "messages=on front=mbim ussd=on");
    router.sockets.0.get_mut(USB1).unwrap().modem.world.ussd.is_untold = true;
    router.run_for(30_000);
    receive(&mut router, "Hello", 0, &[0]);
    router.run_for(5_000);
    assert_eq!(list(&mut router), ["1 unread +491701234567 Hello"]);
}
