//! One open control port or socket: non-blocking reads, and writes that queue.

use super::poll::Interest;
use crate::map::Queue;
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// What a read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// This many bytes are at the front of the buffer.
    Bytes(usize),
    /// Nothing for the moment.
    Nothing,
    /// The other side or the device is gone; nothing will ever come again.
    Closed,
}

/// How a channel's descriptor is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// Here: closing a socket does not wait for anybody.
    AtOnce,
    /// On a thread of its own: the driver may wait for a modem that does not answer.
    Aside,
    /// As `Aside`, after giving up the exclusive use of a tty so that it can be opened again.
    AsideTty,
}

/// An open tty, character device or Unix socket.
///
/// Dropping it closes the descriptor without ever stalling the caller.
#[derive(Debug)]
pub struct Channel {
    /// `None` only while dropping.
    fd: Option<OwnedFd>,
    name: String,
    closing: Closing,
    /// Messages that the kernel has not taken yet; of the first, perhaps only the rest.
    queue: Queue<Vec<u8>>,
    queued_bytes: usize,
    queue_bytes_max: usize,
}

impl Channel {
    /// Wraps `fd`, which must be non-blocking and close-on-exec.
    pub(super) fn new(fd: OwnedFd, name: &str, closing: Closing, queue_bytes_max: usize) -> Self {
        Self {
            fd: Some(fd),
            name: name.to_owned(),
            closing,
            queue: Queue::new(),
            queued_bytes: 0,
            queue_bytes_max,
        }
    }

    /// The path it was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the loop must wait for: writing only while something is queued.
    pub fn interest(&self) -> Interest {
        if self.queue.is_empty() { Interest::Read } else { Interest::ReadWrite }
    }

    /// Reads what there is, at most `buf.len()` bytes. A message device gives one message a read,
    /// so `buf` must hold the longest one.
    ///
    /// # Errors
    /// What the driver reports, except that every way of saying "gone" is [`Received::Closed`].
    pub fn read(&mut self, buf: &mut [u8]) -> io::Result<Received> {
        let Some(fd) = &self.fd else { return Ok(Received::Closed) };
        loop {
            return match rustix::io::read(fd, &mut *buf) {
                Ok(0) => Ok(Received::Closed),
                Ok(count) => Ok(Received::Bytes(count)),
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => Ok(Received::Nothing),
                Err(error) if is_gone(error) => Ok(Received::Closed),
                Err(error) => Err(super::named(&self.name, error)),
            };
        }
    }

    /// Sends the whole of `message`, at once or as soon as the kernel takes it: then
    /// [`Channel::interest`] asks for writability and [`Channel::flush`] goes on.
    ///
    /// # Errors
    /// `WouldBlock` when the queue is full, and then nothing of `message` was taken; otherwise as
    /// for [`Channel::flush`].
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        if message.is_empty() {
            return Ok(());
        }
        let total = self.queued_bytes.saturating_add(message.len());
        if total > self.queue_bytes_max {
            return Err(super::named(&self.name, io::Error::from(io::ErrorKind::WouldBlock)));
        }
        self.queue.push_back(message.to_vec());
        self.queued_bytes = total;
        self.flush()
    }

    /// Drops what is queued: whoever it was for is gone.
    pub(super) fn forget(&mut self) {
        self.queue.clear();
        self.queued_bytes = 0;
    }

    /// Writes as much of the queue as the kernel takes now.
    ///
    /// # Errors
    /// `BrokenPipe` when the other side or the device is gone, else what the driver reports. The
    /// channel is then of no more use for writing.
    pub fn flush(&mut self) -> io::Result<()> {
        let Some(fd) = &self.fd else { return Ok(()) };
        while let Some(first) = self.queue.first_mut() {
            match rustix::io::write(fd, first) {
                Ok(count) => {
                    self.queued_bytes = self.queued_bytes.saturating_sub(count);
                    if count >= first.len() {
                        self.queue.pop_front();
                    } else {
                        first.drain(..count);
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) if is_gone(error) => {
                    let gone = io::Error::from(io::ErrorKind::BrokenPipe);
                    return Err(super::named(&self.name, gone));
                }
                Err(error) => return Err(super::named(&self.name, error)),
            }
        }
        Ok(())
    }
}

impl AsFd for Channel {
    #[expect(clippy::expect_used, reason = "only Drop takes the descriptor away")]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_ref().expect("the descriptor is there until the drop").as_fd()
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let Some(fd) = self.fd.take() else { return };
        match self.closing {
            Closing::AtOnce => drop(fd),
            Closing::Aside => super::close::aside(fd),
            Closing::AsideTty => {
                // Failure means that the device is gone, and its locks with it.
                let _ = rustix::termios::ioctl_tiocnxcl(&fd);
                let _ = rustix::fs::flock(&fd, rustix::fs::FlockOperation::NonBlockingUnlock);
                super::close::aside(fd);
            }
        }
    }
}

/// Whether an error means that the device was unplugged or the peer left: a tty whose device is
/// gone says EIO, cdc-wdm says ENODEV, a socket EPIPE or ECONNRESET, a shut-down driver ESHUTDOWN.
fn is_gone(error: Errno) -> bool {
    [Errno::IO, Errno::NODEV, Errno::NXIO, Errno::PIPE, Errno::CONNRESET, Errno::SHUTDOWN]
        .contains(&error)
}
