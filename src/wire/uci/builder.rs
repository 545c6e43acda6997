//! The sections of a UCI file while it is read: what repeats is merged as libuci's `list.c` does.

use super::{MAX_SECTIONS, MAX_VALUES, UciErrorKind};
use crate::map::Map;
use crate::types::uci::{OptionValue, Package, Section};

/// A package that grows by one command at a time.
#[derive(Debug, Default)]
pub(super) struct Builder {
    package: Package,
    /// Where the first section of a name is; the names libuci invents are among them.
    sections: Map<String, usize>,
    /// Where the option of a name is, in the section of a number.
    options: Map<(usize, String), usize>,
    /// The section that options go to.
    open: Option<usize>,
    values: usize,
}

impl Builder {
    /// Whether a section was opened.
    pub(super) const fn has_section(&self) -> bool {
        self.open.is_some()
    }

    /// What was read.
    pub(super) fn finish(self) -> Package {
        self.package
    }

    /// `config TYPE`: always a new section.
    pub(super) fn open_anonymous(&mut self, kind: &[u8]) -> Result<(), UciErrorKind> {
        let invented = invented_name(self.package.sections.len().saturating_add(1), kind);
        self.append(kind, None)?;
        let index = self.package.sections.len().saturating_sub(1);
        self.sections.or_insert(invented, index);
        Ok(())
    }

    /// `config TYPE NAME`: a new section, or more of the one that has this name.
    pub(super) fn open_named(&mut self, kind: &[u8], name: &[u8]) -> Result<(), UciErrorKind> {
        let name = text(name);
        let Some(&index) = self.sections.get(&name) else {
            self.append(kind, Some(name.clone()))?;
            self.sections.insert(name, self.package.sections.len().saturating_sub(1));
            return Ok(());
        };
        let same = self.package.sections.get(index).is_some_and(|s| s.kind.as_bytes() == kind);
        if !same {
            return Err(UciErrorKind::TypeMismatch);
        }
        self.open = Some(index);
        Ok(())
    }

    /// `option NAME VALUE`: takes the place of what was there. Without a value it does nothing,
    /// not even to an option set before.
    pub(super) fn set(&mut self, name: &[u8], value: Vec<u8>) -> Result<(), UciErrorKind> {
        if value.is_empty() {
            return Ok(());
        }
        self.count_value()?;
        match self.slot(name) {
            Some((_, old)) => *old = OptionValue::Single(value),
            None => self.insert(name, OptionValue::Single(value)),
        }
        Ok(())
    }

    /// `list NAME VALUE`: one more element, an empty one too. An option of that name becomes the
    /// first.
    pub(super) fn add_list(&mut self, name: &[u8], value: Vec<u8>) -> Result<(), UciErrorKind> {
        self.count_value()?;
        match self.slot(name) {
            Some((_, OptionValue::List(list))) => list.push(value),
            Some((_, single @ OptionValue::Single(_))) => {
                let old = core::mem::replace(single, OptionValue::List(Vec::new()));
                if let (OptionValue::Single(old), OptionValue::List(list)) = (old, single) {
                    list.extend([old, value]);
                }
            }
            None => self.insert(name, OptionValue::List(vec![value])),
        }
        Ok(())
    }

    fn append(&mut self, kind: &[u8], name: Option<String>) -> Result<(), UciErrorKind> {
        if self.package.sections.len() >= MAX_SECTIONS {
            return Err(UciErrorKind::TooLarge);
        }
        self.open = Some(self.package.sections.len());
        self.package.sections.push(Section { kind: text(kind), name, options: Vec::new() });
        Ok(())
    }

    fn count_value(&mut self) -> Result<(), UciErrorKind> {
        if self.values >= MAX_VALUES {
            return Err(UciErrorKind::TooLarge);
        }
        self.values = self.values.saturating_add(1);
        Ok(())
    }

    /// The option called `name` in the open section.
    fn slot(&mut self, name: &[u8]) -> Option<&mut (String, OptionValue)> {
        let section = self.open?;
        let index = *self.options.get(&(section, text(name)))?;
        self.package.sections.get_mut(section)?.options.get_mut(index)
    }

    fn insert(&mut self, name: &[u8], value: OptionValue) {
        let Some(open) = self.open else { return };
        let Some(section) = self.package.sections.get_mut(open) else { return };
        self.options.insert((open, text(name)), section.options.len());
        section.options.push((text(name), value));
    }
}

/// A name or type as text. Both are ASCII by the time they come here.
fn text(ascii: &[u8]) -> String {
    String::from_utf8_lossy(ascii).into_owned()
}

/// The name libuci gives the anonymous section that is the `count`th of its file, as `cfg02dc81`:
/// a later `config` of that name means this section.
fn invented_name(count: usize, kind: &[u8]) -> String {
    let step = |hash: u32, c: &u8| hash.wrapping_mul(33).wrapping_add(u32::from(*c));
    let hash = kind.iter().fold(5381, step);
    format!("cfg{count:02x}{:04x}", hash & 0xffff)
}
