//! Deliberate mistakes, made where the daemon meets the world, as if the daemon made them: so that
//! it is known that the checkers see such mistakes.

use ltewan::manager::netifd::ProtoUpdate;
use ltewan::wire::qmux::RawMessage;

use super::tap::{Head, TRANSACTION_AT};
use crate::sim::qmi;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Each PIN is sent twice.
    PinTwice,
    /// No client id is given back.
    ForgetClients,
    /// netifd is not told that a link is down.
    KeepLinkUp,
}

const RELEASE: (u8, u16) = (qmi::CTL, 0x23);
const VERIFY_PIN: [(u8, u16); 2] = [(qmi::UIM, 0x26), (qmi::DMS, 0x28)];

impl Sabotage {
    /// What is written besides a frame of the daemon's: the same as a transaction of its own.
    pub(crate) fn again(self, frame: &[u8]) -> Option<Vec<u8>> {
        let (head, _) = Head::read(frame)?;
        let is_pin = VERIFY_PIN.contains(&(head.service, head.message));
        (self == Self::PinTwice && is_pin).then(|| {
            let mut again = frame.to_vec();
            again[TRANSACTION_AT + 1] ^= 0x40;
            again
        })
    }

    /// The answer to a frame that the modem never sees.
    pub(crate) fn swallow(self, frame: &[u8]) -> Option<Vec<u8>> {
        let (head, _) = Head::read(frame)?;
        if self != Self::ForgetClients || (head.service, head.message) != RELEASE {
            return None;
        }
        RawMessage::decode(frame).ok()?.response(vec![0x02, 4, 0, 0, 0, 0, 0]).encode().ok()
    }

    /// Whether netifd is not told.
    pub(crate) fn withholds(self, update: &ProtoUpdate) -> bool {
        self == Self::KeepLinkUp && *update == ProtoUpdate::LinkLost
    }
}
