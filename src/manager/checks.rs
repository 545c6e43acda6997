//! Carries probes and verdicts between the interfaces' watchdogs, the modems and the outside.

use super::interfaces::{Phase, Told};
use super::watchdog::{Action, ProbeId, ProbeResult};
use super::{Manager, Output};
use crate::log;
use crate::modem::Command;
use crate::time::Instant;

impl Manager {
    /// Lets each watchdog see its link and does what it wants; whether a machine was told.
    pub(super) fn follow_checks(&mut self, now: Instant) -> bool {
        let mut dead = Vec::new();
        let mut alive = Vec::new();
        for (name, interface) in &mut self.interfaces {
            let link = match (&interface.phase, &interface.told) {
                (Phase::Active, Told::Up(link)) => Some(link.as_ref()),
                (
                    Phase::Active
                    | Phase::Unavailable
                    | Phase::Blocked
                    | Phase::TearingDown { .. }
                    | Phase::Returning { .. },
                    Told::Unknown | Told::Down | Told::Up(_),
                ) => None,
            };
            interface.watchdog.follow(now, link);
            interface.watchdog.handle_timeout(now, &mut self.next_probe);
            while let Some(action) = interface.watchdog.poll_action() {
                match action {
                    Action::Probe(probe) => self.outputs.push_back(Output::Probe(probe)),
                    Action::Recover => {
                        let why = interface.watchdog.last_error();
                        log::warn!("{name}: the connection is dead: {why}");
                        dead.extend(interface.modem.clone());
                    }
                    Action::Revive => alive.extend(interface.modem.clone()),
                }
            }
        }
        for modem in &alive {
            if let Some(slot) = self.slots.get_mut(modem) {
                slot.machine.handle_command(now, Command::CheckPassed);
            }
        }
        for modem in &dead {
            if let Some(slot) = self.slots.get_mut(modem) {
                slot.machine.handle_command(now, Command::CheckFailed);
            }
        }
        !dead.is_empty()
    }

    pub(super) fn probe_done(&mut self, now: Instant, id: ProbeId, result: ProbeResult) {
        let interface = self.interfaces.values_mut().find(|it| it.watchdog.awaits(id));
        // Of an interface or addresses that are no more, otherwise.
        if let Some(interface) = interface {
            interface.watchdog.handle_result(now, id, result, &mut self.next_probe);
        }
    }
}
