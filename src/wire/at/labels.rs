//! Answers for people: a label, a colon and a value, several a line. Sierra's `!GSTATUS?`.

use crate::types::text::split_once;
use crate::types::{Antenna, Cell, Measurement, Rat, Role};

/// The labels of what is told of a cell; those it lacks are empty.
struct Labels {
    rat: Rat,
    band: &'static str,
    width: &'static str,
    arfcn: &'static str,
    tac: &'static str,
    cell_id: &'static str,
    rssi: &'static str,
    /// And what else may stand for it.
    rsrp: [&'static str; 2],
    rsrq: &'static str,
    sinr: &'static str,
}

const LTE: Labels = Labels {
    rat: Rat::Lte,
    band: "LTE band",
    width: "LTE bw",
    arfcn: "LTE Rx chan",
    tac: "TAC",
    cell_id: "Cell ID",
    rssi: "PCC RxM RSSI",
    rsrp: ["PCC RxM RSRP", "RSRP (dBm)"],
    rsrq: "RSRQ (dB)",
    sinr: "SINR (dB)",
};

/// The one of MC74xx; EM75xx number theirs.
const SECONDARY: Labels = Labels {
    band: "LTE Scell band",
    width: "LTE Scell bw",
    arfcn: "LTE Scell chan",
    tac: "",
    cell_id: "",
    rssi: "",
    rsrp: [""; 2],
    rsrq: "",
    sinr: "",
    ..LTE
};

const NR: Labels = Labels {
    rat: Rat::Nr5g,
    band: "NR5G band",
    width: "NR5G dl bw",
    arfcn: "NR5G Rx chan",
    tac: "NR5G TAC",
    cell_id: "NR5G Cell ID",
    rssi: "",
    rsrp: ["NR5G RSRP (dBm)", ""],
    rsrq: "NR5G RSRQ (dB)",
    sinr: "NR5G SINR (dB)",
};

/// Reads the lines of `!GSTATUS?`. Labels that are not known are passed over.
pub fn parse_gstatus(lines: &[String]) -> Measurement {
    let celsius = find(lines, "Temperature").and_then(number);
    let celsius = celsius.filter(|c| (-40..=125).contains(c));
    let mut told = Measurement { temperature_c: celsius, ..Measurement::default() };
    let mode = find(lines, "System mode").unwrap_or_default();
    let is_endc = mode.starts_with("ENDC");
    let is_lte = mode.starts_with("LTE");
    if !is_lte && !is_endc && !mode.starts_with("NR5G") {
        return told;
    }
    let carriers = &mut told.cells.carriers;
    if is_lte || is_endc {
        carriers.push((Role::Primary, cell(lines, &LTE)));
        let secondary = cell(lines, &SECONDARY);
        if secondary.band.is_some() {
            carriers.push((Role::Secondary, secondary));
        }
    }
    if !is_lte {
        let role = if is_endc { Role::Nr } else { Role::Primary };
        carriers.push((role, cell(lines, &NR)));
    }
    let rat = if is_lte { Rat::Lte } else { Rat::Nr5g };
    let own = carriers.iter().rfind(|(_, cell)| cell.rat == Some(rat));
    told.signal = own.map(|(_, cell)| cell.signal());
    told.cells.serving = carriers.first().map(|(_, cell)| *cell);
    told.antennas = antennas(lines, rat);
    told
}

fn cell(lines: &[String], labels: &Labels) -> Cell {
    let find = |label| find(lines, label);
    let [rsrp, or_rsrp] = labels.rsrp;
    let mut cell = Cell::of(labels.rat);
    cell.band = find(labels.band).and_then(band);
    cell.bandwidth_khz = find(labels.width).and_then(megahertz);
    cell.arfcn = find(labels.arfcn).and_then(|text| text.parse().ok());
    cell.tac = find(labels.tac).and_then(hex).and_then(|tac| u32::try_from(tac).ok());
    cell.cell_id = find(labels.cell_id).and_then(hex);
    cell.rssi_dbm = find(labels.rssi).and_then(number);
    cell.rsrp_dbm = find(rsrp).or_else(|| find(or_rsrp)).and_then(number);
    cell.rsrq_db = find(labels.rsrq).and_then(number);
    cell.sinr_tenth_db = find(labels.sinr).and_then(tenths);
    cell
}

/// The value behind a label, in any line.
fn find<'a>(lines: &'a [String], label: &str) -> Option<&'a str> {
    if label.is_empty() {
        return None;
    }
    lines.iter().find_map(|line| value(line, label))
}

/// Main and diversity receiver; of NR up to four.
fn antennas(lines: &[String], rat: Rat) -> Vec<Antenna> {
    const LTE: [&str; 2] = ["PCC RxM", "PCC RxD"];
    const NR: [&str; 4] = ["NR5G(sub6) Rx0", "NR5G(sub6) Rx1", "NR5G(sub6) Rx2", "NR5G(sub6) Rx3"];
    let names: &[&str] = if rat == Rat::Nr5g { &NR } else { &LTE };
    let mut antennas = Vec::new();
    for name in names {
        let Some(line) = lines.iter().find(|line| line.contains(name)) else { continue };
        let own = |what: &str| value(line, &format!("{name} {what}"));
        antennas.push(Antenna {
            rssi_dbm: own("RSSI (dBm)").or_else(|| own("RSSI")).and_then(number),
            rsrp_dbm: own("RSRP").or_else(|| value(line, "RSRP (dBm)")).and_then(number),
            ..Antenna::default()
        });
    }
    antennas
}

/// The value behind a label: up to two spaces, or a tab. The label stands at the line's beginning
/// or behind those.
fn value<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let mut rest = line;
    loop {
        let (before, found) = split_once(rest, label)?;
        let is_own = before.is_empty() || before.ends_with('\t') || before.ends_with("  ");
        if is_own && let Some(value) = found.trim_start().strip_prefix(':') {
            let value = value.trim_start();
            let value = value.split('\t').next()?;
            let value = split_once(value, "  ").map_or(value, |(value, _)| value).trim();
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
