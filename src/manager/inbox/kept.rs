//! The inbox as it is kept on flash.

use super::{Inbox, MESSAGES_MAX, Message, PARTS_MAX, Progress, SEEN_MAX};
use crate::map::Map;
use crate::time::Instant;
use crate::types::{Table, Value};

impl Inbox {
    /// As kept.
    pub(in crate::manager) fn to_table(&self) -> Table {
        let (mut seen, mut messages) = (Vec::new(), Vec::new());
        for digest in self.seen.iter() {
            seen.push(format!("{digest:016x}"));
        }
        for message in &self.messages {
            messages.push(of_message(message));
        }
        let mut table = Table::new();
        table.put("last_id", self.last_id);
        table.put("last_reference", self.last_reference);
        table.put("seen", seen);
        table.put("messages", messages);
        table
    }

    /// From what an earlier daemon kept. Missing parts are waited for anew; what was being sent is
    /// not known to have been.
    pub(in crate::manager) fn from_table(now: Instant, table: &Table) -> Self {
        let number = |name| table.get_i64(name);
        let list = |name| table.get_array(name).unwrap_or_default();
        let digest = |text: &Value| u64::from_str_radix(text.as_str()?, 16).ok();
        let (mut seen, mut messages) = (Vec::new(), Vec::new());
        for text in list("seen") {
            if seen.len() < SEEN_MAX
                && let Some(digest) = digest(text)
            {
                seen.push(digest);
            }
        }
        for it in list("messages") {
            if messages.len() < MESSAGES_MAX
                && let Some(message) = it.as_table().and_then(|it| message(now, it))
            {
                messages.push(message);
            }
        }
        let mut inbox = Self {
            messages: messages.into(),
            seen: seen.into(),
            last_id: number("last_id").and_then(|id| u32::try_from(id).ok()).unwrap_or(0),
            last_reference: number("last_reference").and_then(|n| n.try_into().ok()).unwrap_or(0),
            keep_at: None,
        };
        for message in &inbox.messages {
            inbox.last_id = inbox.last_id.max(message.id);
        }
        inbox.shrink();
        inbox
    }
}

fn of_message(message: &Message) -> Table {
    let mut table = Table::new();
    table.put("id", message.id);
    table.put("modem", message.owner.as_str());
    table.put("number", message.number.as_str());
    table.put("text", message.text.as_str());
    table.put("state", message.progress.name());
    table.put("parts", message.parts);
    table.put_some("time", message.unix_secs);
    table.put_some("reference", message.reference);
    let mut have = Vec::new();
    for (number, units) in message.have.iter() {
        let mut digits = String::new();
        for unit in units {
            digits.push_str(&format!("{unit:04x}"));
        }
        let mut table = Table::new();
        table.put("part", *number);
        table.put("units", digits);
        have.push(table);
    }
    table.put("have", have);
    let mut awaited = Vec::new();
    for (reference, is_told) in message.awaited.iter() {
        let mut table = Table::new();
        table.put("reference", *reference);
        table.put("told", *is_told);
        awaited.push(table);
    }
    table.with("awaited", awaited)
}

fn message(now: Instant, table: &Table) -> Option<Message> {
    let number = |table: &Table, name: &str| table.get_i64(name);
    let text = |name| table.get_str(name).map(str::to_owned);
    let part = |value: &Value| {
        let table = value.as_table()?;
        let digits = table.get_str("units")?.as_bytes();
        let mut units = Vec::new();
        for digits in digits.as_chunks::<4>().0 {
            units.push(u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
        }
        Some((u8::try_from(number(table, "part")?).ok()?, units))
    };
    let awaited = |value: &Value| {
        let table = value.as_table()?;
        let reference = u8::try_from(number(table, "reference")?).ok()?;
        Some((reference, table.get("told")?.as_bool()?))
    };
    let list = |name| table.get_array(name).unwrap_or_default();
    let progress = Progress::parse(table.get_str("state")?)?;
    let progress = if progress == Progress::Sending { Progress::Failed } else { progress };
    let parts = u8::try_from(number(table, "parts")?).ok()?;
    let is_open = progress == Progress::Incomplete;
    if is_open && !(1..=PARTS_MAX).contains(&parts) {
        return None;
    }
    let (mut have, mut waits_for) = (Map::new(), Vec::new());
    for (number, units) in list("have").iter().filter_map(part) {
        if (1..=parts).contains(&number) {
            have.insert(number, units);
        }
    }
    for it in list("awaited") {
        if waits_for.len() < parts.into()
            && let Some(report) = awaited(it)
        {
            waits_for.push(report);
        }
    }
    Some(Message {
        id: u32::try_from(number(table, "id")?).ok()?,
        owner: text("modem")?,
        number: text("number")?,
        text: text("text")?,
        unix_secs: number(table, "time"),
        progress,
        parts,
        have,
        reference: number(table, "reference").and_then(|n| n.try_into().ok()),
        awaited: waits_for,
        waits_since: is_open.then_some(now),
    })
}
