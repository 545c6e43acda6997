//! Unix sockets: the bus.

use super::channel::{Channel, Closing};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// At most this many bytes wait for a peer that does not read: two of the largest bus messages.
pub const QUEUE_BYTES_MAX: usize = 2 * 1024 * 1024 + 4096;

/// Connects to the stream socket at `path`, without blocking.
///
/// A peer that leaves shows as [`super::Received::Closed`] and as `closed` in
/// [`super::poll::Ready`].
///
/// # Errors
/// `NotFound` or `ConnectionRefused` when nobody listens, `WouldBlock` when the listener's backlog
/// is full: all worth another attempt later.
pub fn connect_stream(path: &Path) -> io::Result<Channel> {
    let fd = connect(path, SocketType::STREAM).map_err(|error| super::at(path, error))?;
    Ok(Channel::new(fd, &path.to_string_lossy(), Closing::AtOnce, QUEUE_BYTES_MAX))
}

/// A connected socket of `kind`. The error does not name the path.
pub(super) fn connect(path: &Path, kind: SocketType) -> io::Result<OwnedFd> {
    let address = SocketAddrUnix::new(path)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd = rustix::net::socket_with(AddressFamily::UNIX, kind, flags, None)?;
    rustix::net::connect(&fd, &address)?;
    Ok(fd)
}
