//! The daemon's answers as text for people. Text from a modem or a network is shown with its
//! control characters escaped: a terminal acts on some.

use crate::types::{Table, Value, decimal};
use crate::wire::json;
use std::fmt::Write;

/// Every modem and interface.
pub(super) fn status(answer: &Table) -> String {
    let mut text = String::new();
    for modem in tables(answer, "modems") {
        modem_block(&mut text, modem);
    }
    if text.is_empty() {
        text.push_str("No modem is plugged in, or none of its ports is one ltewan can use.\n");
    }
    for interface in tables(answer, "interfaces") {
        let up = interface.get("up").and_then(Value::as_bool) == Some(true);
        let state = if up { "up" } else { "down" };
        let modem = interface.get_str("modem").unwrap_or("no modem");
        let name = escaped(interface, "interface");
        let _ = writeln!(text, "interface {name}: {state}, {modem}");
        if interface.get("apn").is_some() {
            let source = escaped(interface, "apn_source");
            let _ = writeln!(text, "  apn {} ({source})", escaped(interface, "apn"));
        }
        if interface.get("page").is_some() {
            let _ = writeln!(text, "  its own page: {}", escaped(interface, "page"));
        }
        if interface.get("message").is_some() {
            let other = escaped(interface, "clashes_with");
            let other = if other.is_empty() { other } else { format!(" ({other})") };
            let _ = writeln!(text, "  {}{other}", escaped(interface, "message"));
        }
        for error in interface.get_array("errors").unwrap_or_default() {
            let _ = writeln!(text, "  {}", error.as_str().unwrap_or_default().escape_debug());
        }
    }
    for error in answer.get_array("config_errors").unwrap_or_default() {
        let _ = writeln!(text, "{}", error.as_str().unwrap_or_default().escape_debug());
    }
    text
}

fn modem_block(text: &mut String, modem: &Table) {
    let _ = writeln!(text, "modem {}: {}", escaped(modem, "modem"), sentence(modem));
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<12} {value}");
        }
    };
    line("model", joined(modem.get_table("identity"), &["manufacturer", "model", "revision"]));
    line("imei", joined(modem.get_table("identity"), &["imei"]));
    line("sim", joined(modem.get_table("sim"), &["state", "iccid"]));
    let network = modem.get_table("registration");
    line("network", joined(network, &["state", "operator", "plmn", "rat"]));
    line("signal", signal(modem));
    line("usage", modem.get_table("usage").map(carried).unwrap_or_default());
    for family in ["ipv4", "ipv6"] {
        let bearer = modem.get_table("bearer").and_then(|bearer| bearer.get_table(family));
        line(family, joined(bearer, &["address"]));
    }
    line("ports", joined(modem.get_table("ports"), &["protocol", "control", "net", "at"]));
}

/// The access points of a network, in the order in which they are tried.
pub(super) fn apns(answer: &Table) -> String {
    let mut text = String::new();
    for it in tables(answer, "candidates") {
        let name = escaped(it, "name");
        let user = it
            .get("username")
            .map_or(String::new(), |_| format!(", user name {}", escaped(it, "username")));
        let _ = writeln!(
            text,
            "{:<6} {:<28} {name}{user}",
            escaped(answer, "plmn"),
            escaped(it, "apn")
        );
    }
    text
}

/// What each SIM has carried.
pub(super) fn usage(answer: &Table) -> String {
    let mut text = String::new();
    for sim in tables(answer, "sims") {
        let name = joined(Some(sim), &["iccid", "modem"]);
        let _ = writeln!(text, "{name}: {}", carried(sim));
        if let Some(before) = sim.get_table("before") {
            let _ = writeln!(text, "  before: {}", carried(before));
        }
    }
    if text.is_empty() { "Nothing has been carried.\n".to_owned() } else { text }
}

