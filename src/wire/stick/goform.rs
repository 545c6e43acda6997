//! ZTE's goform: one JSON object of strings. Seen on MF79, MF833, MF971 and MC801.

use super::{Levels, Reading, operator, read_levels};
use crate::types::text::contains;
use crate::types::{Plmn, Rat, RegistrationState};
use crate::wire::Error;

/// Where everything is asked at once.
pub const PATH: &str = "/goform/goform_get_cmd_process?isTest=false&multi_data=1&cmd=\
    network_type,network_provider,rmcc,rmnc,simcard_roam,rssi,lte_rssi,rscp,ecio,lte_rsrp,\
    lte_rsrq,lte_snr,Z5g_rsrp,Z5g_SINR";

const LEVELS: Levels = [
    &["lte_rssi", "rssi"],
    &["lte_rsrp", "Z5g_rsrp"],
    &["lte_rsrq"],
    &["lte_snr", "Z5g_SINR"],
    &["ecio"],
];

/// The page that a request must seem to come from; without it many answer nothing.
pub fn referer(host: &str) -> String {
    format!("http://{host}/index.html")
}

/// The answer to [`PATH`].
///
/// # Errors
/// When it is no such object. One whose every value is empty, as firmware answers that wants a
/// login first, is one too.
pub fn parse(document: &str) -> Result<Reading, Error> {
    let fields = fields(document).ok_or(Error::bad_value(&"goform"))?;
    let get = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    if fields.iter().all(|(_, value)| value.is_empty()) {
        return Err(Error::bad_value(&"network_type"));
    }
    let mut reading = Reading::default();
    let technology = technology(get("network_type"));
    reading.registration.rat = technology;
    reading.registration.operator = operator(get("network_provider"));
    let digits = format!("{:0>3}{:0>2}", get("rmcc"), get("rmnc"));
    reading.registration.plmn = Plmn::parse(&digits).ok().filter(|plmn| plmn.mcc() > 0);
    reading.registration.state = match (technology, get("simcard_roam")) {
        (None, _) => RegistrationState::Searching,
        (Some(_), "Home") => RegistrationState::Home,
        (Some(_), "") => RegistrationState::Unknown,
        (Some(_), _) => RegistrationState::Roaming,
    };
    reading.signal.rat = technology;
    read_levels(&mut reading.signal, &LEVELS, &|name: &str| get(name).to_owned());
    Ok(reading)
}

/// `network_type`: a word of the firmware's choice. `None` without service, or with one that is
/// limited to emergencies.
fn technology(word: &str) -> Option<Rat> {
    let word = word.to_ascii_uppercase();
    if word == "SA" {
        return Some(Rat::Nr5g);
    }
    for (rat, parts) in TECHNOLOGIES {
        if parts.iter().any(|part| contains(&word, part)) {
            return *rat;
        }
    }
    None
}

/// What a word has in it that stands for a technology, or for none; the first one counts.
const TECHNOLOGIES: &[(Option<Rat>, &[&str])] = &[
    (None, &["NO_SERVICE", "NO SERVICE", "LIMITED"]),
    (Some(Rat::Nr5g), &["5G", "ENDC", "NSA"]),
    (Some(Rat::Lte), &["LTE", "4G"]),
    (Some(Rat::Umts), &["HSPA", "HSDPA", "HSUPA", "UMTS", "WCDMA", "3G"]),
    (Some(Rat::Gsm), &["GSM", "GPRS", "EDGE", "2G"]),
];

/// The members of a flat object: names, and values that are strings, numbers or words. `None` when
/// it is anything else.
fn fields(document: &str) -> Option<Vec<(String, String)>> {
    let mut rest = document.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (name, after) = string(rest)?;
        let after = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = if after.starts_with('"') {
            string(after)?
        } else {
            let end = after.find(',').unwrap_or(after.len());
            (after.get(..end)?.trim().to_owned(), after.get(end..)?)
        };
        fields.push((name, value));
        rest = match after.trim_start() {
            "" => "",
            more => more.strip_prefix(',')?.trim_start(),
        };
    }
    Some(fields)
}

/// A string of JSON, and what follows it. `\u` of half a pair becomes U+FFFD.
fn string(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, text.get(at + 1..)?)),
            '\\' => match chars.next()?.1 {
                'u' => {
                    let (start, _) = chars.next()?;
                    let code = u32::from_str_radix(text.get(start..start + 4)?, 16).ok()?;
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    let _ = chars.nth(2)?;
                }
                'n' | 'r' | 't' | 'b' | 'f' => out.push(' '),
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
    None
}
