//! What is done about connections that are up and carry nothing.

use super::USB1;
use super::router::Router;
use ltewan::types::Table;

/// A router with a modem and an interface `wwan` with these options, up.
fn connected(options: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", &format!("apn=internet {options}"));
    router.at(1_000).plug(USB1, "");
    router.tell(USB1, "time bearer 500");
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 10_000);
    router
}

const PING: &str = "check=ping check_host=192.0.2.1 check_interval=10 check_failures=3";

/// The interface's `check` in the status.
fn check(router: &mut Router) -> Table {
    let status = router.call("status", Table::new()).unwrap();
    let interfaces = status.get_array("interfaces").unwrap();
    interfaces[0].as_table().unwrap().get_table("check").unwrap().clone()
}

fn verdict(router: &mut Router) -> String {
    check(router).get_str("verdict").unwrap().to_owned()
}

fn starts(router: &Router) -> u64 {
    router.modem(USB1).stats().starts()
}

#[test]
fn a_dead_connection_is_dialled_again_and_is_well_when_it_carries_again() {
    let mut router = connected(PING);
    let up = router.now_ms();
    assert_eq!(verdict(&mut router), "unknown");
    router.run_until(60_000);
    assert_eq!(verdict(&mut router), "ok");
    assert_eq!(router.when("probe", 0), Some(up + 15_000), "after the grace");
    assert_eq!(router.story("wwan", up + 1), [""; 0], "netifd hears nothing of it");
    let before = starts(&router);
    router.tell(USB1, "data off");
    router.run_until(84_000);
    assert_eq!(verdict(&mut router), "failing");
    router.run_until_so("link lost", 60_000, |router| !router.is_up("wwan"));
    let lost = router.now_ms();
    assert!((60_000 + 3 * 10_000 - 10_000 + 5_000..=60_000 + 35_000).contains(&lost), "{lost}");
    assert_eq!(router.when("wwan error CONNECTION_DEAD", 60_000), Some(lost));
    assert_eq!(verdict(&mut router), "dead");
    router.tell(USB1, "data on");
    router.run_until_up("wwan", 10_000);
    let again = router.now_ms();
    assert!(starts(&router) > before);
    router.run_until(again + 16_000);
    assert_eq!(verdict(&mut router), "ok");
    router.run_until(again + 600_000);
    assert_eq!(router.count("wwan link lost", again), 0, "{}", router.tail());
}

#[test]
fn a_network_that_carries_nothing_is_dialled_ever_more_rarely() {
    let mut router = connected(PING);
    router.configure("config modem\n option match 'usb:1-1'\n list recover 'redial'\n");
    router.at(20_000).tell(USB1, "data off");
    router.run_until(6 * 3_600_000);
    let lost = router.times("wwan link lost");
    let waits: Vec<u64> = lost.windows(2).map(|pair| (pair[1] - pair[0]) / 1000).collect();
    // 60 s, 120 s and so on up to an hour, a quarter more or less and up to a round later.
    assert!((7..=11).contains(&waits.len()), "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 3600 * 5 / 4 + 20), "{waits:?}");
    assert!(waits[waits.len() - 1] >= 3600 * 3 / 4, "{waits:?}");
    assert_eq!(router.modem(USB1).stats().resets, 0);
}

#[test]
fn one_family_that_carries_is_enough() {
    let mut router = connected("check=ping check_interval=10 check_failures=1");
    router.run_until(60_000);
    let check = check(&mut router);
    assert!(check.get("ipv4_ms").is_some() && check.get("ipv6_ms").is_some(), "{check:?}");
    router.tell(USB1, "policy v4only");
    router.tell(USB1, "drop v6");
    router.run_until(120_000);
    assert_eq!(verdict(&mut router), "ok");
    assert_eq!(router.count("wwan link lost", 60_000), 0, "{}", router.tail());
}

#[test]
fn an_interface_without_a_check_is_not_looked_at() {
    let mut router = connected("check=none");
    router.at(20_000).tell(USB1, "data off");
    router.run_until(3_600_000);
    assert_eq!(router.count("probe", 0), 0);
    assert!(router.is_up("wwan"));
}

#[test]
fn a_check_goes_on_after_the_daemon_was_killed() {
    let mut router = connected(PING);
    router.at(60_000).restart_daemon();
    router.run_until(120_000);
    assert_eq!(verdict(&mut router), "ok");
    router.tell(USB1, "data off");
    router.run_until_so("link lost", 60_000, |router| !router.is_up("wwan"));
}

#[test]
fn an_interface_that_is_taken_down_is_not_checked_any_more() {
    let mut router = connected(PING);
    router.at(60_000).ifdown("wwan");
    router.run_until(61_000);
    let probes = router.count("probe", 0);
    router.run_until(600_000);
    assert_eq!(router.count("probe", 0), probes);
}
