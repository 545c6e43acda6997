//! What is counted, and in which period.

use super::*;
use crate::types::Table;

const fn read(device: u32, rx_bytes: u64, tx_bytes: u64) -> Counters {
    Counters { device, rx_bytes, tx_bytes }
}

fn owner(key: u64) -> Owner {
    Owner { key, label: format!("sim {key}"), day: 1 }
}

fn day(year: i64, month: i64, day: i64) -> i64 {
    days_since_1970(year, month, day)
}

#[test]
fn counters_go_on_begin_anew_and_wrap() {
    let mut usage = Usage::default();
    let mut told = |counters| {
        let Amount { rx, tx } = usage.read("usb:1-1", &counters, owner(1));
        (rx, tx)
    };
    assert_eq!(told(read(5, 1000, 100)), (0, 0), "what it carried before is nobody's");
    assert_eq!(told(read(5, 1500, 120)), (500, 20));
    assert_eq!(told(read(5, 200, 50)), (200, 50), "both at once began anew");
    assert_eq!(told(read(5, WRAP - 10, 50)), (WRAP - 210, 0));
    assert_eq!(told(read(5, 90, 60)), (100, 10), "one alone has gone beyond 32 bits");
    assert_eq!(told(read(5, 3 * WRAP, 70)), (3 * WRAP - 90, 10));
    assert_eq!(told(read(5, 5, 80)), (5, 80), "one of 64 bits does not wrap");
    assert_eq!(told(read(9, 300, 30)), (300, 30), "a device that was made since");
    assert_eq!(told(read(5, 7000, 7000)), (0, 0), "one that was there before");
    assert_eq!(told(read(5, u64::MAX, u64::MAX)).0, u64::MAX - 7000);
    assert_eq!(usage.sims[0].amount.rx, u64::MAX, "no overflow");
}

#[test]
fn what_was_carried_before_the_sim_was_changed_is_the_old_ones() {
    let mut usage = Usage::default();
    usage.read("usb:1-1", &read(5, 0, 0), owner(1));
    usage.read("usb:1-1", &read(5, 100, 10), owner(2));
    usage.read("usb:1-1", &read(5, 130, 11), owner(2));
    let amounts: Vec<_> = usage.sims.iter().map(|sim| (sim.key, sim.amount.total())).collect();
    assert_eq!(amounts, [(1, 110), (2, 31)]);
}

#[test]
fn a_sim_that_is_moved_to_another_modem_is_counted_on() {
    let mut usage = Usage::default();
    let readings =
        [(1, 5, 0, 1), (1, 5, 100, 1), (2, 6, 0, 2), (2, 6, 40, 2), (2, 6, 47, 1), (2, 6, 57, 1)];
    // The first modem has carried 30 more before the other SIM was put in.
    for (modem, device, rx, key) in readings.into_iter().chain([(1, 5, 130, 2), (1, 5, 131, 2)]) {
        usage.read(&format!("usb:1-{modem}"), &read(device, rx, 0), owner(key));
    }
    let amounts: Vec<_> = usage.sims.iter().map(|sim| (sim.key, sim.amount.rx)).collect();
    assert_eq!(amounts, [(1, 140), (2, 48)]);
}

#[test]
fn another_billing_day_leaves_what_was_counted_as_it_is() {
    let mut usage = november();
    let at = |days: i64| Instant::from_millis(days.unsigned_abs() * 86_400_000);
    let with_day = |day| Owner { day, ..owner(1) };
    let mut shown_on = |days: i64, billing_day| {
        usage.time_told(at(days), (day(2026, 11, 30) + days) * SECS_A_DAY);
        usage.read("usb:1-1", &read(5, 1000, 0), with_day(billing_day));
        (day_name(usage.sims[0].period.unwrap()), usage.sims[0].amount.rx)
    };
    assert_eq!(shown_on(0, 15), ("2026-11-15".to_owned(), 1000));
    assert_eq!(shown_on(1, 15), ("2026-11-15".to_owned(), 1000), "December begins");
    assert_eq!(shown_on(2, 1), ("2026-12-01".to_owned(), 1000));
    assert_eq!(shown_on(3, 31), ("2026-11-30".to_owned(), 1000));
    assert_eq!(shown_on(31, 31), ("2026-12-31".to_owned(), 0));
}

#[test]
fn a_file_of_a_later_daemon_is_read_as_far_as_it_is_known() {
    let mut table = november().to_table(false);
    let mut sim = table.get_array("sims").unwrap()[0].as_table().unwrap().clone();
    sim.put("color", "green");
    sim.put("told", 100_000);
    let strange = sim.clone().with("sim", 7).with("day", "noon");
    let other = Table::new().with("sims", 3);
    table.put("sims", vec![Table::new(), strange, sim]);
    table.put("version", 9);
    let mut usage = Usage::default();
    usage.restore(&table, false);
    assert_eq!(shown(&usage), (1000, None));
    usage.restore(&other, false);
    assert!(usage.sims.is_empty());
}

