//! The status documents: everything the daemon knows, as ubus, LuCI and the command line show it.

use super::discovery::Protocol;
use super::radio;
use super::slot::Slot;
use super::{CallError, Manager};
use crate::driver::quirk::{self, Warning};
use crate::modem::{Cause, Modem};
use crate::time::{Duration, Instant};
use crate::types::{
    DeviceIdentity, IpConfig, Registration, RegistrationState, SimStatus, Table, Value,
};
use core::net::IpAddr;

/// Everything, or one modem's part of it.
pub(super) fn document(manager: &Manager, now: Instant, only: Option<&str>) -> Table {
    let mut modems = Vec::new();
    for (id, slot) in manager.slots.iter() {
        if only.is_none_or(|only| only == id.as_str()) {
            modems.push(modem(manager, now, id, slot));
        }
    }
    let mut table = Table::new();
    table.put("version", manager.version);
    table.put("uptime_s", seconds(now.saturating_since(manager.started)));
    table.put("modems", modems);
    table.put("interfaces", Value::Array(manager.interface_documents(now)));
    if let Some((length, step)) = manager.longest_turn {
        let mut turn = Table::new();
        turn.put("longest_turn_ms", millis(length));
        table.put("daemon", turn.with("longest_turn_step", step));
    }
    if !manager.config_errors.is_empty() {
        table.put("config_errors", manager.config_errors.clone());
    }
    table
}

impl Manager {
    pub(super) fn status(&self, now: Instant, args: &Table) -> Result<Table, CallError> {
        match args.get_str("modem") {
            None => Ok(document(self, now, None)),
            Some(_) => Ok(document(self, now, Some(&self.modem_named(args)?))),
        }
    }

    /// Full identity and ports of one modem.
    pub(super) fn info(&self, now: Instant, args: &Table) -> Result<Table, CallError> {
        let id = self.modem_named(args)?;
        let slot = self.slot(&id)?;
        let facts = slot.machine.facts();
        let mut table = modem(self, now, &id, slot);
        let mut identity = names(&facts.identity);
        identity.put_some("imei", facts.identity.imei.as_ref().map(|imei| imei.expose()));
        identity.put_some("imsi", facts.sim.imsi.as_ref().map(|imsi| imsi.expose()));
        identity.put_some("iccid", facts.sim.iccid.as_ref().map(|iccid| iccid.expose()));
        identity.put_some("usb_serial", slot.found.device.serial.as_deref());
        radio::put_names(&mut identity, slot);
        table.put("full_identity", identity);
        table.put_some("network_time", slot.time_document(now));
        table.put_some("slots", slot.slots_document(true));
        table.put("control_requests_sent", slot.requests_sent());
        Ok(table)
    }

    /// The interfaces as the status document shows them.
    fn interface_documents(&self, now: Instant) -> Vec<Value> {
        let mut documents = Vec::new();
        for (name, interface) in self.interfaces.iter() {
            let mut table = Table::new();
            table.put("interface", name.as_str());
            table.put("up", interface.is_up());
            table.put("phase", interface.phase.name());
            table.put_some("modem", interface.modem.as_deref());
            self.put_dialling(&mut table, interface);
            table.put_some("clashes_with", interface.handed_out.clashes_with.as_deref());
            if let Some(gateway) = interface.handed_out.gateway {
                table.put("page", format!("http://{gateway}/"));
            }
            table.put_some("message", interface.handed_out.trouble().map(Cause::sentence));
            table.put_some("check", interface.watchdog.document(now));
            if !interface.errors.is_empty() {
                table.put("errors", interface.errors.clone());
            }
            documents.push(Value::Table(table));
        }
        documents
    }
}

impl Slot {
    /// What people should know of such modems, or is done about them.
    pub(super) fn warnings(&self) -> impl Iterator<Item = Warning> {
        quirk::warnings(self.found.device.vid, self.found.device.pid, self.model())
    }
}

