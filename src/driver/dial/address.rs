//! What a call was given: addresses that the modem tells, or that it hands out by itself.

use super::dialect::{Address, Query, Reading, Report};
use super::session::Session;
use crate::driver::cause::kind_of_cause;
use crate::driver::procedures::Steps;
use crate::driver::{Failure, FailureKind};
use crate::time::Duration;
use crate::types::{IpConfig, IpFamily, Ipv4Config, Ipv6Config, PdpType};
use crate::wire::EsmCause;
use crate::wire::at::{ContextParameters, Params, addresses_in, parse_cgcontrdp, parse_cgpaddr};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How often the addresses of a call are asked for until all are there. Some modems say that a
/// call is up before they have them.
const SETTINGS_TRIES: u32 = 4;

/// How long to wait between.
const SETTINGS_PAUSE: Duration = Duration::from_millis(500);

/// The prefix of every mobile network's link, RFC 7066 4.
const IPV6_PREFIX_LEN: u8 = 64;

impl Session {
    /// Reads what a call was given, until there is something for each family asked for.
    pub(super) async fn addresses(&self, cid: u8, pdptype: PdpType) -> Result<IpConfig, Failure> {
        let is_static = self.is_static().await?;
        let mut config = IpConfig::default();
        for round in 0..SETTINGS_TRIES {
            if round > 0 {
                self.sleep(SETTINGS_PAUSE).await;
            }
            config = self.read_config(cid, pdptype, is_static).await?;
            if pdptype.families().iter().all(|family| config.has(*family)) || !is_static {
                break;
            }
        }
        let missing = || Failure::new(FailureKind::Refused, "the modem gave no address");
        let is_something = [IpFamily::V4, IpFamily::V6].iter().any(|family| config.has(*family));
        is_something.then_some(config).ok_or_else(missing)
    }

    /// Whether the link knows nothing of the addresses.
    async fn is_static(&self) -> Result<bool, Failure> {
        let address = self.state().dialect.address;
        Ok(match address {
            Address::Dhcp => false,
            Address::Static => true,
            Address::StaticIf(command, name, wanted) => {
                let lines = self.lines(command).await?;
                Params::first_number(&lines, name) == Some(wanted)
            }
        })
    }

    async fn read_config(
        &self,
        cid: u8,
        pdptype: PdpType,
        is_static: bool,
    ) -> Result<IpConfig, Failure> {
        let lines = self.lines_of("+CGPADDR={cid}", cid).await?;
        let given = parse_cgpaddr(&lines, cid);
        if !is_static {
            return Ok(handed_out(pdptype, &given));
        }
        let lines = self.lines_of("+CGCONTRDP={cid}", cid).await?;
        let mut told = parse_cgcontrdp(&lines, cid);
        for address in given {
            told.addresses.push((address, None));
        }
        let dns = self.state().dialect.dns;
        if let Some((command, name)) = dns
            && told.dns.is_empty()
        {
            for line in self.lines_of(command, cid).await? {
                if line.starts_with(name) {
                    told.dns.extend(addresses_in(&line));
                }
            }
        }
        Ok(config_of(pdptype, &told))
    }

    /// Reads the addresses of the call that is up anew, and tells when they are others. Those that
    /// the modem hands out are not our business.
    pub(super) async fn recheck_settings(&self) -> Result<(), Failure> {
        let Some(known) = self.state().bearer.clone() else { return Ok(()) };
        let is_told = known.config.v4.is_some() || known.config.v6.is_some();
        if !is_told || self.state().is_ppp {
            return Ok(());
        }
        let config = self.read_config(known.cid, known.pdptype, true).await?;
        let is_less =
            known.pdptype.families().iter().any(|f| known.config.has(*f) && !config.has(*f));
        // One that is missing for a moment is no address that is gone.
        if is_less || config == known.config {
            return Ok(());
        }
        if let Some(bearer) = &mut self.state_mut().bearer {
            bearer.config = config;
        }
        self.tell_connected();
        Ok(())
    }
}

/// What the link hands out: the families that the network gave, or all that were asked for where
/// the modem does not say.
fn handed_out(pdptype: PdpType, given: &[IpAddr]) -> IpConfig {
    let mut config = IpConfig::default();
    for family in pdptype.families() {
        let is_given =
            given.is_empty() || given.iter().any(|address| family_of(*address) == *family);
        match family {
            IpFamily::V4 => config.dhcp.v4 = is_given,
            IpFamily::V6 => config.dhcp.v6 = is_given,
        }
    }
    config
}

const fn family_of(address: IpAddr) -> IpFamily {
    match address {
        IpAddr::V4(_) => IpFamily::V4,
        IpAddr::V6(_) => IpFamily::V6,
    }
}

