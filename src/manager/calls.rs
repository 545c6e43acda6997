//! The methods of our ubus object.

use super::apns::Remembered;
use super::choice::Choice;
use super::discovery::Found;
use super::inbox::Inbox;
use super::recovery::Reboots;
use super::slot::Slot;
use super::speed::{self, SpeedTests};
use super::{CallId, Kept, Manager, Output, status};
use crate::config::RecoveryStep;
use crate::driver::at::AtResult;
use crate::driver::quirk::Warning;
use crate::log;
use crate::modem::pin::Marks;
use crate::modem::{Cause, Command, State};
use crate::time::{Duration, Instant};
use crate::types::text::{contains, plain};
use crate::types::{Table, uci};
use core::ops::Deref;

/// How long an AT command may take when the caller does not say.
const AT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest time a caller may give an AT command; +COPS=? takes up to three minutes.
const AT_TIMEOUT_MAX_MS: i64 = 300_000;

/// Why a call failed. It is handed through many results, so it is one word.
#[derive(Clone, Debug, PartialEq)]
pub struct CallError(Box<CallErrorReason>);

/// What a [`CallError`] tells.
#[derive(Clone, Debug, PartialEq)]
pub struct CallErrorReason {
    /// Which of the bus's status codes it is.
    pub status: CallStatus,
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people that names what was wrong.
    pub message: String,
    /// What else programs may want to know; most often nothing.
    pub details: Table,
}

/// The status codes of the bus that our methods use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStatus {
    /// An argument is wrong.
    InvalidArgument,
    /// There is no such modem or interface.
    NotFound,
    /// The modem cannot do it.
    NotSupported,
    /// The modem did not answer.
    Timeout,
    /// Anything else.
    Failed,
}

impl CallError {
    /// An error with nothing else to know.
    #[inline(never)]
    pub(super) fn new(status: CallStatus, code: &'static str, message: String) -> Self {
        Self(Box::new(CallErrorReason { status, code, message, details: Table::new() }))
    }

    /// The same with what else programs may want to know.
    pub(super) fn with_details(mut self, details: Table) -> Self {
        self.0.details = details;
        self
    }

    /// What the caller is answered.
    pub fn into_document(self) -> Table {
        let mut table = Table::new();
        table.put("error", self.0.code);
        table.put("message", self.0.message);
        table.0.extend(self.0.details.0);
        table
    }

    pub(super) fn invalid(argument: &str, expected: &str) -> Self {
        let message = format!("argument '{argument}': expected {expected}");
        Self::new(CallStatus::InvalidArgument, "INVALID_ARGUMENT", message)
    }

    pub(super) fn not_found(what: &str, name: &str) -> Self {
        let message = format!("there is no {what} '{}'", plain(name));
        Self::new(CallStatus::NotFound, "NOT_FOUND", message)
    }

    pub(super) fn limit(what: &str, max: usize) -> Self {
        Self::new(CallStatus::Failed, "LIMIT", format!("no more than {max} {what} are served"))
    }

    pub(super) fn superseded() -> Self {
        Self::new(CallStatus::Failed, "SUPERSEDED", "another call took over".to_owned())
    }

    pub(super) fn modem(message: &str) -> Self {
        Self::new(CallStatus::Failed, "MODEM", message.to_owned())
    }

    pub(super) fn failed(code: &'static str, message: &str) -> Self {
        Self::new(CallStatus::Failed, code, message.to_owned())
    }

    pub(super) fn timeout(message: &str) -> Self {
        Self::new(CallStatus::Timeout, "TIMEOUT", message.to_owned())
    }

    pub(super) fn unsupported(message: &str) -> Self {
        Self::new(CallStatus::NotSupported, "NOT_SUPPORTED", message.to_owned())
    }
}

impl Deref for CallError {
    type Target = CallErrorReason;

    fn deref(&self) -> &CallErrorReason {
        &self.0
    }
}

