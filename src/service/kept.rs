//! What the manager keeps over the daemon's end: one small file each, readable by root alone.
//!
//! Interfaces, recovery ladders, power that is off, bands on trial and where counters stand go to
//! `/var/run/ltewan`, which a restart of the router empties as it ends all that; marks of refused
//! PINs, the count of restarts in vain, short messages, access points that worked, what was
//! carried and how fast connections were go to `/etc/ltewan`, which survives upgrades too.

use super::paths::Paths;
use crate::io::path::{parent, with_suffix};
use crate::io::{error, files};
use crate::log;
use crate::manager::Kept;
use crate::types::Table;
use crate::wire::blobmsg;
use std::io;
use std::path::{Path, PathBuf};

/// The longest file written and read back.
const FILE_MAX: usize = 64 * 1024;

/// What a file's name stands for.
type Kind = fn(String) -> Kept;

/// What the names of the files in `/var/run/ltewan` end with, and what the rest of the name stands
/// for.
const IN_RUN: [(&str, Kind); 4] = [
    (".interface", Kept::Interface),
    (".ladder", Kept::Ladder),
    (".power", Kept::Power),
    (".choice", Kept::Choice),
];

/// The files in `/etc/ltewan`.
const IN_STATE: [Kept; 6] =
    [Kept::Marks, Kept::Reboots, Kept::Inbox, Kept::Apns, Kept::Usage, Kept::SpeedTests];

/// The form of the files in `/etc/ltewan`, which later versions of the daemon read as well, as
/// `format` in them. It goes up when an older daemon would misread a file.
const FORMAT: u32 = 1;

/// How many files of another version are kept of one; the last of them is replaced then.
const ASIDE_MAX: u8 = 5;

/// Only root: an interface's options hold its password, and messages are private.
const MODE: u32 = 0o600;

/// Everything an earlier daemon kept.
pub(super) fn read_all(paths: &Paths) -> Vec<(Kept, Table)> {
    let mut all = Vec::new();
    let mut kinds = Vec::new();
    for file in crate::io::sysfs::list(&paths.run) {
        for (suffix, kind) in &IN_RUN {
            if let Some(name) = file.strip_suffix(suffix) {
                kinds.push(kind(name.to_owned()));
            }
        }
    }
    kinds.push(Kept::UsageNow);
    kinds.extend(IN_STATE);
    for kept in kinds {
        let Some(path) = path(paths, &kept) else { continue };
        let bytes = match files::read_bounded(&path, FILE_MAX) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Set aside, and no PIN accepted from the owner since, which would begin it anew.
                if kept == Kept::Marks && with_suffix(&path, ".aside1").exists() {
                    all.push((kept, lost_marks(&path)));
                }
                continue;
            }
            Err(error) if kept == Kept::Marks && error.kind() != io::ErrorKind::FileTooLarge => {
                // It is as it was, and another time it may be read.
                log::error!("{error}");
                all.push((kept, lost_marks(&path)));
                continue;
            }
            bytes => bytes.ok(),
        };
        let table = bytes.and_then(|bytes| blobmsg::decode(&bytes).ok());
        let format = table.as_ref().and_then(|table| table.get("format")?.as_i64());
        let is_later = format.is_some_and(|format| format > i64::from(FORMAT));
        match table {
            Some(table) if !is_later => all.push((kept, table)),
            // This version's would replace it.
            _ if IN_STATE.contains(&kept) => {
                set_aside(&path);
                if kept == Kept::Marks {
                    all.push((kept, lost_marks(&path)));
                }
            }
            _ => {}
        }
    }
    all
}

/// What stands for the marks of refused PINs when they cannot be read.
fn lost_marks(path: &Path) -> Table {
    let path = path.display();
    log::error!("{path}: which PINs were refused is not known; none is sent until you send one");
    Table::new().with("lost", true)
}

/// Moves a file of a later version, or a damaged one, out of the way.
fn set_aside(path: &Path) {
    let from = path.display();
    match files::set_aside(path, ASIDE_MAX) {
        Ok(to) => log::warn!("{from}: of a later version, or damaged; kept as {}", to.display()),
        Err(error) => log::error!("{from}: of a later version, or damaged: {error}"),
    }
}

