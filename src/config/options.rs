//! The options of one section, from a UCI file or from netifd, read one by one into types.
//!
//! Collects an error for each that cannot be read, and at the end for each that nobody asked for.

use super::ConfigError;
use crate::types::text::contains;
use crate::types::uci::{OptionValue, Section};
use crate::types::{Invalid, Secret, Table, Value, decimal, redact};
use core::ops::RangeInclusive;

/// The longest value shown in an error, in characters.
const MAX_SHOWN: usize = 64;

/// The most errors reported for one section; each further one would be noise in the log.
const MAX_ERRORS: usize = 32;

/// The most elements read of one list.
const MAX_LIST: usize = 64;

/// The options whose values are told to nobody.
const SECRETS: [&str; 2] = ["pincode", "password"];

/// What becomes of a text.
type Taker<'a> = &'a mut dyn FnMut(&str) -> Result<(), Invalid>;

/// What an option holds, whoever wrote it.
enum Raw {
    One(String),
    Many(Vec<String>),
}

/// The options of one section while they are read.
pub(super) struct Options {
    file: &'static str,
    section: String,
    values: Vec<(String, Raw)>,
    /// The names asked for so far.
    known: Vec<&'static str>,
    /// Whether a name that nobody asks for is an error.
    strict: bool,
    errors: Vec<ConfigError>,
}

impl Options {
    /// The options of a section of `/etc/config/{file}`.
    pub(super) fn of_section(file: &'static str, label: String, section: &Section) -> Self {
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let mut values = Vec::new();
        for (name, value) in &section.options {
            let raw = match value {
                OptionValue::Single(value) => Raw::One(text(value)),
                OptionValue::List(list) => Raw::Many(list.iter().map(text).collect()),
            };
            values.push((name.clone(), raw));
        }
        Self { file, section: label, values, known: Vec::new(), strict: true, errors: Vec::new() }
    }

    /// The options netifd passes for `interface`. It adds entries of its own, so an unknown one
    /// is no error.
    pub(super) fn of_interface(interface: &str, table: &Table) -> Self {
        let mut values = Vec::new();
        for (name, value) in &table.0 {
            let raw = match value.as_array() {
                Some(list) => Some(Raw::Many(list.iter().filter_map(scalar).collect())),
                None => scalar(value).map(Raw::One),
            };
            let Some(raw) = raw else { continue };
            // The last of equals counts, as `Table::get` has it.
            values.retain(|(other, _)| other != name);
            values.push((name.clone(), raw));
        }
        let section = interface.to_owned();
        let (known, errors) = (Vec::new(), Vec::new());
        Self { file: "network", section, values, known, strict: false, errors }
    }

    /// The errors, those of unknown options included.
    pub(super) fn finish(mut self) -> Vec<ConfigError> {
        if self.strict {
            self.report_unknown();
        }
        self.errors
    }

