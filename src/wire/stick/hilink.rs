//! Huawei's HiLink: small XML documents below `/api`.
//!
//! Seen on E3372h, E3372-325 and B-series devices; what has no value is an empty element.

use super::{Levels, Reading, operator, read_levels};
use crate::types::text::split_once;
use crate::types::{Plmn, Rat, RegistrationState};
use crate::wire::Error;

/// Where a session is begun. Firmware before 2014 has no sessions, and answers with an error.
pub const SESSION_PATH: &str = "/api/webserver/SesTokInfo";
/// Levels.
pub const SIGNAL_PATH: &str = "/api/device/signal";
/// Technology, roaming, service.
pub const STATUS_PATH: &str = "/api/monitoring/status";
/// The network.
pub const NETWORK_PATH: &str = "/api/net/current-plmn";

const LEVELS: Levels =
    [&["rssi"], &["rsrp", "nrrsrp"], &["rsrq", "nrrsrq"], &["sinr", "nrsinr"], &["ecio"]];

/// What must accompany every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// For the field `Cookie`.
    pub cookie: String,
    /// For the field `__RequestVerificationToken`.
    pub token: String,
}

/// The answer to [`SESSION_PATH`].
///
/// # Errors
/// When it is an error, or no such document.
pub fn parse_session(document: &str) -> Result<Session, Error> {
    let document = response(document)?;
    let info = value(document, "SesInfo").ok_or(Error::bad_value(&"SesInfo"))?;
    let cookie = if info.contains('=') { info } else { format!("SessionID={info}") };
    let token = value(document, "TokInfo").ok_or(Error::bad_value(&"TokInfo"))?;
    Ok(Session { cookie, token })
}

/// Adds the answer to [`SIGNAL_PATH`].
///
/// # Errors
/// When it is an error, or no such document.
pub fn parse_signal(document: &str, reading: &mut Reading) -> Result<(), Error> {
    let document = response(document)?;
    let get = |name: &str| value(document, name).unwrap_or_default();
    read_levels(&mut reading.signal, &LEVELS, &get);
    Ok(())
}

/// Adds the answer to [`STATUS_PATH`].
///
/// # Errors
/// When it is an error, or no such document.
pub fn parse_status(document: &str, reading: &mut Reading) -> Result<(), Error> {
    let document = response(document)?;
    let number = |name| value(document, name).and_then(|text| text.parse::<u16>().ok());
    // The newer element tells LTE from NR, the older one has something on every firmware.
    let technology = number("CurrentNetworkTypeEx").and_then(technology);
    let technology = technology.or_else(|| number("CurrentNetworkType").and_then(self::technology));
    reading.registration.rat = technology;
    reading.signal.rat = technology;
    reading.registration.state = match (number("ServiceStatus"), number("RoamingStatus")) {
        (Some(2) | None, Some(0)) if technology.is_some() => RegistrationState::Home,
        (Some(2) | None, Some(1)) if technology.is_some() => RegistrationState::Roaming,
        (Some(0 | 1), _) => RegistrationState::Searching,
        _ => RegistrationState::Unknown,
    };
    Ok(())
}

/// Adds the answer to [`NETWORK_PATH`].
///
/// # Errors
/// When it is an error, or no such document.
pub fn parse_network(document: &str, reading: &mut Reading) -> Result<(), Error> {
    let document = response(document)?;
    let name = value(document, "FullName").or_else(|| value(document, "ShortName"));
    reading.registration.operator = name.as_deref().and_then(operator);
    reading.registration.plmn =
        value(document, "Numeric").and_then(|text| Plmn::parse(text.trim()).ok());
    Ok(())
}

/// `CurrentNetworkType` and `CurrentNetworkTypeEx`.
const fn technology(code: u16) -> Option<Rat> {
    match code {
        1..=3 => Some(Rat::Gsm),
        4..=9 | 17 | 18 | 41..=46 | 61..=65 => Some(Rat::Umts),
        19 | 101 | 1011 => Some(Rat::Lte),
        111 => Some(Rat::Nr5g),
        _ => None,
    }
}

/// What is inside `<response>`. An error is a document of its own, `<error><code>100003</code>`.
fn response(document: &str) -> Result<&str, Error> {
    inside(document, "response").ok_or(Error::bad_value(&"response"))
}

/// The text of the first element of this name, if it has any.
fn value(document: &str, name: &str) -> Option<String> {
    let text = inside(document, name).filter(|text| !text.is_empty() && !text.contains('<'))?;
    let mut text = text.to_owned();
    for (entity, c) in ENTITIES {
        text = text.replace(entity, c);
    }
    Some(text)
}

const ENTITIES: &[(&str, &str)] =
    &[("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];

fn inside<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = split_once(document, &format!("<{name}>"))?;
    split_once(rest, &format!("</{name}>")).map(|(text, _)| text)
}
