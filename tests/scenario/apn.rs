//! Which access point is dialled when the interface names none.
//!
//! The SIM is one of 262-02, for which the table has five: `access.vodafone.de`,
//! `web.vodafone.de` and three more.

use ltewan::types::{Table, Value};

use super::USB1;
use super::router::Router;

const TABLE: &[u8] = include_bytes!("../../files/usr/share/ltewan/apn.db");

/// How many are dialled: those of the table, and what the network chooses.
const OFFERS: u64 = 6;

/// A router with the table, an interface with these options, and a modem with this SIM.
fn router(options: &str, settings: &str) -> Router {
    let mut router = Router::new();
    router.apn_table = TABLE.to_vec();
    router.interface("wwan", options);
    router.at(1_000).plug(USB1, settings);
    router.at(2_000).ifup("wwan");
    router
}

/// The access point, and where it comes from.
fn apn(router: &mut Router) -> String {
    let status = router.call("status", Table::new()).unwrap();
    let interfaces = status.get_array("interfaces").unwrap();
    let interface = interfaces.first().and_then(Value::as_table).unwrap();
    let text = |name| interface.get_str(name).unwrap_or_default();
    format!("{} {}", text("apn"), text("apn_source"))
}

fn starts(router: &Router) -> u64 {
    router.modem(USB1).stats().starts()
}

fn bearer(router: &Router) -> &str {
    &router.modem(USB1).world.network.bearers.first().unwrap().apn
}

#[test]
fn a_sim_of_a_known_network_needs_no_configuration() {
    let mut router = router("", "apn=access.vodafone.de");
    router.run_until_up("wwan", 10);
    assert_eq!(bearer(&router), "access.vodafone.de");
    assert_eq!(apn(&mut router), "access.vodafone.de table");
    assert!(router.flash.is_empty(), "what comes first need not be kept");
}

#[test]
fn an_access_point_that_the_network_refuses_is_followed_by_the_next_at_once() {
    for control in ["", "front=mbim"] {
        let mut router = router("", &format!("apn=web.vodafone.de {control}"));
        router.run_until_up("wwan", 1_000);
        assert_eq!(bearer(&router), "web.vodafone.de");
        assert_eq!(apn(&mut router), "web.vodafone.de table");
        assert_eq!(router.count("wwan error", 0), 0);
    }
}

#[test]
fn the_one_that_worked_is_the_first_after_a_restart_of_the_router() {
    let mut router = router("", "apn=web.vodafone.de");
    router.run_until_up("wwan", 1_000);
    router.at(10_000).restart_daemon();
    router.run_until(11_000);
    assert_eq!(apn(&mut router), "web.vodafone.de remembered");
    router.at(20_000).ifdown("wwan");
    let before = starts(&router);
    router.at(30_000).ifup("wwan");
    router.run_until_up("wwan", 1_000);
    // One call a family.
    assert_eq!(starts(&router) - before, 2);
}

#[test]
fn when_all_are_refused_one_is_tried_at_a_time_ever_more_rarely_and_the_owner_is_told() {
    let mut router = router("", "apn=private.example");
    router.run_until(9_000);
    let round = starts(&router);
    // One call a family.
    assert_eq!(round, OFFERS * 2);
    assert_eq!(router.error("wwan"), Some("NO_APN"));
    router.run_until(600_000);
    assert_eq!(router.count("wwan error", 0), 1, "told once");
    let more = (starts(&router) - round) / 2;
    assert!((4..=6).contains(&more), "{more}");
    router.tell(USB1, "apn web.vodafone.de");
    router.run_until_up("wwan", 4_500_000);
}

#[test]
fn one_that_never_carries_anything_is_followed_by_the_next_and_one_that_did_is_kept() {
    let check = "check=ping check_host=192.0.2.1 check_interval=10 check_failures=3";
    let mut router = router(check, "bearer=500");
    router.tell(USB1, "data off");
    router.run_until_up("wwan", 1_000);
    assert_eq!(bearer(&router), "access.vodafone.de");
    router.run_until_so("link lost", 120_000, |router| !router.is_up("wwan"));
    router.tell(USB1, "data on");
    router.run_until_up("wwan", 10_000);
    assert_eq!(bearer(&router), "web.vodafone.de");
    let carries = router.now_ms() + 60_000;
    router.run_until(carries);
    router.tell(USB1, "data off");
    router.run_until(carries + 600_000);
    assert!(router.count("wwan link lost", carries) > 1);
    assert_eq!(bearer(&router), "web.vodafone.de");
}

