//! One AT port: commands in order, one in flight, replies told apart from unsolicited result codes.
//!
//! Sans-IO. After any `handle_*` or [`AtPort::request`], drain [`AtPort::poll_transmit`] and
//! [`AtPort::poll_urc`], collect with [`AtPort::take_reply`], and arm [`AtPort::poll_timeout`].
//!
//! A modem answers in order but says of no line which command it answers. So before the first
//! command, and after one that timed out, the port sends a *probe*, whose answer begins with a
//! word that nothing else in flight can begin with; until that comes, every reply is one that came
//! too late and is thrown away. A late reply thus never reaches another requester.

mod lines;
mod probe;
mod reply;

use reply::Replies;
pub use reply::{AtError, AtReply, RequestError};

pub use super::TransactionId;

use crate::map::Queue;
use crate::time::{Duration, Instant};
use crate::wire;
use crate::wire::at::{
    Command, Final, final_result, has_pdu, is_cusd_cut, is_registration_urc, is_urc,
    tells_registration,
};
use lines::{Item, Lines};
use probe::{Late, Probe};

#[cfg(test)]
mod tests;

/// At most this many commands wait for their turn.
pub const QUEUE_MAX: usize = 32;

/// At most this many replies wait to be taken; the oldest goes first.
pub const REPLIES_MAX: usize = 64;

/// At most this many unsolicited result codes wait to be taken; the oldest goes first.
pub const URCS_MAX: usize = 64;

/// The longest reply. A list of all operators or messages has some hundred lines.
pub const REPLY_LINES_MAX: usize = 1024;

/// A command whose turn has not come after this time fails with [`RequestError::Timeout`].
pub const WAIT_MAX: Duration = Duration::from_secs(120);

/// The lines of one text come one right after the other; what is later is not one of them.
const TEXT_MAX: Duration = Duration::from_secs(1);

/// Why [`AtPort::poll_timeout`] wants to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The command in flight has been answered by then, or fails.
    Reply,
    /// The probe has been answered by then, or the next one is sent.
    Probe,
    /// The command that has waited longest gets its turn by then, or fails.
    Wait,
}

/// A command and whom it is for.
#[derive(Debug)]
struct Request {
    id: TransactionId,
    command: Command,
    timeout: Duration,
    /// When it stops waiting for its turn.
    wait_until: Instant,
}

/// The command in flight and what has come of its reply.
#[derive(Debug)]
struct Flight {
    request: Box<Request>,
    deadline: Instant,
    names: Vec<(String, bool)>,
    lines: Vec<String>,
    is_too_long: bool,
    wants_prompt: bool,
    /// The requester no longer waits; the modem's answer must still be waited for.
    is_cancelled: bool,
}

#[derive(Debug)]
enum State {
    /// Not known to be in step with the modem, and nobody has asked for anything.
    Unsure,
    /// A probe is in flight.
    Probing(Box<Probe>),
    /// In step; nothing is in flight.
    Idle,
    /// In step; a command is in flight.
    Busy(Box<Flight>),
    /// The device is gone.
    Closed,
}

/// The port.
#[derive(Debug)]
pub struct AtPort {
    state: State,
    queue: Queue<Box<Request>>,
    replies: Replies,
    urcs: Queue<String>,
    out: Queue<Vec<u8>>,
    lines: Lines,
    /// What may still be answered although nobody waits for it.
    late: Late,
    /// A first line whose PDU is to come.
    half_urc: Option<String>,
    /// A text that goes on over line ends, and until when.
    half_text: Option<(String, Instant)>,
    next_id: u32,
    urcs_lost: u64,
}

impl Default for AtPort {
    fn default() -> Self {
        Self::new()
    }
}

impl AtPort {
    /// A port that was just opened. Nothing is sent before the first request.
    pub fn new() -> Self {
        Self {
            state: State::Unsure,
            queue: Queue::new(),
            replies: Replies::default(),
            urcs: Queue::new(),
            out: Queue::new(),
            lines: Lines::default(),
            late: Late::default(),
            half_urc: None,
            half_text: None,
            next_id: 0,
            urcs_lost: 0,
        }
    }

