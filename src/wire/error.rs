//! The one error of every codec.

use core::fmt;

/// Why bytes could not be decoded. One word, so that a `Result` of it and a number fits in
/// registers: reading any field returns one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(Field);

/// The name of a field, as the specification has it: `&"timestamp"`.
pub type Field = &'static &'static str;

#[expect(non_upper_case_globals, reason = "they are kinds of errors")]
impl Error {
    /// The bytes end before the message does.
    pub const Truncated: Self = Self(&"truncated");
    /// A length field contradicts what surrounds it.
    pub const BadLength: Self = Self(&"bad length");
    /// Larger, longer or deeper than the named maximum of the codec.
    pub const TooLarge: Self = Self(&"too large");
}

impl Error {
    /// This field holds a value that cannot be, or is not there.
    pub const fn bad_value(field: Field) -> Self {
        Self(field)
    }

    /// The field whose value cannot be.
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::Truncated | Self::BadLength | Self::TooLarge => None,
            Self(field) => Some(field),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field() {
            Some(field) => write!(f, "bad value in {field}"),
            None => f.write_str(self.0),
        }
    }
}

impl core::error::Error for Error {}
