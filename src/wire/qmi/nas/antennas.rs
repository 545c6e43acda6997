//! What each receive chain hears.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::serving_system::code_of_rat;
use crate::types::{Antenna, Rat};
use crate::wire::Error;

/// Get Tx Rx Info (0x005A).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetTxRxInfoRequest {
    /// TLV 0x01: the technology asked about.
    pub rat: Rat,
}

/// The TLVs of receive chains 0 to 3.
const CHAINS: [u8; 4] = [0x10, 0x11, 0x15, 0x16];

impl Request for GetTxRxInfoRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x005A;
    type Response = Vec<Antenna>;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, code_of_rat(self.rat));
    }

    /// Chains that are not tuned are left out at the end, and empty between others.
    fn read(tlvs: Tlvs<'_>) -> Result<Vec<Antenna>, Error> {
        let mut antennas = Vec::new();
        for kind in CHAINS {
            antennas.push(tlvs.optional(kind, read_chain).unwrap_or_default());
        }
        while antennas.pop_if(|last| *last == Antenna::default()).is_some() {}
        Ok(antennas)
    }
}

fn read_chain(r: &mut TlvReader<'_>) -> Option<Antenna> {
    let is_tuned = r.flag()?;
    let (power, _ecio, rscp, rsrp) = (r.u32()?, r.u32()?, r.u32()?, r.u32()?);
    if !is_tuned {
        return Some(Antenna::default());
    }
    // In tenths of a dBm. What a technology does not have is 0 or out of any range.
    let dbm = |value: u32| {
        let tenths = i32::from_le_bytes(value.to_le_bytes());
        i16::try_from(tenths / 10).ok().filter(|dbm| (-160..0).contains(dbm))
    };
    Some(Antenna { rssi_dbm: dbm(power), rsrp_dbm: dbm(rsrp).or(dbm(rscp)), ..Antenna::default() })
}
