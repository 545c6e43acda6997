//! MBIM_CID_BASE_STATIONS_INFO of Microsoft's extensions: the cells around the modem, LTE's alone.
//!
//! "MB base stations information query support" in Microsoft's driver documentation; libmbim's
//! `data/mbim-service-ms-basic-connect-extensions.json`.

use super::{Command, CommandKind, Info, InfoWriter, MAX_ELEMENTS, Service};
use crate::types::{Cell, Cells, Plmn, Rat};
use crate::wire::Error;

/// How many neighbours are asked for.
const NEIGHBOURS: u32 = 16;

/// The bytes of a neighbour before its texts.
const NEIGHBOUR_LEN: usize = 32;

/// Asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseStationsInfoQuery;

impl Command for BaseStationsInfoQuery {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = 11;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Cells;

    fn write(&self, info: &mut InfoWriter) {
        // Most of GSM, UMTS, TD-SCDMA, LTE and CDMA.
        info.u32(0).u32(0).u32(0).u32(NEIGHBOURS).u32(0);
    }

    fn read(mut info: Info<'_>) -> Result<Cells, Error> {
        let _technologies = info.u32()?;
        // GSM, UMTS, TD-SCDMA and LTE: the serving cell of each, then its neighbours.
        let mut parts = [&[][..]; 8];
        for part in &mut parts {
            *part = info.bytes()?;
        }
        let [_, _, _, lte, _, _, _, near] = parts;
        let serving = if lte.is_empty() { None } else { Some(cell(&mut Info::new(lte))?) };
        Ok(Cells { serving, neighbours: neighbours(near), ..Cells::default() })
    }
}

/// The fields of a serving cell and of a neighbour, which begin alike.
fn cell(info: &mut Info<'_>) -> Result<Cell, Error> {
    let provider = info.text()?;
    let (cell_id, arfcn, pci, tac) = (info.u32()?, info.u32()?, info.u32()?, info.u32()?);
    let (rsrp, rsrq) = (info.u32()?, info.u32()?);
    let known = |value: u32| (value != u32::MAX).then_some(value);
    // Signed, in dBm and dB.
    let level = |value: u32, range: core::ops::RangeInclusive<i32>| {
        let value = i32::from_le_bytes(value.to_le_bytes());
        i16::try_from(value).ok().filter(|_| range.contains(&value))
    };
    Ok(Cell {
        plmn: Plmn::parse(&provider).ok(),
        cell_id: known(cell_id).map(u64::from),
        arfcn: known(arfcn),
        pci: u16::try_from(pci).ok().filter(|pci| *pci <= 503),
        tac: known(tac),
        rsrp_dbm: level(rsrp, -140..=-20),
        rsrq_db: level(rsrq, -43..=20),
        ..Cell::of(Rat::Lte)
    })
}

/// A count, then one after the other, each with its texts behind it. Those before the end count.
fn neighbours(bytes: &[u8]) -> Vec<Cell> {
    let Ok(count) = Info::new(bytes).u32() else { return Vec::new() };
    let count = usize::try_from(count).unwrap_or(MAX_ELEMENTS).min(MAX_ELEMENTS);
    let mut rest = bytes.get(4..).unwrap_or_default();
    let mut cells = Vec::new();
    for _ in 0..count {
        let Ok(cell) = cell(&mut Info::new(rest)) else { break };
        cells.push(cell);
        let mut head = Info::new(rest);
        let texts = match (head.u32(), head.u32()) {
            (Ok(1..), Ok(len)) => usize::try_from(len).unwrap_or(usize::MAX),
            (Ok(_) | Err(_), _) => 0,
        };
        let len = NEIGHBOUR_LEN.saturating_add(texts.saturating_add(3) & !3);
        rest = rest.get(len..).unwrap_or_default();
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn text(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn the_serving_cell_and_neighbours_with_and_without_a_network_are_read() {
        let levels = |rsrp: i32, rsrq: i32| [rsrp, rsrq].map(i32::cast_unsigned);
        let [rsrp, rsrq] = levels(-92, -9);
        let mut serving = words(&[36, 12, 0x01C0_3E0B, 1300, 246, 0x5A21, rsrp, rsrq, u32::MAX]);
        serving.extend(text("262020"));
        let mut near = words(&[2, 32, 12, u32::MAX, 1300, 155, u32::MAX, rsrp, u32::MAX]);
        near.extend(text("262020"));
        near.extend(words(&[0, 0, u32::MAX, 6300, 9999, 7, u32::MAX, rsrq]));
        let head = 4 + 9 * 8;
        let mut info = words(&[0x20, 0, 0, 0, 0, 0, 0, head, 48, 0, 0, 0, 0, 0, 0]);
        info.extend(words(&[head + 48, u32::try_from(near.len()).unwrap_or(0), 0, 0]));
        info.extend(serving);
        info.extend(near);
        let cells = BaseStationsInfoQuery::read(Info::new(&info)).unwrap_or_default();
        let serving = cells.serving.unwrap_or_default();
        assert_eq!(serving.plmn, Plmn::parse("262020").ok());
        assert_eq!((serving.cell_id, serving.arfcn), (Some(0x01C0_3E0B), Some(1300)));
        assert_eq!((serving.pci, serving.tac), (Some(246), Some(0x5A21)));
        assert_eq!((serving.rsrp_dbm, serving.rsrq_db), (Some(-92), Some(-9)));
        let shown: Vec<_> = cells.neighbours.iter().map(|c| (c.arfcn, c.pci, c.rsrp_dbm)).collect();
        assert_eq!(shown, [(Some(1300), Some(155), Some(-92)), (Some(6300), None, None)]);
        for cut in 0..info.len() {
            let _ = BaseStationsInfoQuery::read(Info::new(info.get(..cut).unwrap_or_default()));
        }
    }
}
