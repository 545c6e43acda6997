//! PPP sessions: netifd runs pppd for an interface, and is told to do so, and to end it, whenever
//! what the modem's driver wants differs from what runs.
//!
//! Of pppd's end netifd tells by taking the interface down, with the exit status; of its success
//! pppd's own scripts tell.

use super::calls::text;
use super::discovery::Found;
use super::interfaces::{Interface, Phase};
use super::netifd::{PppSession, ProtoUpdate};
use super::{CallError, Manager};
use crate::driver::dial::{point_to_point, refusal_of};
use crate::driver::{Failure, FailureKind, PppOrder, PppReport, quirk};
use crate::log;
use crate::time::{Duration, Instant};
use crate::types::{PppCall, Table};
use core::net::Ipv4Addr;

/// The longest name that the kernel gives to a net device.
const IFNAME_MAX: usize = 15;

/// How long pppd may take to end: it tells the other side, and asks twice (RFC 1661 4.6).
const ENDING_PATIENCE: Duration = Duration::from_secs(10);

/// What runs for an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pppd {
    /// Nothing.
    Absent,
    /// pppd for the session of this number.
    Running(u64),
    /// pppd that an earlier daemon had started.
    Kept,
    /// pppd that was told to end.
    Ending {
        /// When it has to be gone.
        until: Instant,
    },
}

impl Pppd {
    pub(super) const fn poll_timeout(self) -> Option<Instant> {
        match self {
            Self::Ending { until } => Some(until),
            Self::Absent | Self::Running(_) | Self::Kept => None,
        }
    }
}

/// What a modem's driver wants of PPP.
#[derive(Debug, Default)]
pub(super) struct PppSide {
    wish: Wish,
    /// The number of the last session.
    number: u64,
    /// What the modem answered when it was dialled last, if it refused.
    refusal: Option<Failure>,
    /// How often the port for data had to be changed.
    turns: usize,
    /// The port that the last session went over; `None` when that was an earlier daemon's.
    port: Option<String>,
}

#[derive(Debug, Default)]
enum Wish {
    /// No session.
    #[default]
    None,
    /// Whichever runs.
    Keep,
    /// The session of this number.
    Call(u64, PppCall),
}

/// Why a session ended, from pppd's exit status (pppd(8)); without one that is not known.
pub(super) fn ending(status: Option<i64>) -> Failure {
    let (kind, detail) = match status {
        None => (FailureKind::Network, "pppd has ended"),
        // 127: netifd found no pppd.
        Some(127) => (FailureKind::NoPpp, "there is no pppd"),
        Some(4) => (FailureKind::NoPpp, "the kernel lacks PPP"),
        Some(1..=3) => (FailureKind::PppUnusable, "pppd does not work here"),
        Some(5) => (FailureKind::Network, "pppd was told to end"),
        Some(6 | 7) => (FailureKind::PppUnusable, "another program has the port for data"),
        Some(8) => (FailureKind::Network, "dialling failed"),
        Some(10) => (FailureKind::Network, "the other side agrees to nothing"),
        Some(11 | 19) => (FailureKind::Auth, "user name or password was refused"),
        Some(15) => (FailureKind::Network, "the other side does not answer"),
        Some(16) => (FailureKind::Network, "the modem hung up"),
        Some(_) => (FailureKind::Network, "the other side ended PPP"),
    };
    Failure::new(kind, detail)
}

/// The net device of an interface's session. Stock handlers call theirs so too.
pub(super) fn ifname(interface: &str) -> String {
    let mut name = format!("ppp-{interface}");
    if name.len() > IFNAME_MAX {
        // Two that begin alike have to differ.
        let sum = interface.bytes().fold(0_u16, |sum, byte| sum.rotate_left(5) ^ u16::from(byte));
        name.truncate("ppp-".len());
        for c in interface.chars().filter(char::is_ascii_alphanumeric).take(7) {
            name.push(c);
        }
        name += &format!("{sum:04x}");
    }
    name
}

/// Whether a name can be said to pppd and to its scripts.
fn is_plain(interface: &str) -> bool {
    interface.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-.".contains(&c))
}

