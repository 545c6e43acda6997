//! Bands as lists of numbers: Quectel's `+QNWPREFCFG` and SIMCom's `+CSYSSEL`, a list for each
//! technology, and Fibocom's `+GTACT` and Intel's `+XACT`, one list with a code for each band.

use super::{Asker, Known, refused};
use crate::driver::Failure;
use crate::driver::quirk::Lock;
use crate::types::{Band, BandStatus, Rat};
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

/// The bands in lines such as `+QNWPREFCFG: "lte_band",1:3:7`.
fn named_lists(lines: &[String], name: &str, lists: &[(&str, Rat)]) -> Vec<Band> {
    let mut bands = Vec::new();
    for params in lines.iter().filter_map(|line| Params::of(line.trim(), name)) {
        let fields: Vec<_> = params.collect();
        let [key, numbers, ..] = fields.as_slice() else { continue };
        let Some((_, rat)) = lists.iter().find(|(known, _)| *known == key.text) else { continue };
        let numbers = numbers.text.split(':').filter_map(|number| number.trim().parse().ok());
        bands.extend(numbers.filter(|n| *n != 0).map(|number| Band { rat: *rat, number }));
    }
    bands
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
fn codes(lock: Lock, lines: &[String], name: &str) -> Option<Vec<Band>> {
    let params = Params::find(lines, name)?.skip(3);
    let texts: Vec<&str> = params.map(|param| param.text).collect();
    let numbers = texts.iter().flat_map(|text| text.trim_matches(['(', ')']).split(','));
    let codes = numbers.filter_map(|number| number.trim().parse().ok());
    Some(codes.filter_map(|code| of_code(lock, code)).collect())
}

impl Asker {
    /// Asks which bands the modem has and uses.
    pub(super) async fn read_lists(&self, lock: Lock) -> Result<Known, Failure> {
        let (mut bands, mut supported) = (Vec::new(), Vec::new());
        if matches!(lock, Lock::Gtact | Lock::Xact) {
            let name = code_name(lock);
            let now = self.ask(&format!("{name}?")).await?;
            let all = self.ask(&format!("{name}=?")).await?;
            bands = codes(lock, &now, name).ok_or_else(refused)?;
            supported = codes(lock, &all, name).unwrap_or_default();
            if bands.is_empty() {
                // It has named none, which is all.
                bands.clone_from(&supported);
            }
        } else {
            let (name, lists) = names(lock);
            for (key, _) in lists {
                // Modems without a technology refuse its list.
                if let Ok(lines) = self.ask(&format!("{name}=\"{key}\"")).await {
                    bands.extend(named_lists(&lines, name, lists));
                }
            }
            if bands.is_empty() {
                return Err(refused());
            }
            let is_simcom = lock == Lock::SimcomList;
            let all = if is_simcom { "?" } else { "\"policy_band\"" };
            if let Ok(lines) = self.ask(&format!("{name}={all}")).await {
                supported = named_lists(&lines, name, lists);
            }
        }
        for list in [&mut bands, &mut supported] {
            list.sort_unstable();
            list.dedup();
        }
        Ok(Known { bands, supported, ..Known::default() })
    }

    /// Has the modem use these.
    pub(super) async fn write_lists(
        &self,
        lock: Lock,
        wanted: &[Band],
        now: &[Band],
    ) -> Result<(), Failure> {
        if matches!(lock, Lock::Gtact | Lock::Xact) {
            let codes: Vec<_> = wanted.iter().map(|band| code_of(*band).to_string()).collect();
            let command = format!("{}=,,,{}", code_name(lock), codes.join(","));
            return self.ask(&command).await.map(drop);
        }
        let (name, lists) = names(lock);
        for (key, rat) in lists {
            let is_same = BandStatus::of(wanted, *rat).eq(BandStatus::of(now, *rat));
            let numbers: Vec<_> =
                BandStatus::of(wanted, *rat).map(|band| band.number.to_string()).collect();
            if is_same || numbers.is_empty() {
                continue;
            }
            let set = self.ask(&format!("{name}=\"{key}\",{}", numbers.join(":"))).await;
            // NR beside LTE may be all of NR that there is.
            if *rat != Rat::Nr5g {
                set?;
            }
        }
        Ok(())
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

impl Asker {
    /// Asks which bands the modem has and uses.
    pub(super) async fn read_foxconn(&self) -> Result<Known, Failure> {
        let lines = self.ask("^BAND_PREF?").await?;
        let mut known = Known::default();
        for line in &lines {
            let Some((head, numbers)) = line.split_once(':') else { continue };
            let Some((name, word)) = head.split_once(',') else { continue };
            let Some((_, rat)) = FOXCONN.iter().find(|(known, _)| *known == name.trim()) else {
                continue;
            };
            let numbers = numbers.split(',').filter_map(|number| number.trim().parse().ok());
            let found: Vec<Band> = numbers.map(|number| Band { rat: *rat, number }).collect();
            known.supported.extend(&found);
            if word.trim().starts_with("Enable") {
                known.bands.extend(found);
            }
        }
        if known.supported.is_empty() {
            return Err(refused());
        }
        for list in [&mut known.bands, &mut known.supported] {
            list.sort_unstable();
            list.dedup();
        }
        Ok(known)
    }

    /// Has the modem use these.
    pub(super) async fn write_foxconn(&self, wanted: &[Band], now: &[Band]) -> Result<(), Failure> {
        for (name, rat) in FOXCONN.iter().take(3) {
            let is_same = BandStatus::of(wanted, *rat).eq(BandStatus::of(now, *rat));
            let numbers: Vec<_> =
                BandStatus::of(wanted, *rat).map(|band| band.number.to_string()).collect();
            // 2 puts the list in the place of the one there is.
            if !is_same && !numbers.is_empty() {
                self.ask(&format!("^BAND_PREF={name},2,{}", numbers.join(","))).await?;
            }
        }
        Ok(())
    }
}

const fn code_name(lock: Lock) -> &'static str {
    if matches!(lock, Lock::Xact) { "+XACT" } else { "+GTACT" }
}
