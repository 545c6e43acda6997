//! What a device gets and loses: addresses, routes and DNS servers, set with iproute2.

use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use ltewan::types::{Table, Value};

use super::{Core, is_on};

/// What a device was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    pub(super) addresses: Vec<(String, String)>,
    /// Whoever made the device has given them to it.
    pub(super) is_external: bool,
    pub(super) routes: Vec<Route>,
    pub(super) prefixes: Vec<String>,
    pub(super) dns: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Route {
    pub(super) target: String,
    pub(super) mask: String,
    pub(super) gateway: Option<String>,
    pub(super) source: Option<String>,
    pub(super) is_onlink: bool,
}

impl Core {
    /// Gives `settings` to `device` and takes away what it no longer shall have.
    pub(super) fn apply(&mut self, name: &str, device: &str, settings: Settings) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        let config = &interface.config;
        let metric = config.get("metric").and_then(Value::as_i64).unwrap_or(0);
        let default_route = is_on(config, "defaultroute");
        let mut lines = vec![format!("link set dev {device} up")];
        let own = settings.addresses.iter().filter(|_| !settings.is_external);
        for (address, mask) in own {
            lines.push(format!("addr replace {address}/{mask} dev {device} metric {metric}"));
        }
        for route in &settings.routes {
            if default_route || route.mask != "0" {
                lines.push(format!("route replace {}", route.words(device, metric)));
            }
        }
        for (address, mask) in &interface.settings.addresses {
            let stays = settings.addresses.contains(&(address.clone(), mask.clone()));
            if !stays && !interface.settings.is_external {
                lines.push(format!("addr del {address}/{mask} dev {device}"));
            }
        }
        for route in &interface.settings.routes {
            if !settings.routes.contains(route) {
                lines.push(format!("route del {}", route.words(device, metric)));
            }
        }
        if let Some(lan) = self.options.lan.as_ref().filter(|_| is_on(config, "delegate")) {
            let old = interface.settings.prefixes.iter().map(|prefix| ("del", prefix));
            let new = settings.prefixes.iter().map(|prefix| ("replace", prefix));
            for (verb, prefix) in old.chain(new) {
                let network = prefix.split('/').next().unwrap_or_default();
                lines.push(format!("addr {verb} {network}1/64 dev {lan}"));
            }
        }
        interface.device = Some(device.to_owned());
        interface.settings = settings;
        let complaints = run_ip(&lines);
        for complaint in complaints.lines().filter(|line| !line.starts_with("Command failed")) {
            self.step(name, complaint);
        }
        self.write_resolv_conf();
    }

    /// Takes everything from the interface's device and sets it down.
    pub(super) fn release(&mut self, name: &str) {
        self.drop_dynamic(name);
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.data.clear();
        let Settings { prefixes, is_external, .. } = std::mem::take(&mut interface.settings);
        let Some(device) = interface.device.take() else { return };
        // What is another program's is left to it.
        let mut lines = if is_external {
            Vec::new()
        } else {
            vec![format!("addr flush dev {device}"), format!("link set dev {device} down")]
        };
        for (prefix, lan) in prefixes.iter().zip(self.options.lan.iter().cycle()) {
            let network = prefix.split('/').next().unwrap_or_default();
            lines.push(format!("addr del {network}1/64 dev {lan}"));
        }
        run_ip(&lines);
        self.write_resolv_conf();
    }

    pub(super) fn write_resolv_conf(&self) {
        let Some(path) = &self.options.resolv_conf else { return };
        let mut text = String::new();
        if let Some((name, server)) = self.cable_dns() {
            text.push_str(&format!("# Interface {name}\nnameserver {server}\n"));
        }
        for (name, interface) in &self.interfaces {
            if is_on(&interface.config, "peerdns") && !interface.settings.dns.is_empty() {
                text.push_str(&format!("# Interface {name}\n"));
                for server in &interface.settings.dns {
                    text.push_str(&format!("nameserver {server}\n"));
                }
            }
        }
        let _ = std::fs::write(path, text);
    }
}

impl Settings {
    /// Adds what a document gives. An address that does not parse ends its list and returns false.
    pub(super) fn take(&mut self, args: &Table) -> bool {
        let mut is_whole = true;
        self.is_external = args.get("address-external").and_then(Value::as_bool) == Some(true);
        for (key, max) in [("ipaddr", "32"), ("ip6addr", "128")] {
            for item in args.get_array(key).unwrap_or_default() {
                let table = item.as_table().cloned().unwrap_or_default();
                let address = table.get_str("ipaddr").unwrap_or_default();
                let is_valid = if max == "32" {
                    address.parse::<Ipv4Addr>().is_ok()
                } else {
                    address.parse::<Ipv6Addr>().is_ok()
                };
                if !is_valid {
                    is_whole = false;
                    break;
                }
                let mask = table.get_str("mask").unwrap_or(max);
                self.addresses.push((address.to_owned(), mask_number(mask).to_string()));
            }
        }
        for key in ["routes", "routes6"] {
            let routes = args.get_array(key).unwrap_or_default().iter();
            self.routes.extend(routes.filter_map(Value::as_table).map(Route::new));
        }
        self.prefixes.extend(strings(args, "ip6prefix"));
        self.dns.extend(strings(args, "dns"));
        is_whole
    }
}

impl Route {
    fn new(table: &Table) -> Self {
        let text = |key| table.get_str(key).map(str::to_owned);
        Self {
            target: text("target").unwrap_or_default(),
            mask: text("netmask").map_or_else(String::new, |mask| mask_number(&mask).to_string()),
            gateway: text("gateway"),
            source: text("source"),
            is_onlink: table.get("onlink").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    fn words(&self, device: &str, metric: i64) -> String {
        let mut words = format!("{}/{}", self.target, self.mask);
        if let Some(source) = &self.source {
            let key = if self.target.contains(':') { "from" } else { "src" };
            words.push_str(&format!(" {key} {source}"));
        }
        if let Some(gateway) = &self.gateway {
            words.push_str(&format!(" via {gateway}"));
        }
        words.push_str(&format!(" dev {device} proto static metric {metric}"));
        if self.is_onlink {
            words.push_str(" onlink");
        }
        words
    }

    pub(super) fn status(&self) -> Table {
        let unspecified = if self.target.contains(':') { "::" } else { "0.0.0.0" };
        Table::new()
            .with("target", self.target.as_str())
            .with("mask", mask_number(&self.mask))
            .with("nexthop", self.gateway.as_deref().unwrap_or(unspecified))
    }
}

fn strings(args: &Table, key: &str) -> Vec<String> {
    let list = args.get_array(key).unwrap_or_default().iter();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The length of a mask given as a number or as `255.255.255.252`.
pub(super) fn mask_number(mask: &str) -> u32 {
    let dotted = mask.parse::<Ipv4Addr>().map(|dotted| u32::from(dotted).leading_ones());
    dotted.or_else(|_| mask.parse()).unwrap_or(0)
}

pub(super) fn device_exists(device: &str) -> bool {
    UnixStream::pair()
        .is_ok_and(|(socket, _)| rustix::net::netdevice::name_to_index(&socket, device).is_ok())
}

/// Runs lines of `ip -batch`; what it complained of.
pub(super) fn run_ip(lines: &[String]) -> String {
    let child = Command::new("ip")
        .args(["-force", "-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else { return "the ip tool cannot be started".to_owned() };
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all((lines.join("\n") + "\n").as_bytes());
    }
    let output = child.wait_with_output();
    output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap_or_default()
}
