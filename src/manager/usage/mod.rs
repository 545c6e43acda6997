//! How much each SIM has carried in its billing period.
//!
//! The kernel counts the bytes of a net device; what it counted since it was last asked belongs to
//! the SIM that was in the modem then. Where the counters stand is kept in `/var/run/ltewan`, so
//! that a daemon that dies misses nothing; the sums are on flash too, written rarely. Without the
//! time of day bytes belong to the period that the clock tells once it is right.

mod calls;
mod kept;
mod limit;
mod quota;
#[cfg(test)]
mod tests;

use super::outside::Counters;
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::types::calendar::{SECS_A_DAY, date, days_of, days_since_1970};
use limit::LimitSide;

/// How often the counters of a modem that says nothing by itself are read while it is connected:
/// those of 32 bits are full after 34 seconds at 1 Gbit/s.
pub(super) const READ_EVERY: Duration = Duration::from_secs(20);

/// How often it is kept where the counters stand.
const SAVE_EVERY: Duration = Duration::from_secs(60);

/// How many SIMs are kept in mind; of more the one whose period began first is forgotten.
const SIMS_MAX: usize = 32;

/// A clock that shows less has not been set: 2025-01-01.
const CLOCK_MIN: i64 = days_since_1970(2025, 1, 1) * SECS_A_DAY;

/// Nor has one that shows as much: 10000-01-01.
const CLOCK_MAX: i64 = days_since_1970(10_000, 1, 1) * SECS_A_DAY;

/// A clock that goes forward by more than time has passed was wrong before. Less is summer time.
const CLOCK_JUMP: i64 = 2 * 3600;

/// Counters that go on beyond 32 bits, and half of them.
const WRAP: u64 = 1 << 32;
const HALF: u64 = WRAP / 2;

/// Bytes received and bytes sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    rx: u64,
    tx: u64,
}

impl Amount {
    const fn plus(self, other: Self) -> Self {
        Self { rx: self.rx.saturating_add(other.rx), tx: self.tx.saturating_add(other.tx) }
    }

    const fn minus(self, other: Self) -> Self {
        Self { rx: self.rx.saturating_sub(other.rx), tx: self.tx.saturating_sub(other.tx) }
    }

    const fn total(self) -> u64 {
        self.rx.saturating_add(self.tx)
    }

    /// What was counted from `earlier` to this reading of the same device.
    fn since(self, earlier: Self) -> Self {
        let wraps = |old: u64| (HALF..WRAP).contains(&old);
        let beyond = |old: u64, new: u64| (WRAP - old).saturating_add(new);
        match (self.rx < earlier.rx, self.tx < earlier.tx) {
            (false, false) => self.minus(earlier),
            (true, false) if wraps(earlier.rx) => {
                Self { rx: beyond(earlier.rx, self.rx), tx: self.tx - earlier.tx }
            }
            (false, true) if wraps(earlier.tx) => {
                Self { rx: self.rx - earlier.rx, tx: beyond(earlier.tx, self.tx) }
            }
            // Both at once: they began anew.
            (true | false, true | false) => self,
        }
    }
}

/// One SIM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sim {
    /// The digest of its number.
    key: u64,
    /// The number as it may be shown.
    label: String,
    /// The day of the month on which its period begins.
    day: u8,
    /// The first day of the period, counted from 1970; `None` until the time is known.
    period: Option<i64>,
    amount: Amount,
    /// How much of it was counted since the clock began to go as it does.
    fresh: Amount,
    /// The period before.
    before: Option<(i64, Amount)>,
    /// The share of the quota that was told of, in percent.
    told: u8,
}

/// What the counters of a modem's net device said last, and whose that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Meter {
    device: u32,
    read: Amount,
    key: u64,
    /// What the device may have been slowed down to, in kbit/s.
    kbits: Option<u32>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Usage {
    sims: Vec<Sim>,
    /// By modem.
    meters: Map<String, Meter>,
    /// The same.
    limits: Map<String, LimitSide>,
    /// What the clock showed last, in seconds of local time, and when.
    clock: Option<(Instant, i64)>,
    /// There is something to be kept.
    is_unsaved: bool,
    is_unflushed: bool,
    saved_at: Option<Instant>,
    flushed_at: Option<Instant>,
    /// An earlier daemon has left where the counters stood.
    is_continued: bool,
    /// The readings that are waited for before the end.
    last_readings: Option<usize>,
    /// How often flash was written to.
    flushes: u32,
}

/// Whose the bytes are.
#[derive(Clone, Debug)]
struct Owner {
    key: u64,
    label: String,
    day: u8,
}

