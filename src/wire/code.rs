//! Numbers of the protocol that have names.

use core::fmt;

/// Makes a type of codes of which some are named, with `from_code` and `code`.
///
/// The names are constants, for an `enum` takes a conversion in each direction: those of all
/// protocols would be a hundredth of the program.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub struct $name:ident: $repr:ty {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name($repr);

        #[expect(non_upper_case_globals, reason = "they are to a type of codes what variants are")]
        impl $name {
            $($(#[$variant_meta])* pub const $variant: Self = Self($code);)+
        }

        impl $name {
            /// Any code, also one that has no name here.
            pub const fn from_code(code: $repr) -> Self {
                Self(code)
            }

            /// The code, as the modem sends it.
            pub const fn code(self) -> $repr {
                self.0
            }
        }

        impl $name {
            const CODES: &[u32] = &[$($code),+];

            /// The name of the code, if it has one here.
            pub fn name(self) -> Option<&'static str> {
                const NAMES: &str = concat!($(stringify!($variant), "\n"),+);
                crate::wire::code::name(self.0.into(), Self::CODES, NAMES)
            }
        }

        const _: () = assert!(crate::wire::code::are_distinct($name::CODES));

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                crate::wire::code::write(f, self.0.into(), self.name())
            }
        }
    };
}

pub(crate) use codes;

/// Whether no code is there twice, which would have two names.
pub(crate) const fn are_distinct(codes: &[u32]) -> bool {
    let (mut one, mut other) = (0, 1);
    while one < codes.len() {
        if other == codes.len() {
            (one, other) = (one + 1, one + 2);
        } else if codes[one] == codes[other] {
            return false;
        } else {
            other += 1;
        }
    }
    true
}

/// The name of a code, one of these: a line each, in their order. One text takes less than texts.
pub(crate) fn name(code: u32, codes: &[u32], names: &'static str) -> Option<&'static str> {
    let at = codes.iter().position(|known| *known == code)?;
    names.split('\n').nth(at)
}

/// Writes the name of a code, or its number.
pub(crate) fn write(
    f: &mut fmt::Formatter<'_>,
    code: u32,
    name: Option<&'static str>,
) -> fmt::Result {
    match name {
        Some(name) => f.write_str(name),
        None => write!(f, "{code}"),
    }
}
