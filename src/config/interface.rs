//! `config interface` with `proto 'ltewan'`: the options netifd passes to the proto handler.

use super::check::Check;
use super::modem::read_modes;
use super::options::Options;
use super::{ConfigError, DeviceSelector, SimProfile};
use crate::types::{Apn, AuthMethod, BearerSettings, Invalid, PdpType, Plmn, Rat, Secret, Table};

/// An interface of `/etc/config/network`. What is `None` was not set, so that a SIM's profile may
/// fill it in; the default is an interface with `proto 'ltewan'` and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceConfig {
    /// `option device`: which modem.
    pub device: DeviceSelector,
    /// `option apn`
    pub apn: Option<Apn>,
    /// `option v6apn`: another access point for IPv6.
    pub v6apn: Option<Apn>,
    /// `option profile`: the modem's stored profile to dial with.
    pub profile: Option<u8>,
    /// `option pincode`
    pub pincode: Option<Secret>,
    /// `option auth`
    pub auth: Option<AuthMethod>,
    /// `option username`
    pub username: Option<String>,
    /// `option password`
    pub password: Option<Secret>,
    /// `option pdptype`
    pub pdptype: Option<PdpType>,
    /// `option allow_roaming`
    pub allow_roaming: Option<bool>,
    /// `list modes`: the technologies allowed; the modem's choice when empty.
    pub modes: Vec<Rat>,
    /// `option plmn`: the network to register with; the modem's choice when not set.
    pub plmn: Option<Plmn>,
    /// `option mtu`: in bytes; what the network says when not set.
    pub mtu: Option<u32>,
    /// `option check` and what goes with it.
    pub check: Check,
    /// `option delegate`: whether IPv6 prefixes are handed on to the LAN; on unless set.
    pub delegate: bool,
    /// `option sourcefilter`: whether IPv6 routes are bound to their source; on unless set.
    pub sourcefilter: bool,
    /// `option extendprefix`: whether the /64 of the link serves the LAN, RFC 7278; on unless set.
    pub extendprefix: bool,
    /// `option iface_464xlat`: whether IPv4 goes through IPv6 where the network has no other; on
    /// unless set.
    pub iface_464xlat: bool,
    /// `option ip4table`: the routing table for IPv4.
    pub ip4table: Option<String>,
    /// `option ip6table`: the routing table for IPv6.
    pub ip6table: Option<String>,
    /// `option defaultroute`: on unless set.
    pub defaultroute: bool,
    /// `option peerdns`: whether the network's name servers are used; on unless set.
    pub peerdns: bool,
    /// `option metric`: of the routes.
    pub metric: Option<u32>,
}

impl Default for InterfaceConfig {
    fn default() -> Self {
        Self {
            device: DeviceSelector::Auto,
            apn: None,
            v6apn: None,
            profile: None,
            pincode: None,
            auth: None,
            username: None,
            password: None,
            pdptype: None,
            allow_roaming: None,
            modes: Vec::new(),
            plmn: None,
            mtu: None,
            check: Check::default(),
            delegate: true,
            sourcefilter: true,
            extendprefix: true,
            iface_464xlat: true,
            ip4table: None,
            ip6table: None,
            defaultroute: true,
            peerdns: true,
            metric: None,
        }
    }
}

impl InterfaceConfig {
    /// Reads what netifd passes for `interface`. Entries that are not options of ours are ignored:
    /// netifd adds its own.
    ///
    /// Always gives a configuration; the errors say what of the table is not in it.
    pub fn parse(interface: &str, table: &Table) -> (Self, Vec<ConfigError>) {
        let mut options = Options::of_interface(interface, table);
        let config = Self::read(&mut options);
        (config, options.finish())
    }

