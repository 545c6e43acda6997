//! `bands`, `scan` and `register`: their words, and their answers as text for people.

use super::Call;
use super::commands::{Words, modem_and};
use super::show::{add, below, fill, number, tables};
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
        let is_active = slot.get("active").and_then(Value::as_bool) == Some(true);
        let mut line = String::from(if is_active { "* " } else { "  " });
        fill(&mut line, "{slot} {state:8} {iccid}", slot);
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
    if let Some(modes) = answer.get_table("modes") {
        in_use(&mut text, "modes", modes);
    }
    for rat in &["gsm", "umts", "lte", "nr5g"] {
        if let Some(table) = below(answer, &["bands", rat]) {
            in_use(&mut text, rat, table);
        }
    }
    text.push_str("what is in parentheses is not used\n");
    text
}

fn in_use(text: &mut String, name: &str, table: &Table) {
    let (current, mut all) = (words(table, "current"), words(table, "supported"));
    for word in &current {
        if !all.contains(word) {
            all.push(word.clone());
        }
    }
    let mut shown = String::new();
    for word in all {
        let is_used = current.contains(&word);
        add(&mut shown, " ", &if is_used { word } else { format!("({word})") });
    }
    let _ = writeln!(text, "{name:<6} {shown}");
}

fn words(table: &Table, name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for value in table.get_array(name).unwrap_or_default() {
        words.extend(value.as_str().map(str::to_owned).or_else(|| number(value)));
    }
    words
}

/// A line for each network.
pub(super) fn networks(answer: &Table) -> String {
    let mut text = String::new();
    for network in tables(answer, "networks") {
        fill(&mut text, "{plmn:7} {rat:5} {state:10} {operator}\n", network);
    }
    if text.is_empty() && answer.get("networks").is_some() {
        text.push_str("no network was found\n");
    }
    text
}

/// Where the modem is registered.
pub(super) fn registration(answer: &Table) -> String {
    let mut text = String::new();
    fill(&mut text, "{state} {operator} {plmn} {rat}", answer);
    text.truncate(text.trim_end().len());
    text + "\n"
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
