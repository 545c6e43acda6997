//! The AT front: lines, echo, result codes, unsolicited codes. Commands are in [`commands`].
//!
//! As V.250 and TS 27.007 have it, with the EC25's answers.

mod bands;
mod card;
mod commands;
mod data;
mod dial;
mod dial_commands;
mod gnss;
mod messages;
mod radio;
mod ussd;

use ltewan::time::Instant;

use super::config::{Config, Front};
use super::link::{Link, Message};
use super::qmi::{Context, DeviceAct};
use super::stats::Stats;
use super::world::radio::Registration;
use super::world::uicc::AppState;
use super::world::{World, WorldEvent};
use data::Data;
use dial::{Dialling, Done};

/// A longer line is no command.
const LINE_BYTES: usize = 512;

/// A refusal: plain `ERROR`, or a code of TS 27.007 9.2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Failure {
    Error,
    Cme(u16),
    Cms(u16),
}

/// What an AT port is set to, and the line under way.
#[derive(Debug)]
pub(crate) struct At {
    /// USB interface.
    pub(crate) number: u8,
    line: Vec<u8>,
    echo: bool,
    verbose: bool,
    /// +CMEE: 0 plain, 1 numbers, 2 words.
    cmee: u8,
    /// +CREG, +CGREG, +CEREG: 0 silent, 1 state, 2 state and cell.
    reports: [u8; 3],
    /// +COPS: 0 long name, 2 numeric.
    operator_format: u8,
    /// When the reply under way is out.
    busy_until: Instant,
    messages: messages::Setting,
    /// +CUSD: told what the network says.
    wants_ussd: bool,
    told_pin: Option<&'static str>,
    told_registration: u8,
    pub(crate) device_act: Option<DeviceAct>,
    dialling: Dialling,
    /// A command whose answer waits for the network, and what it printed already.
    unanswered: Option<String>,
    /// The call that the port carries data of.
    pub(super) data: Option<Data>,
    /// Carrier as the host is to see it, when that has changed.
    pub(crate) carrier: Option<bool>,
}

/// Names of the registration commands, in the order of [`At::reports`].
const REPORTS: [&str; 3] = ["+CREG", "+CGREG", "+CEREG"];

impl At {
    /// A port just after boot.
    pub(crate) fn new(number: u8) -> Self {
        Self {
            number,
            line: Vec::new(),
            echo: true,
            verbose: true,
            cmee: 1,
            reports: [0; 3],
            operator_format: 0,
            busy_until: Instant::ZERO,
            messages: messages::Setting::default(),
            wants_ussd: false,
            told_pin: None,
            told_registration: 0,
            device_act: None,
            dialling: Dialling::default(),
            unanswered: None,
            data: None,
            carrier: None,
        }
    }

    /// Contexts are the modem's, whichever port they were set over.
    pub(crate) fn share_contexts(fronts: &mut [Self], number: u8) {
        let set = fronts.iter().find(|front| front.number == number);
        let Some(contexts) = set.map(|front| front.dialling.contexts.clone()) else { return };
        for front in fronts {
            front.dialling.contexts.clone_from(&contexts);
        }
    }

    /// What the port says when the firmware is up.
    pub(crate) fn boot(&mut self, now: Instant, link: &mut Link) {
        self.urc(now, link, "RDY");
        self.urc(now, link, "+CFUN: 1");
    }

    /// Bytes from the host.
    pub(crate) fn handle_input(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        stats: &mut Stats,
        link: &mut Link,
    ) {
        if self.handle_data(context, bytes, link) {
            return;
        }
        if self.echo {
            self.send(context.now, context.config, link, Message::AtOther, bytes.to_vec());
        }
        for byte in bytes {
            if self.prompts() {
                if let Some((result, output)) = self.take_payload(context, *byte) {
                    self.answer(context.now, context.config, result, output, link);
                }
                continue;
            }
            match byte {
                b'\r' => {
                    let line = core::mem::take(&mut self.line);
                    let line = String::from_utf8_lossy(&line).trim().to_owned();
                    self.handle_line(context, &line, stats, link);
                }
                b'\n' => {}
                // Backspace, as V.250 S5 has it.
                0x08 => drop(self.line.pop()),
                _ if self.line.len() < LINE_BYTES => self.line.push(*byte),
                _ => {}
            }
        }
    }

