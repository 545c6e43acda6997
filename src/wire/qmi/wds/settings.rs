//! What the network gave a call.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::{PdpType, auth_from_code, family_from_code};
use crate::types::{AuthMethod, IpFamily};
use crate::wire::Error;
use core::net::{Ipv4Addr, Ipv6Addr};

/// Which settings to ask for: the bits of TLV 0x10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedSettings(pub u32);

impl RequestedSettings {
    /// Profile (bit 0), PDP type (2), APN (3), DNS (4), address (8), gateway (9), MTU (13), domains
    /// (14) and IP family (15): all that an interface is configured with.
    pub const INTERFACE: Self = Self(0xE31D);
}

/// Get Current Settings (0x002D). [`super::super::QmiError::OutOfCall`]: there is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetCurrentSettingsRequest {
    /// TLV 0x10.
    pub requested: RequestedSettings,
}

/// The settings of a call. What the modem did not send is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CurrentSettings {
    /// TLV 0x10.
    pub profile_name: Option<String>,
    /// TLV 0x11.
    pub pdp_type: Option<PdpType>,
    /// TLV 0x14, as the network completed it.
    pub apn: Option<String>,
    /// TLVs 0x15 and 0x16; 0.0.0.0 is left out.
    pub ipv4_dns: Vec<Ipv4Addr>,
    /// TLV 0x1B.
    pub username: Option<String>,
    /// TLV 0x1D.
    pub auth: Option<AuthMethod>,
    /// TLV 0x1E.
    pub ipv4_address: Option<Ipv4Addr>,
    /// TLV 0x1F: type and number.
    pub profile: Option<(u8, u8)>,
    /// TLV 0x20.
    pub ipv4_gateway: Option<Ipv4Addr>,
    /// TLV 0x21.
    pub ipv4_subnet_mask: Option<Ipv4Addr>,
    /// TLV 0x25: address and length of its prefix.
    pub ipv6_address: Option<(Ipv6Addr, u8)>,
    /// TLV 0x26: address and length of its prefix.
    pub ipv6_gateway: Option<(Ipv6Addr, u8)>,
    /// TLVs 0x27 and 0x28; `::` is left out.
    pub ipv6_dns: Vec<Ipv6Addr>,
    /// TLV 0x29, in bytes.
    pub mtu: Option<u32>,
    /// TLV 0x2A. Hostile text.
    pub domain_names: Vec<String>,
    /// TLV 0x2B.
    pub ip_family: Option<IpFamily>,
}

impl CurrentSettings {
    /// The length of the IPv4 prefix that the subnet mask stands for; `None` without a mask or for
    /// one with holes in it.
    pub fn ipv4_prefix_len(&self) -> Option<u8> {
        let mask = self.ipv4_subnet_mask?.to_bits();
        let ones = mask.leading_ones();
        (mask.count_ones() == ones).then(|| u8::try_from(ones).ok())?
    }
}

impl Request for GetCurrentSettingsRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x002D;
    type Response = CurrentSettings;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u32(0x10, self.requested.0);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<CurrentSettings, Error> {
        let ipv4 = |kind| tlvs.optional(kind, TlvReader::ipv4).filter(|ip| !ip.is_unspecified());
        let ipv6 = |kind| tlvs.optional(kind, TlvReader::ipv6).filter(|ip| !ip.is_unspecified());
        let prefix = |kind| {
            let read = |r: &mut TlvReader<'_>| Some((r.ipv6()?, r.u8()?));
            tlvs.optional(kind, read).filter(|(ip, len)| !ip.is_unspecified() && *len <= 128)
        };
        let text = |kind| tlvs.optional(kind, TlvReader::text);
        Ok(CurrentSettings {
            profile_name: text(0x10),
            pdp_type: tlvs.optional(0x11, TlvReader::u8).map(PdpType::from_code),
            apn: text(0x14),
            ipv4_dns: both(ipv4(0x15), ipv4(0x16)),
            username: text(0x1B),
            auth: tlvs.optional(0x1D, TlvReader::u8).map(auth_from_code),
            ipv4_address: ipv4(0x1E),
            profile: tlvs.optional(0x1F, |r| Some((r.u8()?, r.u8()?))),
            ipv4_gateway: ipv4(0x20),
            ipv4_subnet_mask: tlvs.optional(0x21, TlvReader::ipv4),
            ipv6_address: prefix(0x25),
            ipv6_gateway: prefix(0x26),
            ipv6_dns: both(ipv6(0x27), ipv6(0x28)),
            mtu: tlvs.optional(0x29, TlvReader::u32).filter(|mtu| *mtu != 0),
            domain_names: tlvs.optional(0x2A, |r| r.list8(TlvReader::text16)).unwrap_or_default(),
            ip_family: tlvs.optional(0x2B, TlvReader::u8).and_then(family_from_code),
        })
    }
}

/// Those of two that there are.
fn both<T>(first: Option<T>, second: Option<T>) -> Vec<T> {
    let mut both = Vec::new();
    both.extend(first);
    both.extend(second);
    both
}
