//! What stands for a driver in a program that is built without it.

use super::{Event, HostReply, PppReport, Request};
use crate::time::Instant;

/// A driver of which there is none: what would use it is left out with it.
#[derive(Debug)]
pub enum LeftOut {}

macro_rules! methods {
    ($($name:ident($($argument:ty),*) $(-> $result:ty)?;)*) => {
        #[allow(clippy::allow_attributes, reason = "which are used depends on what is left out")]
        #[allow(dead_code, missing_docs, reason = "none of it is ever called")]
        impl LeftOut {
            $(pub fn $name(&self $(, _: $argument)*) $(-> $result)? {
                match *self {}
            })*
        }
    };
}

methods! {
    handle_request(Instant, Request);
    handle_input(Instant, &[u8]);
    handle_host_reply(Instant, HostReply);
    handle_ppp(Instant, PppReport);
    handle_turn(Instant);
    handle_timeout(Instant);
    give_up();
    poll_timeout() -> Option<Instant>;
    poll_event() -> Option<Event>;
    poll_transmit() -> Option<Vec<u8>>;
    has_bands() -> bool;
    requests_sent() -> u64;
}
