//! ltewan's end of the bus: a ubus client and object server without a socket.
//!
//! [`Connection`] takes bytes and the time and gives bytes and [`Event`]s. Its owner holds the
//! socket: after any `handle_*` or other call it drains `poll_event` until `None`, writes what
//! `transmit` holds, and arms one timer for `poll_timeout`. Objects, subscriptions and patterns are
//! remembered and renewed on every connect; calls are not.
//!
//! The protocol is libubus's. It may not decide anything, nor know what a method does.

mod connection;
mod event;
mod incoming;
mod object;
mod outgoing;
mod subscription;
#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use event::{CallError, CallId, Event, Fault, RequestId, Subject};
pub use object::{Kind, Method, Object, Param};

use crate::time::Duration;
use crate::wire::ubus::MAX_MESSAGE_LEN;

/// The most bytes that may wait for the socket: two of the largest messages. ubusd reads at once
/// or has died, so a connection that reaches this is dropped.
pub const MAX_OUTGOING_LEN: usize = 2 * MAX_MESSAGE_LEN;

/// The most calls of our methods that may be unfinished; further ones are refused with
/// `NO_MEMORY`.
pub const MAX_CALLS: usize = 256;

/// The most calls of ours that may be unanswered; further ones fail with `NO_MEMORY`.
pub const MAX_REQUESTS: usize = 128;

/// The most ids of other objects remembered.
pub const MAX_CACHED_IDS: usize = 128;

/// How long ubusd itself may take to answer.
pub const BUS_TIMEOUT: Duration = Duration::from_secs(10);

/// How long after the bus refused an object it is offered again: when a daemon restarts, its
/// predecessor may hold the path a moment longer.
pub const PUBLISH_INTERVAL: Duration = Duration::from_secs(1);
