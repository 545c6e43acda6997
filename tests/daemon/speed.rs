//! Speed tests by a program that stands for librespeed-cli, run by the real daemon.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use ltewan::types::{Table, Value};
use rustix::process::{Pid, test_kill_process};

use super::{MODEM, connect, in_namespace, ping_through};
use crate::router::journal::Journal;
use crate::router::{LIMIT, Plan, Router};

/// A report as v1.0.14 prints it.
const REPORT: &str =
    "2026-11-21T12:00:20Z,\"Oslo, \"\"N\"\"\",http://oslo.example/,23.5,1.07,48.2,9,,192.0.2.7";

/// Runs `body` with a modem that is connected, and this script in place of the program.
fn with_program(name: &str, script: &str, body: impl FnOnce(&mut Router) + Send) {
    in_namespace(name, || {
        let mut router = Router::start(Plan::new(name).unwrap(), Journal::new(None)).unwrap();
        install(&router, script);
        connect(&router);
        body(&mut router);
        assert_eq!(router.daemon.ended(), None, "{}", router.daemon.log_tail(25));
    });
}

/// It tells its number and its arguments in files.
fn install(router: &Router, script: &str) {
    let folder = router.root().join("usr/bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("librespeed-cli");
    let tell = format!("echo $$ > '{0}/pid'; echo \"$*\" > '{0}/args'", folder.display());
    fs::write(&program, format!("#!/bin/sh\n{tell}\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

fn speed(router: &Router, action: &str) -> Table {
    let args = Table::new().with("action", action);
    router.client().unwrap().call("ltewan", "speedtest", &args, LIMIT).unwrap()
}

/// Waits until the test has ended.
fn wait_end(router: &Router) -> Table {
    let mut client = router.client().unwrap();
    let ended = |_: &mut _| {
        Some(speed(router, "status")).filter(|it| it.get_str("state") != Some("running"))
    };
    client.until(LIMIT, "the end of the test", ended).unwrap()
}

/// Waits until the program has begun; its number.
fn wait_begun(router: &Router) -> Pid {
    let file = router.root().join("usr/bin/pid");
    let pid = |_: &mut _| Pid::from_raw(fs::read_to_string(&file).ok()?.trim().parse().ok()?);
    router.client().unwrap().until(LIMIT, "the program", pid).unwrap()
}

fn wait_gone(router: &Router, pid: Pid) {
    let gone = |_: &mut _| test_kill_process(pid).is_err().then_some(());
    router.client().unwrap().until(LIMIT, "the end of the program", gone).unwrap();
}

#[test]
fn a_speed_test_runs_on_the_modems_device_and_its_result_is_shown() {
    let script = format!("echo noise >&2\nprintf '%s' '{REPORT}'");
    with_program("speed", &script, |router| {
        let (status, text) = router.cli(&["speedtest"]).unwrap();
        assert_eq!(status, Some(0), "{text}\n{}", router.daemon.log_tail(9));
        assert!(text.starts_with("A test may take about 250 MB.\n"), "{text}");
        let line = "48.2 Mbit/s down, 9.0 up, 23.5 ms (1.07 ms more or less), lte, Oslo, \"N\"\n";
        assert!(text.ends_with(line), "{text}");
        let args = fs::read_to_string(router.root().join("usr/bin/args")).unwrap();
        assert!(args.starts_with("--csv ") && args.ends_with("--interface wwan0\n"), "{args}");
        let (_, history) = router.cli(&["speedtest", "--history"]).unwrap();
        assert!(history.starts_with("20") && history.ends_with(line), "{history}");
        let (status, json) = router.cli(&["speedtest", "--json", "--server", "53"]).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((status, value["results"][0]["upload_mbps"].as_f64()), (Some(0), Some(9.0)));
        // The next daemon knows.
        router.daemon.stop().unwrap();
        router.start_daemon().unwrap();
        router.wait_state(MODEM, "connected").unwrap();
        let kept = speed(router, "status");
        assert_eq!(kept.get_array("results").map(<[Value]>::len), Some(2));
        assert_eq!(kept.get_str("state"), Some("idle"));
    });
}

#[test]
fn a_program_that_fails_prints_garbage_or_too_much_is_a_failure() {
    for (name, script, message) in [
        ("speed-fails", "echo 'Error: x509' >&2; exit 1", "Error: x509"),
        ("speed-silent", "exec >&- 2>&-; sleep 0.1", "did not answer"),
        ("speed-garbage", "head -c 3000 /dev/zero | tr '\\0' '\\377'; echo; echo no", "no"),
        ("speed-huge", "echo much; cat /dev/zero", "printed too much"),
    ] {
        with_program(name, script, |router| {
            speed(router, "start");
            let ended = wait_end(router);
            assert_eq!(ended.get_str("failure"), Some("FAILED"), "{name}: {ended:?}");
            let said = ended.get_str("message").unwrap();
            assert!(said.contains(message), "{name}: {said}");
            let (status, text) = router.cli(&["speedtest"]).unwrap();
            assert_eq!(status, Some(1), "{name}: {text}");
            wait_gone(router, wait_begun(router));
            ping_through("wwan0");
        });
    }
}

#[test]
fn a_program_that_hangs_is_ended_when_it_is_cancelled_or_the_link_is_lost() {
    // It leaves a child behind, which has the pipe open.
    let script = "trap '' TERM; sleep 600 & echo $! > \"$0.child\"; wait";
    with_program("speed-hangs", script, |router| {
        speed(router, "start");
        let pid = wait_begun(router);
        let file = router.root().join("usr/bin/librespeed-cli.child");
        let number =
            |_: &mut _| Pid::from_raw(fs::read_to_string(&file).ok()?.trim().parse().ok()?);
        let child = router.client().unwrap().until(LIMIT, "its child", number).unwrap();
        let (status, text) = router.cli(&["speedtest", "--cancel"]).unwrap();
        assert_eq!(status, Some(0), "{text}");
        assert_eq!(speed(router, "status").get_str("failure"), Some("CANCELLED"));
        wait_gone(router, pid);
        wait_gone(router, child);
        fs::remove_file(router.root().join("usr/bin/pid")).unwrap();

        speed(router, "start");
        let pid = wait_begun(router);
        router.modems.say("0 drop all").unwrap();
        assert_eq!(wait_end(router).get_str("failure"), Some("LINK_LOST"));
        wait_gone(router, pid);
        fs::remove_file(router.root().join("usr/bin/pid")).unwrap();

        // Nor does it outlive the daemon.
        router.wait_state(MODEM, "connected").unwrap();
        speed(router, "start");
        let pid = wait_begun(router);
        router.daemon.kill();
        wait_gone(router, pid);
        router.start_daemon().unwrap();
        router.wait_state(MODEM, "connected").unwrap();
    });
}

#[test]
fn without_the_program_its_package_is_named() {
    with_program("speed-missing", "true", |router| {
        fs::remove_file(router.root().join("usr/bin/librespeed-cli")).unwrap();
        let (status, text) = router.cli(&["speedtest"]).unwrap();
        assert_eq!(status, Some(1));
        assert!(text.contains("package librespeed-cli"), "{text}");
        fs::write(router.root().join("usr/bin/librespeed-cli"), "not a program").unwrap();
        speed(router, "start");
        let ended = wait_end(router);
        assert!(ended.get_str("message").unwrap().contains("denied"), "{ended:?}");
    });
}