/// The answer to a caller of `at`.
pub(super) fn at_reply(result: AtResult) -> Result<Table, CallError> {
    match result {
        AtResult::Reply { lines, result } => {
            Ok(Table::new().with("lines", lines).with("result", result))
        }
        AtResult::Timeout => Err(CallError::new(
            CallStatus::Timeout,
            "TIMEOUT",
            "the modem did not answer the command in time".to_owned(),
        )),
        AtResult::Failed(message) => Err(CallError::modem(message)),
    }
}

impl Manager {
    /// Answers a call, at once or later.
    pub(super) fn call(&mut self, now: Instant, call: CallId, method: &str, args: &Table) {
        let result = match method {
            "status" => self.status(now, args),
            "info" => self.info(now, args),
            "signal" => self.call_signal(now, args),
            "history" => self.call_history(now, args),
            "cells" => match self.call_cells(now, call, args) {
                Ok(()) => return,
                Err(error) => Err(error),
            },
            "setup" => self.call_setup(now, args),
            "ppp" => self.ppp(now, args),
            "connect" => self.switch(args, true),
            "disconnect" => self.switch(args, false),
            "reconnect" => self.reconnect(now, args),
            "reset" => self.reset(now, args),
            "usage" => self.call_usage(args),
            "usage_reset" => self.reset_usage(now, args),
            "diagnose" => Ok(self.diagnose(now)),
            "reload" => {
                self.put(Output::ReadConfig);
                Ok(Table::new())
            }
            "teardown" => match text(args, "interface") {
                Ok(interface) => {
                    let ended = args.get_i64("ended");
                    return self.teardown(now, call, interface, ended);
                }
                Err(error) => Err(error),
            },
            "speedtest" => {
                let args = args.clone();
                return self.put(Output::SpeedTest(speed::Order::Find { call, args }));
            }
            "sms_list" => self.sms_list(args),
            "sms_read" => self.sms_read(now, args),
            "sms_delete" => self.sms_delete(now, args),
            _ => match self.call_later(now, call, method, args) {
                Ok(()) => return,
                Err(error) => Err(error),
            },
        };
        self.reply(call, result);
    }

    /// The methods that are answered when the modem has.
    fn call_later(
        &mut self,
        now: Instant,
        call: CallId,
        method: &str,
        args: &Table,
    ) -> Result<(), CallError> {
        match method {
            "apn_lookup" => self.apn_lookup(call, args),
            "at" => self.at(now, call, args),
            "bands" => self.bands(now, call, args),
            "gnss" => self.gnss(now, call, args),
            "pin" => self.pin(now, call, args),
            "register" => self.register(now, call, args),
            "scan" => self.scan(now, call, args),
            "set_bands" | "set_modes" => self.set_bands(now, call, args, method == "set_modes"),
            "set_slot" => self.set_slot(now, call, args),
            "sms_send" => self.sms_send(now, call, args),
            "usb_mode" => self.usb_mode(now, call, args),
            "ussd" => self.ussd(now, call, args),
            _ => Err(CallError::not_found("method", method)),
        }
    }

    fn call_setup(&mut self, now: Instant, args: &Table) -> Result<Table, CallError> {
        let interface = text(args, "interface")?;
        // Names of netifd's are UCI sections' or, for what it made itself, no stranger than this.
        if !(1..=64).contains(&interface.len()) || !interface.bytes().all(|c| c.is_ascii_graphic())
        {
            return Err(CallError::invalid("interface", "the name of an interface"));
        }
        let config =
            args.get_table("config").ok_or_else(|| CallError::invalid("config", "a table"))?;
        let is_renewal = args.get_bool("renew").unwrap_or(false);
        self.setup(now, interface, config, is_renewal)
    }

    fn switch(&mut self, args: &Table, up: bool) -> Result<Table, CallError> {
        let interface = text(args, "interface")?.to_owned();
        self.put(Output::SwitchInterface { interface, up });
        Ok(Table::new())
    }

