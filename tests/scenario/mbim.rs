//! Modems that speak MBIM. What does not depend on the language is told in the other stories; the
//! random walk takes modems of both kinds.

use ltewan::types::Value;

use super::USB1;
use super::router::Router;
use crate::sim::mbim::{BASIC_NUMBER, EXTENSIONS_NUMBER};

const BOTH: &str = "10.64.0.2/30 2001:db8:6400:0:1c4f:2a1:9b3e:77d2/64";
const V4: &str = "10.64.0.2/30";
const V6: &str = "2001:db8:6400:0:1c4f:2a1:9b3e:77d2/64";

/// A router with an MBIM modem like this, and `wwan` with these options wanted since 2000 ms.
fn router(interface: &str, modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", &format!("apn=internet {interface}"));
    router.at(1_000).plug(USB1, &format!("front=mbim {modem}"));
    router.at(2_000).ifup("wwan");
    router
}

/// The same, up.
fn connected(modem: &str) -> Router {
    let mut router = router("", modem);
    router.run_until_up("wwan", 60_000);
    router
}

fn starts(router: &Router) -> u64 {
    router.modem(USB1).stats().starts()
}

/// How often PINs were tried on the SIM, and how often they were wrong.
fn attempts(router: &Router) -> (u64, u64) {
    let uicc = &router.modem(USB1).world.uicc;
    (uicc.pin_attempts, uicc.pin_rejections)
}

#[test]
fn an_mbim_modem_is_plugged_in_and_its_interface_comes_up() {
    let mut router = router("", "");
    router.run_until(60_000);
    assert_eq!(router.story("wwan", 0), ["2000 setup", &format!("2000 up {BOTH}"), "2000 is up"]);
    let link = router.link("wwan");
    assert_eq!(link.ifname, "wwan0");
    let (v4, v6) = (link.config.v4.as_ref().unwrap(), link.config.v6.as_ref().unwrap());
    assert_eq!(v4.gateway.unwrap().to_string(), "10.64.0.1");
    assert_eq!(v4.dns.len() + v6.dns.len(), 4);
    assert_eq!(router.sockets.0[USB1].link.mtu, Some(1_500));
    let status = router.status();
    let ports = status[0].get_table("ports").unwrap();
    assert_eq!(ports.get_str("protocol"), Some("mbim"));
    assert_eq!(router.modem(USB1).stats().unheard_mbim, 0);
}

#[test]
fn connecting_over_mbim_takes_at_most_17_commands() {
    let router = connected("");
    // Two of them, the list of services and the version of the protocol, have to come before all
    // else; only what the list has is asked for later.
    let commands = router.modem(USB1).stats().mbim_total();
    assert!(commands <= 17, "{commands}: {:?}", router.modem(USB1).stats().mbim_commands);
}

#[test]
fn a_network_with_one_family_is_taken_as_it_is() {
    for (modem, addresses, dials) in [
        ("policy=v4only", V4, 1),
        ("policy=v6only", V6, 1),
        ("policy=v4only families=single", V4, 2),
        ("policy=v6only families=single", V6, 2),
        ("families=single", V4, 2),
    ] {
        let mut router = connected(modem);
        assert_eq!(router.addresses("wwan"), addresses, "{modem}");
        assert_eq!(starts(&router), dials, "{modem}");
        router.run_until(60_000);
        assert_eq!(router.count("wwan link lost", 0), 0, "{modem}");
    }
    for (pdptype, addresses) in [("ipv4", V4), ("ipv6", V6)] {
        let mut router = router(&format!("pdptype={pdptype}"), "");
        router.run_until_up("wwan", 1_000);
        assert_eq!(router.addresses("wwan"), addresses);
    }
}

#[test]
fn what_the_modem_leaves_to_the_link_is_got_by_netifd() {
    for (modem, v4, v6) in [("", true, true), ("policy=v4only", true, false)] {
        let mut router = connected(&format!("addresses=link {modem}"));
        let link = router.link("wwan");
        assert_eq!((link.config.dhcp.v4, link.config.dhcp.v6), (v4, v6), "{modem}");
        assert_eq!(link.sub_interfaces.len(), usize::from(v4) + usize::from(v6));
        router.run_until(60_000);
        assert_eq!(router.count("wwan link lost", 0), 0);
    }
}

