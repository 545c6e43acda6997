//! What we ask of the bus and of others: requests under way, each with its deadline.
//!
//! An answer belongs to a request when both sequence number and peer agree, as in libubus.

use super::connection::{Connection, Phase};
use super::event::{CallError, Event, Fault, RequestId};
use super::{BUS_TIMEOUT, MAX_CACHED_IDS, MAX_REQUESTS};
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::types::Table;
use crate::wire::blobmsg;
use crate::wire::ubus::{Attribute, EVENT_OBJECT, Message, MessageType, Status};

/// A request that waits for its status.
#[derive(Debug)]
pub(super) struct Request {
    peer: u32,
    deadline: Instant,
    pub(super) purpose: Purpose,
}

/// What a request is for, with what its answer needs.
#[derive(Debug)]
pub(super) enum Purpose {
    /// To publish the object of this index.
    Publish(usize),
    /// To have a nameless object for events.
    AddEventObject,
    /// To have a nameless object for the notifications of the subscription of this index.
    AddSubscriber(usize),
    /// To be sent the events of the pattern of this index.
    Register(usize),
    /// To find the object that the subscription of this index is about.
    FindTarget(usize),
    /// To subscribe, by the subscription of this index, to the object of this id.
    Subscribe {
        /// The index of the subscription.
        index: usize,
        /// The id of the object.
        target: u32,
    },
    /// To find the object of a call.
    FindObject(Box<OutgoingCall>),
    /// To call a method.
    Call(Box<OutgoingCall>),
}

/// A call of ours.
#[derive(Debug)]
pub(super) struct OutgoingCall {
    id: RequestId,
    object: String,
    method: String,
    args: Vec<u8>,
    /// Whether the object's id was looked up for this very call.
    is_fresh: bool,
    /// What the method has answered so far.
    data: Option<Table>,
}

/// All requests under way.
#[derive(Debug, Default)]
pub(super) struct Requests {
    by_seq: Map<u16, Request>,
    last_seq: u16,
    last_id: u64,
}

impl Requests {
    /// A sequence number that no request under way has. Counts from 1, as libubus does.
    pub(super) fn next_seq(&mut self) -> u16 {
        // There are far fewer requests than numbers, so the search ends.
        for _ in 0..=u16::MAX {
            self.last_seq = self.last_seq.wrapping_add(1);
            if !self.by_seq.contains_key(&self.last_seq) {
                break;
            }
        }
        self.last_seq
    }

    /// When the first request runs out of time.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.by_seq.values().map(|request| request.deadline).min()
    }

    /// The request that `message` is about.
    pub(super) fn get_mut(&mut self, message: &Message) -> Option<&mut Request> {
        self.by_seq.get_mut(&message.seq).filter(|request| request.peer == message.peer)
    }

    fn take(&mut self, message: &Message) -> Option<Request> {
        self.get_mut(message)?;
        self.by_seq.take(&message.seq)
    }

    fn count_calls(&self) -> usize {
        self.by_seq.values().filter(|request| request.purpose.call().is_some()).count()
    }
}

impl Purpose {
    fn call(&self) -> Option<&OutgoingCall> {
        match self {
            Self::FindObject(call) | Self::Call(call) => Some(call),
            Self::Publish(_)
            | Self::AddEventObject
            | Self::AddSubscriber(_)
            | Self::Register(_)
            | Self::FindTarget(_)
            | Self::Subscribe { .. } => None,
        }
    }

    fn into_call(self) -> Option<Box<OutgoingCall>> {
        match self {
            Self::FindObject(call) | Self::Call(call) => Some(call),
            Self::Publish(_)
            | Self::AddEventObject
            | Self::AddSubscriber(_)
            | Self::Register(_)
            | Self::FindTarget(_)
            | Self::Subscribe { .. } => None,
        }
    }
}

