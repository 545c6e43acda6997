//! Errors in words of our own. Those that `std` makes of text can show it with all of Unicode
//! escaped, which nobody asks for, in 5 KB of code on MIPS.

use std::error::Error;
use std::fmt;
use std::io;

struct Words(String);

/// An error of this kind, which says this.
#[inline(never)]
pub fn of_kind(kind: io::ErrorKind, words: String) -> io::Error {
    io::Error::new(kind, Words(words))
}

/// An error of no kind that anybody asks for.
pub fn other(words: impl ToString) -> io::Error {
    of_kind(io::ErrorKind::Other, words.to_string())
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Words {}
