//! `option check` of an interface and what goes with it: the watchdog of a connection.

use super::options::Options;
use crate::types::Invalid;
use crate::types::text::contains;
use core::net::{IpAddr, Ipv6Addr};

/// How many hosts a check may have: with all of them silent, a round still has to end.
pub const CHECK_HOSTS_MAX: usize = 8;

/// Where web servers listen.
const HTTP_PORT: u16 = 80;

/// `option check`: the watchdog of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `option check`
    pub kind: CheckKind,
    /// `list check_host`: what to ask, each of them valid for `kind`; an answer from any will do.
    pub hosts: Vec<String>,
    /// `option check_interval`: in seconds, 30 unless set.
    pub interval_secs: u32,
    /// `option check_failures`: how many in a row mean that the connection is dead; 4 unless set.
    pub failures: u32,
}

impl Default for Check {
    fn default() -> Self {
        Self { kind: CheckKind::None, hosts: Vec::new(), interval_secs: 30, failures: 4 }
    }
}

/// How a connection is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckKind {
    /// Not at all.
    #[default]
    None,
    /// An ICMP echo.
    Ping,
    /// A name looked up.
    Dns,
    /// A page fetched.
    Http,
}

impl CheckKind {
    /// As in the option.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ping => "ping",
            Self::Dns => "dns",
            Self::Http => "http",
        }
    }
}

/// A host by address or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// By address.
    Address(IpAddr),
    /// By name, which has to be looked up.
    Name(String),
}

/// What a check asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckTarget {
    /// This host for an echo.
    Ping(Host),
    /// This name server for a name that always exists.
    NameServer(IpAddr),
    /// The network's name servers for this name.
    Name(String),
    /// This web server for a page.
    Page {
        /// The server.
        host: Host,
        /// Its port.
        port: u16,
        /// The page, `/` at least.
        path: String,
    },
}

impl Check {
    pub(super) fn read(options: &mut Options) -> Self {
        const KINDS: &[(&str, CheckKind)] = &[
            ("none", CheckKind::None),
            ("ping", CheckKind::Ping),
            ("dns", CheckKind::Dns),
            ("http", CheckKind::Http),
        ];
        let unset = Self::default();
        let kind = options.choice("check", KINDS, "none, ping, dns or http").unwrap_or_default();
        let hosts = options.list("check_host", |text| {
            target(kind, text)?;
            Ok(text.to_owned())
        });
        let mut hosts = hosts.unwrap_or_default();
        if hosts.len() > CHECK_HOSTS_MAX {
            options.report_missing("check_host", "at most 8 hosts; the rest are not asked");
            hosts.truncate(CHECK_HOSTS_MAX);
        }
        let interval = options.number("check_interval", 5..=86_400, "5 to 86400 seconds");
        let failures = options.number("check_failures", 1..=100, "1 to 100");
        let has_hosts = kind != CheckKind::Http || !hosts.is_empty();
        if !has_hosts {
            options.report_missing("check_host", "a URL at least, for check 'http'");
        }
        Self {
            kind: if has_hosts { kind } else { CheckKind::None },
            hosts,
            interval_secs: interval.unwrap_or(unset.interval_secs),
            failures: failures.unwrap_or(unset.failures),
        }
    }

    /// What the hosts mean; none when the network's name servers are to be asked.
    pub fn targets(&self) -> Vec<CheckTarget> {
        self.hosts.iter().filter_map(|host| target(self.kind, host).ok().flatten()).collect()
    }
}

/// What one host means for a kind of check; `None` when nothing is checked.
fn target(kind: CheckKind, text: &str) -> Result<Option<CheckTarget>, Invalid> {
    Ok(Some(match kind {
        CheckKind::None => {
            let host_or_url = text.strip_prefix("http://").unwrap_or(text);
            page(host_or_url)?;
            return Ok(None);
        }
        CheckKind::Ping => CheckTarget::Ping(host(text)?),
        CheckKind::Dns => match host(text)? {
            Host::Address(server) => CheckTarget::NameServer(server),
            Host::Name(name) => CheckTarget::Name(name),
        },
        CheckKind::Http => match text.strip_prefix("http://") {
            Some(rest) => page(rest)?,
            None if contains(text, "://") => {
                return Err(Invalid { expected: "a URL with http://, or a host" });
            }
            None => page(text)?,
        },
    }))
}

/// An address or a name, RFC 1123 2.1; an underscore is allowed, as in `_name` records.
fn host(text: &str) -> Result<Host, Invalid> {
    if let Ok(address) = text.parse() {
        return Ok(Host::Address(address));
    }
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-_".contains(&c);
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(allowed);
    let name = text.strip_suffix('.').unwrap_or(text);
    // What ends with a number is meant as an address, RFC 3696 2.
    let numeric = name.rsplit('.').next().is_some_and(|l| l.bytes().all(|c| c.is_ascii_digit()));
    if name.len() <= 253 && !numeric && !name.starts_with('-') && name.split('.').all(label) {
        Ok(Host::Name(name.to_owned()))
    } else {
        Err(Invalid { expected: "a host name or an address" })
    }
}

/// What follows `http://`: `host[:port][/path]`, RFC 3986 3.2, with no user and no fragment.
fn page(text: &str) -> Result<CheckTarget, Invalid> {
    let invalid = Invalid { expected: "a host name, an address or a URL, at most 255 characters" };
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b".-_:/[]%?&=~+,@".contains(&c);
    if text.len() > 255 || !text.bytes().all(allowed) {
        return Err(invalid);
    }
    let (authority, path) = text.split_at(text.find(['/', '?']).unwrap_or(text.len()));
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let (host, port) = if let Ok(address) = authority.parse::<Ipv6Addr>() {
        (Host::Address(address.into()), None)
    } else if let Some((address, port)) =
        authority.strip_prefix('[').and_then(|rest| rest.split_once(']'))
    {
        let address: Ipv6Addr = address.parse().map_err(|_| invalid)?;
        (Host::Address(address.into()), port.strip_prefix(':').filter(|_| !port.is_empty()))
    } else {
        match authority.split_once(':') {
            Some((name, port)) => (host(name)?, Some(port)),
            None => (host(authority)?, None),
        }
    };
    let port = match port {
        None => HTTP_PORT,
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(invalid)?,
    };
    Ok(CheckTarget::Page { host, port, path })
}
