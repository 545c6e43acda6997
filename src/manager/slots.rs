//! The modems' places for SIMs: which there are, which is used, and when another one is.

use super::choice::Purpose;
use super::discovery::Protocol;
use super::radio::CALM_AFTER;
use super::slot::Slot;
use super::{CallError, CallId, Manager};
use crate::config::{DualSim, SwitchOn};
use crate::driver::slots;
use crate::driver::{Event, Failure, FailureKind};
use crate::log;
use crate::modem::slots::{Seen, SlotPolicy};
use crate::modem::{Cause, Command, State};
use crate::time::{Duration, Instant};
use crate::types::{RegistrationState, SimSlot, SimState, SimStatus, SlotState, Table};

mod line;

use line::Unread;

/// How often a modem that does not say is asked for its slots.
const TRIES_MAX: u8 = 3;

/// How old its word of what is in a slot may be when that is gone to.
const FRESH_FOR: Duration = Duration::from_secs(10);

/// The slots of one modem.
#[derive(Debug, Default)]
pub(super) struct SlotSide {
    list: Vec<SimSlot>,
    /// How often it was asked in vain since its SIM changed.
    tries: u8,
    is_known: bool,
    /// When it was asked last, or answered.
    asked_at: Option<Instant>,
    /// The slot of the SIM that its machine knows, where it has said so since.
    of_sim: Option<u8>,
    /// What it told of a SIM while another was being chosen.
    heard: Option<SimStatus>,
    /// The slot that was left because its SIM's quota is used up, and that SIM.
    spent: Option<(u8, SimStatus)>,
    /// Whether that is the one that the owner wants, and it still is.
    is_primary_spent: bool,
    /// Its control port does not tell.
    over_at: bool,
    policy: SlotPolicy,
    /// The line has given it a SIM that it may not have read.
    unread: Option<Unread>,
    /// When the policy has something to do.
    due: Option<Instant>,
    wanted: DualSim,
}

impl SlotSide {
    /// Takes over the options of its section; the owner's hand in it begins the policy anew.
    pub(super) fn configure(&mut self, wanted: &DualSim) {
        if self.wanted != *wanted {
            if self.wanted.line != wanted.line || self.wanted.is_first_high != wanted.is_first_high
            {
                let before = std::mem::take(self);
                (self.over_at, self.unread) = (before.over_at, before.unread);
            }
            self.wanted = wanted.clone();
            self.policy = SlotPolicy::default();
        }
        if self.has_line() && self.list.is_empty() {
            self.list = line::slots(None);
        }
    }

    /// What outlives the modem's being gone: many leave the bus when they go to another SIM.
    fn left(self) -> Self {
        let (policy, wanted, over_at) = (self.policy, self.wanted, self.over_at);
        Self { policy, wanted, over_at, spent: self.spent, ..Self::default() }
    }

    fn active(&self) -> Option<u8> {
        self.list.iter().find(|slot| slot.active).map(|slot| slot.slot)
    }

    /// The slot after the one in use that may hold a card.
    fn next(&self) -> Option<u8> {
        let active = self.active()?;
        let may = |slot: &&SimSlot| slot.slot != active && slot.state != SlotState::Absent;
        let mut others = self.list.iter().filter(may);
        let after = others.clone().find(|slot| slot.slot > active);
        after.or_else(|| others.next()).map(|slot| slot.slot)
    }

    /// Whether the slot that the owner wants is another one, and has no card in it.
    fn is_primary_empty(&self) -> bool {
        let is_it = |slot: &SimSlot| Some(slot.slot) == self.wanted.primary && !slot.active;
        self.list.iter().any(|slot| is_it(slot) && slot.state == SlotState::Absent)
    }

