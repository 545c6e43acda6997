//! What a modem tells when it is asked for all: antennas, cells, temperature, and who it is.

use super::{Msisdn, Plmn, Rat, Signal, band_of};

/// Everything one reading told; what it did not is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurement {
    /// What is heard.
    pub signal: Option<Signal>,
    /// What each antenna hears, in the order of their sockets.
    pub antennas: Vec<Antenna>,
    /// The cells.
    pub cells: Cells,
    /// The hottest place in the modem.
    pub temperature_c: Option<i16>,
    /// The revision of its hardware.
    pub hardware: Option<String>,
    /// The phone number, as far as the SIM knows it.
    pub number: Option<Msisdn>,
}

impl Measurement {
    /// Adds what another reading told; where both tell, the newer counts.
    pub fn merge(&mut self, newer: Self) {
        if let Some(new) = newer.signal {
            self.signal = Some(new.or(self.signal.unwrap_or_default()));
        }
        // One port may tell fewer of them apart than the other.
        if newer.antennas.len() >= self.antennas.len() {
            self.antennas = newer.antennas;
        }
        self.cells.merge(newer.cells);
        self.temperature_c = newer.temperature_c.or(self.temperature_c);
        self.hardware = newer.hardware.or(self.hardware.take());
        self.number = newer.number.or(self.number.take());
    }
}

/// What one antenna hears.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Antenna {
    /// Received power over the whole band.
    pub rssi_dbm: Option<i16>,
    /// Reference signal received power.
    pub rsrp_dbm: Option<i16>,
    /// Reference signal received quality.
    pub rsrq_db: Option<i16>,
    /// Signal to interference and noise, in tenths of a dB.
    pub sinr_tenth_db: Option<i16>,
}

/// The cells around the modem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cells {
    /// The one that serves it.
    pub serving: Option<Cell>,
    /// Every carrier in use, the serving cell's first.
    pub carriers: Vec<(Role, Cell)>,
    /// The others that it hears.
    pub neighbours: Vec<Cell>,
}

impl Cells {
    fn merge(&mut self, newer: Self) {
        if let Some(new) = newer.serving {
            let old = self.serving.take().unwrap_or_default();
            // What is known of another cell says nothing of this one.
            let is_same = (old.rat, old.pci) == (new.rat, new.pci)
                || old.cell_id.is_some() && old.cell_id == new.cell_id
                || old.rat == new.rat && (old.pci.is_none() || new.pci.is_none());
            self.serving = Some(if is_same { new.or(old) } else { new });
        }
        if !newer.carriers.is_empty() {
            let old = core::mem::replace(&mut self.carriers, newer.carriers);
            for (role, cell) in &mut self.carriers {
                let same = |(other, old): &&(Role, Cell)| {
                    other == role && (old.rat, old.pci) == (cell.rat, cell.pci)
                };
                if let Some((_, old)) = old.iter().find(same) {
                    *cell = cell.or(*old);
                }
            }
        }
        if !newer.neighbours.is_empty() {
            self.neighbours = newer.neighbours;
        }
    }
}

/// What a carrier is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The serving cell's.
    Primary,
    /// Added to it, TS 36.300 5.5.
    Secondary,
    /// 5G beside LTE (EN-DC), TS 37.340.
    Nr,
}

impl Role {
    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Nr => "nr",
        }
    }
}

/// A cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// Its technology.
    pub rat: Option<Rat>,
    /// Its network.
    pub plmn: Option<Plmn>,
    /// Tracking area code, 24 bits with NR; location area code of older technologies.
    pub tac: Option<u32>,
    /// Its number in the network: 28 bits with LTE (ECI), 36 with NR (NCI), TS 23.003 19.6.
    pub cell_id: Option<u64>,
    /// Physical cell id; primary scrambling code with UMTS, BSIC with GSM.
    pub pci: Option<u16>,
    /// The number of its downlink channel.
    pub arfcn: Option<u32>,
    /// The band as the modem names it.
    pub band: Option<u16>,
    /// Its downlink bandwidth.
    pub bandwidth_khz: Option<u32>,
    /// Received power over the whole band.
    pub rssi_dbm: Option<i16>,
    /// Reference signal received power; RSCP with UMTS.
    pub rsrp_dbm: Option<i16>,
    /// Reference signal received quality.
    pub rsrq_db: Option<i16>,
    /// Signal to interference and noise, in tenths of a dB.
    pub sinr_tenth_db: Option<i16>,
}

impl Cell {
    /// A cell of which nothing else is known.
    pub fn of(rat: Rat) -> Self {
        Self { rat: Some(rat), ..Self::default() }
    }

    /// Its band: the modem's word for it, else the one its channel is in.
    pub fn band(&self) -> Option<u16> {
        self.band.or_else(|| band_of(self.rat?, self.arfcn?))
    }

    /// What it says, and what `other` says beside that.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            rat: self.rat.or(other.rat),
            plmn: self.plmn.or(other.plmn),
            tac: self.tac.or(other.tac),
            cell_id: self.cell_id.or(other.cell_id),
            pci: self.pci.or(other.pci),
            arfcn: self.arfcn.or(other.arfcn),
            band: self.band.or(other.band),
            bandwidth_khz: self.bandwidth_khz.or(other.bandwidth_khz),
            rssi_dbm: self.rssi_dbm.or(other.rssi_dbm),
            rsrp_dbm: self.rsrp_dbm.or(other.rsrp_dbm),
            rsrq_db: self.rsrq_db.or(other.rsrq_db),
            sinr_tenth_db: self.sinr_tenth_db.or(other.sinr_tenth_db),
        }
    }

    /// A cell of which only this was heard.
    pub fn heard(signal: &Signal) -> Self {
        Self {
            rssi_dbm: signal.rssi_dbm,
            rsrp_dbm: signal.rsrp_dbm,
            rsrq_db: signal.rsrq_db,
            sinr_tenth_db: signal.sinr_tenth_db,
            ..Self::default()
        }
    }

    /// What it says of the signal.
    pub fn signal(&self) -> Signal {
        Signal {
            rat: self.rat,
            rssi_dbm: self.rssi_dbm,
            rsrp_dbm: self.rsrp_dbm,
            rsrq_db: self.rsrq_db,
            sinr_tenth_db: self.sinr_tenth_db,
            ecio_db: None,
        }
    }
}
