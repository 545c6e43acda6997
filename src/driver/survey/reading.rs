//! The answers of one round, put together.

use super::dialect::{Level, Question, Reading};
use crate::types::text::contains;
use crate::types::{Antenna, Cell, Measurement, Plmn, Rat, Role};
use crate::wire::at::{Layout, Params, Place, parse_gstatus, read_layouts};

/// No modem has more sockets.
const ANTENNAS_MAX: usize = 8;

/// The most cells that are kept of one round.
const CELLS_MAX: usize = 64;

/// What was told so far.
#[derive(Default)]
pub(super) struct Told {
    measured: Measurement,
    /// 5G beside LTE.
    nr: Vec<Cell>,
}

impl Told {
    /// Reads one answer.
    pub(super) fn read(&mut self, question: &Question, lines: &[String]) {
        match &question.reading {
            Reading::Nothing => {}
            Reading::Lines(layouts) => {
                for line in lines {
                    self.line(layouts, line);
                }
            }
            Reading::Marked(mark, marked, others) => {
                let is_marked = lines.iter().any(|line| contains(line, mark));
                for line in lines {
                    self.line(if is_marked { marked } else { others }, line);
                }
            }
            Reading::Gstatus => self.measured.merge(parse_gstatus(lines)),
            Reading::Antennas(level) => self.antennas(*level, lines),
            Reading::Temperature(unit) => self.measured.temperature_c = hottest(lines, *unit),
            Reading::Rfsts => {
                if let Some(cell) = lines.iter().find_map(|line| rfsts(line)) {
                    self.serve(&cell);
                }
            }
        }
    }

    fn line(&mut self, layouts: &[Layout], line: &str) {
        let Some((place, cell)) = read_layouts(layouts, line) else { return };
        let cells = &mut self.measured.cells;
        let is_on = |rat| cells.serving.is_some_and(|cell| cell.rat == Some(rat));
        let (is_standalone, is_anchored) = (is_on(Rat::Nr5g), is_on(Rat::Lte));
        if cells.carriers.len() + cells.neighbours.len() + self.nr.len() >= CELLS_MAX {
            return;
        }
        match place {
            Place::Serving => self.serve(&cell),
            Place::Nr if !is_standalone => self.beside(&cell),
            Place::Primary if cell.rat == Some(Rat::Nr5g) && is_anchored => self.beside(&cell),
            Place::Nr | Place::Primary | Place::Secondary => {
                let is_primary = place == Place::Primary;
                let role = if is_primary { Role::Primary } else { Role::Secondary };
                cells.carriers.push((role, cell));
            }
            Place::Neighbour if cell.pci.is_some() => cells.neighbours.push(cell),
            Place::Neighbour => {}
        }
    }

    /// Takes note of the serving cell; of two technologies LTE's is that, and NR is beside it.
    #[inline(never)]
    fn serve(&mut self, cell: &Cell) {
        let serving = &mut self.measured.cells.serving;
        match serving {
            Some(known) if known.rat == cell.rat => *known = known.or(*cell),
            Some(known) if known.rat == Some(Rat::Lte) && cell.rat == Some(Rat::Nr5g) => {
                self.beside(cell);
            }
            Some(_) => {}
            None => *serving = Some(*cell),
        }
    }

    #[inline(never)]
    fn beside(&mut self, cell: &Cell) {
        // Without a cell there is none.
        if cell.pci.is_some() || cell.arfcn.is_some() {
            for known in &mut self.nr {
                if known.pci == cell.pci || known.arfcn == cell.arfcn {
                    *known = known.or(*cell);
                    return;
                }
            }
            self.nr.push(*cell);
        }
    }

