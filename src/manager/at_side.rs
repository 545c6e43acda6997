//! The serial port of a modem that speaks AT.

use super::discovery::{Found, Protocol};
use super::{Manager, Output, PortId, PortKind};
use crate::driver::Driver;
use crate::driver::at::{AtDriver, AtResult};
use crate::driver::quirk;
use crate::driver::survey::Survey;
use crate::time::{Duration, Instant, doubled};

/// How long after none of its ports spoke AT a modem is asked anew. One that is starting may have
/// been asked too early, and nodes are there before their permissions.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The longest such wait; each is twice the one before.
const AGAIN_CAP: Duration = Duration::from_secs(600);

/// How often all ports are asked anew. A modem need not have one that speaks AT.
const AGAIN_MAX: u32 = 8;

/// The serial port that speaks AT, found by asking one after the other.
#[derive(Debug, Default)]
pub(super) struct AtSide {
    /// The ports not asked yet, best last.
    pub(super) candidates: Vec<String>,
    /// The one being asked, or in use.
    pub(super) port: Option<(PortId, String)>,
    /// What speaks AT on it, once it is open.
    pub(super) driver: Option<AtDriver>,
    /// What asks over it for measurements, once it has proved that it speaks AT.
    pub(super) survey: Option<Survey>,
    /// When all ports are asked anew, after none spoke AT.
    pub(super) again_at: Option<Instant>,
    /// How often they have been since one did.
    again: u32,
}

impl AtSide {
    pub(super) fn new(found: &Found) -> Self {
        Self { candidates: candidates(found), ..Self::default() }
    }

    /// The modem has other ports than before, for they may come one by one: asks them, the best
    /// first. Whether another than that is being asked.
    pub(super) fn follow(&mut self, found: &Found) -> bool {
        if self.name().is_some() {
            return false;
        }
        self.again = 0;
        self.ask_all(found);
        let Some(best) = self.candidates.pop() else { return false };
        let is_asked = self.port.as_ref().is_some_and(|(_, it)| *it == best);
        if !is_asked {
            self.candidates.push(best);
        }
        !is_asked
    }

    /// Waits before all ports are asked anew.
    fn wait(&mut self, now: Instant) {
        if self.again < AGAIN_MAX {
            let wait = doubled(AGAIN_AFTER, self.again, AGAIN_CAP);
            self.again_at = Some(now + wait);
            self.again += 1;
        }
    }

    /// All ports are to be asked.
    fn ask_all(&mut self, found: &Found) {
        self.again_at = None;
        self.candidates = candidates(found);
    }

    /// Leaves a port to what speaks over it.
    #[inline(never)]
    fn leave(&mut self, busy: Option<&str>) {
        self.candidates.retain(|name| Some(name.as_str()) != busy);
    }

    /// The name of the port in use.
    pub(super) fn name(&self) -> Option<&str> {
        let usable = self.driver.as_ref().is_some_and(AtDriver::is_ready);
        self.port.as_ref().filter(|_| usable).map(|(_, name)| name.as_str())
    }
}

/// The ports of a modem, the one that most likely speaks AT last.
fn candidates(found: &Found) -> Vec<String> {
    let interfaces = found.serial_interfaces();
    let (vid, pid) = (found.device.vid, found.device.pid);
    let mut order = quirk::at_order(vid, pid, &interfaces);
    if found.protocol == Protocol::Ppp {
        // The port that data goes over is left for it.
        let data = quirk::ppp_order(vid, pid, &interfaces).first().copied();
        if let Some(at) = order.iter().position(|i| Some(*i) == data) {
            let data = order.remove(at);
            order.push(data);
        }
    }
    let mut names = Vec::new();
    for i in order.iter().rev() {
        if let Some(serial) = found.serial.get(*i) {
            names.push(serial.name.clone());
        }
    }
    names
}

impl Manager {
    /// Asks all ports anew of the modems where that is due.
    pub(super) fn ask_for_at_again(&mut self, now: Instant) {
        let mut due = Vec::new();
        for (id, slot) in &mut self.slots {
            if slot.at.again_at.is_some_and(|at| at <= now) {
                slot.at.ask_all(&slot.found);
                due.push(id.clone());
            }
        }
        for id in &due {
            self.open_at_port(id);
        }
    }

    /// The AT port has proved that it is one; a modem without a control port is controlled by it.
    pub(super) fn at_port_ready(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.at.again = 0;
        if !slot.is_dialled() {
            return;
        }
        let Some(at) = &mut slot.at.driver else { return };
        let device = &slot.found.device;
        let is_ppp = slot.found.protocol == Protocol::Ppp;
        slot.driver = Driver::at(at, device.vid, device.pid, is_ppp);
        slot.start(now);
    }

    /// Gives up the AT port in use and asks the next one.
    pub(super) fn next_at_port(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.at.survey = None;
        let calls = slot.at.driver.take().map(AtDriver::into_calls).unwrap_or_default();
        let port = slot.at.port.take();
        if let Some((port, _)) = port {
            self.put(Output::ClosePort(port));
        }
        for call in calls {
            if !self.take_own(now, call, &AtResult::Failed("the AT port was closed")) {
                let result = Err(super::CallError::modem("the AT port was closed"));
                self.reply(call, result);
            }
        }
        let busy = self.session_port(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.at.leave(busy.as_deref());
        if slot.is_dialled() && (slot.driver.is_some() || slot.at.candidates.is_empty()) {
            slot.at = AtSide::new(&slot.found);
            self.control_lost(now, id);
            return;
        }
        if slot.at.candidates.is_empty() {
            slot.at.wait(now);
        }
        self.open_at_port(id);
    }

    pub(super) fn open_at_port(&mut self, id: &str) {
        let port = self.next_port;
        // What pppd speaks over is not asked for AT.
        let busy = self.session_port(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        if slot.at.port.is_some() {
            return;
        }
        slot.at.leave(busy.as_deref());
        let Some(name) = slot.at.candidates.pop() else { return };
        slot.at.port = Some((port, name.clone()));
        self.next_port += 1;
        let is_chardev = name.starts_with("cdc-wdm");
        let kind = if is_chardev { PortKind::Control } else { PortKind::Serial };
        self.put(Output::OpenPort { port, name, kind });
    }
}
