//! The standard input, output and error. `std` has buffers with locks for all of them, which is
//! 4 KB of code on MIPS.

use rustix::stdio;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;

/// The standard input, to wait for.
pub const fn input() -> BorrowedFd<'static> {
    stdio::stdin()
}

/// Reads what there is, at least one byte.
///
/// # Errors
/// `UnexpectedEof` when nothing will come any more, else what the system reports.
pub fn read(buf: &mut [u8]) -> io::Result<usize> {
    match rustix::io::read(input(), buf)? {
        0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        count => Ok(count),
    }
}

/// Writes all of it at once, nothing held back: a line to a modem.
///
/// # Errors
/// What the system reports.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = Output::standard();
    out.write_all(bytes)?;
    out.flush()
}

/// What is written to people and programs: held back until a line has ended, and the rest until
/// this is dropped.
#[derive(Debug)]
pub struct Output {
    fd: BorrowedFd<'static>,
    line: Vec<u8>,
}

impl Output {
    /// The standard output.
    pub const fn standard() -> Self {
        Self { fd: stdio::stdout(), line: Vec::new() }
    }

    /// The standard error.
    pub const fn error() -> Self {
        Self { fd: stdio::stderr(), line: Vec::new() }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if bytes.contains(&b'\n') {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            let written = rustix::io::retry_on_intr(|| rustix::io::write(self.fd, rest))?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            rest = rest.get(written..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
