//! Walks whose modem has two places for SIMs, and SIMs that may carry only so much.
//!
//! The model knows what each SIM has carried at most, and which can be used at all. Which of two
//! is tried when is the policy's affair; that it is tried rarely is an invariant. With one SIM that
//! cannot be used in the place that is not in use, the other has to be up, with none it has to be
//! down.

use std::fmt::Write as _;

use ltewan::time::Instant;
use ltewan::types::{Table, Value};

use super::acts::Plan;
use super::dice::Dice;
use super::reference::{Expected, Kind, OTHER_PIN, PIN, Settings, Wish, can_open};
use super::walk::Walk;
use crate::sim::SimModem;
use crate::sim::world::radio::Coverage;
use crate::sim::world::uicc::CardState;

const DAY_MS: u64 = 86_400_000;

/// A quota is not used before midnight that may be counted after it.
const MIDNIGHT_MARGIN_MS: u64 = 300_000;

/// Within this time a slot has been chosen.
const CHOICE_MS: u64 = 15_000;

/// Within this time what was carried has been counted.
const COUNT_MS: u64 = 30_000;

/// Whether a seed's modem has two places for SIMs.
pub(super) fn is_dual(seed: u64) -> bool {
    matches!(seed % 20, 6 | 8 | 12 | 14)
}

/// One of the two SIMs.
#[derive(Clone, Debug, Default)]
pub(super) struct Sim {
    iccid: String,
    /// In megabytes, and what is done when it is used up.
    quota: Option<(u64, &'static str)>,
    /// What it has carried at most, in bytes.
    carried: u64,
}

/// The places, and what the owner says of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Dual {
    sims: [Sim; 2],
    /// Lines of the modem's section.
    policy: String,
    /// `option slot`.
    primary: Option<u8>,
}

impl Plan {
    /// What two places for SIMs add to a modem's settings.
    pub(super) fn slots(dice: &mut Dice) -> &'static str {
        dice.pick::<&str>(&[
            " slot2=ready",
            " slot2=ready",
            " slot2=pin",
            " slot2=pin",
            " slot2=absent",
        ])
    }
}

impl Dual {
    fn new(dice: &mut Dice, modem: &SimModem) -> Self {
        let mut sim = |uicc: &&crate::sim::world::uicc::Uicc| {
            let action = *dice.pick(&["warn", "disconnect", "disconnect", "switch", "switch"]);
            let megabytes = dice.between(1, 400);
            let quota = dice.one_in(2).then_some((megabytes, action));
            Sim { iccid: uicc.iccid.clone(), quota, carried: 0 }
        };
        let sims: Vec<Sim> = modem.world.cards().iter().map(&mut sim).collect();
        let primary = *dice.pick(&[None, Some(1), Some(1), Some(2)]);
        let mut policy = String::new();
        if let Some(slot) = primary {
            let _ = writeln!(policy, " option slot {slot}");
        }
        if !dice.one_in(4) {
            for reason in ["no_sim", "no_registration", "denied", "data", "quota"] {
                if !dice.one_in(4) {
                    let _ = writeln!(policy, " list switch_on {reason}");
                }
            }
        }
        let _ = writeln!(policy, " option switch_after {}", dice.pick(&[10, 30, 120]));
        let _ = writeln!(policy, " option switch_back {}", dice.pick(&[0, 60, 600, 3600]));
        Self { sims: sims.try_into().unwrap(), policy, primary }
    }

    /// `/etc/config/ltewan`.
    fn config(&self, wish: &Wish, settings: &Settings) -> String {
        let mut text = format!("config modem\n option match '{}'\n{}", wish.modem, self.policy);
        if settings.disabled.contains(&wish.modem) {
            text += " option enabled '0'\n";
        }
        for (sim, pin) in self.sims.iter().zip([wish.pin, Some(OTHER_PIN)]) {
            let _ = writeln!(text, "config sim\n option iccid '{}'", sim.iccid);
            if let Some(pin) = pin {
                let _ = writeln!(text, " option pincode {pin}");
            }
            if settings.roaming {
                text += " option allow_roaming '1'\n";
            }
            if let Some((megabytes, action)) = sim.quota {
                let _ = writeln!(text, " option quota_mb {megabytes}\n option quota_day 22");
                let _ = writeln!(text, " option quota_action {action}");
            }
        }
        text
    }
}

