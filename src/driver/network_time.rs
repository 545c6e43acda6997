//! The time over an AT port, for modems that do not tell it by themselves.

use crate::time::Duration;
use crate::types::NetworkTime;
use crate::wire::at::{parse_cclk, parse_qlts};

/// Quectel's vendor id on USB.
const QUECTEL: u16 = 0x2C7C;

/// How often a modem is asked for the time: a clock that follows it is not set more often than once
/// an hour.
pub(crate) const EVERY: Duration = Duration::from_secs(3660);

/// What such a modem is asked, `AT` left out. Quectel's +CCLK has local time or UTC by +CTZU,
/// and the zone either way.
pub const fn command(vid: u16) -> &'static str {
    if vid == QUECTEL { "+QLTS=1" } else { "+CCLK?" }
}

/// What it answered; `None` when it knows no time.
pub fn read(lines: &[String]) -> Option<NetworkTime> {
    parse_qlts(lines).or_else(|| parse_cclk(lines))
}
