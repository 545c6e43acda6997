//! The PIN and the PUK in the owner's hands, and what the machine makes of what it sees of that.

use ltewan::driver::{PinOperation, PinRequest, PinResult, Request};
use ltewan::manager::{CallError, CallStatus};
use ltewan::modem::{Command, PinCommand};
use ltewan::types::{Secret, Table, Value};

use super::USB1;
use super::router::Router;

/// A router whose interface is up, or wants to be, two seconds after the start.
fn router(interface: &str, modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", interface);
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router.at(3_000);
    router
}

/// `KEY=VALUE` words as arguments; `force` is a word of its own.
fn args(words: &str) -> Table {
    let mut table = Table::new();
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some((key, value)) => table.put(key, value),
            None => table.put(word, true),
        }
    }
    table
}

fn pin(router: &mut Router, words: &str) -> Result<Table, CallError> {
    router.call("pin", args(words))
}

/// `STATE PIN PUK PINCODE`, with a dash for what is not told.
fn done(result: Result<Table, CallError>) -> String {
    let table = result.unwrap();
    let number = |name| table.get(name).and_then(Value::as_i64);
    let number = |name| number(name).map_or("-".to_owned(), |n| n.to_string());
    let [pin, puk] = ["pin_retries_left", "puk_retries_left"].map(number);
    let state = table.get_str("state").unwrap();
    format!("{state} {pin} {puk} {}", table.get_str("pincode").unwrap_or("-"))
}

/// `CODE PIN PUK`, the same way.
fn refused(result: Result<Table, CallError>) -> String {
    let error = result.unwrap_err();
    let number = |name| error.details.get(name).and_then(Value::as_i64);
    let number = |name| number(name).map_or("-".to_owned(), |n| n.to_string());
    let [pin, puk] = ["pin_retries_left", "puk_retries_left"].map(number);
    format!("{} {pin} {puk}", error.code)
}

/// How often PINs were tried on the SIM, how often they were wrong, and how often the PUK was.
fn attempts(router: &Router) -> (u64, u64, u64) {
    let uicc = &router.modem(USB1).world.uicc;
    (uicc.pin_attempts, uicc.pin_rejections, uicc.puk_attempts)
}

/// The modem is pulled and put in again.
fn replug(router: &mut Router) {
    router.tell(USB1, "replug 1000");
    router.run_for(5_000);
}

#[test]
fn the_right_pin_unlocks_the_sim_and_the_interface_connects() {
    for modem in ["", "uim=nopins", "uim=none"] {
        let mut router = router("apn=internet", &format!("sim=pin pin=1234 {modem}"));
        assert_eq!(router.error("wwan"), Some("PIN_NOT_SPECIFIED"));
        assert_eq!(done(pin(&mut router, "action=unlock pin=1234")), "ready 3 10 none");
        router.run_until_up("wwan", 2_000);
        assert_eq!(attempts(&router), (1, 0, 0), "{modem}");
        assert_eq!(refused(pin(&mut router, "action=unlock pin=1234")), "NO_EFFECT 3 10");
        assert_eq!(attempts(&router), (1, 0, 0), "an attempt at an open SIM is for nothing");
    }
}

#[test]
fn a_wrong_pin_of_the_owner_costs_one_attempt_and_is_not_repeated_by_the_machine() {
    for modem in ["", "uim=nopins", "uim=none"] {
        let mut router = Router::new();
        router.interface("wwan", "apn=internet pincode=9999");
        router.at(1_000).plug(USB1, &format!("sim=pin pin=1234 {modem}"));
        let wrong = pin(&mut router, "action=unlock pin=9999").unwrap_err();
        assert_eq!(wrong.message, "the SIM refused the PIN; PIN attempts left: 2");
        assert_eq!(refused(Err(wrong)), "PIN_FAILED 2 10");
        router.at(2_000).ifup("wwan");
        router.run_for(60_000);
        router.restart_daemon();
        router.run_for(60_000);
        router.reboot();
        router.run_for(60_000);
        router.ifup("wwan");
        router.run_for(60_000);
        assert_eq!(router.error("wwan"), Some("PIN_FAILED"), "{modem}");
        assert_eq!(attempts(&router), (1, 1, 0), "{modem}");
        // The right one brings all attempts back, which makes the wrong one no better.
        assert_eq!(done(pin(&mut router, "action=unlock pin=1234")), "ready 3 10 other");
        replug(&mut router);
        router.run_for(60_000);
        assert_eq!(router.error("wwan"), Some("PIN_FAILED"), "{modem}");
        assert_eq!(attempts(&router), (2, 1, 0), "{modem}");
    }
}

