//! The time that the networks tell, for a router whose own clock is wrong: after power-on, without
//! a battery and before NTP has answered.
//!
//! Only the clock on the wall is set; no timer of the daemon's goes by that one.

use super::slot::Slot;
use super::{CallId, Manager, Output};
use crate::config::SetClock;
use crate::driver::at::AtResult;
use crate::driver::{network_time, sms};
use crate::log;
use crate::time::{Duration, Instant};
use crate::types::calendar::{SECS_A_DAY, days_since_1970};
use crate::types::{NetworkTime, Table};

/// 2026-11-01: no clock that is right says anything earlier, and neither does a network.
const EARLIEST_SECS: i64 = days_since_1970(2026, 11, 1) * SECS_A_DAY;

/// And nothing later than 30 years after that.
const LATEST_SECS: i64 = EARLIEST_SECS + 30 * 365 * SECS_A_DAY;

/// A clock this far behind is wrong: OpenWrt starts with the date of its newest file, and what is
/// off by less may be a network that mistakes its time zone.
const BEHIND_SECS: i64 = SECS_A_DAY;

/// By how many seconds a clock has to be off to be worth setting. The networks tell no parts of
/// a second, and some tell it late.
const OFF_SECS_MIN: i64 = 3;

/// A network that tells now this and now that does not set the clock more often.
const APART_MIN: Duration = Duration::from_secs(3600);

/// How long the modem may take to say what time it is.
const AT_PATIENCE: Duration = Duration::from_secs(5);

/// How long a modem that knows no time is left alone before it is asked again over AT.
const ASK_EVERY: Duration = Duration::from_secs(300);

/// The router's clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The time to compare it with, and when it was told.
    told: Option<(Instant, NetworkTime)>,
    /// It was set just now, if it could be, and is read once more.
    is_trying: bool,
    set_at: Option<Instant>,
    /// It was right once. From then on NTP may keep it: BusyBox's does not always tell the kernel.
    was_right: bool,
}

/// The time as one modem knows it.
#[derive(Debug, Default)]
pub(super) struct TimeSide {
    told: Option<(Instant, NetworkTime)>,
    asked_at: Option<Instant>,
    call: Option<CallId>,
}

impl Manager {
    /// Whether the clock may ever be set, as things are configured.
    pub fn sets_clock(&self) -> bool {
        self.config.globals.set_clock != SetClock::Never
    }

    /// A network has told the time.
    pub(super) fn time_told(&mut self, now: Instant, id: &str, time: NetworkTime) {
        if !(EARLIEST_SECS..LATEST_SECS).contains(&time.unix_secs) {
            return;
        }
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.time.told = Some((now, time));
        let is_early = self.clock.set_at.is_some_and(|at| now.saturating_since(at) < APART_MIN);
        if self.sets_clock() && !is_early {
            self.clock.told = Some((now, time));
            self.put(Output::AskUnixTime);
        }
    }

    /// Asks a modem for the time that has not told it, or not lately where the clock is to follow
    /// it, once it has a network that may.
    pub(super) fn ask_time_of(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let is_due = slot.time.asked_at.is_none_or(|at| now.saturating_since(at) >= ASK_EVERY);
        let follows = self.config.globals.set_clock == SetClock::Always;
        let is_known = slot.time.told.as_ref().is_some_and(|(at, _)| {
            // Modems that tell it by other means do so before.
            !follows || now.saturating_since(*at) < network_time::EVERY + ASK_EVERY
        });
        let is_registered = slot.machine.facts().registration.state.is_registered();
        if is_known || !is_due || !is_registered || !slot.polls_at() {
            return;
        }
        slot.time.asked_at = Some(now);
        let command = network_time::command(slot.found.device.vid);
        let call = self.send_own(now, id, command, AT_PATIENCE);
        if let Some(slot) = self.slots.get_mut(id) {
            slot.time.call = call;
        }
    }

    /// Takes the answer to an AT command, if it was this one.
    pub(super) fn take_time(&mut self, now: Instant, call: CallId, result: &AtResult) -> bool {
        let asked = self.slots.iter_mut().find(|(_, slot)| slot.time.call == Some(call));
        let Some((id, slot)) = asked else { return false };
        slot.time.call = None;
        let id = id.clone();
        if let AtResult::Reply { lines, .. } = result
            && let Some(time) = network_time::read(lines)
        {
            self.time_told(now, &id, time);
        }
        true
    }

    /// What the router's own clock says; `is_kept` when NTP keeps it.
    pub(super) fn clock_read(&mut self, now: Instant, secs: i64, is_kept: bool) {
        self.clock.was_right |= is_kept;
        let is_trying = std::mem::take(&mut self.clock.is_trying);
        let Some((at, time)) = self.clock.told.take() else { return };
        let since = i64::try_from(now.saturating_since(at).as_secs()).unwrap_or(0);
        let right = time.unix_secs.saturating_add(since);
        let behind = right.saturating_sub(secs);
        self.clock.was_right |= behind.saturating_abs() < BEHIND_SECS;
        if is_trying {
            if behind.saturating_abs() < OFF_SECS_MIN {
                self.clock.set_at = Some(now);
                log::info!("the clock is set to {}, by the network", sms::rfc3339(right));
            }
            return;
        }
        let is_wrong = match self.config.globals.set_clock {
            SetClock::Never => false,
            SetClock::Auto => {
                !self.clock.was_right && (secs < EARLIEST_SECS || behind >= BEHIND_SECS)
            }
            SetClock::Always => behind.saturating_abs() >= OFF_SECS_MIN,
        };
        if is_wrong && !is_kept {
            self.clock.told = Some((at, time));
            self.clock.is_trying = true;
            self.put(Output::SetClock { secs: right });
            self.put(Output::AskUnixTime);
        }
    }
}

impl Slot {
    /// The time as its network told it.
    pub(super) fn time_document(&self, now: Instant) -> Option<Table> {
        let (at, time) = self.time.told?;
        let mut table = Table::new();
        table.put("utc", sms::rfc3339(time.unix_secs));
        table.put_some("offset_min", time.offset_min.map(i32::from));
        table.put("age_s", now.saturating_since(at).as_secs());
        Some(table)
    }
}
