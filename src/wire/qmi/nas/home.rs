//! The network of the SIM.

use super::super::{Request, Service, TlvWriter, Tlvs};
use super::network_name;
use crate::types::Plmn;
use crate::wire::Error;

/// Get Home Network (0x0025).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetHomeNetworkRequest;

/// The network that the SIM is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeNetwork {
    /// TLV 0x01, and TLV 0x12 for how many digits its code has; two when the modem does not say.
    pub plmn: Option<Plmn>,
    /// TLV 0x01: its name. Hostile text.
    pub name: Option<String>,
}

impl Request for GetHomeNetworkRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0025;
    type Response = HomeNetwork;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<HomeNetwork, Error> {
        let (mcc, mnc, name) = tlvs.mandatory(0x01, &"home network", |r| {
            Some((r.u16()?, r.u16()?, r.bytes8().unwrap_or_default()))
        })?;
        let digits = tlvs.optional(0x12, |r| Some((r.flag()?, r.flag()?)));
        let name = network_name(name);
        Ok(HomeNetwork {
            plmn: super::plmn(mcc, mnc, digits.is_some_and(|(is_3gpp, three)| is_3gpp && three)),
            name: (!name.is_empty()).then_some(name),
        })
    }
}
