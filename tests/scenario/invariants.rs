//! What must hold at every moment, whatever happens: the invariants of the design.

use std::collections::BTreeMap;

use ltewan::time::{Duration, Instant};

use super::netifd::State;
use super::router::Router;
use crate::sim::config::Front;
use crate::sim::world::network::Family;
use crate::sim::{Command, SimModem, qmi};

/// How many due moments there may be in one virtual second.
const TURNS_PER_SECOND_MAX: u32 = 2_000;

/// How often time may be due and not go on.
const TURNS_PER_MOMENT_MAX: u32 = 100;

/// A modem that says nothing is found out within this time.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// What is remembered from moment to moment.
#[derive(Debug, Default)]
pub(super) struct Invariants {
    moment: Instant,
    turns: u32,
    second: u64,
    turns_in_second: u32,
    modems: BTreeMap<String, Seen>,
    /// Since when an interface is up with a bearer that is not.
    stale: BTreeMap<(String, Family), Instant>,
}

/// What was seen of one modem.
#[derive(Clone, Debug, Default)]
struct Seen {
    pin_attempts: u64,
    pin_retries: u8,
    /// Whether the owner has asked for the last attempt to be spent.
    last_is_allowed: bool,
    at_overlaps: u64,
    /// Replies that may have been lost, and with them client ids.
    lost: usize,
    /// The last moment at which a message may have gone astray.
    fault_at: Option<Instant>,
    mute: bool,
    /// The longest that replies have taken.
    latency: Duration,
    /// AT commands may not be answered as a serial port would.
    at_is_odd: bool,
}

impl Invariants {
    /// A due moment has come.
    pub(super) fn turn(&mut self, now: Instant) {
        self.turns = if now == self.moment { self.turns + 1 } else { 0 };
        self.moment = now;
        assert!(self.turns < TURNS_PER_MOMENT_MAX, "time does not go on from {now:?}");
        let second = now.as_secs();
        self.turns_in_second = if second == self.second { self.turns_in_second + 1 } else { 0 };
        self.second = second;
        assert!(self.turns_in_second < TURNS_PER_SECOND_MAX, "no rest at {now:?}");
    }

    pub(super) fn forget_modem(&mut self, path: &str) {
        self.modems.remove(path);
    }

    /// The owner lets the last attempt at the PIN be spent, once.
    pub(super) fn allow_last_attempt(&mut self, path: &str) {
        self.modems.entry(path.to_owned()).or_default().last_is_allowed = true;
    }

    /// Commands of the daemon that has ended may still be under way.
    pub(super) fn daemon_ended(&mut self) {
        self.stale.clear();
    }

    /// Something is done to a modem.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few commands touch what is remembered")]
    pub(super) fn command(&mut self, now: Instant, path: &str, command: &Command) {
        let seen = self.modems.entry(path.to_owned()).or_default();
        match command {
            Command::Lose(count) => {
                seen.lost += usize::try_from(*count).unwrap_or(usize::MAX);
                seen.fault_at = Some(now);
            }
            Command::Silence(on) | Command::Hang(on) => {
                seen.mute = *on;
                seen.fault_at = Some(now);
                seen.lost += 8;
            }
            Command::Latency(delay) => seen.latency = seen.latency.max(*delay),
            // An answer that comes after its time, or twice, which no serial port does, makes a
            // command seem to be answered that is not.
            Command::LatencyAt(_) | Command::Duplicate(_) => seen.at_is_odd = true,
            Command::Reset(_) | Command::Unplug | Command::Replug(_) => {
                seen.mute = false;
                seen.lost = 0;
            }
            _ => {}
        }
    }
}

impl Router {
    /// Holds the invariants against what is.
    pub(super) fn check(&mut self) {
        let mut invariants = std::mem::take(&mut self.invariants);
        let result = invariants.check(self);
        self.invariants = invariants;
        if let Err(broken) = result {
            panic!("{broken}\n{}", self.tail());
        }
    }
}

impl Invariants {
    fn check(&mut self, router: &Router) -> Result<(), String> {
        for (path, socket) in &router.sockets.0 {
            let seen = self.modems.entry(path.clone()).or_insert_with(|| Seen {
                pin_retries: socket.modem.world.uicc.pin_retries,
                ..Seen::default()
            });
            seen.check_pin(&socket.modem).map_err(|broken| format!("{path}: {broken}"))?;
            seen.check_modem(router, &socket.modem)
                .map_err(|broken| format!("{path}: {broken}"))?;
        }
        self.check_links(router)
    }