/// Keeps or forgets one thing.
///
/// # Errors
/// When it is too much for a file, or that cannot be written; the path is in the error.
pub(super) fn keep(paths: &Paths, kept: &Kept, content: Option<&Table>) -> io::Result<()> {
    let Some(path) = path(paths, kept) else {
        return Err(error::other("a name that cannot be a file's"));
    };
    match content {
        Some(table) => {
            let outlives_upgrades = IN_STATE.contains(kept);
            let format = outlives_upgrades.then(|| table.clone().with("format", FORMAT));
            let bytes = blobmsg::encode(format.as_ref().unwrap_or(table));
            let bytes = bytes.map_err(error::other)?;
            if bytes.len() > FILE_MAX {
                let why = format!("{}: too long to be read back", path.display());
                return Err(error::of_kind(io::ErrorKind::FileTooLarge, why));
            }
            if let Some(directory) = parent(&path) {
                files::create_dir(directory, 0o700)?;
            }
            files::write_atomic(&path, &bytes, MODE)
        }
        None => files::remove(&path),
    }
}

fn path(paths: &Paths, kept: &Kept) -> Option<PathBuf> {
    let name = match kept {
        Kept::Interface(name) => return in_run(paths, name, ".interface"),
        Kept::Ladder(modem) => return in_run(paths, modem, ".ladder"),
        Kept::Power(modem) => return in_run(paths, modem, ".power"),
        Kept::Choice(modem) => return in_run(paths, modem, ".choice"),
        Kept::UsageNow => return Some(paths.run.join("usage")),
        Kept::Marks => "refused-pins",
        Kept::Reboots => "reboots",
        Kept::Inbox => "messages",
        Kept::Apns => "apns",
        Kept::Usage => "usage",
        Kept::SpeedTests => "speed-tests",
    };
    Some(paths.state.join(name))
}

fn in_run(paths: &Paths, name: &str, suffix: &str) -> Option<PathBuf> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let safe = !name.is_empty() && !name.starts_with('.') && name.chars().all(plain);
    safe.then(|| paths.run.join(format!("{name}{suffix}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Value;

    #[test]
    fn what_outlives_upgrades_has_a_format_and_a_later_one_is_not_read() {
        let root = std::env::temp_dir().join(format!("ltewan-kept-{}", std::process::id()));
        let paths = Paths::below(&root);
        let table = Table::new().with("count", 2u32);
        keep(&paths, &Kept::Reboots, Some(&table)).unwrap();
        let read = read_all(&paths);
        assert_eq!(read, [(Kept::Reboots, table.clone().with("format", FORMAT))]);

        let later = blobmsg::encode(&table.with("format", FORMAT + 1)).unwrap();
        for n in 1..=2 {
            std::fs::write(paths.state.join("reboots"), &later).unwrap();
            assert_eq!(read_all(&paths), []);
            keep(&paths, &Kept::Reboots, Some(&Table::new())).unwrap();
            assert_eq!(
                std::fs::read(paths.state.join(format!("reboots.aside{n}"))).unwrap(),
                later
            );
        }
        std::fs::write(paths.state.join("messages"), vec![0; FILE_MAX + 1]).unwrap();
        assert_eq!(read_all(&paths).len(), 1);
        assert!(!paths.state.join("messages").exists());
        assert!(paths.state.join("messages.aside1").exists());
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn marks_that_cannot_be_read_stand_for_any_pin_until_others_are_kept() {
        let root = std::env::temp_dir().join(format!("ltewan-kept-marks-{}", std::process::id()));
        let paths = Paths::below(&root);
        let lost = [(Kept::Marks, Table::new().with("lost", true))];
        assert_eq!(read_all(&paths), []);
        // Reading a directory fails, and not because nothing is there.
        let marks = paths.state.join("refused-pins");
        std::fs::create_dir_all(&marks).unwrap();
        assert_eq!(read_all(&paths), lost);
        assert!(marks.exists());
        std::fs::remove_dir(&marks).unwrap();
        assert_eq!(read_all(&paths), []);

        std::fs::write(&marks, b"damaged").unwrap();
        for _ in 0..2 {
            assert_eq!(read_all(&paths), lost);
            assert!(!marks.exists());
        }
        let table = Table::new().with("marks", Value::Array(Vec::new()));
        keep(&paths, &Kept::Marks, Some(&table)).unwrap();
        assert_eq!(read_all(&paths), [(Kept::Marks, table.with("format", FORMAT))]);
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        let root = std::env::temp_dir().join(format!("ltewan-kept-long-{}", std::process::id()));
        let paths = Paths::below(&root);
        let of = |length| Table::new().with("text", "x".repeat(length));
        let most = (1..FILE_MAX).rfind(|n| {
            let table = of(*n).with("format", FORMAT);
            blobmsg::encode(&table).unwrap().len() <= FILE_MAX
        });
        let most = most.unwrap();
        keep(&paths, &Kept::Inbox, Some(&of(most))).unwrap();
        let error = keep(&paths, &Kept::Inbox, Some(&of(most + 1))).unwrap_err();
        assert!(error.to_string().contains("etc/ltewan/messages"), "{error}");
        assert_eq!(read_all(&paths), [(Kept::Inbox, of(most).with("format", FORMAT))]);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
