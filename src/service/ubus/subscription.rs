//! Subscriptions to other objects, and patterns of events.
//!
//! A notification does not say which object it is from, only which nameless object of ours it is
//! for. So each subscription has such an object of its own, and all patterns share another.
//!
//! A subscription outlives the object it is about. The first one makes us listen for
//! `ubus.object.add`; only then is the object looked up, so that one which appears in between is
//! not missed.

use super::connection::{Connection, Phase};
use super::event::{Event, Subject};
use super::outgoing::Purpose;
use crate::time::Instant;
use crate::types::Table;
use crate::wire::ubus::{Attribute, Message, MessageType, Status};

/// The event by which ubusd tells of a new object, with `id` and `path`.
const OBJECT_ADD: &str = "ubus.object.add";

/// The event by which ubusd tells that an object has gone.
const OBJECT_REMOVE: &str = "ubus.object.remove";

/// A pattern of event names.
#[derive(Debug)]
pub(super) struct Pattern {
    /// A name, or the beginning of one and `*`.
    pub(super) text: String,
    /// Whether our owner wants these events, or only we do.
    is_wanted: bool,
    /// Whether the bus has been asked, on this connection.
    is_asked: bool,
    /// Whether the bus has answered for it, on this connection.
    is_answered: bool,
}

/// Another object whose notifications we want.
#[derive(Debug)]
pub(super) struct Subscription {
    /// The path of the object.
    pub(super) path: String,
    /// Our nameless object that its notifications are sent to.
    pub(super) own_id: Option<u32>,
    /// What the lookup under way has found.
    pub(super) found: Option<u32>,
    /// The object we are subscribed to, or asked to be.
    target: Option<u32>,
    /// Whether the bus has agreed.
    is_active: bool,
}

impl Pattern {
    fn matches(&self, name: &str) -> bool {
        match self.text.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == self.text,
        }
    }
}

impl Connection {
    /// From now on, whenever there is an object at path `object`, its notifications come as
    /// [`Event::Notification`]. An object of this same connection cannot be subscribed to.
    pub fn subscribe(&mut self, now: Instant, object: &str) {
        if self.subscriptions.iter().any(|subscription| subscription.path == object) {
            return;
        }
        self.subscriptions.push(Subscription {
            path: object.to_owned(),
            own_id: None,
            found: None,
            target: None,
            is_active: false,
        });
        if matches!(self.phase, Phase::Up) {
            self.add_subscriber(now, self.subscriptions.len().saturating_sub(1));
        }
        self.add_pattern(now, OBJECT_ADD, false);
    }

    /// From now on, events whose name is `pattern`, or begins with it when it ends in `*`, come as
    /// [`Event::BusEvent`].
    pub fn listen(&mut self, now: Instant, pattern: &str) {
        self.add_pattern(now, pattern, true);
    }

    /// After the greeting: asks anew for everything that is remembered.
    pub(super) fn renew_subscriptions(&mut self, now: Instant) {
        if !self.patterns.is_empty() {
            self.add_event_object(now);
        }
        for index in 0..self.subscriptions.len() {
            self.add_subscriber(now, index);
        }
    }

    /// The connection has ended: nothing is subscribed any more.
    pub(super) fn lose_subscriptions(&mut self) {
        self.event_object = None;
        for pattern in &mut self.patterns {
            pattern.is_asked = false;
            pattern.is_answered = false;
        }
        for subscription in &mut self.subscriptions {
            subscription.own_id = None;
            subscription.found = None;
            subscription.target = None;
            if subscription.is_active {
                subscription.is_active = false;
                let object = subscription.path.clone();
                self.events.push_back(Event::Subscription { object, active: false });
            }
        }
    }

    /// The bus has answered the adding of the event object.
    pub(super) fn event_object_added(&mut self, now: Instant, status: Status) {
        let Some(event_object) = self.event_object else {
            for index in 0..self.patterns.len() {
                self.registered(now, index, status);
            }
            return;
        };
        for index in 0..self.patterns.len() {
            self.register(now, event_object, index);
        }
    }

    /// The pattern of `index` when the bus must still be asked for it.
    pub(super) fn ask_for_pattern(&mut self, index: usize) -> Option<String> {
        let pattern = self.patterns.get_mut(index).filter(|pattern| !pattern.is_asked)?;
        pattern.is_asked = true;
        Some(pattern.text.clone())
    }

    /// The bus has answered for a pattern.
    pub(super) fn registered(&mut self, now: Instant, index: usize, status: Status) {
        let Some(pattern) = self.patterns.get_mut(index) else { return };
        pattern.is_answered = true;
        let is_object_add = pattern.text == OBJECT_ADD;
        if status != Status::Ok {
            let subject = Subject::Pattern(pattern.text.clone());
            self.events.push_back(Event::Refused { subject, status });
        }
        if is_object_add {
            for index in 0..self.subscriptions.len() {
                self.find_target(now, index);
            }
        }
    }

