//! The SIM: its PIN, its absence, its slowness.

use super::USB1;
use super::router::Router;

/// How often PINs were tried on the SIM, and how often they were wrong.
fn attempts(router: &Router) -> (u64, u64) {
    let uicc = &router.modem(USB1).world.uicc;
    (uicc.pin_attempts, uicc.pin_rejections)
}

fn router(interface: &str, modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", interface);
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router
}

#[test]
fn the_configured_pin_unlocks_the_sim_at_the_first_attempt() {
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234");
    router.run_until_up("wwan", 1_000);
    assert_eq!(attempts(&router), (1, 0));
    router.at(60_000).restart_daemon();
    router.at(120_000).tell(USB1, "replug 3000");
    router.run_until_so("gone", 100, |router| !router.is_up("wwan"));
    router.run_until_up("wwan", 6_000);
    assert_eq!(attempts(&router), (2, 0), "a restarted modem asks anew");
}

#[test]
fn a_wrong_pin_costs_one_attempt_whatever_is_restarted() {
    let mut router = router("apn=internet pincode=9999", "sim=pin pin=1234");
    assert_eq!(attempts(&router), (1, 1));
    assert_eq!(
        router.story("wwan", 2_000),
        [
            "2000 setup",
            "2000 error PIN_FAILED",
            "2000 block",
            "2000 setup failed",
            "2000 teardown",
            "2000 is down",
        ]
    );
    for _ in 0..20 {
        router.run_for(5_000);
        router.restart_daemon();
        router.ifup("wwan");
    }
    router.run_for(5_000);
    router.reboot();
    router.run_for(5_000);
    router.ifup("wwan");
    router.tell(USB1, "replug 2000");
    router.run_for(60_000);
    router.ifup("wwan");
    router.run_for(60_000);
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"));
    assert_eq!(attempts(&router), (1, 1));
    assert_eq!(router.modem(USB1).world.uicc.pin_retries, 2);
}

#[test]
fn another_pin_after_a_wrong_one_is_tried_and_connects() {
    let mut router = router("apn=internet pincode=9999", "sim=pin pin=1234");
    router.interface("wwan", "apn=internet pincode=1234");
    router.at(10_000).ifup("wwan");
    router.run_until_up("wwan", 1_000);
    assert_eq!(attempts(&router), (2, 1));
}

#[test]
fn a_sim_that_wants_a_pin_waits_until_one_is_configured() {
    let mut router = router("apn=internet", "sim=pin pin=1234");
    router.run_until(60_000);
    assert_eq!(router.state(USB1), "locked");
    assert_eq!(router.story("wwan", 0), ["2000 setup", "2000 error PIN_NOT_SPECIFIED"]);
    router.interface("wwan", "apn=internet pincode=1234");
    router.at(70_000).ifup("wwan");
    router.run_until_up("wwan", 1_000);
    assert_eq!(attempts(&router), (1, 0));
}

#[test]
fn a_pin_comes_from_the_profile_of_the_sim() {
    let mut router = router("apn=internet", "sim=pin pin=1234 iccid=8949020000012345678");
    assert_eq!(router.error("wwan"), Some("PIN_NOT_SPECIFIED"));
    router.at(10_000).configure("config sim\n option iccid '8949*'\n option pincode '1234'\n");
    router.run_until_up("wwan", 1_000);
    assert_eq!(attempts(&router), (1, 0));
}

#[test]
fn the_last_attempt_is_left_to_the_owner() {
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234 retries=1");
    router.run_until(600_000);
    assert_eq!(router.error("wwan"), Some("PIN_TRIES_BELOW_LIMIT"));
    assert_eq!(router.count("wwan block", 0), 1);
    assert_eq!(attempts(&router), (0, 0));
}

#[test]
fn a_sim_that_wants_its_puk_is_left_alone() {
    let mut router = router("apn=internet pincode=1234", "sim=puk");
    router.run_until(600_000);
    assert_eq!(router.error("wwan"), Some("PUK_NEEDED"));
    assert_eq!(router.count("wwan block", 0), 1);
    assert_eq!(attempts(&router), (0, 0));
    assert_eq!(router.modem(USB1).world.uicc.puk_attempts, 0);
}

