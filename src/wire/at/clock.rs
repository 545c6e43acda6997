//! The clock: TS 27.007 8.15, and Quectel's.

use super::Params;
use crate::types::NetworkTime;
use crate::wire::sms::unix_secs;

/// Reads `+CCLK: "26/11/21,13:00:05+04"`: local time, and the quarters of an hour that it is ahead
/// of UTC. Without those it is not known what time it is.
pub fn parse_cclk(lines: &[String]) -> Option<NetworkTime> {
    let text = Params::find(lines, "+CCLK")?.next()?.text;
    let (local, offset_min) = read(text)?;
    Some(NetworkTime { unix_secs: local - i64::from(offset_min?) * 60, offset_min })
}

/// Reads `+QLTS: "2026/11/21,12:00:05+04,0"`, which is UTC (EC2x AT commands manual, +QLTS).
pub fn parse_qlts(lines: &[String]) -> Option<NetworkTime> {
    let text = Params::find(lines, "+QLTS")?.next()?.text;
    // Whether summer time is part of the zone.
    let text = text.rsplit_once(',').filter(|(_, dst)| dst.len() == 1).map_or(text, |it| it.0);
    let (unix_secs, offset_min) = read(text)?;
    Some(NetworkTime { unix_secs, offset_min })
}

/// Seconds since 1970 of the numbers as they are, and the zone in minutes.
fn read(text: &str) -> Option<(i64, Option<i16>)> {
    let sign = text.rfind(['+', '-']);
    let (time, zone) = text.split_at_checked(sign.unwrap_or(text.len()))?;
    let mut civil = [0; 6];
    let mut parts = time.split(['/', ',', ':']);
    for part in &mut civil {
        *part = i64::from(parts.next()?.trim().parse::<u16>().ok()?);
    }
    if civil[0] < 100 {
        civil[0] += 2000;
    }
    let quarters: Option<i16> = zone.parse().ok().filter(|n: &i16| n.unsigned_abs() < 96);
    Some((unix_secs(civil)?, quarters.map(|n| n * 15)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_read_with_their_zones() {
        let line = |text: &str| vec![text.to_owned()];
        let cclk = |text: &str| parse_cclk(&line(text)).map(|it| (it.unix_secs, it.offset_min));
        // 2026-11-21T12:00:05Z.
        let noon = 1_795_262_405;
        assert_eq!(cclk("+CCLK: \"26/11/21,13:00:05+04\""), Some((noon, Some(60))));
        assert_eq!(cclk("+CCLK: \"2026/11/21,05:00:05-28\""), Some((noon, Some(-420))));
        let qlts = parse_qlts(&line("+QLTS: \"2026/11/21,12:00:05+04,0\"")).unwrap();
        assert_eq!((qlts.unix_secs, qlts.offset_min), (noon, Some(60)));
        for bad in [
            "",
            "+CCLK: ",
            "+CCLK: \"26/13/21,13:00:05+04\"",
            "+CCLK: \"26/11/21,13:00\"",
            "+CCLK: \"26/11/21,13:00:05\"",
            "+CCLK: \"-\"",
            "+CCLK: \"26/11/21,24:00:05+04\"",
        ] {
            assert_eq!(cclk(bad), None, "{bad}");
        }
        assert_eq!(parse_qlts(&line("+QLTS: \"\"")), None);
    }
}
