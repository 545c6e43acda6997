//! Which of a modem's SIMs to use: the policy of going over to another, and back.
//!
//! Trouble of a kind that the owner named has to last before another SIM is tried, the tries are
//! counted until a connection has lasted, and each return in vain makes the next one wait twice as
//! long. Asks nothing and does nothing: what is seen comes in, and a slot comes out.

use super::ladder::HEALED_AFTER;
use crate::config::{DualSim, SwitchOn};
use crate::time::{Duration, Instant, doubled};

/// The longest wait before a return.
const BACK_CAP: Duration = Duration::from_secs(86_400);

/// What is seen of a modem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The slot in use.
    pub active: u8,
    /// The one to go to from there, where there is one.
    pub next: Option<u8>,
    /// Whether the slot that the owner wants has no card in it, or one whose quota is used up.
    pub is_primary_empty: bool,
    /// What is wrong with its SIM.
    pub trouble: Option<SwitchOn>,
    /// Whether it is connected.
    pub is_connected: bool,
}

/// A change that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switched {
    /// When.
    pub at: Instant,
    /// To which slot.
    pub to: u8,
    /// Why; `None` for the return to the primary.
    pub reason: Option<SwitchOn>,
}

/// Where the policy of one modem stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct SlotPolicy {
    trouble: Option<(SwitchOn, Instant)>,
    healthy_since: Option<Instant>,
    last: Option<Switched>,
    /// How often another SIM was tried since a connection lasted.
    tries: u32,
    /// How often the primary was gone back to in vain.
    returns: u32,
    /// The owner has chosen the slot in use by hand, which counts more than his options.
    is_held: bool,
}

impl SlotPolicy {
    /// Takes note of what is seen; the slot to go to now.
    pub fn observe(&mut self, now: Instant, wanted: &DualSim, seen: Seen) -> Option<u8> {
        self.note(now, wanted, seen);
        let primary = wanted.primary.filter(|primary| *primary != seen.active);
        // An earlier daemon left it there, or other options did.
        if primary.is_some() && self.last.is_none_or(|last| last.to != seen.active) {
            self.last = Some(Switched { at: now, to: seen.active, reason: None });
        }
        if wanted.on.is_empty() {
            // The owner's choice, made once and held.
            let is_left = self.tries < wanted.attempts && !self.is_held && !seen.is_primary_empty;
            let to = primary.filter(|_| is_left)?;
            self.tries += 1;
            return Some(self.switched(now, to, None));
        }
        if self.switch_at(wanted).is_some_and(|at| at <= now)
            && let Some(to) = seen.next
        {
            let reason = self.trouble.take().map(|(reason, _)| reason);
            self.tries += 1;
            return Some(self.switched(now, to, reason));
        }
        let is_due = self.back_at(wanted).is_some_and(|at| at <= now) && !seen.is_primary_empty;
        let to = primary.filter(|_| is_due)?;
        self.returns = self.returns.saturating_add(1);
        Some(self.switched(now, to, None))
    }

    /// When there is something to do, should nothing change until then.
    pub fn poll_timeout(&self, wanted: &DualSim, seen: Seen) -> Option<Instant> {
        let is_away = wanted.primary.is_some_and(|primary| primary != seen.active);
        let switch = self.switch_at(wanted).filter(|_| seen.next.is_some());
        let back = self.back_at(wanted).filter(|_| is_away);
        let healed = self.healthy_since.map(|at| at + HEALED_AFTER);
        let healed = healed.filter(|_| self.tries > 0 || self.returns > 0);
        Instant::first_of(&[switch, back, healed])
    }

    /// What is wrong, since when, and when another SIM is tried for it; never when as many were
    /// tried as may be.
    pub fn trouble(&self, wanted: &DualSim) -> Option<(SwitchOn, Instant, Option<Instant>)> {
        self.trouble.map(|(reason, since)| (reason, since, self.switch_at(wanted)))
    }

    /// The last change.
    pub const fn last(&self) -> Option<Switched> {
        self.last
    }

    /// When the primary is gone back to.
    pub fn back_at(&self, wanted: &DualSim) -> Option<Instant> {
        let last = self.last.filter(|last| Some(last.to) != wanted.primary && !self.is_held)?;
        let wait = doubled(wanted.back, self.returns.min(16), BACK_CAP);
        (!wait.is_zero()).then(|| last.at + wait)
    }