    /// Asks for `command` to be sent when its turn comes. Its reply must be complete `timeout`
    /// after it was sent.
    pub fn request(&mut self, now: Instant, command: Command, timeout: Duration) -> TransactionId {
        self.request_within(now, command, WAIT_MAX, timeout)
    }

    /// The same, but it is not sent at all when its turn does not come within `wait`: for what
    /// would do harm later.
    pub fn request_within(
        &mut self,
        now: Instant,
        command: Command,
        wait: Duration,
        timeout: Duration,
    ) -> TransactionId {
        let id = TransactionId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        if matches!(self.state, State::Closed) {
            self.replies.put(id, Err(RequestError::PortClosed));
        } else if self.queue.len() >= QUEUE_MAX {
            self.replies.put(id, Err(RequestError::QueueFull));
        } else {
            let wait_until = now + wait;
            self.queue.push_back(Box::new(Request { id, command, timeout, wait_until }));
            self.advance(now);
        }
        id
    }

    /// A command that is not sent at all; its outcome is the error.
    pub fn refuse(&mut self, error: RequestError) -> TransactionId {
        let id = TransactionId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        self.replies.put(id, Err(error));
        id
    }

    /// The outcome of a command, once.
    pub fn take_reply(&mut self, id: TransactionId) -> Option<Result<AtReply, RequestError>> {
        let outcome = self.take_result(id)?;
        if let Ok(AtReply { refusal: Some(refusal), .. }) = outcome {
            return Some(Err(RequestError::At(refusal)));
        }
        Some(outcome)
    }

    /// The same where a refusal is an answer, for the modem's own word for it is wanted.
    pub fn take_result(&mut self, id: TransactionId) -> Option<Result<AtReply, RequestError>> {
        self.replies.take(id)
    }

    /// Gives up on a command. If it is in flight its answer is still waited for, and thrown away.
    pub fn cancel(&mut self, id: TransactionId) {
        self.replies.take(id);
        self.queue.retain(|request| request.id != id);
        if let State::Busy(flight) = &mut self.state
            && flight.request.id == id
        {
            flight.is_cancelled = true;
        }
    }

    /// The next unsolicited result code. One with a PDU has it after a line feed.
    pub fn poll_urc(&mut self) -> Option<String> {
        self.urcs.pop_front()
    }

    /// How many unsolicited result codes were dropped because nobody took them.
    pub fn urcs_lost(&self) -> u64 {
        self.urcs_lost
    }