    /// Whether it has to be asked what is in its slots before the policy acts. What was empty may
    /// have a card by now, so that is asked as well, more rarely.
    fn is_to_be_asked(&self, now: Instant, seen: Seen) -> bool {
        let is_older = |than: Duration| self.asked_at.is_none_or(|at| now >= at + than);
        let is_old = is_older(self.wanted.after);
        let hoped = Seen {
            next: seen.next.or(is_old.then_some(seen.active)),
            is_primary_empty: seen.is_primary_empty && !is_old,
            ..seen
        };
        let mut policy = self.policy;
        is_older(FRESH_FOR) && policy.observe(now, &self.wanted, hoped).is_some()
    }

    /// When what was empty is looked at again.
    fn look_again_at(&self, seen: Seen) -> Option<Instant> {
        let is_stuck = seen.next.is_none() && self.policy.trouble(&self.wanted).is_some();
        let is_to_be_seen = is_stuck || seen.is_primary_empty;
        self.asked_at.filter(|_| is_to_be_seen).map(|at| at + self.wanted.after)
    }

    /// Another card is in the slot that was left for its SIM's quota, or none.
    fn forget_spent(&mut self) {
        let Some((number, sim)) = &self.spent else { return };
        let is_there = |it: &SimSlot| {
            it.state != SlotState::Absent && (it.iccid.is_none() || it.iccid == sim.iccid)
        };
        if !self.list.iter().filter(|it| it.slot == *number).all(is_there) {
            (self.spent, self.is_primary_spent) = (None, false);
        }
    }
}

impl Slot {
    /// Whether a SIM of several can be chosen.
    pub(super) fn has_slots(&self) -> bool {
        self.slots.list.len() > 1
    }

    /// Whether the control port is asked for slots, or a line instead of the modem.
    pub(super) fn tells_slots(&self) -> bool {
        let is_asked = matches!(self.found.protocol, Protocol::Qmi | Protocol::Mbim);
        is_asked && !self.slots.over_at || self.slots.has_line()
    }

    /// Whether a GPIO line selects its SIM.
    pub(super) fn has_slot_line(&self) -> bool {
        self.slots.has_line()
    }

    /// Whether there is a way to ask for slots.
    pub(super) fn may_have_slots(&self) -> bool {
        self.tells_slots()
            || self.at.name().is_some() && slots::commands(self.found.device.vid).is_some()
    }

    /// What is wrong with its SIM, in as far as another one may be better.
    fn sim_trouble(&self, now: Instant) -> Option<SwitchOn> {
        let machine = &self.machine;
        let facts = machine.facts();
        if machine.cause() == Cause::QuotaUsed {
            return Some(SwitchOn::Quota);
        }
        match facts.sim.state {
            SimState::Absent | SimState::Error | SimState::Blocked | SimState::PukRequired => {
                return Some(SwitchOn::NoSim);
            }
            SimState::Unknown | SimState::NotReady | SimState::PinRequired | SimState::Ready => {}
        }
        // A SIM that only its owner can unlock is of no more use than none.
        let is_wanted = machine.want().is_some() && !machine.is_offering_pin();
        if machine.state() == State::Locked && is_wanted {
            return Some(SwitchOn::NoSim);
        }
        if machine.state() == State::Searching {
            let is_denied = facts.registration.state == RegistrationState::Denied;
            return Some(if is_denied { SwitchOn::Denied } else { SwitchOn::NoRegistration });
        }
        // A connection that carries nothing is dialled again, which is an attempt as well.
        if machine.want().is_some() && machine.link().is_none() && machine.attempt() > 0 {
            return Some(SwitchOn::Data);
        }
        let rsrp = self.radio.rsrp_dbm(now).filter(|rsrp| *rsrp < self.slots.wanted.weak_dbm);
        rsrp.map(|_| SwitchOn::WeakSignal)
    }

    fn seen(&self, now: Instant) -> Option<Seen> {
        let is_settled = self.machine.is_known() && self.machine.state() != State::Disabled;
        let active = self.slots.active().filter(|_| is_settled && self.has_slots())?;
        Some(Seen {
            active,
            next: self.slots.next(),
            is_primary_empty: self.slots.is_primary_empty() || self.slots.is_primary_spent,
            trouble: self.sim_trouble(now),
            is_connected: self.machine.link().is_some(),
        })
    }

