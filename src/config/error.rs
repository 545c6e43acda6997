//! What is wrong with an option, for the log and for `status`.

use crate::types::text::plain;
use crate::types::uci::Package;
use core::fmt;

/// An option that could not be read and counts as not set.
///
/// Shown as `uci` would name it: `ltewan.internal.control='x': expected auto, qmi, mbim, ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file in `/etc/config`: `ltewan` or `network`.
    pub file: &'static str,
    /// The section as `uci show` names it: `internal`, `@modem[0]`.
    pub section: String,
    /// The option; `None` when the section itself is wrong.
    pub option: Option<String>,
    /// What was found; `None` when that is a secret, or nothing.
    pub value: Option<String>,
    /// What is allowed, as a phrase for people.
    pub expected: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.file, self.section)?;
        if let Some(option) = &self.option {
            write!(f, ".{option}")?;
        }
        if let Some(value) = &self.value {
            // A value may hold line ends or escape sequences, which have no place in a log.
            write!(f, "='{}'", plain(value))?;
        }
        write!(f, ": expected {}", self.expected)
    }
}

impl core::error::Error for ConfigError {}

/// The section at `index` as `uci show` names it.
pub(super) fn section_label(package: &Package, index: usize) -> String {
    let Some(section) = package.sections.get(index) else { return String::new() };
    if let Some(name) = &section.name {
        return name.clone();
    }
    let before = package.sections.iter().take(index);
    let same_kind = before.filter(|other| other.kind == section.kind).count();
    format!("@{}[{same_kind}]", section.kind)
}
