//! The cells around the modem.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::{Cell, Cells, Plmn, Rat};
use crate::wire::Error;

/// Get Cell Location Info (0x0043).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetCellLocationInfoRequest;

impl Request for GetCellLocationInfoRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0043;
    type Response = Cells;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    /// Each TLV stands for itself: what of one is too short is left out.
    fn read(tlvs: Tlvs<'_>) -> Result<Cells, Error> {
        let mut cells = Cells::default();
        let mut each = |kind, read: fn(&mut TlvReader<'_>, &mut Cells) -> Option<()>| {
            if let Some(mut r) = tlvs.get(kind) {
                // Those read before the end count.
                let _ = read(&mut r, &mut cells);
            }
        };
        each(0x10, geran);
        each(0x11, umts);
        each(0x13, lte);
        each(0x14, lte_other_frequencies);
        each(0x2F, nr);
        if let Some(serving) = &mut cells.serving {
            let channel = tlvs.optional(0x2E, TlvReader::u32);
            if serving.rat == Some(Rat::Nr5g) {
                serving.arfcn = channel.or(serving.arfcn);
            }
            let cell_id =
                tlvs.optional(0x17, TlvReader::u32).filter(|_| serving.rat == Some(Rat::Umts));
            serving.cell_id = cell_id.map(u64::from).or(serving.cell_id);
        }
        Ok(cells)
    }
}

/// Tenths of a dB or dBm as a whole number; what is not measured is far out of range.
fn tenths(value: i16) -> Option<i16> {
    (-2000..=500).contains(&value).then_some(value / 10)
}

/// Three bytes as TS 24.008 10.5.1.3 packs them.
fn plmn(r: &mut TlvReader<'_>) -> Option<Option<Plmn>> {
    let [a, b, c] = r.array::<3>()?;
    let digits = [a & 15, a >> 4, b & 15, c & 15, c >> 4, b >> 4];
    let mut text = String::new();
    for digit in digits {
        text.extend(char::from_digit(digit.into(), 10));
    }
    Some(Plmn::parse(&text).ok())
}

fn geran(r: &mut TlvReader<'_>, cells: &mut Cells) -> Option<()> {
    let cell_id = Some(r.u32()?).filter(|id| *id != u32::MAX).map(u64::from);
    let (plmn, lac, arfcn, bsic) = (plmn(r)?, r.u16()?, r.u16()?, r.u8()?);
    let (_timing_advance, level) = (r.u32()?, r.u16()?);
    let tac = Some(lac.into());
    cells.serving = Some(Cell { plmn, tac, cell_id, ..gsm_cell(arfcn, bsic, level) });
    for _ in 0..r.u8()? {
        let _id = (r.u32()?, r.array::<3>()?, r.u16()?);
        let (arfcn, bsic, level) = (r.u16()?, r.u8()?, r.u16()?);
        cells.neighbours.push(gsm_cell(arfcn, bsic, level));
    }
    Some(())
}

fn gsm_cell(arfcn: u16, bsic: u8, level: u16) -> Cell {
    // TS 45.008 8.1.4: 0 is -110 dBm.
    let level = i16::try_from(level).ok().filter(|level| *level <= 63);
    Cell {
        arfcn: Some(arfcn.into()),
        pci: Some(bsic.into()),
        rssi_dbm: level.map(|level| level - 110),
        ..Cell::of(Rat::Gsm)
    }
}

fn umts(r: &mut TlvReader<'_>, cells: &mut Cells) -> Option<()> {
    let (cell_id, plmn, lac) = (r.u16()?, plmn(r)?, r.u16()?);
    let cell = |r: &mut TlvReader<'_>| {
        let (arfcn, code, rscp, _ecio) = (r.u16()?, r.u16()?, r.i16()?, r.i16()?);
        Some(Cell {
            arfcn: Some(arfcn.into()),
            pci: Some(code),
            rsrp_dbm: Some(rscp).filter(|rscp| (-140..0).contains(rscp)),
            ..Cell::of(Rat::Umts)
        })
    };
    let cell_id = Some(cell_id.into()).filter(|id| *id != 0xFFFF);
    cells.serving = Some(Cell { plmn, tac: Some(lac.into()), cell_id, ..cell(r)? });
    for _ in 0..r.u8()? {
        cells.neighbours.push(cell(r)?);
    }
    Some(())
}

fn lte(r: &mut TlvReader<'_>, cells: &mut Cells) -> Option<()> {
    let _is_idle = r.flag()?;
    let (plmn, tac, cell_id) = (plmn(r)?, r.u16()?, r.u32()?);
    let (arfcn, serving_pci) = (u32::from(r.u16()?), r.u16()?);
    let _thresholds = r.array::<4>()?;
    cells.serving = Some(Cell {
        plmn,
        tac: Some(tac.into()),
        cell_id: Some(cell_id.into()),
        arfcn: Some(arfcn),
        pci: Some(serving_pci),
        ..Cell::of(Rat::Lte)
    });
    for _ in 0..r.u8()? {
        let cell = lte_cell(r, arfcn)?;
        match &mut cells.serving {
            Some(serving) if cell.pci == Some(serving_pci) => *serving = serving.or(cell),
            _ => cells.neighbours.push(cell),
        }
    }
    Some(())
}

