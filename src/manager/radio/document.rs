//! What was measured, as ubus, LuCI and the command line show it.

use super::super::slot::Slot;
use super::history::{Reading, Span};
use crate::time::Instant;
use crate::types::{Antenna, Cell, Rat, Table, band_name};

/// What the modem hears, how good that is, and how old it is.
pub(in super::super) fn signal(now: Instant, slot: &Slot) -> Table {
    let mut table = Table::new();
    let Some((at, signal)) = slot.radio.signal(now) else { return table };
    table.put_some("rat", signal.rat.map(Rat::name));
    put_levels(&mut table, signal.rssi_dbm, signal.rsrp_dbm, signal.rsrq_db, signal.sinr_tenth_db);
    table.put_some("ecio_db", signal.ecio_db.map(i32::from));
    table.put_some("quality", signal.quality());
    let mut antennas = Vec::new();
    for of in &slot.radio.measured.antennas {
        antennas.push(antenna(of));
    }
    if !antennas.is_empty() {
        table.put("antennas", antennas);
    }
    if !table.is_empty() {
        table.put("age_s", now.saturating_since(at).as_secs());
    }
    table
}

fn put_levels(
    table: &mut Table,
    rssi_dbm: Option<i16>,
    rsrp_dbm: Option<i16>,
    rsrq_db: Option<i16>,
    sinr_tenth_db: Option<i16>,
) {
    table.put_some("rssi_dbm", rssi_dbm.map(i32::from));
    table.put_some("rsrp_dbm", rsrp_dbm.map(i32::from));
    table.put_some("rsrq_db", rsrq_db.map(i32::from));
    table.put_some("sinr_db", sinr_tenth_db.map(|tenths| f64::from(tenths) / 10.0));
}

fn antenna(antenna: &Antenna) -> Table {
    let mut table = Table::new();
    let Antenna { rssi_dbm, rsrp_dbm, rsrq_db, sinr_tenth_db } = *antenna;
    put_levels(&mut table, rssi_dbm, rsrp_dbm, rsrq_db, sinr_tenth_db);
    table
}

/// The band of the serving cell.
pub(in super::super) fn band(slot: &Slot) -> Option<String> {
    let serving = slot.radio.measured.cells.serving.as_ref()?;
    Some(band_name(serving.rat?, serving.band()?))
}

/// The hottest place in the modem.
pub(in super::super) fn temperature(slot: &Slot) -> Option<i32> {
    slot.radio.measured.temperature_c.map(i32::from)
}

/// The revision of the hardware, and the phone number in full.
pub(in super::super) fn put_names(table: &mut Table, slot: &Slot) {
    let measured = &slot.radio.measured;
    table.put_some("hardware_revision", measured.hardware.as_deref());
    table.put_some("number", measured.number.as_ref().map(|number| number.expose()));
}

/// What went over the modem's net device.
pub(in super::super) fn traffic(slot: &Slot) -> Option<Table> {
    let traffic = slot.radio.traffic?;
    let mut table =
        Table::new().with("rx_bytes", traffic.rx_bytes).with("tx_bytes", traffic.tx_bytes);
    if let Some((rx_bps, tx_bps)) = traffic.rates {
        table.put("rx_bps", rx_bps);
        table.put("tx_bps", tx_bps);
    }
    Some(table)
}

/// One span of the history.
pub(super) fn history(now: Instant, slot: &Slot, span: Span) -> Table {
    let mut samples = Vec::new();
    for (ago, reading) in slot.radio.history.samples(now, span) {
        let mut table = Table::new();
        table.put("t", ago);
        let Reading { rssi_dbm, rsrp_dbm, rsrq_db, sinr_tenth_db, rx_bps, tx_bps } = reading;
        put_levels(&mut table, rssi_dbm, rsrp_dbm, rsrq_db, sinr_tenth_db);
        table.put_some("rx_bps", rx_bps);
        table.put_some("tx_bps", tx_bps);
        samples.push(table);
    }
    let mut table = Table::new();
    table.put("span", span.name());
    table.put("step_s", span.step_secs());
    table.put("samples", samples);
    table
}

/// The cells around the modem.
pub(super) fn cells(now: Instant, slot: &Slot) -> Table {
    let cells = &slot.radio.measured.cells;
    let mut table = Table::new();
    if let Some(serving) = cells.serving {
        let heard = slot.radio.signal(now).map(|(_, signal)| signal).unwrap_or_default();
        let plmn = slot.machine.facts().registration.plmn;
        let known = Cell { plmn, ..Cell::default() };
        let known = if heard.rat == serving.rat { known.or(Cell::heard(&heard)) } else { known };
        table.put("serving", cell(&serving.or(known)));
    }
    let mut carriers = Vec::new();
    for (role, of) in &cells.carriers {
        let mut table = Table::new();
        table.put("role", role.name());
        table.0.extend(cell(of).0);
        carriers.push(table);
    }
    table.put("carriers", carriers);
    let mut neighbours = Vec::new();
    for of in &cells.neighbours {
        neighbours.push(cell(of));
    }
    table.put("neighbours", neighbours);
    table
}

fn cell(cell: &Cell) -> Table {
    let mut table = Table::new();
    table.put_some("rat", cell.rat.map(Rat::name));
    table.put_some("plmn", cell.plmn.map(|plmn| plmn.to_string()));
    table.put_some("tac", cell.tac);
    table.put_some("cell_id", cell.cell_id);
    put_parts(&mut table, cell);
    table.put_some("pci", cell.pci);
    table.put_some("arfcn", cell.arfcn);
    table.put_some("band", cell.rat.zip(cell.band()).map(|(rat, band)| band_name(rat, band)));
    table.put_some("bandwidth_mhz", cell.bandwidth_khz.map(|khz| f64::from(khz) / 1000.0));
    put_levels(&mut table, cell.rssi_dbm, cell.rsrp_dbm, cell.rsrq_db, cell.sinr_tenth_db);
    table
}

/// The base station and its sector. With LTE the sector is the last 8 bits of 28, TS 36.413
/// 9.2.1.37. With NR the operator chooses how many of 36 bits name the base station, 22 to 32, TS
/// 38.413 9.3.1.6; most use 24.
fn put_parts(table: &mut Table, cell: &Cell) {
    match (cell.rat, cell.cell_id) {
        (Some(Rat::Lte), Some(id)) => {
            table.put("enb_id", id >> 8);
            table.put("sector", id & 0xFF);
        }
        (Some(Rat::Nr5g), Some(id)) => {
            table.put("gnb_id", id >> 12);
            table.put("sector", id & 0xFFF);
        }
        (Some(Rat::Gsm | Rat::Umts) | None, _) | (Some(_), None) => {}
    }
}
