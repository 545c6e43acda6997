//! Many packets in one transfer: QMAP, and a net device of its own for it.

use super::USB1;
use super::invariants::{clients, clients_at_rest};
use super::router::Router;
use crate::sim::qmi::LinkLayer;

/// A router with a modem like this, whose section has these lines, up.
fn connected(modem: &str, section: &str) -> Router {
    let mut router = Router::new();
    router.configure(&format!("config modem\n option match 'usb:1-1'\n{section}"));
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 5_000);
    router
}

fn device(router: &Router) -> &str {
    router.netifd.interfaces["wwan"].device().unwrap()
}

/// Whether the modem puts headers before packets, and for which channel.
fn channel(router: &Router) -> Option<u8> {
    let qmi = &router.modem(USB1).qmi;
    qmi.format.qmap.and(qmi.mux_id)
}

#[test]
fn it_is_used_where_the_bus_is_fast_or_the_owner_says_so() {
    for (modem, section, is_used) in [
        ("speed=480", "", false),
        ("speed=5000", "", true),
        ("speed=480", " option qmap '1'\n", true),
        ("speed=5000", " option qmap '0'\n", false),
        ("speed=480", " option qmap 'auto'\n", false),
    ] {
        let mut router = connected(modem, section);
        assert_eq!(device(&router), if is_used { "qmimux0" } else { "wwan0" }, "{modem} {section}");
        assert_eq!(channel(&router), is_used.then_some(1), "{modem} {section}");
        let link = router.sockets.0[USB1].link;
        assert!(link.raw_ip && link.up, "the device below carries it");
        let ports = router.status()[0].get_table("ports").cloned().unwrap();
        assert_eq!(ports.get_str("net"), Some("wwan0"));
        assert_eq!(ports.get_str("mux"), is_used.then_some("qmimux0"));
        assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
        router.at(30_000).tell(USB1, "drop all");
        assert_eq!(router.when("wwan link lost", 30_000), Some(30_000));
        router.run_until_up("wwan", 2_000);
        assert_eq!(channel(&router), is_used.then_some(1), "after a redial");
    }
}

#[test]
fn a_modem_without_it_is_used_as_it_is() {
    let router = connected("speed=5000 qmap=none", "");
    assert_eq!((device(&router), channel(&router)), ("wwan0", None));
}

#[test]
fn firmware_that_wants_to_know_which_link_is_told() {
    for speed in ["speed=480", "speed=5000"] {
        let router = connected(&format!("{speed} wda=endpoint"), "");
        assert!(router.modem(USB1).qmi.format.link_layer == LinkLayer::RawIp, "{speed}");
        assert!(router.sockets.0[USB1].link.raw_ip, "{speed}");
    }
}

#[test]
fn a_kernel_without_it_is_used_as_it_is() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "speed=5000");
    router.sockets.0.get_mut(USB1).unwrap().lacks_mux = true;
    router.at(1_500).tell(USB1, "replug 500");
    router.at(20_000).ifup("wwan");
    router.run_until_up("wwan", 5_000);
    assert_eq!((device(&router), channel(&router)), ("wwan0", None));
}

#[test]
fn a_new_daemon_goes_on_over_it() {
    let mut router = connected("speed=5000", "");
    let before = router.modem(USB1).stats().starts();
    router.at(30_000).restart_daemon();
    router.run_until(60_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert_eq!(router.modem(USB1).stats().starts(), before);
    assert_eq!((device(&router), channel(&router)), ("qmimux0", Some(1)));
    // Also what it dials is bound.
    router.at(70_000).tell(USB1, "drop all");
    router.run_until_up("wwan", 2_000);
    assert_eq!((device(&router), channel(&router)), ("qmimux0", Some(1)));
}

#[test]
fn calls_over_a_device_that_is_gone_are_dialled_anew() {
    let mut router = connected("speed=5000", "");
    router.at(30_000).kill_daemon();
    router.sockets.0.get_mut(USB1).unwrap().link.muxed = false;
    router.at(31_000).start_daemon();
    router.run_until_up("wwan", 5_000);
    router.run_until(60_000);
    assert_eq!((device(&router), channel(&router)), ("qmimux0", Some(1)));
}

#[test]
fn it_comes_and_goes_with_the_option_when_the_modem_starts_anew() {
    let mut router = connected("", " option qmap '1'\n");
    assert_eq!(device(&router), "qmimux0");
    router.at(30_000).configure("config modem\n option match 'usb:1-1'\n option qmap '0'\n");
    router.run_until(40_000);
    assert_eq!(device(&router), "qmimux0", "a connection is not ended for it");
    router.at(50_000).kill_daemon();
    router.tell(USB1, "drop all");
    router.at(51_000).start_daemon();
    router.run_until(60_000);
    assert!(router.is_up("wwan") && !router.sockets.0[USB1].link.muxed);
    assert_eq!((device(&router), channel(&router)), ("wwan0", None));
}
