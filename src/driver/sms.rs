//! Short messages: what is asked of every driver alike, and what a message is made of.

use super::procedures::Outlet;
use super::task::Later;
use super::{Event, Failure, FailureKind};
use crate::log;
use crate::map::{Map, Queue};
use crate::time::Duration;
use crate::types::{
    SmsContent, SmsDelivery, SmsPart, SmsPartOf, SmsPdu, SmsPlace, SmsReport, digest,
};
use crate::wire::sms::{
    Address, Body, Concat, Deliver, Delivery, Pdu, StatusReport, Submit, Validity, hex, split,
};
use core::cell::RefMut;
use core::future::ready;

pub use crate::wire::sms::rfc3339;

/// The protocol identifier of a message that wants nothing but to be received, 3GPP TS 23.040
/// 9.2.3.9: short message type 0.
const TYPE_0: u8 = 0x40;

/// How long sending one message may take: three tries of the layer below, each with a timer of up
/// to 45 seconds (TS 24.011 10, TR1M), are cut short by most networks long before.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(90);

/// What can be asked about messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsRequest {
    /// Have messages stored and told of, and tell of those that are there already:
    /// [`SmsEvent::Ready`] or [`SmsEvent::Unusable`] follows.
    Start,
    /// Send one; [`SmsEvent::Sent`] follows.
    Send(SmsPdu),
    /// Forget one that is safe elsewhere, or acknowledge it; [`SmsEvent::Deleted`] follows. When
    /// there is another in its place by now, that is told of instead.
    Delete(SmsPlace),
}

/// What a modem tells of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsEvent {
    /// It can send and receive.
    Ready,
    /// It cannot, or not yet.
    Unusable(Failure),
    /// There is a message.
    Received {
        /// Where the modem keeps it; `None` when it does not.
        place: Option<SmsPlace>,
        /// What it is.
        content: SmsContent,
    },
    /// [`SmsRequest::Delete`] is done; a modem that refuses has none there, as far as it says.
    Deleted(SmsPlace),
    /// [`SmsRequest::Send`] is done: the reference that a report will have, or why it is not sent.
    Sent(Result<u8, Failure>),
}

/// Why a text cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsendable {
    /// The number is none.
    Number,
    /// It takes too many messages.
    TooLong,
}

/// What to send so that `number` gets `text`. `language` is the number of a national language whose
/// alphabet may be used, 0 for none; `reference` marks the parts of a long one.
///
/// # Errors
/// When that cannot be sent.
pub fn compose(
    number: &str,
    text: &str,
    language: u8,
    wants_report: bool,
    reference: u8,
) -> Result<Vec<SmsPdu>, Unsendable> {
    let to = Address::of_number(number).ok_or(Unsendable::Number)?;
    let parts = split(text, language, reference).ok_or(Unsendable::TooLong)?;
    let mut pdus = Vec::new();
    for data in parts {
        let (to, dcs) = (to.clone(), data.coding.dcs());
        // The modem puts in a reference of its own.
        let (reference, protocol, validity) = (0, 0, Validity::Unlimited);
        let submit = Submit { reference, to, protocol, dcs, wants_report, validity, data };
        pdus.push(SmsPdu(submit.encode().map_err(|_| Unsendable::TooLong)?));
    }
    Ok(pdus)
}

/// What a message says that a modem gave; `has_centre` when a service centre's address stands
/// before it. One that cannot be read is shown as it is.
pub(super) fn read(bytes: &[u8], has_centre: bool) -> SmsContent {
    let message = if has_centre { Pdu::behind_centre(bytes) } else { Ok(bytes) };
    match message.and_then(Pdu::decode_either) {
        Ok(Pdu::Deliver(deliver)) if deliver.protocol == TYPE_0 => SmsContent::Nothing,
        Ok(Pdu::Deliver(deliver)) => SmsContent::Part(part(deliver)),
        Ok(Pdu::StatusReport(report)) => SmsContent::Report(delivery(&report)),
        Ok(Pdu::Submit(_)) => SmsContent::Own,
        Err(_) if bytes.is_empty() => SmsContent::Nothing,
        Err(_) => SmsContent::Part(SmsPart {
            number: String::new(),
            unix_secs: None,
            place: None,
            text: hex(bytes).encode_utf16().collect(),
        }),
    }
}