    /// The next bytes to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.out.pop_front()
    }

    /// When [`AtPort::handle_timeout`] must be called next, and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let mut next = match &self.state {
            State::Probing(probe) => Some((probe.deadline(), Timer::Probe)),
            State::Busy(flight) => Some((flight.deadline, Timer::Reply)),
            State::Unsure | State::Idle | State::Closed => None,
        };
        for request in &self.queue {
            if next.is_none_or(|(at, _)| request.wait_until < at) {
                next = Some((request.wait_until, Timer::Wait));
            }
        }
        next
    }

    /// Takes what the modem sent.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        if matches!(self.state, State::Closed) {
            return;
        }
        self.lines.push(bytes);
        loop {
            let expects_prompt = matches!(&self.state, State::Busy(flight) if flight.wants_prompt);
            match self.lines.next(expects_prompt) {
                Some(Item::Line(line)) => self.gather_line(now, line),
                Some(Item::Prompt) => self.send_payload(),
                Some(Item::Overlong) => {
                    if let State::Busy(flight) = &mut self.state {
                        flight.is_too_long = true;
                    }
                }
                None => return,
            }
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(at) = self.queue.iter().position(|request| request.wait_until <= now)
            && let Some(request) = self.queue.remove(at)
        {
            self.replies.put(request.id, Err(RequestError::Timeout));
        }
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Busy(flight) if flight.deadline <= now => self.give_up(*flight),
            State::Probing(probe) if probe.deadline() <= now => match probe.expire(now) {
                probe::Next::Again(probe, bytes) => self.probe(probe, bytes),
                probe::Next::InStep => self.in_step(),
                probe::Next::Dead(late) => {
                    self.late = late;
                    self.fail_all(RequestError::Timeout);
                }
            },
            other @ (State::Unsure
            | State::Probing(_)
            | State::Idle
            | State::Busy(_)
            | State::Closed) => self.state = other,
        }
        self.advance(now);
    }

    /// Takes note that the device is gone: everything fails, and nothing more happens.
    pub fn handle_closed(&mut self) {
        if let State::Busy(flight) = std::mem::replace(&mut self.state, State::Closed)
            && !flight.is_cancelled
        {
            self.replies.put(flight.request.id, Err(RequestError::PortClosed));
        }
        self.fail_all(RequestError::PortClosed);
        self.state = State::Closed;
        self.out.clear();
    }

    /// Sends the next command when it is its turn, or a probe when that must come first.
    fn advance(&mut self, now: Instant) {
        if self.queue.is_empty() {
            return;
        }
        match self.state {
            State::Unsure => {
                let (probe, bytes) = Probe::first(now, std::mem::take(&mut self.late));
                self.probe(probe, bytes);
            }
            State::Idle => {
                let Some(request) = self.queue.pop_front() else { return };
                self.out.push_back(request.command.bytes());
                self.state = State::Busy(Box::new(Flight {
                    deadline: now + request.timeout,
                    names: request.command.names(),
                    lines: Vec::new(),
                    is_too_long: false,
                    wants_prompt: request.command.payload().is_some(),
                    is_cancelled: false,
                    request,
                }));
            }
            State::Probing(_) | State::Busy(_) | State::Closed => {}
        }
    }

    fn probe(&mut self, probe: Box<Probe>, bytes: Vec<u8>) {
        self.out.push_back(bytes);
        self.state = State::Probing(probe);
    }

    fn in_step(&mut self) {
        self.state = State::Idle;
    }

    /// The modem did not answer in time. It may still do so, so the port is no longer in step.
    fn give_up(&mut self, flight: Flight) {
        if flight.request.command.payload().is_some() || self.lines.is_prompt() {
            // TS 27.005 3.5.1: ESC leaves the prompt without sending anything.
            self.out.push_back(b"\x1b".to_vec());
        }
        self.late = Late::command(flight.names);
        self.state = State::Unsure;
        if !flight.is_cancelled {
            self.replies.put(flight.request.id, Err(RequestError::Timeout));
        }
    }

    /// No probe was answered: whoever waits hears so, and the next request starts over.
    fn fail_all(&mut self, error: RequestError) {
        self.state = State::Unsure;
        for request in std::mem::take(&mut self.queue) {
            self.replies.put(request.id, Err(error));
        }
    }

    fn urc(&mut self, line: String) {
        while self.urcs.len() >= URCS_MAX {
            self.urcs.pop_front();
            self.urcs_lost = self.urcs_lost.saturating_add(1);
        }
        self.urcs.push_back(line);
    }

    fn send_payload(&mut self) {
        let State::Busy(flight) = &mut self.state else { return };
        flight.wants_prompt = false;
        if let Some(payload) = flight.request.command.payload() {
            let mut bytes = payload.as_bytes().to_vec();
            bytes.push(0x1a);
            self.out.push_back(bytes);
        }
    }

    /// Puts the lines of a text together that has line ends in it; others are taken as they are.
    fn gather_line(&mut self, now: Instant, line: String) {
        let (line, until) = match self.half_text.take() {
            Some((text, until)) if now <= until => (format!("{text}\n{line}"), until),
            Some((text, _)) => {
                self.handle_line(now, text);
                (line, now + TEXT_MAX)
            }
            None => (line, now + TEXT_MAX),
        };
        if is_cusd_cut(&line) {
            self.half_text = Some((line, until));
        } else {
            self.handle_line(now, line);
        }
    }

    fn handle_line(&mut self, now: Instant, line: String) {
        if let Some(first) = self.half_urc.take() {
            if line.bytes().all(|c| c.is_ascii_hexdigit()) {
                self.urc(format!("{first}\n{line}"));
                return;
            }
            self.urc(first);
        }
        match &mut self.state {
            State::Busy(flight) => match flight.sort(line) {
                Sorted::Taken => {}
                Sorted::Urc(line) => self.handle_urc(line),
                Sorted::Final(result, text) => self.finish(now, result, text),
            },
            State::Probing(probe) => match probe.handle_line(now, &line) {
                probe::Heard::InStep => {
                    self.in_step();
                    self.advance(now);
                }
                probe::Heard::Refused => {
                    // The deadline is put forward, so that one place decides what comes next.
                    self.handle_timeout(now);
                }
                probe::Heard::Late if is_urc(&line) => self.handle_urc(line),
                probe::Heard::Late | probe::Heard::Own => {}
            },
            State::Idle if final_result(&line).is_some_and(|result| !result.is_of_call()) => {
                // Nothing was to end, so an earlier reply may have been cut short by line noise and
                // all later ones be shifted: the next request gets in step anew.
                self.state = State::Unsure;
            }
            State::Idle => self.handle_urc(line),
            State::Unsure if is_urc(&line) => self.handle_urc(line),
            State::Unsure | State::Closed => {}
        }
    }

    fn handle_urc(&mut self, line: String) {
        if has_pdu(&line) {
            self.half_urc = Some(line);
        } else {
            self.urc(line);
        }
    }

    fn finish(&mut self, now: Instant, result: Final, final_text: String) {
        if let State::Busy(flight) = std::mem::replace(&mut self.state, State::Idle)
            && !flight.is_cancelled
        {
            let id = flight.request.id;
            let refusal = AtError::from_final(result);
            let outcome = if refusal.is_none() && flight.is_too_long {
                Err(RequestError::Malformed(wire::Error::TooLarge))
            } else {
                Ok(AtReply { lines: flight.lines, final_text, refusal })
            };
            self.replies.put(id, outcome);
        }
        self.advance(now);
    }
}

