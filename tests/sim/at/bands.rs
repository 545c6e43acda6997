//! Bands and technologies in each vendor's way.

use ltewan::types::{Band, Rat};

use super::super::qmi::Context;
use super::{At, Failure};
use crate::sim::config::{Dialect, Front};
use crate::sim::world::air::Air;

/// Qualcomm's bits for GSM and UMTS.
const QUALCOMM: &[(u8, Rat, u16)] = &[
    (7, Rat::Gsm, 1800),
    (8, Rat::Gsm, 900),
    (22, Rat::Umts, 1),
    (26, Rat::Umts, 5),
    (49, Rat::Umts, 8),
];

/// Quectel's.
const QUECTEL: &[(u8, Rat, u16)] = &[
    (0, Rat::Gsm, 900),
    (1, Rat::Gsm, 1800),
    (4, Rat::Umts, 1),
    (6, Rat::Umts, 5),
    (7, Rat::Umts, 8),
];

const OLD: [Rat; 2] = [Rat::Gsm, Rat::Umts];

type Answer = Result<(), Failure>;

/// Runs a command when it is about this.
pub(super) fn run(
    at: &At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
    output: &mut String,
) -> Option<Answer> {
    let dialect = match context.config.front {
        Front::At => context.config.dialect,
        Front::Qmi | Front::Mbim | Front::None => Dialect::Quectel,
    };
    let mut say = |text: &str| at.say(output, text);
    let result = match (dialect, name) {
        (Dialect::Quectel, "+QCFG") if tail.starts_with("=\"band\"") => {
            quectel_band(context, tail, &mut say)
        }
        (Dialect::Quectel, "+QCFG") if tail.starts_with("=\"nwscanmode\"") => {
            let values = [("0", vec![Rat::Gsm, Rat::Umts, Rat::Lte]), ("3", vec![Rat::Lte])];
            let tail = tail.trim_start_matches("=\"nwscanmode\"");
            let value = tail.trim_start_matches(',').split(',').next().unwrap_or_default();
            modes(context, value, &values, |value| {
                say(&format!("+QCFG: \"nwscanmode\",{value},1"));
            })
        }
        (Dialect::Huawei, "^SYSCFGEX") => huawei(context, tail, &mut say),
        (Dialect::Simcom, "+CSYSSEL") => simcom(context, tail, &mut say),
        (Dialect::Simcom, "+CNMP") => {
            let all = vec![Rat::Umts, Rat::Lte];
            numbered(context, tail, &[("2", all), ("38", vec![Rat::Lte])], "+CNMP", &mut say)
        }
        (Dialect::Fibocom | Dialect::Mediatek, "+GTACT") => codes(context, tail, name, &mut say),
        (Dialect::Xmm, "+XACT") => codes(context, tail, name, &mut say),
        (Dialect::Sierra, "!ENTERCND") => Ok(()),
        (Dialect::Sierra, "!BAND") => sierra(context, tail, &mut say),
        (Dialect::Sierra, "!SELRAT") => {
            let all = vec![Rat::Gsm, Rat::Umts, Rat::Lte];
            let values = [("00", all), ("06", vec![Rat::Lte])];
            numbered(context, tail, &values, "!SELRAT", &mut say)
        }
        (Dialect::Telit, "#BND") => telit(context, tail, &mut say),
        _ => return None,
    };
    Some(result)
}

fn old_mask(bands: &[Band], table: &[(u8, Rat, u16)]) -> u64 {
    let is_set =
        |(_, rat, number): &&(u8, Rat, u16)| bands.contains(&Band { rat: *rat, number: *number });
    table.iter().filter(is_set).fold(0, |mask, (bit, ..)| mask | 1 << bit)
}

/// The host chooses by two masks, hexadecimal.
fn choose(context: &mut Context<'_>, old: &str, lte: &str, table: &[(u8, Rat, u16)]) -> Answer {
    let parse = |text: &str| {
        let text = text.trim_start_matches("0x");
        u64::from_str_radix(text, 16).map_err(|_| Failure::Cme(50))
    };
    let (old, lte) = (parse(old)?, parse(lte)?);
    let set = table.iter().filter(|(bit, ..)| old & 1 << bit != 0);
    let mut bands: Vec<Band> =
        set.map(|(_, rat, number)| Band { rat: *rat, number: *number }).collect();
    let rats = if bands.is_empty() { &[][..] } else { &OLD[..] };
    bands.extend(Air::of_mask(Rat::Lte, lte));
    take(context, &[rats, &[Rat::Lte]].concat(), &bands);
    Ok(())
}

fn take(context: &mut Context<'_>, rats: &[Rat], bands: &[Band]) {
    if context.world.radio.air.choose(rats, bands) {
        context.world.search_again(context.now);
    }
}

