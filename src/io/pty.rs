//! A pseudo-terminal of our own, for programs that want a serial port to themselves.

use super::channel::{Channel, Closing};
use super::terminal::make_raw;
use super::watch::Watcher;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// At most this many bytes wait for a program that does not read.
const QUEUE_BYTES_MAX: usize = 256 * 1024;

/// A pseudo-terminal, whose other side any program may open and close again.
#[derive(Debug)]
pub struct Pty {
    /// Our side.
    pub channel: Channel,
    /// Wakes when a program closes the other side.
    pub closings: Watcher,
    /// Kept open, or our side would count as hung up while no program is there.
    other: OwnedFd,
}

impl Pty {
    /// Makes one, raw, that its owner alone may open.
    ///
    /// # Errors
    /// When the system has no more of them.
    pub fn open() -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let own = openpt(flags).map_err(|error| super::named("pty", error))?;
        rustix::io::ioctl_fionbio(&own, true)?;
        grantpt(&own)?;
        unlockpt(&own)?;
        let name = ptsname(&own, Vec::new())?;
        let name = name.to_str().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK;
        let other = super::files::open(Path::new(name), flags, Mode::empty())
            .map_err(|error| super::named(name, error))?;
        rustix::fs::fchmod(&other, Mode::RUSR | Mode::WUSR)?;
        make_raw(&other)?;
        let mut closings = Watcher::new()?;
        closings.add_closings(Path::new(name))?;
        let channel = Channel::new(own, name, Closing::AtOnce, QUEUE_BYTES_MAX);
        Ok(Self { channel, closings, other })
    }

    /// After a program has closed the other side: makes it as it was for the next one, which reads
    /// nothing that was meant for the last.
    ///
    /// # Errors
    /// What the system reports.
    pub fn renew(&mut self) -> io::Result<()> {
        self.channel.forget();
        rustix::termios::tcflush(&self.other, rustix::termios::QueueSelector::IFlush)?;
        make_raw(&self.other)
    }
}
