//! From a plugged-in modem to an interface that is up, and what the network makes of it.

use super::USB1;
use super::invariants::{clients, clients_at_rest};
use super::router::Router;

const BOTH: &str = "10.64.0.2/30 2001:db8:6400:0:1c4f:2a1:9b3e:77d2/64";
const V4: &str = "10.64.0.2/30";
const V6: &str = "2001:db8:6400:0:1c4f:2a1:9b3e:77d2/64";

/// A router with a modem like this, and the interface `wwan` up over it since 2000 ms.
fn connected(settings: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, settings);
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 5_000);
    router
}

#[test]
fn a_modem_is_plugged_in_and_its_interface_comes_up() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.at(2_000).ifup("wwan");
    router.run_until(60_000);
    assert_eq!(router.story("wwan", 0), ["2000 setup", &format!("2000 up {BOTH}"), "2000 is up"]);
    let link = router.link("wwan");
    assert_eq!(link.ifname, "wwan0");
    let (v4, v6) = (link.config.v4.as_ref().unwrap(), link.config.v6.as_ref().unwrap());
    assert_eq!(v4.gateway.unwrap().to_string(), "10.64.0.1");
    assert_eq!(v4.dns.len() + v6.dns.len(), 4);
    assert_eq!(v6.gateway.unwrap().to_string(), "2001:db8:6400::1");
    assert_eq!(router.sockets.0[USB1].link.mtu, Some(1_500));
    assert_eq!(router.netifd.interfaces["wwan"].error, None);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn connecting_takes_at_most_25_requests() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "");
    router.ifup("wwan");
    assert!(router.is_up("wwan"));
    let requests = router.modem(USB1).stats().qmi_total();
    assert!(requests <= 25, "{requests} requests: {:x?}", router.modem(USB1).stats().qmi_requests);
}

#[test]
fn an_interface_without_a_modem_is_unavailable_until_one_is_plugged_in() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).ifup("wwan");
    router.at(5_000).plug(USB1, "");
    router.run_until(6_000);
    assert_eq!(
        router.story("wwan", 0),
        [
            "1000 setup",
            "1000 error NO_DEVICE",
            "1000 unavailable",
            "1000 teardown",
            "1000 is down",
            "5000 available",
            "5000 setup",
            &format!("5000 up {BOTH}"),
            "5000 is up",
        ]
    );
}

#[test]
fn an_interface_that_was_taken_down_is_left_down_when_a_modem_comes() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).ifup("wwan");
    router.at(2_000).ifdown("wwan");
    router.at(5_000).plug(USB1, "");
    router.run_until(60_000);
    assert_eq!(router.story("wwan", 5_000), ["5000 available"]);
    assert!(router.modem(USB1).world.network.bearers.is_empty());
}

#[test]
fn one_family_is_success_where_the_network_serves_no_other() {
    for (policy, addresses) in [("v4only", V4), ("v6only", V6)] {
        let mut router = connected(&format!("policy={policy}"));
        assert_eq!(router.addresses("wwan"), addresses);
        router.run_until(600_000);
        assert_eq!(router.count("wwan error", 0), 0);
        assert_eq!(router.count("wwan link lost", 0), 0);
        assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
    }
}

#[test]
fn where_there_is_ipv6_alone_netifd_translates_ipv4_if_it_can() {
    for (settings, option, is_translated) in [
        ("policy=v6only", "1", true),
        ("policy=v6only", "0", false),
        ("policy=v4only", "1", false),
        ("", "1", false),
    ] {
        let mut router = Router::new();
        router.has_clat = true;
        router.interface("wwan", &format!("apn=internet metric=20 iface_464xlat={option}"));
        router.plug(USB1, settings);
        router.ifup("wwan");
        let clat = router.link("wwan").sub_interfaces.first().cloned();
        assert_eq!(clat.is_some(), is_translated, "{settings} {option}");
        let Some(clat) = clat else { continue };
        let text = |name| clat.options.get_str(name).unwrap_or_default().to_owned();
        assert_eq!((clat.name.as_str(), text("proto").as_str()), ("wwan_4", "464xlat"));
        assert_eq!((text("tunlink").as_str(), text("metric").as_str()), ("wwan", "20"));
        assert_eq!(text("ip6addr"), "2001:db8:6400:0:1c4f:2a1:9b3e:73b6");
        // Another prefix.
        router.at(10_000).tell(USB1, "address v6");
        router.run_until(20_000);
        let moved = router.link("wwan").sub_interfaces.first().cloned().unwrap();
        let address = moved.options.get_str("ip6addr").unwrap();
        assert_ne!(address, text("ip6addr"));
        // netifd has taken it away, for its address is another.
        assert_eq!(router.clats.get("wwan_4").map(String::as_str), Some(address));
    }
}