impl Connection {
    /// Calls `method` of the object at path `object`. An [`Event::Reply`] with the returned id
    /// follows in any case, at the latest after `timeout`; when there is no connection, at once.
    pub fn invoke(
        &mut self,
        now: Instant,
        object: &str,
        method: &str,
        args: &Table,
        timeout: Duration,
    ) -> RequestId {
        self.requests.last_id = self.requests.last_id.saturating_add(1);
        let id = RequestId(self.requests.last_id);
        let refused = match blobmsg::encode(args) {
            _ if matches!(self.phase, Phase::Down | Phase::Broken) => Status::ConnectionFailed,
            _ if self.requests.count_calls() >= MAX_REQUESTS => Status::NoMemory,
            Err(_) => Status::NoMemory,
            Ok(args) => {
                let call = Box::new(OutgoingCall {
                    id,
                    object: object.to_owned(),
                    method: method.to_owned(),
                    args,
                    is_fresh: false,
                    data: None,
                });
                self.start_call(call, now + timeout);
                return id;
            }
        };
        self.reply_event(id, Err(refused.into()));
        id
    }

    /// Sends an event to all who listen for it. The bus forbids names that begin with `ubus.`, and
    /// does not send it back to ourselves. Lost when there is no connection.
    pub fn send_event(&mut self, name: &str, data: &Table) {
        let args = Table::new().with("id", name).with("data", data.clone());
        let Ok(args) = blobmsg::encode(&args) else { return };
        let seq = self.requests.next_seq();
        self.send(&invoke_message(seq, EVENT_OBJECT, "send", args));
    }

    /// Sends a request to ubusd itself and remembers what it is for.
    pub(super) fn ask_bus(
        &mut self,
        now: Instant,
        kind: MessageType,
        attributes: Vec<Attribute>,
        purpose: Purpose,
    ) {
        let seq = self.requests.next_seq();
        let message = Message { kind, seq, peer: 0, attributes };
        self.request(&message, now + BUS_TIMEOUT, purpose);
    }

    /// Asks ubusd to send the events of a pattern to our event object.
    pub(super) fn register(&mut self, now: Instant, event_object: u32, index: usize) {
        let Some(pattern) = self.ask_for_pattern(index) else { return };
        // The object id is unsigned on the wire and merely printed as signed.
        let object = i32::from_be_bytes(event_object.to_be_bytes());
        let args = Table::new().with("object", object).with("pattern", pattern);
        let Ok(args) = blobmsg::encode(&args) else { return };
        let seq = self.requests.next_seq();
        let message = invoke_message(seq, EVENT_OBJECT, "register", args);
        self.request(&message, now + BUS_TIMEOUT, Purpose::Register(index));
    }

    /// A data message came for a request of ours.
    pub(super) fn handle_request_data(&mut self, message: &Message) {
        let Some(request) = self.requests.get_mut(message) else { return };
        match &mut request.purpose {
            Purpose::Call(call) => {
                if let Ok(data) = message.data() {
                    call.data = data.or(call.data.take());
                }
            }
            Purpose::FindObject(call) => {
                if let Some(id) = message.object_id() {
                    call.is_fresh = true;
                    let path = call.object.clone();
                    self.remember_id(path, id);
                }
            }
            Purpose::Publish(index) => {
                if let Some(published) = self.objects.get_mut(*index) {
                    published.id = message.object_id();
                }
            }
            Purpose::AddEventObject => self.event_object = message.object_id(),
            Purpose::AddSubscriber(index) => {
                if let Some(subscription) = self.subscriptions.get_mut(*index) {
                    subscription.own_id = message.object_id();
                }
            }
            Purpose::FindTarget(index) => {
                if let Some(subscription) = self.subscriptions.get_mut(*index) {
                    subscription.found = message.object_id();
                }
            }
            Purpose::Register(_) | Purpose::Subscribe { .. } => {}
        }
    }

    /// A status message came: a request of ours has ended.
    pub(super) fn handle_request_status(&mut self, now: Instant, message: &Message) {
        let Some(Request { deadline, purpose, .. }) = self.requests.take(message) else { return };
        let status = message.status().unwrap_or(Status::InvalidArgument);
        match purpose {
            Purpose::Publish(index) => self.published(now, index, status),
            Purpose::AddEventObject => self.event_object_added(now, status),
            Purpose::AddSubscriber(index) => self.find_target(now, index),
            Purpose::Register(index) => self.registered(now, index, status),
            Purpose::FindTarget(index) => self.target_found(now, index),
            Purpose::Subscribe { index, target } => self.subscribed(index, target, status),
            Purpose::FindObject(call) if status == Status::Ok && call.is_fresh => {
                self.start_call(call, deadline);
            }
            Purpose::FindObject(call) => {
                // The bus says OK and nothing else about an object that we may not see.
                let status = if status == Status::Ok { Status::NotFound } else { status };
                self.reply_event(call.id, Err(status.into()));
            }
            Purpose::Call(call) => self.call_ended(call, deadline, message, status),
        }
    }

