//! The requests of one control port: from being made until their replies are taken.

use crate::map::{Map, Queue};
use crate::time::Instant;

/// Names one request of one port. It is used again after four billion others; no request lives for
/// that long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TransactionId(pub(super) u32);

/// A request.
enum Slot<K, R> {
    /// Waits for the reply that has this key.
    Waiting { key: K, deadline: Instant },
    /// Done; waits for its maker.
    Done(R),
}

/// What is to be sent. Apart from what knows replies, so that it is compiled once.
#[derive(Default)]
struct Outbox {
    /// Frames that were not sent yet.
    frames: Queue<(TransactionId, Vec<u8>)>,
    /// How many requests have been handed out whole.
    sent: u64,
}

impl Outbox {
    fn put(&mut self, id: TransactionId, frames: Vec<Vec<u8>>) {
        for frame in frames {
            self.frames.push_back((id, frame));
        }
    }

    /// Takes out the frames of a request; whether there were none.
    #[inline(never)]
    fn withdraw(&mut self, id: TransactionId) -> bool {
        let before = self.frames.len();
        self.frames.retain(|(frame, _)| *frame != id);
        self.frames.len() == before
    }

    #[inline(never)]
    fn pop(&mut self) -> Option<Vec<u8>> {
        let (id, frame) = self.frames.pop_front()?;
        // A request counts once, with its last frame.
        if self.frames.first().is_none_or(|(next, _)| *next != id) {
            self.sent = self.sent.saturating_add(1);
        }
        Some(frame)
    }
}

/// Requests whose replies have a key `K`, and end with an `R`.
pub(super) struct Transactions<K, R> {
    slots: Map<TransactionId, Slot<K, R>>,
    outbox: Outbox,
    last_id: u32,
}

impl<K, R> Default for Transactions<K, R> {
    fn default() -> Self {
        Self { slots: Map::new(), outbox: Outbox::default(), last_id: 0 }
    }
}

impl<K: Copy, R> Transactions<K, R> {
    /// How many wait, for a reply or for their makers.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The keys of the requests that wait for their reply.
    pub(super) fn waiting(&self) -> impl Iterator<Item = K> {
        self.slots.values().filter_map(|slot| match slot {
            Slot::Waiting { key, .. } => Some(*key),
            Slot::Done(_) => None,
        })
    }

    /// Has these frames sent, and waits for the reply.
    pub(super) fn begin(
        &mut self,
        key: K,
        deadline: Instant,
        frames: Vec<Vec<u8>>,
    ) -> TransactionId {
        let id = self.insert(Slot::Waiting { key, deadline });
        self.outbox.put(id, frames);
        id
    }

    /// A request that ends at once. It takes a slot until that is taken or cancelled.
    pub(super) fn refuse(&mut self, reply: R) -> TransactionId {
        self.insert(Slot::Done(reply))
    }

    fn insert(&mut self, slot: Slot<K, R>) -> TransactionId {
        self.last_id = self.last_id.wrapping_add(1);
        let id = TransactionId(self.last_id);
        self.slots.insert(id, slot);
        id
    }

    /// The reply, once; `None` while there is none.
    pub(super) fn take(&mut self, id: TransactionId) -> Option<R> {
        if let Slot::Waiting { .. } = self.slots.get(&id)? {
            return None;
        }
        match self.slots.take(&id)? {
            Slot::Done(reply) => Some(reply),
            Slot::Waiting { .. } => None,
        }
    }

    /// The keys of the replies that are waited for.
    pub(super) fn keys(&self) -> impl Iterator<Item = (TransactionId, &K)> {
        self.slots.iter().filter_map(|(id, slot)| match slot {
            Slot::Waiting { key, .. } => Some((*id, key)),
            Slot::Done(_) => None,
        })
    }

    /// Which request waits for such a reply.
    pub(super) fn find(&self, is_it: impl Fn(&K) -> bool) -> Option<TransactionId> {
        self.keys().find(|(_, key)| is_it(key)).map(|(id, _)| id)
    }

    /// The requests whose time is over.
    pub(super) fn expired(&self, now: Instant) -> Vec<TransactionId> {
        let mut expired = Vec::new();
        for (id, slot) in &self.slots {
            if let Slot::Waiting { deadline, .. } = slot
                && *deadline <= now
            {
                expired.push(*id);
            }
        }
        expired
    }

    /// When the next one's time is over.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = self.slots.values().filter_map(|slot| match slot {
            Slot::Waiting { deadline, .. } => Some(*deadline),
            Slot::Done(_) => None,
        });
        deadlines.min()
    }

    /// Ends a request that waits; what was not sent is not sent any more. Its key when all of it
    /// was sent.
    pub(super) fn finish(&mut self, id: TransactionId, reply: R) -> Option<K> {
        let slot = self.slots.get_mut(&id)?;
        let Slot::Waiting { key, .. } = *slot else { return None };
        *slot = Slot::Done(reply);
        self.outbox.withdraw(id).then_some(key)
    }

    /// Nobody waits for it any more: it ends like that, and its slot is free.
    pub(super) fn cancel(&mut self, id: TransactionId, reply: R) -> Option<K> {
        let key = self.finish(id, reply);
        self.slots.remove(&id);
        key
    }

    /// Ends every request that waits.
    pub(super) fn close(&mut self, reply: impl Fn() -> R) {
        self.outbox.frames.clear();
        for slot in self.slots.values_mut() {
            if matches!(slot, Slot::Waiting { .. }) {
                *slot = Slot::Done(reply());
            }
        }
    }

    /// The next frame to write.
    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outbox.pop()
    }

    /// How many requests have been handed out whole.
    pub(super) const fn sent(&self) -> u64 {
        self.outbox.sent
    }
}