fn rats(context: &Context<'_>) -> Vec<Rat> {
    let mask = context.world.radio.mode_preference;
    let all = [(Rat::Gsm, 2), (Rat::Umts, 3), (Rat::Lte, 4)];
    all.into_iter().filter(|(_, bit)| mask & 1 << bit != 0).map(|(rat, _)| rat).collect()
}

/// Shows or sets technologies by the vendor's words for sets of them.
fn modes(
    context: &mut Context<'_>,
    wanted: &str,
    values: &[(&str, Vec<Rat>)],
    mut show: impl FnMut(&str),
) -> Answer {
    if wanted.is_empty() {
        let now = rats(context);
        let value = values.iter().find(|(_, rats)| *rats == now).or(values.first());
        show(value.map_or("", |(value, _)| value));
        return Ok(());
    }
    let chosen = values.iter().find(|(value, _)| *value == wanted).ok_or(Failure::Cme(50))?;
    let bit = |rat: &Rat| match rat {
        Rat::Gsm => 1 << 2,
        Rat::Umts => 1 << 3,
        Rat::Lte | Rat::Nr5g => 1 << 4,
    };
    context.world.radio.mode_preference = chosen.1.iter().fold(0, |mask, rat| mask | bit(rat));
    context.world.search_again(context.now);
    Ok(())
}

/// TS 27.007 5.9.
pub(super) fn ws46(context: &mut Context<'_>, tail: &str, mut say: impl FnMut(&str)) -> Answer {
    let values = [
        ("25", vec![Rat::Gsm, Rat::Umts, Rat::Lte]),
        ("12", vec![Rat::Gsm]),
        ("22", vec![Rat::Umts]),
        ("28", vec![Rat::Lte]),
        ("29", vec![Rat::Gsm, Rat::Umts]),
        ("30", vec![Rat::Gsm, Rat::Lte]),
        ("31", vec![Rat::Umts, Rat::Lte]),
        ("35", vec![Rat::Gsm, Rat::Umts, Rat::Lte]),
        ("37", vec![Rat::Lte, Rat::Nr5g]),
    ];
    numbered(context, tail, &values, "+WS46", &mut say)
}

fn numbered(
    context: &mut Context<'_>,
    tail: &str,
    values: &[(&str, Vec<Rat>)],
    name: &str,
    say: &mut impl FnMut(&str),
) -> Answer {
    let wanted = if tail == "?" { "" } else { tail.trim_start_matches('=') };
    modes(context, wanted, values, |value| say(&format!("{name}: {value}")))
}

fn quectel_band(context: &mut Context<'_>, tail: &str, say: &mut impl FnMut(&str)) -> Answer {
    let fields: Vec<&str> = tail.split(',').collect();
    if let [_, old, lte, ..] = fields.as_slice() {
        return choose(context, old, lte, QUECTEL);
    }
    let bands = &context.world.radio.air.bands;
    let (old, lte) = (old_mask(bands, QUECTEL), Air::mask(bands, Rat::Lte));
    say(&format!("+QCFG: \"band\",0x{old:x},0x{lte:x},0x0"));
    Ok(())
}

fn huawei(context: &mut Context<'_>, tail: &str, say: &mut impl FnMut(&str)) -> Answer {
    let values = [
        ("00", vec![Rat::Gsm, Rat::Umts, Rat::Lte]),
        ("03", vec![Rat::Lte]),
        ("0302", vec![Rat::Umts, Rat::Lte]),
    ];
    let air = &context.world.radio.air;
    let masks = |bands: &[Band]| (old_mask(bands, QUALCOMM), Air::mask(bands, Rat::Lte));
    match tail {
        "?" => {
            let now = rats(context);
            let value = values.iter().find(|(_, rats)| *rats == now).map_or("00", |it| it.0);
            let (old, lte) = masks(&air.bands);
            say(&format!("^SYSCFGEX: \"{value}\",{old:X},1,2,{lte:X}"));
            Ok(())
        }
        "=?" => {
            let (old, lte) = masks(&air.supported);
            say(&format!(
                "^SYSCFGEX: (\"00\",\"03\",\"0302\",\"99\"),(({old:x},\"GSM900/GSM1800/WCDMA\"),\
                 (3fffffff,\"All Bands\")),(0-3),(0-4),(({lte:x},\"LTE\"),\
                 (7fffffffffffffff,\"All bands\"))"
            ));
            Ok(())
        }
        _ => {
            let fields: Vec<&str> = tail.trim_start_matches('=').split(',').collect();
            let [value, old, _, _, lte, ..] = fields.as_slice() else {
                return Err(Failure::Cme(50));
            };
            if *lte == "40000000" {
                return modes(context, value.trim_matches('"'), &values, |_| {});
            }
            choose(context, old, lte, QUALCOMM)
        }
    }
}

