//! Points in time for the pure layers.
//!
//! Nothing here asks a clock. `io` reads `CLOCK_BOOTTIME` once a loop turn and passes the result
//! down; tests write absolute times. Lengths of time are [`core::time::Duration`]. What is reckoned
//! with them is not inlined: that of 64 bits is long on processors of 32.

use core::fmt;
use core::ops::Add;
pub use core::time::Duration;

/// Microseconds since an arbitrary start, usually the router's boot. Never goes backwards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant {
    micros: u64,
}

impl Instant {
    /// The start of time.
    pub const ZERO: Self = Self { micros: 0 };

    /// The instant `micros` microseconds after the start.
    pub const fn from_micros(micros: u64) -> Self {
        Self { micros }
    }

    /// The instant `millis` milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Self {
        Self { micros: millis.saturating_mul(1000) }
    }

    /// Whole microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.micros
    }

    /// Whole milliseconds since the start.
    pub const fn as_millis(self) -> u64 {
        self.micros / 1000
    }

    /// Whole seconds since the start.
    pub const fn as_secs(self) -> u64 {
        self.micros / 1_000_000
    }

    /// The earliest of those that are due at all. In one place, for a chain of iterators over them
    /// is compiled anew wherever there is one.
    #[inline(never)]
    pub fn first_of(due: &[Option<Self>]) -> Option<Self> {
        let mut first = None;
        for at in due.iter().flatten() {
            if first.is_none_or(|first| *at < first) {
                first = Some(*at);
            }
        }
        first
    }

    /// Takes a time out that has come; whether it had.
    #[inline(never)]
    pub fn take_due(due: &mut Option<Self>, now: Self) -> bool {
        due.take_if(|due| *due <= now).is_some()
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[inline(never)]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.micros.saturating_sub(earlier.micros))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates at the end of time instead of overflowing.
    #[inline(never)]
    fn add(self, length: Duration) -> Self {
        Self { micros: self.micros.saturating_add(micros(length)) }
    }
}

/// Whole microseconds of a length, at most as many as 64 bits hold: a number of 128 bits takes
/// 3 KB of program where it is divided or printed.
#[inline(never)]
pub fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}

/// A length doubled so many times, at most `longest`: how long to wait after so many failures.
#[inline(never)]
pub fn doubled(length: Duration, times: u32, longest: Duration) -> Duration {
    let mut wait = micros(length);
    for _ in 0..times {
        wait = wait.saturating_add(wait);
    }
    Duration::from_micros(wait.min(micros(longest)))
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}s", self.micros / 1_000_000, self.micros % 1_000_000)
    }
}
