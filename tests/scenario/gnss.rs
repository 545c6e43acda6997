//! The modem's satellite receiver.

use ltewan::types::{Table, Value};

use super::USB1;
use super::bands::router;
use super::router::Router;

impl Router {
    fn gnss(&mut self, action: &str) -> Result<Table, String> {
        let answer = self.call_and_wait("gnss", Table::new().with("action", action));
        answer.map_err(|error| error.code.to_owned())
    }
}

fn can(router: &mut Router) -> bool {
    let info = router.call("info", Table::new()).unwrap();
    info.get_array("capabilities").unwrap().contains(&Value::from("gnss"))
}

/// Latitude and longitude, in ten-thousandths of a degree.
fn place(answer: &Table) -> Option<(i64, i64)> {
    let fix = answer.get_table("fix")?;
    let number = |name| match fix.get(name) {
        Some(Value::F64(number)) => format!("{:.0}", number * 10_000.0).parse().ok(),
        _ => None,
    };
    Some((number("latitude")?, number("longitude")?))
}

fn is_on(router: &Router) -> bool {
    router.modem(USB1).world.receiver.is_on
}

#[test]
fn each_vendors_receiver_is_switched_and_read() {
    for (modem, expected) in [
        ("", (-229_849, -433_592)),
        ("front=mbim", (-229_849, -433_592)),
        ("front=at dialect=quectel", (-229_849, -433_592)),
        ("front=at dialect=simcom", (-345_506, -584_931)),
        ("front=at dialect=sierra", (497_492, 133_802)),
        ("front=at dialect=telit", (422_967, -836_886)),
        ("front=at dialect=fibocom", (481_173, 115_167)),
    ] {
        let mut router = router(modem);
        assert!(can(&mut router), "{modem}");
        let off = router.gnss("status").unwrap();
        assert_eq!((off.get("on"), place(&off)), (Some(&Value::Bool(false)), None), "{modem}");
        for _ in 0..2 {
            let on = router.gnss("on").unwrap();
            assert_eq!((on.get("on"), place(&on)), (Some(&Value::Bool(true)), None), "{modem}");
        }
        assert!(is_on(&router));
        router.tell(USB1, "fix on");
        let status = router.gnss("status").unwrap();
        assert_eq!(place(&status), Some(expected), "{modem}: {status:?}");
        for _ in 0..2 {
            assert_eq!(router.gnss("off").unwrap().get("on"), Some(&Value::Bool(false)), "{modem}");
        }
        assert!(!is_on(&router));
        assert_eq!(router.count("wwan link lost", 0), 0);
    }
}

#[test]
fn the_port_of_its_sentences_is_told_where_it_is_known() {
    let mut router = router("");
    let status = router.gnss("status").unwrap();
    let port = status.get_str("nmea_port").unwrap();
    assert!(port.starts_with("/dev/ttyUSB"), "{port}");
    let info = router.call("info", Table::new()).unwrap();
    assert_ne!(info.get_table("ports").unwrap().get_str("at"), port.strip_prefix("/dev/"));
}

#[test]
fn a_modem_without_a_receiver_says_so_once() {
    let mut router = router("receiver=none");
    assert_eq!(router.gnss("on"), Err("NOT_SUPPORTED".to_owned()));
    assert!(!can(&mut router));
    assert_eq!(router.gnss("up"), Err("INVALID_ARGUMENT".to_owned()));
}

#[test]
fn the_section_has_it_switched_on_whenever_the_modem_is_there() {
    let mut router = router("boot=3000");
    let section = "config modem\n\toption match 'usb:1-1'\n\toption gnss '1'\n";
    router.configure(section);
    router.run_for(5_000);
    assert!(is_on(&router));
    router.gnss("off").unwrap();
    router.run_for(60_000);
    assert!(!is_on(&router), "what the owner does is left so");
    router.tell(USB1, "reset");
    router.run_for(60_000);
    assert!(is_on(&router));
}

#[test]
fn where_it_is_stands_in_no_other_answer_and_in_no_report() {
    let mut router = router("");
    router.gnss("on").unwrap();
    router.tell(USB1, "fix on");
    let found = place(&router.gnss("status").unwrap());
    assert!(found.is_some());
    for method in ["status", "info", "signal", "cells"] {
        let answer = router.call(method, Table::new()).map(|table| format!("{table:?}"));
        let text = answer.unwrap_or_default();
        assert!(!text.contains("22.98") && !text.contains("43.35"), "{method}: {text}");
    }
}
