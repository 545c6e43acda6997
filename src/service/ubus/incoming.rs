//! What the bus sends us: answers to our requests, calls of our methods, notifications, events.

use super::connection::{Connection, Phase};
use super::event::{CallId, Event, Fault, Subject};
use super::{MAX_CALLS, PUBLISH_INTERVAL};
use crate::time::Instant;
use crate::types::Table;
use crate::wire::blobmsg;
use crate::wire::ubus::{Attribute, Message, MessageType, Status};

/// A call of a method of ours that is not finished.
#[derive(Clone, Copy, Debug)]
pub(super) struct IncomingCall {
    /// Who called.
    peer: u32,
    /// The caller's number for the call.
    seq: u16,
    /// The object called.
    object_id: u32,
}

impl Connection {
    /// Sends `data` to the caller. A call may be answered any time after it came, and several times
    /// until it is finished. Data too large for a message ends the call with `NO_MEMORY`. Ignored
    /// when the call is finished or its connection has ended.
    pub fn reply(&mut self, call: CallId, data: &Table) {
        let Some(&incoming) = self.calls.get(&call) else { return };
        let is_sent = match blobmsg::encode(data) {
            Ok(data) => self.send(&data_message(incoming, data)),
            Err(_) => false,
        };
        if !is_sent {
            self.refuse(call, Status::NoMemory, "ANSWER_TOO_LARGE", "the answer is over 1 MB");
        }
    }

    /// Ends a call. Ignored when it is finished or its connection has ended.
    pub fn finish(&mut self, call: CallId, status: Status) {
        if let Some(incoming) = self.calls.take(&call) {
            self.send_status(incoming, status);
        }
    }

    /// Ends a call with an error that scripts and people can read: data with `error`, a word that
    /// does not change, and `message`, a sentence; then the status.
    pub fn refuse(&mut self, call: CallId, status: Status, error: &str, message: &str) {
        if let Some(incoming) = self.calls.take(&call) {
            self.send_error(incoming, status, error, message);
        }
    }

    pub(super) fn handle_message(&mut self, now: Instant, message: &Message) {
        if matches!(self.phase, Phase::Greeting { .. }) {
            match message.kind {
                MessageType::Hello => self.greeted(now),
                MessageType::Status
                | MessageType::Data
                | MessageType::Ping
                | MessageType::Lookup
                | MessageType::Invoke
                | MessageType::AddObject
                | MessageType::RemoveObject
                | MessageType::Subscribe
                | MessageType::Unsubscribe
                | MessageType::Notify
                | MessageType::Monitor
                | MessageType::Other(_) => self.fail(Fault::NotGreeted),
            }
            return;
        }
        match message.kind {
            MessageType::Status => self.handle_request_status(now, message),
            MessageType::Data => self.handle_request_data(message),
            MessageType::Invoke => self.handle_invoke(now, message),
            MessageType::Unsubscribe => self.handle_unsubscribe(message),
            MessageType::Notify => self.handle_subscribers(message),
            MessageType::Hello
            | MessageType::Ping
            | MessageType::Lookup
            | MessageType::AddObject
            | MessageType::RemoveObject
            | MessageType::Subscribe
            | MessageType::Monitor
            | MessageType::Other(_) => {}
        }
    }

    /// The bus has answered the publishing of an object.
    pub(super) fn published(&mut self, now: Instant, index: usize, status: Status) {
        let Some(published) = self.objects.get_mut(index) else { return };
        if status == Status::Ok && published.id.is_some() {
            self.announce();
            return;
        }
        published.id = None;
        published.retry_at = Some(now + PUBLISH_INTERVAL);
        let subject = Subject::Object(published.object.name);
        self.events.push_back(Event::Refused { subject, status });
    }

    /// Someone has subscribed to an object of ours, or no one is any more.
    fn handle_subscribers(&mut self, message: &Message) {
        let (Some(id), Some(active)) = (message.object_id(), message.active()) else { return };
        let Some(published) = self.objects.iter_mut().find(|published| published.id == Some(id))
        else {
            return;
        };
        published.has_subscribers = active;
        self.events.push_back(Event::Subscribers { object: published.object.name, active });
    }

    fn handle_invoke(&mut self, now: Instant, message: &Message) {
        let Some(object_id) = message.object_id() else { return };
        let incoming = IncomingCall { peer: message.peer, seq: message.seq, object_id };
        if self.event_object == Some(object_id) {
            self.handle_bus_event(now, message);
            self.acknowledge(message, incoming);
        } else if let Some(subscription) =
            self.subscriptions.iter().find(|subscription| subscription.own_id == Some(object_id))
        {
            let object = subscription.path.clone();
            if let (Some(kind), Ok(data)) = (message.method(), message.data()) {
                let (kind, data) = (kind.to_owned(), data.unwrap_or_default());
                self.events.push_back(Event::Notification { object, kind, data });
            }
            self.acknowledge(message, incoming);
        } else {
            self.handle_call(message, incoming);
        }
    }

    fn acknowledge(&mut self, message: &Message, incoming: IncomingCall) {
        if !message.no_reply() {
            self.send_status(incoming, Status::Ok);
        }
    }

    /// Checks a call and passes it on, or refuses it.
    fn handle_call(&mut self, message: &Message, incoming: IncomingCall) {
        let object = self
            .objects
            .iter()
            .find(|published| published.id == Some(incoming.object_id))
            .map(|published| published.object);
        let Some(object) = object else {
            return self.send_status(incoming, Status::NotFound);
        };
        let Some(name) = message.method() else {
            return self.send_status(incoming, Status::InvalidArgument);
        };
        let Some(method) = object.method(name) else {
            return self.send_status(incoming, Status::MethodNotFound);
        };
        let checked = match message.data() {
            Ok(Some(args)) => method.check(args),
            Ok(None) => return self.send_status(incoming, Status::InvalidArgument),
            Err(error) => Err(format!("arguments that cannot be read: {error}")),
        };
        let checked = match checked {
            Ok(checked) => checked,
            Err(reason) => {
                let status = Status::InvalidArgument;
                return self.send_error(incoming, status, status.name(), &reason);
            }
        };
        if self.calls.len() >= MAX_CALLS {
            let reason = "too many calls are unanswered";
            return self.send_error(incoming, Status::NoMemory, "BUSY", reason);
        }
        self.last_call = self.last_call.saturating_add(1);
        let call = CallId(self.last_call);
        if !message.no_reply() {
            self.calls.insert(call, incoming);
        }
        self.events.push_back(Event::Call {
            call,
            object: object.name,
            method: method.name,
            args: checked.args,
            user: message.user().map(str::to_owned),
            group: message.group().map(str::to_owned),
            rpc_session: checked.rpc_session,
        });
    }

    fn send_error(&mut self, incoming: IncomingCall, status: Status, error: &str, message: &str) {
        let data = Table::new().with("error", error).with("message", message);
        if let Ok(data) = blobmsg::encode(&data) {
            self.send(&data_message(incoming, data));
        }
        self.send_status(incoming, status);
    }

    fn send_status(&mut self, incoming: IncomingCall, status: Status) {
        self.send(&Message {
            kind: MessageType::Status,
            seq: incoming.seq,
            peer: incoming.peer,
            attributes: vec![
                Attribute::Status(status.code()),
                Attribute::ObjectId(incoming.object_id),
            ],
        });
    }
}

fn data_message(incoming: IncomingCall, data: Vec<u8>) -> Message {
    Message {
        kind: MessageType::Data,
        seq: incoming.seq,
        peer: incoming.peer,
        attributes: vec![Attribute::ObjectId(incoming.object_id), Attribute::Data(data)],
    }
}
