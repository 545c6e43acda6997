//! The router's own inbox: what was received, joined, and what was sent.
//!
//! Pure: it knows neither modems nor files. What it holds is bounded in number and in octets; the
//! oldest goes first. A part that comes twice is known by what it says.

mod kept;
#[cfg(test)]
mod tests;

use crate::map::{Map, Queue};
use crate::time::{Duration, Instant};
use crate::types::{SmsDelivery, SmsPart, SmsPartOf, SmsReport};

/// How many messages are held.
pub(super) const MESSAGES_MAX: usize = 100;

/// How many octets the messages may have in the file, of which 64 KiB are read back; what was seen
/// takes 4 KiB more.
const OCTETS_MAX: usize = 56 * 1024;

/// How many octets a message has in the file beside its modem, its number, its text and its parts:
/// 184, rounded up.
const MESSAGE_OCTETS: usize = 192;

/// How many octets a part that came, or one whose report is awaited, has there beside its text: at
/// most 44, rounded up.
const PART_OCTETS: usize = 48;

/// How many UTF-16 units of a part are taken. A message has at most 140 octets, TS 23.040 9.2.3.24,
/// so more is nothing that the network brought.
const UNITS_MAX: usize = 4096;

/// The most parts of a message that are joined: some ten thousand characters.
pub(super) const PARTS_MAX: u8 = 64;

/// For how long missing parts of a message are waited for.
const PARTS_PATIENCE: Duration = Duration::from_secs(3600);

/// How many received parts are remembered so that none is taken twice.
const SEEN_MAX: usize = 128;

/// How many sent messages may wait for a report.
const TRAIL_DIGITS: usize = 6;

/// What stands for a part that never came.
const MISSING: &str = "[\u{2026}]";

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Received, and parts of it are missing still.
    Incomplete,
    /// Received, and nobody has read it.
    Unread,
    /// Received and read.
    Read,
    /// Being sent.
    Sending,
    /// The network has it.
    Sent,
    /// The recipient has it.
    Delivered,
    /// It was not sent, or not delivered.
    Failed,
}

/// The words for them, on ubus and in the file.
const PROGRESS: [(Progress, &str); 7] = [
    (Progress::Incomplete, "incomplete"),
    (Progress::Unread, "unread"),
    (Progress::Read, "read"),
    (Progress::Sending, "sending"),
    (Progress::Sent, "sent"),
    (Progress::Delivered, "delivered"),
    (Progress::Failed, "failed"),
];

impl Progress {
    pub(super) fn name(self) -> &'static str {
        PROGRESS.iter().find(|(it, _)| *it == self).map_or("", |(_, name)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        PROGRESS.iter().find(|(_, known)| *known == name).map(|(it, _)| *it)
    }

    /// Whether it came to us.
    pub(super) const fn is_incoming(self) -> bool {
        matches!(self, Self::Incomplete | Self::Unread | Self::Read)
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) id: u32,
    /// The modem that received or sent it: `imei:` and its number, or the path of one that has
    /// none.
    pub(super) owner: String,
    /// Of the other side. Hostile text.
    pub(super) number: String,
    /// Of whole messages. Hostile text.
    text: String,
    /// When the service centre got it, or it was sent, in seconds since 1970.
    pub(super) unix_secs: Option<i64>,
    pub(super) progress: Progress,
    /// How many parts it has.
    pub(super) parts: u8,
    /// The parts of an incomplete one: number and text in UTF-16.
    have: Map<u8, Vec<u16>>,
    /// Of a received one, what its parts have in common.
    reference: Option<u16>,
    /// Of a sent one, the references that a report may name, and whether it has.
    awaited: Vec<(u8, bool)>,
    /// Since when parts are waited for.
    waits_since: Option<Instant>,
}

impl Message {
    /// What it says, in as far as it is there, without what no screen should get.
    pub(super) fn text(&self) -> String {
        if self.progress != Progress::Incomplete {
            return self.text.clone();
        }
        self.joined()
    }

    fn joined(&self) -> String {
        let mut text = String::new();
        let mut units: Vec<u16> = Vec::new();
        for number in 1..=self.parts {
            match self.have.get(&number) {
                Some(part) => units.extend(part),
                None => {
                    text += &String::from_utf16_lossy(&std::mem::take(&mut units));
                    text += MISSING;
                }
            }
        }
        text += &String::from_utf16_lossy(&units);
        text.chars().map(shown).collect()
    }

    /// How many of its parts are there.
    pub(super) fn parts_have(&self) -> usize {
        if self.progress == Progress::Incomplete { self.have.len() } else { self.parts.into() }
    }

