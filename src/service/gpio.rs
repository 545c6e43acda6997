//! Finds the GPIO line that a name or a number stands for, and switches it.

use super::paths::Paths;
use crate::io::gpio::{Chip, Line};
use crate::io::sysfs;
use std::io;
use std::path::{Path, PathBuf};

/// A line that is switched off, and what it is like when it is on.
#[derive(Debug)]
pub(super) struct Held {
    line: Found,
    /// Its value when it is on.
    high: bool,
}

#[derive(Debug)]
enum Found {
    /// A directory of `/sys/class/gpio`, and whether it is an output when it is on.
    Exported { directory: PathBuf, was_output: bool },
    /// A line of a character device.
    Taken(Line),
}

impl Held {
    /// Inverts a line.
    ///
    /// # Errors
    /// `NotFound` when no line, or more than one, goes by that name; else what the driver reports.
    pub(super) fn switch_off(paths: &Paths, name: &str) -> io::Result<Self> {
        let line = find(paths, name)?;
        let high = line.value()?;
        line.drive(!high)?;
        Ok(Self { line, high })
    }

    /// Makes the line what it was.
    ///
    /// # Errors
    /// What the driver reports; to be tried again.
    pub(super) fn switch_on(&self) -> io::Result<()> {
        match &self.line {
            Found::Exported { directory, was_output: false } => {
                sysfs::write(&directory.join("direction"), "in")
            }
            Found::Exported { .. } => self.line.drive(self.high),
            Found::Taken(line) => line.release(self.high),
        }
    }
}

impl Found {
    fn value(&self) -> io::Result<bool> {
        match self {
            Self::Exported { directory, .. } => {
                let path = directory.join("value");
                let value = sysfs::read(&path).filter(|value| value == "0" || value == "1");
                value.map(|value| value == "1").ok_or_else(|| named(&path.display(), "no value"))
            }
            Self::Taken(line) => line.value(),
        }
    }

    fn drive(&self, high: bool) -> io::Result<()> {
        match self {
            Self::Exported { directory, was_output: true } => {
                sysfs::write(&directory.join("value"), if high { "1" } else { "0" })
            }
            Self::Exported { directory, was_output: false } => {
                // Makes it an output that starts with this value.
                sysfs::write(&directory.join("direction"), if high { "high" } else { "low" })
            }
            Self::Taken(line) => line.drive(high),
        }
    }
}

fn find(paths: &Paths, name: &str) -> io::Result<Found> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(named(&name.escape_debug(), "not the name of a GPIO line"));
    }
    let class = paths.sys.join("class/gpio");
    let number: Option<u32> = name.parse().ok();
    // Of the kernel's own files there, none but the controllers' directories have a number in them.
    let exported = [Some(name.to_owned()), number.map(|number| format!("gpio{number}"))];
    for directory in exported.into_iter().flatten().map(|name| class.join(name)) {
        if sysfs::exists(&directory.join("value")) {
            let direction = sysfs::read(&directory.join("direction"));
            let was_output = direction.as_deref() != Some("in");
            return Ok(Found::Exported { directory, was_output });
        }
    }
    let (chip, offset) = match number {
        Some(number) => by_number(&chips(paths), &class, number)?,
        None => by_name(&chips(paths), name)?,
    };
    Chip::open(&chip)?.take(offset).map(Found::Taken)
}

/// The controllers' device nodes.
fn chips(paths: &Paths) -> Vec<PathBuf> {
    let names = sysfs::list(&paths.dev).into_iter();
    names.filter(|name| name.starts_with("gpiochip")).map(|name| paths.dev.join(name)).collect()
}

fn by_name(chips: &[PathBuf], name: &str) -> io::Result<(PathBuf, u32)> {
    let mut found = Vec::new();
    for path in chips {
        let chip = Chip::open(path)?;
        for offset in 0..chip.info()?.lines {
            // A line that cannot be asked about is not the one.
            if chip.line_info(offset).is_ok_and(|info| info.name == name) {
                found.push((path.clone(), offset));
            }
        }
    }
    only(found, name)
}

/// Numbers are known to sysfs alone: what a controller there is called leads to its device node.
fn by_number(chips: &[PathBuf], class: &Path, number: u32) -> io::Result<(PathBuf, u32)> {
    let mut found = Vec::new();
    for name in sysfs::list(class).into_iter().filter(|name| name.starts_with("gpiochip")) {
        let attribute = |attribute: &str| sysfs::read(&class.join(&name).join(attribute));
        let count = |name| attribute(name).and_then(|text| text.parse::<u32>().ok());
        let (Some(base), Some(lines)) = (count("base"), count("ngpio")) else { continue };
        let offset = number.checked_sub(base).filter(|offset| *offset < lines);
        let (Some(offset), Some(label)) = (offset, attribute("label")) else { continue };
        for path in chips {
            let info = Chip::open(path)?.info()?;
            if info.lines == lines && info.label == label {
                found.push((path.clone(), offset));
            }
        }
    }
    only(found, &number.to_string())
}

/// Nothing is switched on a guess.
fn only(mut found: Vec<(PathBuf, u32)>, name: &str) -> io::Result<(PathBuf, u32)> {
    let line = found.pop().ok_or_else(|| named(&name, "no such GPIO line"))?;
    if found.is_empty() { Ok(line) } else { Err(named(&name, "more than one such GPIO line")) }
}

fn named(name: &dyn std::fmt::Display, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{name}: {what}"))
}
