//! Message devices: `/dev/cdc-wdm0`, `/dev/wwan0qmi0`, `/dev/wwan0mbim0`, `/dev/wwan0at0`.
//!
//! What the kernel gives as such a device, a test gives as a Unix socket or a pseudo-terminal.

use super::channel::{Channel, Closing};
use rustix::fs::{Mode, OFlags};
use rustix::net::SocketType;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

/// At most this many bytes wait for a device that does not take them.
pub const QUEUE_BYTES_MAX: usize = 64 * 1024;

/// Opens a device, or connects to the Unix socket at `path`: as `SOCK_SEQPACKET`, which keeps
/// message bounds as cdc-wdm does, else as `SOCK_STREAM`. A terminal is put into raw mode.
///
/// # Errors
/// `NotFound`, `ResourceBusy` when another program holds it, else what the driver reports.
pub fn open(path: &str) -> io::Result<Channel> {
    let named = |error| super::named(path, error);
    if std::fs::metadata(path).map_err(named)?.file_type().is_socket() {
        let fd = super::socket::connect(Path::new(path), SocketType::SEQPACKET)
            .or_else(|_| super::socket::connect(Path::new(path), SocketType::STREAM))
            .map_err(named)?;
        return Ok(Channel::new(fd, path, Closing::AtOnce, QUEUE_BYTES_MAX));
    }
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY;
    let fd = super::files::open(Path::new(path), flags, Mode::empty()).map_err(named)?;
    if rustix::termios::isatty(&fd) {
        super::terminal::make_raw(&fd).map_err(named)?;
    }
    Ok(Channel::new(fd, path, Closing::Aside, QUEUE_BYTES_MAX))
}