#[test]
fn what_an_earlier_daemon_had_translated_is_not_when_ipv4_is_there() {
    let mut router = Router::new();
    router.has_clat = true;
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "policy=v6only");
    router.ifup("wwan");
    router.run_until(10_000);
    assert_eq!(router.clats.len(), 1);
    router.kill_daemon();
    router.tell(USB1, "policy allow");
    router.restart_daemon();
    router.run_until(60_000);
    assert_eq!(router.addresses("wwan"), BOTH);
    assert!(router.clats.is_empty(), "{:?}", router.clats);
}

#[test]
fn ipv4_that_may_still_come_is_not_translated_meanwhile() {
    let mut router = Router::new();
    router.has_clat = true;
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "bearer=1000");
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 10_000);
    router.run_until(10_000);
    router.tell(USB1, "drop v4");
    router.run_until(10_500);
    assert_eq!(router.addresses("wwan"), V6);
    assert!(router.link("wwan").sub_interfaces.is_empty());
    router.run_until(600_000);
    assert_eq!(router.addresses("wwan"), BOTH);
}

#[test]
fn a_family_that_was_refused_for_a_passing_reason_is_dialled_again_beside_the_other() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "bearer=1000");
    router.at(2_000).ifup("wwan");
    // Insufficient resources, while IPv6 is dialled.
    router.at(3_500).tell(USB1, "policy reject 26");
    router.run_until(6_000);
    assert_eq!(router.addresses("wwan"), V4);
    router.at(10_000).tell(USB1, "policy allow");
    router.run_until(600_000);
    assert_eq!(router.addresses("wwan"), BOTH);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_family_that_was_not_asked_for_is_not_dialled() {
    for (pdptype, addresses) in [("ip", V4), ("ipv6", V6), ("ipv4v6", BOTH)] {
        let mut router = Router::new();
        router.interface("wwan", &format!("apn=internet pdptype={pdptype}"));
        router.plug(USB1, "");
        router.ifup("wwan");
        assert_eq!(router.addresses("wwan"), addresses);
    }
}

#[test]
fn a_refused_call_is_tried_again_with_growing_pauses_until_it_succeeds() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "policy=reject,26");
    router.at(1_000).ifup("wwan");
    router.run_until(300_000);
    assert_eq!(router.error("wwan"), Some("CALL_FAILED"));
    assert_eq!(router.count("wwan error", 0), 1, "told once, not at every attempt");
    let attempts = router.times("usb:1-1 connecting:");
    let pauses: Vec<u64> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let ideal = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    for (pause, ideal) in pauses.iter().zip(ideal) {
        assert!((ideal * 3 / 4..=ideal * 5 / 4).contains(pause), "{pauses:?}");
    }
    assert!(pauses.len() >= 7, "{pauses:?}");
    router.tell(USB1, "policy allow");
    router.run_until_up("wwan", 75_000);
    assert_eq!(router.error("wwan"), None);
    assert_eq!(router.count("wwan teardown", 0), 0);
}

#[test]
fn a_wrong_apn_is_named_and_the_right_one_connects() {
    let mut router = Router::new();
    router.interface("wwan", "apn=nonsense");
    router.plug(USB1, "apn=internet,ims");
    router.at(1_000).ifup("wwan");
    assert_eq!(router.error("wwan"), Some("APN_REJECTED"));
    router.run_until(300_000);
    let attempts = router.times("usb:1-1 connecting:");
    assert!((3..=6).contains(&attempts.len()), "{attempts:?}");
    assert!(attempts[1] - attempts[0] >= 7_500, "{attempts:?}");
    router.interface("wwan", "apn=internet");
    router.ifup("wwan");
    assert!(router.is_up("wwan"));
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn refused_credentials_are_named() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet username=u password=wrong");
    router.plug(USB1, "reject=29");
    router.at(1_000).ifup("wwan");
    assert_eq!(router.error("wwan"), Some("AUTH_FAILED"));
}

