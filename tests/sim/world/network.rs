//! The packet core: which bearers it grants, what addresses they get, why it ends them.

use core::net::{Ipv4Addr, Ipv6Addr};

use ltewan::time::Instant;

use super::super::config::NetworkConfig;
use super::super::page::Page;

/// An IP family of a bearer, numbered as QMI WDS has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Family {
    V4 = 4,
    V6 = 6,
}

impl Family {
    pub(crate) const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// Its number in QMI WDS.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::V4 => 4,
            Self::V6 => 6,
        }
    }

    /// `v4`, `v6`, or both for `all`.
    pub(crate) fn parse(text: &str) -> Result<Vec<Self>, String> {
        match text {
            "v4" => Ok(vec![Self::V4]),
            "v6" => Ok(vec![Self::V6]),
            "all" => Ok(Self::ALL.to_vec()),
            _ => Err(format!("'{text}' is not v4, v6 or all")),
        }
    }
}

/// Why a bearer was refused or ended, as QMI WDS tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct EndReason {
    /// The short reason.
    pub(crate) call_end: u16,
    /// The verbose type: 2 internal, 3 call manager, 6 3GPP.
    pub(crate) kind: u16,
    /// The verbose reason in that type.
    pub(crate) reason: u16,
}

impl EndReason {
    /// The host ended it.
    pub(crate) const CLIENT_END: Self = Self { call_end: 2, kind: 3, reason: 2000 };
    /// Out of coverage or radio off.
    pub(crate) const NO_SERVICE: Self = Self { call_end: 3, kind: 3, reason: 2001 };
    /// Another access point is in use on the same interface.
    pub(crate) const INTERFACE_IN_USE: Self = Self { call_end: 1, kind: 2, reason: 237 };

    /// A session management cause (TS 24.301 9.9.4.4) as Qualcomm firmware passes it on.
    pub(crate) const fn from_3gpp(cause: u16) -> Self {
        let call_end = match cause {
            8 => 1012,
            25 => 1004,
            26 => 1005,
            27 => 1013,
            28 => 1014,
            30 => 1015,
            31 => 1016,
            32 => 1017,
            33 => 1018,
            34 => 1006,
            35 => 1007,
            36 => 1008,
            37 => 1019,
            38 => 1009,
            39 => 1010,
            111 => 1011,
            _ => 1,
        };
        Self { call_end, kind: 6, reason: cause }
    }
}

/// Whom the network lets in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Policy {
    Both,
    OnlyV4,
    OnlyV6,
    Reject(EndReason),
}

impl Policy {
    /// `allow`, `v4only`, `v6only`, `reject CAUSE`, or `reject TYPE REASON`.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let number = |text: &str| super::super::config::number("policy", text);
        match words {
            ["allow"] => Ok(Self::Both),
            ["v4only"] => Ok(Self::OnlyV4),
            ["v6only"] => Ok(Self::OnlyV6),
            ["reject", cause] => Ok(Self::Reject(EndReason::from_3gpp(number(cause)?))),
            ["reject", "6", cause] => Ok(Self::Reject(EndReason::from_3gpp(number(cause)?))),
            ["reject", kind, reason] => Ok(Self::Reject(EndReason {
                call_end: 1,
                kind: number(kind)?,
                reason: number(reason)?,
            })),
            _ => Err("policy: allow, v4only, v6only or reject [TYPE] REASON".into()),
        }
    }

    /// Why this family is refused, if it is.
    fn refusal(self, family: Family) -> Option<EndReason> {
        match (self, family) {
            (Self::Reject(reason), _) => Some(reason),
            // 50: PDN type IPv4 only allowed, 51: PDN type IPv6 only allowed.
            (Self::OnlyV4, Family::V6) => Some(EndReason::from_3gpp(50)),
            (Self::OnlyV6, Family::V4) => Some(EndReason::from_3gpp(51)),
            (Self::Both | Self::OnlyV4 | Self::OnlyV6, _) => None,
        }
    }
}

