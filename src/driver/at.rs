//! A modem's AT port: who the modem is, commands of the owner, a restart.
//!
//! The port is beside a control port, or is itself what the modem is controlled by; then
//! [`DialDriver`](super::dial::DialDriver) shares it.

use super::survey::Survey;
use crate::map::{Map, Queue};
use crate::port::at::{AtError, AtPort, AtReply, RequestError, TransactionId};
use crate::time::{Duration, Instant};
use crate::types::DeviceIdentity;
use crate::types::text::plain;
use crate::wire::at::{CmeError, CmsError, Command, identity_text, parse_cgsn};
use std::cell::RefCell;
use std::rc::Rc;

/// How long a port may take to prove that it speaks AT. A modem that was just plugged in takes
/// some seconds (seen: EC25, up to 6 s).
const PROVE_TIMEOUT: Duration = Duration::from_secs(12);

/// How long one question about identity may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// What the AT port tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtEvent {
    /// The port speaks AT.
    Ready,
    /// The port does not speak AT, or has stopped.
    Unusable,
    /// Who the modem is, in as far as it says.
    Identity(DeviceIdentity),
    /// No command that restarts the modem is known to it, or it does not answer.
    ResetRefused,
    /// What came of a command of the owner's.
    Reply {
        /// Who asked.
        call: u64,
        /// What came.
        result: AtResult,
    },
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtResult {
    /// The modem answered, which may be a refusal.
    Reply {
        /// The lines of the answer. Hostile text.
        lines: Vec<String>,
        /// `OK`, `+CME ERROR: ...`
        result: String,
    },
    /// It did not answer in time.
    Timeout,
    /// It could not be asked.
    Failed(&'static str),
}

/// The questions about identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Manufacturer,
    Model,
    Revision,
    Imei,
}

/// All of them, in the order in which they are asked.
const QUESTIONS: [Question; 4] =
    [Question::Manufacturer, Question::Model, Question::Revision, Question::Imei];

impl Question {
    /// The command, TS 27.007 5.1 to 5.4.
    const fn name(self) -> &'static str {
        match self {
            Self::Manufacturer => "+CGMI",
            Self::Model => "+CGMM",
            Self::Revision => "+CGMR",
            Self::Imei => "+CGSN",
        }
    }
}

/// What speaks AT over one open port.
#[derive(Debug, Default)]
pub struct AtDriver {
    port: Rc<RefCell<AtPort>>,
    /// Whether somebody else listens to unsolicited codes.
    is_shared: bool,
    ready: bool,
    prove_by: Option<Instant>,
    questions: Queue<(TransactionId, Question)>,
    identity: DeviceIdentity,
    /// The command that is to restart the modem, and those to try after it.
    reset: Option<(TransactionId, Queue<&'static str>)>,
    calls: Map<TransactionId, u64>,
    events: Queue<AtEvent>,
}

impl AtDriver {
    /// For a port that is about to be opened.
    pub fn new() -> Self {
        Self::default()
    }

    /// The port is open: asks who is there.
    pub fn handle_opened(&mut self, now: Instant) {
        self.prove_by = Some(now + PROVE_TIMEOUT);
        for question in QUESTIONS {
            let command = Command::execute(question.name());
            let id = self.port.borrow_mut().request(now, command, ANSWER_TIMEOUT);
            self.questions.push_back((id, question));
        }
    }

    /// The port, for who dials over it and hears its unsolicited codes from now on.
    pub(super) fn share(&mut self) -> Rc<RefCell<AtPort>> {
        self.is_shared = true;
        self.port.clone()
    }

    /// What asks for measurements over the port.
    pub fn survey(&self) -> Survey {
        Survey::new(self.port.clone())
    }

    /// Whether the port has proved that it speaks AT.
    pub const fn is_ready(&self) -> bool {
        self.ready
    }

    /// Sends a command of the owner's, and `payload` when the modem asks for more with a prompt;
    /// [`AtEvent::Reply`] follows.
    ///
    /// # Errors
    /// A phrase about what is wrong with the command.
    pub fn handle_command(
        &mut self,
        now: Instant,
        call: u64,
        command: &str,
        payload: Option<&str>,
        timeout: Duration,
    ) -> Result<(), &'static str> {
        let mut command = Command::typed(command)
            .map_err(|_| "expected one line that begins with AT, of printable ASCII")?;
        if let Some(text) = payload {
            command = command.with_text(text).map_err(|_| "its payload is not printable ASCII")?;
        }
        if command.dials() {
            return Err("dialling would end all commands on this port");
        }
        let id = self.port.borrow_mut().request(now, command, timeout);
        self.calls.insert(id, call);
        self.run(now);
        Ok(())
    }

