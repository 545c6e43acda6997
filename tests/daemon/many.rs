//! Many calls, and what they cost. `LTEWAN_STATUS_CALLS=100000` makes more than the default.

use std::collections::VecDeque;
use std::fs;

use ltewan::io::clock;
use ltewan::types::{Table, Value};

use super::{connect, on_a_router};
use crate::router::LIMIT;
use crate::router::client::Client;

/// Calls under way at a time.
const DEPTH: usize = 32;
/// Before memory is looked at: buffers grow to their size.
const WARM_UP: usize = 2_000;
/// Parts that the calls are made in. A leak grows memory in all of them; a buffer that a burst of
/// calls has made larger grows it once.
const PARTS: usize = 10;

/// Nearly the longest file that is read.
const CONFIG_BYTES: usize = 1_000_000;

#[test]
fn many_status_calls_cost_no_memory() {
    let calls = std::env::var("LTEWAN_STATUS_CALLS").ok();
    let calls = calls.map_or(20_000, |calls| calls.parse().expect("a number of calls"));
    on_a_router("many", |router| {
        connect(router);
        let mut client = router.client().unwrap();
        call_status(&mut client, WARM_UP);
        let mut memory = vec![router.daemon.private_memory()];
        let began = clock::now();
        for _ in 0..PARTS {
            call_status(&mut client, calls / PARTS);
            memory.push(router.daemon.private_memory());
        }
        let each = clock::now().saturating_since(began) / u32::try_from(calls).unwrap();
        println!("{calls} status calls, {each:?} each; private memory in bytes: {memory:?}");
        let grown = memory.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert!(grown <= PARTS / 2, "it grew {grown} times: {memory:?}");
    });
}

/// What takes long here is a configuration file that nobody has.
#[test]
fn what_holds_the_daemon_up_is_in_the_status() {
    on_a_router("turn", |router| {
        let longest = || {
            let status = router.status().unwrap();
            let daemon = status.get_table("daemon").cloned().unwrap();
            let millis = daemon.get("longest_turn_ms").cloned();
            let Some(Value::F64(millis)) = millis else { panic!("{daemon:?}") };
            (millis, daemon.get_str("longest_turn_step").unwrap().to_owned())
        };
        let (before, _) = longest();
        assert!(before > 0.0);
        let section = "config sim\n\toption iccid '8949*'\n\toption apn 'internet'\n";
        let text = section.repeat(CONFIG_BYTES / section.len());
        fs::write(router.dir.0.join("root/etc/config/ltewan"), text).unwrap();
        router.client().unwrap().call("ltewan", "reload", &Table::new(), LIMIT).unwrap();
        let (after, step) = longest();
        println!("longest turn {before} ms, then {after} ms by {step}");
        assert!(after > before, "{after} ms after {before} ms");
        assert_eq!(step, "read configuration");
        let is_logged = router.daemon.log().contains("the loop was held for");
        assert_eq!(is_logged, after > 50.0, "{after} ms");
    });
}

fn call_status(client: &mut Client, count: usize) {
    let args = Table::new();
    let mut under_way = VecDeque::new();
    let mut left = count;
    while left > 0 || !under_way.is_empty() {
        while left > 0 && under_way.len() < DEPTH {
            under_way.push_back(client.invoke("ltewan", "status", &args));
            left -= 1;
        }
        let Some(first) = under_way.pop_front() else { break };
        let answer = client.until(LIMIT, "answer", |client| client.take_answer(first)).unwrap();
        let status = answer.unwrap().unwrap();
        assert_eq!(status.get_array("modems").map(<[_]>::len), Some(1));
    }
}
