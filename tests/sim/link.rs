//! The way out of the modem: latency, and every fault that a message can meet on its way.

use std::collections::BTreeMap;

use ltewan::time::{Duration, Instant};

use super::Port;

/// What is being sent, for the faults that concern replies only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Message {
    /// The reply to a QMI request of this service and message.
    QmiReply(u8, u16),
    /// A QMI indication.
    QmiIndication,
    /// The reply to an MBIM command of this service and number.
    MbimReply(u8, u16),
    /// An MBIM indication.
    MbimIndication,
    /// What an AT command printed.
    AtReply,
    /// Echo or an unsolicited result code.
    AtOther,
}

/// Messages on their way to the host.
#[derive(Debug, Default)]
pub(crate) struct Link {
    queue: BTreeMap<(Instant, u64), (Port, Vec<u8>)>,
    sequence: u64,
    pub(crate) latency: Duration,
    pub(crate) latency_of: BTreeMap<(u8, u16), Duration>,
    pub(crate) latency_at: Duration,
    pub(crate) silent: bool,
    pub(crate) hung: bool,
    pub(crate) lose: u32,
    pub(crate) duplicate: u32,
    pub(crate) split: usize,
    pub(crate) garbage: Vec<u8>,
}

impl Link {
    /// A link without faults.
    pub(crate) fn new(latency: Duration) -> Self {
        Self { latency, ..Self::default() }
    }

    /// Nothing goes in or out.
    pub(crate) fn is_mute(&self) -> bool {
        self.silent || self.hung
    }

    /// Sends `bytes`, as far as the faults let it. Messages with equal delay keep their order.
    pub(crate) fn send(&mut self, now: Instant, port: Port, message: Message, bytes: Vec<u8>) {
        if self.is_mute() {
            return;
        }
        let (is_reply, delay) = match message {
            Message::QmiReply(service, id) | Message::MbimReply(service, id) => {
                (true, self.latency_of.get(&(service, id)).copied().unwrap_or(self.latency))
            }
            Message::AtReply => (true, self.latency.max(self.latency_at)),
            Message::QmiIndication | Message::MbimIndication | Message::AtOther => {
                (false, Duration::ZERO)
            }
        };
        if is_reply && self.lose > 0 {
            self.lose -= 1;
            return;
        }
        let mut bytes = bytes;
        if is_reply && !self.garbage.is_empty() {
            bytes.splice(0..0, self.garbage.iter().copied());
        }
        let copies = if is_reply && self.duplicate > 0 { 2 } else { 1 };
        self.duplicate = self.duplicate.saturating_sub(u32::from(is_reply));
        let on_its_way = self.queue.iter().filter(|(_, (to, _))| *to == port);
        let last = on_its_way.map(|((due, _), _)| *due).max();
        // Over a serial port, no answer overtakes another.
        let due = match (message, last) {
            (Message::AtReply, Some(last)) => last.max(now + delay),
            _ => now + delay,
        };
        for _ in 0..copies {
            let piece = if self.split == 0 { bytes.len().max(1) } else { self.split };
            for part in bytes.chunks(piece) {
                self.sequence += 1;
                self.queue.insert((due, self.sequence), (port, part.to_vec()));
            }
        }
    }

    /// Puts bytes back that were already on their way.
    pub(crate) fn resend(&mut self, now: Instant, port: Port, bytes: Vec<u8>) {
        self.sequence += 1;
        self.queue.insert((now, self.sequence), (port, bytes));
    }

    /// The next bytes that have arrived by `now`.
    pub(crate) fn poll_transmit(&mut self, now: Instant) -> Option<(Port, Vec<u8>)> {
        let entry = self.queue.first_entry()?;
        (entry.key().0 <= now && !self.hung && !self.silent).then(|| entry.remove())
    }

    /// When the next bytes arrive.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.is_mute() {
            return None;
        }
        self.queue.first_key_value().map(|((due, _), _)| *due)
    }

    /// Forgets what was on its way.
    pub(crate) fn clear(&mut self) {
        self.queue.clear();
    }
}
