//! The recovery ladder: what is done with a modem that being asked again does not bring back.
//!
//! Trouble that lasts takes one rung after the other, as the owner ordered them. Each waits for
//! its own time since the trouble began or the rung before it was taken, is passed over where it
//! cannot be taken, and is taken once a climb. After the last the ladder rests, ever longer, and is
//! climbed anew. A connection that lasted takes everything back.
//!
//! Decides only when and what; `super::recovery` does it.

use crate::config::RecoveryStep;
use crate::time::{Duration, Instant, doubled};
use crate::types::Table;

/// A connection that lasted this long has healed whatever was wrong before.
pub const HEALED_AFTER: Duration = Duration::from_secs(600);

/// How long the ladder rests after its last rung; doubled each time.
pub const REST: Duration = Duration::from_secs(1800);

/// The longest rest.
pub const REST_CAP: Duration = Duration::from_secs(6 * 3600);

/// What there is to take rungs with, beside the control port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Means {
    /// The control port answers.
    pub control: bool,
    /// An AT port answers.
    pub at: bool,
    /// A line that resets the modem is configured.
    pub gpio: bool,
    /// The modem is on USB.
    pub usb: bool,
    /// What is wrong is worth a restart of the router.
    pub reboot: bool,
}

impl Means {
    fn allow(self, step: RecoveryStep) -> bool {
        match step {
            // Dialling goes on by itself; as a rung it answers a connection that carries nothing.
            RecoveryStep::Redial => false,
            RecoveryStep::Radio => self.control,
            RecoveryStep::Reset => self.control || self.at,
            RecoveryStep::Gpio => self.gpio,
            RecoveryStep::Usb => self.usb,
            RecoveryStep::Reboot => self.reboot,
        }
    }
}

/// How long trouble lasts, since it began or since the rung before, until a rung is taken. Long
/// enough that a network's own trouble, a firmware that restarts by itself, or a cable that is
/// plugged back in comes first.
pub const fn patience(step: RecoveryStep) -> Duration {
    Duration::from_secs(match step {
        RecoveryStep::Redial => 0,
        RecoveryStep::Radio | RecoveryStep::Reset | RecoveryStep::Gpio | RecoveryStep::Usb => 180,
        RecoveryStep::Reboot => 1800,
    })
}

/// One modem's ladder.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    steps: Vec<RecoveryStep>,
    /// Since when there is trouble.
    trouble_since: Option<Instant>,
    /// The next rung, as an index of `steps`.
    next: usize,
    /// How often it has been climbed to the end.
    climbs: u32,
    last: Option<(RecoveryStep, Instant)>,
    /// Since when a connection that is up has carried nothing, and none since has shown that it
    /// does.
    dead_since: Option<Instant>,
}

impl Ladder {
    /// Takes these rungs from now on.
    pub fn allow(&mut self, steps: &[RecoveryStep]) {
        if self.steps != steps {
            self.steps = steps.to_vec();
            self.next = self.after_last();
        }
    }

    /// There is trouble.
    pub fn begin(&mut self, now: Instant) {
        self.trouble_since.get_or_insert(now);
    }

    /// There is none, for the time being.
    pub const fn end(&mut self) {
        self.trouble_since = None;
    }

    /// A connection lasted; whether it is any good.
    pub fn heal(&mut self) -> bool {
        let is_good = self.dead_since.is_none();
        if is_good {
            *self = Self { steps: std::mem::take(&mut self.steps), ..Self::default() };
        }
        is_good
    }

    /// Something answers through the connection.
    pub const fn revive(&mut self) {
        self.dead_since = None;
    }

    /// The rung that is next and when it is due; `None` while there is no trouble, or no rung that
    /// can be taken.
    pub fn due(&self, means: Means) -> Option<(Instant, RecoveryStep)> {
        let since = self.trouble_since?;
        let since = self.last.map_or(since, |(_, at)| at.max(since));
        let (step, is_anew) = self.upcoming(means)?;
        let wait = if is_anew { self.rest().max(patience(step)) } else { patience(step) };
        Some((since + wait, step))
    }

    /// The next rung that can be taken, and whether the ladder is climbed anew for it.
    fn upcoming(&self, means: Means) -> Option<(RecoveryStep, bool)> {
        let can = |step: &&RecoveryStep| means.allow(**step);
        let ahead = self.steps.get(self.next..).unwrap_or_default();
        let anew = || self.steps.iter().find(can).map(|step| (*step, true));
        ahead.iter().find(can).map(|step| (*step, false)).or_else(anew)
    }

    fn rest(&self) -> Duration {
        doubled(REST, self.climbs.min(10), REST_CAP)
    }

    /// Takes the rung that is due now.
    pub fn take(&mut self, now: Instant, means: Means) -> Option<RecoveryStep> {
        let (at, step) = self.due(means)?;
        (at <= now).then(|| self.taken(now, step, means))
    }

    /// What to do about a connection that carries nothing: dial again at first, then rungs with
    /// their time between them. `None` when nothing may be done now.
    pub fn answer_dead(&mut self, now: Instant, means: Means) -> Option<RecoveryStep> {
        let redial = self.steps.contains(&RecoveryStep::Redial).then_some(RecoveryStep::Redial);
        let Some(since) = self.dead_since else {
            self.dead_since = Some(now);
            return redial;
        };
        let since = self.last.map_or(since, |(_, at)| at.max(since));
        let rung = self.upcoming(means).filter(|(step, is_anew)| {
            let wait = if *is_anew { self.rest() } else { patience(*step) };
            now.saturating_since(since) >= wait
        });
        match rung {
            Some((step, _)) => Some(self.taken(now, step, means)),
            None => redial,
        }
    }

    fn taken(&mut self, now: Instant, step: RecoveryStep, means: Means) -> RecoveryStep {
        if self.upcoming(means).is_some_and(|(_, is_anew)| is_anew) {
            self.climbs = self.climbs.saturating_add(1);
        }
        self.last = Some((step, now));
        self.next = self.after_last();
        step
    }

    /// The rung after the one taken last, as an index of `steps`.
    fn after_last(&self) -> usize {
        let at = self.last.and_then(|(last, _)| self.steps.iter().position(|step| *step == last));
        at.map_or(0, |at| at + 1)
    }

    /// The rung taken last, and when.
    pub const fn last(&self) -> Option<(RecoveryStep, Instant)> {
        self.last
    }

    /// What a later daemon, or the same modem after it was gone, goes on from.
    pub fn to_table(&self) -> Table {
        let mut table = Table::new().with("climbs", self.climbs);
        table.put("dead", self.dead_since.is_some());
        if let Some((step, at)) = self.last {
            table.put("step", step.name());
            table.put("at_us", at.as_micros());
        }
        table
    }

    /// Goes on from what [`Ladder::to_table`] gave; what does not fit is passed over.
    pub fn restore(&mut self, now: Instant, table: &Table) {
        let step = table.get_str("step").and_then(|name| RecoveryStep::parse(name).ok());
        let at = table.get_i64("at_us").and_then(|at| u64::try_from(at).ok());
        let (Some(step), Some(at)) = (step, at.map(Instant::from_micros)) else { return };
        // A time to come is another boot's.
        if at > now {
            return;
        }
        let climbs = table.get_i64("climbs");
        self.climbs = climbs.and_then(|climbs| u32::try_from(climbs).ok()).unwrap_or(0);
        let is_dead = table.get_bool("dead").unwrap_or(false);
        self.dead_since = is_dead.then_some(at);
        self.last = Some((step, at));
        self.next = self.after_last();
    }
}