    fn handle_line(
        &mut self,
        context: &mut Context<'_>,
        line: &str,
        stats: &mut Stats,
        link: &mut Link,
    ) {
        let Some(body) = line.get(2..).filter(|_| line.to_ascii_uppercase().starts_with("AT"))
        else {
            return;
        };
        stats.note_at(line);
        let is_busy = context.now < self.busy_until || self.unanswered.take().is_some();
        stats.at_overlaps += u64::from(is_busy);
        self.busy_until = context.now + link.latency.max(link.latency_at);
        let mut output = String::new();
        let mut result = Ok(());
        for command in split_commands(body) {
            match commands::run(self, context, &command, &mut output) {
                Ok(Done::Now) => {}
                Ok(Done::Later) => {
                    self.unanswered = Some(output);
                    return;
                }
                Err(failure) => {
                    result = Err(failure);
                    break;
                }
            }
        }
        if self.prompts() {
            let prompt = b"\r\n> ".to_vec();
            self.send(context.now, context.config, link, Message::AtReply, prompt);
            return;
        }
        self.answer(context.now, context.config, result, output, link);
    }

    /// Answers the command that waited for the network, if it still does.
    fn finish(
        &mut self,
        now: Instant,
        config: &Config,
        result: Result<(), Failure>,
        output: String,
        link: &mut Link,
    ) {
        if let Some(printed) = self.unanswered.take() {
            self.answer(now, config, result, printed + &output, link);
        }
    }

    fn answer(
        &self,
        now: Instant,
        config: &Config,
        result: Result<(), Failure>,
        mut output: String,
        link: &mut Link,
    ) {
        let verdict = match (result, self.cmee) {
            (Ok(()), _) => self.final_result("OK", 0),
            (Err(Failure::Error), _) | (Err(Failure::Cme(_)), 0) => self.final_result("ERROR", 4),
            (Err(Failure::Cme(code)), 2) => format!("\r\n+CME ERROR: {}\r\n", cme_text(code)),
            (Err(Failure::Cms(code)), _) => format!("\r\n+CMS ERROR: {code}\r\n"),
            (Err(Failure::Cme(code)), _) => format!("\r\n+CME ERROR: {code}\r\n"),
        };
        output.push_str(&verdict);
        self.send(now, config, link, Message::AtReply, output.into_bytes());
    }

    fn final_result(&self, word: &str, number: u8) -> String {
        if self.verbose { format!("\r\n{word}\r\n") } else { format!("{number}\r") }
    }

    /// An information response.
    fn say(&self, output: &mut String, text: &str) {
        let head = if self.verbose { "\r\n" } else { "" };
        output.push_str(&format!("{head}{text}\r\n"));
    }

    /// An unsolicited line.
    pub(crate) fn urc(&self, now: Instant, link: &mut Link, text: &str) {
        if self.carries_data() {
            return;
        }
        let line = format!("\r\n{text}\r\n").into_bytes();
        link.send(now, super::Port::At(self.number), Message::AtOther, line);
    }

    fn send(&self, now: Instant, config: &Config, link: &mut Link, what: Message, bytes: Vec<u8>) {
        let piece = if config.at_chunk_bytes == 0 { usize::MAX } else { config.at_chunk_bytes };
        // A fault that counts replies counts the whole of it, so pieces share one fate.
        let first = bytes.len().min(piece);
        if first == bytes.len() {
            link.send(now, super::Port::At(self.number), what, bytes);
        } else {
            let split = core::mem::replace(&mut link.split, piece);
            link.send(now, super::Port::At(self.number), what, bytes);
            link.split = split;
        }
    }