    /// An interface is up only with a live bearer; each family with its own.
    fn check_links(&mut self, router: &Router) -> Result<(), String> {
        for (name, interface) in &router.netifd.interfaces {
            let link = interface.link.as_ref().filter(|_| interface.state == State::Up);
            for family in Family::ALL {
                let key = (name.clone(), family);
                let socket = link.and_then(|link| {
                    let of = |s: &&super::hardware::Socket| s.net() == Some(link.ifname.clone());
                    router.sockets.0.iter().find(|(_, socket)| of(socket))
                });
                let broken = link.and_then(|link| {
                    let told = match family {
                        Family::V4 => link.config.v4.as_ref().map(|v4| v4.address.to_string()),
                        Family::V6 => link.config.v6.as_ref().map(|v6| v6.address.to_string()),
                    }?;
                    broken_family(socket.map(|(_, socket)| socket), family, &told)
                });
                let Some(broken) = broken else {
                    self.stale.remove(&key);
                    continue;
                };
                let since = *self.stale.entry(key).or_insert(router.now);
                let excused = socket.is_some_and(|(path, socket)| {
                    let seen = self.modems.get(path);
                    let configured = socket.modem.config().timings.latency;
                    // Initializing takes some 20 requests.
                    let latency = seen.map_or(configured, |seen| seen.latency.max(configured)) * 25
                        + Duration::from_secs(5);
                    let fault = seen.and_then(|seen| seen.fault_at);
                    let mute = seen.is_some_and(|seen| seen.mute);
                    let from = fault.map_or(since, |fault| fault.max(since));
                    let is_new = |limit| router.now <= from + limit;
                    // An address is read anew, which takes the modem's time.
                    broken.starts_with("has") && router.now <= since + latency
                        || (mute || fault.is_some()) && is_new(SILENCE_MAX + latency)
                        || router.now <= router.daemon_since + SILENCE_MAX + latency
                }) || router.manager.is_none();
                if !excused {
                    return Err(format!("{name} is up since {since:?} and {broken}"));
                }
            }
        }
        Ok(())
    }
}

/// What is wrong with a family that netifd was told to be up with the address `told`.
fn broken_family(
    socket: Option<&super::hardware::Socket>,
    family: Family,
    told: &str,
) -> Option<String> {
    let Some(socket) = socket else { return Some("its net device has gone".into()) };
    let network = &socket.modem.world.network;
    if network.bearer(family).is_none() {
        return Some(format!("there is no bearer for {family:?}"));
    }
    if socket.has_raw_ip() && socket.link.raw_ip != socket.modem.is_raw_ip() {
        return Some("its link is not in the modem's mode".into());
    }
    let given = match family {
        Family::V4 => network.v4().address.to_string(),
        Family::V6 => network.v6().address.to_string(),
    };
    (given != told).then(|| format!("has {told} where the network gave {given}"))
}

impl Seen {
    /// The last attempt is never spent.
    fn check_pin(&mut self, modem: &SimModem) -> Result<(), String> {
        let uicc = &modem.world.uicc;
        let is_tried = uicc.pin_attempts > self.pin_attempts;
        if is_tried && self.pin_retries < 2 && !std::mem::take(&mut self.last_is_allowed) {
            return Err(format!("a PIN was tried with {} attempts left", self.pin_retries));
        }
        self.pin_attempts = uicc.pin_attempts;
        self.pin_retries = uicc.pin_retries;
        Ok(())
    }

    fn check_modem(&mut self, router: &Router, modem: &SimModem) -> Result<(), String> {
        let stats = modem.stats();
        if stats.malformed > 0 {
            return Err("a frame was no request".into());
        }
        if stats.unknown_messages > 0 {
            return Err("a message was sent that the modem does not know".into());
        }
        // A new daemon cannot know what the one before it left unanswered, and a command that was
        // not answered in its time is not waited for for ever.
        let since = self.fault_at.map_or(router.daemon_since, |at| at.max(router.daemon_since));
        if self.mute || self.at_is_odd || router.now < since + Duration::from_secs(60) {
            self.at_overlaps = stats.at_overlaps;
        }
        if stats.at_overlaps > self.at_overlaps {
            return Err(format!("AT commands overlap: {:?}", stats.at_log));
        }
        self.check_clients(modem)
    }

    /// No more client ids than there is use for: one a service, one more while it is replaced, and
    /// one a family.
    fn check_clients(&self, modem: &SimModem) -> Result<(), String> {
        let clients = modem.client_ids();
        for (service, most) in
            [(qmi::WDS, 4), (qmi::DMS, 2), (qmi::NAS, 2), (qmi::UIM, 2), (qmi::WDA, 2)]
        {
            let held = clients.iter().filter(|(of, _)| *of == service).count();
            if held > most + self.lost {
                return Err(format!("{held} client ids of service {service}: {clients:?}"));
            }
        }
        Ok(())
    }
}

/// The client ids that a modem at rest should have given out: one for each bearer, and one each of
/// DMS, NAS, UIM and WDA. MBIM has none.
pub(super) fn clients_at_rest(modem: &SimModem) -> Vec<u8> {
    if modem.config().front == Front::Mbim {
        return Vec::new();
    }
    let bearers = modem.world.network.bearers.len();
    let mut services = vec![qmi::WDS; bearers];
    services.extend([qmi::DMS, qmi::NAS, qmi::UIM, qmi::WDA]);
    services
}

/// The services of the client ids that a modem has given out.
pub(super) fn clients(modem: &SimModem) -> Vec<u8> {
    let mut services: Vec<u8> = modem.client_ids().iter().map(|(service, _)| *service).collect();
    services.sort_unstable();
    services
}