#[test]
fn an_interface_that_a_wrong_pin_had_blocked_is_set_up_again_once_the_owner_unlocks() {
    let mut router = router("apn=internet pincode=9999", "sim=pin pin=1234");
    assert_eq!((router.error("wwan"), attempts(&router)), (Some("PIN_FAILED"), (1, 1, 0)));
    router.at(20_000);
    assert_eq!(done(pin(&mut router, "action=unlock pin=1234")), "ready 3 10 other");
    router.run_until_up("wwan", 2_000);
    replug(&mut router);
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"), "it is as wrong as before");
    assert_eq!(attempts(&router), (2, 1, 0));
}

#[test]
fn a_pin_that_was_refused_and_then_accepted_is_trusted_again() {
    let mut router = router("apn=internet pincode=9999", "sim=pin pin=1234");
    assert_eq!(refused(pin(&mut router, "action=change pin=9999 new_pin=5678")), "PIN_FAILED 1 10");
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"), "it stays blocked");
    router.invariants.allow_last_attempt(USB1);
    let right = pin(&mut router, "action=change pin=1234 new_pin=9999 force");
    assert_eq!(done(right), "ready 3 10 same");
    router.run_until_up("wwan", 2_000);
    replug(&mut router);
    router.run_until_up("wwan", 5_000);
    assert_eq!(attempts(&router), (4, 2, 0), "the configured PIN is the SIM's now");
}

#[test]
fn the_last_attempt_is_spent_only_when_the_owner_says_so() {
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234 retries=1");
    for action in ["unlock", "disable"] {
        let refusal = pin(&mut router, &format!("action={action} pin=1234")).unwrap_err();
        assert_eq!(
            refusal.message,
            "a wrong PIN would be the last; nothing was sent without force; PIN attempts left: 1"
        );
        assert_eq!(refused(Err(refusal)), "LAST_ATTEMPT 1 10");
    }
    assert_eq!(attempts(&router), (0, 0, 0));
    router.invariants.allow_last_attempt(USB1);
    assert_eq!(done(pin(&mut router, "action=unlock pin=1234 force")), "ready 3 10 same");
    router.run_until_up("wwan", 2_000);
    assert_eq!(attempts(&router), (1, 0, 0));
}

#[test]
fn attempts_spent_behind_the_daemons_back_are_seen_before_one_more_is() {
    let mut router = router("apn=internet", "sim=pin pin=1234");
    router.sockets.0.get_mut(USB1).unwrap().modem.world.uicc.pin_retries = 1;
    assert_eq!(refused(pin(&mut router, "action=unlock pin=9999")), "LAST_ATTEMPT 1 10");
    assert_eq!(attempts(&router), (0, 0, 0));
    // What was not sent is not held against it.
    router.tell(USB1, "sim retries 3");
    router.interface("wwan", "apn=internet pincode=9999");
    router.ifup("wwan");
    router.run_for(5_000);
    assert_eq!(attempts(&router), (1, 1, 0));
}

#[test]
fn the_puk_sets_a_new_pin_and_the_interface_connects() {
    for modem in ["", "uim=nopins", "uim=none"] {
        let mut router =
            router("apn=internet pincode=5678", &format!("sim=puk puk=12345678 {modem}"));
        assert_eq!(router.error("wwan"), Some("PUK_NEEDED"));
        assert_eq!(refused(pin(&mut router, "action=unlock pin=5678")), "PUK_NEEDED 0 10");
        let wrong = pin(&mut router, "action=unblock puk=00000000 new_pin=5678").unwrap_err();
        assert_eq!(wrong.message, "the SIM refused the PUK; PUK attempts left: 9");
        assert_eq!(refused(Err(wrong)), "PUK_FAILED 0 9");
        let right = pin(&mut router, "action=unblock puk=12345678 new_pin=5678");
        assert_eq!(done(right), "ready 3 10 same");
        router.run_until_up("wwan", 2_000);
        assert_eq!(attempts(&router), (0, 0, 2), "{modem}");
        replug(&mut router);
        router.run_until_up("wwan", 5_000);
        assert_eq!(attempts(&router), (1, 0, 2), "{modem}");
    }
}