    fn reconnect(&mut self, now: Instant, args: &Table) -> Result<Table, CallError> {
        let name = text(args, "interface")?;
        let missing = || CallError::not_found("interface", name);
        let modem = self.interfaces.get(name).ok_or_else(missing)?.modem.clone();
        match modem.and_then(|id| self.slots.get_mut(&id)) {
            Some(slot) => {
                slot.machine.handle_command(now, Command::Redial);
                Ok(Table::new())
            }
            None => Err(CallError::not_found("modem for interface", name)),
        }
    }

    fn reset(&mut self, now: Instant, args: &Table) -> Result<Table, CallError> {
        let command = match args.get_str("level").unwrap_or("reset") {
            "redial" => Command::Redial,
            "radio" => Command::CycleRadio,
            "reset" => Command::Restart(Cause::Requested),
            "power" => Command::CyclePower(self.power_step(args)?),
            _ => return Err(CallError::invalid("level", "redial, radio, reset or power")),
        };
        let id = self.modem_named(args)?;
        let slot = self.slot_mut(&id)?;
        match slot.machine.state() {
            State::Absent => return Err(CallError::modem("the modem's port is not open")),
            State::Initializing
            | State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering
            | State::Failed => {}
        }
        slot.machine.handle_command(now, command);
        Ok(Table::new())
    }

    /// What there is to switch a modem's power with.
    fn power_step(&self, args: &Table) -> Result<RecoveryStep, CallError> {
        let id = self.modem_named(args)?;
        let means = self.slots.get(&id).map(Slot::means).unwrap_or_default();
        if means.gpio {
            Ok(RecoveryStep::Gpio)
        } else if means.usb {
            Ok(RecoveryStep::Usb)
        } else {
            Err(CallError::unsupported("this modem's power cannot be switched"))
        }
    }

    fn at(&mut self, now: Instant, call: CallId, args: &Table) -> Result<(), CallError> {
        let command = text(args, "command")?;
        let timeout = match args.get_i64("timeout_ms") {
            None => AT_TIMEOUT,
            Some(ms @ 1..=AT_TIMEOUT_MAX_MS) => Duration::from_millis(ms.unsigned_abs()),
            Some(_) => return Err(CallError::invalid("timeout_ms", "1 to 300000")),
        };
        let id = self.modem_named(args)?;
        let slot = self.slot_mut(&id)?;
        let crashes = slot.warnings().any(|it| it == Warning::NoGetportmode);
        if crashes && contains(&command.to_ascii_uppercase(), "^GETPORTMODE") {
            return Err(CallError::unsupported(Warning::NoGetportmode.sentence()));
        }
        let Some(driver) = slot.at.driver.as_mut().filter(|driver| driver.is_ready()) else {
            return Err(CallError::unsupported("the modem has no AT port that answers"));
        };
        let payload = args.get_str("payload");
        driver.handle_command(now, call, command, payload, timeout).map_err(|why| {
            CallError::new(
                CallStatus::InvalidArgument,
                "INVALID_ARGUMENT",
                format!("argument 'command': {why}"),
            )
        })
    }

    /// The modem that `args` names by its path, its section, its IMEI or not at all.
    pub(super) fn modem_named(&self, args: &Table) -> Result<String, CallError> {
        let Some(name) = args.get_str("modem") else {
            let usable = self.slots.iter().filter(|(_, slot)| slot.found.obstacle.is_none());
            let mut ids = usable.map(|(id, _)| id);
            return match (ids.next(), ids.next()) {
                (Some(id), None) => Ok(id.clone()),
                (None, _) => Err(CallError::not_found("modem", "")),
                (Some(_), Some(_)) => {
                    Err(CallError::invalid("modem", "which one: several are plugged in"))
                }
            };
        };
        let selector = crate::config::DeviceSelector::parse(name);
        let fits = |id: &&String| {
            id.as_str() == name
                || self.slots.get(*id).is_some_and(|slot| {
                    selector.as_ref().is_ok_and(|selector| {
                        super::plan::fits(&self.config, selector, &slot.found, &slot.machine)
                    })
                })
        };
        let found = self.slots.keys().find(fits).cloned();
        found.ok_or_else(|| CallError::not_found("modem", name))
    }

