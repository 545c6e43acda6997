//! `gnss`: its words, its answer as text, and the receiver's sentences as they come.

use super::Call;
use super::client::{Failure, failure};
use super::commands::Words;
use super::show::fill_with;
use crate::io::{Received, poll, tty};
use crate::manager::nmea_sentence;
use crate::types::{Table, Value};
use std::fmt::Write as _;
use std::io::Write;
use std::os::fd::AsFd;

/// How long the daemon may take: the port is shared with what it asks itself.
pub(super) const TIMEOUT_SECS: u64 = 120;

/// A line of NMEA is shorter; what is longer is none.
const LINE_MAX: usize = 256;

/// The words: a modem, and what to do.
pub(super) fn words(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    for word in words {
        let name = if word == "on" || word == "off" { "action" } else { "modem" };
        if call.args.get(name).is_some() {
            return Err(format!("one word too many: {word}"));
        }
        call.args.put(name, word.as_str());
    }
    Ok(())
}

/// How the receiver is.
pub(super) fn status(answer: &Table) -> String {
    let mut text = String::new();
    let state = match answer.get("on").and_then(Value::as_bool) {
        Some(true) => "on",
        Some(false) => "off",
        None => "not known",
    };
    let _ = writeln!(text, "receiver   {state}");
    fill_with(&mut text, "nmea_port", "NMEA       {nmea_port}\n", answer);
    let Some(fix) = answer.get_table("fix") else { return text };
    if fix.get("longitude").is_some() {
        fill_with(&mut text, "latitude", "position   {latitude} {longitude}\n", fix);
    }
    fill_with(&mut text, "altitude_m", "altitude   {altitude_m} m\n", fix);
    fill_with(&mut text, "satellites", "satellites {satellites}\n", fix);
    fill_with(&mut text, "time", "time       {time}\n", fix);
    text
}

/// Prints what comes from the receiver's port, until that is gone or nobody reads it.
pub(super) fn sentences(answer: &Table, out: &mut impl Write) -> Result<(), Failure> {
    let path = answer
        .get_str("nmea_port")
        .ok_or_else(|| failure(1, "which port of this modem has NMEA is not known"))?;
    let failed = |error: std::io::Error| failure(1, error.to_string());
    // For this program alone: what another reads, gpsd perhaps, is not taken from it.
    let mut port = tty::open(path).map_err(failed)?;
    let mut line = Vec::new();
    let mut bytes = [0; 1024];
    loop {
        poll::wait(&[(port.as_fd(), poll::Interest::Read)], None).map_err(failed)?;
        let count = match port.read(&mut bytes).map_err(failed)? {
            Received::Bytes(count) => count,
            Received::Nothing => continue,
            Received::Closed => return Err(failure(1, "the port is gone")),
        };
        for byte in bytes.iter().take(count) {
            if *byte != b'\n' && line.len() < LINE_MAX {
                line.push(*byte);
                continue;
            }
            let text = String::from_utf8_lossy(&line);
            if nmea_sentence(&text).is_some()
                && writeln!(out, "{}", text.trim()).and_then(|()| out.flush()).is_err()
            {
                // Whoever read it has seen enough.
                return Ok(());
            }
            line.clear();
        }
    }
}
