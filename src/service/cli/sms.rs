//! `ltewan sms` and `ltewan ussd`: what their words mean, and how messages are shown.

use super::client::{Failure, failure};
use super::{Command, show};
use crate::types::{Table, Value};
use std::fmt::Write;
use std::io::Read;

/// How long the daemon may take to send: a long text has many parts, and a network that refuses one
/// is asked again.
pub(super) const TIMEOUT_SECS: u64 = 600;

/// How long the network may take to answer a code; the daemon gives up before.
pub(super) const USSD_TIMEOUT_SECS: u64 = 80;

/// The longest text that is read from the standard input.
const TEXT_MAX: u64 = 64 * 1024;

/// What `sms` or `ussd` is to do. A text that is not among the words of `sms` is read from the
/// standard input.
///
/// # Errors
/// A sentence about what is wrong.
pub(super) fn parse(
    command: &str,
    words: Vec<String>,
) -> Result<(Command, &'static str, Table), String> {
    if command == "ussd" {
        return ussd(words);
    }
    let mut words = words.into_iter();
    let action = words.next().ok_or("sms takes list, send, read or delete")?;
    let rest: Vec<String> = words.collect();
    let args = Table::new();
    match (action.as_str(), rest.as_slice()) {
        ("list", []) => Ok((Command::SmsList, "sms_list", args)),
        ("list", [modem]) => Ok((Command::SmsList, "sms_list", args.with("modem", modem.as_str()))),
        ("read" | "delete", [_, ..]) => {
            let id = |word: &String| word.parse::<u32>().map(Value::from);
            let ids: Result<Vec<Value>, _> = rest.iter().map(id).collect();
            let ids = ids.map_err(|_| "a message is named by its number in sms list")?;
            let args = args.with("ids", ids);
            let is_read = action == "read";
            Ok(if is_read {
                (Command::SmsList, "sms_read", args)
            } else {
                (Command::Silent, "sms_delete", args)
            })
        }
        ("send", [number]) => Ok(send(args.with("number", number.as_str()))),
        ("send", [first, second]) if is_number(first) => {
            Ok(send(args.with("number", first.as_str()).with("text", second.as_str())))
        }
        ("send", [first, _, ..]) if is_number(first) => {
            Err("a text of several words needs quotes around it".to_owned())
        }
        ("send", [modem, number]) => {
            Ok(send(args.with("modem", modem.as_str()).with("number", number.as_str())))
        }
        ("send", [modem, number, text]) => {
            let args = args.with("modem", modem.as_str()).with("number", number.as_str());
            Ok(send(args.with("text", text.as_str())))
        }
        ("send", []) => Err("to whom? the number is missing".to_owned()),
        ("send", _) => Err("a text of several words needs quotes around it".to_owned()),
        ("read" | "delete", []) => Err("which message? its number is missing".to_owned()),
        ("list", _) => Err("sms list takes a modem, or nothing".to_owned()),
        _ => Err(format!("sms takes list, send, read or delete, not {action}")),
    }
}

fn ussd(mut words: Vec<String>) -> Result<(Command, &'static str, Table), String> {
    let mut args = Table::new();
    let is_action = |word: &String| is_number(word) || word == "reply" || word == "cancel";
    if words.first().is_some_and(|word| !is_action(word)) {
        args.put("modem", words.remove(0));
    }
    match words.as_slice() {
        [code] if is_number(code) => args.put("code", code.as_str()),
        [reply, text] if reply == "reply" => args.put("reply", text.as_str()),
        [cancel] if cancel == "cancel" => args.put("cancel", true),
        _ => return Err("ussd takes a code such as *100#, reply TEXT, or cancel".to_owned()),
    }
    Ok((Command::Ussd, "ussd", args))
}

const fn send(args: Table) -> (Command, &'static str, Table) {
    (Command::SmsSend, "sms_send", args)
}

/// Whether a word can only be a telephone number, and not a modem.
fn is_number(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#' | ' ' | '-'))
}

/// The text, unless it is there already.
pub(super) fn read_text(args: &Table) -> Result<Table, Failure> {
    let mut more = Table::new();
    if args.get("text").is_none() {
        let mut text = String::new();
        let read = std::io::stdin().lock().take(TEXT_MAX).read_to_string(&mut text);
        read.map_err(|_| failure(2, "the text on the standard input is not UTF-8"))?;
        more.put("text", text.strip_suffix('\n').unwrap_or(&text));
    }
    Ok(more)
}

/// Messages, oldest first.
pub(super) fn list(answer: &Table) -> String {
    let mut text = String::new();
    for message in answer.get_array("messages").unwrap_or_default() {
        let Some(message) = message.as_table() else { continue };
        let number = |name| message.get(name).and_then(Value::as_i64).unwrap_or_default();
        let is_out = message.get_str("direction") == Some("out");
        let _ = write!(text, "{} {}", number("id"), show::escaped(message, "state"));
        if message.get("parts_have").is_some() {
            let _ = write!(text, " ({} of {} parts)", number("parts_have"), number("parts"));
        }
        let way = if is_out { "to" } else { "from" };
        let _ = write!(text, " {way} {}", show::escaped(message, "number"));
        let time = show::escaped(message, "time");
        let _ = writeln!(text, "{}{time}", if time.is_empty() { "" } else { ", " });
        for line in message.get_str("text").unwrap_or_default().split('\n') {
            let _ = writeln!(text, "    {}", show::plain(line));
        }
    }
    text
}

/// That a message was sent.
pub(super) fn sent(answer: &Table) -> String {
    let number = |name| answer.get(name).and_then(Value::as_i64).unwrap_or_default();
    match number("parts") {
        1 => format!("Sent as message {}.\n", number("id")),
        parts => format!("Sent as message {}, in {parts} parts.\n", number("id")),
    }
}

/// What the network says.
pub(super) fn said(answer: &Table) -> String {
    let mut text = String::new();
    for line in answer.get_str("text").unwrap_or_default().split('\n') {
        let _ = writeln!(text, "{}", show::plain(line));
    }
    if answer.get_str("state") == Some("reply_expected") {
        text.push_str("(it waits for a reply: ltewan ussd reply TEXT, or cancel)\n");
    }
    text
}
