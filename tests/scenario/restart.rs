//! The daemon, netifd and the router restart; the configuration changes.

use super::USB1;
use super::invariants::{clients, clients_at_rest};
use super::router::Router;

fn connected(settings: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, settings);
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 60_000);
    router
}

fn starts(router: &Router) -> u64 {
    router.modem(USB1).stats().starts()
}

#[test]
fn a_new_daemon_goes_on_with_the_connection_of_the_one_before() {
    for latency in [0, 50] {
        let mut router = connected(&format!("latency={latency}"));
        let before = starts(&router);
        router.at(30_000).restart_daemon();
        router.run_until(60_000);
        assert_eq!(router.count("wwan link lost", 0), 0);
        assert_eq!(router.count("wwan setup", 30_000), 0);
        assert_eq!(starts(&router), before);
        assert!(router.is_up("wwan"));
        assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
        assert_eq!(router.state(USB1), "connected");
        // And it is in charge: it hears of the end, and it hangs up.
        router.at(70_000).tell(USB1, "drop all");
        assert_eq!(router.when("wwan link lost", 70_000), Some(70_000));
        router.run_until_up("wwan", 2_000);
        router.at(80_000).ifdown("wwan");
        router.run_until(90_000);
        assert!(router.modem(USB1).world.network.bearers.is_empty());
        assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
    }
}

#[test]
fn a_new_daemon_finds_that_the_connection_ended_and_redials() {
    let mut router = connected("bearer=100");
    router.at(30_000).kill_daemon();
    router.at(31_000).tell(USB1, "drop all");
    router.at(32_000).start_daemon();
    assert_eq!(router.when("wwan link lost", 32_000), Some(32_000));
    router.run_until_up("wwan", 2_000);
    router.run_until(60_000);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_new_daemon_tells_what_changed_while_there_was_none() {
    let mut router = connected("");
    router.at(30_000).kill_daemon();
    router.at(31_000).tell(USB1, "address v4");
    router.tell(USB1, "drop v6");
    router.at(32_000).start_daemon();
    router.run_until(33_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert!(router.addresses("wwan").starts_with("10.64.1.2/30"), "{}", router.addresses("wwan"));
}

#[test]
fn a_new_daemon_finds_its_modem_gone() {
    let mut router = connected("");
    router.at(30_000).kill_daemon();
    router.at(31_000).tell(USB1, "unplug");
    router.at(32_000).start_daemon();
    router.run_until(33_000);
    assert!(!router.is_up("wwan"));
    assert!(!router.netifd.interfaces["wwan"].available);
    router.at(60_000).tell(USB1, "replug 0");
    router.run_until_up("wwan", 3_000);
}

#[test]
fn a_new_daemon_serves_what_netifd_wants_up() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.kill_daemon();
    router.at(2_000).ifup("wwan");
    assert_eq!(router.error("wwan"), Some("NO_DAEMON"));
    router.at(10_000).start_daemon();
    router.run_until_up("wwan", 2_000);
}

#[test]
fn a_new_daemon_makes_available_what_the_one_before_did_not() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(2_000).ifup("wwan");
    assert!(!router.netifd.interfaces["wwan"].available);
    router.at(3_000).kill_daemon();
    router.at(4_000).plug(USB1, "");
    router.at(5_000).start_daemon();
    router.run_until_up("wwan", 2_000);
}

#[test]
fn a_daemon_that_is_killed_over_and_over_never_loses_the_link() {
    let mut router = connected("latency=30");
    for round in 0..50_u64 {
        router.run_for(round * 23 % 900);
        router.restart_daemon();
    }
    router.run_for(30_000);
    assert_eq!(router.count("wwan link lost", 0), 0, "{}", router.tail());
    assert_eq!(router.modem(USB1).world.network.bearers.len(), 2);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_daemon_that_is_killed_while_dialling_leaves_nothing_behind() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, "latency=30 bearer=300");
    router.ifup("wwan");
    for round in 0..50_u64 {
        router.run_for(round * 37 % 1_100);
        router.restart_daemon();
    }
    router.run_until_up("wwan", 30_000);
    router.run_for(30_000);
    assert_eq!(router.modem(USB1).world.network.bearers.len(), 2);
    // An id on its way from the modem when the daemon dies is known to nobody.
    let (held, needed) = (clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
    assert!(held.len() <= needed.len() + 1, "{held:?}");
}

