//! The inbox as it is kept on flash.

use super::{Inbox, MESSAGES_MAX, Message, PARTS_MAX, Progress, SEEN_MAX};
use crate::time::Instant;
use crate::types::{Table, Value};

impl Inbox {
    /// As kept.
    pub(in crate::manager) fn to_table(&self) -> Table {
        let seen = self.seen.iter().map(|digest| format!("{digest:016x}"));
        let mut table = Table::new();
        table.put("last_id", self.last_id);
        table.put("last_reference", self.last_reference);
        table.put("seen", seen.collect::<Vec<_>>());
        table.put("messages", self.messages.iter().map(of_message).collect::<Vec<_>>());
        table
    }

    /// From what an earlier daemon kept. Missing parts are waited for anew; what was being sent is
    /// not known to have been.
    pub(in crate::manager) fn from_table(now: Instant, table: &Table) -> Self {
        let number = |name| table.get(name).and_then(Value::as_i64);
        let seen = table.get_array("seen").unwrap_or_default().iter();
        let digest = |text: &Value| u64::from_str_radix(text.as_str()?, 16).ok();
        let kept = table.get_array("messages").unwrap_or_default().iter();
        let messages = kept.filter_map(|it| message(now, it.as_table()?)).take(MESSAGES_MAX);
        let mut inbox = Self {
            messages: messages.collect(),
            seen: seen.filter_map(digest).take(SEEN_MAX).collect(),
            last_id: number("last_id").and_then(|id| u32::try_from(id).ok()).unwrap_or(0),
            last_reference: number("last_reference").and_then(|n| n.try_into().ok()).unwrap_or(0),
            keep_at: None,
        };
        let ids = inbox.messages.iter().map(|message| message.id);
        inbox.last_id = ids.max().unwrap_or(0).max(inbox.last_id);
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
        let digits: String = units.iter().map(|unit| format!("{unit:04x}")).collect();
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
    let number = |table: &Table, name: &str| table.get(name).and_then(Value::as_i64);
    let text = |name| table.get_str(name).map(str::to_owned);
    let part = |value: &Value| {
        let table = value.as_table()?;
        let digits = table.get_str("units")?.as_bytes();
        let unit = |digits: &[u8; 4]| u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
        let units = digits.as_chunks::<4>().0.iter().map(unit).collect::<Option<_>>()?;
        Some((u8::try_from(number(table, "part")?).ok()?, units))
    };
    let awaited = |value: &Value| {
        let table = value.as_table()?;
        let reference = u8::try_from(number(table, "reference")?).ok()?;
        Some((reference, table.get("told")?.as_bool()?))
    };
    let array = |name| table.get_array(name).unwrap_or_default().iter();
    let progress = Progress::parse(table.get_str("state")?)?;
    let progress = if progress == Progress::Sending { Progress::Failed } else { progress };
    let parts = u8::try_from(number(table, "parts")?).ok()?;
    let is_open = progress == Progress::Incomplete;
    if is_open && !(1..=PARTS_MAX).contains(&parts) {
        return None;
    }
    Some(Message {
        id: u32::try_from(number(table, "id")?).ok()?,
        owner: text("modem")?,
        number: text("number")?,
        text: text("text")?,
        unix_secs: number(table, "time"),
        progress,
        parts,
        have: array("have").filter_map(part).filter(|(n, _)| (1..=parts).contains(n)).collect(),
        reference: number(table, "reference").and_then(|n| n.try_into().ok()),
        awaited: array("awaited").filter_map(awaited).take(parts.into()).collect(),
        waits_since: is_open.then_some(now),
    })
}
