//! The recovery ladder and the restart by the clock.

use ltewan::types::Table;

use super::USB1;
use super::router::Router;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// A router whose modem's calls all fail, from 10 s on.
fn refused(modem: &str, section: &str) -> Router {
    let mut router = Router::new();
    router.configure(&format!("config modem\n option match 'usb:1-1'\n{section}"));
    router.auto_interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 5_000);
    router.at(10_000).tell(USB1, "policy reject 26");
    router.tell(USB1, "drop all");
    router
}

/// The rungs taken, and the minute of each.
fn steps(router: &mut Router, until_ms: u64) -> Vec<(u64, String)> {
    let mut steps = Vec::new();
    while router.now_ms() < until_ms {
        router.run_for(MINUTE_MS);
        for modem in router.status() {
            let recovery = modem.get_table("recovery").cloned().unwrap_or_default();
            let Some(step) = recovery.get_str("last_step") else { continue };
            let ago = recovery.get("last_step_s").and_then(|ago| ago.as_i64()).unwrap();
            let taken = (router.now_ms() / MINUTE_MS - u64::try_from(ago).unwrap() / 60, step);
            if steps
                .last()
                .is_none_or(|(at, last): &(u64, String)| last != step || at + 1 < taken.0)
            {
                steps.push((taken.0, step.to_owned()));
            }
        }
    }
    steps
}

#[test]
fn a_modem_whose_calls_fail_is_cycled_reset_and_taken_off_the_bus_in_this_order() {
    let mut router = refused("", "");
    let steps = steps(&mut router, 30 * MINUTE_MS);
    let names: Vec<&str> = steps.iter().map(|(_, step)| step.as_str()).collect();
    assert_eq!(names, ["radio", "reset", "usb"]);
    let minutes: Vec<u64> = steps.iter().map(|(minute, _)| *minute).collect();
    assert_eq!(minutes, [3, 6, 9], "3 minutes after one another");
    assert_eq!(router.count("usb:1-1 power off USB device 1-1", 0), 1);
    assert_eq!(router.count("usb:1-1 power on USB device 1-1", 0), 1);
    router.tell(USB1, "policy allow");
    router.run_until_up("wwan", 75_000);
}

#[test]
fn climbing_in_vain_becomes_ever_rarer() {
    let mut router = refused("", "");
    let day = 24 * HOUR_MS;
    let steps = steps(&mut router, 3 * day);
    let on = |from: u64, to: u64| steps.iter().filter(|(m, _)| (from..to).contains(m)).count();
    let day_min = 24 * 60;
    assert!((9..=24).contains(&on(0, day_min)), "{steps:?}");
    assert!(on(2 * day_min, 3 * day_min) <= 12, "{steps:?}");
    assert!(!steps.iter().any(|(_, step)| step == "reboot"));
    assert_eq!(router.count("the router restarts", 0), 0);
}

#[test]
fn a_modem_behind_a_hub_has_its_port_switched_off() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug("usb:1-1.3", "policy=allow");
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 5_000);
    let args = Table::new().with("level", "power");
    router.at(10_000).call("reset", args).unwrap();
    router.run_until(11_000);
    assert_eq!(router.when("usb:1-1.3 power off port 3 of USB hub 1-1", 0), Some(10_000));
    assert!(!router.is_up("wwan"));
    assert_eq!(router.when("usb:1-1.3 power on", 0), None);
    router.run_until_up("wwan", 20_000);
    assert_eq!(router.when("usb:1-1.3 power on", 0), Some(15_000));
}

#[test]
fn a_reset_line_comes_before_the_bus_and_only_what_is_listed_is_done() {
    let line = " option reset_gpio 'modem_power'\n";
    let mut router = refused("", &format!("{line} list recover 'gpio'\n list recover 'radio'\n"));
    let taken = steps(&mut router, 25 * MINUTE_MS);
    let names: Vec<&str> = taken.iter().map(|(_, step)| step.as_str()).collect();
    assert_eq!(names, ["gpio", "radio"], "{taken:?}");
    assert_eq!(router.count("usb:1-1 power off GPIO line modem_power", 0), 1);
    let mut router = refused("", " list recover 'none'\n");
    assert_eq!(steps(&mut router, 12 * HOUR_MS), []);
    assert_eq!(router.modem(USB1).stats().resets, 0);
}

