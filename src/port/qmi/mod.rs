//! Transactions on one QMI control port.
//!
//! Requests get a transaction id and a deadline; replies are matched by service, client,
//! transaction and message, so a late, repeated or foreign one cannot answer another request. What
//! the modem sends of its own accord is kept apart, in order.
//!
//! Sans-IO. After any call drain [`QmiPort::poll_transmit`], [`QmiPort::poll_indication`] and
//! [`QmiPort::poll_late_reply`], then arm a timer for [`QmiPort::poll_timeout`].

#[cfg(test)]
mod tests;

pub use super::TransactionId;

use super::transactions::Transactions;
use crate::map::Queue;
use crate::time::{Duration, Instant};
use crate::wire::qmi::{
    AnyRequest, QmiError, ReplyError, Request, Service, Tlvs, read_rest, read_result,
};
use crate::wire::qmux::{Decoder, Kind, RawMessage};
use crate::wire::{self};

/// The most requests that are waiting for a reply, or whose reply waits to be taken.
pub const MAX_OUTSTANDING: usize = 32;

/// The most indications kept; beyond it the oldest are dropped, for the newest tell the state.
pub const MAX_INDICATIONS: usize = 64;

/// The most requests given up on whose reply is still expected, and the most such replies kept.
pub const MAX_LATE: usize = 64;

/// Why a request brought no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The modem did not reply in time.
    Timeout,
    /// The port is closed: the modem was unplugged, or its device failed.
    PortClosed,
    /// [`MAX_OUTSTANDING`] requests are outstanding already.
    TooManyRequests,
    /// The modem refused.
    Qmi(QmiError),
    /// The reply cannot be read, or the request cannot be written.
    Malformed(wire::Error),
}

impl From<ReplyError> for RequestError {
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::Qmi(error) => Self::Qmi(error),
            ReplyError::Malformed(error) => Self::Malformed(error),
        }
    }
}

/// A reply of which only the result was read.
pub struct Answer {
    /// Whether the modem did what was asked.
    pub result: Result<(), QmiError>,
    tlvs: Vec<u8>,
}

impl Answer {
    /// Reads it as the reply to a request `R`.
    ///
    /// # Errors
    /// When the modem refused, or when the reply is malformed.
    pub fn read<R: Request>(&self) -> Result<R::Response, RequestError> {
        Ok(read_rest::<R>(self.result, Tlvs::new(&self.tlvs))?)
    }
}

/// What the modem sent of its own accord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indication {
    /// The service it is of.
    pub service: Service,
    /// The client it is for; 0xFF for every client of the service.
    pub client: u8,
    /// Which message. `wire::qmi::Indication::read` reads it.
    pub message: u16,
    /// The TLVs.
    pub tlvs: Vec<u8>,
}

/// What a reply must carry to be the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    service: Service,
    client: u8,
    transaction: u16,
    message: u16,
}

impl Key {
    const fn of(message: &RawMessage) -> Self {
        Self {
            service: message.service,
            client: message.client,
            transaction: message.transaction,
            message: message.message,
        }
    }
}

/// One control port.
#[derive(Default)]
pub struct QmiPort {
    decoder: Decoder,
    transactions: Transactions<Key, Result<RawMessage, RequestError>>,
    indications: Queue<Indication>,
    /// Requests that were sent and given up on, oldest first.
    abandoned: Queue<Key>,
    late_replies: Queue<RawMessage>,
    last_ctl_transaction: u8,
    last_transaction: u16,
    dropped: u64,
    closed: bool,
}

