//! Modems with nothing but serial ports: netifd runs pppd, which dials over one of them.

use super::USB1;
use super::router::Router;

const ADDRESSES: &str = "10.64.0.2/32 wan_6 dhcpv6";

/// A router with a modem that has only serial ports, and `wan` with these options wanted since
/// 2000 ms.
fn router(interface: &str, modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wan", &format!("apn=internet {interface}"));
    router.at(1_000).plug(USB1, &format!("front=at usb=none {modem}"));
    router.at(2_000).ifup("wan");
    router
}

/// The same, up with both families.
fn connected(interface: &str, modem: &str) -> Router {
    let mut router = router(interface, modem);
    router.run_until_up("wan", 60_000);
    router.run_for(1_000);
    router
}

fn has_no_bearer(router: &Router) -> bool {
    router.modem(USB1).world.network.bearers.is_empty()
}

/// How often pppd was run.
fn dials(router: &Router) -> usize {
    router.count("wan run", 0)
}

#[test]
fn a_modem_with_serial_ports_alone_is_plugged_in_and_its_interface_comes_up() {
    for dialect in ["generic", "huawei", "quectel", "ublox", "simcom", "zte"] {
        let mut router = connected("", &format!("dialect={dialect}"));
        assert_eq!(router.addresses("wan"), ADDRESSES, "{dialect}");
        let link = router.link("wan");
        assert!(link.is_external && link.ifname == "ppp-wan", "{dialect}: {link:?}");
        assert_eq!(link.config.v4.as_ref().unwrap().dns.len(), 2, "{dialect}");
        assert!(router.when("wan is up", 0).unwrap() < 4_000, "{dialect}");
        let status = router.status();
        let ports = status[0].get_table("ports").unwrap();
        assert_eq!(ports.get_str("protocol"), Some("ppp"), "{dialect}");
        router.run_until(300_000);
        assert!(router.is_up("wan"), "{dialect}");
        assert_eq!(router.count("wan link lost", 0), 0, "{dialect}");
        assert_eq!(dials(&router), 1, "{dialect}: {:?}", router.modem(USB1).stats().at_log);
    }
}

#[test]
fn a_call_that_the_network_ends_is_dialled_again_at_once() {
    let mut router = connected("", "");
    for round in 1..=3_u64 {
        let at = round * 100_000;
        router.at(at).tell(USB1, "drop all 36");
        assert_eq!(router.when("wan teardown", at), Some(at));
        router.run_until_up("wan", 5_000);
        assert_eq!(dials(&router), 1 + usize::try_from(round).unwrap());
    }
    assert_eq!(router.count("wan error", 0), 0);
}

#[test]
fn the_password_reaches_the_other_side_and_a_wrong_one_is_named() {
    for method in ["pap", "chap"] {
        let wan = |password: &str| format!("auth={method} username=me password={password}");
        let modem = format!("ppp={method}:me:s3cret");
        let router = connected(&wan("s3cret"), &modem);
        assert_eq!(router.addresses("wan"), ADDRESSES, "{method}");
        let mut router = self::router(&wan("guess"), &modem);
        router.run_until(10_000);
        assert_eq!(router.error("wan"), Some("AUTH_FAILED"), "{method}: {}", router.tail());
        // Not at once again and again.
        router.run_until(600_000);
        assert!(dials(&router) < 20, "{method}: {} dials", dials(&router));
    }
}

#[test]
fn what_the_modem_answers_to_dialling_is_named() {
    let mut router = router("", "apn=other");
    router.run_until(20_000);
    assert_eq!(router.error("wan"), Some("CALL_FAILED"));
    router.tell(USB1, "apn any");
    router.run_until_up("wan", 700_000);
}

#[test]
fn a_pppd_that_dies_at_once_is_started_ever_more_rarely() {
    for (status, token) in [(1, "PPP_UNUSABLE"), (127, "PPP_MISSING"), (7, "PPP_UNUSABLE")] {
        let mut router = Router::new();
        router.broken_pppd = Some(status);
        router.interface("wan", "apn=internet");
        router.at(1_000).plug(USB1, "front=at usb=none");
        router.at(2_000).ifup("wan");
        router.run_until(60_000);
        assert_eq!(router.error("wan"), Some(token), "{}", router.tail());
        router.run_until(600_000);
        let runs = router.count("wan run", 0);
        assert!((3..40).contains(&runs), "{status}: {runs} runs in ten minutes");
        router.broken_pppd = None;
        router.run_until_up("wan", 700_000);
    }
}

#[test]
fn an_interface_that_is_taken_down_hangs_up() {
    let mut router = connected("", "");
    router.at(30_000).ifdown("wan");
    router.run_for(10);
    assert!(!router.pppd_runs("wan"));
    assert!(has_no_bearer(&router));
    router.run_until(300_000);
    assert!(!router.pppd_runs("wan"), "{}", router.tail());
    assert_eq!(dials(&router), 1);
    router.ifup("wan");
    router.run_until_up("wan", 3_000);
}