    /// No less than it has in the file, now and with what is still to come of one that is sent, or
    /// without what never comes of one that is not whole.
    fn octets(&self) -> usize {
        // In the file, units of incomplete messages have four digits; in a text three octets.
        let units: usize = self.have.values().map(|part| PART_OCTETS + part.len() * 4).sum();
        let parts = usize::from(self.parts);
        let missing = if self.progress == Progress::Incomplete { parts * MISSING.len() } else { 0 };
        let is_sending = self.progress == Progress::Sending;
        let awaited = PART_OCTETS * if is_sending { parts } else { self.awaited.len() };
        let texts = self.owner.len() + self.number.len() + self.text.len();
        MESSAGE_OCTETS + texts + units + missing + awaited
    }
}

/// A control character would end a line of a list, or move a terminal's cursor.
pub(super) fn shown(c: char) -> char {
    if c.is_control() && !matches!(c, '\n' | '\t') { '\u{FFFD}' } else { c }
}

/// All messages of the router.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    messages: Queue<Message>,
    /// Of parts that were received.
    seen: Queue<u64>,
    last_id: u32,
    last_reference: u8,
    /// When it has to be written, for it has changed.
    pub(super) keep_at: Option<Instant>,
}

impl Inbox {
    /// Every message, oldest first.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }

    /// How many messages of a modem nobody has read.
    pub(super) fn unread(&self, owner: &str) -> usize {
        let is_unread = |m: &&Message| m.progress == Progress::Unread && m.owner == owner;
        self.messages.iter().filter(is_unread).count()
    }

    /// What is kept as that of a path is that of the modem there: earlier versions knew no more.
    pub(super) fn claim(&mut self, path: &str, owner: &str) {
        for message in self.messages.iter_mut().filter(|message| message.owner == path) {
            owner.clone_into(&mut message.owner);
        }
    }

    /// Whether this part came before.
    pub(super) fn has_seen(&self, owner: &str, part: &SmsPart) -> bool {
        self.seen.contains(&digest(owner, part))
    }

    /// A part came; the message's id when that made it whole. One that came before is nothing.
    pub(super) fn receive(&mut self, now: Instant, owner: &str, mut part: SmsPart) -> Option<u32> {
        if self.has_seen(owner, &part) {
            return None;
        }
        let digest = digest(owner, &part);
        part.text.truncate(UNITS_MAX);
        if self.seen.len() >= SEEN_MAX {
            self.seen.pop_front();
        }
        self.seen.push_back(digest);
        let place = part.place.filter(|place| place.total <= PARTS_MAX);
        let number: String = part.number.chars().map(shown).collect();
        let (parts, reference) = place.map_or((1, None), |p| (p.total, Some(p.reference)));
        let at = place.and_then(|place| self.open(owner, &number, place));
        let at = at.unwrap_or_else(|| {
            self.add(Message {
                id: 0,
                owner: owner.to_owned(),
                number,
                text: String::new(),
                unix_secs: part.unix_secs,
                progress: Progress::Incomplete,
                parts,
                have: Map::new(),
                reference,
                awaited: Vec::new(),
                waits_since: Some(now),
            })
        });
        let message = self.messages.get_mut(at)?;
        message.have.insert(place.map_or(1, |place| place.number), part.text);
        // One that alone would be too much takes less when it is joined, and waits for no more.
        let is_whole =
            message.have.len() == usize::from(message.parts) || message.octets() > OCTETS_MAX;
        let id = message.id;
        if is_whole {
            close(message);
        }
        self.shrink();
        is_whole.then_some(id)
    }

    /// The message that lacks this part.
    fn open(&self, owner: &str, number: &str, place: SmsPartOf) -> Option<usize> {
        self.messages.iter().position(|message| {
            message.progress == Progress::Incomplete
                && (message.owner.as_str(), message.number.as_str()) == (owner, number)
                && (message.reference, message.parts) == (Some(place.reference), place.total)
                && !message.have.contains_key(&place.number)
        })
    }

