//! USSD: codes, replies, sessions that end in every way, and what the network says unasked.

use ltewan::types::{Table, Value};

use super::USB1;
use super::router::Router;

/// Every language that modems speak, and the habits of some of them.
const MODEMS: [&str; 7] = [
    "ussd=on",
    "ussd=old",
    "front=mbim ussd=on",
    "front=mbim ussd=old",
    "front=at dialect=quectel ussd=on",
    "front=at dialect=telit ussd=old",
    "front=at dialect=huawei ussd=on",
];

fn router(modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router.run_for(30_000);
    router
}

fn code(code: &str) -> Table {
    Table::new().with("code", code)
}

fn reply(text: &str) -> Table {
    Table::new().with("reply", text)
}

fn cancel() -> Table {
    Table::new().with("cancel", true)
}

/// What a call has come to: `STATE: TEXT`, or the word of the error.
fn outcome(router: &Router, call: u64) -> String {
    match router.reply(call).map(|(_, result)| result) {
        Some(Ok(answer)) => {
            let word = |name| answer.get_str(name).unwrap_or_default();
            assert_eq!(word("modem"), USB1);
            format!("{}: {}", word("state"), word("text"))
        }
        Some(Err(error)) => error.code.to_owned(),
        None => "waits".to_owned(),
    }
}

/// Calls, and waits.
fn ussd(router: &mut Router, args: Table, ms: u64) -> String {
    let call = router.start_call("ussd", args);
    router.settle();
    router.run_for(ms);
    outcome(router, call)
}

fn sent(router: &Router) -> Vec<String> {
    router.modem(USB1).world.ussd.sent.clone()
}

#[test]
fn a_code_gives_its_text_and_a_menu_waits_for_replies() {
    for modem in MODEMS {
        let mut router = router(modem);
        let capabilities = router.status()[0].get_array("capabilities").unwrap().to_vec();
        assert!(capabilities.contains(&Value::from("ussd")), "{modem}: {capabilities:?}");
        assert_eq!(ussd(&mut router, code("*100#"), 1_000), "waits", "{modem}");
        router.run_for(1_000);
        assert_eq!(ussd(&mut router, code("*100#"), 2_000), "done: Balance: 12.34 EUR", "{modem}");
        let menu = "reply_expected: 1) Data\n2) Minutes\n0) Back";
        assert_eq!(ussd(&mut router, code("*101#"), 2_000), menu, "{modem}");
        let unknown = ussd(&mut router, reply("9"), 2_000);
        assert_eq!(unknown, "reply_expected: What is 9?", "{modem}");
        assert_eq!(ussd(&mut router, reply("1"), 2_000), "done: 5 GB left", "{modem}");
        assert_eq!(sent(&router), ["*100#", "*100#", "*101#", "9", "1"], "{modem}");
        // Nothing of it was told to all.
        assert!(router.is_up("wwan") && router.count("usb:1-1 ussd", 0) == 0, "{}", router.tail());
    }
}

#[test]
fn what_no_terminal_should_get_is_replaced_and_replies_are_in_any_script() {
    for modem in MODEMS {
        let mut router = router(modem);
        let said = ussd(&mut router, code("*102#"), 2_000);
        assert_eq!(said, "done: Остаток 5 ГБ\u{FFFD}[2J", "{modem}");
        ussd(&mut router, code("*101#"), 2_000);
        let reply = reply("да \"2\"; ATD112");
        let said = ussd(&mut router, reply, 2_000);
        assert_eq!(said, "reply_expected: What is да \"2\"; ATD112?", "{modem}");
    }
}