#[test]
fn the_last_attempt_at_the_puk_is_the_owners_too() {
    let mut router = router("apn=internet", "sim=puk puk=12345678");
    for left in (1..10).rev() {
        let wrong = pin(&mut router, "action=unblock puk=00000000 new_pin=5678");
        assert_eq!(refused(wrong), format!("PUK_FAILED 0 {left}"));
    }
    let last = "action=unblock puk=00000000 new_pin=5678";
    assert_eq!(refused(pin(&mut router, last)), "LAST_ATTEMPT 0 1");
    assert_eq!(refused(pin(&mut router, &format!("{last} force"))), "PUK_FAILED 0 0");
    assert_eq!(refused(pin(&mut router, &format!("{last} force"))), "SIM_BLOCKED 0 0");
    assert_eq!(attempts(&router), (0, 0, 10));
    assert_eq!(router.state(USB1), "failed");
}

#[test]
fn the_pin_is_switched_on_changed_and_switched_off_while_connected() {
    for modem in ["", "uim=nopins", "uim=none"] {
        let mut router = router("apn=internet", &format!("pin=1234 {modem}"));
        router.run_until_up("wwan", 1_000);
        assert_eq!(refused(pin(&mut router, "action=disable pin=1234")), "NO_EFFECT 3 10");
        let change = "action=change pin=1234 new_pin=5678";
        assert_eq!(refused(pin(&mut router, change)), "PIN_DISABLED 3 10");
        assert_eq!(refused(pin(&mut router, "action=enable pin=1111")), "PIN_FAILED 2 10");
        assert_eq!(done(pin(&mut router, "action=enable pin=1234")), "ready 3 10 none");
        assert_eq!(refused(pin(&mut router, "action=enable pin=1234")), "NO_EFFECT 3 10");
        assert_eq!(done(pin(&mut router, change)), "ready 3 10 none");
        assert_eq!(done(pin(&mut router, "action=disable pin=5678")), "ready 3 10 -");
        assert_eq!(attempts(&router), (4, 1, 0), "{modem}");
        assert_eq!(router.times("wwan link lost"), [0; 0], "{modem}");
    }
}

#[test]
fn a_pin_that_was_changed_is_not_offered_any_more() {
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234");
    router.run_until_up("wwan", 1_000);
    let change = pin(&mut router, "action=change pin=1234 new_pin=5678");
    assert_eq!(done(change), "ready 3 10 other");
    let before = attempts(&router);
    replug(&mut router);
    router.run_for(60_000);
    assert_eq!((router.error("wwan"), attempts(&router)), (Some("PIN_FAILED"), before));
    router.interface("wwan", "apn=internet pincode=5678");
    router.ifup("wwan");
    router.run_until_up("wwan", 2_000);
}

#[test]
fn one_pin_at_a_time_is_offered() {
    let mut router = router("apn=internet", "sim=pin pin=1234 latency=100");
    let first = router.start_call("pin", args("action=unlock pin=9999"));
    router.settle();
    assert_eq!(refused(pin(&mut router, "action=unlock pin=1234")), "BUSY - -");
    // The card tells of the attempt before the modem answers: no reason to offer another.
    router.run_for(50);
    router.interface("wwan", "apn=internet pincode=1234");
    router.ifup("wwan");
    router.run_for(40);
    assert_eq!(attempts(&router), (0, 0, 0), "the SIM is asked for its attempts first");
    router.run_for(20);
    assert_eq!(attempts(&router), (1, 1, 0));
    router.run_until_so("an answer", 1_000, |router| router.reply(first).is_some());
    assert_eq!(refused(router.reply(first).unwrap().1.clone()), "PIN_FAILED 2 10");
    router.run_until_up("wwan", 5_000);
    assert_eq!(attempts(&router), (2, 1, 0), "then the machine's own is");
}

#[test]
fn an_answer_that_is_lost_is_found_in_the_state_of_the_sim() {
    let mut router = router("apn=internet", "sim=pin pin=1234 latency=100");
    router.run_for(3_000);
    let call = router.start_call("pin", args("action=unlock pin=1234"));
    router.settle();
    router.run_for(50);
    router.tell(USB1, "lose 1");
    router.run_until_so("an answer", 15_000, |router| router.reply(call).is_some());
    assert_eq!(done(router.reply(call).unwrap().1.clone()), "ready 3 10 none");
    assert_eq!(attempts(&router), (1, 0, 0));
}

