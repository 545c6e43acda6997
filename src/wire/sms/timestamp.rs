//! Points in time: of the service centre, 3GPP TS 23.040 9.2.3.11, and as people read them.

use crate::wire::Error;

const SECS_A_DAY: i64 = 86_400;

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
        let bad = Error::BadValue { field: "timestamp" };
        let two = |octet: u8| {
            let (tens, ones) = (octet & 0x0F, octet >> 4);
            if tens < 10 && ones < 10 { Ok(i64::from(tens * 10 + ones)) } else { Err(bad) }
        };
        let [year, month, day, hour, minute, second, zone] = octets;
        // Bit 3, the highest of the first digit, is the sign.
        let quarters = i8::try_from(two(zone & !0x08)?).map_err(|_| bad)?;
        let zone_quarters = if zone & 0x08 == 0 { quarters } else { -quarters };
        let year = match two(year)? {
            // 9.2.3.11 gives two digits; nothing was sent before 1990.
            old @ 90.. => 1900 + old,
            new => 2000 + new,
        };
        let civil = [year, two(month)?, two(day)?, two(hour)?, two(minute)?, two(second)?];
        let local = unix_secs(civil).ok_or(bad)?;
        Ok(Self { unix_secs: local - i64::from(zone_quarters) * 900, zone_quarters })
    }

    /// The seven octets.
    ///
    /// # Errors
    /// When the year is not one from 1990 to 2089.
    pub fn write(self) -> Result<[u8; 7], Error> {
        let bad = Error::BadValue { field: "timestamp" };
        let [year, month, day, hour, minute, second] =
            civil(self.unix_secs.saturating_add(i64::from(self.zone_quarters) * 900));
        if !(1990..=2089).contains(&year) {
            return Err(bad);
        }
        let two = |value: i64| u8::try_from(value % 10 * 16 + value / 10 % 10).map_err(|_| bad);
        let sign = if self.zone_quarters < 0 { 0x08 } else { 0 };
        let zone = two(i64::from(self.zone_quarters.unsigned_abs()))?;
        if zone & 0x08 != 0 {
            return Err(bad);
        }
        let [year, month, day] = [two(year % 100)?, two(month)?, two(day)?];
        Ok([year, month, day, two(hour)?, two(minute)?, two(second)?, zone | sign])
    }
}

/// Seconds since 1970 of year, month, day, hour, minute and second; `None` when there is no such
/// time, or none of this millennium and the last.
pub fn unix_secs([year, month, day, hour, minute, second]: [i64; 6]) -> Option<i64> {
    let is_month = (1000..3000).contains(&year) && (1..=12).contains(&month);
    let is_date = is_month && (1..=days_of(year, month)).contains(&day);
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute);
    (is_date && is_time && (0..60).contains(&second)).then(|| {
        days_since_1970(year, month, day) * SECS_A_DAY + hour * 3600 + minute * 60 + second
    })
}

/// Seconds since 1970 as in `2026-11-21T12:00:00Z`, RFC 3339.
pub fn rfc3339(unix_secs: i64) -> String {
    let [year, month, day, hour, minute, second] = civil(unix_secs);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so that
/// the day a leap year has more is the last of a year.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - DAYS_TO_1970
}

/// From the first of March of the year 0 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

const fn days_of(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_since_1970(next_year, next, 1) - days_since_1970(year, month, 1)
}

/// Year, month, day, hour, minute and second of seconds since 1970.
fn civil(unix_secs: i64) -> [i64; 6] {
    let (days, second) = (unix_secs.div_euclid(SECS_A_DAY), unix_secs.rem_euclid(SECS_A_DAY));
    // 146,097 days are 400 years, after which the calendar repeats itself.
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    [year, month, day, second / 3600, second / 60 % 60, second % 60]
}
