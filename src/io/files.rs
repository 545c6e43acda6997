//! Small files: configuration read, state kept.

use super::path::{name, parent, with_suffix};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::retry_on_intr;
use std::fs;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The longest single read.
const READ_BYTES: usize = 4096;

/// The whole of a file of at most `max` bytes. Devices and pipes are never waited for.
///
/// # Errors
/// `FileTooLarge` above `max`; else what the system reports.
pub fn read_bounded(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    read_at_most(path, max).map_err(|error| super::at(path, error))
}

fn read_at_most(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    let nonblocking = OFlags::NONBLOCK.bits();
    let flags = i32::try_from(nonblocking).unwrap_or(0);
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let mut bytes = Vec::new();
    let mut buf = vec![0; READ_BYTES];
    loop {
        let count = retry_on_intr(|| rustix::io::read(&file, &mut buf))?;
        if count == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(buf.get(..count).unwrap_or_default());
        if bytes.len() > max {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
    }
}

/// Takes a file as the sign that one process is at work; given back when the process ends or the
/// result is dropped.
///
/// # Errors
/// `WouldBlock` when another process has it.
pub fn lock(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR);
    let locked = file.and_then(|file| {
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(file)
    });
    locked.map_err(|error| super::at(path, error))
}

/// Replaces the file at `path` by one with these bytes and permission bits: whoever reads it, or
/// finds it after a power cut, sees the old content or the new and nothing between.
///
/// # Errors
/// What the system reports; the old file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let temporary = temporary_beside(path);
    let result = write_new(&temporary, bytes, mode).and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result.map_err(|error| super::at(path, error))?;
    // The rename is done; that some file system cannot sync a directory takes nothing from it.
    if let Some(dir) = parent(path).and_then(|dir| fs::File::open(dir).ok()) {
        let _ = dir.sync_all();
    }
    Ok(())
}

/// `.name.new` in the same directory, hence on the same file system. One daemon writes there, so a
/// fixed name is enough, and what a crash left behind is overwritten.
fn temporary_beside(path: &Path) -> PathBuf {
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name(path));
    beside.push(".new");
    parent(path).unwrap_or(Path::new("")).join(beside)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // Removed first, so that a symbolic link planted there is never followed.
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Moves a file out of the way, to the first of so many names that is free, or the last of them:
/// `name.aside1`. Returns where it is.
///
/// # Errors
/// What the system reports.
pub fn set_aside(path: &Path, names: u8) -> io::Result<PathBuf> {
    let name = |n: u8| with_suffix(path, &format!(".aside{n}"));
    let free = (1..names).map(name).find(|name| !name.exists());
    let aside = free.unwrap_or_else(|| name(names));
    fs::rename(path, &aside).map_err(|error| super::at(path, error))?;
    Ok(aside)
}

/// Removes a file. That it is not there is no error.
///
/// # Errors
/// What the system reports.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(super::at(path, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes a directory, and those above it, with these permission bits. That it is already there is
/// no error.
///
/// # Errors
/// What the system reports.
pub fn create_dir(path: &Path, mode: u32) -> io::Result<()> {
    make_dir(path, mode).map_err(|error| super::at(path, error))
}

fn make_dir(path: &Path, mode: u32) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = parent(path) {
        make_dir(above, mode)?;
    }
    match fs::DirBuilder::new().mode(mode).create(path) {
        // Another has made it since.
        Err(_) if path.is_dir() => Ok(()),
        done => done,
    }
}