fn part(deliver: Deliver) -> SmsPart {
    let place = |concat: Concat| {
        let Concat { reference, total, number, .. } = concat;
        (total > 1).then_some(SmsPartOf { reference, total, number })
    };
    SmsPart {
        number: deliver.from.display(),
        unix_secs: deliver.time.map(|time| time.unix_secs),
        place: deliver.data.header.concat.and_then(place),
        text: match deliver.data.body {
            Body::Text(units) => units,
            Body::Data(octets) => hex(&octets).encode_utf16().collect(),
        },
    }
}

fn delivery(report: &StatusReport) -> SmsReport {
    SmsReport {
        reference: report.reference,
        number: report.recipient.display(),
        delivery: match report.delivery() {
            Delivery::Done => SmsDelivery::Delivered,
            Delivery::Trying => SmsDelivery::Trying,
            Delivery::Failed => SmsDelivery::Failed,
        },
    }
}

/// What a driver does about messages, one thing after the other.
#[derive(Debug, Default)]
pub(super) struct SmsWork {
    jobs: Queue<SmsJob>,
    is_under_way: bool,
    /// What was read, by its fingerprint: the place may be another's by the time it is deleted.
    read: Map<SmsPlace, u64>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SmsJob {
    /// What the daemon asks for.
    Request(SmsRequest),
    /// The modem says that it holds a message.
    Read(SmsPlace),
    /// The modem says that it holds messages, and not where.
    ReadAll,
}

/// While so many things wait, no more messages are read; no modem holds as many.
const JOBS_MAX: usize = 1024;

impl SmsWork {
    /// Something is to be done. What the daemon asks for is answered, so it is never left out;
    /// that it asks for little at once is its own affair.
    fn push(&mut self, job: SmsJob) {
        let is_read = matches!(job, SmsJob::Read(_) | SmsJob::ReadAll);
        if !is_read || self.jobs.len() < JOBS_MAX && !self.jobs.contains(&job) {
            self.jobs.push_back(job);
        }
    }
}

/// A driver's part of it: what is read in one way or another goes through [`tell_message`].
pub(super) trait Messages: Outlet {
    /// What is to be done. Never held over an `await`.
    fn work(&self) -> RefMut<'_, SmsWork>;

    /// Tells something.
    fn tell(&self, event: SmsEvent) {
        self.emit(Event::Sms(event));
    }

    /// Has messages stored and told of, and tells of those there are.
    fn start_messages(&self) -> Later<'_, Result<(), Failure>>;

    /// Tells of all there are, where the modem does not always say which is new.
    fn read_every_message(&self) -> Later<'_, Result<(), Failure>> {
        Box::pin(ready(Ok(())))
    }

    /// Sends one: the reference that a report will have.
    fn send_message<'a>(&'a self, message: &'a SmsPdu) -> Later<'a, Result<u8, Failure>>;

    /// Forgets one, whichever it is.
    fn delete_message(&self, place: SmsPlace) -> Later<'_, Result<(), Failure>>;

    /// What the modem holds there, with its service centre's address; `None` when that is nothing,
    /// or nothing that can be read.
    fn stored_message(&self, place: SmsPlace) -> Later<'_, Result<Option<Vec<u8>>, Failure>>;
}

/// Tells of one that the modem holds, if it can be read.
pub(super) async fn read_message(modem: &dyn Messages, place: SmsPlace) {
    match modem.stored_message(place).await {
        Ok(Some(message)) => tell_message(modem, place, &message),
        Ok(None) => log::debug!("a message that is not one of 3GPP stays in the modem"),
        Err(failure) => failure.log("a message that cannot be read"),
    }
}