/// What became of a line while a command is in flight.
enum Sorted {
    /// It was an echo or belongs to the reply.
    Taken,
    /// It answers nothing.
    Urc(String),
    /// It ends the reply.
    Final(Final, String),
}

impl Flight {
    fn sort(&mut self, line: String) -> Sorted {
        let command = &self.request.command;
        let typed = line.trim_end_matches('\u{1a}');
        let prompted = typed.strip_prefix("> ");
        let ending = final_result(&line);
        // What was typed may say "OK", which without the prompt before it is the modem's.
        let may_be_typed = prompted.is_some() || ending.is_none();
        if line == command.line().trim() || may_be_typed && command.types(prompted.unwrap_or(typed))
        {
            return Sorted::Taken;
        }
        if let Some(result) = ending {
            return if result.is_of_call() && !command.dials() {
                Sorted::Urc(line)
            } else {
                Sorted::Final(result, line)
            };
        }
        if !self.is_own(&line) && is_urc(&line) {
            return Sorted::Urc(line);
        }
        if self.lines.len() >= REPLY_LINES_MAX {
            self.is_too_long = true;
        } else {
            self.lines.push(line);
        }
        Sorted::Taken
    }

    /// Whether a line begins with the name of a command in flight and can answer it.
    fn is_own(&self, line: &str) -> bool {
        self.names.iter().any(|(name, is_query)| {
            let rest = line.strip_prefix(name.as_str());
            if !rest.is_some_and(|rest| rest.trim_start().starts_with(':')) {
                return false;
            }
            // AT+CREG=? answers with a list, AT+CREG=2 with nothing.
            !tells_registration(name)
                || *is_query && !is_registration_urc(line)
                || line.contains('(')
        })
    }
}
