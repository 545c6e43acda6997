//! The daemon dies, the bus dies, the modem falls silent.

use super::{MODEM, SECOND, WAN, connect, on_a_router, ping_through, steps};
use crate::router::LIMIT;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt as _;

/// WDS start network.
const START_NETWORK: (u8, u16) = (1, 0x0020);

#[test]
fn a_new_daemon_adopts_the_connection_of_a_killed_one() {
    on_a_router("adopt", |router| {
        connect(router);
        let before = router.modems.stats(0).unwrap();
        let addresses = router.wait_up(WAN).unwrap();
        let mark = router.journal.mark();
        router.daemon.kill();
        ping_through("wwan0");
        router.start_daemon().unwrap();
        router.wait_state(MODEM, "connected").unwrap();
        ping_through("wwan0");
        let after = router.modems.stats(0).unwrap();
        let starts =
            |stats: &crate::router::modems::Stats| stats.qmi(START_NETWORK.0, START_NETWORK.1);
        assert!(starts(&before) > 0);
        assert_eq!(starts(&after), starts(&before), "it dialled anew");
        let wds = |stats: &crate::router::modems::Stats| {
            let ids =
                stats.client_ids().split("],[").map(|id| id.trim_matches(['[', ']']).to_owned());
            ids.filter(|id| id.starts_with("1,")).collect::<Vec<_>>()
        };
        assert_eq!(wds(&after), wds(&before), "the clients that hold the bearers");
        assert!(
            after.client_ids().matches(',').count() <= before.client_ids().matches(',').count()
        );
        let gone = |what: &String| ["link lost", "down", "teardown"].contains(&what.as_str());
        assert!(!steps(router, mark).iter().any(gone), "{:?}", steps(router, mark));
        let now = router.wait_up(WAN).unwrap();
        assert_eq!(now.get_array("ipv4-address"), addresses.get_array("ipv4-address"));
        // It is the new one's own now: it hears when the network ends it.
        router.modems.say("0 drop all").unwrap();
        router.journal.wait("netifd", "link lost", mark).unwrap();
        router.journal.wait("netifd", "up", mark).unwrap();
        ping_through("wwan0");
    });
}

#[test]
fn a_fault_of_the_program_is_logged_with_its_place() {
    on_a_router("fault", |router| {
        let ended = router.daemon.end_with(Signal::ILL).unwrap();
        assert_eq!(ended.signal(), Some(libc::SIGILL));
        let log = router.daemon.log();
        assert!(log.contains("ltewan: fault 0x04 at 0x"), "{log}");
        router.start_daemon().unwrap();
    });
}

#[test]
fn a_daemon_that_is_told_to_stop_leaves_the_connection_up() {
    on_a_router("stop", |router| {
        connect(router);
        let mark = router.journal.mark();
        assert!(router.daemon.stop().unwrap().success());
        ping_through("wwan0");
        router.start_daemon().unwrap();
        router.wait_state(MODEM, "connected").unwrap();
        let gone = |what: &String| ["link lost", "down", "teardown"].contains(&what.as_str());
        assert!(!steps(router, mark).iter().any(gone), "{:?}", steps(router, mark));
    });
}

#[test]
fn a_connection_outlives_the_bus() {
    on_a_router("no-bus", |router| {
        connect(router);
        let requests = router.modems.stats(0).unwrap().qmi(START_NETWORK.0, START_NETWORK.1);
        let mark = router.journal.mark();
        for _ in 0..3 {
            router.broker.kill();
            ping_through("wwan0");
            router.broker.start_again().unwrap();
            let mut client = router.client().unwrap();
            client.wait_for_daemon(LIMIT).unwrap();
            let netifd = "network.interface";
            let args = ltewan::types::Table::new().with("interface", WAN);
            client
                .until(LIMIT, "netifd", |client| {
                    client.ask(netifd, "status", &args, SECOND).ok().and_then(Result::ok)
                })
                .unwrap();
            ping_through("wwan0");
        }
        assert_eq!(router.modems.stats(0).unwrap().qmi(START_NETWORK.0, START_NETWORK.1), requests);
        let gone = |what: &String| ["link lost", "down", "teardown"].contains(&what.as_str());
        assert!(!steps(router, mark).iter().any(gone), "{:?}", steps(router, mark));

        // Everything works as before: notifications both ways.
        let mut client = router.client().unwrap();
        client.subscribe("ltewan");
        client.until(LIMIT, "subscription", |client| client.notices.pop_front()).unwrap();
        router.modems.say("0 drop all").unwrap();
        router.journal.wait("netifd", "link lost", mark).unwrap();
        router.journal.wait("netifd", "up", mark).unwrap();
        let is_connected = |notice: &crate::router::client::Notice| {
            matches!(notice, crate::router::client::Notice::Said { kind, data }
                if kind == "state" && data.get_str("to") == Some("connected"))
        };
        client
            .until(LIMIT, "notification", |client| {
                client.notices.drain(..).any(|notice| is_connected(&notice)).then_some(())
            })
            .unwrap();
    });
}

#[test]
fn teardown_is_answered_in_time_by_a_silent_modem() {
    for fault in ["silence", "hang"] {
        on_a_router(fault, |router| {
            connect(router);
            router.modems.say(&format!("0 {fault} on")).unwrap();
            let mark = router.journal.mark();
            let began = router.journal.now();
            router.ifdown(WAN).unwrap();
            let down = router.journal.wait("netifd", "down", mark).unwrap();
            assert!(down.at - began < SECOND * 5, "{:?}", down.at - began);
            assert_eq!(steps(router, mark), ["ifdown", "teardown", "down"], "not killed by netifd");
            // And it comes back by itself once the modem does.
            router.ifup(WAN).unwrap();
            router.modems.say(&format!("0 {fault} off")).unwrap();
            router.wait_up(WAN).unwrap();
            ping_through("wwan0");
        });
    }
}