    /// The owner has chosen a slot: what was tried before counts for nothing.
    pub fn chosen(&mut self, now: Instant, to: u8) {
        let last = Some(Switched { at: now, to, reason: None });
        *self = Self { last, is_held: true, ..Self::default() };
    }

    fn note(&mut self, now: Instant, wanted: &DualSim, seen: Seen) {
        let trouble = seen.trouble.filter(|reason| wanted.on.contains(reason));
        let is_healthy = seen.is_connected && trouble.is_none();
        self.healthy_since = is_healthy.then(|| self.healthy_since.unwrap_or(now));
        if self.healthy_since.is_some_and(|at| now >= at + HEALED_AFTER) {
            let is_primary = wanted.primary == Some(seen.active);
            // A modem that does not follow is not told again and again.
            if is_primary || !wanted.on.is_empty() {
                self.tries = 0;
            }
            if is_primary {
                self.returns = 0;
            }
        }
        self.trouble = trouble.map(|reason| (reason, self.trouble.map_or(now, |it| it.1)));
    }

    fn switch_at(&self, wanted: &DualSim) -> Option<Instant> {
        let (reason, since) = self.trouble?;
        // It does not end with a SIM that can never be used, where the other may find a network.
        let one_more = u32::from(reason == SwitchOn::NoSim);
        if self.tries >= wanted.attempts + one_more {
            return None;
        }
        // A quota that is used up does not come back by waiting.
        let wait = if reason == SwitchOn::Quota { Duration::ZERO } else { wanted.after };
        Some(since + wait)
    }

