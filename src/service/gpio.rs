//! Finds the GPIO line that a name or a number stands for, and switches or sets it.

use super::paths::Paths;
use crate::io::gpio::{Chip, Line};
use crate::io::{error, files, sysfs};
use crate::manager::Input;
use crate::map::Map;
use crate::types::SlotLineOrder;
use crate::types::text::plain;
use std::io;
use std::path::{Path, PathBuf};

/// A line that is switched off. What it is like when it is on is written down, so that the next
/// daemon can switch it on when this one ends before.
#[derive(Debug)]
pub(super) struct Held {
    line: Found,
    on: Value,
    record: PathBuf,
}

/// Lines that are set, by name. One that had to be taken stays ours, so that nothing changes it.
#[derive(Debug, Default)]
pub(super) struct Lines(Map<String, Found>);

impl Lines {
    /// Makes a line what it is to be, or leaves it; what the manager is told.
    pub(super) fn carry_out(&mut self, paths: &Paths, order: SlotLineOrder) -> Input {
        let result = self.set(paths, &order.line, order.high);
        Input::SlotLine(order, result.map_err(|error| error.to_string()))
    }

    fn set(&mut self, paths: &Paths, name: &str, high: Option<bool>) -> io::Result<bool> {
        let line = match self.0.take(name) {
            Some(line) => line,
            None => find(paths, name)?,
        };
        let mut value = line.value()?;
        if let Some(high) = high {
            line.drive(high, value.is_output)?;
            value = line.value()?;
            if value.high != high {
                return Err(named(&name, "does not follow"));
            }
        }
        self.0.insert(name.to_owned(), line);
        Ok(value.high)
    }
}

/// What a line is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    high: bool,
    is_output: bool,
}

#[derive(Debug)]
enum Found {
    /// A directory of `/sys/class/gpio`.
    Exported(PathBuf),
    /// A line of a character device, and whether it was an output when it was taken.
    Taken(Line, bool),
}

impl Held {
    /// Inverts a line.
    ///
    /// # Errors
    /// `NotFound` when no line, or more than one, goes by that name; else what the driver reports.
    pub(super) fn switch_off(paths: &Paths, name: &str) -> io::Result<Self> {
        let line = find(paths, name)?;
        let on = line.value()?;
        let record = record(paths, name);
        let text = if on.is_output { "out" } else { "in" };
        files::create_dir(&paths.run, 0o700)?;
        let text = format!("{} {text}", u8::from(on.high));
        files::write_atomic(&record, text.as_bytes(), 0o600)?;
        if let Err(error) = line.drive(!on.high, on.is_output) {
            files::remove(&record)?;
            return Err(error);
        }
        Ok(Self { line, on, record })
    }

    /// A line that an earlier daemon has switched off.
    ///
    /// # Errors
    /// When none has; else as [`Held::switch_off`].
    pub(super) fn recall(paths: &Paths, name: &str) -> io::Result<Self> {
        let line = find(paths, name)?;
        let record = record(paths, name);
        let on = match sysfs::read(&record).as_deref().and_then(|text| text.split_once(' ')) {
            Some((high, direction)) => Value { high: high == "1", is_output: direction == "out" },
            None => return Err(error::other(format!("{name}: was not switched off"))),
        };
        Ok(Self { line, on, record })
    }

    /// Makes the line what it was.
    ///
    /// # Errors
    /// What the driver reports; to be tried again.
    pub(super) fn switch_on(&self) -> io::Result<()> {
        let Value { high, is_output } = self.on;
        if is_output {
            self.line.drive(high, true)?;
        } else {
            self.line.let_go()?;
        }
        files::remove(&self.record)
    }
}

fn record(paths: &Paths, name: &str) -> PathBuf {
    paths.run.join(format!("{name}.gpio"))
}

impl Found {
    fn value(&self) -> io::Result<Value> {
        match self {
            Self::Exported(directory) => {
                let path = directory.join("value");
                let value = sysfs::read(&path).filter(|value| value == "0" || value == "1");
                let high = value.ok_or_else(|| named(&path.display(), "no value"))? == "1";
                let direction = sysfs::read_in(directory, "direction");
                Ok(Value { high, is_output: direction.as_deref() != Some("in") })
            }
            Self::Taken(line, is_output) => {
                Ok(Value { high: line.value()?, is_output: *is_output })
            }
        }
    }

    fn drive(&self, high: bool, is_output: bool) -> io::Result<()> {
        match self {
            Self::Exported(directory) if is_output => {
                sysfs::write_in(directory, "value", if high { "1" } else { "0" })
            }
            Self::Exported(directory) => {
                // Makes it an output that starts with this value.
                sysfs::write_in(directory, "direction", if high { "high" } else { "low" })
            }
            Self::Taken(line, _) => line.drive(high),
        }
    }

    fn let_go(&self) -> io::Result<()> {
        match self {
            Self::Exported(directory) => sysfs::write_in(directory, "direction", "in"),
            Self::Taken(line, _) => line.let_go(),
        }
    }
}

fn find(paths: &Paths, name: &str) -> io::Result<Found> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(named(&plain(name), "not the name of a GPIO line"));
    }
    let class = paths.sys.join("class/gpio");
    let number: Option<u32> = name.parse().ok();
    // Of the kernel's own files there, none but the controllers' directories have a number in them.
    let mut exported = vec![class.join(name)];
    if let Some(number) = number {
        exported.push(class.join(format!("gpio{number}")));
    }
    for directory in exported {
        if sysfs::exists(&directory.join("value")) {
            return Ok(Found::Exported(directory));
        }
    }
    let (chip, offset) = match number {
        Some(number) => by_number(&chips(paths), &class, number)?,
        None => by_name(&chips(paths), name)?,
    };
    let chip = Chip::open(&chip)?;
    let is_output = chip.line_info(offset)?.is_output;
    Ok(Found::Taken(chip.take(offset)?, is_output))
}

/// The controllers' device nodes.
fn chips(paths: &Paths) -> Vec<PathBuf> {
    let mut chips = Vec::new();
    for name in sysfs::list(&paths.dev) {
        if name.starts_with("gpiochip") {
            chips.push(paths.dev.join(name));
        }
    }
    chips
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
    for name in sysfs::list(class) {
        if !name.starts_with("gpiochip") {
            continue;
        }
        let chip = class.join(&name);
        let attribute = |attribute: &str| sysfs::read_in(&chip, attribute);
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
    error::of_kind(io::ErrorKind::NotFound, format!("{name}: {what}"))
}
