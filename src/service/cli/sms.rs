//! `ltewan sms` and `ltewan ussd`: what their words mean, and how messages are shown.

use super::client::{Failure, failure};
use super::commands::Words;
use super::show::{add, escaped, fill, fill_with, tables};
use super::{Call, Command};
use crate::io::stdio;
use crate::types::text::plain;
use crate::types::{Table, Value};
use std::fmt::Write;
use std::io;

/// How long the daemon may take to send: a long text has many parts, and a network that refuses one
/// is asked again.
pub(super) const TIMEOUT_SECS: u64 = 600;

/// How long the network may take to answer a code; the daemon gives up before.
pub(super) const USSD_TIMEOUT_SECS: u64 = 80;

/// The longest text that is read from the standard input.
const TEXT_MAX: usize = 64 * 1024;

/// What `sms` is to do. A text that is not among its words is read from the standard input.
///
/// # Errors
/// A sentence about what is wrong.
pub(super) fn words(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let action = words.next().ok_or("sms takes list, send, read or delete")?;
    let rest = std::mem::take(words).as_slice();
    (call.command, call.method) = match action.as_str() {
        "list" => (Command::SmsList, "sms_list"),
        "send" => (Command::SmsSend, "sms_send"),
        "read" => (Command::SmsList, "sms_read"),
        "delete" => (Command::Silent, "sms_delete"),
        _ => return Err(format!("sms takes list, send, read or delete, not {action}")),
    };
    match (action.as_str(), rest) {
        ("list", []) => {}
        ("list", [modem]) => call.args.put("modem", modem.as_str()),
        ("list", _) => return Err("sms list takes a modem, or nothing".to_owned()),
        ("send", _) => return send(rest, &mut call.args),
        (_, []) => return Err("which message? its number is missing".to_owned()),
        (_, _) => {
            let mut ids: Vec<Value> = Vec::new();
            for word in rest {
                let id: Result<u32, _> = word.parse();
                ids.push(id.map_err(|_| "a message is named by its number in sms list")?.into());
            }
            call.args.put("ids", Value::Array(ids));
        }
    }
    Ok(())
}

/// The words of `sms send`: a modem, if the first can be no number, the number and the text.
fn send(mut words: &[String], args: &mut Table) -> Result<(), String> {
    if let [modem, rest @ ..] = words
        && !rest.is_empty()
        && !is_number(modem)
    {
        args.put("modem", modem.as_str());
        words = rest;
    }
    match words {
        [] => return Err("to whom? the number is missing".to_owned()),
        [_, _, _, ..] => return Err("a text of several words needs quotes around it".to_owned()),
        [number, text @ ..] => {
            args.put("number", number.as_str());
            args.put_some("text", text.first().map(String::as_str));
        }
    }
    Ok(())
}

/// The words of `ussd`: a modem, unless the first says what to do, and that.
pub(super) fn ussd(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let args = &mut call.args;
    let mut rest = std::mem::take(words).as_slice();
    if let [modem, action @ ..] = rest
        && !(is_number(modem) || modem == "reply" || modem == "cancel")
    {
        args.put("modem", modem.as_str());
        rest = action;
    }
    match rest {
        [code] if is_number(code) => args.put("code", code.as_str()),
        [reply, text] if reply == "reply" => args.put("reply", text.as_str()),
        [cancel] if cancel == "cancel" => args.put("cancel", true),
        _ => return Err("ussd takes a code such as *100#, reply TEXT, or cancel".to_owned()),
    }
    Ok(())
}

/// Whether a word can only be a telephone number, and not a modem.
fn is_number(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#' | ' ' | '-'))
}

/// The text, unless it is there already.
pub(super) fn read_text(args: &Table) -> Result<Table, Failure> {
    let mut more = Table::new();
    if args.get("text").is_none() {
        let text = given_text();
        let text = text.ok_or_else(|| failure(2, "the text on the standard input is not UTF-8"))?;
        more.put("text", text.strip_suffix('\n').unwrap_or(&text));
    }
    Ok(more)
}

/// The standard input until its end; `None` when it is no text.
fn given_text() -> Option<String> {
    let mut bytes = Vec::new();
    let mut buf = [0; 512];
    while bytes.len() < TEXT_MAX {
        match stdio::read(&mut buf) {
            Ok(count) => bytes.extend_from_slice(buf.get(..count)?),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(_) => return None,
        }
    }
    bytes.truncate(TEXT_MAX);
    String::from_utf8(bytes).ok()
}

/// Messages, oldest first.
pub(super) fn list(answer: &Table) -> String {
    let mut text = String::new();
    for message in tables(answer, "messages") {
        fill(&mut text, "{id} {state}", message);
        fill_with(&mut text, "parts_have", " ({parts_have} of {parts} parts)", message);
        let is_out = message.get_str("direction") == Some("out");
        fill(&mut text, if is_out { " to {number}" } else { " from {number}" }, message);
        add(&mut text, ", ", &escaped(message, "time"));
        text.push('\n');
        for line in message.get_str("text").unwrap_or_default().split('\n') {
            let _ = writeln!(text, "    {}", plain(line));
        }
    }
    text
}

/// That a message was sent.
pub(super) fn sent(answer: &Table) -> String {
    let mut text = String::new();
    let is_one = answer.get("parts").and_then(Value::as_i64) == Some(1);
    let parts = if is_one { ".\n" } else { ", in {parts} parts.\n" };
    fill(&mut text, "Sent as message {id}", answer);
    fill(&mut text, parts, answer);
    text
}

/// What the network says.
pub(super) fn said(answer: &Table) -> String {
    let mut text = String::new();
    for line in answer.get_str("text").unwrap_or_default().split('\n') {
        let _ = writeln!(text, "{}", plain(line));
    }
    if answer.get_str("state") == Some("reply_expected") {
        text.push_str("(it waits for a reply: ltewan ussd reply TEXT, or cancel)\n");
    }
    text
}
