//! `bands`, `scan` and `register`: their words, and their answers as text for people.

use super::Call;
use super::commands::{Words, modem_and};
use super::show::{escaped, tables};
use crate::types::{Plmn, Table, Value};
use std::fmt::Write;

/// How long a scan may take; the daemon gives up before.
pub(super) const SCAN_TIMEOUT_SECS: u64 = 330;

/// How long reading and setting bands, or registering, may take.
pub(super) const TIMEOUT_SECS: u64 = 250;

/// The word of `apn`: a network, or else a modem.
pub(super) fn network_or_modem(words: &mut Words<'_>, call: &mut Call) {
    if let Some(word) = words.next() {
        let name = if Plmn::parse(word).is_ok() { "plmn" } else { "modem" };
        call.args.put(name, word.as_str());
    }
}

/// The words of `register`: a network or `auto`, and before it perhaps a modem.
pub(super) fn register(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let network = modem_and(words, call, |_| true);
    let network = network.ok_or("which network? its number, or auto")?;
    if network != "auto" {
        Plmn::parse(network).map_err(|_| format!("{network}: expected auto, or MCC and MNC"))?;
        call.args.put("plmn", network);
    }
    Ok(())
}

/// The words of `slot`: a modem or a number, or both.
pub(super) fn slot(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    if let Some(number) = modem_and(words, call, |word| word.parse::<u8>().is_ok()) {
        let slot: u8 = number.parse().map_err(|_| format!("{number}: expected a slot's number"))?;
        call.args.put("slot", slot);
        call.method = "set_slot";
    }
    Ok(())
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
