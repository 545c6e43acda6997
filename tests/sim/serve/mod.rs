//! Simulated modems as a program: one poll loop, a control socket, and a body for each modem.
//!
//! A body is what makes a modem visible: a USB device in a guest ([`vhci`]), or ptys, a TUN device
//! and a made-up root directory on a PC ([`pty`]). The modem itself is [`crate::sim`].

mod control;
mod descriptors;
mod ntb;
pub(crate) mod pty;
mod rndis;
mod sysfs;
mod tun;
mod usb;
pub(crate) mod vhci;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;

use ltewan::time::{Duration, Instant};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};

use crate::sim::{Command, Config, DeviceEvent, SimModem};
use control::Control;

/// How a modem is shown to the outside.
pub(crate) trait Body {
    /// Appears. `WouldBlock` asks to be called again after [`RETRY`].
    fn attach(&mut self, config: &Config) -> io::Result<()>;

    /// Disappears.
    fn detach(&mut self);

    /// Descriptors to wait for, with what for.
    fn interests(&self) -> Vec<(BorrowedFd<'_>, PollFlags)>;

    /// Takes what has come from the host.
    fn read(&mut self, now: Instant, modem: &mut SimModem);

    /// Passes on what the modem says, and writes as much as goes.
    fn write(&mut self, now: Instant, modem: &mut SimModem);
}

/// Time until a failed attach is tried again.
const RETRY: Duration = Duration::from_millis(20);
/// Attempts before an attach is given up.
const ATTEMPTS: u32 = 500;

/// A place to plug a modem in.
struct Slot<B> {
    modem: SimModem,
    body: B,
    /// An attach that has to be tried again: when, and how often it failed.
    retry: Option<(Instant, u32)>,
}

impl<B: Body> Slot<B> {
    /// Moves everything that can be moved without waiting.
    fn pump(&mut self, now: Instant) {
        if self.modem.poll_timeout().is_some_and(|at| at <= now) {
            self.modem.handle_timeout(now);
        }
        self.body.read(now, &mut self.modem);
        self.body.write(now, &mut self.modem);
        while let Some(event) = self.modem.poll_device() {
            match event {
                DeviceEvent::Detached => {
                    self.body.detach();
                    self.retry = None;
                }
                DeviceEvent::Attached => self.attach(now, 0),
            }
        }
        if let Some((at, failures)) = self.retry.filter(|(at, _)| *at <= now) {
            let _ = at;
            self.attach(now, failures);
        }
        self.body.write(now, &mut self.modem);
    }

    fn attach(&mut self, now: Instant, failures: u32) {
        self.retry = match self.body.attach(self.modem.config()) {
            Ok(()) => None,
            Err(error) if is_passing(&error) && failures < ATTEMPTS => {
                Some((now + RETRY, failures + 1))
            }
            Err(error) => {
                report(&format!("attach: {error}"));
                None
            }
        };
    }

    fn poll_timeout(&self) -> Option<Instant> {
        [self.modem.poll_timeout(), self.retry.map(|(at, _)| at)].into_iter().flatten().min()
    }
}

/// The place is not free yet: a device of the modem that was there before is still being removed.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ResourceBusy)
}

/// All modems and the control socket.
pub(crate) struct Server<B> {
    control: Control,
    slots: BTreeMap<u8, Slot<B>>,
    /// Makes the body for a port.
    make: Box<dyn Fn(u8) -> B>,
    done: bool,
}

impl<B: Body> Server<B> {
    /// A server that listens at `socket` and has no modem yet.
    pub(crate) fn new(socket: &Path, make: impl Fn(u8) -> B + 'static) -> io::Result<Self> {
        let control = Control::bind(socket)?;
        Ok(Self { control, slots: BTreeMap::new(), make: Box::new(make), done: false })
    }

    /// Runs until told to quit.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        while !self.done {
            let now = clock();
            for slot in self.slots.values_mut() {
                slot.pump(now);
            }
            self.wait(now)?;
            for (connection, line) in self.control.read_lines() {
                let answer = self.execute(clock(), &line).unwrap_or_else(|e| format!("error {e}"));
                self.control.answer(connection, &answer);
            }
        }
        for slot in self.slots.values_mut() {
            slot.body.detach();
        }
        Ok(())
    }

    /// Waits until something can be done.
    fn wait(&self, now: Instant) -> io::Result<()> {
        let bodies = self.slots.values().flat_map(|slot| slot.body.interests());
        let interests = self.control.interests().into_iter().chain(bodies);
        let mut fds: Vec<PollFd<'_>> =
            interests.map(|(fd, flags)| PollFd::from_borrowed_fd(fd, flags)).collect();
        let wake = self.slots.values().filter_map(Slot::poll_timeout).min();
        let timeout = wake.map(|at| at.saturating_since(now) + Duration::from_micros(100));
        let timeout = timeout.and_then(|length| Timespec::try_from(length).ok());
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out one line of the control socket.
    fn execute(&mut self, now: Instant, line: &str) -> Result<String, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["plug", port, settings @ ..] => self.plug(now, number(port)?, settings)?,
            ["unplug", port] => self.slot(port)?.modem.command(now, &Command::Unplug),
            ["stats", port] | [port, "stats"] => return Ok(self.slot(port)?.modem.stats_json()),
            ["at-log", port] => return Ok(self.slot(port)?.modem.stats().at_log.join("|")),
            ["list"] => {
                let modems = self.slots.iter().map(|(port, slot)| {
                    let state = if slot.modem.is_attached() { "plugged" } else { "unplugged" };
                    format!("{port}:{}:{state}", slot.modem.config().identity.imei)
                });
                return Ok(modems.collect::<Vec<_>>().join(" "));
            }
            ["quit"] => self.done = true,
            [port, ..] if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                let rest = line.trim_start().strip_prefix(port).unwrap_or_default();
                let command = Command::parse(rest.trim())?;
                self.slot(port)?.modem.command(now, &command);
            }
            _ => return Err(format!("what is '{line}'?")),
        }
        for slot in self.slots.values_mut() {
            slot.pump(now);
        }
        Ok("ok".into())
    }

    /// Plugs a new modem in, or the one that was unplugged when nothing is said about it.
    fn plug(&mut self, now: Instant, port: u8, settings: &[&str]) -> Result<(), String> {
        if let Some(slot) = self.slots.get_mut(&port) {
            if slot.modem.is_attached() {
                return Err(format!("port {port} is taken"));
            }
            if settings.is_empty() {
                slot.modem.command(now, &Command::Replug(Duration::ZERO));
                slot.modem.handle_timeout(now);
                return Ok(());
            }
        }
        let mut config = Config::for_port(port);
        config.apply(settings.iter().copied())?;
        let modem = SimModem::new(now, config);
        let body = (self.make)(port);
        let mut slot = Slot { modem, body, retry: None };
        slot.attach(now, 0);
        self.slots.insert(port, slot);
        Ok(())
    }

    fn slot(&mut self, port: &str) -> Result<&mut Slot<B>, String> {
        let port = number(port)?;
        self.slots.get_mut(&port).ok_or_else(|| format!("no modem at port {port}"))
    }
}

fn number(text: &str) -> Result<u8, String> {
    crate::sim::config::number("port", text)
}

/// The time since boot.
fn clock() -> Instant {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    Instant::from_micros(seconds.saturating_mul(1_000_000).saturating_add(nanos / 1000))
}

/// Tells whoever started the program.
#[expect(clippy::print_stderr, reason = "a program's own complaints belong there")]
fn report(text: &str) {
    eprintln!("simmodem: {text}");
}
