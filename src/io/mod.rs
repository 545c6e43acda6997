//! The operating system: file descriptors, the clock, sysfs, netlink, the log.
//!
//! The only folder with system calls and with `unsafe`. Nothing here parses what it reads or
//! decides what to do next: bytes and facts go up, bytes and orders come down. Every descriptor is
//! close-on-exec and non-blocking, and every error names the path or device it is about.

pub mod aside;
mod channel;
pub mod chardev;
pub mod child;
pub mod clock;
pub mod close;
pub mod entry;
pub mod environment;
pub mod error;
pub mod faults;
pub mod files;
pub mod gpio;
pub mod log;
pub mod netdev;
mod netlink;
mod opening;
pub mod path;
pub mod poll;
pub mod privileges;
pub mod probe;
pub mod program;
pub mod prompt;
pub mod pty;
pub mod random;
pub mod signals;
pub mod socket;
mod spawn;
pub mod stdio;
pub mod sysfs;
mod terminal;
mod threads;
pub mod tty;
pub mod uevent;
pub mod watch;

pub use channel::{Channel, Received};
pub use netlink::Message;
pub use opening::Opening;

use std::io;
use std::path::Path;

#[cfg(test)]
mod tests;

/// The same error, with the path it is about in front. Its kind stays.
fn at(path: &Path, error: impl Into<io::Error>) -> io::Error {
    named(&path.display().to_string(), error)
}

/// The same error, with the name of what it is about in front. Its kind stays.
fn named(name: &str, error: impl Into<io::Error>) -> io::Error {
    let error = error.into();
    error::of_kind(error.kind(), format!("{name}: {error}"))
}
