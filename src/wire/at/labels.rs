//! Answers for people: a label, a colon and a value, several a line. Sierra's `!GSTATUS?`.

use crate::types::{Antenna, Cell, Measurement, Rat, Role};

/// Reads the lines of `!GSTATUS?`. Labels that are not known are passed over.
pub fn parse_gstatus(lines: &[String]) -> Measurement {
    let find = |label: &str| lines.iter().find_map(|line| value(line, label));
    let celsius = find("Temperature").and_then(number).filter(|c| (-40..=125).contains(c));
    let mut told = Measurement { temperature_c: celsius, ..Measurement::default() };
    let rat = match find("System mode") {
        Some(mode) if mode.starts_with("LTE") => Rat::Lte,
        Some(mode) if mode.starts_with("NR5G") || mode.starts_with("ENDC") => Rat::Nr5g,
        Some(_) | None => return told,
    };
    let is_endc = find("System mode").is_some_and(|mode| mode.starts_with("ENDC"));
    if rat == Rat::Lte || is_endc {
        let serving = lte(&find);
        told.cells.serving = Some(serving);
        told.cells.carriers.push((Role::Primary, serving));
        told.cells.carriers.extend(secondary(&find).map(|cell| (Role::Secondary, cell)));
    }
    if rat == Rat::Nr5g {
        let cell = nr(&find);
        if is_endc {
            told.cells.carriers.push((Role::Nr, cell));
        } else {
            told.cells.serving = Some(cell);
            told.cells.carriers.push((Role::Primary, cell));
        }
    }
    told.antennas = antennas(lines, rat);
    let own = told.cells.carriers.iter().rfind(|(_, cell)| cell.rat == Some(rat));
    told.signal = own.map(|(_, cell)| cell.signal());
    told
}

fn lte<'a>(find: &impl Fn(&str) -> Option<&'a str>) -> Cell {
    Cell {
        band: find("LTE band").and_then(band),
        bandwidth_khz: find("LTE bw").and_then(megahertz),
        arfcn: find("LTE Rx chan").and_then(|text| text.parse().ok()),
        tac: find("TAC").and_then(hex).and_then(|tac| u32::try_from(tac).ok()),
        cell_id: find("Cell ID").and_then(hex),
        rssi_dbm: find("PCC RxM RSSI").and_then(number),
        rsrp_dbm: find("PCC RxM RSRP").or_else(|| find("RSRP (dBm)")).and_then(number),
        rsrq_db: find("RSRQ (dB)").and_then(number),
        sinr_tenth_db: find("SINR (dB)").and_then(tenths),
        ..Cell::of(Rat::Lte)
    }
}

/// The one of MC74xx; EM75xx number theirs.
fn secondary<'a>(find: &impl Fn(&str) -> Option<&'a str>) -> Option<Cell> {
    let band = find("LTE Scell band").and_then(band)?;
    Some(Cell {
        band: Some(band),
        bandwidth_khz: find("LTE Scell bw").and_then(megahertz),
        arfcn: find("LTE Scell chan").and_then(|text| text.parse().ok()),
        ..Cell::of(Rat::Lte)
    })
}

fn nr<'a>(find: &impl Fn(&str) -> Option<&'a str>) -> Cell {
    Cell {
        band: find("NR5G band").and_then(band),
        bandwidth_khz: find("NR5G dl bw").and_then(megahertz),
        arfcn: find("NR5G Rx chan").and_then(|text| text.parse().ok()),
        tac: find("NR5G TAC").and_then(hex).and_then(|tac| u32::try_from(tac).ok()),
        cell_id: find("NR5G Cell ID").and_then(hex),
        rsrp_dbm: find("NR5G RSRP (dBm)").and_then(number),
        rsrq_db: find("NR5G RSRQ (dB)").and_then(number),
        sinr_tenth_db: find("NR5G SINR (dB)").and_then(tenths),
        ..Cell::of(Rat::Nr5g)
    }
}

/// Main and diversity receiver; of NR up to four.
fn antennas(lines: &[String], rat: Rat) -> Vec<Antenna> {
    const LTE: [&str; 2] = ["PCC RxM", "PCC RxD"];
    const NR: [&str; 4] = ["NR5G(sub6) Rx0", "NR5G(sub6) Rx1", "NR5G(sub6) Rx2", "NR5G(sub6) Rx3"];
    let names: &[&str] = if rat == Rat::Nr5g { &NR } else { &LTE };
    let mut antennas = Vec::new();
    for name in names {
        let Some(line) = lines.iter().find(|line| line.contains(name)) else { continue };
        let labels = ["RSSI (dBm)", "RSSI"].map(|what| format!("{name} {what}"));
        let rssi = labels.iter().find_map(|label| value(line, label)).and_then(number);
        let own = format!("{name} RSRP");
        let rsrp = value(line, &own).or_else(|| value(line, "RSRP (dBm)")).and_then(number);
        antennas.push(Antenna { rssi_dbm: rssi, rsrp_dbm: rsrp, ..Antenna::default() });
    }
    antennas
}

/// The value behind a label: up to two spaces, or a tab. The label stands at the line's beginning
/// or behind those.
fn value<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let mut rest = line;
    loop {
        let at = rest.find(label)?;
        let (before, found) = rest.split_at_checked(at)?;
        let found = found.get(label.len()..)?;
        let is_own = before.is_empty() || before.ends_with('\t') || before.ends_with("  ");
        if is_own && let Some(value) = found.trim_start().strip_prefix(':') {
            let value = value.trim_start();
            let end = value.find('\t').into_iter().chain(value.find("  ")).min();
            let value = value.get(..end.unwrap_or(value.len()))?.trim();
            return (!value.is_empty() && value != "--").then_some(value);
        }
        rest = found;
    }
}

fn number(text: &str) -> Option<i16> {
    tenths(text).map(|tenths| tenths.div_euclid(10))
}

fn tenths(text: &str) -> Option<i16> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let tenth: i16 = tenth.get(..1)?.parse().ok()?;
    let number: i16 = whole.parse().ok().filter(|number| (-300..=300).contains(number))?;
    Some(number * 10 + if whole.starts_with('-') { -tenth } else { tenth })
}

/// `8C65 (35666)` is hexadecimal before the parentheses.
fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.split(' ').next()?, 16).ok()
}

fn band(text: &str) -> Option<u16> {
    text.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

fn megahertz(text: &str) -> Option<u32> {
    let mhz: u32 = text.split(' ').next()?.parse().ok()?;
    (mhz <= 400).then_some(mhz * 1000)
}
