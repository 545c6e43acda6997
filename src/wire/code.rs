//! Numbers of the protocol as enums that keep what they do not name.

/// Makes an enum of named codes with `Other` for the rest, `from_code` and `code`.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: $repr:ty {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A code that has no name here.
            Other($repr),
        }

        impl $name {
            /// The name of a code.
            pub const fn from_code(code: $repr) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    other => Self::Other(other),
                }
            }

            /// The code, as the modem sends it.
            pub const fn code(self) -> $repr {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(code) => code,
                }
            }
        }

        /// As derived, but a table of names, not a call for each.
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => stringify!($variant),)+
                    Self::Other(code) => return write!(f, "Other({code})"),
                })
            }
        }
    };
}

pub(crate) use codes;
