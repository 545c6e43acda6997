//! Short messages: what the network brings, what the modem holds, and what the host has sent.

use std::collections::VecDeque;

use ltewan::time::{Duration, Instant};

/// How many messages a memory holds, as many SIMs do.
const PLACES: usize = 10;

/// From a message sent to word that the recipient has it.
const REPORT_AFTER: Duration = Duration::from_secs(2);

/// How long the network waits for word that a message was taken which no memory holds.
const BRING_AGAIN_AFTER: Duration = Duration::from_secs(20);

/// A message in a memory: a TPDU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stored {
    pub(crate) memory: u8,
    pub(crate) index: u32,
    pub(crate) tpdu: Vec<u8>,
    pub(crate) is_read: bool,
    /// Whether the host has had it.
    pub(crate) is_seen: bool,
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
    /// What goes to the host past all memories: transaction, TPDU, and when it is brought again.
    pub(crate) direct: Vec<(u32, Vec<u8>, Instant)>,
    pub(crate) direct_news: VecDeque<u32>,
    last_transaction: u32,
    /// How many of those the host has acknowledged.
    pub(crate) acknowledged: u32,
    /// How many were deleted that the host had never had.
    pub(crate) deleted_unseen: u32,
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
            let (is_read, is_seen) = (false, false);
            self.stored.push(Stored { memory: self.memory, index, tpdu, is_read, is_seen });
            self.news.push_back((self.memory, index));
        }
    }

    fn free_place(&self) -> Option<u32> {
        let is_free = |index: &u32| !self.stored.iter().any(|stored| stored.index == *index);
        (0..u32::try_from(PLACES).ok()?).find(is_free)
    }

    /// Whether no more fit in.
    pub(crate) fn is_full(&self) -> bool {
        self.free_place().is_none()
    }

    /// The host deletes one; whether it was there.
    pub(crate) fn delete(&mut self, memory: u8, index: u32) -> bool {
        let mut gone = self.stored.extract_if(.., |it| (it.memory, it.index) == (memory, index));
        let deleted = gone.next();
        drop(gone);
        let is_unseen = deleted.as_ref().is_some_and(|deleted| !deleted.is_seen);
        self.deleted_unseen += u32::from(is_unseen);
        self.settle();
        deleted.is_some()
    }

    /// Another program, or the firmware, has put a message where one was, and says nothing.
    pub(crate) fn replace(&mut self, index: u32, tpdu: Vec<u8>) {
        for stored in self.stored.iter_mut().filter(|stored| stored.index == index) {
            (stored.is_read, stored.is_seen) = (false, false);
            stored.tpdu.clone_from(&tpdu);
        }
    }

    /// Whether a TPDU, in hexadecimal, is in the modem or still in the network.
    pub(crate) fn holds(&self, digits: &str) -> bool {
        let stored = self.stored.iter().map(|it| &it.tpdu);
        let all = stored.chain(&self.waiting).chain(self.direct.iter().map(|(_, tpdu, _)| tpdu));
        let hex = |tpdu: &Vec<u8>| tpdu.iter().map(|o| format!("{o:02X}")).collect::<String>();
        all.map(hex).any(|held| held == digits)
    }

    /// The network brings one that no memory is to hold.
    pub(crate) fn receive_direct(&mut self, now: Instant, tpdu: Vec<u8>) {
        self.last_transaction += 1;
        self.direct.push((self.last_transaction, tpdu, now + BRING_AGAIN_AFTER));
        self.direct_news.push_back(self.last_transaction);
    }

    /// The host has it; whether it was waited for.
    pub(crate) fn acknowledge(&mut self, transaction: u32) -> bool {
        let before = self.direct.len();
        self.direct.retain(|(known, ..)| *known != transaction);
        let is_news = self.direct.len() < before;
        self.acknowledged += u32::from(is_news);
        is_news
    }

    /// The host reads one.
    pub(crate) fn read(&mut self, memory: u8, index: u32) -> Option<Stored> {
        let is_it = |it: &&mut Stored| (it.memory, it.index) == (memory, index);
        let stored = self.stored.iter_mut().find(is_it)?;
        let found = stored.clone();
        (stored.is_read, stored.is_seen) = (true, true);
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
        let direct = self.direct.iter().map(|(.., at)| *at);
        self.reports.front().map(|(at, _)| *at).into_iter().chain(direct).min()
    }

    /// Lets the network report.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        while self.reports.front().is_some_and(|(at, _)| *at <= now)
            && let Some((_, report)) = self.reports.pop_front()
        {
            self.receive(report);
        }
        for (transaction, _, at) in self.direct.iter_mut().filter(|(.., at)| *at <= now) {
            *at = now + BRING_AGAIN_AFTER;
            self.direct_news.push_back(*transaction);
        }
    }
}