#[test]
fn a_session_ends_by_the_network_by_cancelling_by_time_and_by_unplugging() {
    for modem in MODEMS {
        let mut router = router(modem);
        assert_eq!(ussd(&mut router, code("*999#"), 2_000), "REFUSED", "{modem}");
        ussd(&mut router, code("*101#"), 2_000);
        assert_eq!(ussd(&mut router, code("*100#"), 0), "BUSY", "{modem}");
        assert_eq!(ussd(&mut router, reply("0"), 2_000), "ENDED", "{modem}");
        assert_eq!(ussd(&mut router, reply("1"), 0), "NO_SESSION", "{modem}");
        // Cancelled, while the network is silent and while it waits.
        let call = router.start_call("ussd", code("*103#"));
        router.settle();
        router.run_for(1_000);
        assert_eq!(ussd(&mut router, code("*100#"), 0), "BUSY", "{modem}");
        let cancelled = ussd(&mut router, cancel(), 66_000);
        assert_eq!((outcome(&router, call).as_str(), cancelled.as_str()), ("CANCELLED", "done: "));
        assert_eq!(ussd(&mut router, code("*100#"), 2_000), "done: Balance: 12.34 EUR", "{modem}");
        ussd(&mut router, code("*101#"), 2_000);
        assert_eq!(ussd(&mut router, cancel(), 2_000), "done: ", "{modem}");
        assert_eq!(ussd(&mut router, cancel(), 2_000), "done: ", "also when there is none");
        assert!(!router.modem(USB1).world.ussd.is_open);
        // The network is silent for too long, then the owner.
        let cancels = router.modem(USB1).world.ussd.cancels;
        assert_eq!(ussd(&mut router, code("*103#"), 59_000), "waits", "{modem}");
        assert_eq!(ussd(&mut router, code("*100#"), 12_000), "BUSY", "{modem}");
        assert_eq!(router.modem(USB1).world.ussd.cancels, cancels + 1, "{modem}");
        ussd(&mut router, code("*101#"), 181_000);
        assert!(router.modem(USB1).world.ussd.is_open, "{modem}");
        router.run_for(2_000);
        assert!(!router.modem(USB1).world.ussd.is_open, "{modem}");
        assert_eq!(ussd(&mut router, reply("1"), 0), "NO_SESSION", "{modem}");
        let call = router.start_call("ussd", code("*103#"));
        router.settle();
        router.tell(USB1, "unplug");
        router.run_for(1_000);
        assert_eq!(outcome(&router, call), "MODEM", "{modem}");
    }
}

#[test]
fn what_the_network_says_unasked_is_told_and_can_be_answered() {
    for modem in MODEMS {
        let mut router = router(modem);
        router.tell(USB1, "ussd Your bill is due");
        router.run_for(1_000);
        assert_eq!(router.count("usb:1-1 ussd done: Your bill is due", 0), 1, "{}", router.tail());
        router.tell(USB1, "ussd? Pay now?");
        router.run_for(1_000);
        assert_eq!(router.count("usb:1-1 ussd reply_expected: Pay now?", 0), 1, "{modem}");
        assert_eq!(ussd(&mut router, reply("1"), 2_000), "done: 5 GB left", "{modem}");
        // After a restart of the daemon, too.
        router.restart_daemon();
        router.run_for(30_000);
        router.tell(USB1, "ussd Hello again");
        router.run_for(1_000);
        assert_eq!(
            router.count("usb:1-1 ussd done: Hello again", 0),
            1,
            "{modem}: {}",
            router.tail()
        );
    }
}

#[test]
fn hostile_codes_reach_no_modem() {
    let mut router = router("front=at dialect=quectel ussd=on");
    for wrong in
        ["", "*100#\"\r\nATD112;", "*1 2#", "abc", "*é#", "**04*1234*1111*1111#", "**05*1#"]
    {
        assert_eq!(ussd(&mut router, code(wrong), 0), "INVALID_ARGUMENT", "{wrong}");
    }
    let long = "1".repeat(183);
    assert_eq!(ussd(&mut router, code(&long), 0), "INVALID_ARGUMENT");
    for wrong in [Table::new(), code("1").with("cancel", true), code("1").with("reply", "1")] {
        assert_eq!(ussd(&mut router, wrong, 0), "INVALID_ARGUMENT");
    }
    ussd(&mut router, code("*101#"), 2_000);
    for wrong in ["", "a\rb", &long, &"ж".repeat(81)] {
        assert_eq!(ussd(&mut router, reply(wrong), 0), "INVALID_ARGUMENT", "{wrong}");
    }
    assert_eq!(sent(&router), ["*101#"]);
    let mut router = self::router("");
    assert_eq!(ussd(&mut router, code("*100#"), 0), "NOT_SUPPORTED");
}
