//! A data connection: what is asked of the modem and what the network gives.

use super::{Invalid, Secret};
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// An access point name, TS 23.003 9.1: letters, digits, `-`, `.` and, seen in the wild, `_` and
/// `@`. Nothing in one can end a quoted AT string. Empty means the network's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apn(String);

impl Apn {
    /// Reads an APN.
    ///
    /// # Errors
    /// When it is longer than 100 characters or holds a character that no APN has.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-._@".contains(&c);
        if text.len() <= 100 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid { expected: "an APN: letters, digits, '-', '.', '_' or '@', at most 100" })
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the choice is left to the network.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Apn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An access point that a SIM's operator is known to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApnCandidate {
    /// Its name; empty leaves it to the network.
    pub apn: Apn,
    /// The operator's name.
    pub name: String,
    /// How to authenticate.
    pub auth: AuthMethod,
    /// For PAP and CHAP.
    pub username: Option<String>,
    /// For PAP and CHAP.
    pub password: Option<Secret>,
}

/// Where something that is dialled with comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The options of the interface.
    Interface,
    /// The profile of the SIM, `config sim`.
    Sim,
    /// The table of access points.
    Table,
    /// The table, and it worked with this SIM before.
    Remembered,
    /// Nothing is said to the network, which chooses.
    Network,
    /// It is what it is unless set.
    Default,
}

impl Source {
    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Sim => "sim",
            Self::Table => "table",
            Self::Remembered => "remembered",
            Self::Network => "network",
            Self::Default => "default",
        }
    }
}

/// One of the two Internet protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IpFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl IpFamily {
    /// `ipv4` or `ipv6`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }
}

/// `option pdptype`: which families to ask the network for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PdpType {
    /// IPv4 only.
    Ipv4,
    /// IPv6 only.
    Ipv6,
    /// Both; either alone is success.
    #[default]
    Ipv4v6,
}

impl PdpType {
    /// Reads `ip`, `ipv4`, `ipv6` or `ipv4v6`, in any case.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text.to_ascii_lowercase().as_str() {
            "ip" | "ipv4" => Ok(Self::Ipv4),
            "ipv6" => Ok(Self::Ipv6),
            "ipv4v6" => Ok(Self::Ipv4v6),
            _ => Err(Invalid { expected: "ipv4, ipv6 or ipv4v6" }),
        }
    }

    /// As in the option.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Ipv4v6 => "ipv4v6",
        }
    }

    /// The families, in the order they are dialled.
    #[inline(never)]
    pub const fn families(self) -> &'static [IpFamily] {
        match self {
            Self::Ipv4 => &[IpFamily::V4],
            Self::Ipv6 => &[IpFamily::V6],
            Self::Ipv4v6 => &[IpFamily::V4, IpFamily::V6],
        }
    }
}

/// `option auth`: how to prove `username` and `password` to the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthMethod {
    /// Not at all.
    #[default]
    None,
    /// PAP, RFC 1334.
    Pap,
    /// CHAP, RFC 1994.
    Chap,
    /// The modem chooses.
    Both,
}

impl AuthMethod {
    /// Reads `none`, `pap`, `chap` or `both`, in any case.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text.to_ascii_lowercase().as_str() {
            "none" => Ok(Self::None),
            "pap" => Ok(Self::Pap),
            "chap" => Ok(Self::Chap),
            "both" => Ok(Self::Both),
            _ => Err(Invalid { expected: "none, pap, chap or both" }),
        }
    }

    /// As in the option.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pap => "pap",
            Self::Chap => "chap",
            Self::Both => "both",
        }
    }
}

/// What to dial with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BearerSettings {
    /// The access point; empty leaves it to the network.
    pub apn: Apn,
    /// Another access point for IPv6, when it has its own.
    pub v6apn: Option<Apn>,
    /// The modem's stored profile to dial with.
    pub profile: Option<u8>,
    /// The families to ask for.
    pub pdptype: PdpType,
    /// How to authenticate.
    pub auth: AuthMethod,
    /// For PAP and CHAP.
    pub username: Option<String>,
    /// For PAP and CHAP.
    pub password: Option<Secret>,
}

/// A call over a serial port, for whoever speaks PPP on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PppCall {
    /// The context to dial.
    pub cid: u8,
    /// The families to ask for.
    pub pdptype: PdpType,
    /// How to authenticate.
    pub auth: AuthMethod,
    /// For PAP and CHAP.
    pub username: Option<String>,
    /// For PAP and CHAP.
    pub password: Option<Secret>,
}

/// What the network gave for IPv4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipv4Config {
    /// Our address.
    pub address: Ipv4Addr,
    /// Length of the subnet's prefix, 0 to 32.
    pub prefix_len: u8,
    /// The next hop; none on a link that needs none.
    pub gateway: Option<Ipv4Addr>,
    /// Name servers, in order of preference.
    pub dns: Vec<Ipv4Addr>,
}

/// What the network gave for IPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipv6Config {
    /// Our address.
    pub address: Ipv6Addr,
    /// Length of the prefix, 64 on mobile networks.
    pub prefix_len: u8,
    /// The next hop; none on a link that needs none.
    pub gateway: Option<Ipv6Addr>,
    /// Name servers, in order of preference.
    pub dns: Vec<Ipv6Addr>,
}

/// The families whose addresses the device at the other end of the link hands out by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dhcp {
    /// IPv4, by DHCP.
    pub v4: bool,
    /// IPv6, by router advertisement or DHCPv6.
    pub v6: bool,
}

/// What the network gave: at least one family when connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpConfig {
    /// IPv4, when there is a bearer for it.
    pub v4: Option<Ipv4Config>,
    /// IPv6, when there is a bearer for it.
    pub v6: Option<Ipv6Config>,
    /// What the link hands out by itself, where neither modem nor network tells it to us.
    pub dhcp: Dhcp,
    /// The largest packet, in bytes.
    pub mtu: Option<u32>,
}

impl IpConfig {
    /// Whether there is a bearer for a family.
    pub const fn has(&self, family: IpFamily) -> bool {
        match family {
            IpFamily::V4 => self.v4.is_some() || self.dhcp.v4,
            IpFamily::V6 => self.v6.is_some() || self.dhcp.v6,
        }
    }
}
