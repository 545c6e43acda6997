//! Short messages: from modems into the inbox and off their memories, and from callers to modems.

use super::inbox::{Message, Progress};
use super::{CallError, CallId, Kept, Manager, Output};
use crate::driver::sms::{SmsEvent, SmsRequest, Unsendable, compose};
use crate::driver::{Failure, FailureKind, Request};
use crate::log;
use crate::map::{Queue, Set};
use crate::modem::State;
use crate::time::{Duration, Instant};
use crate::types::{SmsContent, SmsPdu, SmsPlace, Table};

/// How long after the modem can be used its messages are read: dialling comes first.
const START_AFTER: Duration = Duration::from_secs(5);

/// How long after the modem said that it cannot yet.
const START_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// How often it is asked until it counts as one that cannot.
const STARTS_MAX: u32 = 5;

/// How long the inbox gathers changes before it is written: the parts of a message come one right
/// after the other, and flash wears.
const KEEP_AFTER: Duration = Duration::from_secs(3);

/// How long after the inbox could not be written.
const KEEP_AGAIN_AFTER: Duration = Duration::from_secs(300);

/// How many messages of callers may wait for their modem.
const QUEUE_MAX: usize = 16;

/// How often a part is sent that the network refuses for now.
const SENDS_MAX: u32 = 3;

/// How long after that; twice as long each time.
const SEND_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The most characters of a text to send: as many as are joined when received.
const TEXT_MAX: usize = super::inbox::PARTS_MAX as usize * 153;

/// The languages with an alphabet of their own, by ISO 639-1, in the order of their numbers in
/// 3GPP TS 23.038 6.2.1.2.4, from 1.
const LANGUAGES: [&str; 13] =
    ["tr", "es", "pt", "bn", "gu", "hi", "kn", "ml", "or", "pa", "ta", "te", "ur"];

/// A modem's part in it.
#[derive(Debug, Default)]
pub(super) struct SmsSide {
    /// When it is to be asked for its messages.
    start_at: Option<Instant>,
    starts: u32,
    /// Whether it can send and receive.
    pub(super) is_ready: bool,
    /// What it holds that is to be deleted.
    holds: Set<SmsPlace>,
    queue: Queue<Sending>,
    is_sending: bool,
    send_at: Option<Instant>,
}

/// A message of a caller's.
#[derive(Debug)]
struct Sending {
    call: CallId,
    id: u32,
    parts: Queue<SmsPdu>,
    wants_report: bool,
    tries: u32,
}

impl SmsSide {
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        Instant::first_of(&[self.start_at, self.send_at])
    }
}

/// What the manager holds of it.
#[derive(Debug, Default)]
pub(super) struct SmsKeeping {
    /// What modems hold that is in the inbox, but not yet in its file.
    unkept: Vec<(String, SmsPlace)>,
    /// The same, while the file is being written.
    keeping: Option<Vec<(String, SmsPlace)>>,
}

