//! The time that networks tell, and the router's clock.

use ltewan::types::{Table, Value};

use super::USB1;
use super::router::Router;

/// 2026-11-21T12:00:00Z, when the virtual router starts.
const NOON: i64 = 1_795_262_400;

const DAY: i64 = 86_400;

/// A router whose clock is off by so much, and a modem whose network tells the time.
fn router(off: i64, is_kept: bool, set_clock: &str, modem: &str) -> Router {
    let mut router = Router::new();
    router.clock = (NOON + off, is_kept);
    router.configure(&format!("config ltewan globals\n option set_clock {set_clock}"));
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, &format!("nitz={NOON} {modem}"));
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 60_000);
    router.run_for(120_000);
    router
}

fn network_time(router: &mut Router) -> Option<Table> {
    let info = router.call("info", Table::new()).unwrap();
    info.get_table("network_time").cloned()
}

#[test]
fn a_clock_of_long_ago_is_set_once_by_every_kind_of_modem() {
    for modem in ["", "front=mbim", "front=at dialect=quectel", "front=at dialect=huawei"] {
        let mut router = router(-10 * DAY, false, "auto", modem);
        let time = network_time(&mut router).unwrap_or_else(|| panic!("{modem}: no time"));
        assert!(time.get_str("utc").unwrap().starts_with("2026-11-21T12:0"), "{modem} {time:?}");
        assert_eq!(time.get("offset_min").and_then(Value::as_i64), Some(60), "{modem}");
        assert_eq!(router.count("clock", 0), 1, "{modem}");
        assert!(
            (NOON - 3..=NOON + 3).contains(&router.clock.0),
            "{modem} {}",
            router.clock.0 - NOON
        );
    }
}

#[test]
fn a_clock_that_is_sane_or_kept_or_not_ours_to_set_is_left_alone() {
    for (off, is_kept, option) in [
        (-DAY + 60, false, "auto"),
        (10 * DAY, false, "auto"),
        (-400 * DAY, true, "auto"),
        (-400 * DAY, false, "0"),
        (-60, true, "1"),
        (2, false, "1"),
    ] {
        let mut router = router(off, is_kept, option, "");
        assert_eq!(router.count("clock", 0), 0, "{off} {is_kept} {option}");
        assert!(network_time(&mut router).is_some());
    }
}

#[test]
fn a_clock_is_set_back_only_where_that_was_asked_for() {
    let ahead = router(60, false, "1", "");
    assert_eq!((ahead.count("clock", 0), ahead.clock.0 - NOON), (1, 0));
}

#[test]
fn a_network_that_tells_nonsense_is_not_believed() {
    for nonsense in ["315964800", "4102444800", "1"] {
        let mut router = Router::new();
        router.clock = (0, false);
        router.interface("wwan", "apn=internet");
        router.at(1_000).plug(USB1, &format!("nitz={nonsense}"));
        router.at(2_000).ifup("wwan");
        router.run_until_up("wwan", 60_000);
        router.run_for(120_000);
        assert_eq!(router.count("clock", 0), 0, "{nonsense}");
        assert_eq!(network_time(&mut router), None);
    }
}

/// Another modem in the place of the first, whose network is so far off.
fn another(router: &mut Router, modem: &str, off: i64) {
    if router.sockets.0.contains_key(USB1) {
        router.tell(USB1, "unplug");
        router.run_for(5_000);
    }
    router.plug(USB1, &format!("nitz={} {modem}", NOON + off));
    router.run_until_up("wwan", 60_000);
    router.run_for(180_000);
}

#[test]
fn a_clock_that_was_right_once_is_not_moved_by_a_network_that_is_wrong() {
    for (off, sets) in [(20, 0), (-10 * DAY, 1)] {
        let mut router = router(off, false, "auto", "");
        router.run_for(2 * 3_600_000);
        another(&mut router, "", 400 * DAY);
        assert_eq!(router.count("clock", 0), sets, "{off}");
    }
    // By the kernel's word for it, also when that is taken back.
    let mut router = router(-400 * DAY, true, "auto", "");
    router.clock.1 = false;
    another(&mut router, "", 0);
    assert_eq!(router.count("clock", 0), 0);
}

#[test]
fn a_clock_that_is_to_follow_the_network_is_compared_with_it_again_and_again() {
    for modem in ["", "front=mbim", "front=at dialect=quectel", "front=at dialect=huawei"] {
        let mut router = router(60, false, "1", modem);
        assert_eq!((router.count("clock", 0), router.clock.0 - NOON), (1, 0), "{modem}");
        router.clock.0 += 30;
        router.run_for(2 * 3_600_000);
        assert_eq!((router.count("clock", 0), router.clock.0 - NOON), (2, 0), "{modem}");
    }
}

#[test]
fn a_clock_that_could_not_be_set_is_set_by_the_next_who_tells_the_time() {
    let mut router = Router::new();
    router.clock = (0, false);
    router.is_clock_stuck = true;
    router.interface("wwan", "apn=internet");
    router.at(2_000).ifup("wwan");
    another(&mut router, "", 0);
    let tries = router.count("clock", 0);
    assert!((1..=3).contains(&tries), "{tries}");
    router.is_clock_stuck = false;
    another(&mut router, "", 0);
    assert_eq!((router.count("clock", 0), router.clock.0 - NOON), (tries + 1, 0));
}