#[test]
fn what_a_restart_cannot_mend_is_not_restarted() {
    for trouble in ["policy reject 33", "coverage 3", "coverage roaming", "sim absent", "sim puk"] {
        let mut router = Router::new();
        router.interface("wwan", "apn=internet");
        router.at(1_000).plug(USB1, "");
        router.tell(USB1, trouble);
        router.at(2_000).ifup("wwan");
        assert_eq!(steps(&mut router, 3 * HOUR_MS), [], "{trouble}");
        assert_eq!(router.modem(USB1).stats().resets, 0, "{trouble}");
    }
}

#[test]
fn where_no_network_is_the_modem_restarts_but_keeps_its_power() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "coverage=none");
    router.at(2_000).ifup("wwan");
    let steps = steps(&mut router, 30 * MINUTE_MS);
    let names: Vec<&str> = steps.iter().map(|(_, step)| step.as_str()).collect();
    assert_eq!(names, ["radio", "reset"]);
    assert_eq!(router.count("usb:1-1 power off", 0), 0);
    router.tell(USB1, "coverage home");
    router.run_until_up("wwan", 5_000);
}

#[test]
fn a_modem_that_nobody_wants_is_left_alone_whatever_is_wrong_with_it() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.at(5_000).tell(USB1, "hang on");
    assert_eq!(steps(&mut router, 3 * HOUR_MS), []);
    router.tell(USB1, "hang off");
    router.run_until_state(USB1, "registered", 5_000);
}

#[test]
fn a_modem_that_hangs_is_left_for_minutes_and_then_taken_off_the_bus() {
    let mut router = refused("", "");
    router.tell(USB1, "policy allow");
    router.run_until_up("wwan", 20_000);
    let hung = router.now_ms();
    router.tell(USB1, "hang on");
    router.run_until_so("power off", 10 * MINUTE_MS, |router| {
        router.count("usb:1-1 power off", 0) > 0
    });
    let waited = router.now_ms() - hung;
    assert!((5 * MINUTE_MS..7 * MINUTE_MS).contains(&waited), "{waited}");
    router.run_until_up("wwan", 15_000);
}

#[test]
fn where_the_ladder_stands_is_known_to_the_next_daemon() {
    let mut router = refused("", "");
    router.run_until(5 * MINUTE_MS);
    for _ in 0..60 {
        router.restart_daemon();
        router.run_for(5_000);
    }
    let last = router.status()[0].get_table("recovery").cloned().unwrap();
    assert_eq!(last.get_str("last_step"), Some("radio"));
    assert!(last.get("last_step_s").and_then(|ago| ago.as_i64()).unwrap() > 300);
    let steps = steps(&mut router, 40 * MINUTE_MS);
    assert!(!steps.iter().any(|(at, step)| *at > 5 && step == "radio"), "{steps:?}");
}

#[test]
fn power_that_is_off_when_the_daemon_dies_is_given_back_by_the_next() {
    let mut router = refused("", "");
    router.tell(USB1, "policy allow");
    router.run_until_up("wwan", 20_000);
    router.call("reset", Table::new().with("level", "power")).unwrap();
    router.run_for(2_000);
    router.kill_daemon();
    router.run_for(60_000);
    assert_eq!(router.count("usb:1-1 power on", 0), 0);
    router.start_daemon();
    router.run_until_up("wwan", 20_000);
    assert_eq!(router.count("usb:1-1 power on", 0), 1);
}

#[test]
fn the_router_is_restarted_only_if_told_so_rarely_and_three_times_in_all() {
    let mut router = refused("", " list recover 'reboot'\n");
    router.run_until(48 * HOUR_MS);
    let reboots = router.times("the router restarts");
    assert_eq!(reboots.len(), 3, "{reboots:?}");
    assert!(reboots[0] >= HOUR_MS, "{reboots:?}");
    assert!(reboots[1] - reboots[0] >= HOUR_MS, "{reboots:?}");
    router.tell(USB1, "policy allow");
    router.run_until_up("wwan", 75_000);
    router.run_for(11 * MINUTE_MS);
    router.tell(USB1, "policy reject 26");
    router.tell(USB1, "drop all");
    router.run_for(24 * HOUR_MS);
    assert_eq!(router.times("the router restarts").len(), 6, "a connection that lasted counts");
}

