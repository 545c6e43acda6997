//! Points in time: of the service centre, 3GPP TS 23.040 9.2.3.11, and as people read them.

use crate::types::calendar::{SECS_A_DAY, date, days_of, days_since_1970};
use crate::wire::Error;

/// A point in time and the zone it was written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timestamp {
    /// Seconds since 1970, UTC.
    pub unix_secs: i64,
    /// Quarters of an hour that the zone is ahead of UTC, -79 to 79.
    pub zone_quarters: i8,
}

impl Timestamp {
    /// Reads seven octets, each two decimal digits with the first in the low half: year, month,
    /// day, hour, minute, second, zone.
    ///
    /// # Errors
    /// When they are no point in time, which is how some centres say that they know none.
    pub fn read(octets: [u8; 7]) -> Result<Self, Error> {
        let bad = Error::bad_value(&"timestamp");
        let [civil @ .., zone] = octets;
        let mut numbers = [0; 6];
        for (number, octet) in numbers.iter_mut().zip(civil) {
            *number = two(octet).ok_or(bad)?.into();
        }
        // Bit 3, the highest of the first digit, is the sign.
        let quarters = two(zone & !0x08).ok_or(bad)?.cast_signed();
        let zone_quarters = if zone & 0x08 == 0 { quarters } else { -quarters };
        // 9.2.3.11 gives two digits; nothing was sent before 1990.
        numbers[0] += if numbers[0] >= 90 { 1900 } else { 2000 };
        let local = unix_secs(numbers).ok_or(bad)?;
        Ok(Self { unix_secs: local - i64::from(zone_quarters) * 900, zone_quarters })
    }

    /// The seven octets.
    ///
    /// # Errors
    /// When the year is not one from 1990 to 2089.
    pub fn write(self) -> Result<[u8; 7], Error> {
        let bad = Error::bad_value(&"timestamp");
        let mut values = civil(self.unix_secs.saturating_add(i64::from(self.zone_quarters) * 900));
        if !(1990..=2089).contains(&values[0]) {
            return Err(bad);
        }
        values[0] %= 100;
        let mut octets = [0; 7];
        for (octet, value) in octets.iter_mut().zip(values) {
            *octet = digits(u8::try_from(value).map_err(|_| bad)?);
        }
        let sign = if self.zone_quarters < 0 { 0x08 } else { 0 };
        let zone = digits(self.zone_quarters.unsigned_abs());
        if zone & 0x08 != 0 {
            return Err(bad);
        }
        octets[6] = zone | sign;
        Ok(octets)
    }
}

/// The number of two decimal digits, the first in the low half.
fn two(octet: u8) -> Option<u8> {
    let (tens, ones) = (octet & 0x0F, octet >> 4);
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

/// The reverse.
const fn digits(number: u8) -> u8 {
    number % 10 * 16 + number / 10 % 10
}

/// Seconds since 1970 of year, month, day, hour, minute and second; `None` when there is no such
/// time, or none of this millennium and the last.
pub fn unix_secs(civil: [i64; 6]) -> Option<i64> {
    const LIMITS: [(i64, i64); 6] = [(1000, 2999), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59)];
    for (value, (from, to)) in civil.iter().zip(LIMITS) {
        if *value < from || *value > to {
            return None;
        }
    }
    let [year, month, day, hour, minute, second] = civil;
    (day <= days_of(year, month)).then(|| {
        days_since_1970(year, month, day) * SECS_A_DAY + hour * 3600 + minute * 60 + second
    })
}

/// Seconds since 1970 as in `2026-11-21T12:00:00Z`, RFC 3339.
pub fn rfc3339(unix_secs: i64) -> String {
    let [year, month, day, hour, minute, second] = civil(unix_secs);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month, day, hour, minute and second of seconds since 1970.
fn civil(unix_secs: i64) -> [i64; 6] {
    let (days, second) = (unix_secs.div_euclid(SECS_A_DAY), unix_secs.rem_euclid(SECS_A_DAY));
    let [year, month, day] = date(days);
    [year, month, day, second / 3600, second / 60 % 60, second % 60]
}