    /// Unsolicited codes for what happened in the world.
    pub(crate) fn handle_event(
        &mut self,
        now: Instant,
        world: &World,
        config: &Config,
        event: &WorldEvent,
        link: &mut Link,
    ) {
        match event {
            WorldEvent::Uicc => {
                let pin = pin_state(world).unwrap_or("NOT INSERTED");
                if self.told_pin.replace(pin) != Some(pin) {
                    self.urc(now, link, &format!("+CPIN: {pin}"));
                }
            }
            WorldEvent::Registration => {
                let state = registration_number(world.radio.registration);
                if self.told_registration != state {
                    self.told_registration = state;
                    for (name, level) in REPORTS.iter().zip(self.reports) {
                        if level > 2
                            && let Registration::Denied(cause) = world.radio.registration
                        {
                            self.urc(now, link, &format!("{name}: 3,,,,0,{cause}"));
                        } else if level > 0 {
                            self.urc(now, link, &format!("{name}: {state}{}", cell(world, level)));
                        }
                    }
                }
            }
            WorldEvent::Started(result) if config.front == Front::At => {
                self.started(now, world, config, result, link);
            }
            WorldEvent::BearerDown(bearer, reason) if config.front == Front::At => {
                self.bearer_down(now, config, bearer, *reason, link);
            }
            WorldEvent::Mode
            | WorldEvent::Signal
            | WorldEvent::Rejected(_)
            | WorldEvent::Started(_)
            | WorldEvent::BearerDown(..)
            | WorldEvent::BearerChanged(_) => {}
            WorldEvent::Direct(_) => {}
            WorldEvent::Ussd(said) => self.tell_ussd(now, config, said, link),
            WorldEvent::Message(memory, index) => {
                self.tell_message(now, world, (*memory, *index), link);
            }
        }
    }
}

/// The commands of a line: basic ones one by one, extended ones between semicolons.
fn split_commands(body: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut rest = body.trim();
    while !rest.is_empty() {
        // A number to dial goes to the end of the line.
        if rest.to_ascii_uppercase().starts_with("D*99") {
            commands.push(rest.to_owned());
            break;
        }
        let end = if rest.starts_with(['+', '&', '^', '$', '!', '#', '*']) {
            let mut quoted = false;
            rest.find(|c| {
                quoted ^= c == '"';
                c == ';' && !quoted
            })
        } else {
            let digits = |c: char| !c.is_ascii_digit();
            rest.get(1..).and_then(|tail| tail.find(digits)).map(|at| at + 1)
        };
        let (command, tail) =
            rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
        commands.push(command.to_owned());
        rest = tail.trim_start_matches(';').trim();
    }
    commands
}

/// What +CPIN? says, or the +CME error it gives.
fn pin_state(world: &World) -> Result<&'static str, u16> {
    use super::world::uicc::CardState;
    match world.uicc.card {
        CardState::Absent => Err(10),
        CardState::Error => Err(13),
        CardState::Present => match world.uicc.app_state() {
            AppState::Detected => Err(14),
            AppState::PinRequired => Ok("SIM PIN"),
            AppState::PukRequired => Ok("SIM PUK"),
            AppState::Blocked => Err(13),
            AppState::Ready => Ok("READY"),
        },
    }
}

/// The state in +CREG and its like (TS 27.007 7.2).
fn registration_number(registration: Registration) -> u8 {
    match registration {
        Registration::Idle => 0,
        Registration::Home => 1,
        Registration::Searching => 2,
        Registration::Denied(_) => 3,
        Registration::Roaming => 5,
    }
}

/// Area, cell and radio technology, when reports are to have them.
fn cell(world: &World, level: u8) -> &'static str {
    if level >= 2 && world.radio.is_registered() { ",\"5A21\",\"1C03E0B\",7" } else { "" }
}

/// The words of +CMEE=2 (TS 27.007 9.2).
fn cme_text(code: u16) -> &'static str {
    match code {
        3 => "operation not allowed",
        10 => "SIM not inserted",
        11 => "SIM PIN required",
        12 => "SIM PUK required",
        13 => "SIM failure",
        14 => "SIM busy",
        16 => "incorrect password",
        50 => "incorrect parameters",
        _ => "unknown",
    }
}