    /// Its slots, with the cards' numbers in full or not.
    pub(super) fn slots_document(&self, is_full: bool) -> Option<Vec<Table>> {
        if !self.has_slots() {
            return None;
        }
        let mut slots = Vec::new();
        for slot in &self.slots.list {
            let mut table = Table::new();
            table.put("slot", u32::from(slot.slot));
            table.put("active", slot.active);
            table.put("state", slot.state.name());
            // The card in use is known better by itself.
            let own = self.machine.facts().sim.iccid.as_ref().filter(|_| slot.active);
            let iccid = own.or(slot.iccid.as_ref());
            let shown = |it: &crate::types::Iccid| {
                if is_full { it.expose().to_owned() } else { it.to_string() }
            };
            table.put_some("iccid", iccid.map(shown));
            slots.push(table);
        }
        Some(slots)
    }

    /// Why and when another SIM was taken or will be.
    pub(super) fn switching_document(&self, now: Instant) -> Option<Table> {
        let (policy, wanted) = (&self.slots.policy, &self.slots.wanted);
        let mut table = Table::new();
        let until = |at: Instant| at.saturating_since(now).as_secs();
        if let Some((reason, since, due)) = policy.trouble(wanted) {
            table.put("reason", reason.name());
            table.put("reason_s", now.saturating_since(since).as_secs());
            table.put_some("next_s", due.filter(|_| self.slots.next().is_some()).map(until));
        }
        if let Some(last) = policy.last() {
            table.put("last_slot", u32::from(last.to));
            table.put("last_s", now.saturating_since(last.at).as_secs());
            table.put_some("last_reason", last.reason.map(SwitchOn::name));
        }
        if wanted.primary.is_some() && wanted.primary != self.slots.active() {
            table.put_some("back_s", policy.back_at(wanted).map(until));
        }
        (self.has_slots() && !table.is_empty()).then_some(table)
    }
}

impl Manager {
    /// The method `set_slot`.
    pub(super) fn set_slot(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let number = args.get_i64("slot").and_then(|n| u8::try_from(n).ok());
        let id = self.modem_named(args)?;
        let slot = self.slot(&id)?;
        if !slot.has_slots() {
            return Err(CallError::unsupported("this modem has one slot, or does not say"));
        }
        let known = |number: &u8| slot.slots.list.iter().any(|it| it.slot == *number);
        let number = number.filter(known).ok_or_else(|| {
            CallError::invalid("slot", &format!("1 to {}", slot.slots.list.len()))
        })?;
        if slot.slots.is_known && slot.slots.active() == Some(number) {
            let result = self.slot_kept(now, &id, number, true);
            self.answer(Some(call), result);
            return Ok(());
        }
        self.ask_choice(now, &id, Some(call), Purpose::SetSlot(number, true))
    }

    /// The slot in use is the one that was; what hears who wanted this one.
    pub(super) fn slot_kept(
        &mut self,
        now: Instant,
        id: &str,
        wanted: u8,
        is_owners: bool,
    ) -> Result<Table, CallError> {
        let slot = self.slot_mut(id)?;
        if slot.slots.active() != Some(wanted) {
            log::warn!("modem {id}: it stays with the SIM it has");
            return Err(CallError::failed("MISMATCH", "the modem stays with the SIM it has"));
        }
        if is_owners {
            slot.slots.policy.chosen(now, wanted);
        }
        let slots = slot.slots_document(false).unwrap_or_default();
        Ok(Table::new().with("modem", id).with("slots", slots))
    }

    /// When there is something to do about a modem's slots, unless it is being asked something, or
    /// cannot be: then when that has ended.
    pub(super) fn slots_timeout(&self, id: &str) -> Option<Instant> {
        let slot = self.slots.get(id).filter(|slot| slot.is_settled())?;
        slot.slots.due.filter(|_| !self.is_busy(id))
    }

