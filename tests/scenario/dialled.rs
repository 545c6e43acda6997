//! Modems that are controlled and dialled over AT, one of each vendor's kind. What does not depend
//! on the language is told in the other stories.

use ltewan::types::Table;

use super::USB1;
use super::router::Router;
use crate::sim::config::Dialect;

/// What netifd is told of a modem that hands out addresses by itself.
const DHCP: &str = "wwan_4 dhcp wwan_6 dhcpv6";

/// What netifd is told of one that tells them.
const STATIC: &str = "10.64.0.2/30 2001:db8:6400:0:1c4f:2a1:9b3e:77d2/64";

/// A router with a modem that is dialled so, and `wwan` with these options wanted since 2000 ms.
fn router(dialect: &str, interface: &str, modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", &format!("apn=internet {interface}"));
    router.at(1_000).plug(USB1, &format!("front=at dialect={dialect} {modem}"));
    router.at(2_000).ifup("wwan");
    router
}

/// The same, up.
fn connected(dialect: &str, modem: &str) -> Router {
    let mut router = router(dialect, "", modem);
    router.run_until_up("wwan", 60_000);
    router
}

fn dialects() -> impl Iterator<Item = &'static str> {
    Dialect::ALL.iter().map(|entry| entry.1)
}

fn addresses(dialect: &str) -> &'static str {
    if ["mediatek", "xmm"].contains(&dialect) { STATIC } else { DHCP }
}

fn dials(router: &Router) -> u64 {
    router.modem(USB1).stats().starts()
}

/// How often PINs were tried on the SIM, and how often they were wrong.
fn attempts(router: &Router) -> (u64, u64) {
    let uicc = &router.modem(USB1).world.uicc;
    (uicc.pin_attempts, uicc.pin_rejections)
}

fn has_no_bearer(router: &Router) -> bool {
    let network = &router.modem(USB1).world.network;
    network.bearers.is_empty() && network.pending.is_empty()
}

#[test]
fn a_modem_of_each_kind_is_plugged_in_and_its_interface_comes_up() {
    for dialect in dialects() {
        let mut router = connected(dialect, "");
        assert_eq!(router.addresses("wwan"), addresses(dialect), "{dialect}");
        assert!(router.now_ms() < 3_000, "{dialect}: {} ms", router.now_ms());
        let status = router.status();
        let ports = status[0].get_table("ports").unwrap();
        assert_eq!(ports.get_str("protocol"), Some("at"), "{dialect}");
        assert_eq!(ports.get_str("at"), ports.get_str("control"), "{dialect}");
        assert!(ports.get_str("at").is_some(), "{dialect}");
        let identity = status[0].get_table("identity").unwrap();
        assert!(identity.get_str("model").is_some(), "{dialect}");
        let registration = status[0].get_table("registration").unwrap();
        assert_eq!(registration.get_str("plmn"), Some("26202"), "{dialect}");
        assert_eq!(registration.get_str("operator"), Some("Simphone DE"), "{dialect}");
        assert_eq!(registration.get_str("rat"), Some("lte"), "{dialect}");
        router.run_until(300_000);
        assert!(router.is_up("wwan"), "{dialect}");
        assert_eq!(router.count("wwan link lost", 0), 0, "{dialect}");
        let status = router.status();
        let signal = status[0].get_table("signal").unwrap();
        assert!(signal.get("rsrp_dbm").is_some(), "{dialect}");
        assert_eq!(dials(&router), 1, "{dialect}: {:?}", router.modem(USB1).stats().at_log);
    }
}

#[test]
fn connecting_over_at_takes_at_most_40_commands() {
    for dialect in dialects() {
        let router = connected(dialect, "");
        let stats = router.modem(USB1).stats();
        assert!(stats.at_commands <= 40, "{dialect}: {:?}", stats.at_log);
    }
}

