//! Connections that are up and carry nothing are noticed by real packets, and dialled again.

use ltewan::types::{Table, Value};

use super::{MODEM, WAN, connect, on_router_with, ping_through, steps};
use crate::router::{LIMIT, Router, interface};

/// The interface's `check` in the status.
fn check(router: &Router) -> Table {
    let status = router.status().unwrap();
    let interface = status.get_array("interfaces").unwrap()[0].as_table().unwrap().clone();
    interface.get_table("check").unwrap_or_else(|| panic!("{interface:?}")).clone()
}

/// Waits for a verdict; rounds are 5 s apart and the first is 15 s after the link is up.
fn wait_verdict(router: &Router, verdict: &str) -> Table {
    let mut client = router.client().unwrap();
    client
        .until(LIMIT * 3, verdict, |_| {
            Some(check(router)).filter(|check| check.get_str("verdict") == Some(verdict))
        })
        .unwrap_or_else(|error| panic!("{error}\n{:?}\n{}", check(router), router.daemon.log()))
}

fn with_check(name: &str, options: &[(&str, Value)], body: impl FnOnce(&mut Router) + Send) {
    let plan = |plan: &mut crate::router::Plan| {
        let mut config = interface();
        for (option, value) in options {
            config.put(*option, value.clone());
        }
        config.put("check_interval", 5);
        config.put("check_failures", 2);
        plan.interfaces = vec![(WAN.into(), config)];
    };
    on_router_with(name, plan, body);
}

#[test]
fn a_connection_that_carries_nothing_is_dialled_again() {
    let hosts = vec!["192.0.2.1", "2001:db8::1"];
    let options = [("check", "ping".into()), ("check_host", hosts.into())];
    with_check("check-dead", &options, |router| {
        connect(router);
        let ok = wait_verdict(router, "ok");
        assert!(ok.get("ipv4_ms").is_some() && ok.get("ipv6_ms").is_some(), "{ok:?}");
        let mark = router.journal.mark();
        router.modems.say("0 data off").unwrap();
        let failing = wait_verdict(router, "failing");
        assert_eq!(failing.get_str("last_error"), Some("ipv6: no answer in time"));
        assert_eq!(steps(router, mark), [""; 0]);
        router.journal.wait("netifd", "link lost", mark).unwrap();
        router.journal.wait("netifd", "up", mark).unwrap();
        assert!(router.daemon.log().contains("Nothing answers through the connection."));
        router.modems.say("0 data on").unwrap();
        wait_verdict(router, "ok");
        ping_through("wwan0");
        router.wait_state(MODEM, "connected").unwrap();
    });
}

/// Both families are well with these options.
fn is_well_with(name: &str, options: &[(&str, Value)]) {
    with_check(name, options, |router| {
        connect(router);
        let ok = wait_verdict(router, "ok");
        let both = ok.get("ipv4_ms").is_some() && ok.get("ipv6_ms").is_some();
        assert!(both, "{ok:?}\n{}", router.daemon.log());
    });
}

#[test]
fn pages_are_asked_for_through_the_connection() {
    let pages = vec!["http://openwrt.org/index.html"];
    is_well_with("check-http", &[("check", "http".into()), ("check_host", pages.into())]);
}

#[test]
fn the_networks_name_servers_are_asked_through_the_connection() {
    is_well_with("check-dns", &[("check", "dns".into())]);
}

#[test]
fn hosts_by_name_are_looked_up_through_the_connection() {
    is_well_with("check-name", &[("check", "ping".into()), ("check_host", "openwrt.org".into())]);
}
