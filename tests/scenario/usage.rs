//! What each SIM has carried in its billing period, and what is done when it is too much.

#![expect(clippy::print_stdout, reason = "what was measured is shown")]

use ltewan::types::{Table, Value};

use super::router::Router;
use super::{USB1, connected as router};
use crate::swarm::dice::Dice;

/// 2026-11-21, when the stories begin, in days since 1970.
const TODAY: i64 = 20_778;

const DAY_MS: u64 = 86_400_000;

const GB: u64 = 1_000_000_000;

fn number(table: &Table, name: &str) -> u64 {
    let number = table.get(name).and_then(Value::as_i64).unwrap_or_default();
    u64::try_from(number).unwrap()
}

fn usage(router: &mut Router) -> Table {
    router.status()[0].get_table("usage").cloned().unwrap_or_default()
}

fn sims(router: &mut Router) -> Vec<Table> {
    let answer = router.call("usage", Table::new()).unwrap();
    let sims = answer.get_array("sims").unwrap();
    sims.iter().filter_map(Value::as_table).cloned().collect()
}

/// Carries, and has the counters read.
fn carry(router: &mut Router, rx_bytes: u64, tx_bytes: u64) {
    router.flow(USB1, rx_bytes, tx_bytes, 64);
    router.run_for(20_000);
}

/// What some days brought to light.
#[derive(Debug, Default)]
struct Days {
    carried: u64,
    counted: u64,
    flash_writes: usize,
    kills: u32,
    unplugs: u32,
    restarts: u32,
}

/// Days of a modem that carries something at most times, on a router to which things happen. They
/// end before the billing period does.
fn days(seed: u64, bits: u32, count: u64) -> Days {
    let mut dice = Dice::new(seed);
    let mut router = router("");
    router.trace_max = 1_000;
    router.clock_day = TODAY - 20;
    let mut days = Days::default();
    let mut bytes_a_second = 0;
    while router.now_ms() < count * DAY_MS {
        let step = dice.between(500, 9_000);
        if dice.one_in(200) {
            bytes_a_second = if dice.one_in(3) { 0 } else { dice.between(1_000, 6_000_000) };
        }
        if router.is_up("wwan") && router.modem(USB1).is_attached() {
            let (rx, tx) = (bytes_a_second * step / 1_000, bytes_a_second * step / 10_000);
            router.flow(USB1, rx, tx, bits);
            days.carried += rx + tx;
        }
        router.run_for(step);
        befall(&mut router, &mut dice, &mut days);
    }
    router.run_for(60_000);
    let usage = usage(&mut router);
    assert_eq!(usage.get_str("period_start"), Some("2026-11-01"));
    assert_eq!(sims(&mut router).len(), 1);
    days.counted = number(&usage, "rx_bytes") + number(&usage, "tx_bytes");
    days.flash_writes = router.flash_writes;
    days
}

/// What happens to a router, at random. Power cuts are not among it: by design one costs what was
/// carried since flash was written to.
fn befall(router: &mut Router, dice: &mut Dice, days: &mut Days) {
    match dice.below(20_000) {
        0..20 => {
            days.kills += 1;
            router.kill_daemon();
            router.run_for(dice.below(5_000));
            router.start_daemon();
        }
        20..30 => {
            days.unplugs += 1;
            router.tell(USB1, &format!("replug {}", dice.between(1_000, 60_000)));
        }
        30..35 => {
            days.kills += 1;
            days.unplugs += 1;
            router.tell(USB1, "replug 3000");
            router.kill_daemon();
            router.run_for(dice.below(9_000));
            router.start_daemon();
        }
        35..40 => router.tell(USB1, "reset"),
        40..44 => {
            days.restarts += 1;
            router.end_daemon();
            router.reboot();
            router.ifup("wwan");
        }
        44..60 => router.tell(USB1, "drop all"),
        _ => {}
    }
}

fn count_days(seed: u64, bits: u32, count: u64) {
    let days = days(seed, bits, count);
    let (carried, counted) = (days.carried, days.counted);
    let missed_ppm = carried.abs_diff(counted) * 1_000 / (carried / 1_000);
    println!("{bits} bits, {count} days, {missed_ppm} of a million missed: {days:?}");
    assert!(carried > count * 20 * GB && days.kills > 10 && days.unplugs > 5);
    assert!(counted <= carried, "nothing is counted twice");
    assert!(missed_ppm < 1_000, "{carried} {counted}");
    let ends = usize::try_from(days.restarts).unwrap();
    let writes_max = usize::try_from(count * 96).unwrap() + ends;
    assert!(days.flash_writes <= writes_max, "{}", days.flash_writes);
}

