//! Makes a modem something else on USB: asks what it is set to, sets it, reads it back, restarts
//! the modem, and sees what it comes back as.

use super::slot::Slot;
use super::{CallError, CallId, Manager};
use crate::driver::at::AtResult;
use crate::driver::usb_mode::Composition;
use crate::log;
use crate::modem::{Cause, Command};
use crate::time::{Duration, Instant};
use crate::types::{Table, UsbMode};

/// How long one AT command may take; modems write such settings to flash.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);

/// How long a modem may take to come back as what it was told to be. Some come back twice.
const RETURN_PATIENCE: Duration = Duration::from_secs(120);

/// How often a modem is switched for `option usb_mode` until it has come back as that.
const TRIES_MAX: u32 = 2;

/// A modem that is being switched.
#[derive(Debug)]
pub(super) struct Switch {
    /// Who waits for the end; nobody when the configuration asked for it.
    caller: Option<CallId>,
    target: UsbMode,
    step: Step,
    /// The AT command whose answer is awaited.
    command: CallId,
    deadline: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Unlock,
    Query,
    Set,
    Verify,
    Return,
}

impl Switch {
    pub(super) const fn poll_timeout(&self) -> Instant {
        self.deadline
    }
}

impl Slot {
    /// What it is on USB.
    fn usb_mode(&self) -> Option<UsbMode> {
        UsbMode::of_driver(&self.found.driver)
    }

    /// What it can be on USB, where that is known.
    pub(super) fn composition(&self) -> Option<&'static Composition> {
        let device = &self.found.device;
        Composition::of(device.vid, device.pid, self.model())
    }
}

impl Manager {
    /// Answers what a modem is on USB and can be, or begins to switch it; then the answer comes
    /// when it is back.
    pub(super) fn usb_mode(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let id = self.modem_named(args)?;
        let slot = self.slot(&id)?;
        let Some(wanted) = args.get_str("mode") else {
            let mut modes = Vec::new();
            if let Some(composition) = slot.composition() {
                for mode in composition.modes() {
                    modes.push(mode.name());
                }
            }
            let mut table = Table::new();
            table.put_some("mode", slot.usb_mode().map(UsbMode::name));
            table.put("modes", modes);
            self.reply(call, Ok(table));
            return Ok(());
        };
        let target = UsbMode::parse(wanted)
            .map_err(|_| CallError::invalid("mode", "qmi, mbim, ecm, ncm or rndis"))?;
        if slot.usb_mode() == Some(target) {
            let result = Ok(Table::new().with("mode", target.name()));
            self.reply(call, result);
            return Ok(());
        }
        self.begin_switch(now, &id, target, Some(call)).map_err(CallError::unsupported)
    }

    /// Switches a modem that is not what its section says it should be.
    pub(super) fn follow_usb_mode(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get(id) else { return };
        let section = super::plan::section_of(&self.config, &slot.found, &slot.machine);
        let Some(target) = section.and_then(|section| section.usb_mode) else { return };
        let Some(is) = slot.usb_mode() else { return };
        if is == target {
            self.switch_tries.remove(id);
            return;
        }
        let (_, tries) = self
            .switch_tries
            .get(id)
            .copied()
            .filter(|(tried, _)| *tried == target)
            .unwrap_or((target, 0));
        if tries >= TRIES_MAX || self.switches.contains_key(id) {
            return;
        }
        log::info!("modem {id}: it is {} and is to be {}", is.name(), target.name());
        match self.begin_switch(now, id, target, None) {
            Ok(()) => self.switch_tries.insert(id.to_owned(), (target, tries + 1)),
            Err(why) => log::warn!("modem {id}: {why}"),
        }
    }

