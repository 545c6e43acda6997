//! Chance, for whoever takes a seed.

use rustix::rand::{GetRandomFlags, getrandom};

/// A number nobody can guess, from the kernel.
///
/// Early in a boot the kernel's pool may not be ready; the clock and the process id then stand in,
/// because a seed spreads back-off delays and guards no secret, and boot must not wait for it.
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    match getrandom(&mut bytes, GetRandomFlags::NONBLOCK) {
        Ok(8) => u64::from_ne_bytes(bytes),
        Ok(_) | Err(_) => super::clock::now().as_micros() ^ (u64::from(std::process::id()) << 40),
    }
}