    /// The modem of a call.
    #[inline(never)]
    pub(super) fn slot(&self, id: &str) -> Result<&Slot, CallError> {
        self.slots.get(id).ok_or_else(|| CallError::not_found("modem", id))
    }

    /// The modem of a call, to do something with it.
    #[inline(never)]
    pub(super) fn slot_mut(&mut self, id: &str) -> Result<&mut Slot, CallError> {
        self.slots.get_mut(id).ok_or_else(|| CallError::not_found("modem", id))
    }

    /// A document for a bug report, with nothing in it that identifies anyone.
    fn diagnose(&mut self, now: Instant) -> Table {
        let mut report = status::document(self, now, None);
        let mut modems = Vec::new();
        for (id, slot) in self.slots.iter() {
            let mut table = Table::new();
            table.put("modem", id.as_str());
            table.put("found", ports(&slot.found));
            table.put("control_requests_sent", slot.requests_sent());
            modems.push(table);
        }
        report.put("ports", modems);
        self.put(Output::WriteReport(report));
        let mut table = Table::new();
        table.put("path", super::REPORT_PATH);
        table
    }

    /// Uses the configuration.
    pub(super) fn configure(&mut self, now: Instant, package: &uci::Package) {
        let (config, errors) = crate::config::parse(package);
        self.config_errors = errors.iter().map(ToString::to_string).collect();
        self.config_errors.extend(super::plan::sections_without_effect(&config));
        self.config_errors.iter().for_each(|error| log::warn!("{error}"));
        self.put(Output::SetLogLevel(config.globals.log_level));
        self.config = config;
        self.schedule(now);
        if self.scanned {
            // What is used how may have changed.
            let seen = self.seen.clone();
            self.snapshot(now, &seen);
        }
        self.apply_config(now);
        self.reconsider_blocked();
    }

    pub(super) fn restore(&mut self, now: Instant, kept: &Kept, table: &Table) {
        match kept {
            Kept::Interface(name) => self.restore_interface(name, table),
            Kept::Marks => self.marks = Marks::from_table(table),
            Kept::Ladder(modem) => {
                self.ladders.insert(modem.clone(), table.clone());
            }
            Kept::Choice(modem) => {
                self.choices.insert(modem.clone(), Choice::from_table(table));
            }
            Kept::Power(modem) => self.restore_pulse(now, modem, table),
            Kept::Reboots => self.reboots = Reboots::from_table(table),
            Kept::Apns => self.apns = Remembered::from_table(table),
            Kept::Inbox => self.inbox = Inbox::from_table(now, table),
            Kept::Usage => self.usage.restore(table, false),
            Kept::UsageNow => self.usage.restore(table, true),
            Kept::SpeedTests => self.speed_tests = SpeedTests::from_table(table),
        }
    }
}

/// Where a modem's ports are, and what else its status does not tell. Its serial number is left
/// out: it says which device it is.
fn ports(found: &Found) -> Table {
    let mut serial = Vec::new();
    for port in &found.serial {
        let mut table = Table::new();
        table.put("name", port.name.as_str());
        table.put("is_at", port.is_at);
        table.put_some("interface", port.interface.map(i64::from));
        serial.push(table);
    }
    let mut table = Table::new();
    table.put("control", found.control.as_str());
    table.put("driver", found.driver.as_str());
    table.put("serial_ports", serial);
    table.put_some("manufacturer", found.device.manufacturer.as_deref());
    table.put("speed_mbps", i64::from(found.device.speed_mbps));
    table.put_some("net", found.net.as_deref());
    table.put_some("mux", found.mux.as_deref());
    table.put_some("raw_ip", found.raw_ip);
    table.put_some("interface", found.interface.map(i64::from));
    table.put_some("max_control_transfer", found.max_control_transfer.map(i64::from));
    table
}

pub(super) fn text<'a>(args: &'a Table, name: &str) -> Result<&'a str, CallError> {
    args.get_str(name).ok_or_else(|| CallError::invalid(name, "a string"))
}
