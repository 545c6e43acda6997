//! Two SIMs and what each may carry: going over to the other, and back when the period begins.

use ltewan::types::Table;

use super::USB1;
use super::router::Router;

/// When the 22nd of the month begins; the time is not asked for then anyway.
const MIDNIGHT_MS: u64 = 4 * 3_600_000 + 300_000;

/// What the first SIM may carry, and what the second may.
const QUOTA: u64 = 100_000_000;

const SECOND: &str = "262020999999999";

/// A modem with two SIMs, with these actions when their quota is used up.
fn start(policy: &str, first: &str, second: &str) -> Router {
    let mut router = Router::new();
    router.clock_secs = 20 * 3600 - 300;
    let sim = |iccid: &str, action: &str| {
        let quota = " option quota_mb 100\n option quota_day 22\n";
        match action {
            "" => String::new(),
            _ => format!(
                "config sim\n option iccid '{iccid}*'\n{quota} option quota_action {action}\n"
            ),
        }
    };
    let sims = sim("89490200000123", first) + &sim("89490200000999", second);
    router.configure(&format!("config modem m\n option match usb:1-1\n{policy}{sims}"));
    router.interface("wwan", "apn=internet");
    let has_line = policy.contains("slot_gpio");
    router.slot_line = has_line.then_some(("sim_sel", true));
    let modem = if has_line { "mux=on slot2=ready" } else { "slot2=ready" };
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 60_000);
    router.run_for(60_000);
    router
}

fn active(router: &Router) -> u8 {
    router.modem(USB1).world.slot
}

fn switches(router: &Router) -> u64 {
    router.modem(USB1).world.slot_orders
}

/// Carries what is too much, and has it counted.
fn use_up(router: &mut Router) {
    router.flow(USB1, QUOTA, 0, 64);
    router.run_for(30_000);
}

/// What a SIM has carried, by its number.
fn counted(router: &mut Router, slot: usize) -> i64 {
    let iccid = router.modem(USB1).world.cards()[slot - 1].iccid.clone();
    let usage = router.call("usage", Table::new().with("iccid", iccid.as_str())).unwrap();
    let sim = usage.get_array("sims").unwrap()[0].as_table().unwrap().clone();
    sim.get("rx_bytes").and_then(ltewan::types::Value::as_i64).unwrap()
}

#[test]
fn a_used_up_sim_is_left_for_the_other_and_gone_back_to_in_its_next_period() {
    // Whether the other has a period of its own makes no difference.
    for second in ["disconnect", ""] {
        leave_and_go_back("", second);
    }
    leave_and_go_back(" option slot_gpio sim_sel\n", "disconnect");
}

fn leave_and_go_back(line: &str, second: &str) {
    let policy = " option slot 1\n option switch_on quota\n option switch_back 3600\n";
    let mut router = start(&format!("{policy}{line}"), "switch", second);
    use_up(&mut router);
    router.run_until_so("the other", 30_000, |router| active(router) == 2);
    router.run_until_up("wwan", 60_000);
    let identity = router.call("info", Table::new()).unwrap();
    let identity = identity.get_table("full_identity").unwrap().clone();
    assert_eq!(identity.get_str("imsi"), Some(SECOND));
    assert_eq!((counted(&mut router, 1), switches(&router)), (QUOTA.cast_signed(), 1));
    // It is not gone back to in vain before the period is over, and at once then.
    router.run_until(MIDNIGHT_MS - 60_000);
    assert_eq!(active(&router), 2);
    assert_eq!(switches(&router), 1);
    router.run_until_so("the primary", 70_000, |router| active(router) == 1);
    router.run_until_up("wwan", 60_000);
    router.run_for(7_200_000);
    assert_eq!((active(&router), counted(&mut router, 1)), (1, 0));
    assert!(router.is_up("wwan"));
}

#[test]
fn with_both_used_up_nothing_is_connected_until_a_period_begins_and_few_are_tried() {
    let policy = " option switch_on quota\n option switch_attempts 3\n";
    let mut router = start(policy, "switch", "disconnect");
    use_up(&mut router);
    router.run_until_so("the other", 30_000, |router| active(router) == 2);
    router.run_until_up("wwan", 60_000);
    router.run_for(60_000);
    use_up(&mut router);
    router.run_for(600_000);
    let dialled = router.modem(USB1).stats().starts();
    assert!(!router.is_up("wwan"));
    assert_eq!(router.error("wwan"), Some("QUOTA_USED"));
    router.run_until(MIDNIGHT_MS - 1_000);
    assert_eq!(router.modem(USB1).stats().starts(), dialled, "nothing is dialled");
    assert!((2..=4).contains(&switches(&router)), "{}", switches(&router));
    router.run_for(11_000);
    router.run_until_up("wwan", 60_000);
    assert_eq!((counted(&mut router, 1), counted(&mut router, 2)), (0, 0));
}

#[test]
fn an_owner_who_wants_no_switch_for_it_has_none() {
    let policy = " option switch_on 'no_sim data'\n";
    let mut router = start(policy, "disconnect", "");
    use_up(&mut router);
    router.run_until(MIDNIGHT_MS - 1_000);
    assert!(!router.is_up("wwan"));
    assert_eq!(switches(&router), 0);
    router.run_until_up("wwan", 60_000);
}

#[test]
fn a_sim_that_fails_in_any_way_is_left_for_one_with_data_left_and_not_for_one_without() {
    let reasons = "no_sim no_registration denied weak_signal data quota";
    let policy = format!(" option switch_on '{reasons}'\n option switch_after 60\n");
    for (reason, fault) in [
        ("no_sim", "sim absent"),
        ("no_registration", "sim coverage none"),
        ("denied", "sim coverage 15"),
        ("weak_signal", "signal -110 -19 -125 -30"),
        ("data", "policy reject 26"),
    ] {
        let mut router = start(&policy, "switch", "switch");
        router.tell(USB1, fault);
        if reason == "data" {
            router.tell(USB1, "drop all");
        }
        router.run_until_so(reason, 400_000, |router| active(router) == 2);
        let status = router.status()[0].clone();
        let switched = status.get_table("sim_switch").unwrap();
        assert_eq!(switched.get_str("last_reason"), Some(reason));
        router.tell(USB1, "signal -60 -9 -85 200");
        router.tell(USB1, "policy allow");
        router.run_until_up("wwan", 400_000);
        // The second's is used up while the first still fails.
        router.run_for(30_000);
        use_up(&mut router);
        router.run_for(3_600_000);
        let is_well = ["weak_signal", "data"].contains(&reason);
        assert_eq!(router.is_up("wwan"), is_well, "{reason} {}", router.tail());
        assert!(switches(&router) <= 4, "{reason} {}", switches(&router));
    }
}
