//! Takes a modem's power away for a moment, or what stands for it, and gives it back.
//!
//! What is off is known to the next daemon too, so that none is ever left off.

use super::{Kept, Manager, Output};
use crate::config::RecoveryStep;
use crate::log;
use crate::map::Queue;
use crate::time::{Duration, Instant, doubled};
use crate::types::{PowerMeans, Table, is_usb_device};

/// How long the power stays off: long enough for a modem's capacitors.
pub const OFF_FOR: Duration = Duration::from_secs(5);

/// How long switching may take before it counts as done; a hung modem's driver may hold it up for
/// 30 s.
const SWITCH_PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait before power that could not be given back is given back again; doubled each
/// time.
const ON_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// How often that is tried.
const ON_TRIES: u32 = 20;

/// The longest wait for it.
const ON_AGAIN_CAP: Duration = Duration::from_secs(60);

/// Power that is off for a moment.
#[derive(Debug)]
pub(super) struct Pulse {
    means: PowerMeans,
    /// What to try where that cannot be switched.
    others: Queue<PowerMeans>,
    /// Whether it could not be switched off, or only in part.
    has_failed: bool,
    /// When it is given back, or given back again.
    on_at: Instant,
    tries: u32,
}

impl Pulse {
    pub(super) const fn poll_timeout(&self) -> Instant {
        self.on_at
    }
}

impl Manager {
    /// Takes a modem's power away; it is given back by itself.
    pub(super) fn begin_pulse(&mut self, now: Instant, id: &str, step: RecoveryStep) {
        let Some(slot) = self.slots.get(id) else { return };
        let mut means = Queue::new();
        match step {
            RecoveryStep::Gpio => {
                if let Some(line) = slot.reset_gpio.clone() {
                    means.push_back(PowerMeans::Gpio { line });
                }
            }
            RecoveryStep::Usb => {
                if let Some(device) = slot.found.device.path.strip_prefix("usb:") {
                    if let Some(port) = PowerMeans::port_of(device) {
                        means.push_back(port);
                    }
                    means.push_back(PowerMeans::Authorization { device: device.to_owned() });
                }
            }
            RecoveryStep::Redial
            | RecoveryStep::Radio
            | RecoveryStep::Reset
            | RecoveryStep::Reboot => {}
        }
        if self.pulses.contains_key(id) {
            return;
        }
        if let Some(first) = means.pop_front() {
            self.switch_off(now, id, first, means);
        }
    }

    fn switch_off(&mut self, now: Instant, id: &str, means: PowerMeans, others: Queue<PowerMeans>) {
        log::warn!("modem {id}: {means} is switched off for {} s", OFF_FOR.as_secs());
        self.put(Output::Keep(Kept::Power(id.to_owned()), Some(to_table(&means))));
        self.put(Output::SwitchPower { modem: id.to_owned(), means: means.clone(), on: false });
        let on_at = now + SWITCH_PATIENCE;
        self.pulses
            .insert(id.to_owned(), Pulse { means, others, has_failed: false, on_at, tries: 0 });
    }

    /// An earlier daemon took the power away.
    pub(super) fn restore_pulse(&mut self, now: Instant, id: &str, table: &Table) {
        if let Some(means) = from_table(table) {
            let others = Queue::new();
            let pulse = Pulse { means, others, has_failed: false, on_at: now, tries: 0 };
            self.pulses.insert(id.to_owned(), pulse);
        }
    }

    /// Takes note of what became of switching.
    pub(super) fn power_switched(
        &mut self,
        now: Instant,
        id: &str,
        on: bool,
        result: Result<(), String>,
    ) {
        let Some(pulse) = self.pulses.get_mut(id) else { return };
        match (on, result) {
            (false, Ok(())) => pulse.on_at = now + OFF_FOR,
            (false, Err(why)) => {
                log::warn!("modem {id}: {}: {why}", pulse.means);
                // A part of it may be off all the same, so all of it is given back first.
                pulse.has_failed = true;
                pulse.on_at = now;
                self.expire_pulses(now);
            }
            (true, result) if pulse.has_failed => {
                if let Err(why) = result {
                    log::debug!("modem {id}: {}: {why}", pulse.means);
                }
                let mut others = std::mem::take(&mut pulse.others);
                self.end_pulse(id);
                if let Some(next) = others.pop_front() {
                    self.switch_off(now, id, next, others);
                }
            }
            (true, Ok(())) => {
                log::info!("modem {id}: {} is switched on", pulse.means);
                self.end_pulse(id);
            }
            (true, Err(why)) => {
                log::error!("modem {id}: {} cannot be switched on: {why}", pulse.means);
                if pulse.tries >= ON_TRIES {
                    // What is kept of it stays, for the next daemon.
                    self.pulses.remove(id);
                }
            }
        }
    }

    fn end_pulse(&mut self, id: &str) {
        self.pulses.remove(id);
        self.put(Output::Keep(Kept::Power(id.to_owned()), None));
    }

    /// Gives back what has been off for long enough.
    pub(super) fn expire_pulses(&mut self, now: Instant) {
        for (id, pulse) in &mut self.pulses {
            if pulse.on_at > now {
                continue;
            }
            let wait = doubled(ON_AGAIN_AFTER, pulse.tries.min(10), ON_AGAIN_CAP);
            // Also when there was no word of it: it may be off all the same.
            pulse.tries = pulse.tries.saturating_add(1);
            pulse.on_at = now + wait;
            let (modem, means) = (id.clone(), pulse.means.clone());
            self.outputs.push_back(Output::SwitchPower { modem, means, on: true });
        }
    }
}

fn to_table(means: &PowerMeans) -> Table {
    match means {
        PowerMeans::Authorization { device } => Table::new().with("device", device.as_str()),
        PowerMeans::Port { hub, port } => {
            let mut table = Table::new();
            table.put("hub", hub.as_str());
            table.put("port", *port);
            table
        }
        PowerMeans::Gpio { line } => Table::new().with("line", line.as_str()),
    }
}

/// What was kept is a file, and files can be anything.
fn from_table(table: &Table) -> Option<PowerMeans> {
    let text = |name| table.get_str(name).map(str::to_owned);
    let usb = |name| text(name).filter(|name| is_usb_device(name));
    if let Some(device) = usb("device") {
        return Some(PowerMeans::Authorization { device });
    }
    if let Some(line) = text("line") {
        return Some(PowerMeans::Gpio { line });
    }
    let port = table.get_i64("port")?;
    Some(PowerMeans::Port { hub: usb("hub")?, port: u8::try_from(port).ok()? })
}
