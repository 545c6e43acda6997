//! The serial port that speaks AT, found among others and after a while.

use super::router::Router;
use super::{USB1, connected};

/// The name of the port in use.
fn at_port(router: &mut Router) -> Option<String> {
    let status = router.status();
    Some(status[0].get_table("ports")?.get_str("at")?.to_owned())
}

#[test]
fn the_port_that_speaks_at_is_found_among_others() {
    // The known interface is asked first; where it does not answer, the others are.
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.refused_port = Some("ttyUSB2".to_owned());
    router.plug(USB1, "front=at dialect=quectel");
    router.ifup("wwan");
    router.run_until_up("wwan", 60_000);
    assert_eq!(at_port(&mut router).as_deref(), Some("ttyUSB3"));
}

#[test]
fn ports_whose_nodes_are_made_one_by_one_are_all_asked() {
    for settings in ["", "front=mbim", "front=at dialect=quectel"] {
        let mut router = Router::new();
        router.refused_port = Some("ttyUSB3".to_owned());
        router.at(1_000).plug_in_parts(USB1, settings, 2, 300);
        router.run_until(3_000);
        assert_eq!(at_port(&mut router).as_deref(), Some("ttyUSB2"), "{settings}");
    }
}

#[test]
fn ports_that_cannot_be_opened_yet_are_asked_again() {
    let mut router = Router::new();
    router.refused_port = Some("ttyUSB".to_owned());
    router.at(1_000).plug(USB1, "");
    router.run_until(40_000);
    assert_eq!(at_port(&mut router), None);
    router.refused_port = None;
    router.run_until(80_000);
    assert_eq!(at_port(&mut router).as_deref(), Some("ttyUSB2"));
}

#[test]
fn a_modem_that_is_too_early_for_its_at_ports_is_asked_again() {
    let mut router = Router::new();
    router.kill_daemon();
    router.plug(USB1, "");
    router.tell(USB1, "silence on");
    router.start_daemon();
    router.run_until(80_000);
    assert_eq!(at_port(&mut router), None);
    router.tell(USB1, "silence off");
    router.run_until(160_000);
    assert!(at_port(&mut router).is_some());
}

#[test]
fn an_at_port_that_fails_is_opened_again_and_the_connection_goes_on() {
    let mut router = connected("");
    // One after the other.
    router.at(30_000).fail_at_port(USB1);
    router.at(31_000).fail_at_port(USB1);
    assert_eq!(at_port(&mut router), None);
    router.run_until(100_000);
    assert!(at_port(&mut router).is_some(), "{}", router.tail());
    assert_eq!(router.count("wwan link lost", 0), 0);
}

#[test]
fn a_modem_with_no_port_that_speaks_at_is_left_alone_in_the_end() {
    let mut router = Router::new();
    router.refused_port = Some("ttyUSB".to_owned());
    router.at(1_000).plug(USB1, "");
    router.run_until(6 * 3_600_000);
    router.refused_port = None;
    router.run_until(7 * 3_600_000);
    assert_eq!(at_port(&mut router), None);
}
