//! Transactions on one MBIM control port.
//!
//! Requests get a transaction id and a deadline; replies are matched by transaction, type, service
//! and command, so a late, repeated or foreign one cannot answer another request. Messages that are
//! longer than a control transfer go and come in fragments. What the modem sends of its own accord
//! is kept apart, in order. Opening and closing the function are requests like any other.
//!
//! Sans-IO. After any call drain [`MbimPort::poll_transmit`] and [`MbimPort::poll_event`], then arm
//! a timer for [`MbimPort::poll_timeout`].

mod assembly;
#[cfg(test)]
mod tests;

pub use assembly::{FRAGMENT_TIMEOUT, MAX_ASSEMBLIES};

pub use super::TransactionId;

use super::transactions::Transactions;
use crate::map::Queue;
use crate::time::{Duration, Instant};
use crate::wire;
use crate::wire::mbim::{
    AnyCommand, Body, Command, Decoder, Kind, ProtocolError, RawMessage, ReplyError, Service,
    Status, read_reply,
};
use assembly::{Assemblies, Complaint};

/// The most requests that are waiting for a reply, or whose reply waits to be taken.
pub const MAX_OUTSTANDING: usize = 32;

/// The most events kept; beyond it the oldest are dropped, for the newest tell the state.
pub const MAX_EVENTS: usize = 64;

/// The most complaints about fragments that wait to be sent.
pub const MAX_COMPLAINTS: usize = 8;

/// The longest frame, in bytes, of a function that does not say: what `cdc_mbim` takes for the rest
/// of the world, and what most modems announce.
pub const DEFAULT_CONTROL_TRANSFER: u16 = 4096;

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
    Mbim(Status),
    /// The modem says that the conversation is broken; most often that the function is not open.
    Protocol(ProtocolError),
    /// The reply cannot be read, or the request cannot be written.
    Malformed(wire::Error),
}

/// What the modem sent of its own accord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A service tells something. `wire::mbim::Indication::read` reads it.
    Indication {
        /// Which service.
        service: Service,
        /// Which of its commands.
        cid: u32,
        /// The information buffer.
        info: Vec<u8>,
    },
    /// The function complains of something that no request waits for.
    FunctionError(ProtocolError),
}

/// A reply: how it went, and the information buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whether the request was carried out.
    pub status: Status,
    /// What it says; empty for opening and closing.
    pub info: Vec<u8>,
}

impl From<ReplyError> for RequestError {
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::Mbim(status) => Self::Mbim(status),
            ReplyError::Malformed(error) => Self::Malformed(error),
        }
    }
}

impl Reply {
    /// Reads it as the reply to a command `C`.
    ///
    /// # Errors
    /// When the modem refused, or when the reply is malformed.
    pub fn read<C: Command>(&self) -> Result<C::Response, RequestError> {
        Ok(read_reply::<C>(self.status, &self.info)?)
    }
}

/// What a reply must carry to be the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    kind: Kind,
    transaction: u32,
    command: Option<(Service, u32)>,
}

/// One control port.
pub struct MbimPort {
    decoder: Decoder,
    assemblies: Assemblies,
    transactions: Transactions<Key, Result<Reply, RequestError>>,
    complaints: Queue<Vec<u8>>,
    events: Queue<Event>,
    max_control_transfer: u16,
    last_transaction: u32,
    dropped: u64,
    closed: bool,
}

impl MbimPort {
    /// A port that was just opened, whose function takes frames of at most this many bytes.
    pub fn new(max_control_transfer: u16) -> Self {
        Self {
            decoder: Decoder::new(),
            assemblies: Assemblies::default(),
            transactions: Transactions::default(),
            complaints: Queue::new(),
            events: Queue::new(),
            max_control_transfer,
            last_transaction: 0,
            dropped: 0,
            closed: false,
        }
    }