fn carried(usage: &Table) -> String {
    let megabytes = |name| {
        let bytes = usage.get(name).and_then(Value::as_i64).unwrap_or_default();
        format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
    };
    let mut text = format!("{} received, {} sent", megabytes("rx_bytes"), megabytes("tx_bytes"));
    if let Some(percent) = usage.get("quota_percent").and_then(Value::as_i64) {
        let _ = write!(text, ", {percent} % of {}", megabytes("quota_bytes"));
    }
    if usage.get("limited").and_then(Value::as_bool) == Some(true) {
        text.push_str(", slowed down");
    }
    if let Some(start) = usage.get_str("period_start") {
        let _ = write!(text, ", since {}", plain(start));
    }
    text
}

/// What a modem is on USB, and what it can be.
pub(super) fn usb_mode(answer: &Table) -> String {
    let mut text = answer.get_str("mode").unwrap_or("unknown").to_owned();
    let modes = answer.get_array("modes").unwrap_or_default();
    let names: Vec<&str> = modes.iter().filter_map(Value::as_str).collect();
    if !names.is_empty() {
        let _ = write!(text, " (can be: {})", names.join(", "));
    }
    text + "\n"
}

/// What a modem is doing, since when, and why.
fn sentence(modem: &Table) -> String {
    let number = |name| modem.get(name).and_then(Value::as_i64);
    let mut text = escaped(modem, "state");
    if let Some(secs) = number("state_s") {
        let _ = write!(text, " for {}", length(secs));
    }
    let _ = write!(text, ". {}", escaped(modem, "message"));
    if modem.get("detail").is_some() {
        let _ = write!(text, " ({})", escaped(modem, "detail"));
    }
    if let Some(secs) = number("next_retry_s") {
        let _ = write!(text, " Next attempt in {}.", length(secs));
    }
    text
}

fn length(secs: i64) -> String {
    match secs {
        ..60 => format!("{secs} s"),
        60..3600 => format!("{} min {} s", secs / 60, secs % 60),
        3600..86400 => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
        _ => format!("{} d {} h", secs / 86400, secs % 86400 / 3600),
    }
}

/// A line a modem.
pub(super) fn modems(answer: &Table) -> String {
    let line = |modem: &Table| {
        let model = joined(modem.get_table("identity"), &["manufacturer", "model"]);
        format!("{}\t{}\t{model}\n", escaped(modem, "modem"), escaped(modem, "state"))
    };
    tables(answer, "modems").map(line).collect()
}

/// A line a modem: what it hears.
pub(super) fn signals(answer: &Table) -> String {
    let line = |modem: &Table| format!("{}\t{}\n", escaped(modem, "modem"), signal(modem));
    if answer.get("modems").is_none() {
        return format!("{}\t{}\n", escaped(answer, "modem"), levels(answer));
    }
    tables(answer, "modems").map(line).collect()
}

/// The serving cell, its carriers and its neighbours, a line each.
pub(super) fn cells(answer: &Table) -> String {
    let mut text = String::new();
    if let Some(serving) = answer.get_table("serving") {
        let _ = writeln!(text, "serving    {}", cell(serving));
    }
    for carrier in tables(answer, "carriers") {
        let _ = writeln!(text, "{:<10} {}", escaped(carrier, "role"), cell(carrier));
    }
    for neighbour in tables(answer, "neighbours") {
        let _ = writeln!(text, "neighbour  {}", cell(neighbour));
    }
    if text.is_empty() { "The modem tells of no cells.\n".to_owned() } else { text }
}

