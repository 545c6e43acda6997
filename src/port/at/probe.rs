//! Getting in step with a modem: before the first command and after one that timed out.
//!
//! A bare `AT` would not do: its `OK` looks like the late `OK` of whatever was in flight before. A
//! query's answer begins with the query's name, so its own `OK` is known by the line before it.
//! Each attempt asks another query, and how many answers each still owes is kept, so that the late
//! answer to one probe is not taken for the answer to another.

use crate::time::{Duration, Instant};
use crate::wire::at::{Final, final_result};

/// How long one probe may take. Modems answer these from memory, yet some are deaf for a few
/// seconds after they appear on the bus.
pub(super) const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// A modem that has answered a probe, though not all of them, and says nothing for so long, has
/// lost the others.
pub(super) const QUIET: Duration = Duration::from_secs(1);

/// The probes in turn, and how the answer of each begins. They also set what the port relies on,
/// for the modem may have restarted: no echo, results as words, errors as numbers (V.250 6.2.4 and
/// 6.2.6, TS 27.007 9.1).
const PROBES: [(&str, &str); 3] =
    [("ATE0V1+CMEE=1;+CMEE?", "+CMEE"), ("ATE0V1+GCAP", "+GCAP"), ("ATE0V1+CSQ", "+CSQ")];

/// What a modem may still answer from before.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// The names in the command that timed out.
    pub(super) names: Vec<(String, bool)>,
    /// How many answers each probe owes.
    owed: [u32; PROBES.len()],
    /// How many commands, probes among them, have not been ended.
    unended: u32,
}

impl Late {
    /// What is late when a command with these names has timed out.
    pub(super) fn command(names: Vec<(String, bool)>) -> Self {
        Self { names, owed: [0; PROBES.len()], unended: 1 }
    }
}

/// The probe in flight.
#[derive(Debug)]
pub(super) struct Probe {
    attempt: usize,
    deadline: Instant,
    /// The line that only this probe's answer begins with has come, but not its end.
    is_answered: bool,
    /// A whole answer to this probe has come, perhaps to an earlier sending of it.
    is_quiet_enough: bool,
    /// The modem has ended some command since the first attempt.
    is_alive: bool,
    late: Late,
}

/// What a line told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing of the probe: a late line or an unsolicited one.
    Late,
    /// A part of the probe's answer, or its echo.
    Own,
    /// The end of the probe's last answer: what follows answers what is sent next.
    InStep,
    /// A refusal, of the probe or of something earlier: it is time for the next attempt.
    Refused,
}

/// What follows when a probe's time is over.
#[derive(Debug)]
pub(super) enum Next {
    /// Another attempt, and the bytes to send.
    Again(Box<Probe>, Vec<u8>),
    /// The modem has ended everything and is silent: nothing can come late.
    InStep,
    /// The modem does not answer.
    Dead(Late),
}

impl Probe {
    /// The first attempt and its bytes.
    pub(super) fn first(now: Instant, late: Late) -> (Box<Self>, Vec<u8>) {
        let mut probe = Box::new(Self {
            attempt: 0,
            deadline: now + PROBE_TIMEOUT,
            is_answered: false,
            is_quiet_enough: false,
            is_alive: false,
            late,
        });
        probe.skip_ambiguous();
        let bytes = probe.send();
        (probe, bytes)
    }

    /// When the attempt is over.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes a line. After [`Heard::Refused`] the deadline has come.
    pub(super) fn handle_line(&mut self, now: Instant, line: &str) -> Heard {
        let Some((probe, start)) = PROBES.get(self.attempt) else {
            if final_result(line).is_some() {
                self.end_one();
            }
            return Heard::Late;
        };
        if self.is_quiet_enough {
            self.deadline = now + QUIET;
        }
        if line == *probe {
            return Heard::Own;
        }
        let Some(result) = final_result(line) else {
            let is_own = line.strip_prefix(start).is_some_and(|rest| rest.starts_with(':'));
            self.is_answered |= is_own;
            return if is_own { Heard::Own } else { Heard::Late };
        };
        if result.is_of_call() {
            return Heard::Late;
        }
        self.end_one();
        if self.is_answered {
            return self.handle_answer(now);
        }
        // The last attempt waits for silence instead.
        if result != Final::Ok && self.attempt + 1 < PROBES.len() && !self.is_quiet_enough {
            self.deadline = now;
            return Heard::Refused;
        }
        Heard::Late
    }

    fn end_one(&mut self) {
        self.is_alive = true;
        self.late.unended = self.late.unended.saturating_sub(1);
    }

    fn handle_answer(&mut self, now: Instant) -> Heard {
        self.is_answered = false;
        let Some(owed) = self.late.owed.get_mut(self.attempt) else { return Heard::Late };
        *owed = owed.saturating_sub(1);
        if *owed == 0 {
            return Heard::InStep;
        }
        self.is_quiet_enough = true;
        self.deadline = now + QUIET;
        Heard::Own
    }

    /// Goes on after the deadline.
    pub(super) fn expire(mut self: Box<Self>, now: Instant) -> Next {
        if self.is_quiet_enough {
            return Next::InStep;
        }
        self.attempt += 1;
        self.is_answered = false;
        self.deadline = now + PROBE_TIMEOUT;
        self.skip_ambiguous();
        if self.attempt < PROBES.len() {
            let bytes = self.send();
            Next::Again(self, bytes)
        } else if self.late.unended == 0 {
            Next::InStep
        } else {
            if self.is_alive {
                // It is there and has had its time: what it has not ended, it has lost.
                self.late.unended = 0;
            }
            Next::Dead(self.late)
        }
    }

    /// Passes over the probe that asks just what the late command asked.
    fn skip_ambiguous(&mut self) {
        while PROBES
            .get(self.attempt)
            .is_some_and(|(_, start)| self.late.names.iter().any(|(name, _)| name == start))
        {
            self.attempt += 1;
        }
    }

    /// The bytes of this attempt, which now owes one more answer.
    fn send(&mut self) -> Vec<u8> {
        self.late.unended = self.late.unended.saturating_add(1);
        if let Some(owed) = self.late.owed.get_mut(self.attempt) {
            *owed = owed.saturating_add(1);
        }
        let line = PROBES.get(self.attempt).map_or("AT", |(line, _)| *line);
        let mut bytes = line.as_bytes().to_vec();
        bytes.push(b'\r');
        bytes
    }
}