    /// Looks up the object of a subscription, once both our own object is there and we would hear
    /// of a new one.
    pub(super) fn find_target(&mut self, now: Instant, index: usize) {
        let is_listening =
            self.patterns.iter().any(|pattern| pattern.text == OBJECT_ADD && pattern.is_answered);
        let Some(subscription) = self.subscriptions.get_mut(index) else { return };
        if !is_listening || subscription.own_id.is_none() || subscription.target.is_some() {
            return;
        }
        subscription.found = None;
        let path = Attribute::ObjectPath(subscription.path.clone());
        self.ask_bus(now, MessageType::Lookup, vec![path], Purpose::FindTarget(index));
    }

    /// The lookup has ended. When it found nothing, `ubus.object.add` will tell.
    pub(super) fn target_found(&mut self, now: Instant, index: usize) {
        let found = self.subscriptions.get(index).and_then(|subscription| subscription.found);
        if let Some(target) = found {
            self.subscribe_to(now, index, target);
        }
    }

    /// The bus has answered a subscription.
    pub(super) fn subscribed(&mut self, index: usize, target: u32, status: Status) {
        let Some(subscription) = self.subscriptions.get_mut(index) else { return };
        if subscription.target != Some(target) {
            return;
        }
        let object = subscription.path.clone();
        if status == Status::Ok {
            subscription.is_active = true;
            self.events.push_back(Event::Subscription { object, active: true });
            return;
        }
        subscription.target = None;
        // When it has gone since it was found, the next one will be told to us.
        if status != Status::NotFound {
            let subject = Subject::Subscription(object);
            self.events.push_back(Event::Refused { subject, status });
        }
    }

    /// The bus tells that an object we subscribed to has gone.
    pub(super) fn handle_unsubscribe(&mut self, message: &Message) {
        let (Some(own_id), Some(target)) = (message.object_id(), message.target()) else { return };
        self.forget_id(target);
        let subscription =
            self.subscriptions.iter_mut().find(|subscription| subscription.own_id == Some(own_id));
        let Some(subscription) = subscription else { return };
        if subscription.target == Some(target) {
            subscription.target = None;
            if subscription.is_active {
                subscription.is_active = false;
                let object = subscription.path.clone();
                self.events.push_back(Event::Subscription { object, active: false });
            }
        }
    }

    /// An event came: use it ourselves, and pass it on when it is wanted.
    pub(super) fn handle_bus_event(&mut self, now: Instant, message: &Message) {
        let (Some(name), Ok(data)) = (message.method(), message.data()) else { return };
        let data = data.unwrap_or_default();
        // Any client could call our event object, but only ubusd does so as peer 0.
        if message.peer == 0 {
            self.follow_object(now, name, &data);
        }
        if self.patterns.iter().any(|pattern| pattern.is_wanted && pattern.matches(name)) {
            self.events.push_back(Event::BusEvent { name: name.to_owned(), data });
        }
    }

    /// Keeps ids and subscriptions true to what the bus tells of other objects.
    fn follow_object(&mut self, now: Instant, name: &str, data: &Table) {
        let (Some(id), Some(path)) = (object_id(data), data.get_str("path")) else { return };
        if name == OBJECT_REMOVE {
            self.forget_id(id);
        }
        if name != OBJECT_ADD {
            return;
        }
        if self.ids.contains_key(path) {
            self.remember_id(path.to_owned(), id);
        }
        for index in 0..self.subscriptions.len() {
            if self.subscriptions.get(index).is_some_and(|subscription| subscription.path == path) {
                self.subscribe_to(now, index, id);
            }
        }
    }

    fn subscribe_to(&mut self, now: Instant, index: usize, target: u32) {
        let Some(subscription) = self.subscriptions.get_mut(index) else { return };
        let Some(own_id) = subscription.own_id else { return };
        // A second subscription to the same object would double its notifications.
        if subscription.target == Some(target) {
            return;
        }
        subscription.target = Some(target);
        let attributes = vec![Attribute::ObjectId(own_id), Attribute::Target(target)];
        let purpose = Purpose::Subscribe { index, target };
        self.ask_bus(now, MessageType::Subscribe, attributes, purpose);
    }

    fn add_pattern(&mut self, now: Instant, text: &str, is_wanted: bool) {
        if let Some(pattern) = self.patterns.iter_mut().find(|pattern| pattern.text == text) {
            pattern.is_wanted |= is_wanted;
            return;
        }
        let is_first = self.patterns.is_empty();
        self.patterns.push(Pattern {
            text: text.to_owned(),
            is_wanted,
            is_asked: false,
            is_answered: false,
        });
        match self.event_object {
            Some(event_object) => {
                self.register(now, event_object, self.patterns.len().saturating_sub(1));
            }
            None if is_first && matches!(self.phase, Phase::Up) => self.add_event_object(now),
            None => {}
        }
    }

    fn add_event_object(&mut self, now: Instant) {
        self.ask_bus(now, MessageType::AddObject, Vec::new(), Purpose::AddEventObject);
    }

    fn add_subscriber(&mut self, now: Instant, index: usize) {
        self.ask_bus(now, MessageType::AddObject, Vec::new(), Purpose::AddSubscriber(index));
    }
}

/// The object id in an event of ubusd, which writes it as a 32-bit number.
fn object_id(data: &Table) -> Option<u32> {
    let id = data.get("id")?.as_i64()?;
    i32::try_from(id).ok().map(|id| u32::from_be_bytes(id.to_be_bytes()))
}
