//! Several modems, several interfaces, and which serves which.

use super::USB1;
use super::router::Router;
use ltewan::types::Table;

const USB2: &str = "usb:1-2";

/// The modem that serves an interface.
fn serving(router: &Router, interface: &str) -> String {
    router.link(interface).data.get_str("modem").unwrap().to_owned()
}

#[test]
fn two_interfaces_share_two_modems() {
    let mut router = Router::new();
    router.interface("wana", "apn=internet");
    router.interface("wanb", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.plug(USB2, "");
    router.at(2_000).ifup("wana");
    router.ifup("wanb");
    router.run_until(3_000);
    assert_ne!(serving(&router, "wana"), serving(&router, "wanb"));
    assert_eq!(router.addresses("wana").split(' ').next(), Some("10.64.0.2/30"));
    assert_eq!(router.addresses("wanb").split(' ').next(), Some("10.65.0.2/30"));
    // One is pulled: the other one's interface does not notice.
    router.at(10_000).tell(USB1, "unplug");
    router.run_until(20_000);
    assert!(!router.is_up("wana"));
    assert!(router.is_up("wanb"));
    assert_eq!(router.story("wanb", 3_000), [""; 0]);
}

#[test]
fn an_interface_takes_the_modem_that_is_left() {
    let mut router = Router::new();
    router.interface("wana", "apn=internet");
    router.plug(USB1, "");
    router.plug(USB2, "");
    router.ifup("wana");
    let first = serving(&router, "wana");
    router.at(10_000).tell(&first, "unplug");
    router.run_until_up("wana", 5_000);
    assert_ne!(serving(&router, "wana"), first);
}

#[test]
fn an_interface_whose_modem_is_taken_says_so_and_gets_it_when_it_is_free() {
    let mut router = Router::new();
    router.interface("wana", "apn=internet");
    router.interface("wanb", "apn=internet");
    router.plug(USB1, "");
    router.at(1_000).ifup("wana");
    router.at(2_000).ifup("wanb");
    assert_eq!(router.when("wanb error DEVICE_IN_USE", 0), Some(2_000));
    assert_eq!(router.error("wanb"), Some("DEVICE_IN_USE"));
    router.at(10_000).ifdown("wana");
    router.run_until_up("wanb", 5_000);
    assert!(!router.is_up("wana"));
}

#[test]
fn an_interface_is_served_by_the_modem_that_its_device_names() {
    let imei = super::imei("usb:1-2");
    let devices =
        ["usb:1-2", "/dev/cdc-wdm1", "/dev/ttyUSB6", "wwan1", "second", &format!("imei:{imei}")];
    for device in devices {
        let mut router = Router::new();
        router.configure("config modem 'second'\n option match 'usb:1-2'\n");
        router.interface("wwan", &format!("apn=internet device={device}"));
        router.plug(USB1, "");
        router.plug(USB2, "");
        router.at(1_000).ifup("wwan");
        router.run_until_up("wwan", 1_000);
        assert_eq!(serving(&router, "wwan"), USB2, "{device}");
    }
}

#[test]
fn a_vendor_and_product_name_any_modem_of_the_kind() {
    let mut router = Router::new();
    router.interface("wana", "apn=internet device=2c7c:0125");
    router.interface("wanb", "apn=internet device=1199:9071");
    router.plug(USB1, "");
    router.ifup("wana");
    router.ifup("wanb");
    assert!(router.is_up("wana"));
    assert_eq!(router.error("wanb"), Some("NO_DEVICE"));
}

#[test]
fn an_interface_bound_to_an_imei_waits_for_that_modem() {
    let imei = super::imei("usb:1-2");
    let mut router = Router::new();
    router.interface("wwan", &format!("apn=internet device=imei:{imei}"));
    router.plug(USB1, "latency=20");
    router.ifup("wwan");
    router.run_until(10_000);
    assert_eq!(router.error("wwan"), Some("NO_DEVICE"));
    router.plug(USB2, "latency=20");
    router.run_until_up("wwan", 5_000);
    assert_eq!(serving(&router, "wwan"), USB2);
    router.at(30_000).restart_daemon();
    router.run_until(60_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert_eq!(serving(&router, "wwan"), USB2);
}

#[test]
fn a_daemon_that_restarts_keeps_two_modems_apart() {
    let mut router = Router::new();
    router.interface("wana", "apn=internet");
    router.interface("wanb", "apn=internet");
    router.plug(USB1, "latency=10");
    router.plug(USB2, "latency=10");
    router.ifup("wanb");
    router.ifup("wana");
    router.run_until(5_000);
    let before = (serving(&router, "wana"), serving(&router, "wanb"));
    for _ in 0..10 {
        router.run_for(1_700);
        router.restart_daemon();
    }
    router.run_for(10_000);
    assert_eq!((serving(&router, "wana"), serving(&router, "wanb")), before);
    assert_eq!(router.count("wana link lost", 0) + router.count("wanb link lost", 0), 0);
}

#[test]
fn calls_name_the_modem_when_there_are_several() {
    let mut router = Router::new();
    router.plug(USB1, "");
    assert!(router.call("info", Table::new()).is_ok());
    router.plug(USB2, "");
    assert!(router.call("info", Table::new()).is_err());
    for name in [USB2.to_owned(), format!("imei:{}", super::imei(USB2)), "/dev/cdc-wdm1".into()] {
        let info = router.call("info", Table::new().with("modem", name)).unwrap();
        assert_eq!(info.get_str("modem"), Some(USB2));
    }
    assert!(router.call("info", Table::new().with("modem", "usb:9-9")).is_err());
}

#[test]
fn an_owner_s_at_command_is_answered_and_never_crosses_another() {
    let mut router = Router::new();
    router.plug(USB1, "");
    router.run_until(30_000);
    let at = |command: &str| Table::new().with("command", command);
    let calls: Vec<u64> = (0..5).map(|_| router.start_call("at", at("AT+COPS?"))).collect();
    router.settle();
    router.run_for(5_000);
    for call in calls {
        let (_, result) = router.reply(call).expect("an answer");
        assert_eq!(result.as_ref().unwrap().get_str("result"), Some("OK"));
    }
    let bad = router.start_call("at", at("AT+CMGS=1\r\nAT"));
    router.settle();
    assert!(router.reply(bad).unwrap().1.is_err());
}
