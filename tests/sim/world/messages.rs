//! Short messages: what the network brings, what the modem holds, and what the host has sent.

use std::collections::VecDeque;

use ltewan::time::{Duration, Instant};

/// How many messages a memory holds, as many SIMs do.
const PLACES: usize = 10;

/// From a message sent to word that the recipient has it.
const REPORT_AFTER: Duration = Duration::from_secs(2);

/// A message in a memory: a TPDU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stored {
    pub(crate) memory: u8,
    pub(crate) index: u32,
    pub(crate) tpdu: Vec<u8>,
    pub(crate) is_read: bool,
}

/// The messages of one modem.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) stored: Vec<Stored>,
    /// What did not fit; the network tries again when it does.
    waiting: VecDeque<Vec<u8>>,
    /// What the host has sent, TPDUs.
    pub(crate) sent: Vec<Vec<u8>>,
    /// The next so many messages are refused with this cause, TS 24.011 E.2.
    pub(crate) refusals: (u32, u16),
    /// The memory for what comes.
    pub(crate) memory: u8,
    last_reference: u8,
    reports: VecDeque<(Instant, Vec<u8>)>,
    /// Places whose message the host has not been told of.
    pub(crate) news: VecDeque<(u8, u32)>,
}

impl Messages {
    /// The network brings one.
    pub(crate) fn receive(&mut self, tpdu: Vec<u8>) {
        self.waiting.push_back(tpdu);
        self.settle();
    }

    fn settle(&mut self) {
        while let Some(index) = self.free_place()
            && let Some(tpdu) = self.waiting.pop_front()
        {
            self.stored.push(Stored { memory: self.memory, index, tpdu, is_read: false });
            self.news.push_back((self.memory, index));
        }
    }

    fn free_place(&self) -> Option<u32> {
        let is_free = |index: &u32| !self.stored.iter().any(|stored| stored.index == *index);
        (0..u32::try_from(PLACES).ok()?).find(is_free)
    }

    /// The host deletes one; whether it was there.
    pub(crate) fn delete(&mut self, memory: u8, index: u32) -> bool {
        let before = self.stored.len();
        self.stored.retain(|it| (it.memory, it.index) != (memory, index));
        let was_there = self.stored.len() < before;
        self.settle();
        was_there
    }

    /// The host reads one.
    pub(crate) fn read(&mut self, memory: u8, index: u32) -> Option<Stored> {
        let is_it = |it: &&mut Stored| (it.memory, it.index) == (memory, index);
        let stored = self.stored.iter_mut().find(is_it)?;
        let found = stored.clone();
        stored.is_read = true;
        Some(found)
    }

    /// The host sends one: the reference it went with, or why the network refused.
    pub(crate) fn send(&mut self, now: Instant, mut tpdu: Vec<u8>) -> Result<u8, u16> {
        if self.refusals.0 > 0 {
            self.refusals.0 -= 1;
            return Err(self.refusals.1);
        }
        self.last_reference = self.last_reference.wrapping_add(1);
        if let Some(reference) = tpdu.get_mut(1) {
            *reference = self.last_reference;
        }
        if let [first, _, digits, kind, rest @ ..] = tpdu.as_slice()
            && first & 0x20 != 0
        {
            let address = rest.get(..usize::from(*digits).div_ceil(2)).unwrap_or_default();
            let time = [0x62, 0x11, 0x12, 0x21, 0x00, 0x00, 0x00];
            let head = [0x06, self.last_reference, *digits, *kind];
            let report = [&head, address, &time, &time, &[0]].concat();
            self.reports.push_back((now + REPORT_AFTER, report));
        }
        self.sent.push(tpdu);
        Ok(self.last_reference)
    }

    /// When the network has something to report.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.reports.front().map(|(at, _)| *at)
    }

    /// Lets the network report.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        while self.reports.front().is_some_and(|(at, _)| *at <= now)
            && let Some((_, report)) = self.reports.pop_front()
        {
            self.receive(report);
        }
    }
}