#[test]
fn an_interface_that_is_taken_down_while_it_dials_stays_down() {
    let mut router = router("", "bearer=5000");
    router.at(4_000).ifdown("wan");
    router.run_until(300_000);
    assert!(!router.pppd_runs("wan"));
    assert!(has_no_bearer(&router));
    assert_eq!(dials(&router), 1);
}

#[test]
fn a_daemon_that_is_killed_leaves_the_session_up_and_the_next_goes_on_with_it() {
    let mut router = connected("", "");
    router.at(30_000).kill_daemon();
    router.run_until(90_000);
    assert!(router.is_up("wan") && router.pppd_runs("wan"));
    router.start_daemon();
    router.run_until(120_000);
    assert_eq!(router.state(USB1), "connected");
    assert_eq!(router.addresses("wan"), ADDRESSES);
    assert_eq!(router.count("wan is pending", 0) + router.count("wan teardown", 0), 0);
    assert_eq!(dials(&router), 1);
    // It is the next daemon's in every respect.
    router.tell(USB1, "drop all 36");
    router.run_until_up("wan", 5_000);
    assert_eq!(dials(&router), 2);
}

#[test]
fn a_session_that_ends_while_there_is_no_daemon_is_dialled_by_the_next() {
    let mut router = connected("", "");
    router.at(30_000).kill_daemon();
    router.at(40_000).tell(USB1, "drop all 36");
    router.run_until(50_000);
    assert!(!router.is_up("wan"));
    router.start_daemon();
    router.run_until_up("wan", 20_000);
    assert_eq!(dials(&router), 2, "{}", router.tail());
}

#[test]
fn a_session_goes_on_while_the_at_port_is_lost_and_its_end_is_heard_all_the_same() {
    let mut router = connected("", "");
    router.at(30_000).fail_at_port(USB1);
    router.run_until(60_000);
    assert!(router.is_up("wan") && router.pppd_runs("wan"), "{}", router.tail());
    assert_eq!((router.state(USB1), dials(&router)), ("connected", 1));
    router.tell(USB1, "drop all 36");
    router.run_until_up("wan", 5_000);
    router.run_for(1_000);
    assert!(router.pppd_runs("wan"), "{}", router.tail());
    assert_eq!(dials(&router), 2);
}

#[test]
fn a_session_that_ends_while_the_bus_is_away_is_dialled_anew() {
    let mut router = connected("", "");
    router.at(30_000).restart_ubusd(10_000);
    router.at(35_000).tell(USB1, "drop all 36");
    router.run_until(60_000);
    assert!(router.is_up("wan") && router.pppd_runs("wan"), "{}", router.tail());
    assert_eq!(dials(&router), 2, "{}", router.tail());
}

#[test]
fn a_modem_whose_ppp_cannot_work_is_not_restarted_for_that() {
    let mut router = Router::new();
    router.broken_pppd = Some(7);
    router.interface("wan", "apn=internet");
    router.at(1_000).plug(USB1, "front=at usb=none");
    router.at(2_000).ifup("wan");
    router.run_until(3_600_000);
    assert_eq!(router.modem(USB1).stats().resets, 0);
    assert_eq!(router.count("usb:1-1 power", 0), 0);
}

#[test]
fn a_redial_ends_the_session_first() {
    let mut router = connected("", "");
    let args = ltewan::types::Table::new().with("interface", "wan");
    router.at(30_000).call("reconnect", args).unwrap();
    router.run_until_up("wan", 5_000);
    assert_eq!(dials(&router), 2);
    assert_eq!(router.count("wan kill", 0), 1);
}

#[test]
fn a_modem_that_is_pulled_out_and_put_back_is_dialled_again() {
    let mut router = connected("", "");
    router.at(30_000).tell(USB1, "unplug");
    router.run_until(40_000);
    assert!(!router.pppd_runs("wan"));
    assert_eq!(router.error("wan"), Some("NO_DEVICE"));
    router.tell(USB1, "replug 0");
    router.run_until_up("wan", 20_000);
}

#[test]
fn the_owner_has_data_go_by_ppp_though_there_is_a_better_way() {
    let mut router = Router::new();
    router.configure("config modem 'm'\n option match 'usb:1-1'\n option control 'ppp'\n");
    router.interface("wan", "apn=internet");
    router.at(1_000).plug(USB1, "front=at");
    router.at(2_000).ifup("wan");
    router.run_until_up("wan", 20_000);
    assert_eq!(router.link("wan").ifname, "ppp-wan");
    // And not any more.
    router.at(60_000).configure("");
    router.run_until_up("wan", 20_000);
    router.run_for(20_000);
    assert_eq!(router.link("wan").ifname, "wwan0", "{}", router.tail());
}

#[test]
fn a_network_with_one_family_is_taken_as_it_is() {
    for (policy, addresses) in [("v4only", "10.64.0.2/32"), ("v6only", "wan_6 dhcpv6")] {
        let mut router = connected("", &format!("policy={policy}"));
        assert_eq!(router.addresses("wan"), addresses, "{policy}");
        router.run_for(120_000);
        assert_eq!(router.count("wan link lost", 0), 0, "{policy}");
    }
}