    /// Restarts the modem by the first of these commands that it knows;
    /// [`AtEvent::ResetRefused`] when it knows none or does not answer. A modem that restarts need
    /// not answer either, but its ports go then.
    pub fn handle_reset(&mut self, now: Instant, commands: Vec<&'static str>) {
        self.try_reset(now, commands.into());
    }

    fn try_reset(&mut self, now: Instant, mut commands: Queue<&'static str>) {
        self.reset = match commands.pop_front() {
            Some(name) => {
                // Behind a long command of the owner's it would come when all is well again.
                let id = self.port.borrow_mut().request_within(
                    now,
                    Command::execute(name),
                    ANSWER_TIMEOUT,
                    ANSWER_TIMEOUT,
                );
                Some((id, commands))
            }
            None => {
                self.events.push_back(AtEvent::ResetRefused);
                None
            }
        };
    }

    fn follow_reset(&mut self, now: Instant) {
        let Some((id, commands)) = self.reset.take() else { return };
        let reply = self.port.borrow_mut().take_reply(id);
        match reply {
            None => self.reset = Some((id, commands)),
            Some(Err(RequestError::At(_))) => self.try_reset(now, commands),
            Some(Err(_)) => self.try_reset(now, Queue::new()),
            Some(Ok(_)) => {}
        }
    }

    /// Takes what one read of the port returned.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        self.port.borrow_mut().handle_input(now, bytes);
        self.run(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.port.borrow_mut().handle_timeout(now);
        self.run(now);
    }

    /// When [`AtDriver::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let of_port = self.port.borrow().poll_timeout().map(|(at, _)| at);
        match (of_port, self.prove_by) {
            (Some(of_port), Some(prove_by)) => Some(of_port.min(prove_by)),
            (of_port, prove_by) => of_port.or(prove_by),
        }
    }

    /// What came, in order.
    pub fn poll_event(&mut self) -> Option<AtEvent> {
        self.events.pop_front()
    }

    /// The next bytes to the modem.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.port.borrow_mut().poll_transmit()
    }

    /// The callers who have had no reply; the port is gone.
    pub fn into_calls(self) -> Vec<u64> {
        self.calls.into_values().collect()
    }

    fn run(&mut self, now: Instant) {
        // Unsolicited codes are of no use beside a control port that tells the same.
        while !self.is_shared && self.port.borrow_mut().poll_urc().is_some() {}
        while let Some((id, question)) = self.questions.first().copied() {
            let Some(reply) = self.port.borrow_mut().take_reply(id) else { break };
            self.questions.pop_front();
            self.answered(question, reply.map(|reply| reply.lines));
            if self.questions.is_empty() && self.ready {
                self.events.push_back(AtEvent::Identity(self.identity.clone()));
            }
        }
        self.follow_reset(now);
        if self.prove_by.is_some_and(|at| at <= now) {
            self.prove_by = None;
            self.events.push_back(AtEvent::Unusable);
        }
        self.answer_calls();
    }

    fn answered(&mut self, question: Question, reply: Result<Vec<String>, RequestError>) {
        let spoke = matches!(reply, Ok(_) | Err(RequestError::At(_)));
        if spoke && !self.ready {
            self.ready = true;
            self.prove_by = None;
            self.events.push_back(AtEvent::Ready);
        }
        let Ok(lines) = reply else { return };
        let identity = &mut self.identity;
        let told = match question {
            Question::Manufacturer => &mut identity.manufacturer,
            Question::Model => &mut identity.model,
            Question::Revision => &mut identity.revision,
            Question::Imei => {
                identity.imei = parse_cgsn(&lines).ok();
                return;
            }
        };
        *told = identity_text(&lines, question.name());
    }

    fn answer_calls(&mut self) {
        self.calls.retain(|id, call| {
            let Some(reply) = self.port.borrow_mut().take_result(*id) else { return true };
            self.events.push_back(AtEvent::Reply { call: *call, result: result_of(reply) });
            false
        });
    }
}

/// What came of a command of the owner's.
fn result_of(reply: Result<AtReply, RequestError>) -> AtResult {
    match reply {
        Ok(AtReply { refusal: Some(refusal), final_text, .. }) => {
            let is_own = matches!(
                refusal,
                AtError::Cme(CmeError::OtherText) | AtError::Cms(CmsError::OtherText)
            );
            let result = if is_own {
                let (name, text) = final_text.split_once(':').unwrap_or_default();
                format!("{name}: {}", plain(text.trim()))
            } else {
                refusal.to_string()
            };
            AtResult::Reply { lines: Vec::new(), result }
        }
        Ok(reply) => AtResult::Reply { lines: reply.lines, result: reply.final_text },
        Err(RequestError::Timeout) => AtResult::Timeout,
        Err(RequestError::PortClosed) => AtResult::Failed("the AT port was closed"),
        Err(RequestError::QueueFull) => AtResult::Failed("too many commands are waiting"),
        Err(_) => AtResult::Failed("the modem's answer cannot be read"),
    }
}
