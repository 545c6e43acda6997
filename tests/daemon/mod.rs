//! The daemon's own program with everything around it: bus, netifd, modems on ptys, real packets.
//!
//! Each test has a network namespace, which takes root; where there is none to be had the tests
//! pass over themselves, but not under `CI`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test that passes over itself says so")]

mod check;
mod connection;
mod faults;
mod hooks;
mod leds;
mod many;
mod metrics;
mod pty;
mod secrets;
mod slots;
mod sms;
mod speed;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use ltewan::time::Duration;

use crate::demo;
use crate::router::journal::Journal;
use crate::router::{Plan, Router, namespace, probe};

const WAN: &str = "wan4g";
const MODEM: &str = "usb:1-1";
const HOSTS: [&str; 2] = ["192.0.2.1", "2001:db8::1"];
const SECOND: Duration = Duration::from_secs(1);

/// Runs `body` in a network namespace, if there is one to be had.
fn in_namespace(name: &str, body: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| match namespace::enter_thread() {
            Ok(()) => body(),
            Err(error) if std::env::var_os("CI").is_some() => panic!("no namespace: {error}"),
            Err(error) => println!("{name} passes over itself: no network namespace: {error}"),
        });
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Runs `body` with a router without a modem.
fn on_a_router(name: &str, body: impl FnOnce(&mut Router) + Send) {
    on_router_with(name, |_| {}, body);
}

/// The same, with another plan.
fn on_router_with(
    name: &str,
    change: impl FnOnce(&mut Plan) + Send,
    body: impl FnOnce(&mut Router) + Send,
) {
    in_namespace(name, || {
        let mut plan = Plan::new(name).unwrap();
        change(&mut plan);
        let mut router = Router::start(plan, Journal::new(None)).unwrap();
        body(&mut router);
        assert_eq!(router.daemon.ended(), None, "{}", router.daemon.log_tail(25));
        assert!(!router.daemon.has_had_children(), "the daemon started a process");
    });
}

/// Plugs the first modem in and takes the interface up.
fn connect(router: &Router) {
    router.modems.say("plug 0").unwrap();
    router.wait_state(MODEM, "registered").unwrap();
    router.ifup(WAN).unwrap();
    router.wait_up(WAN).unwrap();
    router.wait_state(MODEM, "connected").unwrap();
}

/// Packets get through, over both families.
fn ping_through(device: &str) {
    for host in HOSTS {
        probe::ping(device, host.parse::<IpAddr>().unwrap(), SECOND * 10).unwrap();
    }
}

/// What netifd did since a mark.
fn steps(router: &Router, mark: usize) -> Vec<String> {
    let entries = router.journal.since(mark).into_iter();
    entries.filter(|entry| entry.who == "netifd").map(|entry| entry.what).collect()
}

#[test]
fn demo_runs() {
    in_namespace("demo_runs", || {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let shown = Arc::clone(&lines);
        let print = move |line: &str| shown.lock().unwrap().push(line.to_owned());
        let dir = Plan::new("demo-test").unwrap().dir;
        let result = demo::run(dir.clone(), demo::Screen::new(false, Box::new(print)));
        let text = lines.lock().unwrap().join("\n");
        result.unwrap_or_else(|error| panic!("{text}\n{error}"));
        for part in ["> ifup wan4g", "You are online.", "link lost", "On a router"] {
            assert!(text.contains(part), "'{part}' is missing:\n{text}");
        }
        assert!(!dir.exists());
    });
}