#[test]
fn addresses_that_the_modem_tells_come_with_name_servers_and_without_arp() {
    for dialect in ["mediatek", "xmm"] {
        let mut router = connected(dialect, "mtu=1430");
        let link = router.link("wwan");
        let v4 = link.config.v4.as_ref().unwrap();
        assert_eq!(v4.dns.len(), 2, "{dialect}");
        assert!(link.raw_ip, "{dialect}");
        assert!(!router.sockets.0[USB1].link.arp, "{dialect}");
        // An address that changes is told at the next look.
        router.at(30_000).tell(USB1, "address v4");
        router.run_until_so("the new address", 15_000, |router| {
            router.addresses("wwan").starts_with("10.64.1.2")
        });
        assert_eq!(router.count("wwan link lost", 0), 0, "{dialect}");
    }
    let router = connected("xmm", "mtu=1430");
    assert_eq!(router.sockets.0[USB1].link.mtu, Some(1_430));
    assert!(connected("quectel", "").sockets.0[USB1].link.arp);
}

#[test]
fn a_call_that_the_network_ends_is_told_at_once_and_redialled() {
    for dialect in dialects().filter(|dialect| *dialect != "generic") {
        let mut router = connected(dialect, "bearer=200");
        router.at(30_000).tell(USB1, "drop all 36");
        assert_eq!(router.when("wwan link lost", 30_000), Some(30_000), "{dialect}");
        router.run_until_up("wwan", 3_000);
        assert_eq!(dials(&router), 2, "{dialect}");
        assert_eq!(router.count("wwan teardown", 0), 0, "{dialect}");
    }
}

#[test]
fn a_modem_that_tells_nothing_is_asked() {
    let mut router = connected("generic", "");
    router.at(30_000).tell(USB1, "drop all 36");
    router.run_until(42_000);
    let lost = router.when("wwan link lost", 30_000).expect("the end is noticed");
    assert!(lost > 30_000, "somebody told of it");
    assert!(router.is_up("wwan"));
    assert_eq!(dials(&router), 2);
}

#[test]
fn a_network_with_one_family_is_taken_as_it_is() {
    for dialect in dialects() {
        for (policy, family) in [("v4only", "4 dhcp"), ("v6only", "6 dhcpv6")] {
            let mut router = connected(dialect, &format!("policy={policy}"));
            if addresses(dialect) == DHCP {
                assert_eq!(router.addresses("wwan"), format!("wwan_{family}"), "{dialect}");
            }
            router.run_for(60_000);
            assert_eq!(router.count("wwan link lost", 0), 0, "{dialect} {policy}");
        }
        let mut router = router(dialect, "pdptype=ipv4", "");
        router.run_until_up("wwan", 1_000);
        assert_eq!(router.modem(USB1).world.network.bearers.len(), 1, "{dialect}");
    }
}

#[test]
fn what_the_network_refuses_is_named() {
    for dialect in dialects() {
        for (modem, token) in [("apn=other", "APN_REJECTED"), ("reject=29", "AUTH_FAILED")] {
            // Quectel's says no more than that it is down.
            let token = if dialect == "quectel" { "CALL_FAILED" } else { token };
            let mut router = router(dialect, "", modem);
            router.run_until(10_000);
            assert_eq!(router.error("wwan"), Some(token), "{dialect} {modem}");
            router.tell(USB1, "apn any");
            router.tell(USB1, "policy allow");
            router.run_until_up("wwan", 700_000);
        }
    }
}

#[test]
fn user_name_and_password_reach_the_modem_and_no_log() {
    for dialect in ["huawei", "quectel", "generic"] {
        let options = "auth=chap username=me password=s3cret";
        let router = router(dialect, options, "");
        let log = &router.modem(USB1).stats().at_log;
        let with: Vec<_> = log.iter().filter(|line| line.contains("s3cret")).collect();
        assert_eq!(with.len(), 1, "{dialect}: {log:?}");
        assert!(with[0].contains("\"me\",\"s3cret\""), "{dialect}: {with:?}");
        assert!(router.is_up("wwan"), "{dialect}");
    }
}

#[test]
fn the_configured_pin_unlocks_each_kind_at_the_first_attempt() {
    for dialect in dialects() {
        let mut router = router(dialect, "pincode=1234", "sim=pin pin=1234");
        router.run_until_up("wwan", 2_000);
        assert_eq!(attempts(&router), (1, 0), "{dialect}");
    }
}

