//! Waiting: the one place where the daemon sleeps.
#![expect(unsafe_code, reason = "rustix takes musl's seconds for 64 bits wide, where they are 32")]

use crate::time::Duration;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};

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
    let mut polled: Vec<libc::pollfd> =
        fds.iter().map(|(fd, interest)| polled(fd, *interest)).collect();
    let count = polled.len().try_into().map_err(super::error::other)?;
    loop {
        let left = deadline.map_or(-1, |end| millis(end.saturating_since(super::clock::now())));
        // SAFETY: the pointer is to that many live entries, whose descriptors are borrowed.
        if unsafe { libc::poll(polled.as_mut_ptr(), count, left) } >= 0 {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(super::named("poll", error));
        }
    }
    Ok(polled.iter().map(|fd| ready(fd.revents)).collect())
}

/// The millisecond begun counts whole, for who wakes too early only waits again. No wait is longer
/// than 24 days.
fn millis(length: Duration) -> i32 {
    let begun = u128::from(!length.is_zero());
    (length.as_millis() + begun).try_into().unwrap_or(i32::MAX)
}

fn polled(fd: &BorrowedFd<'_>, interest: Interest) -> libc::pollfd {
    let events = match interest {
        Interest::Read => libc::POLLIN,
        Interest::ReadWrite => libc::POLLIN | libc::POLLOUT,
    };
    libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 }
}

fn ready(seen: libc::c_short) -> Ready {
    let any = |flags| seen & flags != 0;
    Ready {
        readable: any(libc::POLLIN),
        writable: any(libc::POLLOUT),
        closed: any(libc::POLLHUP | libc::POLLERR | libc::POLLNVAL),
    }
}
