//! Bands and technologies as the owner chooses them.

use ltewan::manager::CallError;
use ltewan::types::{Band, Rat, Table, Value};

use super::USB1;
use super::networks::networks;
use super::router::Router;

/// A router with a modem like this, up, and asked over AT if it can be.
pub(super) fn router(modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, modem);
    router.at(1_000).ifup("wwan");
    router.run_until_up("wwan", 30_000);
    // Ports that speak AT are found meanwhile.
    router.run_for(10_000);
    router
}

fn with(name: &str, list: &[&str]) -> Table {
    let list = list.iter().map(|text| Value::from(*text)).collect();
    Table::new().with(name, Value::Array(list))
}

impl Router {
    /// Calls, and waits for an answer that may take a second.
    pub(super) fn call_and_wait(&mut self, method: &str, args: Table) -> Result<Table, CallError> {
        let call = self.start_call(method, args);
        self.settle();
        self.run_for(1_000);
        self.reply(call).unwrap_or_else(|| panic!("no answer to {method}")).1.clone()
    }
}

/// The bands in use, as the modem has them.
fn bands(router: &Router) -> String {
    let bands = &router.modem(USB1).world.radio.air.bands;
    bands.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The bands of LTE in an answer.
fn lte(answer: &Table, which: &str) -> Vec<i64> {
    let lte = answer.get_table("bands").and_then(|bands| bands.get_table("lte")).unwrap();
    lte.get_array(which).unwrap().iter().filter_map(Value::as_i64).collect()
}

fn names(answer: &Table, which: &str) -> Vec<String> {
    let modes = answer.get_table("modes").unwrap().get_array(which).unwrap();
    modes.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

const ALL: &str = "gsm:900 gsm:1800 umts:1 umts:5 umts:8 lte:1 lte:3 lte:5 lte:7 lte:8 lte:20 \
                   lte:38 lte:40 lte:41";

const LTE: [i64; 9] = [1, 3, 5, 7, 8, 20, 38, 40, 41];

/// What the modem's status says of its bands.
fn told(router: &mut Router) -> Option<Table> {
    router.status()[0].get_table("bands").cloned()
}

#[test]
fn bands_are_shown_set_and_read_back_and_a_connection_comes_back_with_them() {
    let mut router = router("");
    let answer = router.call("bands", Table::new()).unwrap();
    assert_eq!(lte(&answer, "supported"), LTE);
    assert_eq!(lte(&answer, "current"), LTE);
    assert_eq!(names(&answer, "supported"), ["gsm", "umts", "lte"]);
    let answer = router.call("set_bands", with("bands", &["lte:3", "lte:20"])).unwrap();
    assert_eq!(lte(&answer, "current"), [3, 20]);
    assert_eq!(bands(&router), "gsm:900 gsm:1800 umts:1 umts:5 umts:8 lte:3 lte:20");
    assert!(told(&mut router).unwrap().get("judged_in_s").is_some());
    router.run_until_up("wwan", 10_000);
    router.run_for(100_000);
    assert_eq!(told(&mut router), None, "it has registration, so that is that");
    let answer = router.call("set_bands", with("bands", &[])).unwrap();
    assert_eq!(lte(&answer, "current"), LTE);
    assert_eq!(bands(&router), ALL);
}

#[test]
fn a_lock_that_loses_the_network_is_taken_back_by_itself() {
    let mut router = router("");
    let call = router.start_call("set_bands", with("bands", &["lte:7"]));
    router.settle();
    assert!(router.reply(call).unwrap().1.is_ok());
    let from = router.now_ms();
    router.run_until(from + 89_000);
    assert!(!router.is_up("wwan"));
    assert_eq!(bands(&router), "gsm:900 gsm:1800 umts:1 umts:5 umts:8 lte:7");
    router.run_until_up("wwan", 5_000);
    assert_eq!(bands(&router), ALL);
    let told = told(&mut router).unwrap();
    assert!(told.get_str("message").unwrap().contains("taken back"), "{told:?}");
}

#[test]
fn the_first_of_several_locks_knows_what_had_a_network() {
    let mut router = router("");
    router.call("set_bands", with("bands", &["lte:7"]).with("restore_s", 60)).unwrap();
    router.run_for(20_000);
    router.call("set_bands", with("bands", &["lte:8"]).with("restore_s", 60)).unwrap();
    router.run_for(50_000);
    assert!(bands(&router).ends_with("lte:8"));
    router.run_until_up("wwan", 20_000);
    assert_eq!(bands(&router), ALL);
}

#[test]
fn a_lock_for_good_stays_although_there_is_no_network() {
    let mut router = router("");
    router.call("set_bands", with("bands", &["lte:7"]).with("restore_s", 0)).unwrap();
    router.run_for(170_000);
    assert!(!router.is_up("wwan") && bands(&router).ends_with("umts:8 lte:7"));
}

#[test]
fn a_lock_is_taken_back_also_when_the_modem_restarts_before_it_has_answered() {
    let mut router = router("front=at dialect=quectel boot=3000");
    let before = bands(&router);
    router.tell(USB1, "latency at 300");
    let call = router.start_call("set_bands", with("bands", &["lte:7"]));
    router.run_until_so("set", 30_000, |router| bands(router).ends_with("lte:7"));
    router.tell(USB1, "reset");
    router.run_for(10_000);
    assert!(router.reply(call).unwrap().1.is_err());
    assert!(!router.is_up("wwan") && bands(&router).ends_with("lte:7"));
    router.run_for(120_000);
    assert_eq!(bands(&router), before);
    router.run_until_up("wwan", 30_000);
}

#[test]
fn a_trial_goes_on_in_the_next_daemon_which_takes_the_bands_back() {
    for modem in ["", "front=at dialect=quectel", "front=mbim"] {
        let mut router = router(modem);
        let before = bands(&router);
        router.call_and_wait("set_bands", with("bands", &["lte:7"])).unwrap();
        router.run_for(20_000);
        router.restart_daemon();
        router.run_for(60_000);
        assert!(bands(&router).ends_with("umts:8 lte:7"), "{modem}");
        assert!(told(&mut router).unwrap().get("judged_in_s").is_some(), "{modem}");
        router.kill_daemon();
        router.run_for(300_000);
        router.start_daemon();
        router.run_for(110_000);
        assert_eq!(bands(&router), before, "{modem}");
        router.run_until_up("wwan", 30_000);
        // What was judged is not judged again.
        router.tell(USB1, "coverage none");
        router.restart_daemon();
        router.run_for(200_000);
        assert_eq!(told(&mut router), None, "{modem}");
    }
}

#[test]
fn a_trial_goes_with_its_modem_and_not_with_the_socket() {
    let mut router = router("front=at dialect=quectel");
    router.identities.push(super::imei(USB1));
    let before = bands(&router);
    router.call_and_wait("set_bands", with("bands", &["lte:7"])).unwrap();
    router.tell(USB1, "unplug");
    router.run_for(1_000);
    router.move_modem(USB1, "usb:1-2");
    router.plug(USB1, "front=at dialect=quectel imei=867698040000099");
    router.tell("usb:1-2", "replug 0");
    let other = &mut router.sockets.0.get_mut(USB1).unwrap().modem.world.radio.air;
    other.bands = vec![Band::parse("lte:7").unwrap()];
    router.run_for(200_000);
    assert_eq!(bands(&router), "lte:7", "another modem is none of its concern");
    let moved = &router.modem("usb:1-2").world.radio.air.bands;
    assert_eq!(moved.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), before);
}

#[test]
fn taking_back_is_tried_again_and_not_for_ever() {
    let mut router = router("");
    router.configure(&(section("") + NO_RECOVERY));
    router.call("set_bands", with("bands", &["lte:7"])).unwrap();
    router.tell(USB1, "stubborn on");
    router.run_for(150_000);
    assert!(bands(&router).ends_with("umts:8 lte:7"));
    router.tell(USB1, "stubborn off");
    router.run_for(50_000);
    assert_eq!(bands(&router), ALL);
    router.run_until_up("wwan", 30_000);
    router.call("set_bands", with("bands", &["lte:7"])).unwrap();
    router.tell(USB1, "stubborn on");
    router.run_for(3_600_000);
    router.tell(USB1, "stubborn off");
    router.run_for(3_600_000);
    assert!(bands(&router).ends_with("umts:8 lte:7"), "it is left as it is");
}

#[test]
fn a_lock_for_good_ends_the_trial_of_the_one_before() {
    let mut router = router("");
    router.call("set_bands", with("bands", &["lte:7"])).unwrap();
    router.run_for(20_000);
    router.call("set_bands", with("bands", &["lte:8"]).with("restore_s", 0)).unwrap();
    router.run_for(300_000);
    assert!(bands(&router).ends_with("lte:8"));
}

#[test]
fn a_modem_that_does_not_keep_what_is_set_is_told_of() {
    let mut router = router("");
    router.tell(USB1, "stubborn on");
    let error = router.call("set_bands", with("bands", &["lte:3"])).unwrap_err();
    assert_eq!(error.code, "MISMATCH");
    assert_eq!(lte(&error.details, "current"), LTE);
    router.run_for(200_000);
    assert!(router.is_up("wwan"));
}

#[test]
fn bands_that_are_used_only_later_are_on_trial_all_the_same() {
    let mut router = router("");
    router.tell(USB1, "stubborn on");
    let error = router.call("set_bands", with("bands", &["lte:7"])).unwrap_err();
    assert_eq!(error.code, "MISMATCH");
    router.tell(USB1, "stubborn off");
    let now = router.now;
    let world = &mut router.sockets.0.get_mut(USB1).unwrap().modem.world;
    world.radio.air.bands = vec![Band { rat: Rat::Lte, number: 7 }];
    world.search_again(now);
    router.run_for(80_000);
    assert!(!router.is_up("wwan"));
    router.run_until_up("wwan", 30_000);
    assert_eq!(bands(&router), ALL);
}

#[test]
fn a_trial_is_judged_although_the_modem_was_silent_at_its_end() {
    for settings in ["", "front=at dialect=quectel"] {
        let mut router = router(settings);
        router.call_and_wait("set_bands", with("bands", &["lte:7"])).unwrap();
        router.tell(USB1, "silence on");
        router.run_for(120_000);
        router.tell(USB1, "silence off");
        router.run_until_up("wwan", 200_000);
        assert_eq!(bands(&router), ALL, "{settings}");
    }
}

#[test]
fn what_the_modem_does_not_have_is_refused_by_name() {
    let mut router = router("");
    let error = router.call("set_bands", with("bands", &["lte:3", "lte:12"])).unwrap_err();
    assert_eq!((error.code, error.message.contains("lte:12")), ("NOT_SUPPORTED", true));
    let error = router.call("set_modes", with("modes", &["nr5g"])).unwrap_err();
    assert_eq!(error.code, "NOT_SUPPORTED");
    for wrong in [with("bands", &["3"]), Table::new(), with("bands", &[]).with("restore_s", -1)] {
        assert_eq!(router.call("set_bands", wrong).unwrap_err().code, "INVALID_ARGUMENT");
    }
    assert_eq!(bands(&router), ALL);
}

#[test]
fn technologies_are_set_and_read_back_and_taken_back() {
    let mut router = router("");
    let answer = router.call("set_modes", with("modes", &["lte"])).unwrap();
    assert_eq!(names(&answer, "current"), ["lte"]);
    router.run_for(100_000);
    let answer = router.call("set_modes", with("modes", &["umts", "gsm"])).unwrap();
    assert_eq!(names(&answer, "current"), ["gsm", "umts"]);
    router.run_for(80_000);
    assert!(!router.is_up("wwan"));
    router.run_until_up("wwan", 30_000);
    assert_eq!(router.modem(USB1).world.radio.mode_preference, 1 << 4);
}

const NO_RECOVERY: &str = "\tlist recover 'none'\n";

fn section(bands: &str) -> String {
    let bands: String =
        bands.split_whitespace().map(|band| format!("\tlist band '{band}'\n")).collect();
    format!("config modem\n\toption match '{USB1}'\n{bands}")
}

#[test]
fn the_section_of_a_modem_has_its_bands_set_also_after_a_restart() {
    let mut router = router("boot=3000");
    router.configure(&section("lte:3"));
    router.run_until_up("wwan", 10_000);
    let locked = "gsm:900 gsm:1800 umts:1 umts:5 umts:8 lte:3";
    assert_eq!(bands(&router), locked);
    router.tell(USB1, "reset");
    router.run_for(2_000);
    assert_eq!(bands(&router), locked, "as it was before the restart");
    router.run_for(10_000);
    router.run_until_up("wwan", 10_000);
    assert_eq!(bands(&router), locked);
    router.configure(&section(""));
    router.run_for(1_000);
    assert_eq!(bands(&router), ALL);
}

#[test]
fn a_section_without_bands_leaves_the_modem_as_it_is() {
    let mut router = router("");
    router.call("set_bands", with("bands", &["lte:3"])).unwrap();
    router.configure(&section(""));
    router.run_for(200_000);
    assert!(bands(&router).ends_with("umts:8 lte:3"));
}

#[test]
fn bands_of_the_section_without_a_network_are_taken_back_unless_others_have_none_either() {
    let mut router = router("");
    router.configure(&section("lte:7"));
    router.run_for(80_000);
    assert!(bands(&router).ends_with("umts:8 lte:7"));
    router.run_until_up("wwan", 30_000);
    assert_eq!(bands(&router), ALL);
    router.run_for(300_000);
    assert!(router.is_up("wwan") && bands(&router) == ALL);

    // A restart, which recovery would see to, is a new trial.
    router.tell(USB1, "cells lte:28");
    router.configure(&(section("lte:8") + NO_RECOVERY));
    router.run_for(100_000);
    assert_eq!(bands(&router), ALL);
    router.run_for(100_000);
    assert!(bands(&router).ends_with("umts:8 lte:8"), "no band has a network");
    for _ in 0..30 {
        router.run_for(20_000);
        assert!(bands(&router).ends_with("umts:8 lte:8"), "it is not tried for ever");
    }
}

/// The vendors whose way of choosing bands the simulated modem knows, whether it tells which bands
/// it has, and the technologies it names.
const VENDORS: [(&str, bool); 8] = [
    ("quectel", false),
    ("huawei", true),
    ("sierra", true),
    ("simcom", true),
    ("fibocom", true),
    ("mediatek", true),
    ("telit", true),
    ("xmm", true),
];

#[test]
fn each_vendors_bands_are_set_over_at_and_taken_back_when_the_network_is_lost() {
    for (vendor, tells) in VENDORS {
        let mut router = router(&format!("front=at dialect={vendor}"));
        let answer = router.call_and_wait("bands", Table::new()).unwrap();
        assert_eq!(lte(&answer, "current"), LTE, "{vendor}");
        assert_eq!(lte(&answer, "supported").is_empty(), !tells, "{vendor}");
        let answer = router.call_and_wait("set_bands", with("bands", &["lte:3"])).unwrap();
        assert_eq!(lte(&answer, "current"), [3], "{vendor}");
        router.run_for(100_000);
        assert!(router.is_up("wwan") && bands(&router).ends_with("umts:8 lte:3"), "{vendor}");
        router.call_and_wait("set_bands", with("bands", &["lte:20"])).unwrap();
        router.run_for(80_000);
        assert!(bands(&router).ends_with("umts:8 lte:20"), "{vendor}");
        router.run_until_up("wwan", 30_000);
        assert!(bands(&router).ends_with("umts:8 lte:3"), "{vendor}: {}", bands(&router));
    }
}

#[test]
fn each_vendors_modem_that_keeps_its_bands_is_told_of() {
    for (vendor, tells) in VENDORS {
        let mut router = router(&format!("front=at dialect={vendor}"));
        router.tell(USB1, "stubborn on");
        let error = router.call_and_wait("set_bands", with("bands", &["lte:3"])).unwrap_err();
        assert_eq!(error.code, "MISMATCH", "{vendor}");
        let all = router.call_and_wait("set_bands", with("bands", &[]));
        // Which all are it may not say.
        assert_eq!(all.map_err(|error| error.code).err(), (!tells).then_some("NOT_SUPPORTED"));
        assert_eq!(bands(&router), ALL, "{vendor}");
    }
}

#[test]
fn technologies_are_set_over_at() {
    for vendor in ["quectel", "huawei", "sierra", "simcom", "fibocom", "xmm"] {
        let mut router = router(&format!("front=at dialect={vendor}"));
        let answer = router.call_and_wait("set_modes", with("modes", &["lte"])).unwrap();
        assert_eq!(names(&answer, "current"), ["lte"], "{vendor}");
        assert_eq!(router.modem(USB1).world.radio.mode_preference, 1 << 4, "{vendor}");
        let answer = router.call_and_wait("set_modes", with("modes", &[])).unwrap();
        assert_eq!(names(&answer, "current"), names(&answer, "supported"), "{vendor}");
    }
}

#[test]
fn an_mbim_modem_is_asked_for_bands_over_its_at_port_and_for_networks_over_its_own() {
    let mut router = router("front=mbim");
    let answer = router.call_and_wait("set_bands", with("bands", &["lte:3"])).unwrap();
    assert_eq!(lte(&answer, "current"), [3]);
    let answer = router.call_and_wait("scan", Table::new()).unwrap();
    assert_eq!(networks(&answer)[0], ("26202".to_owned(), "current".to_owned()));
}

#[test]
fn an_mbim_modem_that_carries_qmi_has_its_bands_chosen_by_that() {
    let mut router = router("front=mbim tunnel=qmi transfer=64");
    let answer = router.call("bands", Table::new()).unwrap();
    assert_eq!(lte(&answer, "supported"), LTE);
    assert_eq!(names(&answer, "supported"), ["gsm", "umts", "lte"]);
    let answer = router.call("set_bands", with("bands", &["lte:3", "lte:20"])).unwrap();
    assert_eq!(lte(&answer, "current"), [3, 20]);
    assert_eq!(bands(&router), "gsm:900 gsm:1800 umts:1 umts:5 umts:8 lte:3 lte:20");
    router.run_until_up("wwan", 10_000);
    let answer = router.call("set_modes", with("modes", &["lte"])).unwrap();
    assert_eq!(names(&answer, "current"), ["lte"]);
    assert_eq!(router.modem(USB1).client_ids(), [], "nothing is kept in the modem");
    // A lock that loses the network is taken back as with any other.
    router.run_for(100_000);
    router.call("set_bands", with("bands", &["lte:7"])).unwrap();
    router.run_for(80_000);
    assert!(!router.is_up("wwan"));
    router.run_until_up("wwan", 40_000);
    assert_eq!(lte(&router.call("bands", Table::new()).unwrap(), "current"), [3, 20]);
}

#[test]
fn an_mbim_modem_whose_qmi_is_none_is_asked_over_at() {
    for tunnel in ["", "tunnel=refused"] {
        let mut router = router(&format!("front=mbim {tunnel}"));
        let answer = router.call_and_wait("bands", Table::new()).unwrap();
        assert_eq!(lte(&answer, "current"), LTE, "{tunnel}");
        let call = with("bands", &["lte:3"]);
        assert_eq!(lte(&router.call_and_wait("set_bands", call).unwrap(), "current"), [3]);
    }
}

#[test]
fn frames_that_are_none_inside_of_mbim_harm_nothing() {
    let mut router = router("front=mbim tunnel=garbage");
    for _ in 0..6 {
        let call = router.start_call("bands", Table::new());
        router.settle();
        router.run_for(30_000);
        assert!(router.reply(call).unwrap().1.is_err());
    }
    assert_eq!(router.count("wwan link lost", 0), 0);
    assert!(router.is_up("wwan"));
}

#[test]
fn a_modem_that_falls_silent_gets_its_clients_back_when_it_speaks_again() {
    let mut router = router("front=mbim tunnel=qmi");
    router.tell(USB1, "latency mbimqmi 1 400");
    let call = router.start_call("bands", Table::new());
    router.settle();
    router.run_for(1_000);
    assert_ne!(router.modem(USB1).client_ids(), []);
    router.tell(USB1, "silence on");
    router.run_for(60_000);
    assert!(router.reply(call).unwrap().1.is_err());
    router.tell(USB1, "silence off");
    router.run_for(60_000);
    assert_eq!(router.modem(USB1).client_ids(), []);
    router.run_until_up("wwan", 60_000);
}
