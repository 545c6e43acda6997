//! The one error of every codec.

use core::fmt;

/// Why bytes could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The bytes end before the message does.
    Truncated,
    /// A length field contradicts what surrounds it.
    BadLength,
    /// A field holds a value that cannot be.
    BadValue {
        /// The field, as the specification names it.
        field: &'static str,
    },
    /// Larger, longer or deeper than the named maximum of the codec.
    TooLarge,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("truncated"),
            Self::BadLength => f.write_str("bad length"),
            Self::BadValue { field } => write!(f, "bad value in {field}"),
            Self::TooLarge => f.write_str("too large"),
        }
    }
}

impl core::error::Error for Error {}