#[test]
fn the_router_is_not_restarted_when_that_cannot_be_noted_or_another_modem_is_connected() {
    let mut router = refused("", " list recover 'reboot'\n");
    router.flash_full = true;
    router.run_until(24 * HOUR_MS);
    assert_eq!(router.count("the router restarts", 0), 0);
    let mut router = refused("", " list recover 'reboot'\n");
    router.interface("other", "apn=internet device=usb:1-2");
    router.plug("usb:1-2", "");
    router.ifup("other");
    router.run_until_up("other", 5_000);
    router.run_until(24 * HOUR_MS);
    assert_eq!(router.count("the router restarts", 0), 0);
    assert!(router.is_up("other"));
}

#[test]
fn a_connection_that_is_dead_climbs_the_ladder_too() {
    let mut router = refused("", "");
    router.interface("wwan", "apn=internet check=ping check_interval=10 check_failures=2");
    router.tell(USB1, "policy allow");
    router.ifup("wwan");
    router.run_until_up("wwan", 20_000);
    router.tell(USB1, "data off");
    let steps = steps(&mut router, 60 * MINUTE_MS);
    let mut names: Vec<&str> = steps.iter().map(|(_, step)| step.as_str()).collect();
    names.dedup();
    assert_eq!(names[..3], ["radio", "reset", "usb"], "{steps:?}");
    router.tell(USB1, "data on");
    router.run_for(2 * HOUR_MS);
    assert!(router.is_up("wwan"));
    let lost = router.times("wwan link lost").last().copied().unwrap();
    assert!(router.now_ms() - lost > HOUR_MS / 2, "{lost}");
}

#[test]
fn a_modem_is_restarted_at_its_time_of_day_and_once_a_day() {
    let mut router = Router::new();
    router.clock_secs = 22 * 3600;
    router.configure("config modem\n option match 'usb:1-1'\n option restart_time '03:00'\n");
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 5_000);
    router.run_until(5 * HOUR_MS - 1_000);
    assert_eq!(router.modem(USB1).stats().resets, 0);
    router.run_until(5 * HOUR_MS + MINUTE_MS);
    assert_eq!(router.modem(USB1).stats().resets, 1);
    assert!(router.is_up("wwan"));
    assert_eq!(router.count("wwan error", 0), 1, "it was gone for a moment: NO_DEVICE");
    router.run_until(5 * HOUR_MS + 48 * HOUR_MS + MINUTE_MS);
    assert_eq!(router.modem(USB1).stats().resets, 3);
    assert!(router.is_up("wwan"));
}

#[test]
fn a_wall_clock_that_is_set_makes_no_second_restart() {
    let mut router = Router::new();
    router.clock_secs = 3 * 3600 - 300;
    router.configure("config modem\n option match 'usb:1-1'\n option restart_time '03:00'\n");
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.at(2_000).ifup("wwan");
    router.run_until(400_000);
    assert_eq!(router.modem(USB1).stats().resets, 1);
    router.clock_secs -= 3600;
    router.run_until(400_000 + HOUR_MS);
    assert_eq!(router.modem(USB1).stats().resets, 1);
}

#[test]
fn a_silent_modem_that_does_not_hear_of_a_reset_is_back_soon_after_its_return() {
    let mut router = refused("", " list recover 'reset'\n");
    router.tell(USB1, "policy allow");
    router.run_until_up("wwan", 20_000);
    router.tell(USB1, "silence on");
    router.run_until_so("reset", 5 * MINUTE_MS, |router| {
        router.count("usb:1-1 recovering: modem_reset", 0) > 0
    });
    router.run_for(20_000);
    router.tell(USB1, "silence off");
    router.run_until_up("wwan", 5_000);
}
