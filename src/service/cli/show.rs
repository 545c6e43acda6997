//! The daemon's answers as text for people. Text from a modem or a network is shown with its
//! control characters escaped: a terminal acts on some.

use crate::types::text::plain;
use crate::types::{Table, Value, decimal};
use crate::wire::json;
use std::fmt::{Display, Write};

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
        fill(&mut text, "interface {interface}: ", interface);
        text.push_str(if up { "up, " } else { "down, " });
        text.push_str(interface.get_str("modem").unwrap_or("no modem"));
        text.push('\n');
        fill_with(&mut text, "apn", "  apn {apn} ({apn_source})\n", interface);
        fill_with(&mut text, "page", "  its own page: {page}\n", interface);
        if interface.get("message").is_some() {
            fill(&mut text, "  {message}", interface);
            fill_with(&mut text, "clashes_with", " ({clashes_with})", interface);
            text.push('\n');
        }
        errors(&mut text, "  ", interface.get_array("errors"));
    }
    errors(&mut text, "", answer.get_array("config_errors"));
    text
}

fn errors(text: &mut String, indent: &str, errors: Option<&[Value]>) {
    for error in errors.unwrap_or_default() {
        let error = plain(error.as_str().unwrap_or_default());
        let _ = writeln!(text, "{indent}{error}");
    }
}

/// What is told of a modem, a line each: its name, where it is, and of that what.
const LINES: [(&str, &[&str], &[&str]); 9] = [
    ("model", &["identity"], &["manufacturer", "model", "revision"]),
    ("imei", &["identity"], &["imei"]),
    ("sim", &["sim"], &["state", "iccid"]),
    ("network", &["registration"], &["state", "operator", "plmn", "rat"]),
    ("signal", &["signal"], &[]),
    ("usage", &["usage"], &[]),
    ("ipv4", &["bearer", "ipv4"], &["address"]),
    ("ipv6", &["bearer", "ipv6"], &["address"]),
    ("ports", &["ports"], &["protocol", "control", "net", "at"]),
];

fn modem_block(text: &mut String, modem: &Table) {
    fill(text, "modem {modem}: ", modem);
    sentence(text, modem);
    for (name, path, words) in &LINES {
        let Some(table) = below(modem, path) else { continue };
        let value = match *name {
            "signal" => levels(table),
            "usage" => carried(table),
            _ => joined(table, words),
        };
        if !value.is_empty() {
            line(text, name, &value);
        }
    }
}

fn line(text: &mut String, name: &str, value: &dyn Display) {
    let _ = writeln!(text, "  {name:<12} {value}");
}

/// The table within tables by these names.
pub(super) fn below<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter().try_fold(table, |table, name| table.get_table(name))
}

/// The access points of a network, in the order in which they are tried.
pub(super) fn apns(answer: &Table) -> String {
    let mut text = String::new();
    for it in tables(answer, "candidates") {
        fill(&mut text, "{plmn:6} ", answer);
        fill(&mut text, "{apn:28} {name}", it);
        fill_with(&mut text, "username", ", user name {username}", it);
        text.push('\n');
    }
    text
}

/// What each SIM has carried.
pub(super) fn usage(answer: &Table) -> String {
    let mut text = String::new();
    for sim in tables(answer, "sims") {
        let name = joined(sim, &["iccid", "modem"]);
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
    fill_with(&mut text, "period_start", ", since {period_start}", usage);
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
fn sentence(text: &mut String, modem: &Table) {
    let number = |name| modem.get(name).and_then(Value::as_i64);
    fill(text, "{state}", modem);
    if let Some(secs) = number("state_s") {
        let _ = write!(text, " for {}", length(secs));
    }
    fill(text, ". {message}", modem);
    fill_with(text, "detail", " ({detail})", modem);
    if let Some(secs) = number("next_retry_s") {
        let _ = write!(text, " Next attempt in {}.", length(secs));
    }
    text.push('\n');
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
    let mut text = String::new();
    for modem in tables(answer, "modems") {
        fill(&mut text, "{modem}\t{state}\t", modem);
        if let Some(identity) = modem.get_table("identity") {
            text.push_str(&joined(identity, &["manufacturer", "model"]));
        }
        text.push('\n');
    }
    text
}

/// A line a modem: what it hears.
pub(super) fn signals(answer: &Table) -> String {
    let mut text = String::new();
    if answer.get("modems").is_none() {
        heard(&mut text, answer, Some(answer));
    }
    for modem in tables(answer, "modems") {
        heard(&mut text, modem, modem.get_table("signal"));
    }
    text
}

fn heard(text: &mut String, modem: &Table, signal: Option<&Table>) {
    fill(text, "{modem}\t", modem);
    text.push_str(&signal.map(levels).unwrap_or_default());
    text.push('\n');
}

/// The serving cell, its carriers and its neighbours, a line each.
pub(super) fn cells(answer: &Table) -> String {
    let mut text = String::new();
    if let Some(serving) = answer.get_table("serving") {
        text.push_str("serving    ");
        cell(&mut text, serving);
    }
    for carrier in tables(answer, "carriers") {
        fill(&mut text, "{role:10} ", carrier);
        cell(&mut text, carrier);
    }
    for neighbour in tables(answer, "neighbours") {
        text.push_str("neighbour  ");
        cell(&mut text, neighbour);
    }
    if text.is_empty() { "The modem tells of no cells.\n".to_owned() } else { text }
}

fn cell(text: &mut String, cell: &Table) {
    let mut words = joined(cell, &["rat", "band"]);
    for key in &["plmn", "tac", "cell_id", "enb_id", "gnb_id", "sector", "pci", "arfcn"] {
        let value = said(cell, key);
        if !value.is_empty() {
            add(&mut words, ", ", &format!("{} {value}", key.strip_suffix("_id").unwrap_or(key)));
        }
    }
    if let Some(Value::F64(width)) = cell.get("bandwidth_mhz") {
        let width = decimal(*width);
        add(&mut words, ", ", &format!("{} MHz", width.strip_suffix(".0").unwrap_or(&width)));
    }
    add(&mut words, ", ", &levels(cell));
    text.push_str(&words);
    text.push('\n');
}

/// The levels of a signal, by the names people know them by.
fn levels(signal: &Table) -> String {
    const SHOWN: [&str; 6] = ["rssi_dbm", "rsrp_dbm", "rsrq_db", "sinr_db", "ecio_db", "quality"];
    let mut text = String::new();
    for (key, value) in &signal.0 {
        if SHOWN.contains(&key.as_str())
            && let Some(number) = number(value)
        {
            add(&mut text, ", ", &format!("{} {number}", unit(key)));
        }
    }
    text
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
            line(&mut text, key, &plain(value.as_str().unwrap_or_default()));
        }
    }
    text
}

