//! Where the modem is registered, technology by technology, and why it was refused.

use super::super::code::codes;
use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::Rat;
use crate::wire::Error;

codes! {
    /// What service a technology gives.
    pub enum ServiceStatus: u8 {
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

/// One technology.
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
    /// Why registration was refused: an EMM or GMM cause, TS 24.301 9.9.3.9, TS 24.008 10.5.5.14.
    pub reject_cause: Option<u8>,
}

/// The reply to Get System Info, and the System Info indication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemInfo {
    /// The technologies the modem says anything of.
    pub rats: Vec<RatInfo>,
}

/// Technology, TLV of its status and TLV of its details in the reply. In the indication the
/// numbers up to NR's are the same.
const RATS: [(Rat, u8, u8); 4] = [
    (Rat::Gsm, 0x12, 0x17),
    (Rat::Umts, 0x13, 0x18),
    (Rat::Lte, 0x14, 0x19),
    (Rat::Nr5g, 0x4A, 0x4B),
];

impl SystemInfo {
    /// Reads the TLVs of a reply.
    pub fn read(tlvs: Tlvs<'_>) -> Self {
        let rat = |(rat, status, details): (Rat, u8, u8)| {
            let status = tlvs.optional(status, TlvReader::u8).map(ServiceStatus::from_code)?;
            let details = tlvs.optional(details, read_details).unwrap_or_default();
            Some(RatInfo {
                rat,
                status,
                roaming: details.roaming,
                forbidden: details.forbidden,
                reject_cause: details.reject_cause,
            })
        };
        Self { rats: RATS.into_iter().filter_map(rat).collect() }
    }

    /// Why the last registration was refused, newest technology first.
    pub fn reject_cause(&self) -> Option<u8> {
        self.rats.iter().rev().find_map(|rat| rat.reject_cause)
    }
}

#[derive(Default)]
struct Details {
    roaming: Option<bool>,
    forbidden: Option<bool>,
    reject_cause: Option<u8>,
}

/// Pairs of a flag that says whether a value is valid, and the value.
fn read_details(r: &mut TlvReader<'_>) -> Result<Details, Error> {
    let _domain = (r.u8()?, r.u8()?);
    let _capability = (r.u8()?, r.u8()?);
    let roaming = (r.flag()?, r.u8()?);
    let forbidden = (r.flag()?, r.flag()?);
    let mut details = Details {
        roaming: roaming.0.then_some(roaming.1 == 1),
        forbidden: forbidden.0.then_some(forbidden.1),
        reject_cause: None,
    };
    // LAC, cell id, then the refusal; firmware may end the TLV before it.
    let refusal = (|| {
        r.bytes(3)?;
        r.bytes(5)?;
        Ok::<_, Error>((r.flag()?, r.u8()?, r.u8()?))
    })();
    if let Ok((true, _domain, cause)) = refusal {
        details.reject_cause = Some(cause).filter(|cause| *cause != 0);
    }
    Ok(details)
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
