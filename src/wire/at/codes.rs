//! What the two tables of error codes have in common.

/// Makes an enum of a table of numbers and their texts, with both directions of conversion.
macro_rules! error_codes {
    ($(#[$doc:meta])* $name:ident { $($code:literal $variant:ident $text:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $(
                #[doc = concat!($text, " (", stringify!($code), ").")]
                $variant,
            )*
            /// A number that is not in the table.
            Other(u16),
            /// A text that is not in the table, from a modem that gives texts for numbers. It is
            /// the modem's own: escape it before showing it.
            OtherText(String),
        }

        impl $name {
            const TEXTS: &'static [(u16, &'static str)] = &[$(($code, $text)),*];

            /// The error of a number.
            pub fn from_code(code: u16) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// The error of what follows the colon: a number, or a text of the table in any case.
            pub fn parse(text: &str) -> Self {
                if let Ok(code) = text.parse() {
                    return Self::from_code(code);
                }
                let known = Self::TEXTS.iter().find(|(_, known)| known.eq_ignore_ascii_case(text));
                known.map_or_else(
                    || Self::OtherText(text.to_owned()),
                    |(code, _)| Self::from_code(*code),
                )
            }

            /// The number, unless the modem gave an unknown text.
            pub fn code(&self) -> Option<u16> {
                match self {
                    $(Self::$variant => Some($code),)*
                    Self::Other(code) => Some(*code),
                    Self::OtherText(_) => None,
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $text,)*
                    Self::Other(code) => return write!(f, "error {code}"),
                    Self::OtherText(text) => return write!(f, "{}", text.escape_debug()),
                })
            }
        }
    };
}

pub(super) use error_codes;