impl QmiPort {
    /// A port that was just opened.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what one read of the port returned.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        self.handle_timeout(now);
        if self.closed {
            return;
        }
        self.decoder.handle_input(bytes);
        while let Some(message) = self.decoder.poll_message() {
            match message.kind() {
                Kind::Response => self.handle_response(message),
                Kind::Indication => self.handle_indication(message),
                // The echo of a port that is a terminal, if anything.
                Kind::Request => self.dropped = self.dropped.saturating_add(1),
            }
        }
    }

    /// Gives up on the requests whose time is over.
    pub fn handle_timeout(&mut self, now: Instant) {
        for id in self.transactions.expired(now) {
            let sent = self.transactions.finish(id, Err(RequestError::Timeout));
            self.abandon(sent);
        }
    }

    /// Sends a request to a service as one of its clients. How it ended is had from
    /// [`QmiPort::take_reply`] after a time, at most `timeout`.
    pub fn request(
        &mut self,
        now: Instant,
        service: Service,
        client: u8,
        message: u16,
        tlvs: Vec<u8>,
        timeout: Duration,
    ) -> TransactionId {
        if self.closed {
            return self.transactions.refuse(Err(RequestError::PortClosed));
        }
        // One more slot holds the refusal, until it is taken or cancelled like any other reply.
        let Some(transaction) = self.free_transaction(service) else {
            return self.transactions.refuse(Err(RequestError::TooManyRequests));
        };
        let request = RawMessage::request(service, client, transaction, message, tlvs);
        match request.encode() {
            Ok(frame) => self.transactions.begin(Key::of(&request), now + timeout, vec![frame]),
            Err(error) => self.transactions.refuse(Err(RequestError::Malformed(error))),
        }
    }

    /// Sends a typed request; its reply is had from [`QmiPort::take_response`], or, where its kind
    /// is not to be known, from [`QmiPort::take_answer`].
    pub fn send(
        &mut self,
        now: Instant,
        client: u8,
        request: &dyn AnyRequest,
        timeout: Duration,
    ) -> TransactionId {
        let (service, message) = request.target();
        match request.tlvs() {
            Ok(tlvs) => self.request(now, service, client, message, tlvs, timeout),
            Err(error) => self.transactions.refuse(Err(RequestError::Malformed(error))),
        }
    }

    /// A request that is not sent at all; its reply is the error.
    pub fn refuse(&mut self, error: RequestError) -> TransactionId {
        self.transactions.refuse(Err(error))
    }

    /// The reply to a request, once; `None` while there is none. The modem's refusal is a reply,
    /// for its TLVs may say more than the error.
    pub fn take_reply(&mut self, id: TransactionId) -> Option<Result<RawMessage, RequestError>> {
        self.transactions.take(id)
    }

    /// The reply to a request `R`, read; `None` while there is none.
    pub fn take_response<R: Request>(
        &mut self,
        id: TransactionId,
    ) -> Option<Result<R::Response, RequestError>> {
        self.take_answer(id).map(|answer| answer?.read::<R>())
    }

    /// The reply with only its result read; `None` while there is none.
    pub fn take_answer(&mut self, id: TransactionId) -> Option<Result<Answer, RequestError>> {
        let message = match self.take_reply(id)? {
            Ok(message) => message,
            Err(error) => return Some(Err(error)),
        };
        let result = read_result(message.tlvs()).map_err(RequestError::Malformed);
        Some(result.map(|result| Answer { result, tlvs: message.tlvs }))
    }

    /// The number that the modem knows a request `R` by that waits for its reply.
    pub fn transaction_of<R: Request>(&self) -> Option<u16> {
        let is_it = |key: &Key| key.service == R::SERVICE && key.message == R::MESSAGE;
        self.transactions.waiting().find(is_it).map(|key| key.transaction)
    }

    /// Gives up on a request: it is not sent if it was not sent yet, and its reply becomes a
    /// [late](QmiPort::poll_late_reply) one.
    pub fn cancel(&mut self, id: TransactionId) {
        let sent = self.transactions.cancel(id, Err(RequestError::Timeout));
        self.abandon(sent);
    }

    /// The next message that the modem sent of its own accord.
    pub fn poll_indication(&mut self) -> Option<Indication> {
        self.indications.pop_front()
    }

    /// The next reply that came after its request had timed out or been cancelled. Whoever does
    /// not look drops it; whoever allocates client ids must look, for a late reply allocates too.
    pub fn poll_late_reply(&mut self) -> Option<RawMessage> {
        self.late_replies.pop_front()
    }

    /// The next frame to write to the port, whole and in one write.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transactions.poll_transmit()
    }

    /// When to call [`QmiPort::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.transactions.poll_timeout()
    }

    /// The port is gone: every request fails with [`RequestError::PortClosed`], those to come as
    /// well.
    pub fn close(&mut self) {
        self.closed = true;
        self.abandoned.clear();
        self.decoder.reset();
        self.transactions.close(|| Err(RequestError::PortClosed));
    }

    /// How many requests have been handed to the port.
    pub fn requests_sent(&self) -> u64 {
        self.transactions.sent()
    }

    /// How many messages were dropped: replies to nothing, and indications nobody polled.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many bytes from the port belonged to no frame.
    pub fn skipped_len(&self) -> u64 {
        self.decoder.skipped_len()
    }

    /// A transaction number that no request waits with, nor one given up on; the numbers go round,
    /// so that one is free again only after all others were used. `None` when too many wait.
    fn free_transaction(&mut self, service: Service) -> Option<u16> {
        if self.transactions.len() >= MAX_OUTSTANDING {
            return None;
        }
        let ctl = service == Service::Ctl;
        // Among one more numbers than are used, one is free. 0 is not used: indications have it.
        for _ in 0..=self.transactions.len() + self.abandoned.len() {
            let transaction = if ctl {
                self.last_ctl_transaction = self.last_ctl_transaction.checked_add(1).unwrap_or(1);
                u16::from(self.last_ctl_transaction)
            } else {
                self.last_transaction = self.last_transaction.checked_add(1).unwrap_or(1);
                self.last_transaction
            };
            let is_it =
                |key: &Key| key.transaction == transaction && (key.service == Service::Ctl) == ctl;
            if self.transactions.find(is_it).is_none() && !self.abandoned.iter().any(is_it) {
                return Some(transaction);
            }
        }
        None
    }

    fn handle_response(&mut self, message: RawMessage) {
        let key = Key::of(&message);
        if let Some(id) = self.transactions.find(|waiting| *waiting == key) {
            let reply = match message.tlvs().check() {
                Ok(()) => Ok(message),
                Err(error) => Err(RequestError::Malformed(error)),
            };
            self.transactions.finish(id, reply);
        } else if let Some(at) = self.abandoned.iter().position(|abandoned| *abandoned == key) {
            self.abandoned.remove(at);
            push_bounded(&mut self.late_replies, message, MAX_LATE);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    fn handle_indication(&mut self, message: RawMessage) {
        let RawMessage { service, client, message, tlvs, .. } = message;
        let indication = Indication { service, client, message, tlvs };
        if push_bounded(&mut self.indications, indication, MAX_INDICATIONS) {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// The reply to a request that was sent may still come.
    fn abandon(&mut self, sent: Option<Key>) {
        if let Some(key) = sent {
            push_bounded(&mut self.abandoned, key, MAX_LATE);
        }
    }
}

impl Indication {
    /// The TLVs, to be read.
    pub fn tlvs(&self) -> Tlvs<'_> {
        Tlvs::new(&self.tlvs)
    }
}

/// Appends to a queue that drops its oldest when it is full; says whether it did.
fn push_bounded<T>(queue: &mut Queue<T>, item: T, max: usize) -> bool {
    let full = queue.len() >= max;
    if full {
        queue.pop_front();
    }
    queue.push_back(item);
    full
}
