//! What must hold at every moment, whatever happens: the invariants of the design, each a checker
//! with a name. Here is what they remember from moment to moment; they are in [`checkers`].

use std::collections::BTreeMap;

use ltewan::time::{Duration, Instant};
use ltewan::types::Table;

use super::Router;
use super::checkers::{self, CHECKERS};
use crate::sim::config::Front;
use crate::sim::world::network::Family;
use crate::sim::world::uicc::Uicc;
use crate::sim::{Command, SimModem, qmi};

/// How many due moments there may be in one virtual second.
const TURNS_PER_SECOND_MAX: u32 = 2_000;

/// How often time may be due and not go on.
const TURNS_PER_MOMENT_MAX: u32 = 100;

/// How much the daemon may want done in one virtual second.
const OUTPUTS_PER_SECOND_MAX: u32 = 4_000;

/// What is remembered from moment to moment.
#[derive(Debug, Default)]
pub(crate) struct Invariants {
    moment: Instant,
    turns: u32,
    second: u64,
    turns_in_second: u32,
    pub(super) outputs_in_second: u32,
    pub(super) modems: BTreeMap<String, Seen>,
    /// Since when an interface is up with a bearer that is not: IPv4, IPv6.
    pub(super) stale: BTreeMap<String, [Option<Instant>; 2]>,
    /// Attempts at the PUK that the owner asked for.
    pub(super) puks_asked: u64,
    /// Resets of modems that the owner asked for.
    pub(super) resets_asked: u64,
    /// Resets that nobody asked for, by the modem's path, which outlives the modem's being there.
    pub(super) resets: BTreeMap<String, (Allowance, u64)>,
    /// How often which wrong PIN was tried on which SIM.
    pub(super) wrong_pins: BTreeMap<(String, String), u32>,
    /// Which SIM a PIN is meant for, where it is for one alone.
    pub(crate) pins: BTreeMap<String, String>,
    /// How often a modem was told to use another slot.
    pub(super) slot_orders: BTreeMap<String, (Allowance, u64)>,
    /// SIMs whose quota is used up and ends the connection: from when to when.
    pub(crate) used_up: BTreeMap<String, (Instant, Instant)>,
    /// When the daemon last could not have done anything.
    pub(super) idle_at: Instant,
}

/// What was seen of one card.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenCard {
    pub(super) pin_attempts: u64,
    pub(super) pin_retries: u8,
    /// How many of its verifications were looked at.
    pub(super) verifications: usize,
    /// How many of them for whose PIN it was.
    pub(super) owned: usize,
    /// When a PIN opened it.
    pub(super) opened_at: Instant,
}

/// What was seen of one modem.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Its cards, by their numbers.
    pub(super) cards: BTreeMap<String, SeenCard>,
    /// Whether the owner has asked for the last attempt to be spent.
    pub(super) last_is_allowed: bool,
    pub(super) at_overlaps: u64,
    /// Replies that may have been lost, and with them client ids.
    pub(super) lost: usize,
    /// The last moment at which a message may have gone astray.
    pub(super) fault_at: Option<Instant>,
    pub(super) mute: bool,
    /// When the owner last had it asked something, which may take its only port for long.
    pub(super) asked_at: Option<Instant>,
    /// The longest that replies have taken.
    pub(super) latency: Duration,
    /// AT commands may not be answered as a serial port would.
    pub(super) at_is_odd: bool,
    /// Calls that may be begun now, what accrues included.
    pub(super) dials: Allowance,
    pub(super) dialled: u64,
}

/// A budget that accrues with time.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowance {
    spent: u64,
    since: Instant,
}

impl Allowance {
    /// Spends `count`; whether that was within `most` plus one each `every`.
    pub(super) fn spend(&mut self, now: Instant, count: u64, most: u64, every: Duration) -> bool {
        let accrued = now.saturating_since(self.since).as_millis() / every.as_millis();
        if accrued > 0 {
            self.since = now;
            self.spent = self.spent.saturating_sub(u64::try_from(accrued).unwrap_or(u64::MAX));
        }
        self.spent += count;
        self.spent <= most
    }

    /// Something happened for which there is reason to do it anew.
    pub(super) fn grant(&mut self, count: u64) {
        self.spent = self.spent.saturating_sub(count);
    }
}

impl Invariants {
    /// A due moment has come: time goes on, and the daemon rests.
    pub(crate) fn turn(&mut self, now: Instant) {
        self.turns = if now == self.moment { self.turns + 1 } else { 0 };
        self.moment = now;
        assert!(self.turns < TURNS_PER_MOMENT_MAX, "[rests] time does not go on from {now:?}");
        let second = now.as_secs();
        if second != self.second {
            (self.second, self.turns_in_second, self.outputs_in_second) = (second, 0, 0);
        }
        self.turns_in_second += 1;
        assert!(self.turns_in_second < TURNS_PER_SECOND_MAX, "[rests] no rest at {now:?}");
    }

    /// The daemon wants something done.
    pub(super) fn output(&mut self) {
        self.outputs_in_second += 1;
        let count = self.outputs_in_second;
        assert!(count < OUTPUTS_PER_SECOND_MAX, "[rests] {count} outputs in a second");
    }