    /// Messages whose missing parts are waited for no longer; they count as received.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<u32> {
        let is_due = |m: &&mut Message| {
            m.progress == Progress::Incomplete
                && m.waits_since.is_some_and(|since| since + PARTS_PATIENCE <= now)
        };
        let mut due = Vec::new();
        for message in self.messages.iter_mut().filter(is_due) {
            close(message);
            due.push(message.id);
        }
        due
    }

    /// When [`Inbox::expire`] is wanted.
    pub(super) fn poll_expiry(&self) -> Option<Instant> {
        let mut first = None;
        for message in self.messages.iter().filter(|m| m.progress == Progress::Incomplete) {
            first = Instant::first_of(&[first, message.waits_since]);
        }
        Some(first? + PARTS_PATIENCE)
    }

    /// A message that is to be sent in so many parts; its id.
    pub(super) fn send(&mut self, owner: &str, number: &str, text: &str, parts: u8) -> u32 {
        let at = self.add(Message {
            id: 0,
            owner: owner.to_owned(),
            number: number.to_owned(),
            text: text.chars().map(shown).collect(),
            unix_secs: None,
            progress: Progress::Sending,
            parts,
            have: Map::new(),
            reference: None,
            awaited: Vec::new(),
            waits_since: None,
        });
        let id = self.messages.get(at).map_or(0, |message| message.id);
        self.shrink();
        id
    }

    /// What parts of the next long message to send have in common.
    pub(super) fn next_reference(&mut self) -> u8 {
        self.last_reference = self.last_reference.wrapping_add(1);
        self.last_reference
    }

    /// A part was sent, with this reference if a report is wanted.
    pub(super) fn part_sent(&mut self, id: u32, reference: Option<u8>) {
        if let Some(message) = self.by_id(id) {
            message.awaited.extend(reference.map(|reference| (reference, false)));
        }
    }

    /// A message was sent, or could not be.
    pub(super) fn sent(&mut self, id: u32, is_sent: bool) {
        if let Some(message) = self.by_id(id) {
            message.progress = if is_sent { Progress::Sent } else { Progress::Failed };
        }
    }

    /// Says when the messages were sent that have no time yet.
    pub(super) fn stamp(&mut self, unix_secs: i64) {
        let is_new = |m: &&mut Message| !m.progress.is_incoming() && m.unix_secs.is_none();
        self.messages.iter_mut().filter(is_new).for_each(|m| m.unix_secs = Some(unix_secs));
    }

    /// The service centre reports; the message's id when that is its last word on one.
    pub(super) fn report(&mut self, owner: &str, report: &SmsReport) -> Option<u32> {
        if report.delivery == SmsDelivery::Trying {
            return None;
        }
        let is_it = |m: &&mut Message| {
            m.owner == owner
                && matches!(m.progress, Progress::Sending | Progress::Sent)
                && is_same_party(&m.number, &report.number)
                && m.awaited.contains(&(report.reference, false))
        };
        let message = self.messages.iter_mut().rev().find(is_it)?;
        let awaited = message.awaited.iter_mut().find(|it| **it == (report.reference, false))?;
        awaited.1 = true;
        let is_all =
            message.awaited.iter().filter(|(_, told)| *told).count() == usize::from(message.parts);
        if report.delivery == SmsDelivery::Failed {
            message.progress = Progress::Failed;
        } else if is_all {
            message.progress = Progress::Delivered;
        } else {
            return None;
        }
        Some(message.id)
    }

    /// Somebody has read these; whether that changes anything.
    pub(super) fn read(&mut self, ids: &[u32]) -> bool {
        let is_new = |m: &&mut Message| m.progress == Progress::Unread && ids.contains(&m.id);
        let mut changed = false;
        for message in self.messages.iter_mut().filter(is_new) {
            (message.progress, changed) = (Progress::Read, true);
        }
        changed
    }

    /// Forgets these; whether that changes anything.
    pub(super) fn delete(&mut self, ids: &[u32]) -> bool {
        let before = self.messages.len();
        self.messages.retain(|message| !ids.contains(&message.id));
        self.messages.len() != before
    }

    pub(super) fn get(&self, id: u32) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    fn by_id(&mut self, id: u32) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// Adds a message with an id of its own; its place.
    fn add(&mut self, mut message: Message) -> usize {
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        message.id = self.last_id;
        self.messages.push_back(message);
        self.messages.len() - 1
    }

    /// Lets the oldest go, first of those that were read or sent, while there are too many.
    fn shrink(&mut self) {
        loop {
            let octets: usize = self.messages.iter().map(Message::octets).sum();
            if self.messages.len() <= MESSAGES_MAX && octets <= OCTETS_MAX {
                return;
            }
            // The last is the one that came just now.
            let older = self.messages.len().saturating_sub(1);
            let is_done = |m: &Message| {
                !matches!(m.progress, Progress::Unread | Progress::Incomplete | Progress::Sending)
            };
            let at = self.messages.iter().take(older).position(is_done).unwrap_or(0);
            if older == 0 || self.messages.remove(at).is_none() {
                return;
            }
        }
    }
}

/// No more parts are waited for.
fn close(message: &mut Message) {
    message.text = message.joined();
    message.progress = Progress::Unread;
    message.have.clear();
    message.waits_since = None;
}

/// A centre may report the international form of a number that was dialled in the national one.
fn is_same_party(one: &str, other: &str) -> bool {
    let digits = |text: &str| -> String {
        let mut digits = String::new();
        for c in text.chars().filter(char::is_ascii_digit) {
            digits.push(c);
        }
        digits.split_off(digits.len().saturating_sub(TRAIL_DIGITS))
    };
    digits(one) == digits(other)
}

/// What makes a part that part.
fn digest(owner: &str, part: &SmsPart) -> u64 {
    let mut bytes = Vec::new();
    for name in [owner, &part.number] {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
    }
    bytes.extend_from_slice(&part.unix_secs.unwrap_or(i64::MIN).to_be_bytes());
    if let Some(place) = part.place {
        let [high, low] = place.reference.to_be_bytes();
        bytes.extend_from_slice(&[high, low, place.total, place.number]);
    }
    for unit in &part.text {
        bytes.extend_from_slice(&unit.to_be_bytes());
    }
    crate::types::digest(&bytes)
}