impl Manager {
    /// A driver wants something of PPP.
    pub(super) fn order_ppp(&mut self, id: &str, order: PppOrder) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.ppp.wish = match order {
            PppOrder::Start(call) => {
                slot.ppp.number = slot.ppp.number.saturating_add(1);
                Wish::Call(slot.ppp.number, call)
            }
            PppOrder::Keep => Wish::Keep,
            PppOrder::Stop => Wish::None,
        };
    }

    /// Has netifd run what the drivers want, and end what they do not want any more; whether a
    /// driver was told something.
    pub(super) fn follow_sessions(&mut self, now: Instant) -> bool {
        let mut is_told = false;
        for name in &self.interface_names() {
            let is_decided = self.is_decided(name);
            let Some(interface) = self.interfaces.get_mut(name) else { continue };
            if interface.phase != Phase::Active {
                continue;
            }
            let slot = interface.modem.as_ref().and_then(|id| self.slots.get(id));
            let wish = slot.map_or(&Wish::None, |slot| &slot.ppp.wish);
            match (interface.pppd, wish) {
                (Pppd::Absent, Wish::Call(..)) => is_told |= self.run_pppd(now, name),
                (Pppd::Ending { until }, _) if until <= now => {
                    // What is run next is run in its place.
                    interface.pppd = Pppd::Absent;
                    is_told = true;
                }
                (Pppd::Running(runs), Wish::Call(wanted, _)) if runs == *wanted => {}
                (Pppd::Kept, Wish::None) if !is_decided => {}
                (Pppd::Running(_) | Pppd::Kept, Wish::None | Wish::Call(..)) => {
                    interface.pppd = Pppd::Ending { until: now + ENDING_PATIENCE };
                    // Nobody goes on with what is about to end.
                    interface.modem.as_ref().map(|id| self.adoptable.remove(id));
                    self.update(name, ProtoUpdate::Kill);
                }
                // It has ended before anybody could go on with it.
                (Pppd::Absent, Wish::Keep) => {
                    let Some(id) = interface.modem.clone() else { continue };
                    is_told |= self.tell_ended(now, &id, ending(None));
                }
                (Pppd::Running(_) | Pppd::Kept, Wish::Keep)
                | (Pppd::Absent, Wish::None)
                | (Pppd::Ending { .. }, _) => {}
            }
        }
        is_told
    }

    /// Whether the driver was told that nothing can be run.
    fn run_pppd(&mut self, now: Instant, name: &str) -> bool {
        let Some(interface) = self.interfaces.get_mut(name) else { return false };
        let Some(slot) = interface.modem.as_ref().and_then(|id| self.slots.get_mut(id)) else {
            return false;
        };
        let Wish::Call(number, call) = &slot.ppp.wish else { return false };
        slot.ppp.refusal = None;
        let at = slot.at.port.as_ref().map(|(_, port)| port.as_str());
        let port = data_port(&slot.found, at, slot.ppp.turns).filter(|_| is_plain(name));
        interface.pppd = Pppd::Running(*number);
        let Some(port) = port else {
            let why = "the modem has no serial port for data";
            self.session_ended(now, name, Failure::new(FailureKind::PppUnusable, why));
            return true;
        };
        log::info!("{name}: dialling over {port}");
        slot.ppp.port = Some(port.clone());
        let session = PppSession { port, ifname: ifname(name), call: call.clone() };
        self.update(name, ProtoUpdate::Run(Box::new(session)));
        false
    }

    /// netifd does not run anything.
    pub(super) fn run_refused(&mut self, now: Instant, name: &str) {
        let why = "netifd does not start pppd";
        self.session_ended(now, name, Failure::new(FailureKind::PppUnusable, why));
    }

    /// pppd has ended. The driver hears of it unless it wanted that.
    pub(super) fn session_ended(&mut self, now: Instant, name: &str, failure: Failure) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        let was = std::mem::replace(&mut interface.pppd, Pppd::Absent);
        let Some(id) = interface.modem.clone() else { return };
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let is_wanted = match (&slot.ppp.wish, was) {
            (Wish::Call(wanted, _), Pppd::Running(number)) => *wanted == number,
            (Wish::Keep, Pppd::Running(_) | Pppd::Kept) => true,
            (Wish::None, Pppd::Kept) => {
                // Nobody has gone on with it yet.
                self.adoptable.remove(&id);
                return;
            }
            (Wish::None | Wish::Keep | Wish::Call(..), _) => false,
        };
        if is_wanted {
            self.tell_ended(now, &id, failure);
        }
    }

    /// Tells the driver that its session has ended; whether there is one.
    fn tell_ended(&mut self, now: Instant, id: &str, failure: Failure) -> bool {
        let Some(slot) = self.slots.get_mut(id) else { return false };
        slot.ppp.wish = Wish::None;
        let failure = slot.ppp.refusal.take().unwrap_or(failure);
        if failure.kind == FailureKind::Timeout {
            // Nobody there: the next one is asked.
            slot.ppp.turns = slot.ppp.turns.wrapping_add(1);
        }
        if let Some(driver) = &mut slot.driver {
            driver.handle_ppp(now, PppReport::Ended(failure));
            return true;
        }
        // The AT port is lost, and with it what could be told; nothing is left to go on with.
        self.adoptable.remove(id);
        false
    }

    /// The port that a session of a modem's is going over, as far as that is known.
    pub(super) fn session_port(&self, id: &str) -> Option<String> {
        let runs = |interface: &Interface| {
            interface.modem.as_deref() == Some(id) && interface.pppd != Pppd::Absent
        };
        let slot = self.slots.get(id).filter(|_| self.interfaces.values().any(runs))?;
        slot.ppp.port.clone().or_else(|| data_port(&slot.found, None, 0))
    }

    /// Interfaces that were not set up again after their pppd had ended are not to be up any more.
    pub(super) fn give_up_returning(&mut self, now: Instant) {
        let over = self.interfaces.names_of(&|_, interface| match interface.phase {
            Phase::Returning { deadline } => deadline <= now,
            Phase::Active | Phase::Unavailable | Phase::Blocked | Phase::TearingDown { .. } => {
                false
            }
        });
        for name in &over {
            self.let_go(now, name, true);
        }
    }

    /// What pppd's scripts tell, and the program that dials for it.
    pub(super) fn ppp(&mut self, now: Instant, args: &Table) -> Result<Table, CallError> {
        let name = text(args, "interface")?;
        let missing = || CallError::not_found("PPP session of interface", name);
        let interface = self.interfaces.get(name).ok_or_else(missing)?;
        let is_running = matches!(interface.pppd, Pppd::Running(_) | Pppd::Kept);
        let modem = interface.modem.as_ref().filter(|_| is_running).ok_or_else(missing)?;
        let slot = self.slots.get_mut(modem).ok_or_else(missing)?;
        let report = match text(args, "event")? {
            "ipv4" => {
                let address = text(args, "address")?.parse();
                let address: Ipv4Addr =
                    address.map_err(|_| CallError::invalid("address", "an IPv4 address"))?;
                let mut dns = Vec::new();
                for name in ["dns1", "dns2"] {
                    if let Some(Ok(address)) = args.get_str(name).map(str::parse::<Ipv4Addr>) {
                        dns.push(address);
                    }
                }
                PppReport::V4(point_to_point(address, dns))
            }
            "ipv6" => PppReport::V6,
            "refused" => {
                slot.ppp.refusal = Some(refusal_of(text(args, "result")?));
                return Ok(Table::new());
            }
            _ => return Err(CallError::invalid("event", "ipv4, ipv6 or refused")),
        };
        if let Some(driver) = &mut slot.driver {
            driver.handle_ppp(now, report);
        }
        Ok(Table::new())
    }
}

/// The serial port that data goes over; after others have failed, another.
fn data_port(found: &Found, at: Option<&str>, turns: usize) -> Option<String> {
    let interfaces = found.serial_interfaces();
    let order = quirk::ppp_order(found.device.vid, found.device.pid, &interfaces);
    let mut free = Vec::new();
    for i in order {
        if let Some(serial) = found.serial.get(i)
            && Some(serial.name.as_str()) != at
        {
            free.push(serial.name.as_str());
        }
    }
    let turn = turns.checked_rem(free.len())?;
    free.get(turn).map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::ifname;

    #[test]
    fn each_interface_has_a_net_device_of_its_own_that_the_kernel_takes() {
        assert_eq!(ifname("wan4g"), "ppp-wan4g");
        let long = ["backup_of_berlin", "backup_of_bremen", "backup_of_bonn_1"].map(ifname);
        for name in &long {
            assert!(name.len() <= 15, "{name}");
        }
        assert!(long[0] != long[1] && long[1] != long[2], "{long:?}");
        // Names of netifd's may be anything.
        assert!(ifname("\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}").len() <= 15);
    }
}
