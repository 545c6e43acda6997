//! What callers say and are answered about bands.

use super::super::CallError;
use crate::time::Duration;
use crate::types::{Band, BandChoice, BandStatus, FoundNetwork, Plmn, Rat, Table, Value};

/// How long a modem may be without registration before a change is taken back, unless said.
pub(super) const RESTORE_SECS: u64 = 90;

/// The longest time for it that may be asked for.
pub(super) const RESTORE_SECS_MAX: u64 = 3600;

/// `bands`: a list as `lte:3`.
pub(super) fn bands(args: &Table) -> Result<BandChoice, CallError> {
    let mut bands = Vec::new();
    list(args, "bands", "a list as ['lte:3', 'nr5g:78']", &mut |text| {
        Band::parse(text).map(|band| bands.push(band)).is_ok()
    })?;
    Ok(BandChoice { bands: Some(bands), modes: None })
}

/// `modes`: a list as `lte`.
pub(super) fn modes(args: &Table) -> Result<BandChoice, CallError> {
    let mut modes = Vec::new();
    list(args, "modes", "a list of gsm, umts, lte and nr5g", &mut |text| {
        Rat::parse(text).map(|mode| modes.push(mode)).is_ok()
    })?;
    Ok(BandChoice { modes: Some(modes), bands: None })
}

/// Has each text of a list taken, until one is not what it should be.
fn list(
    args: &Table,
    name: &str,
    expected: &str,
    take: &mut dyn FnMut(&str) -> bool,
) -> Result<(), CallError> {
    let mut is_taken = |entry: &Value| entry.as_str().is_some_and(&mut *take);
    match args.get_array(name) {
        Some(entries) if entries.iter().all(&mut is_taken) => Ok(()),
        Some(_) | None => Err(CallError::invalid(name, expected)),
    }
}

/// `restore_s`
pub(super) fn restore(args: &Table) -> Result<Duration, CallError> {
    let Some(value) = args.get("restore_s") else { return Ok(Duration::from_secs(RESTORE_SECS)) };
    let secs = value.as_i64().and_then(|secs| u64::try_from(secs).ok());
    let secs = secs.filter(|secs| *secs <= RESTORE_SECS_MAX);
    secs.map(Duration::from_secs)
        .ok_or_else(|| CallError::invalid("restore_s", "0 (never) to 3600 seconds"))
}

/// `plmn`
pub(super) fn plmn(args: &Table) -> Result<Option<Plmn>, CallError> {
    let Some(value) = args.get("plmn") else { return Ok(None) };
    let plmn = value.as_str().and_then(|text| Plmn::parse(text).ok());
    plmn.map(Some).ok_or_else(|| CallError::invalid("plmn", "MCC and MNC, as 26202"))
}

pub(in crate::manager) fn flag(args: &Table, name: &str) -> Result<bool, CallError> {
    match args.get(name) {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| CallError::invalid(name, "true or false")),
    }
}

/// What a modem has and uses, as `bands` answers.
pub(super) fn document(id: &str, now: &BandStatus) -> Table {
    let names = |modes: &[Rat]| modes.iter().map(|rat| rat.name()).collect::<Vec<_>>();
    let mut modes = Table::new();
    modes.put("supported", names(&now.modes_supported));
    modes.put("current", names(&now.modes));
    let mut bands = Table::new();
    for rat in Rat::ALL {
        let numbers = |list: &[Band]| {
            let mut numbers = Vec::new();
            for band in BandStatus::of(list, rat) {
                numbers.push(Value::from(band.number));
            }
            numbers
        };
        let (supported, current) = (numbers(&now.bands_supported), numbers(&now.bands));
        if !supported.is_empty() || !current.is_empty() {
            let mut table = Table::new();
            table.put("supported", Value::Array(supported));
            bands.put(rat.name(), table.with("current", Value::Array(current)));
        }
    }
    let mut table = Table::new();
    table.put("modem", id);
    table.put("modes", modes);
    table.put("bands", bands);
    table
}

/// The networks found, as `scan` answers.
pub(super) fn networks(id: &str, found: &[FoundNetwork]) -> Table {
    let mut networks = Vec::new();
    for network in found {
        let mut table = Table::new();
        table.put("plmn", network.plmn.to_string());
        table.put_some("operator", network.operator.as_deref());
        table.put_some("rat", network.rat.map(|rat| rat.name()));
        table.put("state", network.state.name());
        networks.push(table);
    }
    let mut table = Table::new();
    table.put("modem", id);
    table.put("networks", networks);
    table
}
