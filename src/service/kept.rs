//! What the manager keeps over the daemon's end: one small file each, readable by root alone.
//!
//! Interfaces go to `/var/run/ltewan`, which a restart of the router empties as it ends their
//! connections; marks of refused PINs go to `/etc/ltewan`, which survives upgrades too.

use super::paths::Paths;
use crate::io::files;
use crate::manager::Kept;
use crate::types::Table;
use crate::wire::blobmsg;
use std::io;
use std::path::PathBuf;

/// The longest file read back.
const FILE_MAX: usize = 64 * 1024;

/// Ends the names of interfaces' files.
const INTERFACE_SUFFIX: &str = ".interface";

/// Only root: an interface's options hold its password.
const MODE: u32 = 0o600;

/// Everything an earlier daemon kept.
pub(super) fn read_all(paths: &Paths) -> Vec<(Kept, Table)> {
    let mut all = Vec::new();
    let interfaces = crate::io::sysfs::list(&paths.run);
    let named = |file: String| file.strip_suffix(INTERFACE_SUFFIX).map(str::to_owned);
    let kept = interfaces.into_iter().filter_map(named).map(Kept::Interface);
    for kept in kept.chain([Kept::Marks]) {
        let Some(path) = path(paths, &kept) else { continue };
        let table =
            files::read_bounded(&path, FILE_MAX).ok().and_then(|b| blobmsg::decode(&b).ok());
        all.extend(table.map(|table| (kept, table)));
    }
    all
}

/// Keeps or forgets one thing.
///
/// # Errors
/// When the file cannot be written; the path is in the error.
pub(super) fn keep(paths: &Paths, kept: &Kept, content: Option<&Table>) -> io::Result<()> {
    let Some(path) = path(paths, kept) else {
        return Err(io::Error::other("a name that cannot be a file's"));
    };
    match content {
        Some(table) => {
            let bytes = blobmsg::encode(table).map_err(io::Error::other)?;
            if let Some(directory) = path.parent() {
                files::create_dir(directory, 0o700)?;
            }
            files::write_atomic(&path, &bytes, MODE)
        }
        None => files::remove(&path),
    }
}

fn path(paths: &Paths, kept: &Kept) -> Option<PathBuf> {
    match kept {
        Kept::Interface(name) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            let safe = !name.is_empty() && !name.starts_with('.') && name.chars().all(plain);
            safe.then(|| paths.run.join(format!("{name}{INTERFACE_SUFFIX}")))
        }
        Kept::Marks => Some(paths.state.join("refused-pins")),
    }
}
