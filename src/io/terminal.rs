//! Settings of terminals, by the C library: rustix asks with `TCGETS2`, which emulators of other
//! processors (that of qemu 7.2) do not know.
#![expect(unsafe_code, reason = "the C library's calls take pointers")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};

/// The settings of the terminal `fd`.
///
/// # Errors
/// When it is not a terminal, or gone.
pub(super) fn settings(fd: impl AsFd) -> io::Result<libc::termios> {
    let mut settings = MaybeUninit::zeroed();
    // SAFETY: The descriptor is open as long as the borrow, and the memory is that of a `termios`.
    let result = unsafe { libc::tcgetattr(fd.as_fd().as_raw_fd(), settings.as_mut_ptr()) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: The call above filled it in.
    Ok(unsafe { settings.assume_init() })
}

/// Changes them at once; `discard` throws away what was received and not yet read.
///
/// # Errors
/// As [`settings`].
pub(super) fn set(fd: impl AsFd, settings: &libc::termios, discard: bool) -> io::Result<()> {
    let when = if discard { libc::TCSAFLUSH } else { libc::TCSANOW };
    // SAFETY: As above; the C library only reads the settings.
    let result = unsafe { libc::tcsetattr(fd.as_fd().as_raw_fd(), when, settings) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Lets bytes through as they are: no echo, no lines, no signals.
///
/// # Errors
/// As [`settings`].
pub(super) fn make_raw(fd: impl AsFd) -> io::Result<()> {
    let mut raw = settings(&fd)?;
    // SAFETY: The C library only changes the settings.
    unsafe { libc::cfmakeraw(&raw mut raw) };
    set(&fd, &raw, false)
}
