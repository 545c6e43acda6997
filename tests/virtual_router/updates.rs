//! What netifd is told, and what it tells of its interfaces.

use ltewan::manager::Input;
use ltewan::manager::netifd::ProtoUpdate;
use ltewan::types::{Table, Value};

use super::{Router, addresses};
use crate::sim::world::network::Family;

impl Router {
    pub(super) fn update(&mut self, interface: String, update: ProtoUpdate) {
        let text = match &update {
            ProtoUpdate::Up(link) => format!("up {}", addresses(link)),
            ProtoUpdate::LinkLost => "link lost".into(),
            ProtoUpdate::Error(token) => format!("error {token}"),
            ProtoUpdate::Block => "block".into(),
            ProtoUpdate::Available(true) => "available".into(),
            ProtoUpdate::Available(false) => "unavailable".into(),
            ProtoUpdate::SetupFailed => "setup failed".into(),
            ProtoUpdate::Run(session) => format!("run {}", session.port),
            ProtoUpdate::Kill => "kill".into(),
        };
        if self.sabotage.is_some_and(|sabotage| sabotage.withholds(&update)) {
            return;
        }
        let is_heard = !self.is_bus_down();
        let has_more = matches!(&update, ProtoUpdate::Up(link) if !link.sub_interfaces.is_empty());
        let allowed = is_heard && self.netifd.notify_proto(self.now, &interface, &update);
        self.note(format!("{interface} {text}{}", if allowed { "" } else { " (refused)" }));
        if let (true, ProtoUpdate::Run(session)) = (allowed, &update) {
            self.run_pppd(&interface, session);
        }
        if allowed {
            self.translate(&interface, &update);
        }
        if allowed && has_more {
            // The address comes by DHCP, in no time.
            self.inbox.push_back(Input::NetifdChanged);
        }
        if !allowed {
            self.inbox.push_back(Input::UpdateRefused { interface, update });
        }
    }

    /// netifd tells that something about its interfaces has changed.
    pub(crate) fn netifd_changed(&mut self) {
        self.inbox.push_back(Input::NetifdChanged);
        self.settle();
    }

    /// What translates IPv4 goes with the link below, and when its options change.
    fn translate(&mut self, interface: &str, update: &ProtoUpdate) {
        let name = format!("{interface}_4");
        match update {
            ProtoUpdate::Up(link) => {
                let options = link.sub_interfaces.iter().map(|sub| &sub.options);
                let Some(address) = options.filter_map(|it| it.get_str("ip6addr")).next() else {
                    return;
                };
                if self
                    .clats
                    .insert(name.clone(), address.to_owned())
                    .is_some_and(|it| it != address)
                {
                    self.clats.remove(&name);
                }
            }
            ProtoUpdate::LinkLost | ProtoUpdate::SetupFailed | ProtoUpdate::Available(_) => {
                self.clats.remove(&name);
            }
            ProtoUpdate::Error(_)
            | ProtoUpdate::Block
            | ProtoUpdate::Run(_)
            | ProtoUpdate::Kill => {}
        }
    }

    /// Hands over netifd's interfaces with their addresses: those that DHCP gave, and the LAN's.
    pub(super) fn read_addresses(&mut self) {
        let leases = self.netifd.interfaces.iter().filter_map(|(name, interface)| {
            let link = interface.link.as_ref().filter(|link| link.config.dhcp.v4)?;
            let socket = self
                .sockets
                .0
                .values()
                .find(|socket| socket.net().as_deref() == Some(&link.ifname))?;
            let network = Some(&socket.modem.world.network);
            let v4 = network.filter(|network| network.carries(Family::V4))?.v4();
            let len = u32::from(v4.mask).leading_ones();
            let own = socket.modem.world.network.own_gateway().map(|own| own.to_string());
            Some((format!("{name}_4"), v4.address.to_string(), len, own))
        });
        let lan = self.lan.iter().filter_map(|lan| {
            let (address, len) = lan.split_once('/')?;
            Some(("lan".to_owned(), address.to_owned(), len.parse().ok()?, None))
        });
        let entry = |(name, address, len, gateway): (String, String, u32, Option<String>)| {
            let address = Table::new().with("address", address).with("mask", len);
            let mut entry = Table::new().with("interface", name);
            entry.put("ipv4-address", vec![address]);
            if let Some(gateway) = gateway {
                let route = Table::new().with("target", "0.0.0.0").with("nexthop", gateway);
                entry.put("route", vec![route]);
            }
            Value::Table(entry)
        };
        let clat = |(name, address): (&String, &String)| {
            let route = Table::new().with("target", address.as_str()).with("mask", 128);
            let entry = Table::new().with("interface", name.as_str()).with("proto", "464xlat");
            Value::Table(entry.with("up", true).with("dynamic", true).with("route", vec![route]))
        };
        let clats = self.clats.iter().map(clat);
        let more: Vec<Value> = leases.chain(lan).map(entry).chain(clats).collect();
        let own = self.netifd.dump();
        let own = own.get_array("interface").unwrap_or_default();
        let dump = Table::new().with("interface", [own, &more].concat());
        self.inbox.push_back(Input::Addresses(dump));
    }
}
