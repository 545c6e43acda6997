//! Sees to it that what pairs with iPhones runs while one is plugged in that has no use without it.
//!
//! Its own script starts it, with the router and whenever it is asked to; nothing has it started
//! again when it ends.

use super::discovery::Snapshot;
use super::{Manager, Output};
use crate::time::{Duration, Instant, doubled};

/// The service's name.
const NAME: &str = "usbmuxd";

/// After how long it is asked for a second time while an iPhone is plugged in; then ever later.
const INTERVAL: Duration = Duration::from_secs(60);

/// How often it is asked for in all, until there is none.
const STARTS_MAX: u32 = 8;

/// Apple's, on USB.
const APPLE: u16 = 0x05ac;

/// When it is asked for.
#[derive(Debug, Default)]
pub(super) struct Usbmuxd {
    due: Option<Instant>,
    starts: u32,
}

impl Usbmuxd {
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.due
    }
}

impl Manager {
    /// Starts it with the first iPhone, and forgets it with the last.
    pub(super) fn follow_iphones(&mut self, now: Instant, snapshot: &Snapshot) {
        let nodes = snapshot.nodes.iter().map(|node| &node.device);
        let mut devices = nodes.chain(snapshot.idle.iter().map(|idle| &idle.device));
        let is_wanted = snapshot.has_usbmuxd && devices.any(|device| device.vid == APPLE);
        if !is_wanted {
            self.usbmuxd = Usbmuxd::default();
        } else if self.usbmuxd.starts == 0 {
            self.usbmuxd.due = Some(now);
            self.start_usbmuxd_if_due(now);
        }
    }

    pub(super) fn start_usbmuxd_if_due(&mut self, now: Instant) {
        let usbmuxd = &mut self.usbmuxd;
        if Instant::take_due(&mut usbmuxd.due, now) {
            let wait = doubled(INTERVAL, usbmuxd.starts.min(STARTS_MAX), Duration::MAX);
            usbmuxd.starts += 1;
            usbmuxd.due = (usbmuxd.starts < STARTS_MAX).then(|| now + wait);
            self.put(Output::StartService(NAME));
        }
    }
}