impl Walk {
    /// Learns what there is in the places, and writes the configuration for that.
    pub(super) fn begin_dual(&mut self) {
        let modem = self.router.modem(&self.wishes[0].modem);
        let dual = Dual::new(&mut self.dice, modem);
        let owners = [(PIN, 0), (super::reference::WRONG_PIN, 0), (OTHER_PIN, 1)];
        let owner = |(pin, at): (&str, usize)| (pin.to_owned(), dual.sims[at].iccid.clone());
        self.router.invariants.pins = owners.map(owner).into();
        self.dual = Some(dual);
        self.set("", Settings::default());
    }

    /// The configuration for two places, where there are two.
    pub(super) fn dual_config(&self) -> Option<String> {
        Some(self.dual.as_ref()?.config(&self.wishes[0], &self.settings))
    }

    /// Does one thing that only a walk with two places has.
    pub(super) fn act_on_slots(&mut self) {
        let path = self.wishes[0].modem.clone();
        let fault = |walk: &mut Self, kind, line: &str| {
            walk.tally.fault(kind);
            walk.router.tell(&path, line);
        };
        match self.dice.below(12) {
            0..4 => self.carry(&path),
            4..6 => {
                self.tally.fault("SIM slot chosen");
                let slot = u32::try_from(self.dice.between(1, 2)).unwrap_or(1);
                let args = Table::new().with("modem", path).with("slot", slot);
                self.router.start_call("set_slot", args);
                self.router.settle();
            }
            6..8 => {
                let manners = ["refuse", "stay", "obey", "obey"];
                let line = format!("slots {}", self.dice.pick(&manners));
                fault(self, "SIM slot refused", &line);
            }
            8..10 => {
                let line = *self.dice.pick(&["other absent", "other insert", "other error"]);
                fault(self, "SIM in the other slot", line);
            }
            10 => {
                let line = *self.dice.pick(&["sim coverage none", "sim coverage 15"]);
                fault(self, "SIM refused by its network", line);
            }
            _ => {
                let line = *self.dice.pick(&["other coverage none", "other coverage home"]);
                fault(self, "SIM refused by its network", line);
            }
        }
    }

    /// The SIM in use carries something, and after a while that has been counted for it.
    fn carry(&mut self, path: &str) {
        // For a moment after another was chosen the daemon cannot know which it is.
        let orders = self.slot_orders();
        self.run_for(CHOICE_MS + self.latency_ms * 20);
        if self.slot_orders() != orders {
            return;
        }
        let is_up = self.router.is_up(&self.wishes[0].name) && self.router.answers();
        let day_left = DAY_MS - self.router.now_ms() % DAY_MS;
        let is_odd = self.wishes[0].kind == Kind::Ppp || self.router.modem(path).is_mute();
        if !is_up || is_odd || day_left < MIDNIGHT_MARGIN_MS {
            return;
        }
        self.tally.fault("data carried");
        let at = usize::from(self.router.modem(path).world.slot - 1);
        let bytes = self.dice.between(1, 150) * 1_000_000;
        let Some(dual) = &mut self.dual else { return };
        dual.sims[at].carried += bytes;
        let Sim { iccid, quota, .. } = dual.sims[at].clone();
        let (before, device) = (self.counted(&iccid), self.router.net_index(path));
        let started_at = self.router.daemon_since;
        self.router.flow(path, bytes, 0, 64);
        self.run_for(COUNT_MS);
        let is_same = device.is_some() && self.router.net_index(path) == device;
        if !is_same || !self.router.answers() || self.router.daemon_since != started_at {
            return;
        }
        let counted = self.counted(&iccid);
        let tail = || self.router.tail();
        let new = counted.saturating_sub(before);
        assert!(new == bytes, "[bytes_are_counted] of {iccid} {new}, not {bytes}\n{}", tail());
        let is_over = |(megabytes, action)| action != "warn" && counted >= megabytes * 1_000_000;
        if quota.is_some_and(is_over) {
            let midnight = (self.router.now_ms() / DAY_MS + 1) * DAY_MS;
            // The quota's day is the second of the story.
            let end = if midnight == DAY_MS { midnight } else { u64::MAX / 2 };
            let span = (self.router.now, Instant::from_millis(end));
            self.router.invariants.used_up.entry(iccid).or_insert(span);
        }
    }