#[test]
fn a_sim_that_its_owner_unlocked_needs_nothing_more() {
    let mut router = router("apn=internet pincode=9999", "sim=pin pin=1234");
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"));
    router.at(10_000).tell(USB1, "sim ready");
    router.run_until_up("wwan", 1_000);
    assert_eq!(attempts(&router), (1, 1));
}

#[test]
fn a_dead_sim_blocks() {
    let mut router = router("apn=internet pincode=1234", "sim=blocked");
    router.run_until(60_000);
    assert_eq!(router.error("wwan"), Some("SIM_BLOCKED"));
    assert_eq!(router.state(USB1), "failed");
    assert_eq!(attempts(&router), (0, 0));
}

#[test]
fn a_sim_that_is_put_in_later_connects() {
    let mut router = router("apn=internet", "sim=absent");
    router.run_until(60_000);
    assert_eq!(router.story("wwan", 0), ["2000 setup", "2000 error SIM_NOT_INITIALIZED"]);
    assert_eq!(router.state(USB1), "failed");
    router.tell(USB1, "sim insert");
    router.run_until_up("wwan", 1_000);
    assert_eq!(router.error("wwan"), None);
}

#[test]
fn a_sim_that_is_pulled_takes_the_link_down_and_brings_it_back() {
    let mut router = router("apn=internet", "");
    router.at(30_000).tell(USB1, "sim absent");
    assert_eq!(router.when("wwan link lost", 30_000), Some(30_000));
    router.run_until(40_000);
    assert_eq!(router.error("wwan"), Some("SIM_NOT_INITIALIZED"));
    router.tell(USB1, "sim insert");
    router.run_until_up("wwan", 3_000);
}

#[test]
fn a_slow_sim_is_waited_for_without_an_error() {
    let mut router = router("apn=internet", "simready=5000");
    router.run_until_up("wwan", 4_500);
    assert_eq!(router.count("wwan error", 0), 0);
    assert!(router.now_ms() >= 6_000);
}

#[test]
fn a_slow_sim_with_a_pin_is_unlocked_once() {
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234 simready=5000");
    router.run_until_up("wwan", 4_500);
    assert_eq!(attempts(&router), (1, 0));
    assert_eq!(router.count("wwan error", 0), 0);
}

#[test]
fn a_sim_that_resets_itself_is_unlocked_again() {
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234");
    router.at(30_000).tell(USB1, "sim notready 2000");
    router.run_until(45_000);
    assert!(router.is_up("wwan"), "{}", router.tail());
    assert_eq!(attempts(&router), (2, 0));
}

#[test]
fn a_sim_that_resets_itself_before_it_was_ever_ready_is_unlocked_again() {
    for front in ["mbim", "qmi", "at"] {
        for right in [true, false] {
            let pincode = if right { "1234" } else { "9999" };
            let mut router = Router::new();
            router.interface("wwan", &format!("apn=internet pincode={pincode}"));
            let settings = format!("front={front} sim=pin pin=1234 latency=100");
            router.plug(USB1, &settings);
            router.ifup("wwan");
            let tried = |router: &Router| attempts(router).0 == 1;
            router.run_until_so("the PIN is tried", 20_000, tried);
            router.tell(USB1, "sim pin");
            router.run_for(3_600_000);
            assert_eq!(router.is_up("wwan"), right, "{front} {}", router.tail());
            assert_eq!(attempts(&router), if right { (2, 0) } else { (1, 1) }, "{front}");
        }
    }
}

#[test]
fn a_crash_between_offering_a_pin_and_its_verdict_costs_no_second_attempt() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet pincode=9999");
    router.plug(USB1, "sim=pin pin=1234 latency=100");
    router.ifup("wwan");
    let tried = |router: &Router| attempts(router) == (1, 1);
    router.run_until_so("the PIN is tried", 10_000, tried);
    for _ in 0..5 {
        router.restart_daemon();
        router.ifup("wwan");
        router.run_for(20_000);
    }
    assert_eq!(attempts(&router), (1, 1));
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"));
}