/// One that the modem holds was read. What is there in place of another that is still to be
/// deleted is told of then.
pub(super) fn tell_message(modem: &dyn Messages, place: SmsPlace, message: &[u8]) {
    let content = read(message, true);
    let print = digest(message);
    let mut work = modem.work();
    let known = &mut work.read;
    if known.get(&place).is_some_and(|before| *before != print) {
        return;
    }
    if content != SmsContent::Own && known.len() < JOBS_MAX {
        known.insert(place, print);
    }
    drop(work);
    modem.tell(SmsEvent::Received { place: Some(place), content });
}

/// Forgets what was read there, and nothing else: somebody may have deleted it and another may
/// have come, or the SIM may be another.
async fn delete_read(modem: &dyn Messages, place: SmsPlace) {
    let known = modem.work().read.take(&place);
    let mut other = None;
    let mut is_left = false;
    if let Some(known) = known {
        match modem.stored_message(place).await {
            Ok(Some(there)) => {
                is_left = digest(&there) != known;
                other = is_left.then_some(there);
            }
            // It is gone.
            Ok(None) => is_left = true,
            Err(failure) => {
                failure.log("a message that stays");
                is_left = true;
            }
        }
    }
    if !is_left && let Err(failure) = modem.delete_message(place).await {
        failure.log("a message that is not to be deleted");
    }
    modem.tell(SmsEvent::Deleted(place));
    if let Some(message) = other {
        tell_message(modem, place, &message);
    }
}

/// Does one thing.
async fn do_job(modem: &dyn Messages, job: SmsJob) {
    let event = match job {
        SmsJob::Request(SmsRequest::Start) => {
            modem.work().read.clear();
            match modem.start_messages().await {
                Ok(()) => SmsEvent::Ready,
                Err(failure) => SmsEvent::Unusable(failure),
            }
        }
        SmsJob::Request(SmsRequest::Send(message)) => {
            SmsEvent::Sent(modem.send_message(&message).await)
        }
        SmsJob::Request(SmsRequest::Delete(place)) => return delete_read(modem, place).await,
        SmsJob::Read(place) => return read_message(modem, place).await,
        SmsJob::ReadAll => {
            if let Err(failure) = modem.read_every_message().await {
                failure.log("messages that cannot be read");
            }
            return;
        }
    };
    modem.tell(event);
}

/// Does everything there is to do, unless that is under way already.
pub(super) async fn work(modem: Box<dyn Messages>, job: SmsJob) {
    {
        let mut work = modem.work();
        work.push(job);
        if std::mem::replace(&mut work.is_under_way, true) {
            return;
        }
    }
    let working = Working(&*modem);
    loop {
        let next = working.0.work().jobs.pop_front();
        let Some(job) = next else { return };
        do_job(working.0, job).await;
    }
}

/// That somebody works; when given up, what is left is given up as well.
struct Working<'a>(&'a dyn Messages);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        let mut work = self.0.work();
        work.jobs.clear();
        work.is_under_way = false;
    }
}

fn unsupported() -> Failure {
    Failure::new(FailureKind::Unsupported, "no short messages")
}

/// What is said where there is nothing that could do it.
pub(super) fn refuse(request: &SmsRequest) -> Option<Event> {
    match request {
        SmsRequest::Start => Some(Event::Sms(SmsEvent::Unusable(unsupported()))),
        SmsRequest::Send(_) => Some(Event::Sms(SmsEvent::Sent(Err(unsupported())))),
        SmsRequest::Delete(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_told_without_end_keep_nothing_else_from_being_done() {
        let read = |index| SmsJob::Read(SmsPlace { memory: 0, index });
        let send = SmsJob::Request(SmsRequest::Send(SmsPdu(vec![1])));
        let mut work = SmsWork::default();
        for _ in 0..2 {
            work.push(read(7));
        }
        assert_eq!(work.jobs.len(), 1, "one that waits is not read twice");
        for index in 0..5_000 {
            work.push(read(index));
        }
        assert_eq!(work.jobs.len(), JOBS_MAX);
        work.push(send.clone());
        assert_eq!(work.jobs.last(), Some(&send));
    }
}
