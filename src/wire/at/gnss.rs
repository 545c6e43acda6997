//! Positions, as receivers in modems tell them: NMEA 0183, and the answers of some vendors, which
//! have the same fields in another order.

use super::Params;
use crate::types::Position;
use crate::wire::decimal::scaled;

/// Where the fields of an answer are, counted from 0 behind its name.
#[derive(Debug, PartialEq, Eq)]
pub struct Fields {
    /// What the line begins with.
    pub name: &'static str,
    /// Latitude; longitude is next.
    pub latitude: usize,
    /// Whether the hemispheres are fields of their own, each behind its number.
    pub is_split: bool,
    /// Metres above the sea.
    pub altitude: Option<usize>,
    /// `hhmmss`, with a fraction or without.
    pub time: usize,
    /// `ddmmyy`.
    pub date: Option<usize>,
    /// How many satellites.
    pub satellites: Option<usize>,
}

/// Position, speed, date: the second field is `A` with a fix.
const RMC: Fields = Fields {
    name: "RMC",
    latitude: 2,
    is_split: true,
    altitude: None,
    time: 0,
    date: Some(8),
    satellites: None,
};

/// Position, height: the sixth field is not 0 with a fix.
const GGA: Fields = Fields {
    name: "GGA",
    latitude: 1,
    is_split: true,
    altitude: Some(8),
    time: 0,
    date: None,
    satellites: Some(6),
};

/// What is between `$` and `*` of a sentence whose checksum is right: the exclusive or of it all.
pub fn sentence(line: &str) -> Option<&str> {
    let (body, sum) = line.trim().strip_prefix('$')?.split_once('*')?;
    let sum = u8::from_str_radix(sum, 16).ok().filter(|_| sum.len() == 2)?;
    (body.is_ascii() && body.bytes().fold(0, |all, byte| all ^ byte) == sum).then_some(body)
}

