//! `bands`, `scan` and `register`: their words, and their answers as text for people.

use super::show::{escaped, tables};
use crate::types::{Plmn, Table, Value};
use pico_args::Arguments;
use std::fmt::Write;

/// How long a scan may take; the daemon gives up before.
pub(super) const SCAN_TIMEOUT_SECS: u64 = 330;

/// How long reading and setting bands, or registering, may take.
pub(super) const TIMEOUT_SECS: u64 = 250;

/// Options of these commands.
pub(super) struct Options {
    set: Option<String>,
    modes: Option<String>,
    restore: Option<u32>,
    cancel: bool,
    history: bool,
    server: Option<String>,
    /// Of `wan`.
    pub(super) is_applied: bool,
    /// Print the sentences of the satellite receiver afterwards.
    pub(super) nmea: bool,
}

impl Options {
    pub(super) fn take(arguments: &mut Arguments) -> Result<Self, String> {
        let text = |error: pico_args::Error| error.to_string();
        Ok(Self {
            set: arguments.opt_value_from_str("--set").map_err(text)?,
            modes: arguments.opt_value_from_str("--modes").map_err(text)?,
            restore: arguments.opt_value_from_str("--restore").map_err(text)?,
            cancel: arguments.contains("--cancel"),
            history: arguments.contains("--history"),
            server: arguments.opt_value_from_str("--server").map_err(text)?,
            is_applied: arguments.contains("--apply"),
            nmea: arguments.contains("--nmea"),
        })
    }

    /// The method that does what a command asks for, and puts its arguments.
    pub(super) fn apply(
        self,
        method: &'static str,
        args: &mut Table,
    ) -> Result<&'static str, String> {
        let list = |text: &str| {
            let words = text.split(',').filter(|word| *word != "all" && !word.is_empty());
            Value::Array(words.map(Value::from).collect())
        };
        let is_test = method == "speedtest";
        if !is_test && (self.history || self.server.is_some()) {
            return Err("--history and --server are for speedtest".to_owned());
        }
        match (is_test, self.cancel, self.history) {
            (false, true, _) => args.put("cancel", true),
            (true, true, true) => return Err("--cancel and --history: one at a time".to_owned()),
            (true, true, false) => args.put("action", "cancel"),
            (true, false, false) => args.put("action", "start"),
            (true | false, false, _) => {}
        }
        args.put_some("server", self.server);
        if let Some(secs) = self.restore {
            args.put("restore_s", secs);
        }
        if self.nmea && method != "gnss" {
            return Err("--nmea is for gnss".to_owned());
        }
        match (method, self.set, self.modes) {
            ("bands", Some(_), Some(_)) => Err("--set and --modes: one at a time".to_owned()),
            ("bands", Some(bands), None) => {
                args.put("bands", list(&bands));
                Ok("set_bands")
            }
            ("bands", None, Some(modes)) => {
                args.put("modes", list(&modes));
                Ok("set_modes")
            }
            (_, None, None) => Ok(method),
            (_, _, _) => Err("--set and --modes are for bands".to_owned()),
        }
    }
}

/// The word of `apn`: a network, or else a modem.
pub(super) fn network_or_modem(word: Option<String>, args: &mut Table) {
    let is_network = word.as_ref().is_some_and(|word| Plmn::parse(word).is_ok());
    args.put_some(if is_network { "plmn" } else { "modem" }, word);
}

/// The words of `register`: a network or `auto`, and before it perhaps a modem.
pub(super) fn register(
    words: &mut impl Iterator<Item = String>,
    args: &mut Table,
) -> Result<(), String> {
    let first = words.next().ok_or("which network? its number, or auto")?;
    let network = match words.next() {
        Some(second) => {
            args.put("modem", first);
            second
        }
        None => first,
    };
    if network == "auto" {
        return Ok(());
    }
    Plmn::parse(&network).map_err(|_| format!("{network}: expected auto, or MCC and MNC"))?;
    args.put("plmn", network);
    Ok(())
}

/// The words of `slot`: a modem or a number, or both; the method that it is.
pub(super) fn slot(
    words: &mut impl Iterator<Item = String>,
    args: &mut Table,
) -> Result<&'static str, String> {
    let (first, second) = (words.next(), words.next());
    let (modem, number) = match first {
        Some(word) if second.is_none() && word.parse::<u8>().is_ok() => (None, Some(word)),
        first => (first, second),
    };
    args.put_some("modem", modem);
    let Some(number) = number else { return Ok("info") };
    let number: u8 = number.parse().map_err(|_| format!("{number}: expected a slot's number"))?;
    args.put("slot", u32::from(number));
    Ok("set_slot")
}

/// A line for each slot.
pub(super) fn slots(answer: &Table) -> String {
    let mut text = String::new();
    for slot in tables(answer, "slots") {
        let number = slot.get("slot").and_then(Value::as_i64).unwrap_or_default();
        let is_active = slot.get("active").and_then(Value::as_bool) == Some(true);
        let mark = if is_active { '*' } else { ' ' };
        let [state, iccid] = ["state", "iccid"].map(|name| escaped(slot, name));
        let line = format!("{mark} {number} {state:<8} {iccid}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if text.is_empty() {
        text.push_str("the modem has one slot, or does not say\n");
    }
    text
}

/// A line for the technologies and each one's bands; those in use are marked.
pub(super) fn bands(answer: &Table) -> String {
    let mut text = String::new();
    let words = |table: &Table, name: &str| -> Vec<String> {
        let list = table.get_array(name).unwrap_or_default();
        let word = |value: &Value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.as_i64().unwrap_or_default().to_string(),
        };
        list.iter().map(word).collect()
    };
    let mut line = |name: &str, table: &Table| {
        let (current, mut all) = (words(table, "current"), words(table, "supported"));
        all.extend(current.iter().filter(|word| !all.contains(word)).cloned().collect::<Vec<_>>());
        let marked = all
            .iter()
            .map(|word| if current.contains(word) { word.clone() } else { format!("({word})") });
        let _ = writeln!(text, "{name:<6} {}", marked.collect::<Vec<_>>().join(" "));
    };
    if let Some(modes) = answer.get_table("modes") {
        line("modes", modes);
    }
    for rat in ["gsm", "umts", "lte", "nr5g"] {
        if let Some(table) = answer.get_table("bands").and_then(|bands| bands.get_table(rat)) {
            line(rat, table);
        }
    }
    text.push_str("what is in parentheses is not used\n");
    text
}

/// A line for each network.
pub(super) fn networks(answer: &Table) -> String {
    let mut text = String::new();
    for network in tables(answer, "networks") {
        let [plmn, rat, state, operator] =
            ["plmn", "rat", "state", "operator"].map(|name| escaped(network, name));
        let _ = writeln!(text, "{plmn:<7} {rat:<5} {state:<10} {operator}");
    }
    if text.is_empty() && answer.get("networks").is_some() {
        text.push_str("no network was found\n");
    }
    text
}

/// Where the modem is registered.
pub(super) fn registration(answer: &Table) -> String {
    let words = ["state", "operator", "plmn", "rat"].map(|name| escaped(answer, name));
    words.join(" ").trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_in_parentheses() {
        let list =
            |numbers: &[i64]| Value::Array(numbers.iter().map(|n| Value::from(*n)).collect());
        let lte = Table::new().with("supported", list(&[3, 7])).with("current", list(&[3]));
        let answer = Table::new().with("bands", Table::new().with("lte", lte));
        assert!(bands(&answer).starts_with("lte    3 (7)\n"));
    }
}
