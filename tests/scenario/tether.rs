//! Phones, and sticks that are routers of their own: plugged in and up, or of no use as they are,
//! which is said.

use ltewan::types::{Table, Value};

use super::USB1;
use super::router::Router;

const USB2: &str = "usb:1-2";

/// A router with this in its first socket, and `wwan` wanted since.
fn router(device: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "");
    router.plug(USB1, device);
    router.at(1_000).ifup("wwan");
    router
}

/// What the status says of what is in a socket.
fn cause(router: &mut Router, path: &str) -> String {
    let status = router.status();
    let modem = status.iter().find(|modem| modem.get_str("modem") == Some(path));
    modem.and_then(|modem| modem.get_str("cause")).unwrap_or_default().to_owned()
}

#[test]
fn a_phone_and_a_stick_are_up_at_once_and_come_and_go_with_the_cable() {
    for device in ["device=phone", "device=phone usb=ncm", "device=phone usb=ecm", "device=stick"] {
        let mut router = router(device);
        assert!(router.is_up("wwan"), "{device}");
        assert_eq!(router.addresses("wwan"), "wwan_4 dhcp wwan_6 dhcpv6", "{device}");
        router.at(10_000).tell(USB1, "unplug");
        assert_eq!(router.error("wwan"), Some("NO_DEVICE"), "{device}");
        router.at(20_000).tell(USB1, "replug 0");
        router.run_until_up("wwan", 1_000);
    }
}

#[test]
fn a_phone_that_does_not_share_says_so_until_tethering_is_switched_on() {
    let mut router = router("device=phone usb=none");
    assert_eq!(router.error("wwan"), Some("TETHERING_OFF"));
    assert_eq!(cause(&mut router, USB1), "tethering_off");
    router.at(60_000).tell(USB1, "usb rndis");
    router.run_until_up("wwan", 1_000);
    router.at(90_000).tell(USB1, "usb none");
    router.run_until_so("told", 1_000, |router| router.error("wwan") == Some("TETHERING_OFF"));
    assert!(!router.is_up("wwan"));
}

#[test]
fn an_iphone_says_what_it_lacks_until_it_is_paired() {
    // Before usbmuxd has asked it to be more than a camera, and after.
    for device in ["device=iphone usb=none", "device=iphone"] {
        let mut router = router(device);
        assert_eq!(router.error("wwan"), Some("PHONE_NOT_PAIRED"), "{device}");
        assert_eq!(cause(&mut router, USB1), "phone_not_paired", "{device}");
        router.has_usbmuxd = true;
        router.at(30_000).tell(USB1, "usb iphone");
        router.run_until_up("wwan", 70_000);
    }
}

#[test]
fn what_pairs_with_iphones_is_started_while_there_is_one() {
    let mut router = Router::new();
    router.has_usbmuxd = true;
    router.interface("wwan", "");
    router.plug(USB2, "device=phone");
    router.at(200_000).plug(USB1, "device=iphone usb=none");
    assert_eq!(router.count("start usbmuxd", 0), 1);
    // It may end.
    router.run_until(400_000);
    assert_eq!(router.count("start usbmuxd", 0), 3);
    router.run_for(24 * 3_600_000);
    assert_eq!(router.count("start usbmuxd", 0), 8, "an owner may have stopped it");
    router.tell(USB1, "unplug");
    router.run_for(300_000);
    assert_eq!(router.count("start usbmuxd", 0), 8);
    // Where it is not installed, it is not asked for.
    let mut router = self::router("device=iphone usb=none");
    router.run_for(300_000);
    assert_eq!(router.count("start usbmuxd", 0), 0);
}

#[test]
fn a_stick_that_is_still_a_disk_says_so_and_is_up_once_it_was_switched() {
    let mut router = router("device=disk");
    assert_eq!(router.error("wwan"), Some("STORAGE_MODE"));
    assert_eq!(cause(&mut router, USB1), "storage_mode");
    router.at(20_000).tell(USB1, "unplug");
    router.plug(USB1, "device=stick");
    router.run_until_up("wwan", 1_000);
}

#[test]
fn what_is_of_no_use_is_taken_last_and_left_for_anything_else() {
    let mut router = router("device=disk");
    router.at(10_000).plug(USB2, "device=phone");
    router.run_until_up("wwan", 1_000);
    router.at(20_000).tell(USB2, "unplug");
    router.run_until_so("told", 1_000, |router| router.error("wwan") == Some("STORAGE_MODE"));
    router.plug(USB2, "");
    router.run_until_up("wwan", 1_000);
    assert_eq!(router.netifd.interfaces["wwan"].device(), Some("wwan1"));
    let answer = router.call("usb_mode", Table::new()).unwrap();
    assert_eq!(answer.get_str("mode"), Some("qmi"), "there is only one to ask");
}