#[test]
fn a_caller_is_answered_when_the_modem_is_pulled_silent_or_restarted() {
    for fault in ["unplug", "silence on", "reset 500"] {
        let mut router = router("apn=internet", "sim=pin pin=1234 latency=100");
        let call = router.start_call("pin", args("action=unlock pin=9999"));
        router.settle();
        router.run_for(150);
        router.tell(USB1, fault);
        router.run_until_so("an answer", 40_000, |router| router.reply(call).is_some());
        let error = router.reply(call).unwrap().1.clone().unwrap_err();
        assert!(matches!(error.code, "MODEM" | "TIMEOUT"), "{fault}: {error:?}");
        if fault == "silence on" {
            router.tell(USB1, "silence off");
        }
        if fault != "unplug" {
            // The attempt is missing, so the PIN counts as refused.
            router.interface("wwan", "apn=internet pincode=9999");
            router.ifup("wwan");
            router.run_for(60_000);
            assert_eq!(router.error("wwan"), Some("PIN_FAILED"), "{fault}");
            assert_eq!(attempts(&router), (1, 1, 0), "{fault}");
        }
    }
}

#[test]
fn a_sim_that_cannot_take_a_pin_is_named() {
    for (modem, code) in [
        ("sim=absent", "SIM_MISSING - -"),
        ("sim=blocked", "SIM_BLOCKED 0 0"),
        ("simready=60000", "SIM_NOT_READY"),
    ] {
        let mut router = router("apn=internet", modem);
        let result = refused(pin(&mut router, "action=unlock pin=1234"));
        assert!(result.starts_with(code), "{modem}: {result}");
    }
}

#[test]
fn wrong_arguments_are_refused_by_name_and_nothing_is_sent() {
    let mut router = router("apn=internet", "sim=pin pin=1234");
    for (words, message) in [
        ("pin=1234", "argument 'action': expected unlock, enable, disable, change or unblock"),
        (
            "action=open pin=1234",
            "argument 'action': expected unlock, enable, disable, change or unblock",
        ),
        ("action=unlock", "argument 'pin': expected 4 to 8 digits"),
        ("action=unlock pin=123", "argument 'pin': expected 4 to 8 digits"),
        ("action=unlock pin=123456789", "argument 'pin': expected 4 to 8 digits"),
        ("action=unlock pin=12a4", "argument 'pin': expected 4 to 8 digits"),
        (
            "action=unlock pin=1234 puk=12345678",
            "argument 'puk': expected none with action 'unlock'",
        ),
        ("action=change pin=1234", "argument 'new_pin': expected 4 to 8 digits"),
        ("action=unblock puk=1234567 new_pin=1234", "argument 'puk': expected 8 digits"),
        ("action=unblock puk=12345678", "argument 'new_pin': expected 4 to 8 digits"),
        ("action=unlock pin=1234 force=1", "argument 'force': expected true or false"),
    ] {
        let error = pin(&mut router, words).unwrap_err();
        assert_eq!((error.status, error.message.as_str()), (CallStatus::InvalidArgument, message));
    }
    assert_eq!(attempts(&router), (0, 0, 0));
}

#[test]
fn no_pin_and_no_puk_is_ever_shown() {
    let secrets = ["73915", "86420", "31415926"];
    let [pin, new_pin, puk] = secrets;
    let mut router = router("apn=internet", &format!("sim=pin pin={pin} puk={puk} latency=10"));
    let mut shown = Vec::new();
    let calls = [
        format!("action=unlock pin={new_pin}"),
        format!("action=unlock pin={pin}"),
        format!("action=change pin={pin} new_pin={new_pin}"),
        format!("action=unblock puk={puk} new_pin={pin}"),
        format!("action=unlock pin={puk}1"),
    ];
    for words in calls {
        let call = router.start_call("pin", args(&words));
        router.settle();
        router.run_for(15);
        shown.push(format!("{:?}", router.manager));
        router.run_for(1_000);
        shown.push(format!("{:?}", router.reply(call).unwrap()));
    }
    shown.push(format!("{:?}", router.status()));
    shown.push(format!("{:?}", router.trace));
    let [pin, new_pin, puk] = secrets.map(Secret::new);
    for operation in [
        PinOperation::Unlock { pin: pin.clone() },
        PinOperation::Enable { pin: pin.clone() },
        PinOperation::Disable { pin: pin.clone() },
        PinOperation::Change { pin, new_pin: new_pin.clone() },
        PinOperation::Unblock { puk, new_pin },
    ] {
        let request = PinRequest { operation: operation.clone(), retries_min: 2 };
        let command = Command::Pin(PinCommand { operation, force: false });
        shown.push(format!("{:?} {command:?} {:?}", Request::Pin(request), PinResult::Accepted));
    }
    assert!(shown.iter().any(|text| text.contains("PinCall")), "a call is under way in some");
    for secret in secrets {
        for text in &shown {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
