//! Three deliberate mistakes, each seen by the checker that is there for it.

use super::{Options, fleet};
use crate::virtual_router::sabotage::Sabotage;

/// How many seeds a mistake may take to be seen.
const SEEDS_MAX: u64 = 200;

/// The checkers that fire first, over the seeds that any does.
fn seen(sabotage: Sabotage) -> Vec<(u64, String)> {
    let options = Options { sabotage: Some(sabotage), ..Options::default() };
    let checker = |message: String| {
        let name = message.strip_prefix('[').and_then(|rest| rest.split(']').next());
        name.unwrap_or(&message).to_owned()
    };
    let quick = (0..SEEDS_MAX).filter(|seed| !super::is_quiet(*seed));
    let failing = quick.filter_map(|seed| Some((seed, checker(fleet::walk(seed, options).err()?))));
    failing.take(3).collect()
}

fn assert_seen(sabotage: Sabotage, checker: &str) {
    let seen = seen(sabotage);
    assert_eq!(seen.len(), 3, "{sabotage:?}: {seen:?}");
    assert!(seen.iter().all(|(_, by)| by == checker), "{sabotage:?}: {seen:?}");
}

#[test]
fn a_pin_sent_twice_is_seen() {
    assert_seen(Sabotage::PinTwice, "a_pin_is_sent_once");
}

#[test]
fn a_client_id_that_is_not_given_back_is_seen() {
    assert_seen(Sabotage::ForgetClients, "client_ids_are_given_back");
}

#[test]
fn a_link_that_netifd_believes_up_is_seen() {
    assert_seen(Sabotage::KeepLinkUp, "up_means_a_live_bearer");
}
