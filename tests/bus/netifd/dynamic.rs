//! Dynamic interfaces on top of others, as `network add_dynamic` makes them: DHCP over IPv4 by the
//! `udhcpc` of busybox. They go with the interface below.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::spawn;

use ltewan::types::{Table, Value};
use ltewan::wire::ubus::Status;

use super::device::run_ip;
use super::{Core, Notice, State};

/// What `udhcpc` is to run: it says what it has got, in words.
const SCRIPT: &str = "#!/bin/sh\n[ \"$1\" != bound ] || echo \"$ip $mask $router $dns\"\n";

/// One of them.
#[derive(Debug)]
pub(super) struct Dynamic {
    parent: String,
    options: Table,
    device: String,
    client: Option<Child>,
    lease: Option<Lease>,
}

/// What a DHCP server has given.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    address: String,
    mask: u32,
    router: String,
    dns: Vec<String>,
}

impl Lease {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (address, mask, router) = (words.next()?, words.next()?, words.next()?);
        Some(Self { address, mask: mask.parse().ok()?, router, dns: words.collect() })
    }
}

impl Drop for Dynamic {
    fn drop(&mut self) {
        if let Some(client) = &mut self.client {
            let _ = client.kill();
            let _ = client.wait();
        }
    }
}

impl Core {
    /// An interface on top of the one that `ifname` names after an `@`.
    pub(super) fn add_dynamic(&mut self, args: &Table) -> Status {
        let parent = args.get_str("ifname").and_then(|name| name.strip_prefix('@'));
        let (Some(name), Some(parent)) = (args.get_str("name"), parent) else {
            return Status::InvalidArgument;
        };
        let below = self.interfaces.get(parent).filter(|below| below.state == State::Up);
        let Some(device) = below.and_then(|below| below.device.clone()) else {
            return Status::NotFound;
        };
        if let Some(known) = self.dynamic.get(name) {
            if known.options != *args || known.device != device {
                // One that is to be another is not made anew but forgotten.
                self.dynamic.remove(name);
                self.step(name, "removed");
            }
            return Status::Ok;
        }
        self.step(name, "added");
        let is_dhcp = args.get_str("proto") == Some("dhcp");
        let client = if is_dhcp { self.start_client(name, &device) } else { None };
        let (parent, options) = (parent.to_owned(), args.clone());
        let made = Dynamic { parent, options, device, client, lease: None };
        self.dynamic.insert(name.to_owned(), made);
        Status::Ok
    }

    fn start_client(&self, name: &str, device: &str) -> Option<Child> {
        let script = self.options.dhcp_script.as_ref()?;
        let mut child = Command::new("udhcpc")
            .args(["-f", "-q", "-t", "0", "-i", device, "-s"])
            .arg(script)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (inbox, waker, name) = (self.inbox.clone(), self.waker.try_clone(), name.to_owned());
        let (output, mut waker) = (child.stdout.take()?, waker.ok()?);
        spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = inbox.send(Notice::Lease { interface: name.clone(), line });
                let _ = waker.write(&[0]);
            }
        });
        Some(child)
    }

    /// A DHCP client has said something.
    pub(super) fn take_lease(&mut self, name: &str, line: &str) {
        let Some(lease) = Lease::parse(line) else { return };
        let Some(dynamic) = self.dynamic.get_mut(name) else { return };
        let Lease { address, mask, router, .. } = &lease;
        let device = &dynamic.device;
        let metric = dynamic.options.get("metric").and_then(Value::as_i64).unwrap_or(0);
        let complaints = run_ip(&[
            format!("addr replace {address}/{mask} dev {device} metric {metric}"),
            format!("route replace default via {router} dev {device} metric {metric}"),
        ]);
        dynamic.lease = Some(lease);
        self.step(name, "up");
        if !complaints.is_empty() {
            self.step(name, &complaints);
        }
        let data = Table::new().with("interface", name);
        self.bus.notify("network.interface", "interface.update", &data);
    }

    /// Those on top of an interface that has lost its device.
    pub(super) fn drop_dynamic(&mut self, parent: &str) {
        self.dynamic.retain(|_, dynamic| dynamic.parent != parent);
    }
}

impl Dynamic {
    /// As `ifstatus` shows it.
    pub(super) fn status(&self, name: &str) -> Table {
        let proto = self.options.get_str("proto").unwrap_or_default();
        let is_up = self.lease.is_some();
        let mut status = Table::new()
            .with("interface", name)
            .with("up", is_up)
            .with("pending", !is_up)
            .with("available", true)
            .with("autostart", true)
            .with("dynamic", true)
            .with("proto", proto);
        if let Some(lease) = &self.lease {
            let address =
                Table::new().with("address", lease.address.as_str()).with("mask", lease.mask);
            status.put("l3_device", self.device.as_str());
            status.put("ipv4-address", vec![address]);
            let route = Table::new().with("target", "0.0.0.0").with("mask", 0_u32);
            status.put("route", vec![route.with("nexthop", lease.router.as_str())]);
            status.put("dns-server", lease.dns.clone());
        }
        status
    }
}

/// Writes the script of the DHCP client.
pub(super) fn write_script(path: &Path) -> std::io::Result<()> {
    fs::write(path, SCRIPT)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}
