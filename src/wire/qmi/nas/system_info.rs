//! Where the modem is registered, technology by technology, and why it was refused.

use super::super::code::codes;
use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::{Plmn, Rat};
use crate::wire::Error;

codes! {
    /// What service a technology gives.
    pub struct ServiceStatus: u8 {
        /// None.
        None = 0,
        /// Emergency calls only.
        Limited = 1,
        /// Full.
        Available = 2,
        /// Limited to a region.
        LimitedRegional = 3,
        /// None for now: saving power.
        PowerSave = 4,
    }
}

/// One technology. What the modem marks as not valid is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatInfo {
    /// Which.
    pub rat: Rat,
    /// What service it gives.
    pub status: ServiceStatus,
    /// Whether the modem roams on it.
    pub roaming: Option<bool>,
    /// Whether the network is forbidden to this SIM.
    pub forbidden: Option<bool>,
    /// Location area code, TS 23.003 4.1. LTE modems repeat the tracking area code or 0xFFFE here.
    pub lac: Option<u16>,
    /// The cell.
    pub cell_id: Option<u32>,
    /// Why registration was refused: an EMM or GMM cause, TS 24.301 9.9.3.9, TS 24.008 10.5.5.14.
    pub reject_cause: Option<u8>,
    /// The network.
    pub plmn: Option<Plmn>,
    /// Tracking area code, TS 23.003 19.4.2.3: LTE and NR.
    pub tac: Option<u16>,
}

/// The reply to Get System Info, and the System Info indication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemInfo {
    /// The technologies the modem says anything of.
    pub rats: Vec<RatInfo>,
}

/// Technology, TLV of its status and TLV of its details in the reply.
const RATS: [(Rat, u8, u8); 4] = [
    (Rat::Gsm, 0x12, 0x17),
    (Rat::Umts, 0x13, 0x18),
    (Rat::Lte, 0x14, 0x19),
    (Rat::Nr5g, 0x4A, 0x4B),
];

/// The same in the indication, which numbers what came after LTE differently.
const INDICATION_RATS: [(Rat, u8, u8); 4] = [RATS[0], RATS[1], RATS[2], (Rat::Nr5g, 0x4C, 0x4D)];

impl SystemInfo {
    /// The number of the indication.
    pub const INDICATION_MESSAGE: u16 = 0x004E;

    /// Reads the TLVs of a reply.
    pub fn read(tlvs: Tlvs<'_>) -> Self {
        Self::read_as(RATS, tlvs)
    }

    /// Reads the TLVs of an indication.
    pub fn read_indication(tlvs: Tlvs<'_>) -> Self {
        Self::read_as(INDICATION_RATS, tlvs)
    }

    fn read_as(rats: [(Rat, u8, u8); 4], tlvs: Tlvs<'_>) -> Self {
        let mut infos = Vec::new();
        for (rat, status, details) in rats {
            let Some(status) = tlvs.optional(status, TlvReader::u8) else { continue };
            let mut info = RatInfo::new(rat, ServiceStatus::from_code(status));
            if let Some(mut r) = tlvs.get(details) {
                // Firmware may end the TLV early; what came before counts.
                let _ = info.read_details(&mut r);
            }
            infos.push(info);
        }
        Self { rats: infos }
    }

    /// Why the last registration was refused, newest technology first.
    pub fn reject_cause(&self) -> Option<u8> {
        self.rats.iter().rev().find_map(|rat| rat.reject_cause)
    }
}

impl RatInfo {
    const fn new(rat: Rat, status: ServiceStatus) -> Self {
        Self {
            rat,
            status,
            roaming: None,
            forbidden: None,
            lac: None,
            cell_id: None,
            reject_cause: None,
            plmn: None,
            tac: None,
        }
    }

    /// Pairs of a flag that says whether a value is valid, and the value.
    // Apart from what makes it, so that what was read stays in its place.
    #[inline(never)]
    fn read_details(&mut self, r: &mut TlvReader<'_>) -> Option<()> {
        let _domain = (r.u8()?, r.u8()?);
        let _capability = (r.u8()?, r.u8()?);
        self.roaming = valid(r.flag()?, r.u8()? == 1);
        self.forbidden = valid(r.flag()?, r.flag()?);
        self.lac = valid(r.flag()?, r.u16()?);
        self.cell_id = valid(r.flag()?, r.u32()?);
        let (refused, _domain, cause) = (r.flag()?, r.u8()?, r.u8()?);
        self.reject_cause = valid(refused && cause != 0, cause);
        self.plmn = valid(r.flag()?, read_plmn(r)?).flatten();
        match self.rat {
            Rat::Lte | Rat::Nr5g => self.tac = valid(r.flag()?, r.u16()?),
            Rat::Gsm | Rat::Umts => {}
        }
        Some(())
    }
}

fn valid<T>(is_valid: bool, value: T) -> Option<T> {
    is_valid.then_some(value)
}

/// Three digits and three digits; a code of two digits ends in 0xFF.
fn read_plmn(r: &mut TlvReader<'_>) -> Option<Option<Plmn>> {
    let mut digits = String::new();
    for byte in r.bytes(6)? {
        if byte.is_ascii_digit() {
            digits.push(char::from(*byte));
        }
    }
    Some(Plmn::parse(&digits).ok())
}

/// Get System Info (0x004D). NAS 1.8 and later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetSystemInfoRequest;

impl Request for GetSystemInfoRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x004D;
    type Response = SystemInfo;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<SystemInfo, Error> {
        Ok(SystemInfo::read(tlvs))
    }
}