impl Manager {
    /// A modem's state has changed: it can be asked now, or has forgotten what it was told.
    pub(super) fn follow_sms(&mut self, now: Instant, id: &str, state: State) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        match state {
            State::Searching | State::Registered | State::Connecting | State::Connected => {
                if !slot.sms.is_ready && slot.sms.starts == 0 && slot.sms.start_at.is_none() {
                    slot.sms.start_at = Some(now + START_AFTER);
                }
            }
            State::Absent | State::Initializing | State::Recovering => self.sms_lost(id),
            State::Locked | State::Disabled | State::Disconnecting | State::Failed => {}
        }
    }

    /// The modem is gone or starts over: who waits for it hears so.
    pub(super) fn sms_lost(&mut self, id: &str) {
        self.ussd_lost(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        let side = std::mem::take(&mut slot.sms);
        leave(&mut self.sms_keeping.unkept, id);
        if let Some(keeping) = &mut self.sms_keeping.keeping {
            leave(keeping, id);
        }
        for sending in side.queue {
            self.inbox.sent(sending.id, false);
            let result = Err(CallError::modem("the modem was lost before the message was sent"));
            self.reply(sending.call, result);
        }
    }

    /// Does what is due.
    pub(super) fn expire_sms(&mut self, now: Instant) {
        for id in &self.slot_ids() {
            let Some(slot) = self.slots.get_mut(id) else { continue };
            if Instant::take_due(&mut slot.sms.start_at, now) {
                slot.sms.starts += 1;
                let owner = self.owner(id);
                self.inbox.claim(id, &owner);
                self.ask_sms(now, id, SmsRequest::Start);
                self.listen_to_ussd(now, id);
            }
            let Some(slot) = self.slots.get_mut(id) else { continue };
            if Instant::take_due(&mut slot.sms.send_at, now) {
                self.send_next(now, id);
            }
        }
        for id in self.inbox.expire(now) {
            self.inbox_changed(now);
            self.tell_message(id);
        }
        if self.sms_keeping.keeping.is_none() && Instant::take_due(&mut self.inbox.keep_at, now) {
            self.sms_keeping.keeping = Some(std::mem::take(&mut self.sms_keeping.unkept));
            self.put(Output::Keep(Kept::Inbox, Some(self.inbox.to_table())));
        }
    }

    /// When [`Manager::expire_sms`] is wanted.
    pub(super) fn sms_timeout(&self) -> Option<Instant> {
        let keep_at = self.inbox.keep_at.filter(|_| self.sms_keeping.keeping.is_none());
        Instant::first_of(&[keep_at, self.inbox.poll_expiry()])
    }

    fn inbox_changed(&mut self, now: Instant) {
        self.inbox.keep_at.get_or_insert(now + KEEP_AFTER);
    }

    /// The inbox is on flash, so that modems need not hold what is in it; or it is not.
    pub(super) fn inbox_kept(&mut self, now: Instant, done: bool) {
        let held = self.sms_keeping.keeping.take().unwrap_or_default();
        if done {
            for (modem, place) in held {
                self.ask_sms(now, &modem, SmsRequest::Delete(place));
            }
        } else {
            for (modem, place) in held {
                if !place.is_network() {
                    self.sms_keeping.unkept.push((modem, place));
                } else if let Some(slot) = self.slots.get_mut(&modem) {
                    // It is brought again, and acknowledged when it could be written then.
                    slot.sms.holds.remove(&place);
                }
            }
            self.inbox.keep_at = Some(now + KEEP_AGAIN_AFTER);
        }
    }

    /// Whose messages a modem's are.
    pub(super) fn owner(&self, id: &str) -> String {
        self.imei(id).map_or_else(|| id.to_owned(), |imei| format!("imei:{imei}"))
    }

    /// Where that modem is plugged in.
    fn path_of(&self, owner: &str) -> Option<String> {
        let is_it = |id: &&String| id.as_str() == owner || self.owner(id) == owner;
        self.slots.keys().find(is_it).cloned()
    }

    fn ask_sms(&mut self, now: Instant, id: &str, request: SmsRequest) {
        if let Some(driver) = self.slots.get_mut(id).and_then(|slot| slot.driver.as_mut()) {
            driver.handle_request(now, Request::Sms(request));
        }
    }

    /// A modem tells something about messages.
    pub(super) fn sms_event(&mut self, now: Instant, id: &str, event: SmsEvent) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        match event {
            SmsEvent::Ready => slot.sms.is_ready = true,
            SmsEvent::Unusable(failure) => {
                log::debug!("modem {id}: no messages: {}", failure.detail);
                let may_pass = failure.kind != FailureKind::Unsupported;
                if may_pass && slot.sms.starts < STARTS_MAX {
                    slot.sms.start_at = Some(now + START_AGAIN_AFTER);
                }
            }
            SmsEvent::Received { place, content } => self.message_came(now, id, place, content),
            SmsEvent::Deleted(place) => drop(slot.sms.holds.remove(&place)),
            SmsEvent::Sent(result) => self.part_sent(now, id, result),
        }
    }

    fn message_came(
        &mut self,
        now: Instant,
        id: &str,
        place: Option<SmsPlace>,
        content: SmsContent,
    ) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        // A modem may tell of a message that is being read from its list. What is deleted twice
        // could be another one the second time.
        let is_own = content == SmsContent::Own;
        if is_own || place.is_some_and(|place| !slot.sms.holds.insert(place)) {
            return;
        }
        let owner = self.owner(id);
        // What no modem holds is written at once: the network does not wait for long to hear that
        // it is here, or has heard so from the modem already.
        let is_held = place.is_some_and(|place| !place.is_network());
        let keep_at = if is_held { now + KEEP_AFTER } else { now };
        match content {
            // The network sends again what it believes lost, maybe from when the modem was known
            // by its path alone.
            SmsContent::Part(part)
                if [owner.as_str(), id].iter().any(|it| self.inbox.has_seen(it, &part)) => {}
            SmsContent::Part(part) => {
                let whole = self.inbox.receive(now, &owner, part);
                self.inbox.keep_at.get_or_insert(keep_at);
                if let Some(message) = whole {
                    log::info!("modem {id}: message {message} received");
                    self.tell_message(message);
                }
            }
            SmsContent::Report(report) => {
                if self.inbox.report(&owner, &report).is_some() {
                    self.inbox_changed(now);
                }
            }
            SmsContent::Nothing | SmsContent::Own => {}
        }
        self.inbox.keep_at = self.inbox.keep_at.map(|at| at.min(keep_at));
        let Some(place) = place else { return };
        // It waits for what is in the inbox already, and never makes that be written anew.
        if self.inbox.keep_at.is_some() {
            self.sms_keeping.unkept.push((id.to_owned(), place));
        } else if let Some(keeping) = &mut self.sms_keeping.keeping {
            keeping.push((id.to_owned(), place));
        } else {
            self.ask_sms(now, id, SmsRequest::Delete(place));
        }
    }

    /// Tells the bus and the router's scripts of a message, not what it says.
    fn tell_message(&mut self, id: u32) {
        let Some(message) = self.inbox.get(id) else { return };
        let (modem, number) = (self.path_of(&message.owner), message.number.clone());
        let mut data = Table::new();
        data.put_some("modem", modem.as_deref());
        let data = data.with("id", id).with("number", number.as_str());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | ' ');
        let mut environment = vec![("ACTION", "sms".to_owned()), ("ID", id.to_string())];
        // A sender's name may be anything, and scripts are careless.
        let mut plain = String::new();
        for c in number.chars().filter(|c| is_plain(*c)) {
            plain.push(c);
        }
        environment.push(("NUMBER", plain));
        if let Some(modem) = &modem {
            self.put_place(&mut environment, modem);
        }
        self.notify("sms", data);
        self.put(Output::Hotplug(environment));
    }

    /// `sms_list`
    pub(super) fn sms_list(&self, args: &Table) -> Result<Table, CallError> {
        let only = match args.get_str("modem") {
            Some(_) => Some(self.modem_named(args)?),
            None => None,
        };
        let mut table = Table::new();
        table.put_some("modem", only.clone().or_else(|| self.modem_named(args).ok()));
        let mut messages = Vec::new();
        for message in self.inbox.messages() {
            let path = self.path_of(&message.owner);
            if only.is_none() || path == only {
                messages.push(document(message, path.as_deref()));
            }
        }
        table.put("messages", messages);
        let used = u32::try_from(self.inbox.messages().count()).unwrap_or(u32::MAX);
        let total = u32::try_from(super::inbox::MESSAGES_MAX).unwrap_or(u32::MAX);
        Ok(table.with("storage", Table::new().with("used", used).with("total", total)))
    }

    /// `sms_read`: marks messages as read, and gives them.
    pub(super) fn sms_read(&mut self, now: Instant, args: &Table) -> Result<Table, CallError> {
        let ids = self.ids(args)?;
        if self.inbox.read(&ids) {
            self.inbox_changed(now);
        }
        let mut messages = Vec::new();
        for message in ids.iter().filter_map(|id| self.inbox.get(*id)) {
            messages.push(document(message, self.path_of(&message.owner).as_deref()));
        }
        Ok(Table::new().with("messages", messages))
    }

    /// `sms_delete`
    pub(super) fn sms_delete(&mut self, now: Instant, args: &Table) -> Result<Table, CallError> {
        let ids = self.ids(args)?;
        if self.inbox.delete(&ids) {
            self.inbox_changed(now);
        }
        Ok(Table::new())
    }

    /// The messages that a call names, all of which there must be.
    fn ids(&self, args: &Table) -> Result<Vec<u32>, CallError> {
        let expected = || CallError::invalid("ids", "a list of numbers of messages");
        let list = args.get_array("ids").ok_or_else(expected)?;
        let mut ids = Vec::new();
        for value in list {
            let id = value.as_i64().and_then(|id| u32::try_from(id).ok()).ok_or_else(expected)?;
            let missing = || CallError::not_found("message", &id.to_string());
            ids.push(self.inbox.get(id).ok_or_else(missing)?.id);
        }
        Ok(ids)
    }

    /// `sms_send`: the answer comes when the network has the message.
    pub(super) fn sms_send(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let number = super::calls::text(args, "number")?;
        let text = super::calls::text(args, "text")?;
        let wants_report = args.get_bool("report").unwrap_or(false);
        let language = match args.get_str("language") {
            None => 0,
            Some(name) => (1..)
                .zip(LANGUAGES)
                .find(|(_, known)| *known == name)
                .map(|(number, _)| number)
                .ok_or_else(|| CallError::invalid("language", "tr, es, pt, bn, gu, hi, kn ..."))?,
        };
        let too_long = || CallError::invalid("text", "at most 64 messages' worth of text");
        if text.chars().nth(TEXT_MAX).is_some() {
            return Err(too_long());
        }
        let id = self.modem_named(args)?;
        let slot = self.slot_mut(&id)?;
        if !slot.sms.is_ready {
            return Err(CallError::unsupported("the modem cannot send messages, or not yet"));
        }
        if slot.sms.queue.len() >= QUEUE_MAX {
            return Err(CallError::limit("messages that wait to be sent", QUEUE_MAX));
        }
        let reference = self.inbox.next_reference();
        let parts =
            compose(number, text, language, wants_report, reference).map_err(|why| match why {
                Unsendable::Number => CallError::invalid("number", "a telephone number"),
                Unsendable::TooLong => too_long(),
            })?;
        let count = u8::try_from(parts.len()).ok().filter(|n| *n <= super::inbox::PARTS_MAX);
        let count = count.ok_or_else(too_long)?;
        let owner = self.owner(&id);
        let message = self.inbox.send(&owner, number, text, count);
        let parts = parts.into();
        if let Some(slot) = self.slots.get_mut(&id) {
            let sending = Sending { call, id: message, parts, wants_report, tries: 0 };
            slot.sms.queue.push_back(sending);
        }
        self.put(Output::AskUnixTime);
        self.inbox_changed(now);
        self.send_next(now, &id);
        Ok(())
    }

    /// Sends the next part, unless one is on its way or it is too early.
    fn send_next(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if slot.sms.is_sending || slot.sms.send_at.is_some() {
            return;
        }
        let Some(part) = slot.sms.queue.first().and_then(|it| it.parts.first().cloned()) else {
            return;
        };
        slot.sms.is_sending = true;
        self.ask_sms(now, id, SmsRequest::Send(part));
    }

    fn part_sent(&mut self, now: Instant, id: &str, result: Result<u8, Failure>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.sms.is_sending = false;
        let Some(sending) = slot.sms.queue.first_mut() else { return };
        match result {
            Ok(reference) => {
                sending.parts.pop_front();
                sending.tries = 0;
                let (message, wants_report) = (sending.id, sending.wants_report);
                let is_over = sending.parts.is_empty();
                self.inbox.part_sent(message, wants_report.then_some(reference));
                if is_over {
                    self.message_sent(now, id, Ok(()));
                }
            }
            Err(failure) => {
                sending.tries += 1;
                if failure.kind == FailureKind::Network && sending.tries < SENDS_MAX {
                    let wait = SEND_AGAIN_AFTER * (1 << sending.tries);
                    slot.sms.send_at = Some(now + wait);
                } else {
                    self.message_sent(now, id, Err(failure));
                }
            }
        }
        self.send_next(now, id);
    }

    /// The first message in a modem's queue is sent, or is not going to be.
    fn message_sent(&mut self, now: Instant, id: &str, result: Result<(), Failure>) {
        let front = self.slots.get_mut(id).and_then(|slot| slot.sms.queue.pop_front());
        let Some(sending) = front else { return };
        self.inbox.sent(sending.id, result.is_ok());
        self.inbox_changed(now);
        let parts = self.inbox.get(sending.id).map_or(0, |message| message.parts);
        let result = match result {
            Ok(()) => Ok(Table::new().with("id", sending.id).with("parts", parts)),
            Err(failure) => Err(refused(&failure)),
        };
        self.reply(sending.call, result);
    }
}