    fn switched(&mut self, now: Instant, to: u8, reason: Option<SwitchOn>) -> u8 {
        self.trouble = None;
        self.healthy_since = None;
        self.is_held = false;
        self.last = Some(Switched { at: now, to, reason });
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: u64 = 120;

    fn wanted(back: u64) -> DualSim {
        DualSim {
            primary: Some(1),
            on: vec![SwitchOn::NoRegistration, SwitchOn::Data, SwitchOn::Quota],
            after: Duration::from_secs(AFTER),
            back: Duration::from_secs(back),
            attempts: 3,
            ..DualSim::default()
        }
    }

    fn at(secs: u64) -> Instant {
        Instant::from_millis(secs * 1000)
    }

    fn seen(active: u8, trouble: Option<SwitchOn>) -> Seen {
        let is_connected = trouble.is_none();
        let (next, is_primary_empty) = (Some(3 - active), false);
        Seen { active, next, is_primary_empty, trouble, is_connected }
    }

    #[test]
    fn only_trouble_that_was_named_and_lasts_leads_to_another_sim() {
        let (mut policy, wanted) = (SlotPolicy::default(), wanted(0));
        let lost = seen(1, Some(SwitchOn::NoRegistration));
        assert_eq!(policy.observe(at(0), &wanted, lost), None);
        assert_eq!(policy.poll_timeout(&wanted, lost), Some(at(AFTER)));
        assert_eq!(policy.observe(at(100), &wanted, seen(1, None)), None);
        assert_eq!(policy.observe(at(110), &wanted, lost), None);
        assert_eq!(policy.observe(at(229), &wanted, lost), None);
        assert_eq!(policy.observe(at(230), &wanted, lost), Some(2));
        let unnamed = seen(1, Some(SwitchOn::NoSim));
        let mut other = SlotPolicy::default();
        assert_eq!(other.observe(at(0), &wanted, unnamed), None);
        assert_eq!(other.observe(at(9_999), &wanted, unnamed), None);
        let used_up = seen(1, Some(SwitchOn::Quota));
        assert_eq!(other.observe(at(10_000), &wanted, used_up), Some(2));
    }

    #[test]
    fn the_tries_are_counted_until_a_connection_lasts() {
        let (mut policy, wanted) = (SlotPolicy::default(), wanted(0));
        let (mut active, mut switches) = (1, 0);
        for now in 0..20_000 {
            let lost = seen(active, Some(SwitchOn::Data));
            if let Some(to) = policy.observe(at(now), &wanted, lost) {
                (active, switches) = (to, switches + 1);
            }
        }
        assert_eq!((active, switches), (2, 3));
        policy.observe(at(20_000), &wanted, seen(2, None));
        policy.observe(at(20_600), &wanted, seen(2, None));
        let lost = seen(2, Some(SwitchOn::Data));
        assert_eq!(policy.observe(at(20_601), &wanted, lost), None);
        assert_eq!(policy.observe(at(20_601 + AFTER), &wanted, lost), Some(1));
    }

    #[test]
    fn the_tries_do_not_end_with_a_sim_that_cannot_be_used_and_do_not_go_on_for_ever() {
        for both in [false, true] {
            let (mut policy, wanted) =
                (SlotPolicy::default(), DualSim { primary: None, ..wanted(0) });
            let wanted = DualSim { on: vec![SwitchOn::NoSim, SwitchOn::NoRegistration], ..wanted };
            let (mut active, mut switches) = (1, 0);
            for now in 0..20_000 {
                let is_usable = active == 1 && !both;
                let trouble = if is_usable { SwitchOn::NoRegistration } else { SwitchOn::NoSim };
                if let Some(to) = policy.observe(at(now), &wanted, seen(active, Some(trouble))) {
                    (active, switches) = (to, switches + 1);
                }
            }
            assert_eq!((active, switches), (1, 4));
        }
    }

    #[test]
    fn weak_sims_that_carry_a_connection_are_not_gone_round_for_ever() {
        let wanted = DualSim { on: vec![SwitchOn::WeakSignal], ..wanted(0) };
        let (mut policy, mut active, mut switches) = (SlotPolicy::default(), 1, 0);
        for now in 0..20_000 {
            let weak = Seen { is_connected: true, ..seen(active, Some(SwitchOn::WeakSignal)) };
            let wanted = DualSim { after: Duration::from_secs(900), ..wanted.clone() };
            if let Some(to) = policy.observe(at(now), &wanted, weak) {
                (active, switches) = (to, switches + 1);
            }
        }
        assert_eq!(switches, 3);
    }

    #[test]
    fn the_primary_is_gone_back_to_after_the_daemon_restarted() {
        let (mut policy, wanted) = (SlotPolicy::default(), wanted(3600));
        let there = seen(2, None);
        assert_eq!(policy.observe(at(5), &wanted, there), None);
        assert_eq!(policy.poll_timeout(&wanted, there), Some(at(3605)));
        assert_eq!(policy.observe(at(3605), &wanted, there), Some(1));
        // The modem has not followed: not at once again.
        assert_eq!(policy.observe(at(3606), &wanted, there), None);
        assert_eq!(policy.back_at(&wanted), Some(at(3606 + 7200)));
    }

    #[test]
    fn an_empty_primary_is_not_gone_back_to_before_there_is_a_card() {
        for on in [vec![SwitchOn::NoSim], Vec::new()] {
            let (mut policy, wanted) = (SlotPolicy::default(), DualSim { on, ..wanted(3600) });
            let empty = Seen { is_primary_empty: true, ..seen(2, None) };
            for now in 0..9_000 {
                assert_eq!(policy.observe(at(now), &wanted, empty), None);
            }
            assert_eq!(policy.observe(at(9_000), &wanted, seen(2, None)), Some(1));
        }
    }

    #[test]
    fn each_return_in_vain_makes_the_next_wait_twice_as_long() {
        let (mut policy, wanted) = (SlotPolicy::default(), wanted(3600));
        let (mut active, mut away_at, mut waits) = (1, 0, Vec::new());
        for now in 0..100_000 {
            // The primary has no network, the other has.
            let trouble = (active == 1).then_some(SwitchOn::NoRegistration);
            if let Some(to) = policy.observe(at(now), &wanted, seen(active, trouble)) {
                if to == 1 {
                    waits.push(now - away_at);
                }
                (active, away_at) = (to, now);
            }
        }
        assert_eq!(waits, [3600, 7200, 14_400, 28_800]);
    }

    #[test]
    fn a_slot_without_reasons_to_leave_it_is_gone_to_a_few_times_at_most() {
        let wanted = DualSim { primary: Some(2), attempts: 3, ..DualSim::default() };
        let mut policy = SlotPolicy::default();
        // It is taken three times, and the modem does not follow.
        let taken = (0..5000).filter_map(|now| policy.observe(at(now), &wanted, seen(1, None)));
        assert_eq!(taken.collect::<Vec<_>>(), [2, 2, 2]);
        // What the owner does by hand counts more, until there is trouble with it.
        let mut policy = SlotPolicy::default();
        policy.chosen(at(0), 1);
        assert_eq!(policy.observe(at(9999), &wanted, seen(1, None)), None);
        let nothing = DualSim::default();
        assert_eq!(SlotPolicy::default().observe(at(0), &nothing, seen(1, None)), None);
    }
}