#[test]
fn a_wrong_pin_costs_each_kind_one_attempt_whatever_is_restarted() {
    for dialect in dialects() {
        let mut router = router(dialect, "pincode=9999", "sim=pin pin=1234");
        router.run_until(3_000);
        assert_eq!(router.error("wwan"), Some("PIN_FAILED"), "{dialect}");
        for _ in 0..5 {
            router.run_for(5_000);
            router.restart_daemon();
            router.ifup("wwan");
        }
        router.reboot();
        router.tell(USB1, "replug 2000");
        router.run_for(60_000);
        router.ifup("wwan");
        router.run_for(60_000);
        assert_eq!(router.error("wwan"), Some("PIN_FAILED"), "{dialect}");
        assert_eq!(attempts(&router), (1, 1), "{dialect}");
    }
}

#[test]
fn the_last_attempt_and_the_puk_are_left_to_the_owner() {
    for dialect in dialects() {
        let mut last = router(dialect, "pincode=1234", "sim=pin pin=1234 retries=1");
        last.run_until(60_000);
        assert_eq!((attempts(&last), last.is_up("wwan")), ((0, 0), false), "{dialect}");
        let mut blocked = router(dialect, "pincode=1234", "sim=puk");
        blocked.run_until(60_000);
        assert_eq!(attempts(&blocked), (0, 0), "{dialect}");
        assert_eq!(blocked.error("wwan"), Some("PUK_NEEDED"), "{dialect}");
    }
}

#[test]
fn a_sim_that_takes_its_time_is_waited_for_and_never_called_absent() {
    let mut router = router("fibocom", "", "simready=8000");
    router.run_until_up("wwan", 9_000);
    assert_eq!(router.count("wwan error", 0), 0, "{:?}", router.story("wwan", 0));
    let mut absent = self::router("fibocom", "", "sim=absent");
    absent.run_until(4_000);
    assert_eq!(absent.state(USB1), "failed");
    absent.tell(USB1, "sim insert");
    absent.run_until_up("wwan", 15_000);
}

#[test]
fn a_silent_modem_is_named_and_its_call_gone_on_with() {
    for dialect in dialects() {
        for fault in ["silence", "hang"] {
            let mut router = connected(dialect, "");
            router.at(30_000).tell(USB1, &format!("{fault} on"));
            router.run_until_state(USB1, "recovering", 15_000);
            let at = router.now_ms();
            assert_eq!(router.when("wwan link lost", 30_000), Some(at), "{dialect}");
            router.run_until(90_000);
            router.tell(USB1, &format!("{fault} off"));
            router.run_until_up("wwan", 12_000);
            assert_eq!(dials(&router), 1, "{dialect}: the call survived: no redial");
        }
    }
}

#[test]
fn an_interface_that_is_taken_down_over_a_silent_modem_leaves_no_call() {
    for dialect in dialects() {
        for silent_ms in [0, 3_000, 60_000] {
            let mut router = connected(dialect, "");
            router.at(30_000).tell(USB1, "silence on");
            router.at(30_000 + silent_ms).ifdown("wwan");
            let is_down = |router: &Router| router.when("wwan is down", 30_000).is_some();
            router.run_until_so("wwan is down", 4_900, is_down);
            router.at(200_000).tell(USB1, "silence off");
            router.run_until(260_000);
            assert!(has_no_bearer(&router), "{dialect} {silent_ms}\n{}", router.tail());
        }
    }
}

#[test]
fn a_modem_that_is_pulled_and_put_back_connects() {
    for dialect in dialects() {
        let mut router = connected(dialect, "boot=3000");
        router.at(30_000).tell(USB1, "unplug");
        assert_eq!(router.error("wwan"), Some("NO_DEVICE"), "{dialect}");
        router.at(60_000).tell(USB1, "replug 0");
        router.run_until_up("wwan", 3_000);
        // Once more, by way of the vendor's reset.
        let args = Table::new().with("modem", USB1).with("level", "reset");
        router.at(90_000).call("reset", args).unwrap();
        router.run_until_so("down", 20_000, |router| !router.is_up("wwan"));
        router.run_until_up("wwan", 60_000);
        assert!(router.modem(USB1).stats().resets > 0, "{dialect}");
    }
}

