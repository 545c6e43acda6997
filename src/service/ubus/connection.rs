//! The connection itself: its life from greeting to loss, its buffers, and what its owner calls.

use super::event::{CallId, Event, Fault};
use super::incoming::IncomingCall;
use super::object::Object;
use super::outgoing::{Purpose, Requests};
use super::subscription::{Pattern, Subscription};
use super::{BUS_TIMEOUT, MAX_OUTGOING_LEN};
use crate::map::{Map, Queue};
use crate::time::Instant;
use crate::types::Table;
use crate::wire::blobmsg;
use crate::wire::ubus::{Attribute, Decoder, Message, MessageType, Status};

/// What is kept of the outgoing buffer's room once it is empty.
const KEPT_CAPACITY: usize = 16 * 1024;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// There is no socket.
    Down,
    /// ubusd has until then to greet us.
    Greeting { until: Instant },
    /// We are a client of the bus.
    Up,
    /// The socket is of no more use and waits to be closed.
    Broken,
}

/// An object of ours and what the bus knows of it.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) object: Object,
    /// Its id, once the bus has given it one.
    pub(super) id: Option<u32>,
    /// When to offer it again, after the bus refused it.
    pub(super) retry_at: Option<Instant>,
    /// Whether anyone would hear a notification.
    pub(super) has_subscribers: bool,
}

/// A ubus client and object server without a socket.
///
/// ```
/// use ltewan::service::ubus::{Connection, Event, Method, Object};
/// use ltewan::time::Instant;
/// use ltewan::types::Table;
/// use ltewan::wire::ubus::Status;
///
/// static METHODS: &[Method] = &[Method { name: "status", params: &[] }];
/// let mut bus = Connection::new(vec![Object { name: "ltewan", methods: METHODS }]);
///
/// // The socket is connected, and twelve bytes came from it: ubusd's greeting.
/// let now = Instant::from_millis(1);
/// bus.handle_connected(now);
/// bus.handle_input(now, &[0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 4]);
///
/// // After every such call, in this order: events, bytes, timer.
/// while let Some(event) = bus.poll_event() {
///     if let Event::Call { call, .. } = event {
///         bus.reply(call, &Table::new().with("state", "connected"));
///         bus.finish(call, Status::Ok);
///     }
/// }
/// let written = bus.transmit().len(); // as many as the socket took
/// bus.transmitted(written);
/// assert!(bus.poll_timeout().is_some());
/// ```
#[derive(Debug)]
pub struct Connection {
    pub(super) phase: Phase,
    pub(super) objects: Vec<Published>,
    /// Whether [`Event::Connected`] was given for this connection.
    pub(super) announced: bool,
    /// Our nameless object that events are sent to.
    pub(super) event_object: Option<u32>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) requests: Requests,
    /// The ids of other objects, by path.
    pub(super) ids: Map<String, u32>,
    pub(super) calls: Map<CallId, IncomingCall>,
    pub(super) last_call: u64,
    pub(super) events: Queue<Event>,
    decoder: Decoder,
    outgoing: Vec<u8>,
    outgoing_start: usize,
}

impl Connection {
    /// A connection that will publish `objects`, not yet connected.
    pub fn new(objects: Vec<Object>) -> Self {
        let publish =
            |object| Published { object, id: None, retry_at: None, has_subscribers: false };
        Self {
            phase: Phase::Down,
            objects: objects.into_iter().map(publish).collect(),
            announced: false,
            event_object: None,
            patterns: Vec::new(),
            subscriptions: Vec::new(),
            requests: Requests::default(),
            ids: Map::new(),
            calls: Map::new(),
            last_call: 0,
            events: Queue::new(),
            decoder: Decoder::new(),
            outgoing: Vec::new(),
            outgoing_start: 0,
        }
    }

    /// The socket is connected. What is published follows once ubusd has sent its greeting.
    pub fn handle_connected(&mut self, now: Instant) {
        self.tear_down();
        self.phase = Phase::Greeting { until: now + BUS_TIMEOUT };
    }

    /// The socket is closed. Calls of ours that were under way fail with `CONNECTION_FAILED`; calls
    /// of our methods are forgotten.
    pub fn handle_disconnected(&mut self, _now: Instant) {
        self.tear_down();
    }