    fn read(options: &mut Options) -> Self {
        let device = options.read("device", DeviceSelector::parse).unwrap_or_default();
        let Dialling { apn, pincode, auth, username, password, pdptype, allow_roaming } =
            Dialling::read(options);
        let profile = options.number("profile", 1..=255, "a profile, 1 to 255");
        Self {
            device,
            apn,
            v6apn: options.read("v6apn", Apn::new),
            profile: profile.and_then(|n| u8::try_from(n).ok()),
            pincode,
            auth,
            username,
            password,
            pdptype,
            allow_roaming,
            modes: read_modes(options, "modes"),
            plmn: options.read("plmn", Plmn::parse),
            mtu: options.number("mtu", 576..=16_384, "576 to 16384 bytes"),
            check: Check::read(options),
            delegate: options.flag("delegate").unwrap_or(true),
            sourcefilter: options.flag("sourcefilter").unwrap_or(true),
            extendprefix: options.flag("extendprefix").unwrap_or(true),
            iface_464xlat: options.flag("iface_464xlat").unwrap_or(true),
            ip4table: options.read("ip4table", routing_table),
            ip6table: options.read("ip6table", routing_table),
            defaultroute: options.flag("defaultroute").unwrap_or(true),
            peerdns: options.flag("peerdns").unwrap_or(true),
            metric: options.number("metric", 0..=u32::MAX, "a metric, 0 or more"),
        }
    }

    /// The same with what it leaves open taken from the SIM's profile.
    #[must_use]
    pub fn with_sim(mut self, sim: Option<&SimProfile>) -> Self {
        let Some(sim) = sim else { return self };
        self.apn = self.apn.or_else(|| sim.apn.clone());
        self.pincode = self.pincode.or_else(|| sim.pincode.clone());
        self.auth = self.auth.or(sim.auth);
        self.username = self.username.or_else(|| sim.username.clone());
        self.password = self.password.or_else(|| sim.password.clone());
        self.pdptype = self.pdptype.or(sim.pdptype);
        self.allow_roaming = self.allow_roaming.or(sim.allow_roaming);
        self
    }

    /// What to dial with. A user name without `auth` means that the modem chooses the method.
    pub fn bearer_settings(&self) -> BearerSettings {
        let assumed = if self.username.is_some() { AuthMethod::Both } else { AuthMethod::None };
        BearerSettings {
            apn: self.apn.clone().unwrap_or_default(),
            v6apn: self.v6apn.clone(),
            profile: self.profile,
            pdptype: self.pdptype.unwrap_or_default(),
            auth: self.auth.unwrap_or(assumed),
            username: self.username.clone(),
            password: self.password.clone(),
        }
    }

    /// Whether another network than the SIM's own may be used; not unless set.
    pub fn roaming_allowed(&self) -> bool {
        self.allow_roaming.unwrap_or(false)
    }
}

/// The options that interfaces and SIM profiles share.
pub(super) struct Dialling {
    pub(super) apn: Option<Apn>,
    pub(super) pincode: Option<Secret>,
    pub(super) auth: Option<AuthMethod>,
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) pdptype: Option<PdpType>,
    pub(super) allow_roaming: Option<bool>,
}

impl Dialling {
    pub(super) fn read(options: &mut Options) -> Self {
        Self {
            apn: options.read("apn", Apn::new),
            pincode: options.secret("pincode", pincode),
            auth: options.read("auth", AuthMethod::parse),
            username: options.read("username", |text| credential(text).map(|()| text.to_owned())),
            password: options.secret("password", credential),
            pdptype: options.read("pdptype", PdpType::parse),
            allow_roaming: options.flag("allow_roaming"),
        }
    }
}

/// A PIN, TS 31.101 9.5.
fn pincode(text: &str) -> Result<(), Invalid> {
    if (4..=8).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Invalid { expected: "4 to 8 digits" })
    }
}

/// A user name or password. QMI takes 127 bytes. A quote is allowed: where it would end a string,
/// the protocol's own code escapes or refuses it.
fn credential(text: &str) -> Result<(), Invalid> {
    let shown = |c: char| !c.is_control() && c != char::REPLACEMENT_CHARACTER;
    if text.len() <= 127 && text.chars().all(shown) {
        Ok(())
    } else {
        Err(Invalid { expected: "at most 127 bytes of UTF-8 text without control characters" })
    }
}

/// A number, or a name of `/etc/iproute2/rt_tables`.
fn routing_table(text: &str) -> Result<String, Invalid> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"_-.".contains(&c);
    let is_number = text.bytes().all(|c| c.is_ascii_digit());
    if text.len() <= 32 && text.bytes().all(allowed) && (!is_number || text.parse::<u32>().is_ok())
    {
        Ok(text.to_owned())
    } else {
        Err(Invalid { expected: "a routing table, by name or number" })
    }
}