fn capabilities(slot: &Slot, has_gnss: bool) -> Vec<&'static str> {
    let mut list = vec!["connect", "reset", "speedtest"];
    if slot.found.protocol != Protocol::None {
        list.extend_from_slice(&["signal", "history", "pin"]);
    }
    if slot.tells_cells() {
        list.push("cells");
    }
    if slot.composition().is_some() {
        list.push("usb_mode");
    }
    if slot.at.name().is_some() {
        list.push("at");
    }
    if slot.sms.is_ready {
        list.push("sms");
    }
    if slot.ussd.is_ready {
        list.push("ussd");
    }
    if slot.has_bands() {
        list.extend_from_slice(&["bands", "modes"]);
    }
    if slot.has_scan() {
        list.extend_from_slice(&["scan", "register"]);
    }
    if slot.has_slots() {
        list.push("slots");
    }
    if has_gnss {
        list.push("gnss");
    }
    list
}

/// With one decimal.
fn millis(length: Duration) -> f64 {
    (length.as_secs_f64() * 10_000.0).round() / 10.0
}

fn seconds(length: Duration) -> u64 {
    length.as_secs()
}

fn modem(manager: &Manager, now: Instant, id: &str, slot: &Slot) -> Table {
    let machine = &slot.machine;
    let facts = machine.facts();
    let device = &slot.found.device;
    let mut table = Table::new();
    table.put("modem", id);
    let section = super::plan::section_of(&manager.config, &slot.found, machine);
    table.put_some("section", section.and_then(|section| section.name.as_deref()));
    table.put("state", machine.state().name());
    table.put("state_s", seconds(now.saturating_since(machine.since())));
    table.put("cause", machine.cause().name());
    table.put("message", machine.cause().sentence());
    if !machine.detail().is_empty() {
        table.put("detail", machine.detail());
    }
    if machine.attempt() > 0 && machine.link().is_none() {
        table.put("attempt", machine.attempt());
    }
    let retry = machine.next_retry().map(|at| seconds(at.saturating_since(now)));
    table.put_some("next_retry_s", retry);
    table.put_some("recovery", recovery(now, machine));
    table.put_some("interface", manager.served_by(id).map(|(name, _)| name.as_str()));
    table.put("vid_pid", format!("{:04x}:{:04x}", device.vid, device.pid));
    table.put_some("product", device.product.as_deref());
    let warnings = warnings(manager, id, slot);
    if !warnings.is_empty() {
        table.put("warnings", warnings);
    }
    let mut identity = names(&facts.identity);
    identity.put_some("imei", facts.identity.imei.as_ref().map(ToString::to_string));
    table.put("identity", identity);
    if !facts.is_tether {
        table.put("sim", sim(&facts.sim));
    }
    // Of a stick that is a router of its own, what its page says.
    if !facts.is_tether || facts.registration != Registration::default() {
        table.put("registration", registration(&facts.registration, radio::band(slot)));
        table.put("signal", radio::signal(now, slot));
        table.put_some("temperature_c", radio::temperature(slot));
    }
    table.put_some("traffic", radio::traffic(slot));
    table.put_some("slots", slot.slots_document(false));
    table.put_some("sim_switch", slot.switching_document(now));
    table.put_some("usage", manager.usage_document(id));
    table.put_some("causes", manager.causes_document(id));
    if let Some((detail, again)) = machine.refused_selection() {
        let mut refused = Table::new();
        refused.put("refused", detail);
        let again = again.map(|at| seconds(at.saturating_since(now)));
        refused.put_some("next_retry_s", again);
        table.put("selection", refused);
    }
    table.put_some("bands", manager.bands_document(now, id));
    if let Some(config) = machine.link() {
        table.put("bearer", bearer(config));
    }
    if slot.sms.is_ready {
        let unread = u32::try_from(manager.inbox.unread(&manager.owner(id))).unwrap_or(u32::MAX);
        table.put("sms_unread", unread);
    }
    let mut ports = Table::new();
    ports.put("protocol", slot.found.protocol.name());
    let control = Some(slot.found.control.as_str()).filter(|name| !name.is_empty());
    ports.put_some("control", control.or(slot.at.name()));
    ports.put_some("net", slot.found.net.as_deref());
    ports.put_some("mux", slot.found.mux.as_deref());
    ports.put_some("at", slot.at.name());
    table.put("ports", ports);
    table.put("capabilities", capabilities(slot, manager.has_gnss(id, slot)));
    table
}

