//! PIN and PUK, asked for: arguments are no place for them, as every user can read those.

use super::client::{Failure, failure};
use crate::io::prompt::Source;
use crate::types::Table;
use std::io::{self, Write};

/// What is said to somebody who gives a PIN as an argument. It is not repeated.
pub(super) const NOT_ARGUMENTS: &str =
    "one word too many; PIN and PUK are asked for, or read from the standard input";

const NO_ACTION: &str = "expected unlock, enable, disable, change or unblock; \
    PIN and PUK are asked for, or read from the standard input";

/// A secret that a method takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The argument's name.
    name: &'static str,
    /// What a person is asked for.
    prompt: &'static str,
    /// Whether it is new, so that a slip of the finger would go unnoticed.
    is_new: bool,
}

const PIN: Wanted = Wanted { name: "pin", prompt: "PIN", is_new: false };
const PUK: Wanted = Wanted { name: "puk", prompt: "PUK", is_new: false };
const NEW_PIN: Wanted = Wanted { name: "new_pin", prompt: "new PIN", is_new: true };

/// What each action of `pin` takes.
const ACTIONS: [(&str, &[Wanted]); 5] = [
    ("unlock", &[PIN]),
    ("enable", &[PIN]),
    ("disable", &[PIN]),
    ("change", &[PIN, NEW_PIN]),
    ("unblock", &[PUK, NEW_PIN]),
];

/// What an action of `pin` takes; nothing without one.
///
/// # Errors
/// A sentence about an unknown action.
pub(super) fn wanted(action: Option<&str>) -> Result<&'static [Wanted], String> {
    let Some(action) = action else { return Ok(&[]) };
    let found = ACTIONS.iter().find(|(name, _)| *name == action);
    found.map(|(_, wanted)| *wanted).ok_or_else(|| NO_ACTION.to_owned())
}

/// Reads them all.
pub(super) fn ask(wanted: &[Wanted], err: &mut impl Write) -> Result<Table, Failure> {
    if wanted.is_empty() {
        return Ok(Table::new());
    }
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::Interrupted {
            failure(2, "given up; nothing was sent to the SIM")
        } else {
            failure(2, "a PIN or PUK is missing on the standard input, or is no text")
        }
    };
    let mut source = Source::stdin().map_err(failed)?;
    read_all(&mut source, wanted, err)
        .map_err(failed)?
        .ok_or_else(|| failure(2, "the two new PINs are not the same; nothing was sent to the SIM"))
}

/// `None` when what was typed twice differs.
fn read_all(
    source: &mut Source,
    wanted: &[Wanted],
    err: &mut impl Write,
) -> io::Result<Option<Table>> {
    let mut table = Table::new();
    for Wanted { name, prompt, is_new } in wanted {
        let text = source.read(prompt, err)?;
        if *is_new && source.is_terminal() && source.read("once more", err)? != text {
            return Ok(None);
        }
        table.put(*name, text);
    }
    Ok(Some(table))
}
