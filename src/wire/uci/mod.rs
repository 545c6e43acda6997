//! The text of one UCI file, `/etc/config/*`, read as libuci's `uci_load` reads it.
//!
//! Reads only: nothing here writes a file. There is no specification but libuci itself (`file.c`
//! and `list.c` of the uci project); what it makes of a file, byte position of an error included,
//! is what this makes of it. Two differences: uncommitted changes in `/tmp/.uci` are not part of a
//! file, and a file larger than the named maxima is refused.

mod builder;
mod line;
#[cfg(test)]
mod tests;

use crate::types::uci::Package;
use builder::Builder;
use core::fmt;
use line::{Argument, Line};

/// The largest file read, in bytes. The largest known in the field, a firewall with long address
/// lists, stays below a tenth of it.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// The most sections in one file.
pub const MAX_SECTIONS: usize = 8192;

/// The most values in one file: options, and elements of lists.
pub const MAX_VALUES: usize = 65_536;

/// Why a file was refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UciError {
    /// What is wrong.
    pub kind: UciErrorKind,
    /// The line, from 1. As in libuci, an error in a last line without a line end is counted to
    /// the line before.
    pub line: usize,
    /// The byte from the start of the line, or of the first line when a value spans several.
    pub byte: usize,
}

/// What can be wrong with a file. The words shown are libuci's, for those who search for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UciErrorKind {
    /// A line starts with something else than `package`, `config`, `option`, `list` or their
    /// first letters.
    InvalidCommand,
    /// Nothing follows `package`, at the end of the file.
    PackageWithoutName,
    /// Nothing follows `config`, at the end of the file.
    ConfigWithoutName,
    /// Nothing follows `option` or `list`, at the end of the file.
    OptionWithoutName,
    /// A name or type is missing.
    InsufficientArguments,
    /// More follows than the command takes.
    TooManyArguments,
    /// A name has another character than letters, digits and `_`; `-` too in a package's.
    InvalidName,
    /// A type has a space, a control character or a byte above 126.
    InvalidType,
    /// An option or list comes before the first `config`.
    OptionBeforeSection,
    /// A named section appears again with another type.
    TypeMismatch,
    /// The file ends inside single quotes.
    UnterminatedSingleQuote,
    /// The file ends inside double quotes.
    UnterminatedDoubleQuote,
    /// Larger than [`MAX_FILE_BYTES`], [`MAX_SECTIONS`] or [`MAX_VALUES`].
    TooLarge,
}

impl UciErrorKind {
    /// The kind in words.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidCommand => "invalid command",
            Self::PackageWithoutName => "package without name",
            Self::ConfigWithoutName => "config without name",
            Self::OptionWithoutName => "option without name",
            Self::InsufficientArguments => "insufficient arguments",
            Self::TooManyArguments => "too many arguments",
            Self::InvalidName => "invalid character in name field",
            Self::InvalidType => "invalid character in type field",
            Self::OptionBeforeSection => "option/list command found before the first section",
            Self::TypeMismatch => {
                "section of different type overwrites prior section with same name"
            }
            Self::UnterminatedSingleQuote => "EOF with unterminated '",
            Self::UnterminatedDoubleQuote => "EOF with unterminated \"",
            Self::TooLarge => "file too large",
        }
    }
}

impl fmt::Display for UciError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parse error ({}) at line {}, byte {}", self.kind.message(), self.line, self.byte)
    }
}

impl core::error::Error for UciError {}

/// Reads one file.
///
/// # Errors
/// When libuci, in its strict mode as the `uci` tool uses it, refuses the file; or when the file is
/// larger than a maximum.
pub fn parse(bytes: &[u8]) -> Result<Package, UciError> {
    let mut line = Line::new(bytes);
    if bytes.len() > MAX_FILE_BYTES {
        return Err(line.error(UciErrorKind::TooLarge));
    }
    let mut builder = Builder::default();
    while line.next_line() {
        while let Some(command) = line.command()? {
            apply(command, &mut line, &mut builder)?;
        }
    }
    Ok(builder.finish())
}

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    /// `package NAME`: checked and otherwise without effect in a file of `/etc/config`.
    Package,
    /// `config TYPE [NAME]`
    Config,
    /// `option NAME [VALUE]`
    Option,
    /// `list NAME [VALUE]`
    List,
}

/// Reads the arguments of `command` and carries it out.
fn apply(command: Command, line: &mut Line<'_>, to: &mut Builder) -> Result<(), UciError> {
    let done = match command {
        Command::Package => {
            line.skip_command(UciErrorKind::PackageWithoutName)?;
            line.argument(Argument::PackageName)?;
            line.end_of_command()?;
            Ok(())
        }
        Command::Config => {
            line.skip_command(UciErrorKind::ConfigWithoutName)?;
            let kind = line.argument(Argument::Type)?;
            let name = line.argument(Argument::SectionName)?;
            line.end_of_command()?;
            if name.is_empty() { to.open_anonymous(&kind) } else { to.open_named(&kind, &name) }
        }
        Command::Option | Command::List => {
            if !to.has_section() {
                return Err(line.error(UciErrorKind::OptionBeforeSection));
            }
            line.skip_command(UciErrorKind::OptionWithoutName)?;
            let name = line.argument(Argument::OptionName)?;
            let value = line.argument(Argument::Value)?;
            line.end_of_command()?;
            if command == Command::List { to.add_list(&name, value) } else { to.set(&name, value) }
        }
    };
    done.map_err(|kind| line.error(kind))
}
