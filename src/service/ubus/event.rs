//! What a bus connection reports to its owner.

use crate::types::Table;
use crate::wire::{self, ubus::Status};
use core::fmt;

/// One call of a method of ours, from its arrival until it is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub(super) u64);

/// One call of ours, from `invoke` to its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub(super) u64);

/// What happened on the bus.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The bus has greeted us and every object of ours is published.
    Connected,
    /// The connection is of no more use. Its owner closes the socket, tells `handle_disconnected`
    /// and connects anew after a while.
    Broken {
        /// What was wrong.
        fault: Fault,
    },
    /// Someone calls a method of ours, with arguments that passed the check.
    Call {
        /// To answer it by.
        call: CallId,
        /// The object called.
        object: &'static str,
        /// The method called.
        method: &'static str,
        /// Its arguments, each known, once, and of its kind.
        args: Table,
        /// The user whose process called, as ubusd tells.
        user: Option<String>,
        /// That user's group.
        group: Option<String>,
        /// Whether uhttpd passed the call on for a web session: `user` is then uhttpd's own.
        rpc_session: bool,
    },
    /// A call of ours has ended.
    Reply {
        /// Which.
        request: RequestId,
        /// What it answered, which may be nothing, or why it failed.
        result: Result<Option<Table>, CallError>,
    },
    /// An object that we subscribed to tells its subscribers something.
    Notification {
        /// The path we subscribed to.
        object: String,
        /// What kind of thing: `interface.update`.
        kind: String,
        /// The thing.
        data: Table,
    },
    /// An event that matches a pattern we listen for.
    BusEvent {
        /// Its name: `ubus.object.add`.
        name: String,
        /// What it says.
        data: Table,
    },
    /// The first subscriber of an object of ours came, or the last went.
    Subscribers {
        /// The object.
        object: &'static str,
        /// Whether there are any now.
        active: bool,
    },
    /// A subscription of ours began or ended: the other object came or went.
    Subscription {
        /// The path we subscribed to.
        object: String,
        /// Whether its notifications reach us now.
        active: bool,
    },
    /// The bus refused something that we shall keep asking for.
    Refused {
        /// What.
        subject: Subject,
        /// Why.
        status: Status,
    },
}

/// What the bus can refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// To publish an object: its path is taken, or we may not. Asked again every second.
    Object(&'static str),
    /// To send us events that match a pattern. Asked again after the next connect.
    Pattern(String),
    /// To subscribe us. Asked again when the object appears anew.
    Subscription(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Object(path) => ("object", *path),
            Self::Pattern(pattern) => ("events", pattern.as_str()),
            Self::Subscription(path) => ("subscription to", path.as_str()),
        };
        write!(f, "{kind} {name}")
    }
}

/// Why a call of ours failed.
#[derive(Clone, Debug, PartialEq)]
pub struct CallError {
    /// The status, from the method, the bus or this end.
    pub status: Status,
    /// What the method sent before its status; ltewan's own methods send `error` and `message`.
    pub data: Option<Table>,
}

impl From<Status> for CallError {
    fn from(status: Status) -> Self {
        Self { status, data: None }
    }
}

/// Why a connection is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The boundaries of messages are lost.
    Framing(wire::Error),
    /// The first message was not a greeting: no ubusd is at the other end.
    NotGreeted,
    /// ubusd did not answer in time.
    Silent,
    /// ubusd does not take what we send.
    OutgoingFull,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Framing(error) => return write!(f, "messages cannot be told apart: {error}"),
            Self::NotGreeted => "what answers is no ubusd",
            Self::Silent => "no answer in time",
            Self::OutgoingFull => "messages are not taken",
        })
    }
}
