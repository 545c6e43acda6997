//! sysfs: what the kernel says about devices, and its knobs.
//!
//! A device may be unplugged between any two calls, so what is missing is `None`, not an error.

use super::path;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// An attribute is at most one page.
const ATTRIBUTE_BYTES_MAX: usize = 4096;

/// The names in a directory, sorted; none when it is not there. Names that are not UTF-8, which the
/// kernel never gives, are left out.
pub fn list(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut names = Vec::new();
    for entry in entries {
        if let Ok(entry) = entry
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    names
}

/// An attribute's text without white space around it. Bytes that are not UTF-8 are replaced: a
/// modem chooses its own `product` string.
pub fn read(path: &Path) -> Option<String> {
    let bytes = super::files::read_bounded(path, ATTRIBUTE_BYTES_MAX).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// The text of the attribute of that name.
#[inline(never)]
pub fn read_in(dir: &Path, name: &str) -> Option<String> {
    read(&dir.join(name))
}

/// What a file that is not text holds; `None` when it cannot be read.
pub fn read_bytes(path: &Path) -> Option<Vec<u8>> {
    super::files::read_bounded(path, ATTRIBUTE_BYTES_MAX).ok()
}

/// Where a symbolic link of the kernel's points at, as a path without `..`: those of `/sys/class`
/// lead to devices at once, with no further link on the way.
pub fn link_target(of: &Path) -> Option<PathBuf> {
    let link = fs::read_link(of).ok()?;
    let mut target = if link.is_absolute() { Path::new("/") } else { path::parent(of)? }.to_owned();
    for part in link.as_os_str().as_bytes().split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => target = path::parent(&target).unwrap_or(&target).to_owned(),
            _ => target.push(OsStr::from_bytes(part)),
        }
    }
    Some(target)
}

/// The last part of what a symbolic link points at, such as the name of a `driver`.
pub fn link_name(of: &Path) -> Option<String> {
    let target = fs::read_link(of).ok()?;
    Some(path::name(&target).to_str()?.to_owned())
}

/// Whether there is such a file or directory.
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// Writes `text` to the attribute of that name, which must already be there.
///
/// # Errors
/// As of [`write()`].
#[inline(never)]
pub fn write_in(dir: &Path, name: &str, text: &str) -> io::Result<()> {
    write(&dir.join(name), text)
}

/// Writes `text` to an attribute that must already be there.
///
/// # Errors
/// `NotFound`, or why the driver refused the value.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    super::files::open(path, OFlags::WRONLY, Mode::empty())
        .and_then(|file| fs::File::from(file).write_all(text.as_bytes()))
        .map_err(|error| super::at(path, error))
}
