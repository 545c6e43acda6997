//! Modems that refuse a message, or leave it unanswered, which the simulated one never would.

use super::router::Router;
use super::{USB1, imei};
use crate::virtual_router::refusals::Refusals;

/// Messages by service and number.
const VERIFY_PIN: (u8, u16) = (0x0b, 0x26);
const SET_OPERATING_MODE: (u8, u16) = (0x02, 0x2e);
const GET_OPERATING_MODE: (u8, u16) = (0x02, 0x2d);
const PACKET_STATUS: (u8, u16) = (0x01, 0x22);
const CURRENT_SETTINGS: (u8, u16) = (0x01, 0x2d);
const SET_DATA_FORMAT: (u8, u16) = (0x1a, 0x20);
const GET_DATA_FORMAT: (u8, u16) = (0x1a, 0x21);
const SET_SELECTION: (u8, u16) = (0x03, 0x33);
const SIGNAL_INFO: (u8, u16) = (0x03, 0x4f);
const GET_REVISION: (u8, u16) = (0x02, 0x23);
const DMS_PIN_STATUS: (u8, u16) = (0x02, 0x2b);
const CARD_STATUS: (u8, u16) = (0x0b, 0x2f);

/// Errors of QMI.
const INTERNAL: u16 = 3;
const INVALID_CLIENT_ID: u16 = 7;
const MISSING_ARGUMENT: u16 = 17;

fn router(interface: &str, modem: &str, refused: &[((u8, u16), Option<u16>)]) -> Router {
    let mut router = Router::new();
    refused.iter().for_each(|(message, error)| router.refusals.add(*message, *error));
    router.interface("wwan", interface);
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router
}

#[test]
fn a_pin_refused_without_a_verdict_is_offered_ever_more_rarely() {
    let refused = [(VERIFY_PIN, Some(INTERNAL))];
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234 latency=20", &refused);
    router.run_until(12_000);
    assert!((1..=5).contains(&router.refusals.count(VERIFY_PIN)));
}

#[test]
fn a_pin_without_an_answer_is_not_offered_again() {
    let refused = [(VERIFY_PIN, None)];
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234 latency=20", &refused);
    router.run_until(600_000);
    assert_eq!(router.refusals.count(VERIFY_PIN), 1);
}

#[test]
fn a_radio_that_is_not_switched_on_at_once_is_switched_again() {
    let mut router = router("apn=internet", "mode=lowpower", &[(SET_OPERATING_MODE, None)]);
    router.run_until(20_000);
    assert_eq!(router.error("wwan"), Some("RADIO_FAILED"));
    router.refusals = Refusals::default();
    router.run_until_up("wwan", 60_000);
}

#[test]
fn a_call_whose_client_the_modem_has_forgotten_is_not_up() {
    let mut router = router("apn=internet", "", &[]);
    router.run_until_up("wwan", 10_000);
    router.refusals.add(PACKET_STATUS, Some(INVALID_CLIENT_ID));
    router.refusals.add(CURRENT_SETTINGS, Some(INVALID_CLIENT_ID));
    router.run_for(30_000);
    assert!(!router.is_up("wwan"));
}

#[test]
fn a_modem_that_refuses_a_data_format_is_asked_for_its_own() {
    let refused = [(SET_DATA_FORMAT, Some(MISSING_ARGUMENT))];
    let mut router = router("apn=internet", "", &refused);
    router.run_until_up("wwan", 10_000);
    assert_eq!(router.refusals.count(GET_DATA_FORMAT), 1);
}

#[test]
fn a_connection_ends_when_the_modem_begins_to_roam_and_may_not() {
    let mut router = router("apn=internet", "", &[]);
    router.run_until_up("wwan", 10_000);
    router.tell(USB1, "coverage roaming");
    router.run_for(1_000);
    assert!(!router.is_up("wwan"));
    assert_eq!(router.error("wwan"), Some("ROAMING_NOT_ALLOWED"));
    assert!(router.modem(USB1).world.network.bearers.is_empty());
}