    fn begin_switch(
        &mut self,
        now: Instant,
        id: &str,
        target: UsbMode,
        caller: Option<CallId>,
    ) -> Result<(), &'static str> {
        let Some(slot) = self.slots.get(id) else { return Err("the modem is gone") };
        let composition = slot.composition().ok_or("how to switch this modem is not known")?;
        if composition.set(target).is_none() {
            return Err("this modem is not known to come back from that mode");
        }
        if self.switches.contains_key(id) {
            return Err("it is being switched already");
        }
        let (step, command) = if composition.unlock.is_empty() {
            (Step::Query, composition.query)
        } else {
            (Step::Unlock, composition.unlock)
        };
        let command = self
            .send_own(now, id, command, ANSWER_PATIENCE)
            .ok_or("the modem's AT port is not ready")?;
        let deadline = now + ANSWER_PATIENCE * 2;
        let switch = Switch { caller, target, step, command, deadline };
        self.switches.insert(id.to_owned(), switch);
        Ok(())
    }

    /// Sends an AT command of our own; its id.
    pub(super) fn send_own(
        &mut self,
        now: Instant,
        id: &str,
        command: &str,
        patience: Duration,
    ) -> Option<CallId> {
        self.own_calls = self.own_calls.saturating_sub(1);
        let call = self.own_calls;
        let driver = self.slots.get_mut(id)?.at.driver.as_mut()?;
        let line = format!("AT{command}");
        driver.is_ready().then_some(())?;
        driver.handle_command(now, call, &line, None, patience).ok()?;
        Some(call)
    }

    /// Takes the answer to an AT command, if it was one of our own.
    pub(super) fn take_own(&mut self, now: Instant, call: CallId, result: &AtResult) -> bool {
        let is_own = call >= self.own_calls && self.own_calls != CallId::MAX;
        if !is_own || self.take_choice(now, call, result) || self.take_time(now, call, result) {
            return is_own;
        }
        let own = self.switches.iter().find(|(_, switch)| switch.command == call);
        // Nobody waits for it any more.
        let Some(id) = own.map(|(id, _)| id.clone()) else { return true };
        if let Err(why) = self.go_on(now, &id, result) {
            self.end_switch(&id, Err(why));
        }
        true
    }

    fn go_on(&mut self, now: Instant, id: &str, result: &AtResult) -> Result<(), String> {
        let lines = match result {
            AtResult::Reply { lines, result } if result == "OK" => lines,
            AtResult::Reply { result, .. } => return Err(format!("the modem refused: {result}")),
            AtResult::Timeout => return Err("the modem did not answer".to_owned()),
            AtResult::Failed(why) => return Err((*why).to_owned()),
        };
        let composition = self.slots.get(id).and_then(Slot::composition);
        let (Some(composition), Some(switch)) = (composition, self.switches.get(id)) else {
            return Err("the modem is gone".to_owned());
        };
        let (target, is) = (switch.target, composition.read(lines));
        let set = composition.set(target).unwrap_or_default();
        let (step, command) = match switch.step {
            Step::Unlock => (Step::Query, composition.query.to_owned()),
            // It is set already and was not restarted since, or is what its driver does not show.
            Step::Query if is == Some(target) => return self.restart_switched(now, id),
            Step::Query if is.is_none() => {
                // What is set now could not be set again: there would be no way back.
                return Err("the modem is set to something that is not known".to_owned());
            }
            Step::Query => (Step::Set, set),
            Step::Set => (Step::Verify, composition.query.to_owned()),
            Step::Verify if is == Some(target) => return self.restart_switched(now, id),
            Step::Verify => return Err("the modem did not keep the setting".to_owned()),
            Step::Return => return Ok(()),
        };
        let command =
            self.send_own(now, id, &command, ANSWER_PATIENCE).ok_or("the AT port was closed")?;
        if let Some(switch) = self.switches.get_mut(id) {
            (switch.step, switch.command) = (step, command);
            switch.deadline = now + ANSWER_PATIENCE * 2;
        }
        Ok(())
    }

    fn restart_switched(&mut self, now: Instant, id: &str) -> Result<(), String> {
        let gone = || "the modem is gone".to_owned();
        let switch = self.switches.get_mut(id).ok_or_else(gone)?;
        switch.step = Step::Return;
        switch.command = 0;
        switch.deadline = now + RETURN_PATIENCE;
        let slot = self.slots.get_mut(id).ok_or_else(gone)?;
        slot.machine.handle_command(now, Command::Restart(Cause::UsbModeSwitched));
        Ok(())
    }

    /// A modem is on the bus: perhaps as what it was told to be.
    pub(super) fn modem_returned(&mut self, id: &str) {
        let Some(switch) = self.switches.get(id) else { return };
        let is = self.slots.get(id).and_then(Slot::usb_mode);
        if switch.step == Step::Return && is == Some(switch.target) {
            self.end_switch(id, Ok(()));
        }
    }

    pub(super) fn expire_switches(&mut self, now: Instant) {
        let mut overdue = Vec::new();
        for (id, switch) in self.switches.iter() {
            if switch.deadline <= now {
                overdue.push((id.clone(), switch.step));
            }
        }
        for (id, step) in overdue {
            let is = self.slots.get(&id).and_then(Slot::usb_mode);
            let why = match (step, is) {
                (Step::Return, Some(is)) => format!("the modem came back as {}", is.name()),
                (Step::Return, None) => "the modem did not come back in time".to_owned(),
                _ => "the modem did not answer".to_owned(),
            };
            self.end_switch(&id, Err(why));
        }
    }

    fn end_switch(&mut self, id: &str, result: Result<(), String>) {
        let Some(switch) = self.switches.take(id) else { return };
        let mode = switch.target.name();
        match &result {
            Ok(()) => log::info!("modem {id}: it is {mode} now"),
            Err(why) => log::warn!("modem {id}: it could not be made {mode}: {why}"),
        }
        let Some(call) = switch.caller else { return };
        let result =
            result.map(|()| Table::new().with("mode", mode)).map_err(|why| CallError::modem(&why));
        self.reply(call, result);
    }
}
