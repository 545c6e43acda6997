//! From the plug to the interface, with one modem and with two.

use ltewan::types::Table;

use super::{MODEM, SECOND, WAN, connect, on_a_router, on_router_with, ping_through, steps};
use crate::router::{interface, probe};

#[test]
fn a_plugged_modem_registers_and_its_interface_comes_up_at_once() {
    on_a_router("up", |router| {
        router.modems.say("plug 0").unwrap();
        let modem = router.wait_state(MODEM, "registered").unwrap();
        assert_eq!(
            modem.get_table("registration").unwrap().get_str("operator"),
            Some("Simphone DE")
        );
        let known = router.modems.stats(0).unwrap().count("qmi_total");
        let mark = router.journal.mark();
        router.ifup(WAN).unwrap();
        let up = router.journal.wait("netifd", "up", mark).unwrap();
        let setup = router.journal.wait("netifd", "setup", mark).unwrap();
        // Ten times what a busy machine takes.
        assert!(up.at - setup.at < SECOND * 2, "{:?}", up.at - setup.at);
        let stats = router.modems.stats(0).unwrap();
        let connecting = stats.count("qmi_total") - known;
        assert!(known <= 25 && connecting <= 25, "{known} + {connecting} requests: {}", stats.0);
        assert_eq!(stats.count("malformed") + stats.count("unknown_messages"), 0, "{}", stats.0);
        assert_eq!(
            stats.count("unknown_client_ids") + stats.count("at_overlaps"),
            0,
            "{}",
            stats.0
        );
        ping_through("wwan0");
        assert_eq!(router.daemon.threads(), 1);
        router.ifdown(WAN).unwrap();
        assert!(router.modems.stats(0).unwrap().0.contains("\"bearers\":[]"));
    });
}

#[test]
fn an_interface_goes_up_and_down_ten_times() {
    on_a_router("ten-times", |router| {
        connect(router);
        let held = router.modems.stats(0).unwrap();
        for _ in 0..10 {
            router.ifdown(WAN).unwrap();
            router.ifup(WAN).unwrap();
            router.wait_up(WAN).unwrap();
        }
        ping_through("wwan0");
        let count = |stats: &str| stats.matches('[').count();
        let now = router.modems.stats(0).unwrap();
        assert_eq!(count(now.client_ids()), count(held.client_ids()), "client ids leak");
    });
}

#[test]
fn two_modems_serve_two_interfaces() {
    let two = |plan: &mut crate::router::Plan| {
        let with = |device: &str, metric| interface().with("device", device).with("metric", metric);
        plan.interfaces =
            vec![("wana".into(), with("usb:1-1", 10)), ("wanb".into(), with("usb:1-2", 20))];
    };
    on_router_with("two", two, |router| {
        router.modems.say("plug 0").unwrap();
        router.modems.say("plug 1").unwrap();
        for modem in [MODEM, "usb:1-2"] {
            router.wait_state(modem, "registered").unwrap();
        }
        for name in ["wana", "wanb"] {
            router.ifup(name).unwrap();
        }
        for (name, device) in [("wana", "wwan0"), ("wanb", "wwan1")] {
            let status = router.wait_up(name).unwrap();
            assert_eq!(status.get_str("l3_device"), Some(device));
            ping_through(device);
        }
        let mark = router.journal.mark();
        router.modems.say("unplug 0").unwrap();
        probe::ping("wwan1", "192.0.2.1".parse().unwrap(), SECOND * 5).unwrap();
        let of_b = |entry: &crate::router::journal::Entry| entry.about == "wanb";
        assert!(!router.journal.since(mark).iter().any(of_b), "the other one is not concerned");
    });
}

#[test]
fn a_dropped_connection_is_told_and_comes_back() {
    on_a_router("drop", |router| {
        connect(router);
        let mark = router.journal.mark();
        let began = router.journal.now();
        router.modems.say("0 drop all").unwrap();
        let lost = router.journal.wait("netifd", "link lost", mark).unwrap();
        assert!(lost.at - began < SECOND, "{:?}", lost.at - began);
        router.journal.wait("netifd", "up", mark).unwrap();
        ping_through("wwan0");
        assert_eq!(steps(router, mark), ["link lost", "up"], "and no teardown");
    });
}

#[test]
fn an_argument_that_is_not_known_is_refused_by_name() {
    on_a_router("argument", |router| {
        let mut client = router.client().unwrap();
        let wrong = Table::new().with("modme", "usb:1-1");
        for (method, wrong, name) in [
            ("status", wrong.clone(), "'modme'"),
            ("setup", wrong, "'modme'"),
            ("status", Table::new().with("modem", 1), "'modem'"),
        ] {
            let answer = client.ask("ltewan", method, &wrong, SECOND * 10).unwrap();
            let error = answer.unwrap_err();
            assert_eq!(error.status, ltewan::wire::ubus::Status::InvalidArgument);
            let data = error.data.expect("a reply with words in it");
            let message = data.get_str("message").unwrap();
            assert!(message.contains(name), "{message}");
        }
        let (code, text) = router.cli(&["status", "--modme"]).unwrap();
        assert_eq!(code, Some(2));
        assert!(text.contains("--modme"), "{text}");
    });
}
