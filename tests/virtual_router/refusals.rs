//! Modems that refuse a message, or leave it unanswered, which the simulated one never would.

use std::collections::BTreeMap;

use ltewan::wire::qmux::RawMessage;

use super::tap::Head;

/// Which messages the modems refuse, and how often each was sent.
#[derive(Default)]
pub(crate) struct Refusals {
    rules: Vec<((u8, u16), Option<u16>)>,
    sent: BTreeMap<(u8, u16), usize>,
}

impl Refusals {
    /// Refuses a message with an error, or leaves it unanswered.
    pub(crate) fn add(&mut self, message: (u8, u16), error: Option<u16>) {
        self.rules.push((message, error));
    }

    /// Ends all refusals.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn count(&self, message: (u8, u16)) -> usize {
        self.sent.get(&message).copied().unwrap_or(0)
    }

    /// What becomes of a frame: `None` leaves it to the simulator.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Option<Option<Vec<u8>>> {
        let (head, _) = Head::read(bytes)?;
        let key = (head.service, head.message);
        *self.sent.entry(key).or_default() += 1;
        let (_, error) = self.rules.iter().find(|(rule, _)| *rule == key)?;
        let message = RawMessage::decode(bytes).ok()?;
        Some(error.map(|error| {
            let [low, high] = error.to_le_bytes();
            message.response(vec![0x02, 4, 0, 1, 0, low, high]).encode().unwrap()
        }))
    }
}
