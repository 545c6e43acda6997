//! The examples in `docs/hooks.md`, run as `hotplug-call` runs them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MANUAL: &str = include_str!("../docs/hooks.md");

fn examples() -> impl Iterator<Item = &'static str> {
    MANUAL.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap())
}

/// A folder with the scripts of the manual, and stand-ins for the programs that they call.
fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("ltewan-hooks-{name}-{}", std::process::id()));
    fs::create_dir_all(dir.join("bin")).unwrap();
    for (program, text) in [
        ("ltewan", "echo \"ltewan $*\" | tee -a \"$TOLD\""),
        ("msmtp", "{ echo \"msmtp $*\"; cat; } > \"$TOLD.mail\""),
    ] {
        let path = dir.join("bin").join(program);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let files = examples().map(|block| block.replace("/tmp/", &format!("{}/", dir.display())));
    fs::write(dir.join("all"), files.collect::<String>()).unwrap();
    dir
}

/// Runs all of them in one shell, as one event.
fn tell(dir: &Path, event: &[(&str, &str)]) {
    let path = format!("{}:/usr/bin:/bin", dir.join("bin").display());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", ". ./all; true"]).current_dir(dir).env_clear().env("PATH", path);
    shell.env("TOLD", dir.join("told")).env("SIM_GPIO", dir.join("gpio"));
    let output = shell.envs(event.iter().copied()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn the_examples_of_scripts_do_what_the_manual_says() {
    let dir = folder("all");
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap_or_default();
    let modem = ("MODEM", "usb:1-1");
    tell(&dir, &[("ACTION", "sms"), ("ID", "7"), ("NUMBER", "+4917012345"), modem]);
    let mail = "msmtp me@example.org\nSubject: SMS from +4917012345\n\nltewan sms read 7\n";
    assert_eq!(read("told.mail"), mail);
    let state = |from, to| tell(&dir, &[("ACTION", "state"), ("FROM", from), ("STATE", to), modem]);
    state("connected", "recovering");
    assert!(dir.join("ltewan-offline").exists());
    state("recovering", "searching");
    assert!(dir.join("ltewan-offline").exists());
    state("connecting", "connected");
    assert!(!dir.join("ltewan-offline").exists());
    let counts = [("RX_BYTES", "70"), ("TX_BYTES", "10"), ("QUOTA_BYTES", "100")];
    let usage = |percent| {
        let event = [("ACTION", "usage"), ("PERCENT", percent), ("QUOTA_ACTION", "warn"), modem];
        tell(&dir, &[&event[..], &counts].concat());
    };
    usage("80");
    let mail = "msmtp me@example.org\nSubject: 80 % of the quota are used up\n\n\
                usb:1-1 has carried 80 of 100 bytes.\n";
    assert_eq!(read("told.mail"), mail);
    assert!(!dir.join("gpio").exists());
    usage("100");
    assert!(read("told.mail").ends_with("bytes.\nWhat is done about it: warn.\n"));
    assert_eq!(
        (read("gpio").as_str(), read("told").lines().last()),
        ("1\n", Some("ltewan reset usb:1-1"))
    );
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn shellcheck_finds_nothing_in_the_examples() {
    for example in examples() {
        let mut command = Command::new("shellcheck");
        command.args(["--shell=sh", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut shellcheck) = command.spawn() else {
            return println!("shellcheck is not installed: the examples have no verdict of its");
        };
        shellcheck.stdin.take().unwrap().write_all(example.as_bytes()).unwrap();
        let output = shellcheck.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}");
    }
}