#[test]
fn a_new_daemon_goes_on_with_the_call_of_the_one_before() {
    for dialect in dialects() {
        let mut router = connected(dialect, "latency=20");
        router.at(30_000).restart_daemon();
        router.run_until(60_000);
        assert_eq!(router.count("wwan link lost", 0), 0, "{dialect}");
        assert_eq!(router.count("wwan setup", 30_000), 0, "{dialect}");
        assert_eq!((dials(&router), router.state(USB1)), (1, "connected"), "{dialect}");
        router.at(70_000).ifdown("wwan");
        router.run_until(90_000);
        assert!(has_no_bearer(&router), "{dialect}");
    }
}

#[test]
fn a_new_daemon_finds_the_call_ended_or_the_modem_restarted() {
    for dialect in dialects() {
        for line in ["drop all", "reset 0"] {
            let mut router = connected(dialect, "bearer=100");
            router.at(30_000).kill_daemon();
            router.at(31_000).tell(USB1, line);
            router.at(40_000).start_daemon();
            router.run_until_up("wwan", 5_000);
            assert_eq!(dials(&router), 2, "{dialect} {line}");
        }
    }
}

#[test]
fn setup_and_teardown_in_the_middle_of_dialling_leave_no_call() {
    for dialect in dialects() {
        let mut router = router(dialect, "", "bearer=1000 latency=30");
        for _ in 0..5 {
            router.run_for(1_700);
            router.ifdown("wwan");
            router.run_for(100);
            router.ifup("wwan");
        }
        router.run_for(1_500);
        router.ifdown("wwan");
        router.run_for(20_000);
        assert!(has_no_bearer(&router), "{dialect}\n{}", router.tail());
    }
}

#[test]
fn the_owner_gives_commands_on_the_port_that_the_modem_is_dialled_over() {
    for dialect in dialects() {
        let mut router = connected(dialect, "latency=50");
        let args = Table::new().with("modem", USB1).with("command", "AT+CSQ");
        let calls: Vec<u64> = (0..5).map(|_| router.start_call("at", args.clone())).collect();
        router.settle();
        router.run_for(3_000);
        for call in calls {
            let (_, reply) = router.reply(call).expect("an answer");
            let reply = reply.as_ref().unwrap();
            assert_eq!(reply.get_str("result"), Some("OK"), "{dialect}");
        }
        router.run_until(60_000);
        assert!(router.is_up("wwan"), "{dialect}");
    }
}

#[test]
fn abroad_and_refused_are_seen_over_at() {
    let mut abroad = router("telit", "", "coverage=roaming");
    abroad.run_until(4_000);
    assert!(!abroad.is_up("wwan"));
    let mut refused = router("telit", "", "coverage=15");
    refused.run_until(4_000);
    let status = refused.status();
    let registration = status[0].get_table("registration").unwrap();
    assert_eq!(registration.get("reject_cause").and_then(|cause| cause.as_i64()), Some(15));
    refused.tell(USB1, "register");
    refused.run_until_up("wwan", 15_000);
}

#[test]
fn a_network_and_technologies_are_chosen_over_at() {
    let mut chosen = router("ublox", "plmn=26202 modes=lte", "");
    chosen.run_until_up("wwan", 5_000);
    let log = &chosen.modem(USB1).stats().at_log;
    assert!(log.iter().any(|line| line == "AT+COPS=1,2,\"26202\""), "{log:?}");
    assert!(log.iter().any(|line| line == "AT+WS46=28"), "{log:?}");
    let mut other = router("ublox", "plmn=26201", "");
    other.run_until(30_000);
    assert!(!other.is_up("wwan"));
}

#[test]
fn lost_repeated_and_garbled_answers_do_no_harm() {
    let mut router = connected("huawei", "latency=20");
    for (at, line) in [
        (30_000, "lose 1"),
        (60_000, "garbage 00ff"),
        (120_000, "garbage off"),
        (121_000, "split 7"),
        (180_000, "split 0"),
    ] {
        router.at(at).tell(USB1, line);
    }
    router.run_until(240_000);
    assert!(router.is_up("wwan"), "{}", router.tail());
    assert_eq!(router.count("wwan link lost", 0), 0, "{}", router.tail());
}
