//! `option restart_time`: a modem's restart at a time of day.
//!
//! The wall clock jumps: when NTP first answers, when summer time begins, when somebody sets it. So
//! it is asked anew every few minutes, and a restart is due only in the minute it is meant for,
//! once a day. What a jump passes over is left for the next day.

use super::{Manager, Output, plan};
use crate::config::TimeOfDay;
use crate::log;
use crate::modem::{Cause, Command, State};
use crate::time::{Duration, Instant};

/// How often the time of day is asked for, at least.
const ASK_EVERY: Duration = Duration::from_secs(600);

/// How long after its time a restart is still due.
const LATE_MAX: Duration = Duration::from_secs(60);

/// No restart follows another by less: a clock that is set back makes no second one.
const APART_MIN: Duration = Duration::from_secs(2 * 3600);

/// A day.
const DAY_SECS: u32 = 86_400;

impl Manager {
    /// Asks for the time now, if there is any modem.
    pub(super) fn schedule(&mut self, now: Instant) {
        // What is carried belongs to a billing period.
        self.ask_time_at = (!self.slots.is_empty()).then_some(now);
    }

    pub(super) fn ask_time_if_due(&mut self, now: Instant) {
        if self.ask_time_at.is_some_and(|at| at <= now) {
            self.ask_time_at = Some(now + ASK_EVERY);
            self.put(Output::AskLocalTime);
        }
    }

    /// The clock shows this, in seconds since 1970 in the router's time zone.
    pub(super) fn local_time(&mut self, now: Instant, secs: i64) {
        self.time_of_day(now, u32::try_from(secs.rem_euclid(DAY_SECS.into())).unwrap_or(0));
        self.date_usage(now, secs);
    }

    /// Restarts the modems whose time it is; `secs` is counted from midnight.
    fn time_of_day(&mut self, now: Instant, secs: u32) {
        for (id, slot) in &mut self.slots {
            let section = plan::section_of(&self.config, &slot.found, &slot.machine);
            let Some(time) = section.and_then(|section| section.restart_time) else { continue };
            let late = (secs + DAY_SECS - secs_of(time)) % DAY_SECS;
            let left = Duration::from_secs(u64::from(DAY_SECS - late));
            if slot.machine.state() == State::Absent {
                continue;
            }
            if u64::from(late) < LATE_MAX.as_secs() {
                let last = self.restarted_at.get(id);
                if last.is_none_or(|at| now.saturating_since(*at) >= APART_MIN) {
                    self.restarted_at.insert(id.clone(), now);
                    log::info!("modem {id}: {}", Cause::ScheduledRestart.sentence());
                    slot.machine.handle_command(now, Command::Restart(Cause::ScheduledRestart));
                }
            } else if let Some(at) = &mut self.ask_time_at {
                *at = (*at).min(now + left);
            }
        }
    }
}

fn secs_of(time: TimeOfDay) -> u32 {
    u32::from(time.hour) * 3600 + u32::from(time.minute) * 60
}