fn cell(cell: &Table) -> String {
    let mut words = vec![joined(Some(cell), &["rat", "band"])];
    let plmn = escaped(cell, "plmn");
    if !plmn.is_empty() {
        words.push(format!("plmn {plmn}"));
    }
    let keys = ["tac", "cell_id", "enb_id", "gnb_id", "sector", "pci", "arfcn"];
    for key in keys {
        if let Some(number) = cell.get(key).and_then(Value::as_i64) {
            words.push(format!("{} {number}", key.trim_end_matches("_id")));
        }
    }
    if let Some(Value::F64(width)) = cell.get("bandwidth_mhz") {
        words.push(format!("{} MHz", decimal(*width).trim_end_matches(".0")));
    }
    words.push(levels(cell));
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

fn signal(modem: &Table) -> String {
    modem.get_table("signal").map(levels).unwrap_or_default()
}

/// The levels of a signal, by the names people know them by.
fn levels(signal: &Table) -> String {
    const SHOWN: [&str; 6] = ["rssi_dbm", "rsrp_dbm", "rsrq_db", "sinr_db", "ecio_db", "quality"];
    let shown = |(key, value): &(String, Value)| {
        if let Value::F64(number) = value {
            return Some(format!("{} {}", unit(key), decimal(*number)));
        }
        value.as_i64().map(|number| format!("{} {number}", unit(key)))
    };
    signal
        .0
        .iter()
        .filter(|(key, _)| SHOWN.contains(&key.as_str()))
        .filter_map(shown)
        .collect::<Vec<_>>()
        .join(", ")
}

/// `rsrp_dbm` is shown as `RSRP`, and so on; the units are those people expect.
fn unit(key: &str) -> String {
    key.split('_').next().unwrap_or_default().to_ascii_uppercase()
}

/// Everything about one modem.
pub(super) fn info(answer: &Table) -> String {
    let mut text = String::new();
    modem_block(&mut text, answer);
    if let Some(identity) = answer.get_table("full_identity") {
        for (key, value) in &identity.0 {
            let value = value.as_str().unwrap_or_default().escape_debug();
            let _ = writeln!(text, "  {key:<12} {value}");
        }
    }
    text
}

/// The answer to an AT command, as the modem gave it.
pub(super) fn at(answer: &Table) -> String {
    let lines = answer.get_array("lines").unwrap_or_default();
    let lines = lines.iter().filter_map(Value::as_str).chain(answer.get_str("result"));
    lines.map(|line| line.escape_debug().to_string().replace("\\\"", "\"") + "\n").collect()
}

/// Where the report is.
pub(super) fn diag(answer: &Table) -> String {
    escaped(answer, "path") + "\n"
}

/// The SIM after something was done with its PIN.
pub(super) fn pin(answer: &Table) -> String {
    let mut text = format!("The SIM is {}.", escaped(answer, "state").replace('_', " "));
    for (name, key) in [("PIN", "pin_retries_left"), ("PUK", "puk_retries_left")] {
        if let Some(left) = answer.get(key).and_then(Value::as_i64) {
            let _ = write!(text, " {name} attempts left: {left}.");
        }
    }
    text.push('\n');
    match answer.get_str("pincode") {
        Some("other") => text.push_str("The configured option 'pincode' is another: change it.\n"),
        Some("none") => text.push_str(
            "No option 'pincode' is configured: the PIN has to be given after every restart.\n",
        ),
        Some(_) | None => {}
    }
    text
}

/// One change.
pub(super) fn notification(kind: &str, data: &Table) -> String {
    let word = |name| escaped(data, name);
    match kind {
        "state" => {
            format!("{}: {} -> {}: {}", word("modem"), word("from"), word("to"), word("message"))
        }
        "signal" => format!("{}\t{}", word("modem"), levels(data)),
        "modem" => format!("{}: {}", word("modem"), word("action")),
        _ => format!("{}: {}", kind.escape_debug(), json::table_to_json(data)),
    }
}

pub(super) fn tables<'a>(answer: &'a Table, name: &str) -> impl Iterator<Item = &'a Table> {
    answer.get_array(name).unwrap_or_default().iter().filter_map(Value::as_table)
}

pub(super) fn escaped(table: &Table, name: &str) -> String {
    plain(table.get_str(name).unwrap_or_default())
}

/// Text without what a terminal acts on.
pub(super) fn plain(text: &str) -> String {
    // Quotes do a terminal no harm, and our own sentences have some.
    text.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\"")
}

fn joined(table: Option<&Table>, names: &[&str]) -> String {
    let Some(table) = table else { return String::new() };
    let words = names.iter().map(|name| escaped(table, name)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
