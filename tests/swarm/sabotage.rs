//! Deliberate mistakes, each seen by the checker that is there for it.

use super::dual::is_dual;
use super::{Options, fleet};
use crate::virtual_router::sabotage::Sabotage;

/// How many seeds a mistake may take to be seen.
const SEEDS_MAX: u64 = 200;

/// The same of those whose modem has two places for SIMs, of which there are few.
const DUAL_SEEDS_MAX: u64 = 1_000;

/// The checkers that fire first, over the seeds that any does.
fn seen(sabotage: Sabotage, seeds: impl Iterator<Item = u64>) -> Vec<(u64, String)> {
    let options = Options { sabotage: Some(sabotage), ..Options::default() };
    let checker = |message: String| {
        let name = message.strip_prefix('[').and_then(|rest| rest.split(']').next());
        name.unwrap_or(&message).to_owned()
    };
    let quick = seeds.filter(|seed| !super::is_quiet(*seed));
    let failing = quick.filter_map(|seed| Some((seed, checker(fleet::walk(seed, options).err()?))));
    failing.take(3).collect()
}

fn assert_seen(sabotage: Sabotage, checker: &str) {
    assert_among(0..SEEDS_MAX, sabotage, &[checker]);
}

/// The same, of a mistake that takes two SIMs.
fn assert_seen_of_two(sabotage: Sabotage, checkers: &[&str]) {
    assert_among((0..DUAL_SEEDS_MAX).filter(|seed| is_dual(*seed)), sabotage, checkers);
}

/// The first checker sees it, and none but these do so before.
fn assert_among(seeds: impl Iterator<Item = u64>, sabotage: Sabotage, checkers: &[&str]) {
    let seen = seen(sabotage, seeds);
    assert_eq!(seen.len(), 3, "{sabotage:?}: {seen:?}");
    let is_known = seen.iter().all(|(_, by)| checkers.contains(&by.as_str()));
    assert!(is_known && seen.iter().any(|(_, by)| by == checkers[0]), "{sabotage:?}: {seen:?}");
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

#[test]
fn a_pin_of_the_other_sim_is_seen() {
    assert_seen_of_two(Sabotage::SwapPins, &["a_pin_goes_to_its_own_sim"]);
}

#[test]
fn sims_tried_without_end_are_seen() {
    assert_seen_of_two(Sabotage::TrySims, &["slots_are_changed_rarely"]);
}

#[test]
fn a_quota_that_ends_nothing_is_seen() {
    // The model knows it too, where the modem was replugged since.
    let checkers = ["a_used_up_quota_ends_it", "the_model_holds"];
    assert_seen_of_two(Sabotage::OnlyWarn, &checkers);
}

#[test]
fn bytes_that_are_not_counted_are_seen() {
    assert_seen_of_two(Sabotage::CountHalf, &["bytes_are_counted"]);
}

#[test]
fn bytes_that_nobody_carried_are_seen() {
    assert_seen_of_two(Sabotage::CountOthers, &["usage_is_its_own"]);
}