    pub(crate) fn forget_modem(&mut self, path: &str) {
        self.modems.remove(path);
    }

    /// The owner lets the last attempt at the PIN be spent, once.
    pub(crate) fn allow_last_attempt(&mut self, path: &str) {
        self.modems.entry(path.to_owned()).or_default().last_is_allowed = true;
    }

    /// Commands of the daemon that has ended may still be under way.
    pub(crate) fn daemon_ended(&mut self) {
        self.stale.clear();
        self.grant();
        self.grant_slots();
    }

    /// The router restarts, and no longer knows when it restarted a modem.
    pub(super) fn router_ended(&mut self) {
        self.resets.values_mut().for_each(|(allowance, _)| allowance.grant(1));
    }

    /// Something is done after which other SIMs may be tried anew.
    pub(crate) fn grant_slots(&mut self) {
        self.slot_orders.values_mut().for_each(|(allowance, _)| allowance.grant(4));
    }

    /// The owner does something for which there is reason to dial at once.
    pub(super) fn grant(&mut self) {
        self.modems.values_mut().for_each(|seen| seen.dials.grant(8));
    }

    /// A method of the daemon's is called.
    pub(super) fn called(&mut self, now: Instant, method: &str, args: &Table) {
        let is = |name, word| args.get_str(name) == Some(word);
        match method {
            "pin" if is("action", "unblock") => self.puks_asked += 1,
            "reset" if args.get_str("level").is_none_or(|level| level == "reset") => {
                self.resets_asked += 1;
            }
            "set_slot" => self.grant_slots(),
            "usb_mode" if args.get_str("mode").is_some() => self.resets_asked += 1,
            _ => {}
        }
        if let Some(seen) = args.get_str("modem").and_then(|path| self.modems.get_mut(path)) {
            seen.asked_at = Some(now);
        }
        if method != "status" && method != "at" {
            self.grant();
        }
    }

    /// Time went on for nobody: what was under way seems to have taken as long.
    pub(super) fn suspended(&mut self, now: Instant) {
        self.modems.values_mut().for_each(|seen| seen.fault_at = Some(now));
    }

    /// Something is done to a modem.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few commands touch what is remembered")]
    pub(crate) fn command(&mut self, now: Instant, path: &str, command: &Command) {
        let seen = self.modems.entry(path.to_owned()).or_default();
        seen.dials.grant(4);
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
            Command::LatencyAt(delay) => {
                (seen.at_is_odd, seen.latency) = (true, seen.latency.max(*delay));
            }
            Command::Duplicate(_) => seen.at_is_odd = true,
            Command::Reset(_) | Command::Unplug | Command::Replug(_) => {
                seen.mute = false;
                seen.lost = 0;
            }
            _ => {}
        }
    }

    fn check(&mut self, router: &Router) -> Result<(), String> {
        for (path, socket) in &router.sockets.0 {
            if !self.modems.contains_key(path) {
                let new = |uicc: &&Uicc| {
                    let pin_retries = uicc.pin_retries;
                    (uicc.iccid.clone(), SeenCard { pin_retries, ..SeenCard::default() })
                };
                let cards = socket.modem.world.cards().iter().map(new).collect();
                self.modems.insert(path.clone(), Seen { cards, ..Seen::default() });
            }
        }
        for (name, holds) in CHECKERS {
            holds(self, router).map_err(|broken| format!("[{name}] {broken}"))?;
        }
        Ok(())
    }
}

impl Router {
    /// Holds the invariants against what is.
    pub(crate) fn check(&mut self) {
        let mut invariants = std::mem::take(&mut self.invariants);
        let result = invariants.check(self);
        self.invariants = invariants;
        if let Err(broken) = result {
            panic!("{broken}\n{}", self.tail());
        }
    }

    /// Holds what must hold once a modem has long been at rest.
    pub(crate) fn check_at_rest(&self, path: &str) {
        if let Err(broken) = checkers::client_ids_are_given_back(self, path) {
            panic!("[client_ids_are_given_back] {path}: {broken}\n{}", self.tail());
        }
    }
}

/// The client ids that a modem at rest should have given out: one for each bearer, and one each of
/// DMS, NAS, UIM and WDA. MBIM has none.
pub(crate) fn clients_at_rest(modem: &SimModem) -> Vec<u8> {
    if modem.config().front != Front::Qmi {
        return Vec::new();
    }
    let bearers = modem.world.network.bearers.len();
    let mut services = vec![qmi::WDS; bearers];
    services.extend([qmi::DMS, qmi::NAS, qmi::UIM, qmi::WDA]);
    services.extend(modem.config().messages.then_some(qmi::WMS));
    services
}

/// The services of the client ids that a modem has given out.
pub(crate) fn clients(modem: &SimModem) -> Vec<u8> {
    let mut services: Vec<u8> = modem.client_ids().iter().map(|(service, _)| *service).collect();
    services.sort_unstable();
    services
}

/// The families in the order in which [`Invariants`] remembers them.
pub(super) const FAMILIES: [Family; 2] = Family::ALL;