#[test]
fn what_is_carried_is_counted_whatever_happens() {
    count_days(2, 32, 1);
}

/// Takes minutes: `cargo test --release a_month_is -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn a_month_is_counted_within_a_thousandth_whatever_happens() {
    for (seed, bits) in [(1, 64), (2, 32)] {
        count_days(seed, bits, 29);
    }
}

const QUOTA: &str = "config sim 'home'\n option iccid '8949*'\n option quota_mb '100'\n";

fn with_quota(more: &str) -> Router {
    let mut router = router("");
    router.configure(&format!("{QUOTA} option quota_day '22'\n{more}"));
    router.run_for(11_000);
    router
}

#[test]
fn a_quota_is_told_of_at_four_fifths_and_when_it_is_used_up_and_once_each() {
    let mut router = with_quota("");
    carry(&mut router, 70_000_000, 9_000_000);
    assert_eq!(router.count("usb:1-1 usage", 0), 0);
    carry(&mut router, 500_000, 500_000);
    assert_eq!(router.count("usb:1-1 usage 80 %", 0), 1, "{}", router.tail());
    router.restart_daemon();
    carry(&mut router, 10_000_000, 0);
    carry(&mut router, 10_000_000, 0);
    carry(&mut router, 10_000_000, 0);
    assert_eq!(router.count("usb:1-1 usage 80 %", 0), 1);
    assert_eq!(router.count("usb:1-1 usage 100 %", 0), 1);
    let hook = "hotplug ACTION=usage ICCID=89490200***";
    let told = router.times(hook);
    assert_eq!(told.len(), 2);
    let line = router.trace.iter().rfind(|(_, text)| text.starts_with(hook)).unwrap();
    let rest = " PERCENT=100 RX_BYTES=90500000 TX_BYTES=9500000 QUOTA_BYTES=100000000 \
                QUOTA_ACTION=warn INTERFACE=wwan MODEM=usb:1-1";
    assert!(line.1.ends_with(rest), "{}", line.1);
    assert!(router.is_up("wwan"), "no more than told");
    let usage = usage(&mut router);
    assert_eq!(number(&usage, "rx_bytes"), 100_500_000);
    assert_eq!(number(&usage, "quota_percent"), 110);
    assert_eq!(usage.get_str("period_start"), Some("2026-10-22"));
    assert_eq!(usage.get_str("period_end"), Some("2026-11-22"));
}

#[test]
fn a_quota_that_is_used_up_disconnects_until_the_next_period() {
    for action in ["disconnect", "switch"] {
        let mut router = with_quota(&format!(" option quota_action '{action}'\n"));
        let before = router.modem(USB1).stats().starts();
        carry(&mut router, 99_000_000, 1_000_000);
        assert!(!router.is_up("wwan"));
        assert_eq!(router.error("wwan"), Some("QUOTA_USED"));
        assert_eq!(router.state(USB1), "registered");
        let status = &router.status()[0];
        assert_eq!(status.get_str("cause"), Some("quota_used"));
        assert!(router.modem(USB1).world.network.bearers.is_empty());
        // Nothing that usually helps does: a restart, a replug, ifup.
        router.restart_daemon();
        router.run_for(30_000);
        router.tell(USB1, "replug 2000");
        router.run_for(30_000);
        router.ifup("wwan");
        router.run_for(30_000);
        router.end_daemon();
        router.reboot();
        router.ifup("wwan");
        assert_eq!(router.modem(USB1).stats().starts(), before, "{}", router.tail());
        assert_eq!(router.error("wwan"), Some("QUOTA_USED"));
        // The period ends with 2026-11-21.
        router.run_until(DAY_MS - 1_000);
        assert!(!router.is_up("wwan"));
        router.run_for(10_000);
        assert!(router.is_up("wwan"), "{}", router.tail());
        assert_eq!(router.error("wwan"), None);
        let usage = usage(&mut router);
        assert_eq!(number(&usage, "rx_bytes"), 0);
        assert_eq!(number(usage.get_table("before").unwrap(), "rx_bytes"), 99_000_000);
    }
}

/// What the kernel slows the modem's device down to, and whether status says that it does.
fn limit(router: &mut Router) -> (Option<u32>, Option<bool>) {
    let said = usage(router).get("limited").and_then(Value::as_bool);
    (router.sockets.0[USB1].link.kbits, said)
}

const LIMIT: &str = " option quota_action 'limit'\n option quota_rate '64'\n";

