//! Which of a modem's SIMs is used, and going over to another by itself.

use ltewan::types::{Table, Value};

use super::USB1;
use super::router::Router;

/// The first slot's ICCID as `info` has it, and the second's.
const FRONTS: [&str; 3] = ["", "front=mbim", "front=at dialect=quectel"];

fn start(modem: &str, section: &str) -> Router {
    let mut router = Router::new();
    router.configure(&format!("config modem m\n option match usb:1-1\n{section}"));
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router
}

fn info(router: &mut Router) -> Table {
    router.call("info", Table::new()).unwrap()
}

/// Number, in use, state, ICCID of each slot.
fn slots(table: &Table) -> Vec<(i64, bool, String, String)> {
    let slots = table.get_array("slots").unwrap_or_default().iter().filter_map(Value::as_table);
    let word = |slot: &Table, name| slot.get_str(name).unwrap_or_default().to_owned();
    slots
        .map(|slot| {
            let number = slot.get("slot").and_then(Value::as_i64).unwrap();
            let active = slot.get("active").and_then(Value::as_bool).unwrap();
            (number, active, word(slot, "state"), word(slot, "iccid"))
        })
        .collect()
}

fn active(router: &Router) -> u8 {
    router.modem(USB1).world.slot
}

fn can(info: &Table, what: &str) -> bool {
    info.get_array("capabilities").unwrap().iter().any(|word| word.as_str() == Some(what))
}

#[test]
fn the_owner_sees_the_slots_and_chooses_one_over_every_protocol() {
    for front in FRONTS {
        let mut router = start(&format!("slot2=ready {front}"), "");
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        let before = info(&mut router);
        assert!(can(&before, "slots"), "{front}");
        let [(1, true, _, first), (2, false, state, second)] = &slots(&before)[..] else {
            panic!("{front}: {:?}", slots(&before));
        };
        assert!(first.starts_with("894902"), "{front} {first}");
        assert!(["present", "unknown"].contains(&state.as_str()), "{front} {state}");
        assert_eq!(second.is_empty(), !front.is_empty(), "{front}: only QMI tells the other's");
        // What anybody may see tells no whole number.
        let shown = slots(&router.status()[0]);
        assert!(shown[0].3.contains("***"), "{front} {shown:?}");

        let call = router.start_call("set_slot", Table::new().with("slot", 2));
        router.run_for(15_000);
        let answer = router.reply(call).expect("an answer").1.clone().unwrap();
        assert!(slots(&answer)[1].1, "{front} {answer:?}");
        router.run_until_up("wwan", 90_000);
        let after = info(&mut router);
        let identity = after.get_table("full_identity").unwrap();
        assert_eq!(identity.get_str("imsi"), Some("262020999999999"), "{front}");
        assert_ne!(identity.get_str("iccid"), Some(first.as_str()), "{front}");
        for wrong in [Value::from(3), Value::from(0), Value::from("x")] {
            assert!(router.call("set_slot", Table::new().with("slot", wrong)).is_err());
        }
    }
}

#[test]
fn a_modem_with_one_slot_has_none_to_choose() {
    let mut router = start("", "");
    router.run_until_up("wwan", 60_000);
    router.run_for(60_000);
    assert!(!can(&info(&mut router), "slots"));
    let error = router.call("set_slot", Table::new().with("slot", 2)).unwrap_err();
    assert_eq!(error.code, "NOT_SUPPORTED");
}

/// The first SIM has no PIN; what its profile has would be wrong for the second.
const TWO_SIMS: &str = "config sim a\n option iccid 89490200000123*\n option pincode 1111\n\
                        config sim b\n option iccid 89490200000999*\n option pincode 4321\n";

#[test]
fn each_sim_is_judged_by_itself_and_no_pin_goes_to_the_wrong_one() {
    for front in FRONTS {
        let mut router = start(&format!("slot2=pin {front}"), TWO_SIMS);
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        for (to, attempts) in [(2, 1), (1, 1), (2, 2)] {
            let call = router.start_call("set_slot", Table::new().with("slot", to));
            router.run_for(15_000);
            router.reply(call).expect("an answer").1.clone().unwrap();
            router.run_until_up("wwan", 120_000);
            let cards = router.modem(USB1).world.cards();
            assert_eq!((cards[0].pin_attempts, cards[1].pin_attempts), (0, attempts), "{front}");
            assert_eq!(cards[1].pin_rejections, 0, "{front}");
        }
    }
}

