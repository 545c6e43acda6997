//! Bands, channels and bandwidths in use, also of aggregated carriers.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::serving_system::rat_from_code;
use crate::types::{Cell, Rat, Role};
use crate::wire::Error;

/// First and last code of `QmiNasActiveBand`, the technology, and the first one's band; those
/// between count up.
const BANDS: &[(u16, u16, Rat, u16)] = &[
    (40, 40, Rat::Gsm, 450),
    (41, 41, Rat::Gsm, 480),
    (42, 42, Rat::Gsm, 750),
    (43, 43, Rat::Gsm, 850),
    (44, 44, Rat::Gsm, 900),
    (45, 45, Rat::Gsm, 900),
    (46, 46, Rat::Gsm, 900),
    (47, 47, Rat::Gsm, 1800),
    (48, 48, Rat::Gsm, 1900),
    (80, 88, Rat::Umts, 1),
    (90, 90, Rat::Umts, 11),
    (91, 91, Rat::Umts, 19),
    (120, 133, Rat::Lte, 1),
    (134, 134, Rat::Lte, 17),
    (135, 142, Rat::Lte, 33),
    (143, 146, Rat::Lte, 18),
    (147, 148, Rat::Lte, 24),
    (149, 151, Rat::Lte, 41),
    (152, 152, Rat::Lte, 23),
    (153, 153, Rat::Lte, 26),
    (154, 154, Rat::Lte, 32),
    (155, 157, Rat::Lte, 125),
    (158, 160, Rat::Lte, 28),
    (161, 161, Rat::Lte, 66),
    (162, 162, Rat::Lte, 250),
    (163, 163, Rat::Lte, 46),
    (164, 164, Rat::Lte, 27),
    (165, 165, Rat::Lte, 31),
    (166, 167, Rat::Lte, 47),
    (168, 168, Rat::Lte, 71),
    (250, 252, Rat::Nr5g, 1),
    (253, 253, Rat::Nr5g, 5),
    (254, 255, Rat::Nr5g, 7),
    (256, 256, Rat::Nr5g, 20),
    (257, 257, Rat::Nr5g, 28),
    (258, 258, Rat::Nr5g, 38),
    (259, 259, Rat::Nr5g, 41),
    (260, 261, Rat::Nr5g, 50),
    (262, 262, Rat::Nr5g, 66),
    (263, 264, Rat::Nr5g, 70),
    (265, 270, Rat::Nr5g, 74),
    (271, 275, Rat::Nr5g, 80),
    (276, 276, Rat::Nr5g, 85),
    (277, 281, Rat::Nr5g, 257),
    (282, 282, Rat::Nr5g, 12),
    (283, 283, Rat::Nr5g, 25),
    (284, 284, Rat::Nr5g, 34),
    (285, 286, Rat::Nr5g, 39),
    (287, 287, Rat::Nr5g, 65),
    (288, 288, Rat::Nr5g, 86),
    (289, 289, Rat::Nr5g, 48),
    (290, 290, Rat::Nr5g, 14),
    (291, 291, Rat::Nr5g, 13),
    (292, 292, Rat::Nr5g, 18),
    (293, 293, Rat::Nr5g, 26),
    (294, 294, Rat::Nr5g, 30),
    (295, 295, Rat::Nr5g, 29),
    (296, 296, Rat::Nr5g, 53),
    (297, 297, Rat::Nr5g, 46),
    (298, 301, Rat::Nr5g, 91),
];

/// The band of a code of `QmiNasActiveBand`.
pub fn band_of_code(code: u16) -> Option<(Rat, u16)> {
    let (first, _, rat, band) = BANDS.iter().find(|row| (row.0..=row.1).contains(&code))?;
    Some((*rat, band + (code - first)))
}

/// `QmiNasDLBandwidth` in kHz, by its codes from 0 to 24.
const BANDWIDTHS_KHZ: [u32; 25] = [
    1400, 3000, 5000, 10_000, 15_000, 20_000, 5000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000,
    50_000, 60_000, 80_000, 90_000, 100_000, 200_000, 400_000, 200, 1600, 5000, 10_000, 70_000,
];

fn bandwidth_khz(code: u32) -> Option<u32> {
    BANDWIDTHS_KHZ.get(usize::try_from(code).ok()?).copied()
}

/// Get RF Band Information (0x0031): a carrier of each technology in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetRfBandInfoRequest;

impl Request for GetRfBandInfoRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0031;
    type Response = Vec<Cell>;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Vec<Cell>, Error> {
        let long = tlvs.optional(0x11, |r| read_list(r, 4));
        let mut cells = match long {
            Some(cells) => cells,
            None => tlvs.mandatory(0x01, &"list", |r| read_list(r, 2))?,
        };
        let widths = tlvs.optional(0x12, |r| r.list8(|r| Some((r.u8()?, r.u32()?))));
        for (code, width) in widths.unwrap_or_default() {
            for cell in &mut cells {
                if cell.rat == rat_from_code(code) {
                    cell.bandwidth_khz = bandwidth_khz(width);
                }
            }
        }
        Ok(cells)
    }
}

fn read_list(r: &mut TlvReader<'_>, channel_len: usize) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    for _ in 0..r.u8()? {
        let (rat, code) = (rat_from_code(r.u8()?), r.u16()?);
        let arfcn = Some(r.number(channel_len)?);
        let band = band_of_code(code).filter(|(of, _)| Some(*of) == rat).map(|(_, band)| band);
        if rat.is_some() {
            cells.push(Cell { rat, arfcn, band, ..Cell::default() });
        }
    }
    Some(cells)
}

/// Get LTE Cphy CA Info (0x00AC): the carriers of LTE, those that are configured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetLteCphyCaInfoRequest;

impl Request for GetLteCphyCaInfoRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x00AC;
    type Response = Vec<(Role, Cell)>;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Vec<(Role, Cell)>, Error> {
        let mut carriers = Vec::new();
        if let Some(cell) = tlvs.optional(0x13, read_carrier) {
            carriers.push((Role::Primary, cell));
        }
        let before = carriers.len();
        let list = tlvs.optional(0x15, |r| {
            for _ in 0..r.u8()? {
                let (cell, state, _index) = (read_carrier(r)?, r.u32()?, r.u8()?);
                if state != 0 {
                    carriers.push((Role::Secondary, cell));
                }
            }
            Some(())
        });
        // Older firmware tells of one alone.
        if (list.is_none() || carriers.len() == before)
            && let Some((cell, 1..)) = tlvs.optional(0x12, |r| Some((read_carrier(r)?, r.u32()?)))
        {
            carriers.push((Role::Secondary, cell));
        }
        Ok(carriers)
    }
}

fn read_carrier(r: &mut TlvReader<'_>) -> Option<Cell> {
    let (pci, channel, width, code) = (r.u16()?, r.u16()?, r.u32()?, r.u16()?);
    Some(Cell {
        pci: Some(pci),
        arfcn: Some(channel.into()),
        bandwidth_khz: bandwidth_khz(width),
        band: band_of_code(code).filter(|(rat, _)| *rat == Rat::Lte).map(|(_, band)| band),
        ..Cell::of(Rat::Lte)
    })
}
