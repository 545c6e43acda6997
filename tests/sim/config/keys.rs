//! `KEY=VALUE` words.

use core::net::Ipv4Addr;

use ltewan::time::Duration;

use super::super::page::Page;
use super::super::ppp::Method;
use super::super::product::{Function, Product};
use super::super::world::network::{EndReason, Policy, V4};
use super::super::world::radio::{Coverage, OperatingMode};
use super::super::world::uicc::{CardState, PinState};
use super::{Config, Dialect, SimConfig, Tunnel, Uim, UssdKind, millis, number, with_luhn};

impl Config {
    /// Sets one value by name; the message of an error is for people.
    pub(crate) fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "imei" => self.identity.imei = value.into(),
            "serial" => self.identity.serial = value.into(),
            "model" => self.identity.model = value.into(),
            "revision" => self.identity.revision = value.into(),
            "mode" if value == "online" => self.mode = OperatingMode::Online,
            "mode" => self.mode = OperatingMode::LowPower,
            "cids" => self.client_ids_per_service = number(key, value)?,
            "link" => self.raw_ip_only = value == "raw",
            "chunk" => self.at_chunk_bytes = number(key, value)?,
            "indicate" => self.indicate_bearer_to_all = value == "all",
            "notify" => self.announce_again = value != "once",
            "nitz" => self.network.nitz = value.parse().ok(),
            "slot2" => self.slot2 = Some(other_card(&self.sim, value)),
            "receiver" => self.receiver = value == "on",
            "messages" => self.messages = value == "on",
            "ussd" => {
                self.ussd = match value {
                    "on" => UssdKind::Whole,
                    "old" => UssdKind::Old,
                    _ => UssdKind::None,
                }
            }
            "uim" => match value {
                "whole" => self.uim = Uim::Whole,
                "nopins" => self.uim = Uim::WithoutPins,
                "none" => self.uim = Uim::Missing,
                _ => return Err(format!("no kind of UIM '{value}'")),
            },
            "front" if value == "at" => self.set_product(Product::OfDialect),
            "front" | "usb" => self.set_function(Function::parse(value)?),
            "device" => self.set_product(Product::parse(value)?),
            "carrier" => self.carrier = value == "on",
            "dialect" => {
                let entry = Dialect::ALL.iter().find(|entry| entry.1 == value);
                self.dialect = entry.ok_or_else(|| format!("no dialect '{value}'"))?.0;
            }
            "ppp" => {
                let fields: Vec<&str> = value.split(':').collect();
                let method = match fields.first() {
                    Some(&"pap") => Method::Pap,
                    Some(&"chap") => Method::Chap,
                    _ => return Err(format!("no way to authenticate '{value}'")),
                };
                let field = |at: usize| fields.get(at).copied().unwrap_or_default().to_owned();
                self.ppp_auth = Some((method, field(1), field(2)));
            }
            "transfer" => self.max_control_transfer = number(key, value)?,
            "mbimex" => self.mbimex2 = value == "2",
            "tunnel" => {
                self.tunnel = match value {
                    "qmi" => Tunnel::Qmi,
                    "refused" => Tunnel::Refused,
                    "garbage" => Tunnel::Garbage,
                    _ => return Err(format!("no tunnel '{value}'")),
                }
            }
            "extensions" => self.extensions = value != "none",
            "attach" => self.attach_by_host = value == "host",
            "addresses" => self.addresses_by_link = value == "link",
            "qmap" => self.has_qmap = value != "none",
            "wda" => self.wants_endpoint = value == "endpoint",
            "speed" => self.speed_mbps = number(key, value)?,
            "families" => self.single_family = value == "single",
            "latency" | "simready" | "reg" | "bearer" | "boot" => {
                self.set_timing(key, millis(key, value)?)
            }
            _ => return self.set_sim(key, value).unwrap_or_else(|| self.set_network(key, value)),
        }
        Ok(())
    }

    fn set_timing(&mut self, key: &str, length: Duration) {
        match key {
            "latency" => self.timings.latency = length,
            "simready" => self.timings.sim_ready = length,
            "reg" => self.timings.registration = length,
            "bearer" => self.timings.bearer = length,
            _ => self.timings.boot = length,
        }
    }

    /// The keys that are about the SIM; `None` when `key` is not one.
    fn set_sim(&mut self, key: &str, value: &str) -> Option<Result<(), String>> {
        let sim = &mut self.sim;
        match key {
            "mux" => self.mux = value == "on",
            "restarts" => self.restarts = value == "on",
            "iccid" => sim.iccid = value.into(),
            "imsi" => sim.imsi = value.into(),
            "number" => sim.number = value.into(),
            "pin" => sim.pin = value.into(),
            "puk" => sim.puk = value.into(),
            "retries" => match number(key, value) {
                Ok(retries) => sim.pin_retries = retries,
                Err(error) => return Some(Err(error)),
            },
            "sim" => match value {
                "absent" => sim.card = CardState::Absent,
                "error" => sim.card = CardState::Error,
                "ready" => sim.pin1 = PinState::Disabled,
                "pin" => sim.pin1 = PinState::EnabledNotVerified,
                "puk" => (sim.pin1, sim.pin_retries) = (PinState::Blocked, 0),
                "blocked" => {
                    sim.pin1 = PinState::PermanentlyBlocked;
                    (sim.pin_retries, sim.puk_retries) = (0, 0);
                }
                _ => return Some(Err(format!("no SIM state '{value}'"))),
            },
            _ => return None,
        }
        Some(Ok(()))
    }

    /// The keys that are about the network.
    fn set_network(&mut self, key: &str, value: &str) -> Result<(), String> {
        let network = &mut self.network;
        match key {
            "coverage" => network.coverage = Coverage::parse(value)?,
            "policy" => network.policy = Policy::parse(&value.split(',').collect::<Vec<_>>())?,
            "apn" => network.apns = value.split(',').map(Into::into).collect(),
            "mtu" => network.mtu = number(key, value)?,
            "subnet" => network.subnet = number(key, value)?,
            "name" => network.name = value.into(),
            "own" => {
                let gateway: Ipv4Addr =
                    value.parse().map_err(|_| format!("own: '{value}' is no address"))?;
                let [a, b, c, _] = gateway.octets();
                let (address, mask) = (Ipv4Addr::new(a, b, c, 57), Ipv4Addr::new(255, 255, 255, 0));
                network.own = Some(V4 { address, gateway, mask, dns: [gateway; 2] });
            }
            "page" => network.page = Page::parse(value)?,
            "reject" => {
                network.policy = Policy::Reject(EndReason::from_3gpp(number(key, value)?));
            }
            _ => return Err(format!("no setting '{key}'")),
        }
        Ok(())
    }
}

/// A SIM of another number in the second slot.
fn other_card(sim: &SimConfig, state: &str) -> SimConfig {
    let mut card = sim.clone();
    card.iccid = with_luhn("894902000009999000");
    card.imsi = "262020999999999".into();
    card.pin = "4321".into();
    match state {
        "absent" => card.card = CardState::Absent,
        "pin" => card.pin1 = PinState::EnabledNotVerified,
        _ => {}
    }
    card
}
