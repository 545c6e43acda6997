//! Directories whose entries come and go, by inotify: `/dev` where there are no uevents, and the
//! socket of a bus that is not up yet; and devices that programs close.

use rustix::fs::inotify;
use rustix::io::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// Watches any number of directories and says only that something happened in one of them.
#[derive(Debug)]
pub struct Watcher {
    fd: OwnedFd,
}

impl Watcher {
    /// A watcher of nothing yet.
    ///
    /// # Errors
    /// When the kernel has no inotify or the user's limit of instances is reached.
    pub fn new() -> io::Result<Self> {
        let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
        let fd = inotify::init(flags).map_err(|error| super::named("inotify", error))?;
        Ok(Self { fd })
    }

    /// Also watches `dir` for entries created, deleted, renamed, or closed after writing.
    ///
    /// # Errors
    /// `NotFound`, `NotADirectory`, or the user's limit of watches.
    pub fn add(&mut self, dir: &Path) -> io::Result<()> {
        let events = inotify::WatchFlags::CREATE
            | inotify::WatchFlags::DELETE
            | inotify::WatchFlags::MOVE
            | inotify::WatchFlags::ONLYDIR;
        inotify::add_watch(&self.fd, dir, events).map_err(|error| super::at(dir, error))?;
        Ok(())
    }

    /// Also watches a device for programs that close it.
    ///
    /// # Errors
    /// `NotFound`, or the user's limit of watches.
    pub fn add_closings(&mut self, path: &Path) -> io::Result<()> {
        let events = inotify::WatchFlags::CLOSE_WRITE | inotify::WatchFlags::CLOSE_NOWRITE;
        inotify::add_watch(&self.fd, path, events).map_err(|error| super::at(path, error))?;
        Ok(())
    }

    /// Takes all that has been reported; says whether it was anything. A lost report counts as one.
    ///
    /// # Errors
    /// What the kernel reports.
    pub fn drain(&mut self) -> io::Result<bool> {
        let mut space = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.fd, &mut space);
        let mut seen = false;
        loop {
            match reader.next() {
                Ok(_) => seen = true,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(seen),
                Err(error) => return Err(super::named("inotify", error)),
            }
        }
    }
}

impl AsFd for Watcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
