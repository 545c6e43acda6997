//! How long to wait before trying again.

use super::Cause;
use crate::time::{Duration, doubled, micros};

/// The longest wait after trouble that may pass by itself.
pub const CAP: Duration = Duration::from_secs(60);

/// The longest wait after the network refused what is configured: the operator's nodes, and the
/// SIM's standing with them, suffer from more (TS 24.008 4.7.1.9 counts such attempts).
pub const CAP_REFUSED: Duration = Duration::from_secs(600);

/// A small random source, seeded from outside: spreads retries, secures nothing. Xorshift64*.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    /// A source that gives the same numbers for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(if seed == 0 { 0x9E37_79B9_7F4A_7C15 } else { seed })
    }

    /// The next number.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// `length`, a quarter more or less.
    pub fn spread(&mut self, length: Duration) -> Duration {
        let thousandths = self.next_u64() % 501;
        Duration::from_micros(micros(length).saturating_mul(750 + thousandths) / 1000)
    }
}

/// How long to wait before attempt `attempt` (1 is the first retry) after `cause`: doubling from
/// one second to a cap, spread by a quarter so that a site full of routers does not dial as one.
pub fn delay(cause: Cause, attempt: u32, jitter: &mut Jitter) -> Duration {
    let refused = matches!(
        cause,
        Cause::ApnRejected
            | Cause::ApnMissing
            | Cause::AuthFailed
            | Cause::PdpTypeRejected
            | Cause::SelectionFailed
    );
    let (first, cap) = if refused { (10, CAP_REFUSED) } else { (1, CAP) };
    let doubled = doubled(Duration::from_secs(first), attempt.saturating_sub(1).min(10), cap);
    jitter.spread(doubled)
}
