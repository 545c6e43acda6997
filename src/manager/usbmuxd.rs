//! Sees to it that what pairs with iPhones runs while one is plugged in that has no use without it.
//!
//! Its own script starts it, with the router and whenever it is asked to; nothing has it started
//! again when it ends.

use super::discovery::Snapshot;
use super::{Manager, Output};
use crate::time::{Duration, Instant};

/// The service's name.
const NAME: &str = "usbmuxd";

/// How often it is asked for while an iPhone is plugged in.
const INTERVAL: Duration = Duration::from_secs(60);

/// Apple's, on USB.
const APPLE: u16 = 0x05ac;

/// When it is asked for.
#[derive(Debug, Default)]
pub(super) struct Usbmuxd(Option<Instant>);

impl Usbmuxd {
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.0
    }
}

impl Manager {
    /// Starts it with the first iPhone, and forgets it with the last.
    pub(super) fn follow_iphones(&mut self, now: Instant, snapshot: &Snapshot) {
        let nodes = snapshot.nodes.iter().map(|node| &node.device);
        let mut devices = nodes.chain(snapshot.idle.iter().map(|idle| &idle.device));
        let is_wanted = snapshot.has_usbmuxd && devices.any(|device| device.vid == APPLE);
        if !is_wanted {
            self.usbmuxd.0 = None;
        } else if self.usbmuxd.0.is_none() {
            self.usbmuxd.0 = Some(now);
            self.start_usbmuxd_if_due(now);
        }
    }

    pub(super) fn start_usbmuxd_if_due(&mut self, now: Instant) {
        if self.usbmuxd.0.is_some_and(|due| due <= now) {
            self.usbmuxd.0 = Some(now + INTERVAL);
            self.put(Output::StartService(NAME));
        }
    }
}