    /// What the daemon says that a SIM has carried in this period.
    fn counted(&mut self, iccid: &str) -> u64 {
        let answer = self.router.call("usage", Table::new().with("iccid", iccid));
        let Ok(answer) = answer else { return 0 };
        let sim = answer.get_array("sims").and_then(|sims| sims.first()?.as_table().cloned());
        let number = |name| sim.as_ref()?.get(name).and_then(Value::as_i64);
        let both = [number("rx_bytes"), number("tx_bytes")].into_iter().flatten();
        both.map(|bytes| u64::try_from(bytes).unwrap_or(0)).sum()
    }

    /// Nothing was counted for a SIM that another has carried.
    pub(super) fn check_usage(&mut self) {
        let sims = self.dual.as_ref().map(|dual| dual.sims.clone()).unwrap_or_default();
        for Sim { iccid, carried, .. } in &sims {
            if !self.router.answers() {
                return;
            }
            let counted = self.counted(iccid);
            let tail = || self.router.tail();
            assert!(
                counted <= *carried,
                "[usage_is_its_own] {iccid}: {counted} of {carried}\n{}",
                tail()
            );
        }
    }

    /// What the model makes of two places: `None` where it is as with one.
    pub(super) fn of_slots(&mut self, wish: &Wish) -> Option<Expected> {
        let dual = self.dual.clone()?;
        let spent: Vec<bool> = dual.sims.iter().map(|sim| self.is_spent(sim)).collect();
        let world = &self.router.modem(&wish.modem).world;
        let in_use = usize::from(world.slot - 1);
        let can = |at: usize| {
            let uicc = world.cards()[at];
            let coverage = if at == in_use { world.radio.coverage } else { world.other_coverage };
            let is_let_in = match coverage {
                Coverage::Home => true,
                Coverage::Roaming => self.settings.roaming,
                Coverage::Denied(_) | Coverage::None => false,
            };
            let pin = if at == 0 { wish.pin } else { Some(PIN) };
            uicc.card == CardState::Present && can_open(uicc, pin) && is_let_in && !spent[at]
        };
        let is_kept = dual.primary.is_none_or(|slot| usize::from(slot - 1) == in_use);
        match (can(in_use), can(1 - in_use)) {
            (true, true) => None,
            (true, false) if is_kept => None,
            (false, false) => Some(Expected::Down("neither SIM can be used")),
            (_, _) => Some(Expected::Open("which SIM is tried when is the policy's")),
        }
    }

    /// Whether a SIM's quota is used up, by what the daemon has counted: what a modem carried that
    /// was then unplugged nobody knows.
    fn is_spent(&mut self, sim: &Sim) -> bool {
        if !self.router.answers() {
            return false;
        }
        let Some((megabytes, action)) = sim.quota else { return false };
        action != "warn" && self.counted(&sim.iccid) >= megabytes * 1_000_000
    }

    /// How often the modems were told to use another slot.
    pub(super) fn slot_orders(&self) -> u64 {
        let orders = |path: &String| self.router.modem(path).world.slot_orders;
        self.modems().iter().map(orders).sum()
    }

    /// The owner wants no more of the policy and of quotas, and mends what is in the other place.
    pub(super) fn put_slots_in_order(&mut self) {
        let Some(dual) = &mut self.dual else { return };
        (dual.policy, dual.primary) = (String::new(), None);
        for sim in &mut dual.sims {
            sim.quota = None;
        }
        self.router.invariants.used_up.clear();
        self.router.invariants.grant_slots();
        let path = self.wishes[0].modem.clone();
        for line in ["other insert", "other ready"] {
            self.router.tell(&path, line);
        }
        if !self.router.modem(&path).world.uicc.is_present() {
            self.router.tell(&path, "sim insert");
        }
    }
}