/// The position that sentences tell: of RMC, with what GGA adds to it.
pub fn nmea(lines: &[String]) -> Option<Position> {
    let find = |kind: &Fields, is_fix: fn(&[&str]) -> bool| {
        for line in lines {
            let at = line.find('$').unwrap_or(line.len());
            let body = sentence(line.split_at(at).1).and_then(|body| body.split_once(','));
            let Some((name, rest)) = body else { continue };
            let fields: Vec<&str> = rest.split(',').collect();
            if name.len() == 5 && name.ends_with(kind.name) && is_fix(&fields) {
                let found = kind.position(&fields);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    };
    let gga =
        find(&GGA, |fields| fields.get(5).is_some_and(|quality| !matches!(*quality, "" | "0")));
    let Some(mut rmc) = find(&RMC, |fields| fields.get(1) == Some(&"A")) else { return gga };
    if let Some(gga) = gga {
        (rmc.altitude_dm, rmc.satellites) = (gga.altitude_dm, gga.satellites);
    }
    Some(rmc)
}

impl Fields {
    /// The position that an answer tells.
    pub fn read(&self, lines: &[String]) -> Option<Position> {
        let mut fields = Vec::new();
        for param in Params::find(lines, self.name)? {
            fields.push(param.text);
        }
        self.position(&fields)
    }

    fn position(&self, fields: &[&str]) -> Option<Position> {
        let field = |at: usize| fields.get(at).copied().unwrap_or_default().trim();
        let step = if self.is_split { 2 } else { 1 };
        let coordinate = |at: usize, limit: i64| {
            let hemisphere = if self.is_split { field(at + 1) } else { "" };
            degrees_e7(field(at), hemisphere).filter(|value| value.abs() <= limit)
        };
        Some(Position {
            latitude_e7: coordinate(self.latitude, 900_000_000)?,
            longitude_e7: coordinate(self.latitude + step, 1_800_000_000)?,
            altitude_dm: self.altitude.and_then(|at| scaled(field(at), 1)),
            satellites: self.satellites.and_then(|at| field(at).parse().ok()),
            time: time(self.date.map_or("", field), field(self.time)),
        })
    }
}

/// Degrees, or with a hemisphere, which may also be the last letter, degrees and minutes as
/// `ddmm.mmmm`.
fn degrees_e7(text: &str, hemisphere: &str) -> Option<i64> {
    let (text, hemisphere) = match text.char_indices().next_back() {
        Some((at, letter)) if letter.is_ascii_uppercase() => text.split_at(at),
        _ => (text, hemisphere),
    };
    let value = scaled(text, 7)?;
    let is_negative = match hemisphere {
        "" => return Some(value),
        "N" | "E" => false,
        "S" | "W" => true,
        _ => return None,
    };
    let minutes = value % 1_000_000_000;
    if value < 0 || minutes >= 600_000_000 {
        return None;
    }
    let value = value / 1_000_000_000 * 10_000_000 + minutes / 60;
    Some(if is_negative { -value } else { value })
}

/// `ddmmyy` and `hhmmss.s` as people write it; without a date the time alone.
fn time(date: &str, time: &str) -> Option<String> {
    let pairs = |text: &str, limits: [u32; 3]| {
        let digits = text.split('.').next().unwrap_or_default();
        let is_six = digits.len() == 6 && digits.bytes().all(|c| c.is_ascii_digit());
        let number: u32 = digits.parse().ok().filter(|_| is_six)?;
        let parts = [number / 10_000, number / 100 % 100, number % 100];
        let fits = parts[0] < limits[0] && parts[1] < limits[1] && parts[2] < limits[2];
        fits.then_some(parts)
    };
    let [hour, minute, second] = pairs(time, [24, 60, 61])?;
    let time = format!("{hour:02}:{minute:02}:{second:02}Z");
    let Some([day, month, year]) = pairs(date, [32, 13, 100]) else { return Some(time) };
    Some(format!("20{year:02}-{month:02}-{day:02}T{time}"))
}

/// Sierra's `!GPSLOC?`: lines as `Lat: 49 Deg 44 Min 57.00 Sec N  (0x008D823D)`. Source: the answer
/// in a published program that reads it.
pub fn sierra(lines: &[String]) -> Option<Position> {
    let words = |name: &str| {
        let rest = lines.iter().find_map(|line| line.trim().strip_prefix(name))?;
        Some(rest.split_whitespace().collect::<Vec<&str>>())
    };
    let coordinate = |name: &str| {
        let words = words(name)?;
        let [degrees, "Deg", minutes, "Min", seconds, "Sec", hemisphere, ..] = words.as_slice()
        else {
            return None;
        };
        let minutes = scaled(minutes, 7)?.checked_add(scaled(seconds, 7)? / 60)?;
        let value = scaled(degrees, 7)?.checked_add(minutes / 60)?;
        let is_negative = matches!(*hemisphere, "S" | "W");
        (value <= 1_800_000_000).then_some(if is_negative { -value } else { value })
    };
    Some(Position {
        latitude_e7: coordinate("Lat:")?,
        longitude_e7: coordinate("Lon:")?,
        altitude_dm: words("Altitude:").and_then(|words| scaled(words.first()?, 1)),
        ..Position::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split('|').map(str::to_owned).collect()
    }

    /// The sentences are those of NMEA's own example, and of a published log.
    #[test]
    fn sentences_with_a_right_checksum_and_a_fix_are_read() {
        let rmc = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A";
        let gga = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47";
        let found = nmea(&lines(&format!("{gga}|{rmc}"))).unwrap();
        assert_eq!((found.latitude_e7, found.longitude_e7), (481_173_000, 115_166_666));
        assert_eq!((found.altitude_dm, found.satellites), (Some(5454), Some(8)));
        assert_eq!(found.time.as_deref(), Some("2094-03-23T12:35:19Z"));
        assert_eq!(nmea(&lines(gga)).unwrap().time.as_deref(), Some("12:35:19Z"));
        assert_eq!(sentence(&rmc.replace("*6A", "*6B")), None);
        assert_eq!(nmea(&lines("$GPRMC,,V,,,,,,,,,,N*53")), None);
        for len in 0..rmc.len() {
            assert_eq!(nmea(&[rmc[..len].to_owned()]), None, "cut to {len}");
        }
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        assert_eq!(degrees_e7("2259.0881S", ""), Some(-229_848_016));
        assert_eq!(degrees_e7("-22.98486", ""), Some(-229_848_600));
        for text in ["", "-", ".5", "1e5", "123456789", "12.3.4", "é", "1O"] {
            assert_eq!(degrees_e7(text, "N"), None, "{text}");
        }
        assert_eq!(degrees_e7("4860.000", "N"), None);
        assert_eq!(time("", "246000"), None);
        assert_eq!(time("320101", "120000").as_deref(), Some("12:00:00Z"));
    }

    #[test]
    fn sierras_degrees_minutes_and_seconds_are_read() {
        let answer = lines(
            "Lat: 49 Deg 44 Min 57.00 Sec N  (0x008D823D)|\
             Lon: 13 Deg 22 Min 48.54 Sec W  (0x00260F21)|\
             Time: 2018 11 21 2 10:10:02 (GPS)|3D Fix|Altitude: 332 m  LocUncVe: 64.0 m",
        );
        let found = sierra(&answer).unwrap();
        assert_eq!((found.latitude_e7, found.longitude_e7), (497_491_666, -133_801_500));
        assert_eq!(found.altitude_dm, Some(3320));
        assert_eq!(sierra(&lines("Not Available")), None);
    }
}