#[test]
fn a_quota_that_is_used_up_slows_the_connection_down_until_the_next_period() {
    let mut router = with_quota(LIMIT);
    carry(&mut router, 99_000_000, 0);
    assert_eq!(limit(&mut router), (None, Some(false)));
    let mark = router.trace.len();
    carry(&mut router, 1_000_000, 0);
    assert_eq!(limit(&mut router), (Some(64), Some(true)), "{}", router.tail());
    assert!(router.is_up("wwan"));
    assert_eq!(number(&usage(&mut router), "quota_rate"), 64);
    let told = &router.trace[mark..];
    assert!(told.iter().any(|(_, text)| text.contains("QUOTA_ACTION=limit QUOTA_RATE=64")));
    carry(&mut router, 50_000, 0);
    assert_eq!(router.count("wwan0 limit 64", 0), 1, "once");
    // Whoever begins anew asks anew, and a device that is made anew is slowed down as well.
    router.restart_daemon();
    router.run_for(30_000);
    assert_eq!(router.count("wwan0 limit 64", 0), 2, "{}", router.tail());
    router.tell(USB1, "drop all");
    router.run_for(10_000);
    assert_eq!(router.count("wwan0 limit 64", 0), 3);
    router.tell(USB1, "replug 2000");
    router.run_for(30_000);
    assert_eq!(router.count("wwan0 limit 64", 0), 4);
    assert_eq!(limit(&mut router), (Some(64), Some(true)), "{}", router.tail());
    router.end_daemon();
    router.reboot();
    router.ifup("wwan");
    router.run_for(60_000);
    assert_eq!(limit(&mut router), (Some(64), Some(true)), "{}", router.tail());
    router.run_until(DAY_MS - 1_000);
    assert_eq!(limit(&mut router).0, Some(64));
    router.run_for(10_000);
    assert_eq!(limit(&mut router), (None, Some(false)), "{}", router.tail());
    assert!(router.is_up("wwan"));
}

#[test]
fn what_slows_a_connection_down_is_taken_off_as_soon_as_it_is_not_meant_any_more() {
    let used_up = || {
        let mut router = with_quota(LIMIT);
        carry(&mut router, 100_000_000, 0);
        assert_eq!(limit(&mut router).0, Some(64));
        router
    };
    let config = |more: &str| format!("{QUOTA} option quota_day '22'\n{more}");
    let mut router = used_up();
    router.configure(&config(LIMIT).replace("'64'", "'128'"));
    router.run_for(1_000);
    assert_eq!(limit(&mut router), (Some(128), Some(true)));
    router.configure(&config(LIMIT).replace("'100'", "'200'"));
    router.run_for(1_000);
    assert_eq!(limit(&mut router), (None, Some(false)));
    let mut router = used_up();
    router.configure(&config(" option quota_action 'warn'\n"));
    router.run_for(1_000);
    assert_eq!(limit(&mut router), (None, None));
    let mut router = used_up();
    router.call("usage_reset", Table::new()).unwrap();
    router.run_for(1_000);
    assert_eq!(limit(&mut router), (None, Some(false)));
    let mut router = used_up();
    router.configure(&config(" option quota_action 'disconnect'\n"));
    router.run_for(1_000);
    assert!(!router.is_up("wwan"));
    assert_eq!(limit(&mut router).0, None);
    // The quota is raised while there is no daemon.
    let mut router = used_up();
    router.kill_daemon();
    router.configure(&config(LIMIT).replace("'100'", "'200'"));
    router.start_daemon();
    router.run_for(30_000);
    assert_eq!(limit(&mut router), (None, Some(false)), "{}", router.tail());
    // Another SIM, in the same modem and over the same net device.
    let mut router = used_up();
    router.tell(USB1, "sim absent");
    router.run_for(5_000);
    let other = "89490200009999999999";
    router.sockets.0.get_mut(USB1).unwrap().modem.world.uicc.iccid = other.into();
    router.configure(&config(LIMIT).replace("8949*", "8949020000123*"));
    router.tell(USB1, "sim insert");
    router.run_until_up("wwan", 60_000);
    router.run_for(1_000);
    assert_eq!(limit(&mut router), (None, None), "{}", router.tail());
}