#[test]
fn a_configured_access_point_that_carries_nothing_is_not_replaced() {
    let check = "apn=own check=ping check_host=192.0.2.1 check_interval=10 check_failures=3";
    let mut router = router(check, "bearer=500");
    router.tell(USB1, "data off");
    router.run_until(600_000);
    assert!(router.count("wwan link lost", 0) > 1);
    assert_eq!(apn(&mut router), "own interface");
}

#[test]
fn the_interface_comes_before_the_profile_and_both_before_the_table() {
    let mut router = router("", "");
    router.run_until_up("wwan", 1_000);
    assert_eq!(apn(&mut router), "access.vodafone.de table");
    router.at(10_000).configure("config sim\n option imsi '26202*'\n option apn 'corporate'\n");
    router.run_until(20_000);
    assert_eq!((bearer(&router), router.is_up("wwan")), ("corporate", true));
    assert_eq!(apn(&mut router), "corporate sim");
    router.at(30_000).ifdown("wwan");
    router.interface("wwan", "apn=own");
    router.at(40_000).ifup("wwan");
    router.run_until(50_000);
    assert_eq!(bearer(&router), "own");
    assert_eq!(apn(&mut router), "own interface");
}

#[test]
fn a_configured_access_point_that_is_refused_is_not_replaced() {
    let mut router = router("apn=own", "apn=access.vodafone.de");
    router.run_until(60_000);
    assert_eq!(router.error("wwan"), Some("APN_REJECTED"));
    assert!(!router.is_up("wwan"));
}

#[test]
fn another_sim_has_other_access_points_wherever_it_roams() {
    let mut router = router("allow_roaming=1", "coverage=roaming");
    router.run_until_up("wwan", 1_000);
    router.at(10_000).tell(USB1, "sim absent");
    let modem = &mut router.sockets.0.get_mut(USB1).unwrap().modem;
    modem.world.uicc.iccid = "8946200000012345678".into();
    modem.world.uicc.imsi = "240075123456789".into();
    router.at(20_000).tell(USB1, "sim insert");
    router.run_until_up("wwan", 10_000);
    assert_eq!(apn(&mut router), "internet.tele2.se table");
    let list = router.call("apn_lookup", Table::new().with("plmn", "24007")).unwrap();
    assert_eq!(list.get_array("candidates").unwrap().len(), 3);
    assert_eq!(router.call("apn_lookup", Table::new()).unwrap(), list);
    let error = router.call("apn_lookup", Table::new().with("plmn", "99999")).unwrap_err();
    assert_eq!(error.code, "NOT_FOUND");
    router.at(50_000).tell(USB1, "sim absent");
    let modem = &mut router.sockets.0.get_mut(USB1).unwrap().modem;
    modem.world.uicc.iccid = "8946200000012345679".into();
    modem.world.uicc.imsi = "999997123456789".into();
    router.at(60_000).tell(USB1, "sim insert");
    router.run_until(100_000);
    let error = router.call("apn_lookup", Table::new()).unwrap_err();
    assert_eq!(error.code, "NOT_FOUND");
    assert!(!error.message.contains("99999"), "{}", error.message);
    let error = router.call("apn_lookup", Table::new().with("plmn", "vodafone")).unwrap_err();
    assert_eq!(error.code, "INVALID_ARGUMENT");
}

/// SIMs of these networks have one access point of that name for each user: of 232-11 first
/// `data@bob.at`, of 230-01 first nobody.
const SEVERAL_USERS: [(&str, &str, &str, &str); 2] = [
    ("232111234567890", "bob.at", "ppp@bob.at", "ppp"),
    ("230011234567890", "internet.t-mobile.cz", "gprs", "gprs"),
];

#[test]
fn of_several_of_one_name_the_one_whose_user_worked_is_the_first_after_a_restart() {
    for (imsi, name, user, password) in SEVERAL_USERS {
        let modem = format!("front=at usb=none ppp=chap:{user}:{password} imsi={imsi} apn={name}");
        let mut router = router("", &modem);
        // A pppd without a user name leaves it open what the network minds.
        router.run_until_up("wwan", 200_000);
        assert_eq!(apn(&mut router), format!("{name} table"));
        let first = router.count("wwan run", 0);
        assert!(first > 1, "{}", router.tail());
        router.end_daemon();
        router.reboot();
        router.ifup("wwan");
        router.run_until_up("wwan", 60_000);
        assert_eq!(apn(&mut router), format!("{name} remembered"));
        assert_eq!(router.count("wwan run", 0), first + 1, "{}", router.tail());
        for file in router.files() {
            let has = |word: &str| file.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!has(user), "credentials are no part of what is kept");
        }
    }
}