#[test]
fn a_call_that_the_network_ends_is_told_at_once_and_redialled() {
    let mut router = connected("bearer=300");
    router.at(30_000).tell(USB1, "drop all");
    assert_eq!(router.when("wwan link lost", 30_000), Some(30_000));
    router.run_until_up("wwan", 1_500);
    router.run_until(60_000);
    assert_eq!(router.addresses("wwan"), BOTH);
    assert_eq!(router.count("wwan teardown", 0), 0);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_call_that_keeps_ending_is_redialled_ever_more_slowly() {
    let mut router = connected("");
    for _ in 0..2_000 {
        router.run_for(100);
        if router.is_up("wwan") {
            router.tell(USB1, "drop all");
        }
    }
    let lost = router.count("wwan link lost", 0);
    assert!((5..=14).contains(&lost), "{lost} times in 200 s");
}

#[test]
fn one_family_that_ends_leaves_the_other_up_and_comes_back() {
    for (family, left) in [("v4", V6), ("v6", V4)] {
        let mut router = connected("bearer=300");
        router.at(30_000).tell(USB1, &format!("drop {family}"));
        assert_eq!(router.addresses("wwan"), left);
        router.run_until_so("both families are back", 5_000, |r| r.addresses("wwan") == BOTH);
        assert_eq!(router.count("wwan link lost", 0), 0);
        assert_eq!(router.count("wwan teardown", 0), 0);
        assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
    }
}

#[test]
fn a_family_that_the_network_takes_away_for_good_is_not_dialled_for_ever() {
    let mut router = connected("");
    router.at(30_000).tell(USB1, "policy v4only");
    router.tell(USB1, "drop v6 50");
    router.run_until(3_600_000);
    assert_eq!(router.addresses("wwan"), V4);
    let starts = router.modem(USB1).stats().qmi(crate::sim::qmi::WDS, 0x20);
    assert!(starts <= 80, "{starts} calls");
}

#[test]
fn another_address_is_told_without_taking_the_interface_down() {
    let mut router = connected("");
    router.at(30_000).tell(USB1, "address v4");
    let v6 = V6;
    assert_eq!(router.story("wwan", 30_000), [format!("30000 up 10.64.1.2/30 {v6}")]);
    router.at(40_000).tell(USB1, "address v6");
    let v6 = "2001:db8:6401:0:1c4f:2a1:9b3e:77d2/64";
    assert_eq!(router.story("wwan", 40_000), [format!("40000 up 10.64.1.2/30 {v6}")]);
}

#[test]
fn what_the_network_says_of_packet_size_is_applied_unless_configured() {
    let mut router = connected("mtu=1430");
    assert_eq!(router.sockets.0[USB1].link.mtu, Some(1_430));
    router.interface("wwan", "apn=internet mtu=1280");
    router.at(3_000).ifup("wwan");
    router.run_until_up("wwan", 1_000);
    assert_eq!(router.sockets.0[USB1].link.mtu, Some(1_280));
}

#[test]
fn setup_and_teardown_ten_times_leave_nothing_behind() {
    let mut router = connected("latency=5");
    for round in 1..=10 {
        router.ifdown("wwan");
        router.run_for(1_000);
        assert!(router.modem(USB1).world.network.bearers.is_empty(), "round {round}");
        assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
        router.ifup("wwan");
        router.run_until_up("wwan", 1_000);
    }
    assert_eq!(router.count("wwan is up", 0), 11);
    assert_eq!(router.count("wwan error", 0), 0);
}

#[test]
fn setup_and_teardown_in_the_middle_of_dialling_leave_nothing_behind() {
    let mut router = connected("bearer=700 latency=20");
    for round in 1..=20_u64 {
        router.ifdown("wwan");
        router.run_for(round * 37);
        router.ifup("wwan");
        router.run_for(round * 53);
    }
    router.ifdown("wwan");
    router.run_for(10_000);
    assert!(router.modem(USB1).world.network.bearers.is_empty());
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
    assert_eq!(router.count("wwan handler is killed", 0), 0);
}

#[test]
fn a_link_whose_mode_cannot_be_set_is_an_error_and_not_a_loop() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "");
    router.sockets.0.get_mut(USB1).unwrap().stubborn_link = true;
    router.restart_daemon();
    router.sockets.0.get_mut(USB1).unwrap().link.raw_ip = false;
    router.restart_daemon();
    router.ifup("wwan");
    router.run_until(60_000);
    assert_eq!(router.error("wwan"), Some("LINK_FORMAT_FAILED"));
    router.sockets.0.get_mut(USB1).unwrap().stubborn_link = false;
    router.run_until_up("wwan", 75_000);
}