#[test]
fn a_limit_that_cannot_be_put_on_is_told_once_a_connection_and_the_connection_stays() {
    let mut router = with_quota(LIMIT);
    router.tc_fault = Some("tc is missing".to_owned());
    carry(&mut router, 100_000_000, 0);
    carry(&mut router, 1_000_000, 0);
    carry(&mut router, 1_000_000, 0);
    assert!(router.is_up("wwan"));
    assert_eq!(limit(&mut router), (None, Some(false)));
    assert_eq!(usage(&mut router).get_str("limit_trouble"), Some("tc is missing"));
    let warnings = |router: &mut Router| {
        let status = router.status();
        let list = status[0].get_array("warnings").unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(warnings(&mut router).iter().any(|text| text.contains("tc is missing")));
    assert_eq!(router.count("wwan0 limit 64", 0), 1);
    router.tell(USB1, "drop all");
    router.run_for(30_000);
    assert_eq!(router.count("wwan0 limit 64", 0), 2);
    router.tc_fault = None;
    router.tell(USB1, "drop all");
    router.run_for(30_000);
    assert_eq!(limit(&mut router), (Some(64), Some(true)));
    assert!(warnings(&mut router).is_empty());
    // What cannot be taken off is told, and tried again with the next connection.
    router.tc_fault = Some("tc: it hangs".to_owned());
    router.call("usage_reset", Table::new()).unwrap();
    router.run_for(1_000);
    assert_eq!(limit(&mut router), (Some(64), Some(true)));
    assert!(!warnings(&mut router).is_empty());
    router.tc_fault = None;
    router.tell(USB1, "drop all");
    router.run_for(30_000);
    assert_eq!(limit(&mut router), (None, Some(false)));
    assert!(warnings(&mut router).is_empty());
}

#[test]
fn a_quota_that_is_raised_or_a_count_that_is_reset_connects_at_once() {
    let action = " option quota_action 'disconnect'\n";
    let mut router = with_quota(action);
    carry(&mut router, 100_000_000, 0);
    assert!(!router.is_up("wwan"));
    let raised = QUOTA.replace("'100'", "'200'") + action;
    router.configure(&raised);
    router.run_until_up("wwan", 3_000);
    carry(&mut router, 100_000_000, 0);
    assert!(!router.is_up("wwan"));
    let iccid = router.modem(USB1).world.uicc.iccid.clone();
    let reply = router.call("usage_reset", Table::new().with("iccid", iccid.as_str())).unwrap();
    assert_eq!(reply.get_array("sims").unwrap().len(), 1);
    router.run_until_up("wwan", 3_000);
    assert_eq!(number(&usage(&mut router), "rx_bytes"), 0);
    let other = Table::new().with("iccid", "8900000000000000000");
    assert_eq!(router.call("usage", other).unwrap_err().code, "NOT_FOUND");
}

#[test]
fn files_name_no_sim_and_a_new_daemon_after_a_restart_of_the_router_goes_on() {
    let mut router = router("");
    router.run_for(11_000);
    let iccid = router.modem(USB1).world.uicc.iccid.clone();
    router.identities.push(iccid.clone());
    carry(&mut router, 5_000_000, 1_000_000);
    router.end_daemon();
    for file in router.files() {
        let shows = file.windows(iccid.len()).any(|part| part == iccid.as_bytes());
        assert!(!shows, "the number is in a file");
    }
    router.reboot();
    router.ifup("wwan");
    router.run_until_up("wwan", 60_000);
    carry(&mut router, 1_000, 100);
    let sims = sims(&mut router);
    assert_eq!(sims[0].get_str("iccid"), Some(iccid.as_str()), "in full for root");
    assert_eq!(number(&sims[0], "rx_bytes"), 5_001_000);
    assert_eq!(number(&sims[0], "tx_bytes"), 1_000_100);
}

#[test]
fn a_quiet_router_writes_nothing_and_a_busy_one_each_quarter_of_an_hour() {
    let mut router = router("");
    router.run_for(DAY_MS / 8);
    assert_eq!(router.flash_writes, 0);
    let start = router.now_ms();
    while router.now_ms() < start + DAY_MS / 4 {
        carry(&mut router, 1_000_000, 100_000);
    }
    assert!((22..=24).contains(&router.flash_writes), "{}", router.flash_writes);
    router.flash_full = true;
    let before = router.flash_writes;
    carry(&mut router, 1_000_000, 0);
    router.run_for(2_000_000);
    assert!(router.is_up("wwan"));
    assert_eq!(router.flash_writes, before);
    // What could not be written is, without anything new to count.
    router.flash_full = false;
    router.run_for(1_000_000);
    assert_eq!(router.flash_writes, before + 1);
}

#[test]
fn a_phone_is_counted_by_its_place_and_each_sim_by_itself() {
    let mut router = router("device=phone");
    router.run_for(11_000);
    carry(&mut router, 5_000, 500);
    let sims = sims(&mut router);
    assert_eq!((sims.len(), sims[0].get_str("iccid")), (1, Some("usb:1-1")));
    assert_eq!(number(&sims[0], "rx_bytes"), 5_000);
}
