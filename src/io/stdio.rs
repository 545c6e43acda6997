//! The standard input and output as a line to a modem: bytes as they come, nothing held back.

use std::io::{self, Stdin, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// The standard input, to wait for.
pub fn input(stdin: &Stdin) -> BorrowedFd<'_> {
    stdin.as_fd()
}

/// Reads what there is, at least one byte.
///
/// # Errors
/// `UnexpectedEof` when nothing will come any more, else what the system reports.
pub fn read(buf: &mut [u8]) -> io::Result<usize> {
    match rustix::io::read(io::stdin(), buf)? {
        0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        count => Ok(count),
    }
}

/// Writes all of it.
///
/// # Errors
/// What the system reports.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(bytes)?;
    out.flush()
}