    /// Takes what one read of the port returned.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        self.handle_timeout(now);
        if self.closed {
            return;
        }
        self.decoder.handle_input(bytes);
        while let Some(frame) = self.decoder.poll_frame() {
            // The echo of a port that is a terminal, if anything.
            if !frame.kind.is_from_modem() {
                self.dropped = self.dropped.saturating_add(1);
                continue;
            }
            let message = match self.assemblies.handle_frame(now, frame) {
                Ok(Some(whole)) => RawMessage::from_frame(&whole),
                Ok(None) => continue,
                Err(complaint) => {
                    self.complain(&complaint);
                    continue;
                }
            };
            match message {
                Ok(message) => self.handle_message(message),
                Err(_) => self.dropped = self.dropped.saturating_add(1),
            }
        }
    }

    /// Gives up on the requests and fragments whose time is over.
    pub fn handle_timeout(&mut self, now: Instant) {
        for complaint in self.assemblies.handle_timeout(now) {
            self.complain(&complaint);
        }
        for id in self.transactions.expired(now) {
            // The start of a frame whose rest is lost would swallow what comes next.
            self.decoder.reset();
            self.transactions.finish(id, Err(RequestError::Timeout));
        }
    }

    /// The longest frame, in bytes.
    pub const fn max_control_transfer(&self) -> u16 {
        self.max_control_transfer
    }

    /// Opens the function.
    pub fn open(&mut self, now: Instant, timeout: Duration) -> TransactionId {
        let max_control_transfer = u32::from(self.max_control_transfer);
        self.request(now, Body::Open { max_control_transfer }, timeout)
    }

    /// Closes the function, and with it every session.
    pub fn close_function(&mut self, now: Instant, timeout: Duration) -> TransactionId {
        self.request(now, Body::Close, timeout)
    }

    /// Sends a command; its reply is had from [`MbimPort::take_response`], or, where its kind is
    /// not to be known, from [`MbimPort::take_reply`].
    pub fn send(
        &mut self,
        now: Instant,
        command: &dyn AnyCommand,
        timeout: Duration,
    ) -> TransactionId {
        let (service, cid, kind) = command.target();
        match command.info() {
            Ok(info) => self.request(now, Body::Command { service, cid, kind, info }, timeout),
            Err(error) => self.transactions.refuse(Err(RequestError::Malformed(error))),
        }
    }

    /// Sends any message that has a reply. How it ended is had from [`MbimPort::take_reply`] after
    /// a time, at most `timeout`.
    pub fn request(&mut self, now: Instant, body: Body, timeout: Duration) -> TransactionId {
        match self.prepare(body) {
            Ok((key, frames)) => self.transactions.begin(key, now + timeout, frames),
            // One more slot holds the refusal, until it is taken or cancelled like any reply.
            Err(error) => self.transactions.refuse(Err(error)),
        }
    }

    /// The reply to a request, once; `None` while there is none. The modem's refusal is a reply,
    /// for its buffer may say more than the status.
    pub fn take_reply(&mut self, id: TransactionId) -> Option<Result<Reply, RequestError>> {
        self.transactions.take(id)
    }

    /// The reply to a command `C`, read; `None` while there is none.
    pub fn take_response<C: Command>(
        &mut self,
        id: TransactionId,
    ) -> Option<Result<C::Response, RequestError>> {
        self.take_reply(id).map(|reply| reply?.read::<C>())
    }

    /// Gives up on a request: it is not sent if it was not sent yet, and its reply is dropped.
    pub fn cancel(&mut self, id: TransactionId) {
        self.transactions.cancel(id, Err(RequestError::Timeout));
    }

    /// The next thing that the modem sent of its own accord.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next frame to write to the port, whole and in one write.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        if let Some(complaint) = self.complaints.pop_front() {
            return Some(complaint);
        }
        self.transactions.poll_transmit()
    }

    /// When to call [`MbimPort::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        let requests = self.transactions.poll_timeout();
        requests.into_iter().chain(self.assemblies.poll_timeout()).min()
    }

    /// The port is gone: every request fails with [`RequestError::PortClosed`], those to come as
    /// well.
    pub fn close(&mut self) {
        self.closed = true;
        self.complaints.clear();
        self.decoder.reset();
        self.assemblies.reset();
        self.transactions.close(|| Err(RequestError::PortClosed));
    }

    /// How many requests have been handed to the port.
    pub fn requests_sent(&self) -> u64 {
        self.transactions.sent()
    }

    /// How many messages were dropped: replies to nothing, and events nobody polled.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many bytes from the port belonged to no frame.
    pub fn skipped_len(&self) -> u64 {
        self.decoder.skipped_len()
    }

    /// A message's frames, and what its reply will carry.
    fn prepare(&mut self, body: Body) -> Result<(Key, Vec<Vec<u8>>), RequestError> {
        if self.closed {
            return Err(RequestError::PortClosed);
        }
        let (kind, command) = match &body {
            Body::Open { .. } => (Kind::OpenDone, None),
            Body::Close => (Kind::CloseDone, None),
            Body::Command { service, cid, .. } => (Kind::CommandDone, Some((*service, *cid))),
            Body::HostError(_)
            | Body::OpenDone(_)
            | Body::CloseDone(_)
            | Body::CommandDone { .. }
            | Body::FunctionError(_)
            | Body::IndicateStatus { .. } => {
                return Err(RequestError::Malformed(wire::Error::bad_value(&"message type")));
            }
        };
        let transaction = self.free_transaction().ok_or(RequestError::TooManyRequests)?;
        let max = usize::from(self.max_control_transfer);
        let message = RawMessage { transaction, body };
        let frames = message.encode_frames(max).map_err(RequestError::Malformed)?;
        Ok((Key { kind, transaction, command }, frames))
    }

    /// A transaction number that no request waits with; the numbers go round, so that one is free
    /// again only after all others were used. `None` when too many wait.
    fn free_transaction(&mut self) -> Option<u32> {
        if self.transactions.len() >= MAX_OUTSTANDING {
            return None;
        }
        // 0 is not used: indications have it.
        self.last_transaction = self.last_transaction.checked_add(1).unwrap_or(1);
        Some(self.last_transaction)
    }

    fn handle_message(&mut self, message: RawMessage) {
        let RawMessage { transaction, body } = message;
        let kind = body.kind();
        let (command, reply) = match body {
            Body::OpenDone(status) | Body::CloseDone(status) => {
                (None, Ok(Reply { status, info: Vec::new() }))
            }
            Body::CommandDone { service, cid, status, info } => {
                (Some((service, cid)), Ok(Reply { status, info }))
            }
            Body::IndicateStatus { service, cid, info } => {
                self.push_event(Event::Indication { service, cid, info });
                return;
            }
            Body::FunctionError(error) => {
                self.handle_function_error(transaction, error);
                return;
            }
            Body::Open { .. } | Body::Close | Body::Command { .. } | Body::HostError(_) => return,
        };
        let key = Key { kind, transaction, command };
        match self.transactions.find(|waiting| *waiting == key) {
            Some(id) => drop(self.transactions.finish(id, reply)),
            None => self.dropped = self.dropped.saturating_add(1),
        }
    }

    /// The function's complaint carries the transaction of what it complains of.
    fn handle_function_error(&mut self, transaction: u32, error: ProtocolError) {
        match self.transactions.find(|waiting| waiting.transaction == transaction) {
            Some(id) => drop(self.transactions.finish(id, Err(RequestError::Protocol(error)))),
            None => self.push_event(Event::FunctionError(error)),
        }
    }

    fn push_event(&mut self, event: Event) {
        if self.events.len() >= MAX_EVENTS {
            self.events.pop_front();
            self.dropped = self.dropped.saturating_add(1);
        }
        self.events.push_back(event);
    }

    /// Tells the function that its fragments make no message.
    fn complain(&mut self, complaint: &Complaint) {
        self.dropped = self.dropped.saturating_add(1);
        let &Complaint { transaction, error } = complaint;
        let message = RawMessage { transaction, body: Body::HostError(error) };
        if self.complaints.len() < MAX_COMPLAINTS
            && let Ok(frame) = message.encode()
        {
            self.complaints.push_back(frame);
        }
    }
}