/// Addresses of an IPv4 bearer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct V4 {
    pub(crate) address: Ipv4Addr,
    pub(crate) gateway: Ipv4Addr,
    pub(crate) mask: Ipv4Addr,
    pub(crate) dns: [Ipv4Addr; 2],
}

/// Addresses of an IPv6 bearer; the prefix is 64 bits long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct V6 {
    pub(crate) address: Ipv6Addr,
    pub(crate) gateway: Ipv6Addr,
    pub(crate) dns: [Ipv6Addr; 2],
}

/// One who started a bearer: a WDS client and the handle it got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Owner {
    pub(crate) client: u8,
    pub(crate) handle: u32,
}

/// A bearer that is up.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) family: Family,
    pub(crate) apn: String,
    pub(crate) owners: Vec<Owner>,
}

/// A start network whose result is due later.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) due: Instant,
    pub(crate) client: u8,
    pub(crate) transaction: u16,
    pub(crate) family: Family,
    pub(crate) apn: String,
}

/// What came of a start network.
#[derive(Clone, Debug)]
pub(crate) struct StartResult {
    pub(crate) client: u8,
    pub(crate) transaction: u16,
    pub(crate) family: Family,
    /// The packet data handle, or why not.
    pub(crate) result: Result<u32, EndReason>,
}

/// Packets and bytes that went through, counted from the last boot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) tx_packets: u32,
    pub(crate) rx_packets: u32,
    pub(crate) tx_bytes: u64,
    pub(crate) rx_bytes: u64,
    pub(crate) dropped: u32,
}

/// The packet core as one modem sees it.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) policy: Policy,
    pub(crate) apns: Vec<String>,
    pub(crate) mtu: u16,
    pub(crate) bearers: Vec<Bearer>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) counters: Counters,
    /// Bearers stay up but carry nothing.
    pub(crate) data_dead: bool,
    /// It is a router of its own, that hands this out, rather than a modem.
    own: Option<V4>,
    /// As it was configured.
    config: NetworkConfig,
    subnet: u8,
    /// Goes up with every change of address.
    generation: [u8; 2],
    next_handle: u32,
}

impl Network {
    pub(crate) fn new(config: &NetworkConfig) -> Self {
        Self {
            policy: config.policy,
            apns: config.apns.clone(),
            mtu: config.mtu,
            bearers: Vec::new(),
            pending: Vec::new(),
            counters: Counters::default(),
            data_dead: false,
            own: config.own,
            config: config.clone(),
            subnet: config.subnet,
            generation: [0; 2],
            next_handle: 0x8000_1000,
        }
    }

    /// The bearer of a family, when it is up.
    pub(crate) fn bearer(&self, family: Family) -> Option<&Bearer> {
        self.bearers.iter().find(|bearer| bearer.family == family)
    }

    /// Carries packets of this family now.
    pub(crate) fn carries(&self, family: Family) -> bool {
        let is_router = self.own.is_some() && family == Family::V4;
        !self.data_dead && (is_router || self.bearer(family).is_some())
    }

    /// Addresses that an IPv4 bearer has now: a /30 with the modem at .2.
    /// Where it is a router of its own.
    pub(crate) fn own_gateway(&self) -> Option<Ipv4Addr> {
        self.own.map(|own| own.gateway)
    }

    /// The response of whatever is on port 80 of this address.
    pub(crate) fn page(&self, address: Ipv4Addr, request: &[u8]) -> String {
        let is_own = self.own.is_some_and(|own| own.gateway == address);
        let page = if is_own { self.config.page } else { Page::Plain };
        page.answer(&self.config, request)
    }

    pub(crate) fn v4(&self) -> V4 {
        if let Some(own) = self.own {
            return own;
        }
        let [second, third] = [64u8.wrapping_add(self.subnet), self.generation[0]];
        V4 {
            address: Ipv4Addr::new(10, second, third, 2),
            gateway: Ipv4Addr::new(10, second, third, 1),
            mask: Ipv4Addr::new(255, 255, 255, 252),
            dns: [Ipv4Addr::new(10, 64, 0, 53), Ipv4Addr::new(10, 64, 0, 54)],
        }
    }

