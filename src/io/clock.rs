//! The clocks.
//!
//! The daemon asks once a loop turn and passes the result down; nothing above `io` and `service`
//! ever asks.

use crate::time::Instant;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the router's boot, by `CLOCK_BOOTTIME`: it neither jumps when the wall clock
/// is set nor stops in suspend.
#[expect(unsafe_code, reason = "rustix takes musl's seconds for 64 bits wide, where they are 32")]
pub fn now() -> Instant {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live local. The call fails for unknown clocks alone.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) };
    let secs = u64::try_from(time.tv_sec).unwrap_or(0);
    let micros = u64::try_from(time.tv_nsec / 1000).unwrap_or(0);
    Instant::from_micros(secs.saturating_mul(1_000_000).saturating_add(micros))
}

/// Seconds since 1970, for people to read. Jumps when NTP first answers.
#[expect(clippy::disallowed_methods, reason = "this is the place that asks")]
pub fn wall_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Whether NTP keeps the clock on the wall, by the kernel's word for it. BusyBox's `ntpd` has not
/// always told it (`ADJ_OFFSET` without `ADJ_MAXERROR`), so that `false` says little.
#[expect(unsafe_code, reason = "rustix has no adjtimex")]
pub fn is_kept() -> bool {
    // SAFETY: `timex` is plain numbers, for which zeroes are valid and ask for no change; the
    // kernel writes to nothing else.
    let state = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        libc::adjtimex(&raw mut timex)
    };
    (0..libc::TIME_ERROR).contains(&state)
}

/// Sets the clock on the wall, to seconds since 1970.
///
/// # Errors
/// What the system reports; most often that it may not be set.
#[expect(unsafe_code, reason = "rustix takes musl's seconds for 64 bits wide, where they are 32")]
pub fn set(secs: i64) -> io::Result<()> {
    let secs = u64::try_from(secs).map_err(super::error::other)?;
    let time = libc::timespec { tv_sec: secs.try_into().map_err(super::error::other)?, tv_nsec: 0 };
    // SAFETY: the pointer is to a live local, which is only read.
    match unsafe { libc::clock_settime(libc::CLOCK_REALTIME, &raw const time) } {
        0 => Ok(()),
        _ => Err(super::named("the clock", io::Error::last_os_error())),
    }
}

/// Seconds since 1970 in the router's time zone: what its clock shows. Jumps as [`wall_secs`] does.
#[expect(unsafe_code, reason = "rustix knows no time zones")]
pub fn local_secs() -> i64 {
    let time = wall_secs().try_into().unwrap_or(0);
    // SAFETY: `tm` is plain numbers and one pointer, for which zeroes are valid; `localtime_r`
    // writes to nothing else and keeps no pointer.
    let local = unsafe {
        let mut local: libc::tm = std::mem::zeroed();
        libc::localtime_r(&raw const time, &raw mut local);
        local
    };
    let offset = i32::try_from(local.tm_gmtoff).unwrap_or(0);
    i64::try_from(wall_secs()).unwrap_or(0).saturating_add(offset.into())
}
