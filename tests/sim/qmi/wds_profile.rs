//! WDS: connection profiles. They are kept over a reset, as in a real modem's flash.

use super::tlv::{byte, counted, find, text};
use super::{Qmi, Reply, error};

/// A 3GPP profile.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    index: u8,
    name: String,
    apn: String,
    /// 0 IPv4, 2 IPv6, 3 IPv4v6.
    pdp_type: u8,
    authentication: u8,
    username: String,
}

/// What an EC25 comes with: IPv4v6 with the network's own APN, IMS, emergency.
pub(super) fn factory() -> Vec<Profile> {
    let profile = |index: u8, apn: &str| Profile {
        index,
        name: format!("profile{index}"),
        apn: apn.into(),
        pdp_type: 3,
        authentication: 0,
        username: String::new(),
    };
    vec![profile(1, ""), profile(2, "ims"), profile(3, "sos")]
}

/// The APN of a profile.
pub(super) fn apn(qmi: &Qmi, index: u8) -> Option<String> {
    qmi.profiles.iter().find(|profile| profile.index == index).map(|p| p.apn.clone())
}

/// The name of a profile.
pub(super) fn name(qmi: &Qmi, index: u8) -> String {
    let found = qmi.profiles.iter().find(|profile| profile.index == index);
    found.map(|profile| profile.name.clone()).unwrap_or_default()
}

pub(super) fn list(qmi: &Qmi) -> Reply {
    let mut value = vec![u8::try_from(qmi.profiles.len()).unwrap_or(0)];
    for profile in &qmi.profiles {
        value.extend([0, profile.index]);
        value.extend(counted(&profile.name));
    }
    Reply::ok().put(1, value)
}

/// The index in a profile identifier of the 3GPP kind.
fn identified(body: &[u8]) -> Result<u8, u16> {
    match find(body, 1) {
        Some([0, index]) => Ok(*index),
        Some(_) => Err(error::INVALID_PROFILE),
        None => Err(error::MISSING_ARGUMENT),
    }
}

/// Failure of a profile message: extended code 8, profile number not valid.
fn no_profile(code: u16) -> Reply {
    Reply::error(code).put(0xe0, [8, 0])
}

pub(super) fn settings(qmi: &Qmi, body: &[u8]) -> Reply {
    let index = match identified(body) {
        Ok(index) => index,
        Err(code) => return no_profile(code),
    };
    match qmi.profiles.iter().find(|profile| profile.index == index) {
        Some(profile) => Reply::ok()
            .put(0x10, &profile.name)
            .put(0x11, [profile.pdp_type])
            .put(0x14, &profile.apn)
            .put(0x1b, &profile.username)
            .put(0x1d, [profile.authentication])
            .put(0x2f, [0])
            .put(0x3e, [0]),
        None => no_profile(error::INTERNAL),
    }
}

pub(super) fn defaults() -> Reply {
    Reply::ok().put(0x10, "").put(0x11, [3]).put(0x14, "").put(0x1d, [0])
}

/// Takes over what the message has.
fn change(profile: &mut Profile, body: &[u8]) {
    if let Some(name) = text(body, 0x10) {
        profile.name = name;
    }
    if let Some(apn) = text(body, 0x14) {
        profile.apn = apn;
    }
    if let Some(username) = text(body, 0x1b) {
        profile.username = username;
    }
    profile.pdp_type = byte(body, 0x11).unwrap_or(profile.pdp_type);
    profile.authentication = byte(body, 0x1d).unwrap_or(profile.authentication);
}

pub(super) fn modify(qmi: &mut Qmi, body: &[u8]) -> Reply {
    let index = match identified(body) {
        Ok(index) => index,
        Err(code) => return no_profile(code),
    };
    match qmi.profiles.iter_mut().find(|profile| profile.index == index) {
        Some(profile) => {
            change(profile, body);
            Reply::ok()
        }
        None => no_profile(error::INTERNAL),
    }
}

pub(super) fn create(qmi: &mut Qmi, body: &[u8]) -> Reply {
    let used = |index: &u8| qmi.profiles.iter().any(|profile| profile.index == *index);
    let Some(index) = (1..=16).find(|index| !used(index)) else {
        return no_profile(error::INTERNAL);
    };
    let mut profile = Profile {
        index,
        name: String::new(),
        apn: String::new(),
        pdp_type: 3,
        authentication: 0,
        username: String::new(),
    };
    change(&mut profile, body);
    qmi.profiles.push(profile);
    Reply::ok().put(1, [0, index])
}

pub(super) fn delete(qmi: &mut Qmi, body: &[u8]) -> Reply {
    let index = match identified(body) {
        Ok(index) => index,
        Err(code) => return no_profile(code),
    };
    let before = qmi.profiles.len();
    qmi.profiles.retain(|profile| profile.index != index);
    if before == qmi.profiles.len() { no_profile(error::INTERNAL) } else { Reply::ok() }
}