/// What the modem told of the families asked for.
fn config_of(pdptype: PdpType, told: &ContextParameters) -> IpConfig {
    let mut config = IpConfig { mtu: told.mtu, ..IpConfig::default() };
    for family in pdptype.families() {
        let found = told.addresses.iter().find(|(address, _)| family_of(*address) == *family);
        match (family, found) {
            (IpFamily::V4, Some((IpAddr::V4(address), prefix_len))) => {
                config.v4 = Some(Ipv4Config {
                    address: *address,
                    prefix_len: prefix_len.unwrap_or(32),
                    gateway: v4_of(&told.gateways).first().copied(),
                    dns: v4_of(&told.dns),
                });
            }
            (IpFamily::V6, Some((IpAddr::V6(address), _))) if is_global(address) => {
                config.v6 = Some(Ipv6Config {
                    address: *address,
                    prefix_len: IPV6_PREFIX_LEN,
                    gateway: None,
                    dns: v6_of(&told.dns),
                });
            }
            // An interface identifier alone: the prefix comes with router advertisements.
            (IpFamily::V6, Some(_)) => config.dhcp.v6 = true,
            (IpFamily::V4 | IpFamily::V6, _) => {}
        }
    }
    config
}

fn v4_of(addresses: &[IpAddr]) -> Vec<Ipv4Addr> {
    let mut found = Vec::new();
    for address in addresses {
        if let IpAddr::V4(address) = address {
            found.push(*address);
        }
    }
    found
}

fn v6_of(addresses: &[IpAddr]) -> Vec<Ipv6Addr> {
    let mut found = Vec::new();
    for address in addresses {
        if let IpAddr::V6(address) = address {
            found.push(*address);
        }
    }
    found
}

/// 2000::/3, or a unique local address.
fn is_global(address: &Ipv6Addr) -> bool {
    let [first, ..] = address.octets();
    first & 0xe0 == 0x20 || first & 0xfe == 0xfc
}

impl Query {
    /// Whether the call of a context is up, by the answer to the question; `None` when that is not
    /// in it.
    pub(super) fn is_up(&self, lines: &[String], cid: u8) -> Option<bool> {
        let all = || lines.iter().filter_map(|line| Params::of(line, self.name));
        let verdict = all().find_map(|params| self.reading.is_up(params, cid));
        verdict.or(match self.reading {
            // A context that is not listed is not up, and neither is a call that is not there.
            Reading::Contexts => all().next().is_some().then_some(false),
            Reading::Presence => Some(false),
            Reading::Flag(_) | Reading::Families | Reading::Ended => None,
        })
    }
}

impl Report {
    /// What a line tells of the call of a context: nothing, that it is up, or why it is not.
    pub(super) fn read(&self, line: &str, cid: u8) -> Option<Result<(), Failure>> {
        let params = Params::of(line, self.name)?;
        if self.reading.is_up(params.clone(), cid)? {
            return Some(Ok(()));
        }
        let cause = self.cause_at.and_then(|at| params.clone().nth(at)?.number());
        let cause = cause.and_then(|cause| u16::try_from(cause).ok()).filter(|cause| *cause != 0);
        Some(Err(match cause.map(EsmCause::from_code) {
            Some(cause) => Failure::new(kind_of_cause(cause), &format!("network error {cause:?}")),
            None => Failure::new(FailureKind::Network, "no reason given"),
        }))
    }

    /// Whether a line is about one family only.
    pub(super) fn is_partial(&self, line: &str) -> bool {
        let families = ["IPV4", "IPV6"].iter().filter(|name| line.contains(**name)).count();
        self.reading == Reading::Families && families == 1
    }
}

impl Reading {
    fn is_up(self, params: Params<'_>, cid: u8) -> Option<bool> {
        let fields = params.list(usize::MAX);
        let number = |at: usize| fields.get(at)?.number();
        let is_it = || Some(number(0)? == u32::from(cid));
        match self {
            Self::Contexts => {
                let is_up = number(1)? == 1;
                is_it()?.then_some(is_up)
            }
            Self::Flag(at) => Some(number(at)? == 1),
            Self::Presence => {
                let first = fields.first()?.text;
                Some(first.contains('.') || is_family(first))
            }
            Self::Families => {
                let mut is_named = false;
                for (at, field) in fields.iter().enumerate() {
                    if is_family(field.text) {
                        is_named = true;
                        // Some put the context's number before the state.
                        let state = |before| number(at.checked_sub(before)?);
                        if state(3).or(state(4)) == Some(1) {
                            return Some(true);
                        }
                    }
                }
                if is_named { Some(false) } else { Some(number(0)? == 1) }
            }
            Self::Ended => is_it()?.then_some(false),
        }
    }
}

/// Whether a text begins as the name of a family.
fn is_family(text: &str) -> bool {
    text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("IPV"))
}