#[test]
fn the_slot_of_the_section_is_used_from_the_start() {
    for front in FRONTS {
        let mut router = start(&format!("slot2=ready {front}"), " option slot 2\n");
        router.run_until_so("slot 2", 120_000, |router| active(router) == 2);
        router.run_until_up("wwan", 120_000);
        assert_eq!(router.count("usb:1-1 slot", 0), 1, "{front}");
    }
}

#[test]
fn without_a_sim_the_other_is_taken_and_the_primary_gone_back_to() {
    for front in FRONTS {
        let section = " option slot 1\n option switch_on 'no_sim'\n option switch_after 60\n \
                       option switch_back 600\n";
        let mut router = start(&format!("slot2=ready {front}"), section);
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        router.tell(USB1, "sim absent");
        let gone = router.now_ms();
        router.run_until_so("the other", 200_000, |router| active(router) == 2);
        let took = router.now_ms() - gone;
        assert!((60_000..140_000).contains(&took), "{front}: {took} ms");
        router.run_until_up("wwan", 120_000);
        let status = router.status()[0].clone();
        let switched = status.get_table("sim_switch").unwrap();
        assert_eq!(switched.get_str("last_reason"), Some("no_sim"), "{front}");
        assert!(switched.get("back_s").is_some(), "{front}: {switched:?}\n{}", router.tail());
        // There is still none in the first. Where nobody says so, each return makes the next one
        // later.
        router.run_for(4 * 3600 * 1000);
        assert_eq!(active(&router), 2, "{front}");
        let switches = router.count("usb:1-1 slot", 0);
        let is_blind = front.contains("at");
        assert!(if is_blind { (3..=9).contains(&switches) } else { switches == 1 }, "{switches}");
        if !is_blind {
            router.tell(USB1, "other insert");
            router.run_until_so("the primary", 90_000, |router| active(router) == 1);
            router.run_until_up("wwan", 120_000);
        }
    }
}

#[test]
fn a_slot_that_is_used_already_or_refused_changes_nothing() {
    for front in FRONTS {
        let mut router = start(&format!("slot2=ready {front}"), "");
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        let quiet = router.now_ms();
        let answer = router.call("set_slot", Table::new().with("slot", 1)).unwrap();
        assert!(slots(&answer)[0].1, "{front} {answer:?}");
        for manner in ["refuse", "stay"] {
            router.tell(USB1, &format!("slots {manner}"));
            let call = router.start_call("set_slot", Table::new().with("slot", 2));
            router.run_for(30_000);
            let error = router.reply(call).expect("an answer").1.clone().unwrap_err();
            let codes =
                if manner == "stay" { ["MISMATCH"; 2] } else { ["REFUSED", "NOT_SUPPORTED"] };
            assert!(codes.contains(&error.code), "{front} {manner} {error:?}");
        }
        router.run_for(120_000);
        assert!(router.is_up("wwan"), "{front}");
        assert_eq!(router.count("wwan link lost", quiet), 0, "{front}");
        let is_disturbed = |line: &String| line.contains("initializing");
        assert!(!router.story(USB1, quiet).iter().any(is_disturbed), "{front}");
    }
}

#[test]
fn what_befalls_a_sim_while_the_other_is_refused_is_not_missed() {
    for front in FRONTS {
        let mut router = start(&format!("slot2=ready {front}"), "");
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        router.tell(USB1, "slots stay");
        router.start_call("set_slot", Table::new().with("slot", 2));
        router.run_for(500);
        router.tell(USB1, "sim absent");
        router.run_for(60_000);
        let status = &router.status()[0];
        assert_eq!(status.get_str("cause"), Some("sim_missing"), "{front} {}", router.tail());
        router.tell(USB1, "sim insert");
        router.run_until_up("wwan", 120_000);
    }
}

#[test]
fn a_modem_that_changes_its_sim_late_is_got_to_know_anew() {
    for front in FRONTS {
        let mut router = start(&format!("slot2=pin {front}"), "");
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        router.tell(USB1, "slots late 15000");
        router.configure("config sim b\n option iccid 89490200000999*\n option pincode 4321\n");
        router.start_call("set_slot", Table::new().with("slot", 2));
        router.run_until_so("slot 2", 60_000, |router| active(router) == 2);
        router.run_for(120_000);
        router.run_until_up("wwan", 120_000);
        let identity = info(&mut router).get_table("full_identity").unwrap().clone();
        assert_eq!(identity.get_str("imsi"), Some("262020999999999"), "{front}");
        assert_eq!(router.modem(USB1).world.cards()[1].pin_attempts, 1, "{front}");
    }
}

