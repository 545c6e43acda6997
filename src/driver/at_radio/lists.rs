//! Bands as lists of numbers: Quectel's `+QNWPREFCFG` and SIMCom's `+CSYSSEL`, a list for each
//! technology, and Fibocom's `+GTACT` and Intel's `+XACT`, one list with a code for each band.

use super::{Known, Set, joined, numbers};
use crate::driver::quirk::Lock;
use crate::types::{Band, Rat};
use crate::wire::at::Params;

/// The names of the lists, of Quectel's 5G modems and of SIMCom's. NR has two: beside LTE, and
/// alone. Sources: QModem, ROOter; Quectel's "RG50xQ&RM5xxQ AT Commands Manual".
const QUECTEL: [(&str, Rat); 4] = [
    ("gw_band", Rat::Umts),
    ("lte_band", Rat::Lte),
    ("nsa_nr5g_band", Rat::Nr5g),
    ("nr5g_band", Rat::Nr5g),
];
const SIMCOM: [(&str, Rat); 4] = [
    ("w_band", Rat::Umts),
    ("lte_band", Rat::Lte),
    ("nsa_nr5g_band", Rat::Nr5g),
    ("nr5g_band", Rat::Nr5g),
];

const fn names(lock: Lock) -> (&'static str, &'static [(&'static str, Rat)]) {
    if matches!(lock, Lock::SimcomList) { ("+CSYSSEL", &SIMCOM) } else { ("+QNWPREFCFG", &QUECTEL) }
}

/// What is asked about the list of each technology, then about those of all bands.
pub(super) fn questions(lock: Lock) -> Vec<String> {
    let (name, lists) = names(lock);
    let mut questions = Vec::new();
    for (key, _) in lists {
        questions.push(format!("{name}=\"{key}\""));
    }
    let all = if lock == Lock::SimcomList { "?" } else { "\"policy_band\"" };
    questions.push(format!("{name}={all}"));
    questions
}

/// Adds the bands of these numbers.
fn push_numbers(bands: &mut Vec<Band>, rat: Rat, numbers: &str, separator: char) {
    for number in numbers.split(separator) {
        if let Ok(number) = number.trim().parse() {
            bands.push(Band { rat, number });
        }
    }
}

/// The technology of a list.
fn rat_of(lists: &[(&str, Rat)], name: &str) -> Option<Rat> {
    lists.iter().find(|(known, _)| *known == name).map(|(_, rat)| *rat)
}

/// Adds the bands in lines such as `+QNWPREFCFG: "lte_band",1:3:7`.
fn push_named(bands: &mut Vec<Band>, lines: &[String], lock: Lock) {
    let (name, lists) = names(lock);
    for line in lines {
        let Some(mut params) = Params::of(line.trim(), name) else { continue };
        let (Some(key), Some(numbers)) = (params.next(), params.next()) else { continue };
        if let Some(rat) = rat_of(lists, key.text) {
            push_numbers(bands, rat, numbers.text, ':');
        }
    }
    bands.retain(|band| band.number != 0);
}

/// The band of a code of `+GTACT` and `+XACT`: UMTS as it is, LTE from 101, GSM by its frequency;
/// NR from 501 to 509, and from 5010.
fn of_code(lock: Lock, code: u16) -> Option<Band> {
    let (rat, number) = match code {
        1..=99 => (Rat::Umts, code),
        101..=299 => (Rat::Lte, code - 100),
        300.. if lock == Lock::Xact => (Rat::Gsm, code),
        501..=509 => (Rat::Nr5g, code - 500),
        5010..=5512 => (Rat::Nr5g, code - 5000),
        _ => return None,
    };
    Some(Band { rat, number })
}

fn code_of(band: Band) -> u16 {
    match band.rat {
        Rat::Gsm | Rat::Umts => band.number,
        Rat::Lte => band.number.saturating_add(100),
        Rat::Nr5g if band.number < 10 => band.number + 500,
        Rat::Nr5g => band.number.saturating_add(5000),
    }
}

/// The codes behind the first parameters of an answer, in groups or without.
fn codes(lock: Lock, lines: &[String]) -> Option<Vec<Band>> {
    let mut bands = Vec::new();
    for param in Params::find(lines, code_name(lock))?.list(usize::MAX).iter().skip(3) {
        for number in param.text.trim_matches(['(', ')']).split(',') {
            let code = number.trim().parse();
            if let Some(band) = code.ok().and_then(|code| of_code(lock, code)) {
                bands.push(band);
            }
        }
    }
    Some(bands)
}

/// The command that has the modem use these.
pub(super) fn set_codes(lock: Lock, wanted: &[Band]) -> Vec<Set> {
    let mut codes = Vec::new();
    for band in wanted {
        codes.push(code_of(*band));
    }
    Set::alone(format!("{}=,,,{}", code_name(lock), joined(&codes, ',')))
}

impl Known {
    /// Takes the lists of each technology, then those of all bands.
    pub(super) fn read_lists(&mut self, lock: Lock, answers: &[Vec<String>]) -> Option<()> {
        for (at, lines) in answers.iter().enumerate() {
            let is_list = at < names(lock).1.len();
            let status = &mut self.status;
            let bands = if is_list { &mut status.bands } else { &mut status.bands_supported };
            push_named(bands, lines, lock);
        }
        let is_wrong = self.status.bands.is_empty() && answers.len() >= names(lock).1.len();
        (!is_wrong).then_some(())
    }

    /// Takes the codes that are used, then those of all bands.
    pub(super) fn read_codes(&mut self, lock: Lock, answers: &[Vec<String>]) -> Option<()> {
        let [now, all] = answers else { return Some(()) };
        let status = &mut self.status;
        status.bands = codes(lock, now)?;
        status.bands_supported = codes(lock, all).unwrap_or_default();
        if status.bands.is_empty() {
            // It has named none, which is all.
            status.bands.clone_from(&status.bands_supported);
        }
        Some(())
    }

    /// The numbers of the bands of a technology, if there are any and they are others by now.
    fn changed(&self, wanted: &[Band], rat: Rat) -> Option<Vec<u16>> {
        let wanted = numbers(wanted, rat);
        let is_changed = !wanted.is_empty() && wanted != numbers(&self.status.bands, rat);
        is_changed.then_some(wanted)
    }

    /// The commands that have the modem use these.
    pub(super) fn set_lists(&self, lock: Lock, wanted: &[Band]) -> Vec<Set> {
        let mut commands = Vec::new();
        let (name, lists) = names(lock);
        for (key, rat) in lists {
            if let Some(numbers) = self.changed(wanted, *rat) {
                commands.push(Set {
                    line: format!("{name}=\"{key}\",{}", joined(&numbers, ':')),
                    // NR beside LTE may be all of NR that there is.
                    is_optional: *rat == Rat::Nr5g,
                });
            }
        }
        commands
    }
}

/// The names of Foxconn's lists, of what is used and of what is not: `LTE,Enable Bands :1,2,3,`.
/// Some firmware has two of NR. Sources: luci-app-modemband and QModem, for T99W175.
const FOXCONN: [(&str, Rat); 5] = [
    ("WCDMA", Rat::Umts),
    ("LTE", Rat::Lte),
    ("NR5G", Rat::Nr5g),
    ("NR5G_NSA", Rat::Nr5g),
    ("NR5G_SA", Rat::Nr5g),
];

impl Known {
    /// Takes the lists of each technology, of what is used and of what is not.
    pub(super) fn read_foxconn(&mut self, answers: &[Vec<String>]) -> Option<()> {
        let status = &mut self.status;
        for line in answers.first()? {
            let Some((head, numbers)) = line.split_once(':') else { continue };
            let Some((name, word)) = head.split_once(',') else { continue };
            let Some(rat) = rat_of(&FOXCONN, name.trim()) else { continue };
            push_numbers(&mut status.bands_supported, rat, numbers, ',');
            if word.trim().starts_with("Enable") {
                push_numbers(&mut status.bands, rat, numbers, ',');
            }
        }
        (!status.bands_supported.is_empty()).then_some(())
    }

    /// The commands that have the modem use these.
    pub(super) fn set_foxconn(&self, wanted: &[Band]) -> Vec<Set> {
        let mut commands = Vec::new();
        for (name, rat) in FOXCONN.iter().take(3) {
            if let Some(numbers) = self.changed(wanted, *rat) {
                // 2 puts the list in the place of the one there is.
                commands.push(format!("^BAND_PREF={name},2,{}", joined(&numbers, ',')).into());
            }
        }
        commands
    }
}

const fn code_name(lock: Lock) -> &'static str {
    if matches!(lock, Lock::Xact) { "+XACT" } else { "+GTACT" }
}