/// The answer to an AT command, as the modem gave it.
pub(super) fn at(answer: &Table) -> String {
    let lines = answer.get_array("lines").unwrap_or_default();
    let lines = lines.iter().filter_map(Value::as_str).chain(answer.get_str("result"));
    lines.map(|line| plain(line) + "\n").collect()
}

/// Where the report is.
pub(super) fn diag(answer: &Table) -> String {
    escaped(answer, "path") + "\n"
}

/// The SIM after something was done with its PIN.
pub(super) fn pin(answer: &Table) -> String {
    let mut text = format!("The SIM is {}.", escaped(answer, "state").replace('_', " "));
    let attempts = " PIN attempts left: {pin_retries_left}.";
    fill_with(&mut text, "pin_retries_left", attempts, answer);
    let attempts = " PUK attempts left: {puk_retries_left}.";
    fill_with(&mut text, "puk_retries_left", attempts, answer);
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
    let mut text = String::new();
    match kind {
        "state" => fill(&mut text, "{modem}: {from} -> {to}: {message}", data),
        "signal" => {
            fill(&mut text, "{modem}\t", data);
            text.push_str(&levels(data));
        }
        "modem" => fill(&mut text, "{modem}: {action}", data),
        _ => text = format!("{}: {}", plain(kind), json::table_to_json(data)),
    }
    text
}

/// Appends a template, in which `{name}` stands for what the table has of this name, and `{name:8}`
/// for the same with blanks after it, eight characters in all. It is made into text here, as
/// strings and their moves for every line were a good part of the program.
pub(super) fn fill(text: &mut String, template: &str, table: &Table) {
    for part in template.split('{') {
        let Some((name, after)) = part.split_once('}') else {
            text.push_str(part);
            continue;
        };
        let (name, width) = name.split_once(':').unwrap_or((name, ""));
        let width = width.parse().unwrap_or(0);
        let _ = write!(text, "{:<width$}{after}", said(table, name));
    }
}

/// The same if the table has something of this name.
pub(super) fn fill_with(text: &mut String, name: &str, template: &str, table: &Table) {
    if table.get(name).is_some() {
        fill(text, template, table);
    }
}

/// A word or a number of a table; empty when it has none.
fn said(table: &Table, name: &str) -> String {
    table.get(name).and_then(number).unwrap_or_else(|| escaped(table, name))
}

/// A number as text.
pub(super) fn number(value: &Value) -> Option<String> {
    if let Value::F64(number) = value {
        return Some(decimal(*number));
    }
    value.as_i64().map(|number| number.to_string())
}

/// Appends a word, and before it what separates it from others.
pub(super) fn add(text: &mut String, separator: &str, word: &str) {
    if !text.is_empty() && !word.is_empty() {
        text.push_str(separator);
    }
    text.push_str(word);
}

pub(super) fn tables<'a>(answer: &'a Table, name: &str) -> impl Iterator<Item = &'a Table> {
    answer.get_array(name).unwrap_or_default().iter().filter_map(Value::as_table)
}

pub(super) fn escaped(table: &Table, name: &str) -> String {
    plain(table.get_str(name).unwrap_or_default())
}

fn joined(table: &Table, names: &[&str]) -> String {
    let mut text = String::new();
    for name in names {
        add(&mut text, " ", &escaped(table, name));
    }
    text
}
