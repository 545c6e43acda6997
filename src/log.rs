//! Lines of the log, for every layer: the words of the crate of this name, in less program.
//!
//! The crate's own macros tell with every line its module and place, which nobody reads, and ask
//! for the level where the line stands: that is a third of what such a line takes.

use core::fmt::Arguments;

pub use ::log::{Level, LevelFilter};

/// Logs a line when such lines are logged.
#[inline(never)]
pub fn line(level: Level, text: Arguments<'_>) {
    if level <= ::log::max_level() {
        ::log::logger().log(&::log::Record::builder().level(level).args(text).build());
    }
}

macro_rules! log {
    ($level:expr, $($text:tt)+) => {
        $crate::log::line($level, format_args!($($text)+))
    };
}

macro_rules! error {
    ($($text:tt)+) => { $crate::log::log!($crate::log::Level::Error, $($text)+) };
}

// `warn` is an attribute too.
macro_rules! warning {
    ($($text:tt)+) => { $crate::log::log!($crate::log::Level::Warn, $($text)+) };
}

macro_rules! info {
    ($($text:tt)+) => { $crate::log::log!($crate::log::Level::Info, $($text)+) };
}

macro_rules! debug {
    ($($text:tt)+) => { $crate::log::log!($crate::log::Level::Debug, $($text)+) };
}

pub(crate) use {debug, error, info, log, warning as warn};