#[test]
fn what_the_network_refuses_is_named() {
    for (modem, token) in [("apn=other", "APN_REJECTED"), ("reject=29", "AUTH_FAILED")] {
        let mut router = router("", modem);
        router.run_until(3_000);
        let error = router.error("wwan").unwrap_or_default();
        assert_eq!(error, token, "{modem}");
        router.tell(USB1, "apn any");
        router.tell(USB1, "policy allow");
        router.run_until_up("wwan", 700_000);
    }
}

#[test]
fn the_packet_service_is_attached_where_the_modem_leaves_it_to_the_host() {
    let router = connected("attach=host");
    assert_eq!(router.addresses("wwan"), BOTH);
}

#[test]
fn a_session_that_the_network_ends_is_told_at_once_and_redialled() {
    let mut router = connected("bearer=200");
    router.at(30_000).tell(USB1, "drop all 36");
    assert_eq!(router.when("wwan link lost", 30_000), Some(30_000));
    let back = router.run_until_up("wwan", 2_000);
    assert!(back >= 200, "{back}");
    assert_eq!(router.count("wwan teardown", 0), 0);
    assert_eq!(starts(&router), 2);
}

#[test]
fn an_address_that_changes_is_told_without_losing_the_link() {
    let mut router = connected("latency=100");
    router.at(30_000).tell(USB1, "address v4");
    assert_eq!(router.when("wwan up 10.64.1.2/30", 30_000), Some(30_000));
    router.at(40_000).tell(USB1, "drop v6");
    router.run_until(50_000);
    assert_eq!(router.addresses("wwan"), "10.64.1.2/30");
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert_eq!(starts(&router), 1);
}

#[test]
fn the_configured_pin_unlocks_an_mbim_modem_at_the_first_attempt() {
    let mut router = router("pincode=1234", "sim=pin pin=1234");
    router.run_until_up("wwan", 1_000);
    assert_eq!(attempts(&router), (1, 0));
}

#[test]
fn a_wrong_pin_costs_an_mbim_modem_one_attempt_whatever_is_restarted() {
    let mut router = router("pincode=9999", "sim=pin pin=1234");
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"));
    for _ in 0..10 {
        router.run_for(5_000);
        router.restart_daemon();
        router.ifup("wwan");
    }
    router.reboot();
    router.tell(USB1, "replug 2000");
    router.run_for(60_000);
    router.ifup("wwan");
    router.run_for(60_000);
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"));
    assert_eq!(attempts(&router), (1, 1));
}

#[test]
fn the_last_attempt_and_the_puk_are_left_to_the_owner() {
    let mut last = router("pincode=1234", "sim=pin pin=1234 retries=1");
    last.run_until(60_000);
    assert_eq!((attempts(&last), last.is_up("wwan")), ((0, 0), false));
    let mut blocked = router("pincode=1234", "sim=puk");
    blocked.run_until(60_000);
    assert_eq!(attempts(&blocked), (0, 0));
    assert_eq!(blocked.error("wwan"), Some("PUK_NEEDED"));
}

#[test]
fn a_silent_mbim_modem_is_named_and_its_session_gone_on_with() {
    for fault in ["silence", "hang"] {
        let mut router = connected("");
        router.at(30_000).tell(USB1, &format!("{fault} on"));
        router.run_until_state(USB1, "recovering", 15_000);
        let at = router.now_ms();
        assert_eq!(router.when("wwan link lost", 30_000), Some(at));
        router.run_until(120_000);
        router.tell(USB1, &format!("{fault} off"));
        router.run_until_up("wwan", 3_000);
        assert_eq!(starts(&router), 1, "the session survived: no redial");
    }
}

#[test]
fn an_interface_that_is_taken_down_over_a_silent_modem_leaves_no_session() {
    for silent_ms in [0, 3_000, 60_000] {
        let mut router = connected("");
        router.at(30_000).tell(USB1, "silence on");
        router.at(30_000 + silent_ms).ifdown("wwan");
        let waited = router
            .run_until_so("wwan is down", 4_900, |r| r.when("wwan is down", 30_000).is_some());
        assert!(waited < 4_000, "{waited} ms");
        router.at(200_000).tell(USB1, "silence off");
        router.run_until(260_000);
        let bearers = &router.modem(USB1).world.network.bearers;
        assert!(bearers.is_empty(), "{silent_ms}: {bearers:?}\n{}", router.tail());
    }
}

