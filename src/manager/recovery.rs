//! What the rungs of the recovery ladder need of the router, and what guards the last of them.

use super::{Kept, Manager, Output};
use crate::driver::{Request, quirk};
use crate::log;
use crate::modem::Command;
use crate::time::{Duration, Instant, doubled};
use crate::types::Table;

/// How often the router is restarted without a connection that lasts in between.
pub const REBOOTS_MAX: u32 = 3;

/// How long the router has to run before it is restarted; doubled with each restart in vain.
pub const UPTIME_MIN: Duration = Duration::from_secs(3600);

/// The restarts of the router since a connection lasted. Kept on flash, for that is what they are
/// to be remembered across; written once a restart and once when one has helped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reboots {
    count: u32,
    /// Whether one waits for its count to be on flash.
    is_due: bool,
}

impl Reboots {
    pub(super) fn from_table(table: &Table) -> Self {
        let count = table.get_i64("count");
        // A count that cannot be read is no licence.
        let count = count.and_then(|count| u32::try_from(count).ok()).unwrap_or(REBOOTS_MAX);
        Self { count, is_due: false }
    }
}

impl Manager {
    /// Has a modem restart itself: over AT where there is a port for it, for real modems ignore
    /// the control port's reset more often.
    pub(super) fn restart_modem(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let device = &slot.found.device;
        let commands = quirk::reset_commands(device.vid, device.pid, slot.model());
        match slot.at.driver.as_mut().filter(|driver| driver.is_ready()) {
            Some(driver) => driver.handle_reset(now, commands),
            None => self.restart_by_control(now, id),
        }
    }

    pub(super) fn restart_by_control(&mut self, now: Instant, id: &str) {
        if let Some(driver) = self.slots.get_mut(id).and_then(|slot| slot.driver.as_mut()) {
            driver.handle_request(now, Request::Reset);
        }
    }

    /// Restarts the router, if that has a chance and was not tried too often.
    pub(super) fn reboot_router(&mut self, now: Instant, id: &str) {
        let uptime = now.saturating_since(Instant::ZERO);
        let uptime_min = doubled(UPTIME_MIN, self.reboots.count.min(10), Duration::MAX);
        // Its own may be up and carry nothing.
        let others = || self.interfaces.values().filter(|it| it.modem.as_deref() != Some(id));
        let against = if others().any(super::interfaces::Interface::is_up) {
            "another modem is connected"
        } else if self.reboots.count >= REBOOTS_MAX {
            "it was restarted in vain too often"
        } else if uptime < uptime_min {
            "it has not run for long enough"
        } else {
            self.reboots.is_due = true;
            self.keep_reboots(self.reboots.count.saturating_add(1));
            return;
        };
        log::warn!("the router is not restarted: {against}");
    }

    fn keep_reboots(&mut self, count: u32) {
        self.reboots.count = count;
        let table = (count > 0).then(|| Table::new().with("count", count));
        self.put(Output::Keep(Kept::Reboots, table));
    }

    /// Something was kept, or could not be.
    pub(super) fn kept(&mut self, now: Instant, kept: &Kept, done: bool) {
        match kept {
            Kept::Marks => {
                let Some(id) = self.keeping_marks.pop_front() else { return };
                if let Some(slot) = self.slots.get_mut(&id) {
                    slot.machine.handle_command(now, Command::MarksKept(done));
                }
            }
            Kept::Reboots => {
                if std::mem::take(&mut self.reboots.is_due) {
                    if done {
                        log::error!("nothing else helped: the router is restarted");
                        self.put(Output::RebootRouter);
                    } else {
                        log::error!("the router is not restarted, for that could not be noted");
                    }
                }
            }
            Kept::Inbox => self.inbox_kept(now, done),
            Kept::Usage => self.usage_kept(done),
            Kept::Interface(_)
            | Kept::Ladder(_)
            | Kept::Power(_)
            | Kept::Choice(_)
            | Kept::Apns
            | Kept::UsageNow
            | Kept::SpeedTests => {}
        }
    }

    /// A modem's connection is up for good.
    pub(super) fn connection_lasted(&mut self, id: &str) {
        if self.ladders.remove(id) {
            self.put(Output::Keep(Kept::Ladder(id.to_owned()), None));
        }
        if self.reboots.count > 0 {
            self.keep_reboots(0);
        }
    }
}