#[test]
fn without_any_network_no_more_sims_are_tried_than_allowed() {
    let section = " option slot 1\n option switch_on 'no_registration denied'\n \
                   option switch_after 60\n option switch_back 0\n option switch_attempts 4\n";
    let mut router = start("slot2=ready", section);
    router.run_until_up("wwan", 60_000);
    router.tell(USB1, "deregister");
    router.run_for(12 * 3600 * 1000);
    assert_eq!(router.count("usb:1-1 slot", 0), 4);
    router.tell(USB1, "register");
    router.run_until_up("wwan", 900_000);
    router.run_for(1_000_000);
    router.tell(USB1, "deny 8");
    router.run_for(600_000);
    assert!(router.count("usb:1-1 slot", 0) > 4, "a connection that lasted begins the count anew");
}

#[test]
fn failing_calls_lead_to_the_other_sim_and_what_was_not_named_does_not() {
    let section = " option switch_on 'data'\n option switch_after 60\n";
    let mut router = start("slot2=ready", section);
    router.run_until_up("wwan", 60_000);
    router.run_for(30_000);
    router.tell(USB1, "deregister");
    router.run_for(1_800_000);
    assert_eq!(active(&router), 1);
    router.tell(USB1, "register");
    router.run_until_up("wwan", 900_000);
    router.tell(USB1, "policy reject 26");
    router.tell(USB1, "drop all");
    router.run_until_so("the other", 900_000, |router| active(router) == 2);
}

#[test]
fn a_modem_that_leaves_the_bus_to_change_its_sim_does_not_go_round_for_ever() {
    let section = " option switch_on 'no_registration'\n option switch_after 60\n";
    let mut router = start("slot2=ready", section);
    router.run_until_up("wwan", 60_000);
    router.tell(USB1, "deregister");
    let mut slot = active(&router);
    for _ in 0..200 {
        router.run_for(30_000);
        if active(&router) != slot {
            slot = active(&router);
            router.tell(USB1, "replug 5000");
        }
    }
    assert_eq!(router.count("usb:1-1 slot", 0), 3);
}

#[test]
fn what_the_owner_chooses_by_hand_stays() {
    for section in [" option slot 1\n", " option slot 1\n option switch_on data\n"] {
        let mut router = start("slot2=ready", section);
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        let call = router.start_call("set_slot", Table::new().with("slot", 2));
        router.run_for(15_000);
        assert!(router.reply(call).expect("an answer").1.is_ok());
        router.run_for(4 * 3600 * 1000);
        assert_eq!(active(&router), 2);
    }
}

#[test]
fn no_pin_goes_out_while_another_sim_is_being_chosen() {
    for front in FRONTS {
        let mut router = start(&format!("sim=pin slot2=pin {front}"), "");
        router.run_until_state(USB1, "locked", 60_000);
        router.run_for(60_000);
        router.tell(USB1, "latency 2000");
        router.tell(USB1, "latency at 2000");
        let call = router.start_call("set_slot", Table::new().with("slot", 2));
        router.run_until_so("slot 2", 30_000, |router| active(router) == 2);
        // The owner's word and a new configuration come at the worst time.
        let words = Table::new().with("action", "unlock").with("pin", "1111");
        assert_eq!(router.call("pin", words).unwrap_err().code, "BUSY", "{front}");
        router.configure(
            "config sim a\n option iccid 89490200000123*\n option pincode 1111\n\
             config sim b\n option iccid 89490200000999*\n option pincode 4321\n",
        );
        router.run_for(5_000);
        router.tell(USB1, "latency 0");
        router.tell(USB1, "latency at 0");
        router.run_until_up("wwan", 120_000);
        assert!(router.reply(call).is_some(), "{front}");
        let cards = router.modem(USB1).world.cards();
        assert_eq!((cards[0].pin_attempts, cards[1].pin_attempts), (0, 1), "{front}");
        assert_eq!(cards[1].pin_rejections, 0, "{front}");
    }
}

