//! What the daemon costs while nothing happens.

use ltewan::time::Instant;

/// Counted since the router was switched on, or since [`Cost::restart`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Times the loop was woken: by a timer, or by bytes from a port. A reply in several reads
    /// counts as many times.
    pub(crate) wakeups: u64,
    /// Bytes written to serial ports.
    pub(crate) at_written: u64,
    /// Bytes read from them.
    pub(crate) at_read: u64,
    /// Messages written to control ports.
    pub(crate) requests: u64,
    since: Instant,
}

impl Cost {
    /// Counts from now on.
    pub(crate) fn restart(&mut self, now: Instant) {
        *self = Self { since: now, ..Self::default() };
    }

    /// The same for each minute.
    pub(crate) fn a_minute(self, now: Instant) -> Self {
        let secs = now.saturating_since(self.since).as_secs().max(1);
        let rate = |count: u64| (count * 60).div_ceil(secs);
        Self {
            wakeups: rate(self.wakeups),
            at_written: rate(self.at_written),
            at_read: rate(self.at_read),
            requests: rate(self.requests),
            since: self.since,
        }
    }
}