/// What a modem calls itself.
fn names(identity: &DeviceIdentity) -> Table {
    let mut table = Table::new();
    table.put_some("manufacturer", identity.manufacturer.as_deref());
    table.put_some("model", identity.model.as_deref());
    table.put_some("revision", identity.revision.as_deref());
    table
}

/// What is known against the modem, and what went wrong with it.
fn warnings<'a>(manager: &'a Manager, id: &str, slot: &Slot) -> Vec<&'a str> {
    let mut warnings = Vec::new();
    for sentence in slot.warnings().map(Warning::sentence) {
        if !sentence.is_empty() {
            warnings.push(sentence);
        }
    }
    warnings.extend(manager.limit_trouble(id));
    warnings
}

/// The rung of the recovery ladder taken last, and the one that comes next should nothing help.
fn recovery(now: Instant, machine: &Modem) -> Option<Table> {
    let mut table = Table::new();
    if let Some((step, at)) = machine.last_recovery() {
        table.put("last_step", step.name());
        table.put("last_step_s", seconds(now.saturating_since(at)));
    }
    if let Some((at, step)) = machine.next_recovery() {
        table.put("next_step", step.name());
        table.put("next_step_s", seconds(at.saturating_since(now)));
    }
    (!table.0.is_empty()).then_some(table)
}

fn sim(sim: &SimStatus) -> Table {
    let mut table = Table::new();
    table.put("state", sim.state.name());
    table.put_some("iccid", sim.iccid.as_ref().map(ToString::to_string));
    table.put_some("imsi", sim.imsi.as_ref().map(ToString::to_string));
    table.put_some("pin_enabled", sim.pin1_enabled);
    table.put_some("pin_retries_left", sim.pin1_retries_left);
    table.put_some("puk_retries_left", sim.puk1_retries_left);
    table
}

pub(super) fn registration(registration: &Registration, band: Option<String>) -> Table {
    let mut table = Table::new();
    table.put("state", registration.state.name());
    table.put_some("attached", registration.attached);
    table.put_some("plmn", registration.plmn.map(|plmn| plmn.to_string()));
    table.put_some("operator", registration.operator.as_deref());
    table.put_some("rat", registration.rat.map(|rat| rat.name()));
    if registration.state.is_registered() {
        table.put_some("band", band);
        table.put("roaming", registration.state == RegistrationState::Roaming);
    }
    table.put_some("reject_cause", registration.reject_cause);
    table
}

fn bearer(config: &IpConfig) -> Table {
    let mut table = Table::new();
    if let Some(v4) = &config.v4 {
        let dns = &mut v4.dns.iter().map(|at| IpAddr::from(*at));
        let gateway = v4.gateway.map(IpAddr::from);
        table.put("ipv4", family(v4.address.into(), v4.prefix_len, gateway, dns));
    }
    if let Some(v6) = &config.v6 {
        let dns = &mut v6.dns.iter().map(|at| IpAddr::from(*at));
        let gateway = v6.gateway.map(IpAddr::from);
        table.put("ipv6", family(v6.address.into(), v6.prefix_len, gateway, dns));
    }
    let dhcp = [("ipv4", config.dhcp.v4), ("ipv6", config.dhcp.v6)];
    for (name, is_dhcp) in dhcp {
        if is_dhcp {
            table.put(name, Table::new().with("dhcp", true));
        }
    }
    table.put_some("mtu", config.mtu);
    table
}

fn family(
    address: IpAddr,
    prefix_len: u8,
    gateway: Option<IpAddr>,
    dns: &mut dyn Iterator<Item = IpAddr>,
) -> Table {
    let mut table = Table::new();
    table.put("address", format!("{address}/{prefix_len}"));
    table.put_some("gateway", gateway.map(|gateway| gateway.to_string()));
    let mut servers = Vec::new();
    for server in dns {
        servers.push(server.to_string());
    }
    table.put("dns", servers);
    table
}
