//! Opening without waiting.
//!
//! Opening a serial port of a modem tells it that a terminal is ready, and the driver waits for the
//! answer: five seconds of a hung one (`USB_CTRL_SET_TIMEOUT`). A sleeping device is woken first.
//! The loop may not stand still for that, so the call happens [`aside`](super::aside).

use super::Channel;
use super::aside::Aside;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// A port that is being opened; its descriptor becomes readable when that is done. Dropping it
/// gives the port up, and closes it as soon as it is open.
#[derive(Debug)]
pub struct Opening(Aside<Channel>);

impl Opening {
    /// Starts to open `path` with `open`.
    ///
    /// # Errors
    /// When there are no descriptors or threads to be had.
    pub fn start(path: &str, open: fn(&str) -> io::Result<Channel>) -> io::Result<Self> {
        let path = path.to_owned();
        Aside::start(c"open", move || open(&path)).map(Self)
    }

    /// The open port, or why it cannot be opened; `None` while it is not known yet.
    pub fn take(&mut self) -> Option<io::Result<Channel>> {
        Some(self.0.take()?.map(|channel| *channel))
    }
}

impl AsFd for Opening {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
