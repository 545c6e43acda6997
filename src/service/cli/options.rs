//! The options: how each is read, and what it is to the daemon.

use super::{Call, Command};
use crate::types::{Table, Value};
use core::num::ParseIntError;
use pico_args::Arguments;
use std::path::PathBuf;

/// Reads the value of an option. One type for all: the option parser is in the program once for
/// each.
type Read = fn(&str) -> Result<Value, ParseIntError>;

/// Every option in the order in which they are looked for; one without a value is a flag.
const OPTIONS: [(&str, Option<Read>); 19] = [
    ("--bus", Some(text)),
    ("--json", None),
    ("--watch", None),
    ("--level", Some(text)),
    ("--timeout", Some(short)),
    ("--root", Some(text)),
    ("--stderr", None),
    ("--force", None),
    ("--report", None),
    ("--pty", None),
    ("--language", Some(text)),
    ("--set", Some(text)),
    ("--modes", Some(text)),
    ("--restore", Some(seconds)),
    ("--cancel", None),
    ("--history", None),
    ("--server", Some(text)),
    ("--apply", None),
    ("--nmea", None),
];

/// Those that the daemon has an argument of the same name for.
const PASSED_ON: [&str; 5] = ["--language", "--level", "--report", "--force", "--server"];

fn text(text: &str) -> Result<Value, ParseIntError> {
    Ok(text.into())
}

fn short(text: &str) -> Result<Value, ParseIntError> {
    text.parse::<u16>().map(Value::from)
}

fn seconds(text: &str) -> Result<Value, ParseIntError> {
    text.parse::<u32>().map(Value::from)
}

/// What options were given, each with its value; a flag is `true`.
pub(super) struct Options(Table);

impl Options {
    pub(super) fn take(arguments: &mut Arguments) -> Result<Self, String> {
        let mut given = Table::new();
        for (option, read) in &OPTIONS {
            let value = match read {
                Some(read) => arguments.opt_value_from_fn(*option, *read).map_err(super::told)?,
                None => arguments.contains(*option).then_some(Value::Bool(true)),
            };
            given.put_some(option, value);
        }
        Ok(Self(given))
    }

    pub(super) fn has(&self, option: &str) -> bool {
        self.0.get(option).is_some()
    }

    /// The path given with an option.
    pub(super) fn path(&self, option: &str) -> Option<PathBuf> {
        self.0.get_str(option).map(PathBuf::from)
    }

    /// How long the modem may take, in seconds.
    pub(super) fn timeout(&self) -> Option<u16> {
        self.0.get("--timeout").and_then(Value::as_i64).and_then(|secs| secs.try_into().ok())
    }

    /// Puts into a call what the options mean for it.
    pub(super) fn apply(&self, call: &mut Call) -> Result<(), String> {
        let is_test = call.command == Command::SpeedTest;
        if !is_test && (self.has("--history") || self.has("--server")) {
            return Err("--history and --server are for speedtest".to_owned());
        }
        for option in &PASSED_ON {
            call.args.put_some(option.trim_start_matches('-'), self.0.get(option).cloned());
        }
        call.args.put_some("restore_s", self.0.get("--restore").cloned());
        match (is_test, self.has("--cancel"), self.has("--history")) {
            (false, true, _) => call.args.put("cancel", true),
            (true, true, true) => return Err("--cancel and --history: one at a time".to_owned()),
            (true, true, false) => call.args.put("action", "cancel"),
            (true, false, false) => call.args.put("action", "start"),
            (true | false, false, _) => {}
        }
        if self.has("--nmea") && call.command != Command::Gnss {
            return Err("--nmea is for gnss".to_owned());
        }
        for (option, name, method) in
            &[("--set", "bands", "set_bands"), ("--modes", "modes", "set_modes")]
        {
            let Some(list) = self.0.get_str(option) else { continue };
            if call.command != Command::Bands {
                return Err("--set and --modes are for bands".to_owned());
            }
            if call.method != "bands" {
                return Err("--set and --modes: one at a time".to_owned());
            }
            let mut words: Vec<Value> = Vec::new();
            for word in list.split(',') {
                if word != "all" && !word.is_empty() {
                    words.push(word.into());
                }
            }
            call.args.put(*name, Value::Array(words));
            call.method = method;
        }
        Ok(())
    }
}