    /// Does what is due about a modem's slots.
    pub(super) fn follow_slots(&mut self, now: Instant, id: &str) {
        let is_busy = self.is_busy(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        if is_busy || !slot.is_settled() {
            return;
        }
        // Connecting comes first, which a line does not disturb.
        let is_calm = now.saturating_since(slot.machine.since()) >= CALM_AFTER;
        let is_calm = is_calm || slot.slots.has_line();
        let is_unknown = !slot.slots.is_known && is_calm;
        if is_unknown && slot.may_have_slots() && slot.slots.tries < TRIES_MAX {
            slot.slots.tries += 1;
            slot.slots.asked_at = Some(now);
            let _ = self.ask_choice(now, id, None, Purpose::Slots);
            return;
        }
        slot.slots.due = None;
        let spent = slot.slots.spent.clone();
        let spent = spent.filter(|(_, sim)| self.is_spent(sim)).map(|(slot, _)| slot);
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.slots.is_primary_spent = spent.is_some() && spent == slot.slots.wanted.primary;
        let Some(seen) = slot.seen(now) else { return };
        if slot.slots.is_to_be_asked(now, seen) {
            // When it has answered, or not.
            (slot.slots.asked_at, slot.slots.due) = (Some(now), Some(now));
            if self.ask_choice(now, id, None, Purpose::Slots).is_ok() {
                return;
            }
        }
        let Some(slot) = self.slots.get_mut(id) else { return };
        let wanted = slot.slots.wanted.clone();
        let to = slot.slots.policy.observe(now, &wanted, seen);
        let due = slot.slots.policy.poll_timeout(&wanted, seen);
        let again = slot.slots.look_again_at(seen);
        let is_ahead = |at: &Instant| *at > now;
        slot.slots.due = Instant::first_of(&[due.filter(is_ahead), again.filter(is_ahead)]);
        let Some(to) = to else { return };
        let reason = slot.slots.policy.last().and_then(|last| last.reason);
        if reason == Some(SwitchOn::Quota) {
            slot.slots.spent = Some((seen.active, slot.machine.facts().sim.clone()));
        }
        let why = reason.map_or("as configured", SwitchOn::name);
        log::warn!("modem {id}: goes from the SIM in slot {} to slot {to}: {why}", seen.active);
        let mut data = Table::new();
        data.put("modem", id);
        data.put("from", u32::from(seen.active));
        data.put("to", u32::from(to));
        data.put("reason", why);
        self.notify("slot", data);
        let _ = self.ask_choice(now, id, None, Purpose::SetSlot(to, false));
    }

    /// Whether what is told of a modem's SIM is not to be heeded: it is being changed, and a PIN
    /// must not go to another than the one it is meant for. What is left of it is read afterwards.
    pub(super) fn is_between_sims(&self, id: &str) -> bool {
        self.choices.get(id).is_some_and(super::choice::Choice::sets_slot)
    }

    /// Another slot was set, or may have been: what is known of the SIM may be another's.
    pub(super) fn sim_switched(&mut self, now: Instant, id: &str) {
        if let Some(slot) = self.slots.get_mut(id) {
            (slot.slots.is_known, slot.slots.of_sim, slot.slots.heard) = (false, None, None);
            slot.slots.unread = slot.slots.has_line().then_some(Unread::Told);
            let command = match slot.slots.unread {
                Some(_) => Command::Restart(Cause::SimSwitched),
                None => Command::SimSwitched,
            };
            slot.machine.handle_command(now, command);
        }
    }

    /// It stays with the SIM it has: what it told meanwhile was of that one.
    pub(super) fn sim_kept(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.machine.handle_command(now, Command::SimKept);
        if let Some(sim) = slot.slots.heard.take() {
            self.take_event(now, id, Event::Sim(sim));
        }
    }

    /// What counts of an event while another SIM is being chosen, and after that.
    pub(super) fn heed_sim(&mut self, now: Instant, id: &str, event: Event) -> Option<Event> {
        if !self.is_between_sims(id) {
            return self.heed_unread(now, id, event);
        }
        if let Event::Sim(sim) = event {
            self.slots.get_mut(id)?.slots.heard = Some(sim);
            return None;
        }
        // Which SIM was read is not known.
        if matches!(event, Event::Initialized(_)) {
            self.choice_lost(id);
            self.sim_switched(now, id);
            return None;
        }
        Some(event)
    }

    /// Whether something else has to end before anything is done about a modem's slots.
    fn is_busy(&self, id: &str) -> bool {
        self.choices.get(id).is_some_and(super::choice::Choice::is_asked)
            || self.slots.get(id).is_some_and(|slot| slot.machine.is_offering_pin())
    }

    /// The modem is gone.
    pub(super) fn slots_lost(&mut self, id: &str, slots: Box<SlotSide>) {
        if slots.list.len() > 1 {
            self.slots_left.insert(id.to_owned(), Box::new(slots.left()));
        }
    }

    /// Its SIM changed, so the slots may have as well; `is_new` when it was got to know anew.
    pub(super) fn slots_changed(&mut self, id: &str, is_new: bool) {
        if let Some(slot) = self.slots.get_mut(id) {
            (slot.slots.is_known, slot.slots.tries) = (false, 0);
            slot.slots.of_sim = slot.slots.of_sim.filter(|_| !is_new);
        }
    }

    /// A modem has told its slots, after another was set or not; what its caller hears.
    pub(super) fn slots_told(
        &mut self,
        now: Instant,
        id: &str,
        purpose: &Purpose,
        list: Vec<SimSlot>,
    ) -> Result<Table, CallError> {
        let slot = self.slot_mut(id)?;
        (slot.slots.is_known, slot.slots.asked_at) = (true, Some(now));
        slot.slots.list = list;
        slot.slots.forget_spent();
        let active = slot.slots.active();
        let before = std::mem::replace(&mut slot.slots.of_sim, active);
        if let Purpose::SetSlot(wanted, is_owners) = purpose {
            self.sim_switched(now, id);
            log::info!("modem {id}: uses another SIM");
            return self.slot_kept(now, id, *wanted, *is_owners);
        }
        if before.is_some() && before != active {
            log::warn!("modem {id}: uses another SIM than it said");
            self.sim_switched(now, id);
        }
        let slots = self.slots.get(id).and_then(|slot| slot.slots_document(false));
        let slots = slots.unwrap_or_default();
        Ok(Table::new().with("modem", id).with("slots", slots))
    }

    /// A modem does not tell its slots; whether it is asked in another way.
    pub(super) fn slots_failed(
        &mut self,
        now: Instant,
        id: &str,
        purpose: &Purpose,
        caller: Option<CallId>,
        failure: &Failure,
    ) -> bool {
        let Some(slot) = self.slots.get_mut(id) else { return false };
        if matches!(purpose, Purpose::SetSlot(..)) {
            // What was refused was not done; of anything else that is not known.
            let is_open = [FailureKind::Timeout, FailureKind::PortClosed, FailureKind::Forgotten];
            if is_open.contains(&failure.kind) {
                self.sim_switched(now, id);
            } else {
                self.sim_kept(now, id);
            }
            return false;
        }
        slot.slots.asked_at = Some(now);
        // What is refused now may be answered later.
        if failure.kind != FailureKind::Unsupported {
            return false;
        }
        if slot.tells_slots() {
            slot.slots.over_at = true;
            if slot.may_have_slots() {
                return self.ask_choice(now, id, caller, Purpose::Slots).is_ok();
            }
        }
        // It refuses: asking again changes nothing.
        slot.slots.is_known = true;
        false
    }
}