#[test]
fn a_killed_daemon_leaves_a_teardown_to_the_next() {
    let mut router = connected("");
    router.at(30_000).kill_daemon();
    router.at(31_000).ifdown("wwan");
    router.at(32_000).start_daemon();
    router.run_until(60_000);
    assert!(router.modem(USB1).world.network.bearers.is_empty(), "{}", router.tail());
    assert!(!router.is_up("wwan"));
}

#[test]
fn netifd_that_restarts_is_given_the_connection_again() {
    let mut router = Router::new();
    router.auto_interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.ifup("wwan");
    let before = starts(&router);
    router.at(30_000).restart_netifd();
    router.run_until_up("wwan", 1_000);
    assert_eq!(starts(&router), before, "no redial");
}

#[test]
fn netifd_that_restarts_without_the_interface_ends_the_connection() {
    let mut router = connected("");
    router.at(30_000).restart_netifd();
    router.run_until(60_000);
    assert!(!router.is_up("wwan"));
    assert!(router.modem(USB1).world.network.bearers.is_empty(), "{}", router.tail());
}

#[test]
fn a_router_that_restarts_connects_by_itself() {
    let mut router = Router::new();
    router.auto_interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "");
    router.ifup("wwan");
    router.at(30_000).reboot();
    router.run_until_up("wwan", 5_000);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn a_change_of_configuration_touches_only_what_it_concerns() {
    let mut router = connected("");
    router.at(10_000).plug("usb:1-2", "");
    router.interface("wwanb", "apn=internet");
    router.ifup("wwanb");
    router.run_until_up("wwanb", 1_000);
    let quiet = "config modem 'm'\n option match 'usb:1-2'\n option signal_interval '60'\n";
    router.at(20_000).configure(quiet);
    router.run_until(30_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert_eq!(router.count("wwanb link lost", 0), 0);
    let modes = "config modem 'm'\n option match 'usb:1-2'\n list mode 'lte'\n";
    router.at(30_000).configure(modes);
    router.run_until(40_000);
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert!(router.is_up("wwanb"));
    assert_eq!(router.modem("usb:1-2").world.radio.mode_preference, 1 << 4);
    let sim = format!("{modes}config sim\n option imsi '*'\n option apn 'other'\n");
    router.at(50_000).configure(&sim);
    router.run_until(60_000);
    assert_eq!(router.count("wwan link lost", 0), 0, "the interface's own APN counts");
}

#[test]
fn the_apn_of_the_sim_s_profile_is_dialled_when_it_changes() {
    let mut router = Router::new();
    router.interface("wwan", "");
    router.plug(USB1, "iccid=8949020000012345678");
    router.ifup("wwan");
    assert!(router.is_up("wwan"));
    router.at(10_000).configure("config sim\n option iccid '8949*'\n option apn 'corporate'\n");
    router.run_until_up("wwan", 2_000);
    router.run_for(2_000);
    let bearers = &router.modem(USB1).world.network.bearers;
    assert!(bearers.iter().all(|bearer| bearer.apn == "corporate"), "{bearers:?}");
}

#[test]
fn a_modem_that_is_switched_off_by_configuration_is_left_alone_until_it_is_switched_on() {
    let mut router = connected("");
    router.at(10_000).configure("config modem\n option match 'usb:1-1'\n option enabled '0'\n");
    assert_eq!(router.when("wwan link lost", 10_000), Some(10_000));
    router.run_until(60_000);
    assert_eq!(router.error("wwan"), Some("MODEM_DISABLED"));
    assert_eq!(router.state(USB1), "disabled");
    assert!(router.modem(USB1).world.network.bearers.is_empty());
    router.restart_daemon();
    router.run_until(120_000);
    assert_eq!(router.state(USB1), "disabled");
    router.configure("");
    router.run_until_up("wwan", 5_000);
}

#[test]
fn a_reply_lost_while_a_connection_is_taken_over_does_not_end_it() {
    let mut lost = Vec::new();
    for reply in 1..=25 {
        let mut router = connected("latency=1");
        router.at(30_000).restart_daemon();
        router.run_until(30_000 + reply);
        router.tell(USB1, "lose 1");
        router.run_until(120_000);
        if router.count("wwan link lost", 0) > 0 {
            lost.push(reply);
        }
    }
    assert_eq!(lost, [0; 0], "replies that must not be lost");
}

#[test]
fn a_port_that_does_not_open_any_more_ends_what_an_earlier_daemon_had_up() {
    let mut router = connected("");
    router.kill_daemon();
    router.refused_port = Some("cdc-wdm0".into());
    router.start_daemon();
    router.run_for(2_000);
    assert!(router.is_up("wwan"), "it may have been a moment only");
    router.run_for(10_000);
    assert!(!router.is_up("wwan"));
    router.refused_port = None;
    router.run_until_up("wwan", 75_000);
}

#[test]
fn an_interface_that_was_blocked_while_there_was_no_bus_is_blocked_once_there_is() {
    let mut router = connected("pin=1234");
    router.at(30_000).restart_ubusd(10_000);
    router.tell(USB1, "sim puk");
    router.at(60_000);
    assert!(!router.is_up("wwan"));
    assert!(!router.netifd.interfaces["wwan"].autostart);
}

#[test]
fn a_new_daemon_tells_that_the_connection_ended_even_while_the_sim_starts() {
    let mut router = connected("simready=20000");
    router.at(60_000).kill_daemon();
    router.tell(USB1, "sim notready 60000");
    router.at(61_000).start_daemon();
    router.run_until(62_000);
    assert!(!router.is_up("wwan"));
}

#[test]
fn an_address_that_changed_while_there_was_no_bus_is_told_as_soon_as_there_is() {
    let mut router = connected("");
    router.at(30_000).restart_ubusd(40_000);
    router.at(31_000).tell(USB1, "address v4");
    router.at(70_000);
    assert!(router.addresses("wwan").starts_with("10.64.1.2/30"), "{}", router.addresses("wwan"));
}

#[test]
fn a_link_that_went_with_its_modem_while_there_was_no_bus_is_down_once_there_is() {
    let mut router = connected("latency=1000");
    router.at(60_000).restart_ubusd(10_000);
    router.at(61_000).tell(USB1, "replug 1000");
    router.at(70_000);
    assert!(!router.is_up("wwan"), "the modem is still being asked");
    router.run_until_up("wwan", 60_000);
}

#[test]
fn an_interface_that_was_set_up_anew_while_there_was_no_bus_is_connected() {
    let mut router = connected("latency=500");
    router.at(60_000).ifdown("wwan");
    router.restart_ubusd(100);
    router.at(60_050).ifup("wwan");
    router.run_until_up("wwan", 60_000);
}

#[test]
fn a_call_that_was_not_taken_over_is_given_back() {
    let mut router = connected("latency=100");
    router.at(30_000).restart_daemon();
    // Past the first answer, which finds the modem, and into the second, about the call.
    router.run_for(150);
    router.suspend(60_000);
    router.run_until_up("wwan", 60_000);
    router.run_for(60_000);
    assert_eq!(clients(router.modem(USB1)), clients_at_rest(router.modem(USB1)));
}

#[test]
fn netifd_that_restarts_with_other_options_is_not_told_that_the_old_link_is_up() {
    let mut router = Router::new();
    router.auto_interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "bearer=1000");
    router.ifup("wwan");
    router.run_until_up("wwan", 60_000);
    router.auto_interface("wwan", "apn=corporate");
    router.at(30_000).restart_netifd();
    assert!(!router.is_up("wwan"), "it is dialled anew");
    router.run_until_up("wwan", 10_000);
}
