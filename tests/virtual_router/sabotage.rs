//! Deliberate mistakes, made where the daemon meets the world, as if the daemon made them: so that
//! it is known that the checkers see such mistakes.

use ltewan::manager::Counters;
use ltewan::manager::netifd::ProtoUpdate;
use ltewan::types::uci::{OptionValue, Package, Section};
use ltewan::wire::qmux::RawMessage;

use super::Router;
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
    /// Each of two SIMs is given the PIN of the other.
    SwapPins,
    /// Another SIM is tried for whatever is wrong, and far more often than it may be.
    TrySims,
    /// A quota that is used up is only warned of.
    OnlyWarn,
    /// Half of what is received is not counted.
    CountHalf,
    /// A net device that is made anew seems to have carried what nobody has.
    CountOthers,
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

    /// What the counters of a net device are taken to be.
    pub(super) fn counts(self, mut counters: Counters) -> Counters {
        if self == Self::CountHalf {
            counters.rx_bytes /= 2;
        } else if self == Self::CountOthers {
            counters.rx_bytes += u64::from(counters.device) << 32;
        }
        counters
    }

    /// What `/etc/config/ltewan` is taken to say.
    fn reads(self, mut config: Package) -> Package {
        let set = |section: &mut Section, name: &str, value: OptionValue| {
            section.options.retain(|(key, _)| key != name);
            section.options.push((name.to_owned(), value));
        };
        let single = |text: &str| OptionValue::Single(text.into());
        let pins = config.sections.iter().map(|section| section.get("pincode").cloned());
        let mut pins: Vec<OptionValue> = pins.flatten().collect();
        for section in &mut config.sections {
            if self == Self::SwapPins
                && section.get("pincode").is_some()
                && let Some(pin) = pins.pop()
            {
                set(section, "pincode", pin);
            } else if self == Self::OnlyWarn && section.kind == "sim" {
                set(section, "quota_action", single("warn"));
            } else if self == Self::TrySims && section.kind == "modem" {
                let on = ["no_sim", "no_registration", "denied", "data", "quota"];
                let on = on.iter().map(|reason| reason.as_bytes().to_vec()).collect();
                set(section, "switch_on", OptionValue::List(on));
                set(section, "switch_after", single("10"));
                set(section, "switch_attempts", single("20"));
            }
        }
        config
    }
}

impl Router {
    /// `/etc/config/ltewan` as the daemon reads it.
    pub(super) fn config_read(&self) -> Package {
        let config = self.config.clone();
        match self.sabotage {
            Some(sabotage) => sabotage.reads(config),
            None => config,
        }
    }
}
