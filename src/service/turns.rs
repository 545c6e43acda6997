//! How long the loop's turns take, from the return of `poll` to the next one.
//!
//! Meanwhile nobody is answered, so nothing may hold a turn up; what does is to be seen in the
//! status and in the log.

use crate::log;
use crate::manager::Output;
use crate::time::{Duration, Instant, micros};

/// A turn that takes longer than this is logged.
pub(super) const TURN_MAX: Duration = Duration::from_millis(50);

/// At most one such line in this time.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// A turn that has taken its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// From the return of `poll` to the next one.
    pub(super) length: Duration,
    /// Which step took the most of it.
    pub(super) step: &'static str,
    /// How much.
    pub(super) step_length: Duration,
}

/// The turn under way and the longest so far.
#[derive(Debug)]
pub(super) struct Turns {
    /// `None` before the first one: nobody can be kept waiting yet.
    began: Option<Instant>,
    step: &'static str,
    step_began: Instant,
    slowest: (&'static str, Duration),
    longest: Duration,
    warned: Option<Instant>,
}

impl Turns {
    /// None has begun.
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            began: None,
            step: "",
            step_began: now,
            slowest: ("", Duration::ZERO),
            longest: Duration::ZERO,
            warned: None,
        }
    }

    /// A turn begins, with this step.
    pub(super) const fn begin(&mut self, now: Instant, step: &'static str) {
        let Self { longest, warned, .. } = *self;
        let slowest = (step, Duration::ZERO);
        *self = Self { began: Some(now), step, step_began: now, slowest, longest, warned };
    }

    /// What the turn did up to now has ended; this step comes now.
    pub(super) fn step(&mut self, now: Instant, step: &'static str) {
        let length = now.saturating_since(self.step_began);
        if length > self.slowest.1 {
            self.slowest = (self.step, length);
        }
        self.step = step;
        self.step_began = now;
    }

    /// The turn has ended; itself when none was longer before.
    pub(super) fn end(&mut self, now: Instant) -> Option<Turn> {
        let began = self.began?;
        self.step(now, "");
        let (step, step_length) = self.slowest;
        let turn = Turn { length: now.saturating_since(began), step, step_length };
        if self.is_to_be_told(now, turn.length) {
            self.warned = Some(now);
            log::warn!(
                "the loop was held for {} ms, {} ms of it by {step}",
                micros(turn.length) / 1000,
                micros(step_length) / 1000
            );
        }
        if turn.length <= self.longest {
            return None;
        }
        self.longest = turn.length;
        Some(turn)
    }

    fn is_to_be_told(&self, now: Instant, length: Duration) -> bool {
        let told = |at: Instant| now.saturating_since(at) < WARNING_INTERVAL;
        length > TURN_MAX && !self.warned.is_some_and(told)
    }
}

/// The step that carrying out an output is.
pub(super) const fn step_of(output: &Output) -> &'static str {
    match output {
        Output::OpenPort { .. } => "open port",
        Output::ClosePort(_) => "close port",
        Output::Write { .. } => "write to port",
        Output::SetLink { .. } => "set link",
        Output::SetMtu { .. } => "set MTU",
        Output::StopArp { .. } => "stop ARP",
        Output::Probe(_) => "probe",
        Output::ReadPage(_) => "page",
        Output::SwitchPower { .. } => "switch power",
        Output::Keep(..) => "keep",
        Output::ReadConfig => "read configuration",
        Output::FindApns(_) => "read access points",
        Output::WriteReport(_) => "write report",
        Output::Update { .. }
        | Output::SwitchInterface { .. }
        | Output::RenewInterface(_)
        | Output::DumpInterfaces
        | Output::ReadAddresses
        | Output::RebootRouter
        | Output::StartService(_)
        | Output::Reply { .. }
        | Output::Notify { .. } => "bus",
        Output::ReadTraffic { .. } => "read counters",
        Output::SlotLine(_) => "SIM line",
        Output::SetLimit(_) => "limit",
        Output::Hotplug(_) => "hotplug",
        Output::SetLed { .. } => "LED",
        Output::SpeedTest(_) => "speed test",
        Output::SetLogLevel(_)
        | Output::AskLocalTime
        | Output::AskUnixTime
        | Output::SetClock { .. } => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_longest_turn_is_told_with_its_slowest_step() {
        let mut turns = Turns::new(at(0));
        turns.step(at(0), "snapshot");
        assert_eq!(turns.end(at(900)), None, "the start is no turn");
        turns.begin(at(1000), "signals");
        turns.step(at(1001), "snapshot");
        turns.step(at(1008), "bus");
        let first = Turn { length: millis(10), step: "snapshot", step_length: millis(7) };
        assert_eq!(turns.end(at(1010)), Some(first));
        // Waiting is no part of a turn.
        turns.begin(at(9000), "signals");
        assert_eq!(turns.end(at(9010)), None, "no longer than the first");
        turns.begin(at(9100), "signals");
        turns.step(at(9101), "port");
        let second = Turn { length: millis(11), step: "port", step_length: millis(10) };
        assert_eq!(turns.end(at(9111)), Some(second));
    }

    #[test]
    fn the_first_and_the_last_step_count() {
        let mut turns = Turns::new(at(0));
        turns.begin(at(0), "start");
        turns.step(at(20), "bus");
        assert_eq!(turns.end(at(21)).unwrap().step, "start");
        turns.begin(at(100), "port");
        assert_eq!(turns.end(at(130)).unwrap().step, "port");
    }

    #[test]
    fn a_turn_that_was_held_up_is_told_of_at_most_once_a_minute() {
        let mut turns = Turns::new(at(0));
        assert!(!turns.is_to_be_told(at(50), millis(50)), "as long as it may be");
        assert!(turns.is_to_be_told(at(51), millis(51)));
        let mut held = |from: u64| {
            let warned = turns.warned;
            turns.begin(at(from), "port");
            turns.end(at(from + 60));
            turns.warned != warned
        };
        assert!(held(1000));
        assert!(!held(2000) && !held(60_900));
        assert!(held(61_000));
        assert!(!held(62_000));
    }
}
