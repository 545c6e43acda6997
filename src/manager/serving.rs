//! Which modem serves which interface.

use super::discovery::Protocol;
use super::interfaces::{Interface, Phase, Told};
use super::netifd::ProtoUpdate;
use super::plan;
use super::ppp::Pppd;
use super::{Kept, Manager, Output};
use crate::log;
use crate::modem::{Cause, Command};
use crate::time::Instant;

impl Manager {
    /// Finds a modem for an interface and asks it to connect.
    pub(super) fn serve(&mut self, now: Instant, name: &str) {
        let chosen = self.choose(name);
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.modem = chosen.as_ref().ok().cloned();
        match chosen {
            Ok(id) => {
                let Some(slot) = self.slots.get_mut(&id) else { return };
                let want = slot.want(&self.config, &interface.config, &slot.machine.facts().sim);
                interface.waits_for = None;
                // What waits for its turn after a failure goes on waiting.
                if std::mem::take(&mut interface.is_back) && slot.machine.want() == Some(&want) {
                    // netifd has forgotten what it was shown.
                    if let Some(cause) = slot.machine.trouble() {
                        self.trouble(&id, cause);
                    }
                    return;
                }
                log::info!("{name}: served by modem {id}");
                slot.machine.handle_command(now, Command::Connect(want));
            }
            // Before the first look at the hardware nothing is known to be missing.
            Err(_) if !self.scanned => {}
            // Left pending: netifd shows its own NO_DEVICE for what is not available.
            Err(Cause::DeviceInUse) => self.keep_waiting(name, Cause::DeviceInUse),
            Err(cause) => self.withdraw(name, cause),
        }
    }

    /// Shows, once, why an interface that stays pending has no modem.
    fn keep_waiting(&mut self, name: &str, cause: Cause) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.waits_for.replace(cause) != Some(cause) {
            log::warn!("{name}: {}", cause.sentence());
            if let Some(token) = cause.token() {
                self.update(name, ProtoUpdate::Error(token));
            }
        }
    }

    /// Tells netifd that there is no modem for the interface.
    fn withdraw(&mut self, name: &str, cause: Cause) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        log::warn!("{name}: {}", cause.sentence());
        interface.phase = Phase::Unavailable;
        interface.pppd = Pppd::Absent;
        interface.modem = None;
        interface.told = Told::Down;
        interface.resend_at = None;
        if let Some(token) = cause.token() {
            self.update(name, ProtoUpdate::Error(token));
        }
        self.update(name, ProtoUpdate::Available(false));
        self.put(Output::Keep(Kept::Interface(name.to_owned()), None));
    }

    /// The modem for an interface, or why there is none.
    fn choose(&self, name: &str) -> Result<String, Cause> {
        let interface = self.interfaces.get(name).ok_or(Cause::NoDevice)?;
        let taken = |id: &str| {
            self.interfaces.iter().any(|(other, interface)| {
                other != name
                    && interface.modem.as_deref() == Some(id)
                    && matches!(
                        interface.phase,
                        Phase::Active | Phase::TearingDown { .. } | Phase::Returning { .. }
                    )
            })
        };
        let mut why_none = Cause::NoDevice;
        let mut best: Option<(&String, (bool, u8))> = None;
        for (id, slot) in self.slots.iter() {
            let device = &interface.config.device;
            if !plan::fits(&self.config, device, &slot.found, &slot.machine) {
                continue;
            }
            why_none = Cause::DeviceInUse;
            // The one it has before all others.
            let rank = (interface.modem.as_ref() != Some(id), self.rank(id));
            if !taken(id) && best.is_none_or(|(_, other)| rank < other) {
                best = Some((id, rank));
            }
        }
        best.map(|(id, _)| id.clone()).ok_or(why_none)
    }

    /// Which to take first: a modem before a phone that happens to be charged, and both before
    /// what is of no use as it is.
    fn rank(&self, id: &str) -> u8 {
        self.slots.get(id).map_or(u8::MAX, |slot| {
            match (slot.found.protocol, slot.found.obstacle) {
                (Protocol::Qmi | Protocol::Mbim | Protocol::At | Protocol::Ppp, _) => 0,
                (Protocol::None, None) => 1,
                (Protocol::None, Some(_)) => 2,
            }
        })
    }

    /// A modem has come, become free or told who it is: interfaces without one may use it.
    pub(super) fn offer_modems(&mut self, now: Instant) {
        for name in &self.interface_names() {
            let Some(interface) = self.interfaces.get(name) else { continue };
            match interface.phase {
                Phase::Unavailable if self.choose(name).is_ok() => {
                    // netifd answers with a setup, if the interface is to be up at all.
                    if let Some(interface) = self.interfaces.take(name) {
                        self.watchdogs.insert(name.clone(), interface.watchdog);
                    }
                    self.update(name, ProtoUpdate::Available(true));
                }
                Phase::Active if interface.modem.is_none() => self.serve(now, name),
                Phase::Active => self.leave_tether(now, name),
                Phase::Unavailable
                | Phase::Blocked
                | Phase::TearingDown { .. }
                | Phase::Returning { .. } => {}
            }
        }
    }

    /// An interface that a phone stands in for goes back to a modem that has returned, and from one
    /// that is of no use to one that is.
    fn leave_tether(&mut self, now: Instant, name: &str) {
        let modem = self.interfaces.get(name).and_then(|interface| interface.modem.clone());
        let Some(phone) = modem.filter(|id| self.rank(id) > 0) else { return };
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        // Without one of its own it is given the best.
        interface.modem = None;
        let is_better = self.choose(name).is_ok_and(|id| self.rank(&id) < self.rank(&phone));
        if is_better {
            if let Some(slot) = self.slots.get_mut(&phone) {
                slot.machine.handle_command(now, Command::Disconnect);
            }
            self.serve(now, name);
        } else if let Some(interface) = self.interfaces.get_mut(name) {
            interface.modem = Some(phone);
        }
    }

    /// A modem has gone.
    pub(super) fn modem_gone(&mut self, modem: &str) {
        self.released(modem);
        let is_its = |interface: &Interface| interface.modem.as_deref() == Some(modem);
        let served = self.interfaces.names_of(&|_, interface| is_its(interface));
        for name in &served {
            match self.interfaces.get_mut(name) {
                // netifd does not try by itself; the next modem that works ends it.
                Some(interface) if interface.phase == Phase::Blocked => interface.modem = None,
                Some(_) | None => self.withdraw(name, Cause::Unplugged),
            }
        }
    }
}
