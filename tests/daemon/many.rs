//! Many calls, and what they cost. `LTEWAN_STATUS_CALLS=100000` makes more than the default.

use std::collections::VecDeque;

use ltewan::io::clock;
use ltewan::types::Table;

use super::{connect, on_a_router};
use crate::router::LIMIT;
use crate::router::client::Client;

/// Calls under way at a time.
const DEPTH: usize = 32;
/// Before memory is looked at: buffers grow to their size.
const WARM_UP: usize = 2_000;
/// Growth that is the allocator's: a leak of 8 bytes a call would come to more.
const GROWTH_BYTES: u64 = 64 * 1024;

#[test]
fn many_status_calls_cost_no_memory() {
    let calls = std::env::var("LTEWAN_STATUS_CALLS").ok();
    let calls = calls.map_or(20_000, |calls| calls.parse().expect("a number of calls"));
    on_a_router("many", |router| {
        connect(router);
        let mut client = router.client().unwrap();
        call_status(&mut client, WARM_UP);
        let before = router.daemon.private_memory();
        let began = clock::now();
        call_status(&mut client, calls);
        let took = clock::now().saturating_since(began);
        let after = router.daemon.private_memory();
        println!(
            "{calls} status calls in {took:?}: {:?} each; private memory {before} -> {after} bytes",
            took / u32::try_from(calls).unwrap()
        );
        assert!(after <= before + GROWTH_BYTES, "{before} -> {after}");
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
