//! MBIM_CID_IP_CONFIGURATION (10.5.20): what the network gave to a session.

use super::{Command, CommandKind, Info, InfoWriter, Service, cid};
use crate::types::{IpConfig, Ipv4Config, Ipv6Config};
use crate::wire::Error;
use core::net::{Ipv4Addr, Ipv6Addr};

/// The least MTU that is taken from a modem; some say 0.
const MTU_MIN: u32 = 576;

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpConfigurationQuery {
    /// Which session.
    pub session: u32,
}

/// MBIM_IP_CONFIGURATION_INFO. Lists are empty and options `None` where the modem leaves it to
/// DHCP or router advertisements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpConfiguration {
    /// Which session.
    pub session: u32,
    /// Addresses with the length of their prefix.
    pub v4_addresses: Vec<(Ipv4Addr, u8)>,
    /// Addresses with the length of their prefix.
    pub v6_addresses: Vec<(Ipv6Addr, u8)>,
    /// The next hop.
    pub v4_gateway: Option<Ipv4Addr>,
    /// The next hop.
    pub v6_gateway: Option<Ipv6Addr>,
    /// Name servers.
    pub v4_dns: Vec<Ipv4Addr>,
    /// Name servers.
    pub v6_dns: Vec<Ipv6Addr>,
    /// The largest packet, in bytes.
    pub v4_mtu: Option<u32>,
    /// The largest packet, in bytes.
    pub v6_mtu: Option<u32>,
}

/// Reads the length of a prefix.
fn prefix_len(info: &mut Info<'_>, max: u8) -> Result<u8, Error> {
    Ok(u8::try_from(info.u32()?).unwrap_or(max).min(max))
}

/// Has a list read that is referred to by its number of elements and where it starts.
fn each<'a>(
    info: &mut Info<'a>,
    read: &mut dyn FnMut(&mut Info<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let count = info.u32()?;
    match info.place()? {
        Some(mut place) => place.each(count, read),
        None => Ok(()),
    }
}

/// Bits of what is available (table 10-90).
const ADDRESS: u32 = 1;
const GATEWAY: u32 = 1 << 1;
const DNS: u32 = 1 << 2;
const MTU: u32 = 1 << 3;

impl IpConfiguration {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let mut config = Self::default();
        config.fill(info)?;
        Ok(config)
    }

    fn fill(&mut self, info: &mut Info<'_>) -> Result<(), Error> {
        self.session = info.u32()?;
        let (v4, v6) = (info.u32()?, info.u32()?);
        each(info, &mut |info| {
            let prefix_len = prefix_len(info, 32)?;
            self.v4_addresses.push((info.ipv4()?, prefix_len));
            Ok(())
        })?;
        each(info, &mut |info| {
            let prefix_len = prefix_len(info, 128)?;
            self.v6_addresses.push((info.ipv6()?, prefix_len));
            Ok(())
        })?;
        if let Some(mut place) = info.place()? {
            self.v4_gateway = Some(place.ipv4()?).filter(|_| v4 & GATEWAY != 0);
        }
        if let Some(mut place) = info.place()? {
            self.v6_gateway = Some(place.ipv6()?).filter(|_| v6 & GATEWAY != 0);
        }
        each(info, &mut |info| {
            self.v4_dns.push(info.ipv4()?);
            Ok(())
        })?;
        each(info, &mut |info| {
            self.v6_dns.push(info.ipv6()?);
            Ok(())
        })?;
        self.v4_mtu = Some(info.u32()?).filter(|_| v4 & MTU != 0);
        self.v6_mtu = Some(info.u32()?).filter(|_| v6 & MTU != 0);
        if v4 & ADDRESS == 0 {
            self.v4_addresses.clear();
        }
        if v6 & ADDRESS == 0 {
            self.v6_addresses.clear();
        }
        if v4 & DNS == 0 {
            self.v4_dns.clear();
        }
        if v6 & DNS == 0 {
            self.v6_dns.clear();
        }
        Ok(())
    }

    /// What an interface needs of it: the first usable address of each family. An IPv6 address of
    /// the link alone is none: the rest would come with router advertisements.
    pub fn config(&self) -> IpConfig {
        let v4 = self.v4_addresses.iter().find(|(address, _)| !address.is_unspecified());
        let is_usable =
            |address: &Ipv6Addr| !address.is_unspecified() && !address.is_unicast_link_local();
        let v6 = self.v6_addresses.iter().find(|(address, _)| is_usable(address));
        let mtus = self.v4_mtu.into_iter().chain(self.v6_mtu);
        IpConfig {
            v4: v4.map(|&(address, prefix_len)| Ipv4Config {
                address,
                prefix_len,
                gateway: self.v4_gateway,
                dns: self.v4_dns.clone(),
            }),
            v6: v6.map(|&(address, prefix_len)| Ipv6Config {
                address,
                prefix_len,
                gateway: self.v6_gateway,
                dns: self.v6_dns.clone(),
            }),
            mtu: mtus.filter(|mtu| *mtu >= MTU_MIN).min(),
            ..IpConfig::default()
        }
    }
}

impl Command for IpConfigurationQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::IP_CONFIGURATION;
    const KIND: CommandKind = CommandKind::Query;
    type Response = IpConfiguration;

    fn write(&self, info: &mut InfoWriter) {
        // The rest of the structure only has to be there.
        info.u32(self.session).bytes(&[0; 56]);
    }

    fn read(mut info: Info<'_>) -> Result<IpConfiguration, Error> {
        IpConfiguration::read(&mut info)
    }
}