fn lte_cell(r: &mut TlvReader<'_>, arfcn: u32) -> Option<Cell> {
    let (pci, rsrq, rsrp, rssi, _level) = (r.u16()?, r.i16()?, r.i16()?, r.i16()?, r.i16()?);
    Some(Cell {
        pci: Some(pci),
        arfcn: Some(arfcn),
        rsrq_db: tenths(rsrq),
        rsrp_dbm: tenths(rsrp),
        rssi_dbm: tenths(rssi),
        ..Cell::of(Rat::Lte)
    })
}

fn lte_other_frequencies(r: &mut TlvReader<'_>, cells: &mut Cells) -> Option<()> {
    let _is_idle = r.flag()?;
    for _ in 0..r.u8()? {
        let arfcn = r.u16()?.into();
        let _thresholds = r.array::<3>()?;
        for _ in 0..r.u8()? {
            let cell = lte_cell(r, arfcn)?;
            cells.neighbours.push(cell);
        }
    }
    Some(())
}

fn nr(r: &mut TlvReader<'_>, cells: &mut Cells) -> Option<()> {
    let plmn = plmn(r)?;
    // TS 38.413 9.3.3.10: most significant byte first.
    let tac = r.array::<3>()?.into_iter().fold(0, |tac, byte| tac << 8 | u32::from(byte));
    let (cell_id, pci) = (r.u64()?, r.u16()?);
    let (rsrq, rsrp, snr) = (r.i16()?, r.i16()?, r.i16()?);
    let cell = Cell {
        plmn,
        tac: Some(tac),
        cell_id: Some(cell_id),
        pci: Some(pci),
        rsrq_db: tenths(rsrq),
        rsrp_dbm: tenths(rsrp),
        sinr_tenth_db: Some(snr).filter(|snr| (-500..=500).contains(snr)),
        ..Cell::of(Rat::Nr5g)
    };
    // Beside LTE it is no serving cell of its own.
    if cells.serving.is_none() {
        cells.serving = Some(cell);
    } else {
        cells.carriers.push((crate::types::Role::Nr, cell));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::qmi::nas::band_of_code;

    fn tlvs(parts: &[(u8, Vec<u8>)]) -> Vec<u8> {
        let mut writer = TlvWriter::new();
        for (kind, value) in parts {
            writer.put(*kind, value);
        }
        writer.finish().unwrap_or_default()
    }

    /// As `QmiNasGetCellLocationInfo` of libqmi lays them out.
    #[test]
    fn nr_alone_is_the_serving_cell_and_beside_lte_a_carrier() {
        let mut nr = vec![0x62, 0xF2, 0x20, 0x11, 0x40, 0x00];
        nr.extend(0x1_0007_2000_u64.to_le_bytes());
        nr.extend(538_u16.to_le_bytes());
        nr.extend([-120_i16, -1090, 140].iter().flat_map(|level| level.to_le_bytes()));
        let arfcn = (0x2E, 620_640_u32.to_le_bytes().to_vec());
        let bytes = tlvs(&[(0x2F, nr.clone()), arfcn.clone()]);
        let cells = GetCellLocationInfoRequest::read(Tlvs::new(&bytes)).unwrap_or_default();
        let cell = cells.serving.unwrap_or_default();
        assert_eq!((cell.rat, cell.plmn), (Some(Rat::Nr5g), Plmn::parse("26202").ok()));
        assert_eq!((cell.tac, cell.cell_id), (Some(0x11_4000), Some(0x1_0007_2000)));
        assert_eq!((cell.pci, cell.arfcn, cell.band()), (Some(538), Some(620_640), Some(78)));
        assert_eq!(
            (cell.rsrp_dbm, cell.rsrq_db, cell.sinr_tenth_db),
            (Some(-109), Some(-12), Some(140))
        );
        let mut lte = vec![0, 0x62, 0xF2, 0x20, 0x21, 0x5A, 0x0B, 0x3E, 0xC0, 0x01];
        lte.extend([1300_u16, 246].iter().flat_map(|word| word.to_le_bytes()));
        lte.extend([7, 62, 8, 62, 2]);
        for (pci, rsrq, rsrp, rssi) in
            [(246_i16, -90_i16, -920_i16, -630_i16), (101, -150, -1050, -800)]
        {
            lte.extend([pci, rsrq, rsrp, rssi, 28].iter().flat_map(|word| word.to_le_bytes()));
        }
        let bytes = tlvs(&[(0x13, lte), (0x2F, nr), arfcn]);
        let cells = GetCellLocationInfoRequest::read(Tlvs::new(&bytes)).unwrap_or_default();
        let serving = cells.serving.unwrap_or_default();
        assert_eq!((serving.pci, serving.rsrp_dbm), (Some(246), Some(-92)));
        assert_eq!(cells.carriers.len(), 1);
        assert_eq!(cells.neighbours.first().and_then(|cell| cell.rsrq_db), Some(-15));
    }

    #[test]
    fn codes_of_bands_are_those_of_libqmi() {
        let codes = [
            (122, Some((Rat::Lte, 3))),
            (134, Some((Rat::Lte, 17))),
            (145, Some((Rat::Lte, 20))),
            (158, Some((Rat::Lte, 28))),
            (168, Some((Rat::Lte, 71))),
            (87, Some((Rat::Umts, 8))),
            (259, Some((Rat::Nr5g, 41))),
            (269, Some((Rat::Nr5g, 78))),
            (281, Some((Rat::Nr5g, 261))),
            (89, None),
            (400, None),
        ];
        for (code, band) in codes {
            assert_eq!(band_of_code(code), band, "{code}");
        }
    }
}
