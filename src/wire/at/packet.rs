//! TS 27.007 10: PDP contexts and what the network gave them.

use super::{Command, Param, Params};
use crate::types::{Apn, PdpType};
use crate::wire::Error;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A PDP context as it is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The families; `None` for PPP and what else is none.
    pub pdptype: Option<PdpType>,
    /// The access point. Hostile text.
    pub apn: String,
}

/// `<PDP_type>`, TS 27.007 10.1.1.
pub const fn pdp_type_name(pdptype: PdpType) -> &'static str {
    match pdptype {
        PdpType::Ipv4 => "IP",
        PdpType::Ipv6 => "IPV6",
        PdpType::Ipv4v6 => "IPV4V6",
    }
}

/// Sets a context up.
///
/// # Errors
/// None that can be reached: an [`Apn`] cannot break out of a string.
pub fn cgdcont_set(cid: u8, pdptype: PdpType, apn: &Apn) -> Result<Command, Error> {
    let command = Command::set("+CGDCONT").number(cid).text(pdp_type_name(pdptype))?;
    if apn.is_empty() { command.build() } else { command.text(apn.as_str())?.build() }
}

/// One of the contexts: of the answer to `AT+CGDCONT?`.
pub fn parse_cgdcont(lines: &[String], cid: u8) -> Option<Context> {
    for line in lines {
        let Some(mut params) = Params::of(line, "+CGDCONT") else { continue };
        let number = params.next().and_then(Param::number);
        let Some(kind) = params.next().filter(|_| number == Some(cid.into())) else { continue };
        let all = [PdpType::Ipv4, PdpType::Ipv6, PdpType::Ipv4v6];
        let is_it = |it: &PdpType| pdp_type_name(*it).eq_ignore_ascii_case(kind.text);
        let apn = params.next().map_or("", |param| param.text).to_owned();
        return Some(Context { pdptype: all.into_iter().find(is_it), apn });
    }
    None
}

/// Whether the modem is attached: the answer to `AT+CGATT?`.
pub fn parse_cgatt(lines: &[String]) -> Option<bool> {
    Some(Params::first_number(lines, "+CGATT")? == 1)
}

/// The addresses of a context: the answer to `AT+CGPADDR=<cid>`. Those that are none, such as
/// `0.0.0.0`, are left out.
pub fn parse_cgpaddr(lines: &[String], cid: u8) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for line in lines {
        let Some(mut params) = Params::of(line, "+CGPADDR") else { continue };
        if params.next().and_then(Param::number) != Some(cid.into()) {
            continue;
        }
        for param in params {
            // seen: `+CGPADDR: 1,"10.1.2.3,2001:db8::1"`, one string for both.
            for text in param.text.split(',') {
                push_address(&mut addresses, text);
            }
        }
    }
    addresses
}

/// Adds what is an address.
fn push_address(addresses: &mut Vec<IpAddr>, text: &str) {
    if let Some((address, _)) = address(text) {
        addresses.push(address);
    }
}

/// What the network gave a context: the answer to `AT+CGCONTRDP=<cid>`, TS 27.007 10.1.23.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextParameters {
    /// Our addresses, each with the length of its prefix where that is told.
    pub addresses: Vec<(IpAddr, Option<u8>)>,
    /// The next hops.
    pub gateways: Vec<IpAddr>,
    /// Name servers, in order of preference.
    pub dns: Vec<IpAddr>,
    /// The largest packet, in bytes.
    pub mtu: Option<u32>,
}

/// Reads the lines of one context; there is one a family.
pub fn parse_cgcontrdp(lines: &[String], cid: u8) -> ContextParameters {
    let mut parameters = ContextParameters::default();
    for line in lines {
        let Some(params) = Params::of(line, "+CGCONTRDP") else { continue };
        let fields = params.list(usize::MAX);
        let number = |at: usize| fields.get(at).and_then(|field| field.number());
        if number(0) != Some(cid.into()) {
            continue;
        }
        let text = |at: usize| fields.get(at).map_or("", |field| field.text);
        if let Some(own) = address(text(3)) {
            parameters.addresses.push(own);
        }
        push_address(&mut parameters.gateways, text(4));
        push_address(&mut parameters.dns, text(5));
        push_address(&mut parameters.dns, text(6));
        let mtu = number(11).filter(|mtu| (MTU_MIN..=MTU_MAX).contains(mtu));
        parameters.mtu = parameters.mtu.or(mtu);
    }
    parameters
}