    /// Addresses that an IPv6 bearer has now.
    pub(crate) fn v6(&self) -> V6 {
        let net = u16::from_be_bytes([self.subnet, self.generation[1]]).wrapping_add(0x6400);
        let at = |low: u16| Ipv6Addr::new(0x2001, 0xdb8, net, 0, 0, 0, 0, low);
        V6 {
            address: Ipv6Addr::new(0x2001, 0xdb8, net, 0, 0x1c4f, 0x2a1, 0x9b3e, 0x77d2),
            gateway: at(1),
            dns: [
                Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x53),
                Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x54),
            ],
        }
    }

    /// Gives `family` a new address. The bearer stays up.
    pub(crate) fn renumber(&mut self, family: Family) {
        let index = usize::from(family == Family::V6);
        if let Some(generation) = self.generation.get_mut(index) {
            *generation = generation.wrapping_add(1);
        }
    }

    /// Decides a start network. Clients that ask for the bearer that is up share it.
    pub(crate) fn start(&mut self, wanted: &Pending, registered: bool) -> StartResult {
        let result = self.decide(wanted, registered).map(|()| self.attach_owner(wanted));
        let &Pending { client, transaction, family, .. } = wanted;
        StartResult { client, transaction, family, result }
    }

    fn decide(&self, wanted: &Pending, registered: bool) -> Result<(), EndReason> {
        if !registered {
            return Err(EndReason::NO_SERVICE);
        }
        if let Some(reason) = self.policy.refusal(wanted.family) {
            return Err(reason);
        }
        let known = self.apns.is_empty()
            || self.apns.iter().any(|apn| apn.eq_ignore_ascii_case(&wanted.apn));
        if !known {
            // 27: missing or unknown APN.
            return Err(EndReason::from_3gpp(27));
        }
        let other = |bearer: &Bearer| !bearer.apn.eq_ignore_ascii_case(&wanted.apn);
        if self.bearer(wanted.family).is_some_and(other) {
            return Err(EndReason::INTERFACE_IN_USE);
        }
        Ok(())
    }

    fn attach_owner(&mut self, wanted: &Pending) -> u32 {
        let handle = self.next_handle;
        self.next_handle = self.next_handle.wrapping_add(0x10);
        let owner = Owner { client: wanted.client, handle };
        match self.bearers.iter_mut().find(|bearer| bearer.family == wanted.family) {
            Some(bearer) => bearer.owners.push(owner),
            None => self.bearers.push(Bearer {
                family: wanted.family,
                apn: wanted.apn.clone(),
                owners: vec![owner],
            }),
        }
        handle
    }

    /// The client's share in a bearer, by its handle.
    pub(crate) fn owned(&self, client: u8, handle: u32) -> Option<Family> {
        let owner = Owner { client, handle };
        self.bearers.iter().find(|bearer| bearer.owners.contains(&owner)).map(|b| b.family)
    }

    /// Gives up the shares of `client`; returns the families whose bearer ended with that.
    pub(crate) fn release(&mut self, client: u8, handle: Option<u32>) -> Vec<Family> {
        self.pending.retain(|pending| pending.client != client || handle.is_some());
        let mut ended = Vec::new();
        self.bearers.retain_mut(|bearer| {
            let before = bearer.owners.len();
            bearer.owners.retain(|owner| {
                owner.client != client || handle.is_some_and(|handle| handle != owner.handle)
            });
            let end = before != bearer.owners.len() && bearer.owners.is_empty();
            if end {
                ended.push(bearer.family);
            }
            !end
        });
        ended
    }

    /// Ends a bearer from the network's side; returns who had it.
    pub(crate) fn end(&mut self, family: Family) -> Option<Bearer> {
        let index = self.bearers.iter().position(|bearer| bearer.family == family)?;
        Some(self.bearers.remove(index))
    }
}
