//! What the manager does for it: reads counters, keeps sums, answers.

use super::super::{CallError, Counters, Kept, Manager, Output};
use super::{Amount, Owner, SAVE_EVERY, Sim, digest, period_start};
use crate::time::{Duration, Instant};
use crate::types::Table;
use crate::types::calendar::SECS_A_DAY;

impl Manager {
    /// The counters of a modem's device were read.
    pub(in crate::manager) fn count_usage(
        &mut self,
        now: Instant,
        id: &str,
        counters: Option<Counters>,
    ) {
        if let Some((owner, counters)) = self.payer(id).zip(counters) {
            let new = self.usage.read(id, &counters, owner);
            if new != Amount::default() {
                self.tell_quota(now, id);
            }
            // Also when nothing is new but the device.
            self.follow_quota(now, id, None);
        }
        let is_last = self.usage.last_readings.as_mut().is_some_and(|left| {
            *left = left.saturating_sub(1);
            *left == 0
        });
        if is_last {
            self.flush_usage(now);
        }
        self.keep_usage(now);
    }

    /// Whose the bytes of a modem are: its SIM's, or its own where nobody can tell the SIM.
    fn payer(&self, id: &str) -> Option<Owner> {
        let slot = self.slots.get(id)?;
        let facts = slot.machine.facts();
        let day = self.quota(&facts.sim).map_or(1, |quota| quota.day);
        let of = |number: &str, label: String| Owner { key: digest(number), label, day };
        match &facts.sim.iccid {
            Some(iccid) => Some(of(iccid.expose(), iccid.to_string())),
            // One that is not known yet may be known by the time it is connected.
            None => slot.machine.link().map(|_| of(id, id.to_owned())),
        }
    }

    /// Keeps where the counters stand when that is due, and the sums on flash.
    fn keep_usage(&mut self, now: Instant) {
        let is_due = |at: Option<Instant>, every| at.is_none_or(|at| now >= at + every);
        let flush_every = Duration::from_secs(self.config.globals.usage_flush_secs.into());
        let flushed_at = *self.usage.flushed_at.get_or_insert(now);
        if self.usage.is_unflushed && is_due(Some(flushed_at), flush_every) {
            self.flush_usage(now);
        } else if is_due(self.usage.saved_at, SAVE_EVERY) {
            self.save_usage(now);
        }
    }

    /// Keeps where the counters stand.
    pub(in crate::manager) fn save_usage(&mut self, now: Instant) {
        if std::mem::take(&mut self.usage.is_unsaved) {
            self.usage.saved_at = Some(now);
            self.put(Output::Keep(Kept::UsageNow, Some(self.usage.to_table(true))));
        }
    }

    fn flush_usage(&mut self, now: Instant) {
        self.save_usage(now);
        if std::mem::take(&mut self.usage.is_unflushed) {
            self.usage.flushed_at = Some(now);
            self.put(Output::Keep(Kept::Usage, Some(self.usage.to_table(false))));
        }
    }

    /// The sums are on flash, or could not be put there.
    pub(in crate::manager) fn usage_kept(&mut self, done: bool) {
        if done {
            self.usage.flushes = self.usage.flushes.saturating_add(1);
        } else {
            self.usage.is_unflushed = true;
        }
    }

    /// The daemon ends: everything is read and kept once more.
    pub(in crate::manager) fn end_usage(&mut self, now: Instant) {
        let ids = self.slots.names_of(&|id, _| self.device_of(id).is_some());
        self.usage.last_readings = Some(ids.len());
        for id in &ids {
            self.read_traffic(id);
        }
        if ids.is_empty() {
            self.flush_usage(now);
        }
    }

    /// The clock shows this, in seconds since 1970 of local time.
    pub(in crate::manager) fn date_usage(&mut self, now: Instant, secs: i64) {
        self.usage.time_told(now, secs);
        self.follow_quotas(now);
        self.keep_usage(now);
        if let Some((at, left)) = self.ask_time_at.as_mut().zip(self.usage.period_ends_in()) {
            *at = (*at).min(now + left);
        }
    }

    fn follow_quotas(&mut self, now: Instant) {
        for id in &self.slot_ids() {
            self.follow_quota(now, id, None);
        }
    }

    /// What `status` shows of a modem's SIM.
    pub(in crate::manager) fn usage_document(&self, id: &str) -> Option<Table> {
        let sim = self.usage.sim(self.payer(id)?.key)?;
        let mut table = sim.document(self.quota(&self.slots.get(id)?.machine.facts().sim));
        self.put_limited(&mut table, id);
        Some(table)
    }

    /// `usage`
    pub(in crate::manager) fn call_usage(&self, args: &Table) -> Result<Table, CallError> {
        let key = self.usage_key(args)?;
        let mut sims = Vec::new();
        for sim in self.usage.sims.iter().filter(|sim| key.is_none_or(|key| key == sim.key)) {
            let holds = |id: &&String| self.payer(id).is_some_and(|owner| owner.key == sim.key);
            let holder = self.slots.keys().find(holds);
            let facts = holder.and_then(|id| Some(&self.slots.get(id)?.machine.facts().sim));
            let iccid = facts.and_then(|facts| facts.iccid.as_ref());
            let mut table = Table::new();
            table.put("sim", format!("{:016x}", sim.key));
            table.put("iccid", iccid.map_or(sim.label.as_str(), |iccid| iccid.expose()));
            table.put_some("modem", holder.map(String::as_str));
            table.0.extend(sim.document(facts.and_then(|facts| self.quota(facts))).0);
            if let Some(id) = holder {
                self.put_limited(&mut table, id);
            }
            sims.push(table);
        }
        Ok(Table::new().with("sims", sims).with("flash_writes", self.usage.flushes))
    }

    /// `usage_reset`
    pub(in crate::manager) fn reset_usage(
        &mut self,
        now: Instant,
        args: &Table,
    ) -> Result<Table, CallError> {
        let key = self.usage_key(args)?;
        let today = self.usage.clock.map(|(_, secs)| secs.div_euclid(SECS_A_DAY));
        for sim in self.usage.sims.iter_mut().filter(|sim| key.is_none_or(|key| key == sim.key)) {
            let Sim { key, label, day, .. } = std::mem::take(sim);
            *sim = Sim { key, label, day, ..Sim::default() };
            sim.period = today.map(|today| period_start(today, day));
        }
        (self.usage.is_unsaved, self.usage.is_unflushed) = (true, true);
        self.flush_usage(now);
        self.follow_quotas(now);
        self.call_usage(args)
    }

    /// The SIM that is meant, by its number or by what `usage` calls it.
    fn usage_key(&self, args: &Table) -> Result<Option<u64>, CallError> {
        let Some(name) = args.get_str("iccid") else { return Ok(None) };
        let named = [Some(digest(name)), u64::from_str_radix(name, 16).ok()];
        let known = named.into_iter().flatten().find(|key| self.usage.sim(*key).is_some());
        known.map(Some).ok_or_else(|| CallError::not_found("SIM", name))
    }
}