impl Usage {
    /// Takes note of the counters of a modem's device; how much was new.
    fn read(&mut self, modem: &str, counters: &Counters, owner: Owner) -> Amount {
        let read = Amount { rx: counters.rx_bytes, tx: counters.tx_bytes };
        let device = counters.device;
        let (key, new, kbits) = match self.meters.get(modem) {
            Some(meter) if meter.device == device => {
                (meter.key, read.since(meter.read), meter.kbits)
            }
            // It was made later, so all that it has carried is since.
            Some(meter) if meter.device < device => (owner.key, read, None),
            // What it carried before is not known to have been this SIM's.
            Some(_) | None => (owner.key, Amount::default(), None),
        };
        let meter = Meter { device, read, key: owner.key, kbits };
        let is_other = |old: Meter| (old.device, old.key) != (meter.device, meter.key);
        if self.meters.replace(modem.to_owned(), meter).is_none_or(is_other) {
            // Nothing else tells the next daemon where it began.
            self.saved_at = None;
            self.is_unsaved = true;
        }
        self.settle(&owner);
        if new != Amount::default() {
            (self.is_unsaved, self.is_unflushed) = (true, true);
            if let Some(sim) = self.sims.iter_mut().find(|sim| sim.key == key) {
                sim.amount = sim.amount.plus(new);
                sim.fresh = sim.fresh.plus(new);
            }
        }
        new
    }

    /// A SIM is known from now on.
    fn settle(&mut self, owner: &Owner) {
        let today = self.clock.map(|(_, secs)| secs.div_euclid(SECS_A_DAY));
        if let Some(sim) = self.sims.iter_mut().find(|sim| sim.key == owner.key) {
            sim.label.clone_from(&owner.label);
            if sim.day != owner.day {
                sim.day = owner.day;
                sim.period = today.map(|today| period_start(today, owner.day)).or(sim.period);
            }
            return;
        }
        if self.sims.len() >= SIMS_MAX {
            let mut oldest = None;
            for (at, sim) in self.sims.iter().enumerate() {
                let is_idle = self.meters.values().all(|meter| meter.key != sim.key);
                if is_idle && oldest.is_none_or(|(_, period)| sim.period < period) {
                    oldest = Some((at, sim.period));
                }
            }
            self.sims.remove(oldest.map_or(0, |(at, _)| at));
        }
        let Owner { key, label, day } = owner.clone();
        let period = today.map(|today| period_start(today, day));
        self.sims.push(Sim { key, label, day, period, ..Sim::default() });
    }

    /// The clock shows this, in seconds since 1970 of local time.
    fn time_told(&mut self, now: Instant, secs: i64) {
        if !(CLOCK_MIN..CLOCK_MAX).contains(&secs) {
            return;
        }
        let jumped = self.clock.is_none_or(|(at, told)| {
            let passed = i64::try_from(now.saturating_since(at).as_secs()).unwrap_or(i64::MAX);
            secs.saturating_sub(told.saturating_add(passed)) > CLOCK_JUMP
        });
        self.clock = Some((now, secs));
        let today = secs.div_euclid(SECS_A_DAY);
        for sim in &mut self.sims {
            let period = period_start(today, sim.day);
            let Some(old) = sim.period else {
                sim.period = Some(period);
                continue;
            };
            // One that was wrong and showed a later day is put right by `usage_reset`.
            if period <= old {
                continue;
            }
            // What was counted by a wrong clock was counted today.
            let kept = if jumped { sim.fresh } else { Amount::default() };
            sim.before = Some((old, sim.amount.minus(kept)));
            (sim.amount, sim.fresh) = (kept, kept);
            sim.period = Some(period);
            sim.told = 0;
            (self.is_unsaved, self.is_unflushed) = (true, true);
        }
    }

    /// How long it is until the first period ends: of a SIM in use, or of one that was left for
    /// its quota.
    fn period_ends_in(&self) -> Option<Duration> {
        let (_, secs) = self.clock?;
        let mut first = None;
        for sim in &self.sims {
            if let Some(period) = sim.period {
                let end = period_end(period, sim.day);
                first = Some(first.map_or(end, |first: i64| first.min(end)));
            }
        }
        let left = (first? * SECS_A_DAY).saturating_sub(secs).max(1);
        u64::try_from(left).ok().map(Duration::from_secs)
    }

    fn sim(&self, key: u64) -> Option<&Sim> {
        self.sims.iter().find(|sim| sim.key == key)
    }
}

/// The first day of the period that a day is in, both counted from 1970. It begins on this day of
/// the month, or on the last of a shorter one.
fn period_start(today: i64, day: u8) -> i64 {
    let [year, month, _] = date(today);
    let this = day_in(year, month, day);
    if this <= today {
        return this;
    }
    if month == 1 { day_in(year - 1, 12, day) } else { day_in(year, month - 1, day) }
}

/// The first day after a period.
fn period_end(start: i64, day: u8) -> i64 {
    let [year, month, _] = date(start);
    if month == 12 { day_in(year + 1, 1, day) } else { day_in(year, month + 1, day) }
}

fn day_in(year: i64, month: i64, day: u8) -> i64 {
    days_since_1970(year, month, i64::from(day.max(1)).min(days_of(year, month)))
}

/// A day as in `2026-11-21`.
fn day_name(days: i64) -> String {
    let [year, month, day] = date(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// FNV-1a over a SIM's number, as marks of PINs have it: files name nobody.
fn digest(number: &str) -> u64 {
    crate::types::digest(number.as_bytes())
}
