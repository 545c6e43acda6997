//! The Gregorian calendar: from dates to days and back.

/// Seconds in a day.
pub const SECS_A_DAY: i64 = 86_400;

/// From the first of March of the year 0 to 1970-01-01, in days.
const DAYS_TO_1970: i64 = 719_468;

/// Days from 1970-01-01 to a date. Years are counted from March, so that the day a leap year has
/// more is the last of a year.
pub const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    // Shifts, which round down as well: each division of 64 bits is a hundred bytes on MIPS.
    let centuries = year.div_euclid(100);
    365 * year + (year >> 2) - centuries + (centuries >> 2) + day_of_year - DAYS_TO_1970
}

/// How many days a month has.
pub const fn days_of(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_since_1970(next_year, next, 1) - days_since_1970(year, month, 1)
}

/// Year, month and day so many days after 1970-01-01.
pub const fn date(days: i64) -> [i64; 3] {
    // 146,097 days are 400 years, after which the calendar repeats itself.
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let early = if month <= 2 { 1 } else { 0 };
    [year_of_era + era * 400 + early, month, day]
}