#[test]
fn an_mbim_modem_that_is_pulled_and_put_back_connects() {
    let mut router = connected("boot=3000");
    router.at(30_000).tell(USB1, "unplug");
    assert_eq!(router.error("wwan"), Some("NO_DEVICE"));
    router.at(60_000).tell(USB1, "replug 0");
    router.run_until_up("wwan", 3_000);
    // Once more, by way of Microsoft's reset.
    let args = ltewan::types::Table::new().with("modem", USB1).with("level", "reset");
    router.at(90_000).call("reset", args).unwrap();
    router.run_until_so("down", 20_000, |router| !router.is_up("wwan"));
    router.run_until_up("wwan", 60_000);
    assert!(router.modem(USB1).stats().resets > 0);
}

#[test]
fn a_new_daemon_goes_on_with_the_session_of_the_one_before() {
    for latency in [0, 50] {
        let mut router = connected(&format!("latency={latency}"));
        router.at(30_000).restart_daemon();
        router.run_until(60_000);
        assert_eq!(router.count("wwan link lost", 0), 0);
        assert_eq!(router.count("wwan setup", 30_000), 0);
        assert_eq!((starts(&router), router.state(USB1)), (1, "connected"));
        // And it is in charge: it hears of the end, and it hangs up.
        router.at(70_000).tell(USB1, "drop all");
        assert_eq!(router.when("wwan link lost", 70_000), Some(70_000));
        router.run_until_up("wwan", 2_000);
        router.at(80_000).ifdown("wwan");
        router.run_until(90_000);
        assert!(router.modem(USB1).world.network.bearers.is_empty());
    }
}

#[test]
fn a_new_daemon_finds_the_session_ended_or_the_function_closed() {
    for line in ["drop all", "reset 0"] {
        let mut router = connected("bearer=100");
        router.at(30_000).kill_daemon();
        router.at(31_000).tell(USB1, line);
        router.at(40_000).start_daemon();
        router.run_until_up("wwan", 5_000);
        assert_eq!(starts(&router), 2, "{line}");
    }
}

#[test]
fn setup_and_teardown_in_the_middle_of_dialling_leave_no_session() {
    let mut router = router("", "bearer=1000 latency=30");
    for _ in 0..5 {
        router.run_for(700);
        router.ifdown("wwan");
        router.run_for(100);
        router.ifup("wwan");
    }
    router.run_for(500);
    router.ifdown("wwan");
    router.run_for(10_000);
    assert!(router.modem(USB1).world.network.bearers.is_empty(), "{}", router.tail());
    assert!(router.modem(USB1).world.network.pending.is_empty());
}

#[test]
fn a_session_that_another_program_left_up_is_ended_before_the_own() {
    let mut router = connected("");
    router.at(30_000).kill_daemon();
    router.forget_kept();
    router.at(31_000).start_daemon();
    router.run_until_up("wwan", 20_000);
    assert!(router.modem(USB1).stats().mbim(BASIC_NUMBER, 12) > 2);
    assert_eq!(router.modem(USB1).world.network.bearers.len(), 2);
}

#[test]
fn lost_repeated_and_garbled_messages_do_an_mbim_modem_no_harm() {
    let mut router = connected("latency=20");
    for (at, line) in [
        (30_000, "lose 1"),
        (60_000, "duplicate 30"),
        (90_000, "garbage 00ff"),
        (120_000, "garbage 0300"),
        (150_000, "garbage off"),
        (151_000, "split 7"),
        (180_000, "split 0"),
    ] {
        router.at(at).tell(USB1, line);
    }
    router.run_until(240_000);
    assert!(router.is_up("wwan"), "{}", router.tail());
    assert_eq!(router.count("wwan link lost", 0), 0, "{}", router.tail());
}

#[test]
fn a_modem_with_mbimex_2_tells_power_and_noise_and_one_without_is_not_upset() {
    for (modem, is_told) in [("mbimex=2", true), ("", false), ("extensions=none", false)] {
        let mut router = connected(modem);
        // Other ways to know that, over AT, are not gone.
        router.configure("config modem\n option match 'usb:1-1'\n option at_poll '0'\n");
        router.run_for(60_000);
        let status = router.status();
        let signal = status[0].get_table("signal").unwrap();
        assert_eq!(signal.get("sinr_db").is_some(), is_told, "{modem}: {signal:?}");
        if is_told {
            assert_eq!(signal.get("sinr_db"), Some(&Value::F64(12.5)));
            assert_eq!(signal.get("rsrp_dbm").and_then(Value::as_i64), Some(-92));
        }
        assert_eq!(router.addresses("wwan"), BOTH, "{modem}");
        let told = router.modem(USB1).stats();
        assert_eq!(told.mbim(EXTENSIONS_NUMBER, 15), u64::from(modem != "extensions=none"));
    }
}