/// Forgets what is held of a modem that is gone.
#[inline(never)]
fn leave(held: &mut Vec<(String, SmsPlace)>, id: &str) {
    held.retain(|(modem, _)| modem != id);
}

fn refused(failure: &Failure) -> CallError {
    match failure.kind {
        FailureKind::Timeout => {
            CallError::timeout("the network did not answer in time; the message may have been sent")
        }
        FailureKind::Unsupported => CallError::unsupported("the modem cannot send messages"),
        FailureKind::PortClosed
        | FailureKind::Refused
        | FailureKind::Network
        | FailureKind::Apn
        | FailureKind::Auth
        | FailureKind::PdpType
        | FailureKind::NotRegistered
        | FailureKind::WrongPin
        | FailureKind::PukRequired
        | FailureKind::Forgotten
        | FailureKind::Obstacle(_)
        | FailureKind::Link
        | FailureKind::NoPpp
        | FailureKind::PppUnusable => {
            CallError::modem(&format!("the message was refused: {}", failure.detail))
        }
    }
}

fn document(message: &Message, path: Option<&str>) -> Table {
    let direction = if message.progress.is_incoming() { "in" } else { "out" };
    let mut table = Table::new();
    table.put("id", message.id);
    table.put_some("modem", path);
    let mut table = table
        .with("direction", direction)
        .with("number", message.number.as_str())
        .with("text", message.text());
    table.put_some("time", message.unix_secs.map(crate::driver::sms::rfc3339));
    table.put("state", message.progress.name());
    table.put("parts", message.parts);
    if message.progress == Progress::Incomplete {
        table.put("parts_have", u32::try_from(message.parts_have()).unwrap_or(u32::MAX));
    }
    table
}
