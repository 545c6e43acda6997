//! What the router's scripts are told of the modems, and what its LEDs show.

use super::router::Router;
use super::{USB1, connected as router};

#[test]
fn scripts_hear_of_modems_and_of_their_states() {
    let mut router = router("");
    let first = "hotplug ACTION=modem EVENT=added MODEM=usb:1-1";
    assert_eq!(router.when(first, 0), Some(1_000));
    let up = "hotplug ACTION=state FROM=connecting STATE=connected CAUSE=connected INTERFACE=wwan \
              MODEM=usb:1-1";
    assert_eq!(router.count(up, 0), 1, "{}", router.tail());
    router.at(10_000).tell(USB1, "unplug");
    let gone = "hotplug ACTION=state FROM=recovering STATE=absent CAUSE=unplugged INTERFACE=wwan \
                MODEM=usb:1-1";
    assert_eq!(router.when(gone, 0), Some(10_000));
    assert_eq!(router.count("hotplug ACTION=modem EVENT=removed INTERFACE=wwan", 0), 1);
}

#[test]
fn a_modem_that_comes_and_goes_does_not_keep_the_router_busy_with_scripts() {
    let mut router = router("");
    router.run_until(100_000);
    for _ in 0..100 {
        router.tell(USB1, "replug 100");
        router.run_for(200);
    }
    let told = router.times("hotplug ACTION=").iter().filter(|at| **at >= 100_000).count();
    println!("{told} scripts for 100 replugs in 20 s");
    assert!((60..=82).contains(&told), "{told}");
    // When it is quiet again everything is told.
    router.run_for(120_000);
    let before = router.now_ms();
    router.tell(USB1, "unplug");
    assert_eq!(router.count("hotplug ACTION=modem EVENT=removed", before), 1);
}

const LEDS: &str = "config led\n option led 'green:lte'\n\
    config led\n option led 'green:signal1'\n option show 'signal'\n option from '10'\n\
    config led\n option led 'green:signal3'\n option show 'signal'\n option from '90'\n\
    config led\n option led 'green:data'\n option show 'traffic'\n option modem 'usb:1-1'\n";

#[test]
fn leds_show_state_signal_and_traffic_and_are_given_back() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.configure(LEDS);
    assert_eq!(router.story("led", 0).len(), 4, "all are off");
    router.at(1_000).plug(USB1, "bearer=500");
    router.at(2_000).ifup("wwan");
    assert_eq!(router.count("led green:lte Some(Blink)", 2_000), 1, "{}", router.tail());
    router.run_until_up("wwan", 60_000);
    router.run_until(60_000);
    assert_eq!(router.count("led green:lte Some(On)", 0), 1);
    assert_eq!(router.count("led green:data Some(Traffic(\"wwan0\"))", 0), 1);
    assert_eq!(router.count("led green:signal1 Some(On)", 0), 1);
    let before = router.story("led", 0).len();
    router.run_until(600_000);
    assert_eq!(router.story("led", 0).len(), before, "only what changes is written");
    router.tell(USB1, "signal -110 -20 -125 -100");
    router.run_for(11_000);
    assert_eq!(router.count("led green:signal1 Some(Off)", 600_000), 1);
    router.configure(&LEDS.replace("'green:data'", "'green:other'"));
    assert_eq!(router.count("led green:data None", 600_000), 1);
    let end = router.now_ms();
    router.end_daemon();
    for led in ["lte", "signal1", "signal3", "other"] {
        assert_eq!(router.count(&format!("led green:{led} None"), end), 1, "{led}");
    }
}