#[test]
fn a_section_that_knows_its_modem_by_the_imei_counts() {
    let section = format!("config modem 'm'\n option match 'imei:{}'\n", imei(USB1));
    for (option, is_up) in [("option enabled '0'", false), ("list mode 'lte'", true)] {
        let mut router = Router::new();
        router.configure(&format!("{section} {option}\n"));
        router.interface("wwan", "apn=internet");
        router.at(1_000).plug(USB1, "");
        router.at(2_000).ifup("wwan");
        router.run_until(60_000);
        assert_eq!(router.is_up("wwan"), is_up, "{option}");
        assert_eq!(router.refusals.count(SET_SELECTION) > 0, is_up, "{option}");
    }
}

#[test]
fn a_question_that_the_modem_never_answers_holds_nothing_up_for_good() {
    for silent in [GET_REVISION, CARD_STATUS, SIGNAL_INFO, PACKET_STATUS] {
        let mut router = router("apn=internet", "", &[(silent, None)]);
        router.run_until_up("wwan", 60_000);
        let up = router.now_ms();
        router.run_for(300_000);
        assert_eq!(router.count("wwan link lost", up), 0, "{silent:x?}\n{}", router.tail());
    }
}

#[test]
fn a_sim_whose_state_uim_does_not_tell_is_read_over_dms() {
    let refused = [(CARD_STATUS, Some(INTERNAL))];
    let mut router = router("apn=internet pincode=1234", "sim=pin pin=1234", &refused);
    router.run_until_up("wwan", 10_000);
    assert_eq!(router.modem(USB1).world.uicc.pin_attempts, 1);
}

#[test]
fn a_sim_whose_state_nobody_tells_is_an_error_after_a_minute() {
    let refused = [(CARD_STATUS, Some(INTERNAL)), (DMS_PIN_STATUS, Some(INTERNAL))];
    let mut router = router("apn=internet", "", &refused);
    router.run_until(70_000);
    assert_eq!(router.error("wwan"), Some("SIM_NOT_INITIALIZED"));
    assert_eq!(router.state(USB1), "initializing");
    router.refusals = Refusals::default();
    router.run_until_up("wwan", 15_000);
}

#[test]
fn technologies_that_are_refused_are_told_asked_for_again_and_dialled_without() {
    let refused = [(SET_SELECTION, Some(INTERNAL))];
    let mut router = router("apn=internet modes=lte", "bearer=5000", &refused);
    router.run_until(3_000);
    assert_eq!(router.error("wwan"), Some("PLMN_FAILED"));
    router.run_until_up("wwan", 10_000);
    router.run_for(1_800_000);
    let asked = router.refusals.count(SET_SELECTION);
    assert!((4..=12).contains(&asked), "{asked}");
    assert_eq!(router.count("wwan link lost", 0), 0);
}

#[test]
fn technologies_that_are_refused_are_shown_and_chosen_when_the_modem_has_registered_again() {
    let refused = [(SET_SELECTION, Some(INTERNAL))];
    let mut router = router("apn=internet modes=lte", "", &refused);
    router.run_until_up("wwan", 10_000);
    router.run_for(300_000);
    let status = router.status();
    let selection = status[0].get_table("selection").unwrap();
    assert!(selection.get_str("refused").unwrap().contains("Internal"), "{selection:?}");
    assert!(selection.get("next_retry_s").is_some());
    router.refusals = Refusals::default();
    router.tell(USB1, "coverage none");
    router.run_for(1_000);
    router.tell(USB1, "coverage home");
    router.run_for(1_000);
    assert_eq!(router.modem(USB1).world.radio.mode_preference, 1 << 4);
    assert_eq!(router.status()[0].get_table("selection"), None);
}

#[test]
fn a_call_that_ends_while_the_other_family_is_dialled_is_dialled_again() {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "bearer=1000");
    router.at(2_000).ifup("wwan");
    // IPv4 is up after 3,000 and IPv6 after 4,000.
    router.at(3_500).tell(USB1, "drop v4");
    router.run_until_up("wwan", 10_000);
    let link = router.link("wwan");
    assert!(link.config.v4.is_some() && link.config.v6.is_some(), "{}", router.tail());
}

#[test]
fn a_radio_of_which_nothing_is_known_is_asked_about_again() {
    let mut router =
        router("apn=internet", "mode=lowpower", &[(GET_OPERATING_MODE, Some(INTERNAL))]);
    router.run_until(20_000);
    router.refusals = Refusals::default();
    router.run_until_up("wwan", 30_000);
}