    /// Ends every request whose time is over. ubusd owes an answer to each of its own; a method's
    /// answer is its object's affair.
    pub(super) fn expire_requests(&mut self, now: Instant) {
        let mut over = Vec::new();
        for (seq, request) in &self.requests.by_seq {
            if request.deadline <= now {
                over.push(*seq);
            }
        }
        for seq in over {
            let Some(request) = self.requests.by_seq.take(&seq) else { continue };
            match request.purpose.into_call() {
                Some(call) => self.reply_event(call.id, Err(Status::Timeout.into())),
                None => self.fail(Fault::Silent),
            }
        }
    }

    /// Ends every request, because the connection does.
    pub(super) fn fail_requests(&mut self, status: Status) {
        self.requests.last_seq = 0;
        for (_, request) in core::mem::take(&mut self.requests.by_seq) {
            if let Some(call) = request.purpose.into_call() {
                self.reply_event(call.id, Err(status.into()));
            }
        }
    }

    /// The object of `id` has gone.
    pub(super) fn forget_id(&mut self, id: u32) {
        self.ids.retain(|_, known| *known != id);
    }

    /// The object at `path` has that id.
    pub(super) fn remember_id(&mut self, path: String, id: u32) {
        if self.ids.len() >= MAX_CACHED_IDS {
            self.ids.clear();
        }
        self.ids.insert(path, id);
    }

    fn start_call(&mut self, call: Box<OutgoingCall>, deadline: Instant) {
        let seq = self.requests.next_seq();
        if let Some(&id) = self.ids.get(&call.object) {
            let message = invoke_message(seq, id, &call.method, call.args.clone());
            self.request(&message, deadline, Purpose::Call(call));
        } else {
            let path = Attribute::ObjectPath(call.object.clone());
            let message =
                Message { kind: MessageType::Lookup, seq, peer: 0, attributes: vec![path] };
            self.request(&message, deadline, Purpose::FindObject(call));
        }
    }

    fn call_ended(
        &mut self,
        mut call: Box<OutgoingCall>,
        deadline: Instant,
        message: &Message,
        status: Status,
    ) {
        // Only the bus answers without naming the object. A method's own NOT_FOUND must not be
        // taken for that: the call would be made twice.
        let is_from_bus = message.object_id().is_none();
        if status == Status::NotFound && is_from_bus {
            self.forget_id(message.peer);
            if !call.is_fresh {
                call.data = None;
                self.start_call(call, deadline);
                return;
            }
        }
        let result = match status {
            Status::Ok => Ok(call.data),
            Status::InvalidCommand
            | Status::InvalidArgument
            | Status::MethodNotFound
            | Status::NotFound
            | Status::NoData
            | Status::PermissionDenied
            | Status::Timeout
            | Status::NotSupported
            | Status::UnknownError
            | Status::ConnectionFailed
            | Status::NoMemory
            | Status::ParseError
            | Status::SystemError => Err(CallError { status, data: call.data }),
        };
        self.reply_event(call.id, result);
    }

    fn request(&mut self, message: &Message, deadline: Instant, purpose: Purpose) {
        if self.send(message) {
            let request = Request { peer: message.peer, deadline, purpose };
            self.requests.by_seq.insert(message.seq, request);
        } else if let Some(call) = purpose.into_call() {
            let status =
                if self.is_connected() { Status::NoMemory } else { Status::ConnectionFailed };
            self.reply_event(call.id, Err(status.into()));
        }
    }

    fn reply_event(&mut self, request: RequestId, result: Result<Option<Table>, CallError>) {
        self.events.push_back(Event::Reply { request, result });
    }
}

fn invoke_message(seq: u16, object: u32, method: &str, args: Vec<u8>) -> Message {
    Message {
        kind: MessageType::Invoke,
        seq,
        peer: object,
        attributes: vec![
            Attribute::ObjectId(object),
            Attribute::Method(method.to_owned()),
            Attribute::Data(args),
        ],
    }
}
