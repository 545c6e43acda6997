//! Serial ports: the AT and NMEA ports of USB modems.

use super::channel::{Channel, Closing};
use super::terminal;
use std::io;
use std::os::fd::OwnedFd;

/// The rate a port is set to. USB and PCIe modems ignore it; real UARTs mostly expect this one.
pub const BAUD_RATE: u32 = 115_200;

/// At most this many bytes wait for a port that does not take them.
pub const QUEUE_BYTES_MAX: usize = 16 * 1024;

/// Opens `path` raw, 8N1, for this process alone (`TIOCEXCL` and an advisory lock). Does not wait
/// for carrier, and leaves DTR to the driver, which raises it.
///
/// # Errors
/// `NotFound` when there is no such device, `ResourceBusy` when another program holds it, else
/// what the driver reports.
pub fn open(path: &str) -> io::Result<Channel> {
    let port = serialport::new(path, BAUD_RATE);
    let port = serialport::TTYPort::open(&port).map_err(|error| super::named(path, error))?;
    let fd = owned(port);
    keep_dtr(&fd).map_err(|error| super::named(path, error))?;
    // serialport hands its ports out blocking.
    rustix::io::ioctl_fionbio(&fd, true).map_err(|error| super::named(path, error))?;
    Ok(Channel::new(fd, path, Closing::AsideTty, QUEUE_BYTES_MAX))
}

/// Leaves DTR up when the port is closed. Lowering it is a question to the modem, for whose answer
/// the end of this process would wait too, and nothing depends on it.
fn keep_dtr(fd: &OwnedFd) -> io::Result<()> {
    let mut settings = terminal::settings(fd)?;
    settings.c_cflag &= !libc::HUPCL;
    terminal::set(fd, &settings, false)
}

#[expect(unsafe_code, reason = "serialport gives its descriptor away only as a number")]
fn owned(port: serialport::TTYPort) -> OwnedFd {
    use std::os::fd::{FromRawFd, IntoRawFd};
    // SAFETY: `into_raw_fd` gives up an open descriptor that nothing else owns.
    unsafe { OwnedFd::from_raw_fd(port.into_raw_fd()) }
}
