//! Modems that are silent, slow, lossy, garbled, restarted or pulled.

use super::USB1;
use super::invariants::{clients, clients_at_rest};
use super::router::Router;
use ltewan::types::Table;

/// A router with a modem like this, and the interface `wwan` up over it since 2000 ms.
fn connected(settings: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, settings);
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 60_000);
    router
}

fn starts(router: &Router) -> u64 {
    router.modem(USB1).stats().starts()
}

#[test]
fn a_modem_that_is_pulled_makes_its_interface_unavailable_at_once() {
    let mut router = connected("");
    router.at(30_000).tell(USB1, "unplug");
    let story = router.story("wwan", 30_000);
    assert!(story.contains(&"30000 unavailable".into()), "{story:?}");
    assert!(story.contains(&"30000 error NO_DEVICE".into()), "{story:?}");
    assert!(story.contains(&"30000 is down".into()), "{story:?}");
    router.run_until(60_000);
    assert_eq!(router.story("wwan", 30_001), [""; 0]);
    router.tell(USB1, "replug");
    router.run_until_up("wwan", 3_000);
    assert_eq!(router.story("wwan", 60_000)[..2], ["60000 available", "60000 setup"]);
}

#[test]
fn a_modem_that_comes_back_under_other_names_is_the_same() {
    let mut router = connected("");
    router.at(10_000).plug("usb:1-2", "");
    router.at(30_000).tell(USB1, "unplug");
    router.at(31_000).tell("usb:1-2", "replug 0");
    router.at(40_000).tell(USB1, "replug 0");
    router.run_until(50_000);
    assert!(router.is_up("wwan"), "{}", router.tail());
}

#[test]
fn a_silent_modem_is_named_within_15_seconds_and_nothing_is_done_to_it() {
    let mut router = connected("");
    router.at(30_000).tell(USB1, "silence on");
    router.run_until_state(USB1, "recovering", 15_000);
    let at = router.now_ms();
    assert_eq!(router.when("wwan link lost", 30_000), Some(at));
    assert_eq!(router.when("wwan error MODEM_UNRESPONSIVE", 30_000), Some(at));
    router.run_until(200_000);
    assert_eq!(router.modem(USB1).stats().resets, 0);
    assert_eq!(router.modem(USB1).world.uicc.pin_attempts, 0);
    let before = starts(&router);
    router.tell(USB1, "silence off");
    router.run_until_up("wwan", 3_000);
    assert_eq!(starts(&router), before, "the bearer survived: no redial");
    assert_eq!(router.count("wwan teardown", 0), 0);
    assert_eq!(router.error("wwan"), None);
}

#[test]
fn a_modem_whose_bearer_ended_during_its_silence_is_redialled() {
    let mut router = connected("");
    router.at(30_000).tell(USB1, "silence on");
    router.at(60_000).tell(USB1, "drop all");
    router.at(90_000).tell(USB1, "silence off");
    router.run_until_up("wwan", 5_000);
    router.run_for(60_000);
    assert!(router.is_up("wwan"));
    assert_eq!(router.modem(USB1).world.network.bearers.len(), 2);
}

#[test]
fn a_short_silence_is_not_noticed() {
    let mut router = connected("");
    for at in (30_000..120_000).step_by(10_000) {
        router.at(at).tell(USB1, "silence on");
        router.at(at + 1_500).tell(USB1, "silence off");
    }
    router.run_until(200_000);
    assert_eq!(router.count("wwan link lost", 0), 0, "{}", router.tail());
}

#[test]
fn a_modem_that_is_silent_from_the_start_is_waited_for() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "");
    router.tell(USB1, "silence on");
    router.restart_daemon();
    router.ifup("wwan");
    router.run_until(120_000);
    assert_eq!(router.error("wwan"), Some("MODEM_UNRESPONSIVE"));
    router.tell(USB1, "silence off");
    router.run_until_up("wwan", 15_000);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_modem_that_falls_silent_while_dialling_is_found_out_and_comes_back() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "bearer=5000");
    router.at(1_000).ifup("wwan");
    router.at(3_000).tell(USB1, "silence on");
    router.run_until_state(USB1, "recovering", 60_000);
    router.at(100_000).tell(USB1, "silence off");
    router.run_until_up("wwan", 15_000);
}

#[test]
fn taking_down_an_interface_over_a_silent_modem_takes_less_than_five_seconds() {
    for silent_ms in [0, 3_000, 11_000, 60_000] {
        let mut router = connected("");
        router.at(30_000).tell(USB1, "silence on");
        router.at(30_000 + silent_ms).ifdown("wwan");
        let waited = router
            .run_until_so("wwan is down", 4_900, |r| r.when("wwan is down", 30_000).is_some());
        assert!(waited < 4_000, "{waited} ms");
        assert_eq!(router.count("wwan handler is killed", 0), 0);
        router.at(200_000).tell(USB1, "silence off");
        router.run_until(260_000);
        let bearers = &router.modem(USB1).world.network.bearers;
        assert!(bearers.is_empty(), "{silent_ms}: {bearers:?}\n{}", router.tail());
    }
}