#[test]
fn a_pin_whose_verdict_was_lost_is_not_given_up_on() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet pincode=1234");
    router.plug(USB1, "sim=pin pin=1234");
    // The reply to VERIFY PIN, the next one there is.
    router.tell(USB1, "lose 1");
    router.ifup("wwan");
    router.run_until_up("wwan", 60_000);
    assert_eq!(attempts(&router).1, 0);
}

#[test]
fn a_pin_is_not_sent_when_that_it_is_cannot_be_noted() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet pincode=1234");
    router.flash_full = true;
    router.at(1_000).plug(USB1, "sim=pin pin=1234");
    router.at(2_000).ifup("wwan");
    router.run_until(30_000);
    assert_eq!(attempts(&router), (0, 0));
    assert_eq!(router.error("wwan"), Some("PIN_STATUS_FAILED"));
    router.flash_full = false;
    router.run_until_up("wwan", 60_000);
    assert_eq!(attempts(&router), (1, 0));
}

#[test]
fn a_refused_pin_is_put_right_in_the_sims_profile() {
    let mut router = Router::new();
    router.configure("config sim\n option iccid '8949*'\n option pincode '9999'\n");
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "sim=pin pin=1234");
    router.at(2_000).ifup("wwan");
    router.run_until(10_000);
    assert_eq!(attempts(&router), (1, 1));
    let cause = router.status()[0].get_str("cause").map(str::to_owned);
    assert_eq!(cause.as_deref(), Some("pin_rejected"), "also after netifd took it down");
    // Anything else that changes is no reason.
    router.configure("config sim\n option iccid '8949*'\n option pincode '9999'\n# x\n");
    router.run_until(20_000);
    assert_eq!(attempts(&router), (1, 1));
    router.configure("config sim\n option iccid '8949*'\n option pincode '1234'\n");
    router.run_until_up("wwan", 10_000);
    assert_eq!(attempts(&router), (2, 1));
}

#[test]
fn another_sim_ends_what_the_first_one_had_blocked() {
    let mut router = router("apn=internet pincode=9999", "sim=pin pin=1234");
    router.run_until(10_000);
    assert_eq!(router.error("wwan"), Some("PIN_FAILED"));
    router.tell(USB1, "unplug");
    router.run_for(5_000);
    router.plug(USB1, "sim=ready");
    router.run_until_up("wwan", 10_000);
}

#[test]
fn a_modem_that_fell_silent_over_a_pin_is_offered_it_once_it_answers() {
    for fault in ["silence", "hang"] {
        let mut router = Router::new();
        router.interface("wwan", "apn=internet pincode=1234");
        router.at(1_000).plug(USB1, "sim=pin pin=1234");
        router.at(2_000).tell(USB1, &format!("{fault} on"));
        router.ifup("wwan");
        router.run_until(60_000);
        assert_eq!(attempts(&router), (0, 0), "{fault}: the SIM never saw it");
        router.tell(USB1, &format!("{fault} off"));
        router.run_until_up("wwan", 30_000);
        assert_eq!(attempts(&router), (1, 0), "{fault}");
    }
}

#[test]
fn an_old_word_of_the_sim_does_not_undo_a_newer_one() {
    for lost in 1..=3 {
        let mut router =
            router("apn=internet pincode=1234", "sim=pin pin=1234 simready=9500 reg=5000");
        // Reading the ICCID of the SIM that has just become ready.
        router.at(9_900).tell(USB1, &format!("lose {lost}"));
        router.run_until_up("wwan", 60_000);
        assert_eq!(attempts(&router), (1, 0), "{lost} lost");
    }
}

#[test]
fn a_sim_that_is_pulled_while_its_pin_is_checked_is_offered_it_when_it_is_back() {
    let mut router =
        router("apn=internet pincode=1234", "sim=pin pin=1234 latency=200 simready=100");
    let tried = |router: &Router| attempts(router) == (1, 0);
    router.run_until_so("the PIN is tried", 10_000, tried);
    router.tell(USB1, "sim absent");
    router.run_for(20_000);
    router.tell(USB1, "sim insert");
    router.run_until_up("wwan", 60_000);
    assert_eq!(attempts(&router), (2, 0));
}
