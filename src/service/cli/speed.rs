//! `speedtest`: its words, and how a test goes on until it has ended.

use super::client::{Client, Failure, failure};
use super::show::{add, escaped, fill, tables};
use crate::io::clock;
use crate::time::Duration;
use crate::types::{Table, Value, decimal};
use std::fmt::Write as _;
use std::io::Write;

/// After how long the daemon is asked that has said nothing: it tells how a test goes each second.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the test is, and what was measured.
pub(super) fn status(answer: &Table) -> String {
    let mut text = if is_running(answer) { progress(answer) } else { String::new() };
    for result in tables(answer, "results") {
        fill(&mut text, "{time} ", result);
        put_result(&mut text, result);
    }
    if text.is_empty() {
        text.push_str("nothing was measured yet\n");
    }
    text
}

/// Shows how a test goes until it has ended; with `json`, only what the daemon says then.
pub(super) fn follow(
    mut answer: Table,
    client: &mut Client,
    is_json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    if !is_json {
        let megabytes = number(&answer, "may_take_mb");
        let _ = writeln!(out, "A test may take about {megabytes} MB.");
    }
    let modem = answer.get_str("modem").unwrap_or_default().to_owned();
    let of_modem = Table::new().with("modem", modem.as_str());
    while is_running(&answer) {
        answer = match client.next_notification(Some(clock::now() + PATIENCE))? {
            Some((kind, data)) if kind == "speedtest" => data,
            Some(_) => continue,
            None => client.call("speedtest", &of_modem, super::TIMEOUT_SECS)?,
        };
        if answer.get_str("modem") != Some(modem.as_str()) {
            answer = of_modem.clone().with("state", "running");
        } else if is_running(&answer) && !is_json {
            let _ = out.write_all(progress(&answer).as_bytes()).and_then(|()| out.flush());
        }
    }
    answer = client.call("speedtest", &of_modem, super::TIMEOUT_SECS)?;
    if is_json {
        let _ = out.write_all(super::as_json(&answer).as_bytes());
    }
    if answer.get_str("state") != Some("done") {
        return Err(failure(1, escaped(&answer, "message")));
    }
    if let Some(result) = tables(&answer, "results").next().filter(|_| !is_json) {
        let mut text = String::new();
        put_result(&mut text, result);
        let _ = out.write_all(text.as_bytes());
    }
    Ok(())
}

fn is_running(answer: &Table) -> bool {
    answer.get_str("state") == Some("running")
}

fn number(table: &Table, name: &str) -> i64 {
    table.get(name).and_then(Value::as_i64).unwrap_or_default()
}

fn progress(answer: &Table) -> String {
    let mbps = |name| {
        let bps = number(answer, name);
        format!("{}.{}", bps / 1_000_000, bps / 100_000 % 10)
    };
    let (seconds, phase) = (number(answer, "elapsed_s"), escaped(answer, "phase"));
    let (down, up) = (mbps("rx_bps"), mbps("tx_bps"));
    format!("{seconds:>3} s  {phase:<9}  {down:>6} down  {up:>6} up Mbit/s\n")
}

fn put_result(text: &mut String, result: &Table) {
    let number = |name| match result.get(name) {
        Some(Value::F64(number)) => decimal(*number),
        _ => "?".to_owned(),
    };
    let [down, up, ping, jitter] =
        ["download_mbps", "upload_mbps", "ping_ms", "jitter_ms"].map(number);
    let _ = write!(text, "{down} Mbit/s down, {up} up, {ping} ms ({jitter} ms more or less)");
    for name in &["rat", "band", "server"] {
        add(text, ", ", &escaped(result, name));
    }
    text.push('\n');
}