    /// One option through `parse`. An empty value counts as not set.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        let mut read = None;
        self.take(name, true, &mut |text| {
            read = Some(parse(text)?);
            Ok(())
        });
        read
    }

    /// One option that must not be shown.
    pub(super) fn secret(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<(), Invalid>,
    ) -> Option<Secret> {
        let mut secret = None;
        self.take(name, false, &mut |text| {
            parse(text)?;
            secret = Some(Secret::new(text));
            Ok(())
        });
        secret
    }

    /// Gives the text of an option away, and reports what is wrong with it. One for whatever it
    /// becomes.
    fn take(&mut self, name: &'static str, is_shown: bool, take: Taker<'_>) {
        let Some(text) = self.text(name) else { return };
        if let Err(invalid) = take(&text) {
            self.report(name, is_shown.then_some(&text), invalid.expected);
        }
    }

    /// One boolean, in the words UCI has for it.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.read(name, |text| match text {
            "1" | "yes" | "on" | "true" | "enabled" => Ok(true),
            "0" | "no" | "off" | "false" | "disabled" => Ok(false),
            _ => Err(Invalid {
                expected: "1, yes, on, true, enabled or 0, no, off, false, disabled",
            }),
        })
    }

    /// One whole number; `expected` names its range and unit.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u32>,
        expected: &'static str,
    ) -> Option<u32> {
        self.read(name, |text| {
            let number =
                if text.bytes().all(|c| c.is_ascii_digit()) { text.parse().ok() } else { None };
            number.filter(|n| range.contains(n)).ok_or(Invalid { expected })
        })
    }

    /// One name out of `names`, in lower case.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        names: &[(&str, T)],
        expected: &'static str,
    ) -> Option<T> {
        self.read(name, |text| one_of(text, names, expected))
    }

    /// All elements of a list through `parse`; an option counts as a list of the words in it. A
    /// wrong element is reported and left out, one that repeats is taken once.
    pub(super) fn list<T: PartialEq>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Vec<T>> {
        let mut list = Vec::new();
        let is_there = self.take_words(name, &mut |word| {
            let value = parse(word)?;
            if !list.contains(&value) {
                list.push(value);
            }
            Ok(())
        });
        is_there.then_some(list)
    }

    /// Gives the words of a list away, and reports what is wrong with any; whether there is one.
    fn take_words(&mut self, name: &'static str, take: Taker<'_>) -> bool {
        let Some(words) = self.words(name) else { return false };
        for word in &words {
            if let Err(invalid) = take(word) {
                self.report(name, Some(word), invalid.expected);
            }
        }
        true
    }

    /// The words of a list, of which no more are read than these.
    fn words(&mut self, name: &'static str) -> Option<Vec<String>> {
        self.known.push(name);
        let (_, raw) = self.values.iter().find(|(other, _)| other == name)?;
        let texts = match raw {
            Raw::One(text) => core::slice::from_ref(text),
            Raw::Many(list) => list,
        };
        let mut words = Vec::new();
        for text in texts {
            for word in text.split_whitespace() {
                words.push(word.to_owned());
            }
        }
        if words.len() > MAX_LIST {
            self.report(name, None, "at most 64 elements");
            words.truncate(MAX_LIST);
        }
        Some(words)
    }

    /// The section as `uci show` names it.
    pub(super) fn section(&self) -> &str {
        &self.section
    }

    /// Whether the option is there, valid or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(other, _)| other == name)
    }

    /// Reports that `name` is needed and not there.
    pub(super) fn report_missing(&mut self, name: &'static str, expected: &str) {
        self.report(name, None, expected);
    }

    /// Reports the section as a whole, and none of its options.
    pub(super) fn report_section(&mut self, expected: &str) {
        self.strict = false;
        self.push(None, None, expected);
    }

    /// The text of an option, when it has one value that is not empty.
    fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let (_, raw) = self.values.iter().find(|(other, _)| other == name)?;
        match raw {
            Raw::One(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Raw::Many(list) => match list.as_slice() {
                [] => None,
                [text] => Some(text.clone()).filter(|text| !text.is_empty()),
                [_, _, ..] => {
                    self.report(name, None, "one value, not a list");
                    None
                }
            },
        }
    }

    /// Reports what is wrong with an option.
    pub(super) fn report(&mut self, name: &str, value: Option<&str>, expected: &str) {
        let value = value.filter(|text| !self.has_secret(text));
        let shown = value.map(|text| match name {
            "iccid" | "imsi" => redact(text),
            _ if text.starts_with("imei:") => redact(text),
            _ => text.to_owned(),
        });
        self.push(Some(name), shown.as_deref(), expected);
    }

    /// Whether a secret of the section is in it, or a word of one: it may have been put into
    /// another option as well.
    fn has_secret(&self, text: &str) -> bool {
        for (name, raw) in &self.values {
            let secrets = match raw {
                Raw::One(secret) => core::slice::from_ref(secret),
                Raw::Many(secrets) => secrets,
            };
            let is_in = |secret: &String| contains(text, secret) || contains(secret, text);
            if SECRETS.contains(&name.as_str()) && secrets.iter().any(is_in) {
                return true;
            }
        }
        false
    }

    fn report_unknown(&mut self) {
        let known = self.known.join(" ");
        let expected = format!("one of the options {known}");
        let mut unknown = Vec::new();
        for (name, _) in &self.values {
            if !self.known.contains(&name.as_str()) {
                unknown.push(name.clone());
            }
        }
        for name in unknown {
            self.report(&name, None, &expected);
        }
    }

    fn push(&mut self, option: Option<&str>, value: Option<&str>, expected: &str) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        self.errors.push(ConfigError {
            file: self.file,
            section: self.section.clone(),
            option: option.map(str::to_owned),
            value: value.map(|text| text.chars().take(MAX_SHOWN).collect()),
            expected: expected.to_owned(),
        });
    }
}

/// The entry of `names` called `text`.
pub(super) fn one_of<T: Copy>(
    text: &str,
    names: &[(&str, T)],
    expected: &'static str,
) -> Result<T, Invalid> {
    let found = names.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or(Invalid { expected })
}

/// A value that is neither list nor table, as UCI would write it.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(if *flag { "1" } else { "0" }.to_owned()),
        Value::I16(_) | Value::I32(_) | Value::I64(_) => value.as_i64().map(|n| n.to_string()),
        Value::F64(number) => {
            let number = decimal(*number);
            Some(number.strip_suffix(".0").unwrap_or(&number).to_owned())
        }
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Array(_) | Value::Table(_) => None,
    }
}
