//! The examples of `docs/hooks.md`, run as OpenWrt's `hotplug-call` does, with what the daemon
//! tells and what `ltewan` answers.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::sms::{MESSAGE, can, eventually};
use super::{MODEM, WAN, in_namespace};
use crate::router::journal::Journal;
use crate::router::{Plan, Router, daemon};

const MANUAL: &str = include_str!("../../docs/hooks.md");

const CONFIG: &str = "config sim\n\toption imsi '26202*'\n\toption quota_mb '1'\n";

fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Puts each example where the manual says, and what they call where they find it.
fn install(router: &Router) -> PathBuf {
    let (root, socket) = (router.root(), router.socket());
    let scripts = root.join("etc/hotplug.d/ltewan");
    fs::create_dir_all(&scripts).unwrap();
    for example in MANUAL.split("`/etc/hotplug.d/ltewan/").skip(1) {
        let Some((name, rest)) = example.split_once("`:\n\n```sh\n") else { continue };
        let text = here(router, rest.split("```").next().unwrap());
        fs::write(scripts.join(name), text).unwrap();
    }
    let (bin, told) = (root.join("bin"), root.join("told"));
    let call = "for script in \"$FOLDER\"/*; do ( . \"$script\" ); done";
    let path = format!("PATH='{}':/usr/bin:/bin", bin.display());
    let call = format!("{path}\nFOLDER='{}'\n{call}", scripts.display());
    program(&root.join("sbin/hotplug-call"), &call);
    let own = daemon::program();
    let own = format!("exec '{}' --bus '{}' \"$@\"", own.display(), socket.display());
    program(&bin.join("ltewan"), &own);
    let mail = format!("{{ echo \"msmtp $*\"; cat; }} >>'{}'", told.display());
    program(&bin.join("msmtp"), &mail);
    program(&bin.join("ubus"), &format!("echo \"ubus $*\" >>'{}'", told.display()));
    told
}

/// A script with its notes in the router's own directory.
fn here(router: &Router, script: &str) -> String {
    script.replace("/tmp/", &format!("{}/", router.root().join("tmp").display()))
}

/// The line of the manual for cron, at its time.
fn cron(router: &Router) {
    let line = MANUAL.lines().find_map(|line| line.strip_prefix("    30 3 * * * ")).unwrap();
    let path = router.root().join("bin");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &here(router, line)]).env("PATH", path).status().unwrap();
}

/// What the kernel counts of the modem's device.
fn count(router: &Router, bytes: u32) {
    let device = fs::canonicalize(router.root().join("sys/class/net/wwan0")).unwrap();
    let folder = device.join("statistics");
    let _ = fs::remove_file(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("tx_bytes"), "0").unwrap();
    fs::write(folder.join("rx_bytes"), bytes.to_string()).unwrap();
}

fn has(told: &Path, words: &str) -> Option<()> {
    fs::read_to_string(told).unwrap_or_default().contains(words).then_some(())
}

#[test]
fn the_examples_of_the_manual_do_what_it_says_with_what_the_daemon_tells() {
    in_namespace("hooks", || {
        let mut plan = Plan::new("hooks").unwrap();
        plan.config.iter_mut().for_each(|(_, text)| text.push_str(CONFIG));
        let mut router = Router::start(plan, Journal::new(None)).unwrap();
        let told = install(&router);
        let offline = router.root().join("tmp/ltewan-offline");
        router.modems.say("plug 0 messages=on slot2=ready").unwrap();
        router.wait_state(MODEM, "registered").unwrap();
        count(&router, 0);
        router.ifup(WAN).unwrap();
        router.wait_state(MODEM, "connected").unwrap();

        eventually(&router, "no messages", || can(&router, "sms"));
        router.modems.say(&format!("0 sms {MESSAGE}")).unwrap();
        let mail = "msmtp me@example.org\nSubject: SMS from 27838890001\n\n1 read from 27838890001";
        eventually(&router, "a mail", || has(&told, mail).and(has(&told, "hellohello")));

        count(&router, 850_000);
        let mail =
            "Subject: 80 % of the quota are used up\n\nusb:1-1 has carried 850000 of 1000000";
        eventually(&router, "80 %", || has(&told, mail));
        let is_second = |router: &Router| router.cli(&["slot"]).unwrap().1.contains("* 2");
        eventually(&router, "the other SIM", || is_second(&router).then_some(()));
        eventually(&router, "a connection", || router.wait_state(MODEM, "connected").ok());
        count(&router, 2_000_000);
        let mail = "Subject: 100 % of the quota are used up\n\nusb:1-1 has carried 1150000 of";
        eventually(&router, "100 %", || has(&told, mail));
        eventually(&router, "the rest", || has(&told, "What is done about it: warn.\n"));

        eventually(&router, "no note", || (!offline.exists()).then_some(()));
        cron(&router);
        assert!(has(&told, "ubus").is_none());
        router.modems.say("0 reset 3000").unwrap();
        eventually(&router, "a note", || offline.exists().then_some(()));
        cron(&router);
        assert!(has(&told, "ubus call system reboot\n").is_some());
        eventually(&router, "no note", || (!offline.exists()).then_some(()));
        assert_eq!(router.daemon.ended(), None, "{}", router.daemon.log_tail(25));
    });
}
