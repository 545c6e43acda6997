//! What `ifstatus` shows.

use ltewan::types::Table;

use super::device::mask_number;
use super::{Interface, PROTO, Route, State, now};

impl Interface {
    /// The status document.
    pub(super) fn status(&self, name: &str) -> Table {
        let is_up = self.state == State::Up;
        let mut status = Table::new()
            .with("interface", name)
            .with("up", is_up)
            .with("pending", self.state == State::Setup)
            .with("available", self.is_available)
            .with("autostart", self.autostart)
            .with("dynamic", false);
        if is_up {
            status.put("uptime", now().saturating_since(self.up_since).as_secs());
            status.put_some("l3_device", self.device.clone());
        }
        status.put("proto", PROTO);
        if is_up {
            let address = |(address, mask): &(String, String)| {
                Table::new().with("address", address.as_str()).with("mask", mask_number(mask))
            };
            let of_family = |is_v6: bool| -> Vec<Table> {
                let addresses = self.settings.addresses.iter();
                addresses.filter(|(text, _)| text.contains(':') == is_v6).map(address).collect()
            };
            status.put("ipv4-address", of_family(false));
            status.put("ipv6-address", of_family(true));
            let prefixes: Vec<_> = self.settings.prefixes.iter().map(|text| prefix(text)).collect();
            status.put("ipv6-prefix", prefixes);
            let routes: Vec<_> = self.settings.routes.iter().map(Route::status).collect();
            status.put("route", routes);
            status.put("dns-server", self.settings.dns.clone());
        }
        status.put("data", Table(self.data.clone().into_iter().collect()));
        status.put_some("errors", self.error.clone().map(|error| vec![error]));
        status
    }
}

/// `2001:db8::/64,3600,7200` as `ifstatus` shows it.
fn prefix(text: &str) -> Table {
    let network = text.split(',').next().unwrap_or_default();
    let (address, mask) = network.split_once('/').unwrap_or((network, "64"));
    Table::new().with("address", address).with("mask", mask_number(mask))
}
