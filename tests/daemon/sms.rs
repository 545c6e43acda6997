//! Short messages through the real program: files, the command line, and the router's scripts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ltewan::io::clock;
use ltewan::types::{Table, Value};

use super::{MODEM, SECOND, in_namespace};
use crate::router::journal::Journal;
use crate::router::{Plan, Router};

/// "hellohello" from 27838890001.
pub(super) const MESSAGE: &str = "040BC87238880900F10000993092516195800AE8329BFD4697D9EC37";

/// Waits for something that no event tells.
pub(super) fn eventually<T>(router: &Router, what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let deadline = clock::now() + SECOND * 30;
    let mut client = router.client().unwrap();
    loop {
        if let Some(done) = done() {
            return done;
        }
        assert!(clock::now() < deadline, "{}", router.failure(what));
        client.turn(SECOND / 20).unwrap();
    }
}

pub(super) fn can(router: &Router, what: &str) -> Option<()> {
    let args = Table::new().with("modem", MODEM);
    let info = router.client().ok()?.call("ltewan", "info", &args, SECOND * 5).ok()?;
    let can = |word: &Value| word.as_str() == Some(what);
    info.get_array("capabilities")?.iter().any(can).then_some(())
}

fn listed(router: &Router, wanted: &str) -> Option<String> {
    let (status, text) = router.cli(&["sms", "list"]).unwrap();
    assert_eq!(status, Some(0), "{text}");
    text.contains(wanted).then_some(text)
}

/// What the router's scripts are run by: notes its argument and its environment.
fn scripts(root: &Path) {
    let path = root.join("sbin/hotplug-call");
    fs::create_dir_all(root.join("sbin")).unwrap();
    let tell = "{ echo \"$1\"; env; } > \"$0.new\"\nmv \"$0.new\" \"$0.told\"\n";
    fs::write(&path, format!("#!/bin/sh\n[ \"$ACTION\" = sms ] || exit 0\n{tell}")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn messages_are_kept_told_shown_and_sent() {
    in_namespace("sms", || {
        let mut router = Router::start(Plan::new("sms").unwrap(), Journal::new(None)).unwrap();
        scripts(&router.root());
        router.modems.say("plug 0 messages=on").unwrap();
        router.wait_state(MODEM, "registered").unwrap();
        eventually(&router, "no messages", || can(&router, "sms"));
        router.modems.say(&format!("0 sms {MESSAGE}")).unwrap();
        let line = "1 unread from 27838890001, 1999-03-29T13:16:59Z\n    hellohello\n";
        let text = eventually(&router, "no message", || listed(&router, "hellohello"));
        assert_eq!(text, line);
        let told = router.root().join("sbin/hotplug-call.told");
        let told = eventually(&router, "no hotplug", || fs::read_to_string(&told).ok());
        for word in ["ltewan", "ACTION=sms", "ID=1", "NUMBER=27838890001", "MODEM=usb:1-1"] {
            assert!(told.lines().any(|line| line == word), "{told}");
        }
        assert!(!told.contains("hello"), "{told}");
        let file = router.root().join("etc/ltewan/messages");
        let mode = eventually(&router, "no file", || fs::metadata(&file).ok());
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
        router.daemon.kill();
        router.start_daemon().unwrap();
        eventually(&router, "no messages", || can(&router, "sms"));
        assert_eq!(listed(&router, "hello").unwrap(), line);
        let (_, sent) = router.cli(&["sms", "send", "+49170", "geheim"]).unwrap();
        assert_eq!(sent, "Sent as message 2.\n");
        assert!(router.cli(&["sms", "read", "1"]).unwrap().1.starts_with("1 read from"));
        assert_eq!(router.cli(&["sms", "delete", "2"]).unwrap().0, Some(0));
        assert!(listed(&router, "geheim").is_none());
        let log = router.daemon.log();
        for secret in ["hellohello", "27838890001", "geheim", "E8329BFD", "e8329bfd"] {
            assert!(!log.contains(secret), "{log}");
        }
        assert_eq!(router.daemon.ended(), None, "{}", router.daemon.log_tail(25));
    });
}
