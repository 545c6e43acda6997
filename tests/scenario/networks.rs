//! Networks: searched for, chosen by the owner, and left to the modem again.

use ltewan::types::{Table, Value};

use super::USB1;
use super::bands::router;
use super::router::Router;

/// Number and state of each network.
pub(super) fn networks(answer: &Table) -> Vec<(String, String)> {
    let text = |table: &Table, name| table.get_str(name).unwrap_or_default().to_owned();
    let networks = answer.get_array("networks").unwrap().iter().filter_map(Value::as_table);
    networks.map(|table| (text(table, "plmn"), text(table, "state"))).collect()
}

fn scanned(router: &mut Router) -> Table {
    let call = router.start_call("scan", Table::new());
    router.settle();
    router.run_for(60_000);
    router.reply(call).unwrap().1.clone().unwrap()
}

fn found(state: &str) -> [(String, String); 3] {
    [("26202", state), ("26203", "available"), ("26207", "forbidden")]
        .map(|(plmn, state)| (plmn.to_owned(), state.to_owned()))
}

#[test]
fn a_scan_takes_its_time_and_shows_forbidden_networks() {
    let mut router = router("");
    router.tell(USB1, "latency nas 33 40000");
    let call = router.start_call("scan", Table::new());
    router.settle();
    router.run_for(30_000);
    assert!(router.reply(call).is_none());
    assert_eq!(router.call("bands", Table::new()).unwrap_err().code, "BUSY");
    // Whoever asks meanwhile waits for the same.
    let other = router.start_call("scan", Table::new());
    router.settle();
    router.run_for(20_000);
    for call in [call, other] {
        let answer = router.reply(call).unwrap().1.clone().unwrap();
        assert_eq!(networks(&answer), found("current"));
    }
    assert_eq!(router.modem(USB1).stats().qmi_requests.get(&(3, 0x21)), Some(&1));
    assert!(router.is_up("wwan"));
    assert_eq!(router.count("wwan link lost", 0), 0);
}

#[test]
fn a_scan_is_cancelled_and_another_can_follow() {
    let mut router = router("");
    router.tell(USB1, "latency nas 33 40000");
    assert_eq!(router.call("scan", Table::new().with("cancel", true)).unwrap_err().code, "NO_SCAN");
    let call = router.start_call("scan", Table::new());
    router.settle();
    router.run_for(10_000);
    router.call("scan", Table::new().with("cancel", true)).unwrap();
    assert_eq!(router.reply(call).unwrap().1.as_ref().unwrap_err().code, "CANCELLED");
    router.run_for(40_000);
    assert_eq!(networks(&scanned(&mut router)), found("current"));
    assert_eq!(router.modem(USB1).stats().qmi_requests.get(&(3, 1)), Some(&1), "told to stop");
}

#[test]
fn a_network_is_chosen_by_hand_and_left_to_the_modem_again() {
    let mut router = router("");
    let answer = router.call("register", Table::new().with("plmn", "26202")).unwrap();
    assert_eq!(answer.get_str("plmn"), Some("26202"));
    assert_eq!(router.modem(USB1).world.radio.manual_plmn, Some((262, 2)));
    router.run_for(10_000);
    router.call("register", Table::new()).unwrap();
    assert_eq!(router.modem(USB1).world.radio.manual_plmn, None);
}

#[test]
fn a_network_that_refuses_is_told_of_and_not_insisted_on() {
    let mut router = router("");
    let call = router.start_call("register", Table::new().with("plmn", "26207"));
    router.settle();
    router.run_for(5_000);
    let error = router.reply(call).unwrap().1.clone().unwrap_err();
    assert_eq!((error.code, error.message.contains("reject cause 11")), ("REFUSED", true));
    router.run_until_up("wwan", 10_000);
    assert_eq!(router.modem(USB1).world.radio.manual_plmn, None);
}

#[test]
fn a_network_that_is_not_there_is_given_up() {
    let mut router = router("");
    let call = router.start_call("register", Table::new().with("plmn", "26203"));
    router.settle();
    router.run_for(119_000);
    assert!(router.reply(call).is_none());
    router.run_for(2_000);
    assert_eq!(router.reply(call).unwrap().1.as_ref().unwrap_err().code, "NOT_REGISTERED");
    router.run_until_up("wwan", 10_000);
    assert_eq!(router.modem(USB1).world.radio.manual_plmn, None);
}

#[test]
fn a_network_chosen_by_hand_does_not_outlive_a_restart_of_the_modem() {
    let manual = |router: &Router| router.modem(USB1).world.radio.manual_plmn;
    for modem in ["boot=3000", "boot=3000 front=at dialect=quectel", "boot=3000 front=mbim"] {
        for daemon_restarts in [false, true] {
            let mut router = router(modem);
            let call = router.start_call("register", Table::new().with("plmn", "26202"));
            router.settle();
            router.run_for(3_000);
            assert!(router.reply(call).unwrap().1.is_ok(), "{modem}");
            if daemon_restarts {
                router.restart_daemon();
                router.run_for(20_000);
                assert_eq!(manual(&router), Some((262, 2)), "{modem}: it has not restarted");
            }
            router.tell(USB1, "reset");
            router.run_for(30_000);
            assert_eq!(manual(&router), None, "{modem}");
            router.run_until_up("wwan", 10_000);
        }
        // One that is not there, and the modem restarts while it is looked for.
        let mut router = router(modem);
        let call = router.start_call("register", Table::new().with("plmn", "26203"));
        router.settle();
        router.run_for(20_000);
        router.tell(USB1, "reset");
        router.run_for(20_000);
        assert!(router.reply(call).unwrap().1.is_err());
        router.run_for(20_000);
        assert_eq!(manual(&router), None, "{modem}");
        router.run_until_up("wwan", 10_000);
    }
}

#[test]
fn a_modem_that_is_dialled_scans_over_its_only_port_and_stays_connected() {
    let mut router = router("front=at dialect=quectel");
    router.tell(USB1, "latency at 50000");
    let call = router.start_call("scan", Table::new());
    router.settle();
    router.run_for(20_000);
    router.tell(USB1, "latency at 0");
    router.run_for(140_000);
    let answer = router.reply(call).unwrap().1.clone().unwrap();
    assert_eq!(networks(&answer), found("current"));
    assert_eq!(router.count("wwan link lost", 0), 0);
    let call = router.start_call("register", Table::new().with("plmn", "26207"));
    router.settle();
    router.run_for(5_000);
    assert_eq!(router.reply(call).unwrap().1.as_ref().unwrap_err().code, "REFUSED");
}

#[test]
fn a_modem_that_is_pulled_leaves_nobody_waiting() {
    let mut router = router("");
    router.tell(USB1, "latency nas 33 40000");
    let call = router.start_call("scan", Table::new());
    router.settle();
    router.run_for(1_000);
    router.tell(USB1, "unplug");
    router.run_for(1_000);
    assert_eq!(router.reply(call).unwrap().1.as_ref().unwrap_err().code, "MODEM");
}