#[test]
fn periods_begin_on_their_day_or_on_the_last_of_a_short_month() {
    for (today, from, start, end) in [
        ((2026, 11, 21), 1, (2026, 11, 1), (2026, 12, 1)),
        ((2026, 11, 21), 21, (2026, 11, 21), (2026, 12, 21)),
        ((2026, 11, 21), 22, (2026, 10, 22), (2026, 11, 22)),
        ((2026, 1, 5), 20, (2025, 12, 20), (2026, 1, 20)),
        ((2026, 3, 1), 31, (2026, 2, 28), (2026, 3, 31)),
        ((2028, 2, 29), 31, (2028, 2, 29), (2028, 3, 31)),
        ((2026, 12, 31), 31, (2026, 12, 31), (2027, 1, 31)),
        ((2026, 12, 30), 0, (2026, 12, 1), (2027, 1, 1)),
    ] {
        let of = |(y, m, d)| day(y, m, d);
        assert_eq!(period_start(of(today), from), of(start), "{today:?} {from}");
        assert_eq!(period_end(of(start), from), of(end), "{today:?} {from}");
    }
    assert_eq!(day_name(day(2026, 11, 1)), "2026-11-01");
}

/// A SIM that carried 1000 bytes in November, by the clock of the run of the router before.
fn november() -> Usage {
    let mut usage = Usage::default();
    usage.time_told(Instant::ZERO, day(2026, 11, 30) * SECS_A_DAY);
    usage.read("usb:1-1", &read(5, 0, 0), owner(1));
    usage.read("usb:1-1", &read(5, 1000, 0), owner(1));
    usage
}

fn shown(usage: &Usage) -> (u64, Option<(String, u64)>) {
    let sim = &usage.sims[0];
    (sim.amount.rx, sim.before.map(|(day, amount)| (day_name(day), amount.rx)))
}

#[test]
fn a_period_that_ends_begins_at_nothing() {
    let mut usage = november();
    let at = Instant::from_millis(86_400_000);
    usage.time_told(at, day(2026, 12, 1) * SECS_A_DAY);
    assert_eq!(shown(&usage), (0, Some(("2026-11-01".to_owned(), 1000))));
    assert_eq!(usage.period_ends_in(), Some(Duration::from_secs(31 * 86_400)));
}

#[test]
fn what_is_carried_before_the_clock_is_set_belongs_to_the_period_it_then_shows() {
    for early in [0, day(2026, 11, 30) * SECS_A_DAY + 50] {
        let mut usage = Usage::default();
        usage.restore(&november().to_table(false), false);
        // At this clock's start nothing but the date of the newest file is known.
        usage.time_told(Instant::from_millis(10_000), early);
        usage.read("usb:1-1", &read(3, 0, 0), owner(1));
        usage.read("usb:1-1", &read(3, 70, 0), owner(1));
        assert_eq!(shown(&usage), (1070, None));
        usage.time_told(Instant::from_millis(60_000), day(2026, 12, 3) * SECS_A_DAY);
        assert_eq!(shown(&usage), (70, Some(("2026-11-01".to_owned(), 1000))));
        // And it is put back by an hour, or a day.
        usage.time_told(Instant::from_millis(70_000), day(2026, 11, 30) * SECS_A_DAY);
        assert_eq!(shown(&usage), (70, Some(("2026-11-01".to_owned(), 1000))));
    }
}

#[test]
fn nothing_is_lost_between_two_daemons_and_nothing_counted_twice() {
    let mut first = november();
    first.time_told(Instant::from_millis(1000), day(2026, 11, 30) * SECS_A_DAY + 1);
    first.meters.get_mut("usb:1-1").unwrap().kbits = Some(256);
    let mut second = Usage::default();
    second.restore(&first.to_table(true), true);
    // What is on flash is older.
    second.restore(&Usage::default().to_table(false), false);
    assert_eq!((&second.sims, second.clock), (&first.sims, first.clock));
    assert_eq!(second.meters, first.meters);
    assert_eq!(second.read("usb:1-1", &read(5, 1500, 7), owner(1)), Amount { rx: 500, tx: 7 });
    let mut third = Usage::default();
    third.restore(&second.to_table(true), true);
    let new = third.read("usb:1-1", &read(6, 20, 0), owner(1));
    assert_eq!(new, Amount { rx: 20, tx: 0 }, "plugged in anew meanwhile");
    assert_eq!(third.meters["usb:1-1"].kbits, None, "a new device is slowed down by nothing");
}

#[test]
fn what_cannot_be_read_back_is_passed_over_and_no_more_sims_are_kept_than_fit() {
    let mut usage = Usage::default();
    for key in 0..100 {
        usage.time_told(Instant::ZERO, (day(2026, 1, 1) + 31 * key) * SECS_A_DAY);
        let modem = format!("usb:{key}");
        usage.read(&modem, &read(1, 0, 0), owner(key.unsigned_abs()));
        usage.meters.clear();
    }
    assert_eq!(usage.sims.len(), SIMS_MAX);
    assert_eq!(usage.sims.last().map(|sim| sim.key), Some(99));
    let mut table = usage.to_table(true);
    table.put("sims", vec![1, 2]);
    table.put("clock", "noon");
    let mut other = Usage::default();
    other.restore(&table, true);
    assert_eq!((other.sims.len(), other.clock), (0, None));
    for secs in [i64::MIN, -1, i64::MAX] {
        other.time_told(Instant::ZERO, secs);
    }
    assert_eq!(other.clock, None);
}