#[test]
fn a_stick_with_the_lans_network_is_named_and_one_beside_it_is_not() {
    let mut router = Router::new();
    router.lan = Some("192.168.8.1/24".to_owned());
    router.interface("wwan", "");
    router.plug(USB1, "device=stick");
    router.at(1_000).ifup("wwan");
    router.run_for(1_000);
    assert_eq!(router.error("wwan"), Some("SUBNET_CLASH"));
    let mut router = self::router("device=stick own=192.168.9.1");
    router.run_for(1_000);
    assert_eq!(router.error("wwan"), None);
}

/// The first modem of the status.
fn modem(router: &mut Router) -> Table {
    router.status().first().unwrap().clone()
}

/// How often this was asked on a stick's page.
fn asked(router: &Router, path: &str) -> usize {
    router.count(&format!("page {path}"), 0)
}

const HILINK: [&str; 4] = [
    "/api/webserver/SesTokInfo",
    "/api/device/signal",
    "/api/monitoring/status",
    "/api/net/current-plmn",
];

#[test]
fn a_stick_tells_on_its_own_page_what_it_hears() {
    for page in ["hilink", "goform"] {
        let mut router = router(&format!("device=stick page={page}"));
        router.netifd_changed();
        router.run_for(25_000);
        let modem = modem(&mut router);
        let signal = modem.get_table("signal").unwrap();
        assert_eq!(signal.get("rsrp_dbm").and_then(Value::as_i64), Some(-92), "{page}");
        assert_eq!(signal.get("rsrq_db").and_then(Value::as_i64), Some(-9), "{page}");
        let registration = modem.get_table("registration").unwrap();
        let said = ["state", "plmn", "operator", "rat"].map(|name| registration.get_str(name));
        assert_eq!(said, ["home", "26202", "Simphone DE", "lte"].map(Some), "{page}");
        assert_eq!(router.error("wwan"), None, "{page}");
        // Without the link, nothing of it is left.
        router.ifdown("wwan");
        router.run_for(1_000);
        assert!(self::modem(&mut router).get_table("signal").is_none(), "{page}");
    }
}

#[test]
fn a_session_is_begun_once_and_every_round_asks_three_documents() {
    let mut router = router("device=stick");
    router.netifd_changed();
    router.run_for(65_000);
    let [sessions, rounds @ ..] = HILINK.map(|path| asked(&router, path));
    assert_eq!(sessions, 1);
    assert!(rounds.iter().all(|count| (2..=3).contains(count)), "{rounds:?}");
}

#[test]
fn a_page_that_says_nothing_is_asked_ever_more_seldom_and_then_left_alone() {
    for device in ["device=stick page=plain", "device=stick page=locked", "device=phone"] {
        let mut router = router(device);
        router.netifd_changed();
        router.run_for(20 * 60_000);
        let count = |router: &Router| router.count("page", 0);
        let early = count(&router);
        assert!((2..=24).contains(&early), "{device}: {early}");
        router.run_for(10 * 3_600_000);
        let later = count(&router);
        assert!((early..=3 * 10).contains(&later), "{device}: {later}");
        router.run_for(10 * 3_600_000);
        assert_eq!(count(&router), later, "{device}");
        assert!(modem(&mut router).get_table("signal").is_none(), "{device}");
        assert!(router.is_up("wwan"), "{device}");
    }
}

#[test]
fn an_apn_that_is_missing_is_named_and_one_that_is_wrong_is_named_otherwise() {
    for settings in ["usb=qmi", "usb=mbim", "front=at dialect=huawei"] {
        for (apn, token) in [("", "NO_APN"), ("apn=nonsense", "APN_REJECTED")] {
            let mut router = Router::new();
            router.interface("wwan", apn);
            router.plug(USB1, &format!("{settings} apn=internet"));
            router.at(1_000).ifup("wwan");
            router.run_for(10_000);
            assert_eq!(router.error("wwan"), Some(token), "{settings}");
        }
    }
}

#[test]
fn a_link_on_which_nothing_hands_out_an_address_is_named_until_something_does() {
    let mut router = Router::new();
    router.has_usbmuxd = true;
    router.interface("wwan", "");
    router.plug(USB1, "device=iphone");
    router.tell(USB1, "data off");
    router.at(1_000).ifup("wwan");
    router.run_until(20_999);
    assert_eq!(router.error("wwan"), None);
    router.run_until(21_000);
    assert_eq!(router.error("wwan"), Some("ADDRESS_MISSING"));
    router.run_until(300_000);
    assert_eq!(router.count("wwan error", 0), 1, "once");
    let message = |router: &mut Router| {
        let status = router.call("status", Table::new()).unwrap();
        let interface = status.get_array("interfaces").unwrap()[0].as_table().unwrap().clone();
        interface.get_str("message").map(str::to_owned)
    };
    assert!(message(&mut router).unwrap().contains("hotspot"));
    router.tell(USB1, "data on");
    router.netifd_changed();
    assert_eq!(message(&mut router), None);
    // Where there is one in time nothing is said.
    let router = self::router("device=phone");
    assert_eq!(router.error("wwan"), None);
}