/// 5G modems of SIMCom: here one without 5G.
fn simcom(context: &mut Context<'_>, tail: &str, say: &mut impl FnMut(&str)) -> Answer {
    let list = |bands: &[Band], rat| {
        Air::numbers(bands, rat).map(|n| n.to_string()).collect::<Vec<_>>().join(":")
    };
    let air = &context.world.radio.air;
    if tail == "=?" {
        say(&format!("+CSYSSEL: \"w_band\",{}", list(&air.supported, Rat::Umts)));
        say(&format!("+CSYSSEL: \"lte_band\",{}", list(&air.supported, Rat::Lte)));
        return Ok(());
    }
    let (key, numbers) = tail.split_once(',').unwrap_or((tail, ""));
    let rat = match key {
        "=\"w_band\"" => Rat::Umts,
        "=\"lte_band\"" => Rat::Lte,
        _ => return Err(Failure::Error),
    };
    if numbers.is_empty() {
        let key = key.trim_start_matches('=');
        say(&format!("+CSYSSEL: {key},{}", list(&air.bands, rat)));
        return Ok(());
    }
    let numbers = numbers.split(':').filter_map(|number| number.parse().ok());
    let bands: Vec<Band> = numbers.map(|number| Band { rat, number }).collect();
    take(context, &[rat], &bands);
    Ok(())
}

/// Fibocom's and Intel's: one list of codes.
fn codes(context: &mut Context<'_>, tail: &str, name: &str, say: &mut impl FnMut(&str)) -> Answer {
    let list = |bands: &[Band], rat, first: u16| {
        Air::numbers(bands, rat).map(|n| (n + first).to_string()).collect::<Vec<_>>().join(",")
    };
    let auto = if name == "+GTACT" { "20" } else { "6" };
    let values = [(auto, vec![Rat::Gsm, Rat::Umts, Rat::Lte]), ("2", vec![Rat::Lte])];
    let air = &context.world.radio.air;
    let lists = |bands: &[Band]| (list(bands, Rat::Umts, 0), list(bands, Rat::Lte, 100));
    match tail {
        "?" => {
            let now = rats(context);
            let value = values.iter().find(|(_, rats)| *rats == now).map_or(auto, |it| it.0);
            let (umts, lte) = lists(&air.bands);
            say(&format!("{name}: {value},2,,{umts},{lte}"));
        }
        "=?" if name == "+GTACT" => {
            let (umts, lte) = lists(&air.supported);
            say(&format!("{name}: (1,2,4,20),(2,3),(2,3),(),({umts}),({lte}),(),(),()"));
        }
        "=?" => {
            let (umts, lte) = lists(&air.supported);
            say(&format!("{name}: (0-6),(0-2),0,{umts},{lte}"));
        }
        _ => {
            let fields: Vec<&str> = tail.trim_start_matches('=').split(',').collect();
            let chosen = fields.get(3..).unwrap_or_default();
            if chosen.is_empty() || chosen == [""] {
                let value = fields.first().copied().unwrap_or_default();
                return modes(context, value, &values, |_| {});
            }
            let band = |text: &&str| {
                let code: u16 = text.parse().ok()?;
                let rat = if code > 100 { Rat::Lte } else { Rat::Umts };
                Some(Band { rat, number: code % 100 })
            };
            let bands: Vec<Band> = chosen.iter().filter_map(band).collect();
            take(context, &[Rat::Umts, Rat::Lte], &bands);
        }
    }
    Ok(())
}

fn sierra(context: &mut Context<'_>, tail: &str, say: &mut impl FnMut(&str)) -> Answer {
    const HEAD: &str = "Index, Name,          GW Band Mask     L Band Mask      TDS Band Mask";
    let air = &mut context.world.radio.air;
    let row = |name: &str, bands: &[Band]| {
        let (old, lte) = (old_mask(bands, QUALCOMM), Air::mask(bands, Rat::Lte));
        format!("{name:<20} {old:016X} {lte:016X} {:016X}", 0)
    };
    match tail {
        "?" => {
            say(HEAD);
            say(&row("0F, ltewan", &air.bands));
        }
        "=?" => {
            say(HEAD);
            say(&row("00, All bands", &air.supported));
        }
        "=0F" => {}
        _ => {
            let fields: Vec<&str> = tail.split(',').collect();
            let [_, _, old, lte] = fields.as_slice() else { return Err(Failure::Error) };
            return choose(context, old, lte, QUALCOMM);
        }
    }
    Ok(())
}

fn telit(context: &mut Context<'_>, tail: &str, say: &mut impl FnMut(&str)) -> Answer {
    let air = &context.world.radio.air;
    match tail {
        "?" => say(&format!("#BND: 5,0,{}", Air::mask(&air.bands, Rat::Lte))),
        "=?" => say(&format!("#BND: (0-5),(0),(1-{})", Air::mask(&air.supported, Rat::Lte))),
        _ => {
            let lte = tail.rsplit(',').next().and_then(|text| text.parse().ok());
            let bands = Air::of_mask(Rat::Lte, lte.ok_or(Failure::Cme(50))?);
            take(context, &[Rat::Lte], &bands);
        }
    }
    Ok(())
}