    /// A line a technology; with two, the one of 5G counts.
    fn antennas(&mut self, level: Level, lines: &[String]) {
        let own = |line: &&String| line.ends_with("NR5G");
        let Some(line) = lines.iter().find(own).or_else(|| lines.first()) else { return };
        let Some((_, rest)) = line.split_once(':') else { return };
        for (at, param) in Params::new(rest.trim()).list(ANTENNAS_MAX).iter().enumerate() {
            let Some(value) = param.text.parse::<i16>().ok() else { break };
            let antennas = &mut self.measured.antennas;
            if level == Level::Rsrp && (-139..=-20).contains(&value) {
                antennas.resize(at + 1, Antenna::default());
            }
            // An antenna that hears nothing has no quality either.
            let Some(antenna) = antennas.get_mut(at) else { continue };
            match level {
                Level::Rsrp => antenna.rsrp_dbm = Some(value),
                Level::Rsrq if (-43..=20).contains(&value) => antenna.rsrq_db = Some(value),
                Level::Sinr if (-30..=50).contains(&value) => {
                    antenna.sinr_tenth_db = Some(value * 10);
                }
                Level::Rsrq | Level::Sinr => {}
            }
        }
    }

    /// Puts it together.
    pub(super) fn finish(mut self) -> Measurement {
        let cells = &mut self.measured.cells;
        if let Some(serving) = &mut cells.serving {
            match cells.carriers.iter_mut().find(|(role, _)| *role == Role::Primary) {
                Some((_, primary)) if primary.rat == serving.rat => {
                    *primary = serving.or(*primary);
                    *serving = *primary;
                }
                Some(_) => {}
                None => cells.carriers.insert(0, (Role::Primary, *serving)),
            }
        }
        if self.measured.signal.is_none() {
            let newest = self.nr.first().or(cells.serving.as_ref()).map(Cell::signal);
            self.measured.signal = newest.filter(|signal| signal.quality().is_some());
        }
        for cell in self.nr {
            cells.carriers.push((Role::Nr, cell));
        }
        self.measured
    }
}

/// The hottest of all numbers, `unit` of which are a degree. What is no temperature (-273, 0,
/// 65535) is passed over. Some modems have degrees among their tenths.
fn hottest(lines: &[String], unit: i32) -> Option<i16> {
    for unit in [unit, 1] {
        let mut hottest = None;
        for line in lines {
            let (_, params) = line.split_once(':').unwrap_or(("", line));
            for param in Params::new(params.trim()) {
                let Ok(number) = param.text.parse::<i32>() else { continue };
                // In tenths, a number that could be degrees is.
                let is_fine = unit == 1 || number.unsigned_abs() > 125;
                if is_fine && number != 0 && (-40 * unit..=125 * unit).contains(&number) {
                    hottest = hottest.max(Some(number));
                }
            }
        }
        if let Some(hottest) = hottest {
            return i16::try_from(hottest / unit).ok();
        }
    }
    None
}

/// Telit's `#RFSTS` on LTE: the cell's number stands before the IMSI, and the band three behind
/// that, wherever firmware puts them.
fn rfsts(line: &str) -> Option<Cell> {
    let params = Params::of(line, "#RFSTS")?.list(32);
    let at = |i: usize| params.get(i).map_or("", |param| param.text);
    let decimal = |text: &str| -> Option<i16> {
        text.split('.').next()?.parse().ok().filter(|value| (-160..0).contains(value))
    };
    // On UMTS a scrambling code stands there.
    let rsrp_dbm = decimal(at(2))?;
    let digits: String = at(0).chars().filter(char::is_ascii_digit).collect();
    let imsi = params.iter().skip(1).position(|param| param.is_quoted).map(|i| i + 1);
    let cell_id = imsi.and_then(|i| u64::from_str_radix(at(i.checked_sub(1)?), 16).ok());
    let band = imsi.and_then(|i| at(i + 3).parse().ok()).filter(|band| (1..=88).contains(band));
    Some(Cell {
        plmn: Plmn::parse(&digits).ok(),
        arfcn: at(1).parse().ok(),
        rsrp_dbm: Some(rsrp_dbm),
        rssi_dbm: decimal(at(3)),
        rsrq_db: decimal(at(4)).filter(|rsrq| *rsrq >= -43),
        tac: u32::from_str_radix(at(5), 16).ok(),
        cell_id: cell_id.filter(|id| *id != 0),
        band,
        ..Cell::of(Rat::Lte)
    })
}
