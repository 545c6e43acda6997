//! Who a modem is and whose SIM it holds.
//!
//! These numbers identify a person. `Debug` and `Display` show them [redacted](redact); the whole
//! number is had only by asking for it.

use super::Invalid;
use core::fmt;

/// Keeps what tells two devices apart for their owner and hides the rest: the first eight
/// characters are the maker's or operator's, the last two tell twins apart.
/// `867698040000017` becomes `86769804*****17`.
pub fn redact(digits: &str) -> String {
    let count = digits.chars().count();
    let shown = |i: usize| (i < 8 && count > 10) || i + 2 >= count;
    digits.chars().enumerate().map(|(i, c)| if shown(i) { c } else { '*' }).collect()
}

/// FNV-1a over some bytes, draft-eastlake-fnv: a short name for what is not to be kept itself. It
/// resists nobody who tries all numbers there are.
pub fn digest(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// The text when it has a length from `min` to `max` and consists of what is allowed.
#[inline(never)]
fn checked(
    text: &str,
    (min, max): (usize, usize),
    allowed: fn(u8) -> bool,
    expected: &'static str,
) -> Result<String, Invalid> {
    let is_number = (min..=max).contains(&text.len()) && text.bytes().all(allowed);
    if is_number { Ok(text.to_owned()) } else { Err(Invalid { expected }) }
}

macro_rules! number {
    (
        $(#[$doc:meta])*
        $name:ident, $min:literal..=$max:literal, $expected:literal, $allowed:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Reads it from text.
            ///
            /// # Errors
            /// When the text is too short, too long or has a character that cannot be in one.
            pub fn new(text: &str) -> Result<Self, Invalid> {
                checked(text, ($min, $max), $allowed, $expected).map(Self)
            }

            /// The whole number, for those who may see it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&redact(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

number!(
    /// The number of a device: 14 to 16 digits, TS 23.003 6.2.
    Imei, 14..=16, "14 to 16 digits", |c| c.is_ascii_digit()
);
number!(
    /// The number of a subscription: up to 15 digits, TS 23.003 2.2.
    Imsi, 6..=15, "6 to 15 digits", |c| c.is_ascii_digit()
);
number!(
    /// The number of a SIM card: up to 20 digits, ITU-T E.118. Some cards carry hexadecimal digits
    /// in it, China Mobile's among them.
    Iccid, 10..=20, "10 to 20 digits", |c| c.is_ascii_hexdigit()
);

number!(
    /// A phone number, with its country's code or without: up to 15 digits, ITU-T E.164.
    Msisdn, 3..=16, "3 to 15 digits, perhaps behind +", |c| c.is_ascii_digit() || c == b'+'
);

/// What a modem says of itself. Any part may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// `Quectel`
    pub manufacturer: Option<String>,
    /// `EC25`
    pub model: Option<String>,
    /// The firmware, as the modem names it.
    pub revision: Option<String>,
    /// The IMEI.
    pub imei: Option<Imei>,
}
