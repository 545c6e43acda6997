//! What the two tables of error codes have in common.

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
                let known = || {
                    let at = Self::TEXTS.lines().position(|it| it.eq_ignore_ascii_case(text))?;
                    Self::CODES.get(at).and_then(|code| u16::try_from(*code).ok())
                };
                text.parse().ok().or_else(known).map_or(Self::OtherText, Self::Number)
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
                let Some(code) = self.code() else { return f.write_str("a text of its own") };
                match crate::wire::code::name(code.into(), Self::CODES, Self::TEXTS) {
                    Some(text) => f.write_str(text),
                    None => write!(f, "error {code}"),
                }
            }
        }
    };
}

pub(super) use error_codes;
