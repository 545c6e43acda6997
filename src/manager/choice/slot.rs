//! What can be asked of one modem, and over which of its ports.

use super::super::discovery::Protocol;
use super::super::slot::Slot;
use crate::driver::Driver;
use crate::driver::quirk::{self, Lock};
use crate::modem::State;

impl Slot {
    /// How its bands are chosen over AT.
    pub(super) fn lock(&self) -> Lock {
        quirk::lock(self.found.device.vid, self.found.device.pid, self.model())
    }

    /// Whether its driver can choose its bands.
    pub(super) fn has_own_bands(&self) -> bool {
        self.driver.as_ref().is_some_and(Driver::has_bands)
    }

    /// Whether its bands can be chosen.
    pub(in crate::manager) fn has_bands(&self) -> bool {
        match self.found.protocol {
            Protocol::Qmi => true,
            Protocol::Mbim | Protocol::At | Protocol::Ppp => {
                self.has_own_bands() || self.at.name().is_some() && self.lock() != Lock::None
            }
            Protocol::None => false,
        }
    }

    /// Whether it can be asked for networks.
    pub(in crate::manager) fn has_scan(&self) -> bool {
        match self.found.protocol {
            Protocol::Qmi | Protocol::Mbim => true,
            Protocol::At | Protocol::Ppp => self.at.name().is_some(),
            Protocol::None => false,
        }
    }

    /// Whether it can be asked for anything now.
    pub(in crate::manager) fn is_settled(&self) -> bool {
        !matches!(self.machine.state(), State::Absent | State::Initializing | State::Recovering)
    }
}