#[test]
fn a_slot_is_not_changed_while_a_pin_is_offered() {
    let mut router = start("sim=pin slot2=pin", "");
    router.run_until_state(USB1, "locked", 60_000);
    router.run_for(60_000);
    router.tell(USB1, "latency 2000");
    let words = Table::new().with("action", "unlock").with("pin", "1234");
    let pin = router.start_call("pin", words);
    router.run_for(100);
    let error = router.call("set_slot", Table::new().with("slot", 2)).unwrap_err();
    assert_eq!(error.code, "BUSY");
    router.run_for(15_000);
    assert!(router.reply(pin).expect("an answer").1.is_ok());
}

#[test]
fn a_sim_is_got_to_know_anew_however_its_choice_ended() {
    for front in FRONTS {
        let mut router = start(&format!("slot2=ready {front}"), "");
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        router.tell(USB1, "latency 300");
        router.tell(USB1, "latency at 300");
        let call = router.start_call("set_slot", Table::new().with("slot", 2));
        router.run_until_so("slot 2", 30_000, |router| active(router) == 2);
        router.tell(USB1, "silence on");
        router.run_for(20_000);
        router.tell(USB1, "silence off");
        router.tell(USB1, "latency 0");
        router.tell(USB1, "latency at 0");
        router.run_for(180_000);
        assert!(router.reply(call).is_some(), "{front}");
        let identity = info(&mut router).get_table("full_identity").unwrap().clone();
        assert_eq!(identity.get_str("imsi"), Some("262020999999999"), "{front}");
    }
}

#[test]
fn a_sim_that_only_its_owner_can_unlock_is_left_for_the_other() {
    let section = " option switch_on 'no_sim'\n option switch_after 60\n\
                   config sim b\n option iccid 89490200000999*\n option pincode 4321\n";
    let mut router = start("sim=pin slot2=pin", section);
    router.run_until_so("the other", 300_000, |router| active(router) == 2);
    router.run_until_up("wwan", 120_000);
    assert_eq!(router.modem(USB1).world.cards()[0].pin_attempts, 0);
}

/// A board that selects the SIM by a line, which the modem knows nothing of.
fn multiplexed(modem: &str, section: &str) -> Router {
    on_board(Some(("sim_sel", true)), modem, section)
}

fn on_board(line: Option<(&'static str, bool)>, modem: &str, section: &str) -> Router {
    let mut router = Router::new();
    router.slot_line = line;
    let section = format!(" option slot_gpio sim_sel\n{section}");
    router.configure(&format!("config modem m\n option match usb:1-1\n{section}"));
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, &format!("mux=on {modem}"));
    router.at(2_000).ifup("wwan");
    router
}

/// PINs that went to another card than the one they were meant for.
fn misdirected(router: &Router) -> u64 {
    router.modem(USB1).world.cards().iter().map(|card| card.misdirected).sum()
}

#[test]
fn a_sim_that_a_line_selects_is_shown_and_chosen_like_any_other() {
    for front in FRONTS {
        let mut router = multiplexed(&format!("slot2=pin {front}"), TWO_SIMS);
        router.run_until_up("wwan", 60_000);
        assert!(can(&info(&mut router), "slots"), "{front}");
        let shown = slots(&info(&mut router));
        assert!(matches!(&shown[..], [(1, true, ..), (2, false, ..)]), "{front} {shown:?}");
        for (to, attempts) in [(2, 1), (1, 1), (2, 2)] {
            let answer = router.call("set_slot", Table::new().with("slot", to)).unwrap();
            assert_eq!(slots(&answer).iter().find(|slot| slot.1).unwrap().0, to, "{front}");
            router.run_until_so("restart", 60_000, |router| i64::from(active(router)) == to);
            router.run_until_up("wwan", 120_000);
            let identity = info(&mut router).get_table("full_identity").unwrap().clone();
            let imsi = ["262020123456700", "262020999999999"][usize::try_from(to - 1).unwrap()];
            assert_eq!(identity.get_str("imsi"), Some(imsi), "{front}");
            let cards = router.modem(USB1).world.cards();
            assert_eq!((cards[0].pin_attempts, cards[1].pin_attempts), (0, attempts), "{front}");
        }
        assert_eq!((misdirected(&router), router.modem(USB1).world.slot_orders), (0, 3), "{front}");
    }
}