    /// `bytes` came from the socket.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        if matches!(self.phase, Phase::Down | Phase::Broken) {
            return;
        }
        self.decoder.push(bytes);
        while !matches!(self.phase, Phase::Broken) {
            match self.decoder.next_message() {
                Ok(Some(Ok(message))) => self.handle_message(now, &message),
                // Its sender's fault alone: the stream is still whole. libubus skips such a
                // message too.
                Ok(Some(Err(_))) => {}
                Ok(None) => break,
                Err(error) => self.fail(Fault::Framing(error)),
            }
        }
    }

    /// The time asked for by [`Self::poll_timeout`] has come, or it may have.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Phase::Greeting { until } = self.phase
            && until <= now
        {
            self.fail(Fault::Silent);
        }
        self.expire_requests(now);
        self.publish_again(now);
    }

    /// When [`Self::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let greeting = if let Phase::Greeting { until } = self.phase { Some(until) } else { None };
        let mut first = Instant::first_of(&[greeting, self.requests.next_deadline()]);
        for published in &self.objects {
            first = Instant::first_of(&[first, published.retry_at]);
        }
        first
    }

    /// The bytes to write next; empty when there are none.
    pub fn transmit(&self) -> &[u8] {
        self.outgoing.get(self.outgoing_start..).unwrap_or_default()
    }

    /// The first `len` bytes of [`Self::transmit`] have been written.
    pub fn transmitted(&mut self, len: usize) {
        self.outgoing_start = self.outgoing_start.saturating_add(len).min(self.outgoing.len());
        if self.outgoing_start == self.outgoing.len() {
            self.clear_outgoing();
        }
    }

    /// What has happened, oldest first; `None` when all is told.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether ubusd has greeted us and the connection stands.
    pub const fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Up)
    }

    /// Tells the subscribers of `object` something. Does nothing when there are none, when `object`
    /// is not ours, or when `data` is too large for a message.
    pub fn notify(&mut self, object: &str, kind: &str, data: &Table) {
        let Some(id) = self
            .objects
            .iter()
            .find(|published| published.object.name == object && published.has_subscribers)
            .and_then(|published| published.id)
        else {
            return;
        };
        let Ok(data) = blobmsg::encode(data) else { return };
        let seq = self.requests.next_seq();
        self.send(&Message {
            kind: MessageType::Notify,
            seq,
            peer: id,
            attributes: vec![
                Attribute::ObjectId(id),
                Attribute::Method(kind.to_owned()),
                Attribute::Data(data),
                Attribute::NoReply(true),
            ],
        });
    }

    /// Puts `message` behind what waits for the socket, or gives the connection up when too much
    /// waits already. Returns whether it was taken.
    pub(super) fn send(&mut self, message: &Message) -> bool {
        if matches!(self.phase, Phase::Down | Phase::Broken) {
            return false;
        }
        let Ok(bytes) = message.encode() else { return false };
        if self.transmit().len().saturating_add(bytes.len()) > MAX_OUTGOING_LEN {
            self.fail(Fault::OutgoingFull);
            return false;
        }
        if self.outgoing_start > 0 {
            self.outgoing.drain(..self.outgoing_start);
            self.outgoing_start = 0;
        }
        self.outgoing.extend_from_slice(&bytes);
        true
    }

    /// The connection is of no more use: everything under way ends now, not when its owner gets
    /// round to closing the socket.
    pub(super) fn fail(&mut self, fault: Fault) {
        if matches!(self.phase, Phase::Down | Phase::Broken) {
            return;
        }
        self.tear_down();
        self.phase = Phase::Broken;
        self.events.push_back(Event::Broken { fault });
    }

    /// The bus has greeted us: publish what we have.
    pub(super) fn greeted(&mut self, now: Instant) {
        self.phase = Phase::Up;
        for index in 0..self.objects.len() {
            self.publish(now, index);
        }
        self.renew_subscriptions(now);
        self.announce();
    }

    /// Reports the connection once everything is published.
    pub(super) fn announce(&mut self) {
        if self.is_connected()
            && !self.announced
            && self.objects.iter().all(|published| published.id.is_some())
        {
            self.announced = true;
            self.events.push_back(Event::Connected);
        }
    }

    fn publish(&mut self, now: Instant, index: usize) {
        let Some(published) = self.objects.get_mut(index) else { return };
        published.retry_at = None;
        let Ok(signature) = published.object.signature() else { return };
        let path = Attribute::ObjectPath(published.object.name.to_owned());
        self.ask_bus(
            now,
            MessageType::AddObject,
            vec![path, Attribute::Signature(signature)],
            Purpose::Publish(index),
        );
    }

    fn publish_again(&mut self, now: Instant) {
        for index in 0..self.objects.len() {
            let due = self.objects.get(index).and_then(|published| published.retry_at);
            if due.is_some_and(|due| due <= now) {
                self.publish(now, index);
            }
        }
    }

    fn tear_down(&mut self) {
        self.phase = Phase::Down;
        self.announced = false;
        self.decoder.reset();
        self.clear_outgoing();
        self.calls.clear();
        self.ids.clear();
        self.fail_requests(Status::ConnectionFailed);
        for published in &mut self.objects {
            published.id = None;
            published.retry_at = None;
            if published.has_subscribers {
                published.has_subscribers = false;
                let object = published.object.name;
                self.events.push_back(Event::Subscribers { object, active: false });
            }
        }
        self.lose_subscriptions();
    }

    fn clear_outgoing(&mut self) {
        self.outgoing.clear();
        self.outgoing.shrink_to(KEPT_CAPACITY);
        self.outgoing_start = 0;
    }
}
