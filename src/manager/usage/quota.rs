//! Quotas: what is said and done when a SIM has carried most or all of what it may.

use super::super::{Manager, Output};
use super::{Sim, day_name, digest, period_end};
use crate::config::{Quota, QuotaAction};
use crate::log;
use crate::modem::Command;
use crate::time::Instant;
use crate::types::{SimStatus, Table};

/// The shares of a quota that are told of, in percent.
const SHARES: [u8; 2] = [100, 80];

impl Sim {
    /// The share of the quota that is used up, in percent, of those that are told of.
    fn share(&self, quota: Quota) -> u8 {
        let used = u128::from(self.amount.total()) * 100;
        let reaches = |share: &u8| used >= u128::from(quota.bytes()) * u128::from(*share);
        SHARES.into_iter().find(reaches).unwrap_or(0)
    }

    /// What is shown of it.
    pub(super) fn document(&self, quota: Option<Quota>) -> Table {
        let mut table = Table::new();
        table.put_some("period_start", self.period.map(day_name));
        table.put_some("period_end", self.period.map(|day| day_name(period_end(day, self.day))));
        table.put("rx_bytes", self.amount.rx);
        table.put("tx_bytes", self.amount.tx);
        if let Some(quota) = quota {
            table.put("quota_bytes", quota.bytes());
            table.put("quota_action", quota.action.name());
            table.put_some("quota_rate", limit(quota));
            let percent = self.amount.total().saturating_mul(100) / quota.bytes().max(1);
            table.put("quota_percent", percent);
        }
        if let Some((day, amount)) = self.before {
            let mut before = Table::new();
            before.put("period_start", day_name(day));
            table.put("before", before.with("rx_bytes", amount.rx).with("tx_bytes", amount.tx));
        }
        table
    }
}

impl Manager {
    /// The quota of a SIM.
    pub(super) fn quota(&self, sim: &SimStatus) -> Option<Quota> {
        self.config.sim_profile(sim.iccid.as_ref(), sim.imsi.as_ref())?.quota
    }

    /// How many bytes are left of the quota of a modem's SIM; `None` where it has none.
    pub(in crate::manager) fn quota_left(&self, id: &str) -> Option<u64> {
        let sim = &self.slots.get(id)?.machine.facts().sim;
        let quota = self.quota(sim)?.bytes();
        let used = self.usage.sim(digest(sim.iccid.as_ref()?.expose()));
        Some(quota.saturating_sub(used.map_or(0, |used| used.amount.total())))
    }

    /// Bars a modem whose SIM has used up its quota or slows it down, or lets it connect and go on
    /// as before; `sim` is the one that its machine is about to hear of.
    pub(in crate::manager) fn follow_quota(
        &mut self,
        now: Instant,
        id: &str,
        sim: Option<&SimStatus>,
    ) {
        let Some(slot) = self.slots.get(id) else { return };
        let sim = sim.unwrap_or(&slot.machine.facts().sim);
        if sim.iccid.is_none() {
            return;
        }
        let used_up = self.used_up(sim);
        let barred = used_up.is_some_and(bars);
        if let Some(slot) = self.slots.get_mut(id) {
            slot.machine.handle_command(now, Command::Bar(barred));
        }
        self.follow_limit(now, id, used_up.and_then(limit));
    }

    /// Whether a SIM may not be connected, for it has used up its quota.
    pub(in crate::manager) fn is_spent(&self, sim: &SimStatus) -> bool {
        self.used_up(sim).is_some_and(bars)
    }

    /// The quota of a SIM that has used it up.
    fn used_up(&self, sim: &SimStatus) -> Option<Quota> {
        let used = self.usage.sim(digest(sim.iccid.as_ref()?.expose()))?;
        self.quota(sim).filter(|quota| used.amount.total() >= quota.bytes())
    }

    /// Tells of a share of the quota that has been reached since, once.
    pub(super) fn tell_quota(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get(id) else { return };
        let sim = &slot.machine.facts().sim;
        let Some(quota) = self.quota(sim) else { return };
        let Some(key) = sim.iccid.as_ref().map(|iccid| digest(iccid.expose())) else { return };
        let Some(sim) = self.usage.sims.iter_mut().find(|sim| sim.key == key) else { return };
        let share = sim.share(quota);
        let before = std::mem::replace(&mut sim.told, share);
        if share <= before {
            return;
        }
        log::warn!("modem {id}: {share} % of the SIM's quota is used up");
        let mut data = Table::new();
        data.put("modem", id);
        data.put("iccid", sim.label.as_str());
        data.put("percent", share);
        data.0.extend(sim.document(Some(quota)).0);
        let mut environment = vec![
            ("ACTION", "usage".to_owned()),
            ("ICCID", sim.label.clone()),
            ("PERCENT", share.to_string()),
            ("RX_BYTES", sim.amount.rx.to_string()),
            ("TX_BYTES", sim.amount.tx.to_string()),
            ("QUOTA_BYTES", quota.bytes().to_string()),
            ("QUOTA_ACTION", quota.action.name().to_owned()),
        ];
        if let Some(kbits) = limit(quota) {
            environment.push(("QUOTA_RATE", kbits.to_string()));
        }
        self.put_place(&mut environment, id);
        self.notify("usage", data);
        self.put(Output::Hotplug(environment));
        (self.usage.is_unsaved, self.usage.is_unflushed) = (true, true);
        self.usage.saved_at = None;
        self.save_usage(now);
    }
}

/// Whether a SIM that has used up its quota may not be connected. Whoever knows another SIM to go
/// to acts on the cause.
const fn bars(quota: Quota) -> bool {
    match quota.action {
        QuotaAction::Warn | QuotaAction::Limit => false,
        QuotaAction::Disconnect | QuotaAction::Switch => true,
    }
}

/// What is left to a SIM that has used up its quota, in kbit/s, where that is the action.
fn limit(quota: Quota) -> Option<u32> {
    (quota.action == QuotaAction::Limit).then_some(quota.rate_kbits)
}