#[test]
fn a_firmware_that_restarts_is_initialized_and_connected_anew() {
    let mut router = connected("boot=8000 simready=1000 reg=2000");
    router.at(30_000).tell(USB1, "reset");
    assert!(!router.is_up("wwan"));
    router.run_until_up("wwan", 15_000);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_restart_of_the_modem_can_be_asked_for() {
    let mut router = connected("boot=5000");
    router.run_until(10_000);
    let args = Table::new().with("modem", USB1).with("level", "reset");
    router.at(30_000).call("reset", args).unwrap();
    router.run_until_so("the modem leaves the bus", 1_000, |r| r.modem(USB1).stats().resets == 1);
    assert!(!router.is_up("wwan"));
    router.run_until_up("wwan", 10_000);
}

#[test]
fn a_new_call_can_be_asked_for() {
    let mut router = connected("");
    let args = Table::new().with("modem", USB1).with("level", "redial");
    let before = starts(&router);
    router.at(30_000).call("reset", args).unwrap();
    assert_eq!(router.when("wwan link lost", 30_000), Some(30_000));
    router.run_until_up("wwan", 1_000);
    assert_eq!(starts(&router), before + 2);
    router.at(40_000).call("reconnect", Table::new().with("interface", "wwan")).unwrap();
    router.run_until_up("wwan", 1_000);
    assert_eq!(starts(&router), before + 4);
}

#[test]
fn switching_the_radio_off_and_on_can_be_asked_for() {
    let mut router = connected("");
    let args = Table::new().with("modem", USB1).with("level", "radio");
    router.at(30_000).call("reset", args).unwrap();
    assert_eq!(router.when("wwan link lost", 30_000), Some(30_000));
    router.run_until_up("wwan", 5_000);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
    let wrong = Table::new().with("modem", USB1).with("level", "nonsense");
    assert!(router.call("reset", wrong).is_err());
}

#[test]
fn half_a_second_for_every_message_is_only_slow() {
    let mut router = connected("latency=500");
    assert!(router.now_ms() < 20_000, "{}", router.now_ms());
    router.run_until(120_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert_eq!(router.count("wwan error", 0), 0);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn lost_replies_cost_time_and_no_connection() {
    for lost in 1..=30 {
        let mut router = Router::new();
        router.interface("wwan", "apn=internet");
        router.plug(USB1, "latency=1");
        router.ifup("wwan");
        router.run_until(lost);
        router.tell(USB1, "lose 1");
        router.run_until_up("wwan", 120_000);
        router.run_for(120_000);
        assert!(router.is_up("wwan"), "reply {lost} is lost\n{}", router.tail());
    }
}

#[test]
fn replies_that_come_twice_do_no_harm() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "");
    router.tell(USB1, "duplicate 1000");
    router.restart_daemon();
    router.ifup("wwan");
    router.run_until_up("wwan", 1_000);
    router.run_until(120_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn garbage_between_messages_and_messages_in_pieces_do_no_harm() {
    for fault in ["garbage 00ff01ab", "garbage 01", "garbage 0d0a", "split 1", "split 7"] {
        let mut router = Router::new();
        router.interface("wwan", "apn=internet");
        router.plug(USB1, "");
        router.tell(USB1, fault);
        router.restart_daemon();
        router.ifup("wwan");
        router.run_until_up("wwan", 60_000);
        router.run_until(120_000);
        assert!(router.is_up("wwan"), "{fault}");
    }
}

#[test]
fn word_of_every_client_s_bearer_is_not_mistaken_for_ones_own() {
    let mut router = connected("indicate=all");
    router.at(30_000).tell(USB1, "drop v6");
    assert!(router.link("wwan").config.v4.is_some());
    router.run_until(120_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
}

#[test]
fn a_modem_that_knows_raw_ip_only_connects() {
    let router = connected("link=raw");
    assert!(router.sockets.0[USB1].link.raw_ip);
}

#[test]
fn few_client_ids_are_enough() {
    let mut router = connected("cids=2");
    for at in (10_000..100_000).step_by(10_000) {
        router.at(at).tell(USB1, "drop all");
        router.run_until_up("wwan", 10_000);
    }
}

#[test]
fn what_the_modem_does_not_know_how_to_be_on_usb_is_refused() {
    let mut router = connected("");
    let modem = || Table::new().with("modem", USB1);
    let is = router.call("usb_mode", modem()).unwrap();
    assert_eq!(is.get_str("mode"), Some("qmi"));
    assert_eq!(is.get_array("modes").map(<[_]>::len), Some(5));
    let same = router.call("usb_mode", modem().with("mode", "qmi")).unwrap();
    assert_eq!(same.get_str("mode"), Some("qmi"));
    assert!(router.call("usb_mode", modem().with("mode", "serial")).is_err());
    assert_eq!(router.count("wwan link lost", 0), 0);
}

#[test]
fn a_modem_that_was_silent_for_hours_gives_back_what_it_held() {
    let mut router = connected("");
    router.at(30_000).tell(USB1, "silence on");
    router.at(60_000).ifdown("wwan");
    router.at(7_200_000).tell(USB1, "silence off");
    router.run_for(60_000);
    assert!(router.modem(USB1).world.network.bearers.is_empty());
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_modem_that_falls_silent_before_its_sim_is_ready_is_named() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "simready=120000");
    router.at(1_000).ifup("wwan");
    router.at(10_000).tell(USB1, "silence on");
    router.run_until(35_000);
    assert_eq!(router.error("wwan"), Some("MODEM_UNRESPONSIVE"));
    router.at(60_000).tell(USB1, "silence off");
    router.run_until_up("wwan", 90_000);
}
