//! The examples in `docs/hooks.md`; `daemon::hooks` runs them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::process::{Command, Stdio};

const MANUAL: &str = include_str!("../docs/hooks.md");

fn examples() -> impl Iterator<Item = &'static str> {
    MANUAL.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap())
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
