//! What is said to netifd about an interface, and what netifd says of its interfaces.

use crate::types::{IpConfig, PppCall, Table};

/// One `notify_proto` call.
#[derive(Clone, Debug, PartialEq)]
pub enum ProtoUpdate {
    /// Action 0, link up: the interface has these addresses. Replaces earlier ones.
    Up(Box<Link>),
    /// Action 0, link down: the interface waits, with no teardown.
    LinkLost,
    /// Action 3: show an error token.
    Error(&'static str),
    /// Action 4: do not set the interface up again by yourself.
    Block,
    /// Action 5: whether there is a modem to set the interface up with.
    Available(bool),
    /// Action 7: take the interface down, and set it up again unless blocked.
    SetupFailed,
    /// Action 1: run pppd. When it ends, netifd takes the interface down and sets it up again.
    Run(Box<PppSession>),
    /// Action 2: end the program that is run.
    Kill,
}

/// A PPP session for pppd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PppSession {
    /// The name of the serial port in `/dev`.
    pub port: String,
    /// The net device to make.
    pub ifname: String,
    /// The call.
    pub call: PppCall,
}

impl ProtoUpdate {
    /// A word for it, for the log.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Up(_) => "link up",
            Self::LinkLost => "link down",
            Self::Error(_) => "error",
            Self::Block => "block",
            Self::Available(_) => "available",
            Self::SetupFailed => "setup failed",
            Self::Run(_) => "run",
            Self::Kill => "kill",
        }
    }
}

/// An interface that is up.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The net device.
    pub ifname: String,
    /// The addresses.
    pub config: IpConfig,
    /// Whether packets go over the link as they are, with no Ethernet around them: then there are
    /// no neighbours and a gateway means nothing.
    pub raw_ip: bool,
    /// Whether the device has its addresses already, given by whoever made it.
    pub is_external: bool,
    /// Whether IPv6 routes apply only to packets from the delegated prefix.
    pub source_filter: bool,
    /// Whether the IPv6 prefix is shared with the LAN, RFC 7278.
    pub extend_prefix: bool,
    /// What is shown as the interface's `data`.
    pub data: Table,
    /// The interfaces on top of it that netifd is to get addresses for.
    pub sub_interfaces: Vec<SubInterface>,
}

/// A dynamic interface of netifd's, which lives as long as the one below it is up.
#[derive(Clone, Debug, PartialEq)]
pub struct SubInterface {
    /// Its name: the interface's with `_4` or `_6`, as the stock handlers call theirs.
    pub name: String,
    /// Its options, `proto` among them.
    pub options: Table,
}

impl SubInterface {
    /// How it gets its addresses.
    pub(super) fn proto(&self) -> Option<&str> {
        self.options.get_str("proto")
    }
}

/// What `network.interface dump` says of one interface of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceState {
    /// Its name.
    pub interface: String,
    /// Whether it is up.
    pub up: bool,
    /// Whether it is being set up.
    pub pending: bool,
    /// Whether it may be set up.
    pub available: bool,
    /// Whether netifd sets it up by itself.
    pub autostart: bool,
    /// The net device it is on.
    pub l3_device: Option<String>,
}

/// The interfaces of protocol `ltewan` in a reply to `network.interface dump`.
pub fn interfaces(dump: &Table) -> Vec<InterfaceState> {
    let mut interfaces = Vec::new();
    for entry in dump.get_array("interface").unwrap_or_default() {
        if let Some(entry) = entry.as_table()
            && entry.get_str("proto") == Some("ltewan")
        {
            interfaces.extend(interface(entry));
        }
    }
    interfaces
}

fn interface(entry: &Table) -> Option<InterfaceState> {
    let flag = |name| entry.get_bool(name).unwrap_or(false);
    Some(InterfaceState {
        interface: entry.get_str("interface")?.to_owned(),
        up: flag("up"),
        pending: flag("pending"),
        available: flag("available"),
        autostart: flag("autostart"),
        l3_device: entry.get_str("l3_device").map(str::to_owned),
    })
}
