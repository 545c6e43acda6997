//! What the two tables of error codes have in common.

use core::fmt;

/// Makes an enum of a table of numbers and their texts, with both directions of conversion.
macro_rules! error_codes {
    ($(#[$doc:meta])* $name:ident { $($code:literal $variant:ident $text:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            /// A number. Those of the table have names here.
            Number(u16),
            /// A text that is not in the table, from a modem that gives texts for numbers.
            OtherText,
        }

        #[expect(non_upper_case_globals, reason = "they are what variants would be")]
        impl $name {
            $(
                #[doc = concat!($text, " (", stringify!($code), ").")]
                pub const $variant: Self = Self::Number($code);
            )*
        }

        impl $name {
            const CODES: &[u32] = &[$($code),*];
            /// A line for each.
            const TEXTS: &str = concat!($($text, "\n"),*);

            /// The error of what follows the colon: a number, or a text of the table in any case.
            pub fn parse(text: &str) -> Self {
                let number = super::codes::number(text, Self::CODES, Self::TEXTS);
                number.map_or(Self::OtherText, Self::Number)
            }

            /// The number, unless the modem gave an unknown text.
            pub const fn code(self) -> Option<u16> {
                match self {
                    Self::Number(code) => Some(code),
                    Self::OtherText => None,
                }
            }
        }

        const _: () = assert!(crate::wire::code::are_distinct($name::CODES));

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                super::codes::write(f, self.code(), Self::CODES, Self::TEXTS)
            }
        }
    };
}

pub(super) use error_codes;

/// The number that a text is, or stands behind in a table.
pub(super) fn number(text: &str, codes: &[u32], texts: &str) -> Option<u16> {
    let number = text.parse().ok();
    if number.is_some() {
        return number;
    }
    let at = texts.lines().position(|it| it.eq_ignore_ascii_case(text))?;
    u16::try_from(*codes.get(at)?).ok()
}

/// Writes the text of a number in a table.
pub(super) fn write(
    f: &mut fmt::Formatter<'_>,
    code: Option<u16>,
    codes: &'static [u32],
    texts: &'static str,
) -> fmt::Result {
    let Some(code) = code else { return f.write_str("a text of its own") };
    match crate::wire::code::name(code.into(), codes, texts) {
        Some(text) => f.write_str(text),
        None => write!(f, "error {code}"),
    }
}
