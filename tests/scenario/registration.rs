//! Finding a network, being refused by one, roaming.

use super::USB1;
use super::router::Router;

fn router(interface: &str, modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", interface);
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router
}

#[test]
fn a_search_is_waited_for_without_an_error() {
    let mut router = router("apn=internet", "reg=20000");
    router.run_until_up("wwan", 19_500);
    assert_eq!(router.now_ms(), 21_000);
    assert_eq!(router.count("wwan error", 0), 0);
}

#[test]
fn a_radio_that_is_off_is_switched_on() {
    let mut router = router("apn=internet", "mode=low");
    router.run_until_up("wwan", 1_000);
}

#[test]
fn no_network_is_an_error_after_a_minute_and_is_waited_for() {
    let mut router = router("apn=internet", "coverage=none");
    router.run_until(400_000);
    let story = router.story("wwan", 0);
    assert_eq!(story, ["2000 setup", "61000 error NETWORK_REGISTRATION_FAILED"]);
    router.tell(USB1, "coverage home");
    router.run_until_up("wwan", 1_000);
    assert_eq!(router.error("wwan"), None);
}

#[test]
fn a_refused_registration_is_told_and_a_later_one_connects() {
    let mut router = router("apn=internet", "coverage=15");
    router.run_until(300_000);
    assert_eq!(router.story("wwan", 0), ["2000 setup", "2000 error NETWORK_NOT_ALLOWED"]);
    assert_eq!(router.status()[0].get_str("detail"), Some("reject cause 15"));
    router.tell(USB1, "register");
    router.run_until_up("wwan", 1_000);
    assert_eq!(router.error("wwan"), None);
}

#[test]
fn roaming_connects_only_when_allowed() {
    let mut router = router("apn=internet", "coverage=roaming");
    router.run_until(300_000);
    assert_eq!(router.story("wwan", 0), ["2000 setup", "2000 error ROAMING_NOT_ALLOWED"]);
    assert!(router.modem(USB1).world.network.bearers.is_empty());
    router.interface("wwan", "apn=internet allow_roaming=1");
    router.ifup("wwan");
    router.run_until_up("wwan", 1_000);
}

#[test]
fn coming_home_connects_what_roaming_did_not() {
    let mut router = router("apn=internet", "coverage=roaming");
    router.at(60_000).tell(USB1, "coverage home");
    router.run_until_up("wwan", 1_000);
}

#[test]
fn lost_coverage_takes_the_link_down_and_its_return_connects() {
    let mut router = router("apn=internet", "");
    router.at(30_000).tell(USB1, "coverage none");
    assert_eq!(router.when("wwan link lost", 30_000), Some(30_000));
    router.at(200_000).tell(USB1, "coverage home");
    router.run_until_up("wwan", 1_000);
}

#[test]
fn the_chosen_network_is_the_one_registered_with() {
    let mut router = router("apn=internet plmn=26202", "");
    router.run_until_up("wwan", 10_000);
    assert_eq!(router.modem(USB1).world.radio.manual_plmn, Some((262, 2)));
    router.interface("wwan", "apn=internet plmn=26201");
    router.at(60_000).ifup("wwan");
    router.run_until(180_000);
    assert_eq!(router.error("wwan"), Some("NETWORK_REGISTRATION_FAILED"));
    router.interface("wwan", "apn=internet");
    router.ifup("wwan");
    router.run_until_up("wwan", 10_000);
    assert_eq!(router.modem(USB1).world.radio.manual_plmn, None);
}

#[test]
fn the_chosen_technologies_are_the_ones_allowed() {
    let mut router = router("apn=internet modes=lte", "");
    router.run_until_up("wwan", 10_000);
    assert_eq!(router.modem(USB1).world.radio.mode_preference, 1 << 4);
}
