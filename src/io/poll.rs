//! Waiting: the one place where the daemon sleeps.

use crate::time::Duration;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::BorrowedFd;

/// What to be woken for. Hang-up and errors always wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// There is something to read.
    Read,
    /// There is something to read, or what is queued can be written.
    ReadWrite,
}

/// How one descriptor stands after a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// A read will not block: there are bytes, or the end, or an error to collect.
    pub readable: bool,
    /// A write will not block.
    pub writable: bool,
    /// The other side hung up or the device is gone. There may still be bytes to read first.
    pub closed: bool,
}

impl Ready {
    /// Whether there is anything to do at all.
    pub const fn any(self) -> bool {
        self.readable || self.writable || self.closed
    }
}

/// Sleeps until a descriptor is ready or `timeout` has passed; `None` waits for ever.
///
/// Answers one [`Ready`] for each of `fds`, in their order; none is ready after a time-out. A
/// signal does not end the wait early.
///
/// # Errors
/// Only for lack of memory or for a descriptor count above the process's limit.
pub fn wait(
    fds: &[(BorrowedFd<'_>, Interest)],
    timeout: Option<Duration>,
) -> io::Result<Vec<Ready>> {
    let deadline = timeout.map(|length| super::clock::now() + length);
    let mut polled: Vec<PollFd<'_>> =
        fds.iter().map(|&(fd, interest)| PollFd::from_borrowed_fd(fd, flags(interest))).collect();
    loop {
        let left = deadline.map(|end| end.saturating_since(super::clock::now()));
        // A length no timespec holds is as good as no time-out.
        let left = left.and_then(|length| Timespec::try_from(length).ok());
        match poll(&mut polled, left.as_ref()) {
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(error) => return Err(super::named("poll", error)),
        }
    }
    Ok(polled.iter().map(|fd| ready(fd.revents())).collect())
}

fn flags(interest: Interest) -> PollFlags {
    match interest {
        Interest::Read => PollFlags::IN,
        Interest::ReadWrite => PollFlags::IN | PollFlags::OUT,
    }
}

fn ready(seen: PollFlags) -> Ready {
    let closed = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    Ready {
        readable: seen.contains(PollFlags::IN),
        writable: seen.contains(PollFlags::OUT),
        closed: seen.intersects(closed),
    }
}
