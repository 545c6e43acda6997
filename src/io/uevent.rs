//! Kernel uevents: devices that come and go.

use super::netlink::{Message, Netlink};
use rustix::net::netlink::KOBJECT_UEVENT;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// The longest message: the kernel's `UEVENT_BUFFER_SIZE` of 2048 bytes and its header line.
pub const MESSAGE_BYTES_MAX: usize = 8192;

/// The group the kernel itself sends to; 2 is udev's.
const KERNEL_GROUP: u32 = 1;

/// A modem that is plugged in sends about fifty messages at once, each counted as some 1.3 KB.
const BUFFER_BYTES: usize = 256 * 1024;

/// The socket that hears them.
#[derive(Debug)]
pub struct Socket(Netlink);

impl Socket {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the kernel has no uevents.
    pub fn open() -> io::Result<Self> {
        Netlink::join("uevent", Some(KOBJECT_UEVENT), KERNEL_GROUP, BUFFER_BYTES).map(Self)
    }

    /// The next message, whole: `add@/devices/...`, then `KEY=value` fields, each ended by a NUL.
    /// `buf` holds [`MESSAGE_BYTES_MAX`].
    ///
    /// # Errors
    /// What the socket reports, except that lost messages are [`Message::Overflow`].
    pub fn recv<'a>(&mut self, buf: &'a mut [u8]) -> io::Result<Message<'a>> {
        self.0.receive(buf)
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