/// What every link must carry, RFC 791.
const MTU_MIN: u32 = 576;
/// What no packet exceeds.
const MTU_MAX: u32 = 65_535;

/// Every address in a line of any form, in order: `+GTDNS: 1,"10.0.0.1","10.0.0.2"`.
pub fn addresses_in(line: &str) -> Vec<IpAddr> {
    let (_, rest) = line.split_once(':').unwrap_or(("", line));
    let mut addresses = Vec::new();
    for param in Params::new(rest.trim()) {
        for text in param.text.split(',') {
            push_address(&mut addresses, text.trim());
        }
    }
    addresses
}

/// An address with or without its mask, in any of the forms modems use. TS 27.007 10.1.23 has them
/// as 4, 8, 16 or 32 numbers with dots between; +CGPIAF (10.1.40) allows colons and a slash.
/// `None` for the unspecified address as well.
pub fn address(text: &str) -> Option<(IpAddr, Option<u8>)> {
    let (text, mask) = match text.split_once(['/', ' ']) {
        Some((text, mask)) => (text, Some(mask.trim())),
        None => (text, None),
    };
    let (address, prefix) =
        if text.contains(':') { (IpAddr::V6(text.parse().ok()?), None) } else { dotted(text)? };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let told = mask.and_then(|mask| mask.parse().ok()).filter(|length| *length <= longest);
    (!address.is_unspecified()).then_some((address, told.or(prefix)))
}

fn dotted(text: &str) -> Option<(IpAddr, Option<u8>)> {
    let mut parts: Vec<u8> = Vec::new();
    for part in text.split('.') {
        parts.push(part.parse().ok()?);
    }
    let half = match parts.len() {
        4 | 16 => parts.len(),
        8 | 32 => parts.len() / 2,
        _ => return None,
    };
    let (address, mask) = parts.split_at_checked(half)?;
    let address = match <[u8; 4]>::try_from(address) {
        Ok(four) => IpAddr::V4(Ipv4Addr::from(four)),
        Err(_) => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?)),
    };
    let ones: u32 = mask.iter().map(|byte| byte.leading_ones()).sum();
    let prefix = u8::try_from(ones).ok().filter(|_| !mask.is_empty());
    Some((address, prefix))
}

/// What a `+CGEV` code tells, TS 27.007 10.1.19.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketEvent {
    /// The modem is detached, by whomever: no context is up.
    Detached,
    /// A context ended; `None` when the code does not say which.
    Deactivated(Option<u8>),
    /// Anything else.
    Other,
}

/// Reads `+CGEV: ...`.
pub fn parse_cgev(line: &str) -> Option<PacketEvent> {
    let rest = line.strip_prefix("+CGEV:")?.trim();
    let (_, what) = rest.split_once(' ')?;
    if what == "DETACH" {
        return Some(PacketEvent::Detached);
    }
    let number = |text: Option<Param<'_>>| u8::try_from(text?.number()?).ok();
    if let Some(cids) = what.strip_prefix("PDN DEACT") {
        let mut params = Params::new(cids.trim());
        return Some(PacketEvent::Deactivated(number(params.next())));
    }
    let Some(fields) = what.strip_prefix("DEACT") else { return Some(PacketEvent::Other) };
    let mut params = Params::new(fields.trim());
    // Two numbers are a dedicated bearer within a context that goes on.
    if params.next().is_some_and(|first| first.number().is_some()) {
        return Some(PacketEvent::Other);
    }
    Some(PacketEvent::Deactivated(number(params.nth(1))))
}
