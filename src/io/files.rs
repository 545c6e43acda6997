//! Small files: configuration read, state kept.

use super::path::{name, parent, with_suffix};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::retry_on_intr;
use std::fs;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
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

/// Opens a file; programs that are started do not get it.
///
/// # Errors
/// What the system reports, without the path.
#[inline(never)]
pub(super) fn open(path: &Path, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
    Ok(retry_on_intr(|| rustix::fs::open(path, flags | OFlags::CLOEXEC, mode))?)
}

fn read_at_most(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    let file = open(path, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty())?;
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
    let file = open(path, OFlags::CREATE | OFlags::RDWR, Mode::RUSR | Mode::WUSR);
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
    if let Some(dir) = parent(path)
        && let Ok(dir) = open(dir, OFlags::RDONLY, Mode::empty())
    {
        let _ = retry_on_intr(|| rustix::fs::fsync(&dir));
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
    let mode = Mode::from_raw_mode(mode);
    let file = open(path, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, mode)?;
    rustix::fs::fchmod(&file, mode)?;
    let mut file = fs::File::from(file);
    file.write_all(bytes)?;
    Ok(retry_on_intr(|| rustix::fs::fsync(&file))?)
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
