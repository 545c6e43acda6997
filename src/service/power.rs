//! Takes the power of modems away and gives it back, or what stands for it: consent of the kernel,
//! a hub's port, a GPIO line.
//!
//! The kernel disconnects drivers while it does so, which of a hung modem takes seconds; so every
//! order is carried out aside of the loop.

use super::gpio::Held;
use super::paths::Paths;
use crate::io::aside::Aside;
use crate::io::sysfs;
use crate::manager::Input;
use crate::map::Map;
use crate::types::{PowerMeans, is_usb_device};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// Which order; never used twice.
pub type OrderId = u64;

/// The orders that are being carried out, and the lines that are switched off.
#[derive(Debug, Default)]
pub struct Power {
    orders: Map<OrderId, Order>,
    /// By the name of the line.
    held: Map<String, Held>,
    next: OrderId,
}

#[derive(Debug)]
struct Order {
    modem: String,
    means: PowerMeans,
    on: bool,
    work: Aside<Outcome>,
}

/// What has become of an order: the line that is off now, and whether it was done.
#[derive(Debug)]
struct Outcome {
    held: Option<Held>,
    result: io::Result<()>,
}

impl Power {
    /// Starts to carry out an order. What the manager is told of it, if that is known at once: it
    /// is refused while another one for that modem is being carried out.
    pub fn start(
        &mut self,
        paths: &Paths,
        modem: &str,
        means: &PowerMeans,
        on: bool,
    ) -> Option<Input> {
        let refused = |reason: String| Some(told(modem, on, Err(reason)));
        if self.orders.values().any(|order| order.modem == modem) {
            return refused("it is still being switched".to_owned());
        }
        // Two modems may share a line: each would take what the other left for its rest.
        if !on && self.orders.values().any(|order| order.means == *means) {
            return refused("it is being switched for another modem".to_owned());
        }
        let work = match means {
            PowerMeans::Authorization { device } => device_directory(paths, device)
                .and_then(|directory| aside(directory, "authorized", if on { "1" } else { "0" })),
            PowerMeans::Port { hub, port } => port_directory(paths, hub, *port)
                .and_then(|directory| aside(directory, "disable", if on { "0" } else { "1" })),
            PowerMeans::Gpio { line } => self.switch_line(paths, line, on),
        };
        match work {
            Ok(work) => {
                let (modem, means) = (modem.to_owned(), means.clone());
                self.orders.insert(self.next, Order { modem, means, on, work });
                self.next = self.next.saturating_add(1);
                None
            }
            Err(error) => refused(error.to_string()),
        }
    }

    /// What to wait for until it is readable.
    pub fn iter(&self) -> impl Iterator<Item = (OrderId, BorrowedFd<'_>)> {
        self.orders.iter().map(|(id, order)| (*id, order.work.as_fd()))
    }

    /// What has become of an order; `None` while it is being carried out.
    pub fn done(&mut self, id: OrderId) -> Option<Input> {
        let outcome = self.orders.get_mut(&id)?.work.take()?;
        let Order { modem, means, on, .. } = self.orders.take(&id)?;
        let result = outcome.and_then(|outcome| {
            if let (PowerMeans::Gpio { line }, Some(held)) = (means, outcome.held) {
                self.held.insert(line, held);
            }
            outcome.result
        });
        Some(told(&modem, on, result.map_err(|error| error.to_string())))
    }

    fn switch_line(&mut self, paths: &Paths, line: &str, on: bool) -> io::Result<Aside<Outcome>> {
        let held = self.held.take(line);
        let (paths, line) = (paths.clone(), line.to_owned());
        start(move || {
            let held = match (held, on) {
                (Some(held), _) => Ok(held),
                (None, true) => Held::recall(&paths, &line),
                (None, false) => Held::switch_off(&paths, &line),
            };
            let held = match held {
                Ok(held) => held,
                Err(error) => return Outcome { held: None, result: Err(error) },
            };
            let result = if on { held.switch_on() } else { Ok(()) };
            Outcome { held: Some(held).filter(|_| !on || result.is_err()), result }
        })
    }
}

fn told(modem: &str, on: bool, result: Result<(), String>) -> Input {
    Input::PowerSwitched { modem: modem.to_owned(), on, result }
}

fn start(work: impl FnOnce() -> Outcome + Send + 'static) -> io::Result<Aside<Outcome>> {
    Aside::start(c"power", move || Ok(work()))
}

fn aside(directory: PathBuf, name: &'static str, text: &'static str) -> io::Result<Aside<Outcome>> {
    start(move || Outcome { held: None, result: write(&directory, name, text) })
}

/// Writes to a port or a device. A socket of USB 3 is two ports of two hubs, and loses its supply
/// when both are off.
fn write(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    let switched = sysfs::write_in(directory, name, text);
    let peer = directory.join("peer").join(name);
    if !sysfs::exists(&peer) {
        return switched;
    }
    switched.and(sysfs::write(&peer, text))
}

fn device_directory(paths: &Paths, device: &str) -> io::Result<PathBuf> {
    if is_usb_device(device) {
        return Ok(paths.sys.join("bus/usb/devices").join(device));
    }
    Err(crate::io::error::other(format!(
        "{device}: neither a USB device nor a hub that is no root hub"
    )))
}

fn port_directory(paths: &Paths, hub: &str, port: u8) -> io::Result<PathBuf> {
    Ok(device_directory(paths, hub)?.join(format!("{hub}:1.0/{hub}-port{port}")))
}
