//! Opening without waiting.
//!
//! Opening a serial port of a modem tells it that a terminal is ready, and the driver waits for the
//! answer: five seconds of a hung one (`USB_CTRL_SET_TIMEOUT`). A sleeping device is woken first.
//! The loop may not stand still for that, so the call happens on a short-lived thread.

use super::Channel;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

/// Enough for a few system calls.
const STACK_BYTES: usize = 64 * 1024;

/// A port that is being opened; its descriptor becomes readable when that is done. Dropping it
/// gives the port up, and closes it as soon as it is open.
#[derive(Debug)]
pub struct Opening {
    /// The other end is closed by the thread.
    done: UnixStream,
    result: Receiver<io::Result<Channel>>,
}

impl Opening {
    /// Starts to open `path` with `open`.
    ///
    /// # Errors
    /// When there are no descriptors or threads to be had.
    pub fn start(path: &str, open: fn(&str) -> io::Result<Channel>) -> io::Result<Self> {
        let (done, end) = UnixStream::pair()?;
        let (sender, result) = channel();
        let path = path.to_owned();
        let thread = thread::Builder::new().name("open".to_owned()).stack_size(STACK_BYTES);
        thread.spawn(move || {
            // Nobody may want it any more; then it is dropped here.
            let _ = sender.send(open(&path));
            // Whoever sees the end of the stream finds nothing undecided.
            drop(sender);
            drop(end);
        })?;
        Ok(Self { done, result })
    }

    /// The open port, or why it cannot be opened; `None` while it is not known yet.
    pub fn take(&self) -> Option<io::Result<Channel>> {
        match self.result.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(io::Error::other("opening has failed"))),
        }
    }
}

impl AsFd for Opening {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.done.as_fd()
    }
}