#[test]
fn the_slot_in_use_is_what_the_line_says_whoever_has_set_it() {
    for front in FRONTS {
        let mut router = multiplexed(&format!("slot2=ready {front}"), " option slot 2\n");
        router.run_until_up("wwan", 60_000);
        router.run_until_so("slot 2", 60_000, |router| active(router) == 2);
        router.run_until_up("wwan", 120_000);
        router.run_for(60_000);
        let orders = router.modem(USB1).world.slot_orders;
        assert_eq!(orders, 1, "{front}");
        router.restart_daemon();
        router.run_for(120_000);
        assert!(slots(&info(&mut router))[1].1 && router.is_up("wwan"), "{front}");
        assert_eq!(router.modem(USB1).world.slot_orders, orders, "{front}");
        // By the other value, what is in use is the first.
        router.configure(
            "config modem m\n option match usb:1-1\n option slot_gpio sim_sel\n \
             option slot_gpio_first 0\n",
        );
        router.run_for(30_000);
        assert!(slots(&info(&mut router))[0].1 && router.is_up("wwan"), "{front}");
    }
}

#[test]
fn a_line_follows_the_reasons_for_another_sim_and_back() {
    for front in FRONTS {
        let section = " option slot 1\n option switch_on no_registration\n \
                       option switch_after 60\n option switch_back 600\n";
        let mut router = multiplexed(&format!("slot2=ready {front}"), section);
        router.run_until_up("wwan", 60_000);
        router.run_for(60_000);
        router.tell(USB1, "sim coverage none");
        router.run_until_so("the other", 200_000, |router| active(router) == 2);
        router.run_until_up("wwan", 120_000);
        let status = router.status()[0].clone();
        let switched = status.get_table("sim_switch").unwrap();
        assert_eq!(switched.get_str("last_reason"), Some("no_registration"), "{front}");
        router.tell(USB1, "other coverage home");
        router.run_until_so("the primary", 700_000, |router| active(router) == 1);
        router.run_until_up("wwan", 120_000);
        // Each is restarted for, and without end there are no more than allowed.
        router.tell(USB1, "coverage none");
        router.run_for(12 * 3600 * 1000);
        let orders = router.modem(USB1).world.slot_orders;
        assert!((4..16).contains(&orders), "{front} {orders}");
    }
}

#[test]
fn a_line_that_is_not_there_is_told_by_its_option_and_disturbs_nothing() {
    for front in FRONTS {
        let mut router = on_board(None, &format!("slot2=ready {front}"), " option slot 2\n");
        router.run_until_up("wwan", 60_000);
        let quiet = router.now_ms();
        router.run_for(60_000);
        let error = router.call("set_slot", Table::new().with("slot", 2)).unwrap_err();
        assert_eq!(error.code, "REFUSED", "{front}");
        let why = "option slot_gpio: sim_sel: no such GPIO line";
        assert!(error.message.contains(why), "{front} {error:?}");
        router.run_for(600_000);
        assert!(router.is_up("wwan"), "{front}");
        assert_eq!(router.count("wwan link lost", quiet), 0, "{front}");
        assert!(!slots(&info(&mut router)).iter().any(|slot| slot.1), "{front}");
    }
}

#[test]
fn no_pin_goes_to_a_modem_that_has_not_started_anew_for_its_other_sim() {
    for (front, has_reset) in FRONTS.iter().flat_map(|front| [(front, false), (front, true)]) {
        let sims = "config sim a\n option iccid 89490200000123*\n option pincode 1234\n\
                    config sim b\n option iccid 89490200000999*\n option pincode 4321\n";
        let reset = if has_reset { " option reset_gpio modem_rst\n" } else { "" };
        let modem = format!("sim=pin slot2=pin restarts=off {front}");
        let mut router = multiplexed(&modem, &format!("{reset}{sims}"));
        router.run_until_up("wwan", 60_000);
        router.call("set_slot", Table::new().with("slot", 2)).unwrap();
        router.run_for(300_000);
        let power = router.count("usb:1-1 power off GPIO line modem_rst", 0);
        assert_eq!((power, misdirected(&router)), (usize::from(has_reset), 0), "{front}");
        let status = &router.status()[0];
        if has_reset {
            assert!(router.is_up("wwan"), "{front} {}", router.tail());
            assert_eq!(router.modem(USB1).world.cards()[1].pin_attempts, 1, "{front}");
        } else {
            assert_eq!(status.get_str("cause"), Some("sim_error"), "{front} {}", router.tail());
            // The card loses its PIN, and nobody asks it for one.
            router.tell(USB1, "sim notready 100");
            router.run_for(600_000);
            router.tell(USB1, "reset 5000");
            router.run_until_up("wwan", 120_000);
        }
        assert_eq!(misdirected(&router), 0, "{front}");
    }
}
