//! A board whose line in `/sys/class/gpio` selects the SIM.

use std::fs;

use super::sms::eventually;
use super::{MODEM, WAN, on_router_with};
use crate::router::{LIMIT, Router};

use ltewan::types::Table;

const CONFIG: &str = "config modem\n\toption match 'usb:1-1'\n\toption slot_gpio 'sim_sel'\n";

/// The subscriber, once the daemon knows one.
fn imsi(router: &Router) -> Option<String> {
    let args = Table::new().with("modem", MODEM);
    let info = router.client().ok()?.call("ltewan", "info", &args, LIMIT).ok()?;
    Some(info.get_table("full_identity")?.get_str("imsi")?.to_owned())
}

#[test]
fn a_line_selects_the_sim_and_says_which_over_restarts() {
    let configure = |plan: &mut crate::router::Plan| {
        plan.config.iter_mut().for_each(|(_, text)| text.push_str(CONFIG));
    };
    on_router_with("slots", configure, |router| {
        let line = router.root().join("sys/class/gpio/sim_sel");
        fs::create_dir_all(&line).unwrap();
        fs::write(line.join("value"), "1\n").unwrap();
        router.modems.say("plug 0 mux=on slot2=ready boot=500").unwrap();
        router.ifup(WAN).unwrap();
        router.wait_up(WAN).unwrap();
        let shown = |router: &Router| router.cli(&["slot"]).unwrap().1;
        let is_first = |router: &Router| shown(router).starts_with("* 1").then_some(());
        eventually(router, "the first slot", || is_first(router));
        // What the board does when the line is set.
        router.modems.say("0 slots line 2").unwrap();
        let (status, text) = router.cli(&["slot", "2"]).unwrap();
        assert_eq!(status, Some(0), "{text}");
        assert_eq!(fs::read_to_string(line.join("value")).unwrap().trim(), "0");
        let second = |router: &Router| imsi(router).filter(|imsi| imsi == "262020999999999");
        eventually(router, "the other SIM", || second(router));
        router.wait_up(WAN).unwrap();

        router.daemon.kill();
        router.start_daemon().unwrap();
        let is_second = |router: &Router| shown(router).contains("* 2").then_some(());
        eventually(router, "the second slot", || is_second(router));
        assert_eq!(fs::read_to_string(line.join("value")).unwrap().trim(), "0");

        fs::remove_dir_all(&line).unwrap();
        let (status, text) = router.cli(&["slot", "1"]).unwrap();
        assert_ne!(status, Some(0));
        assert!(text.contains("option slot_gpio: "), "{text}");
        assert!(router.wait_state(MODEM, "connected").is_ok());
    });
}
