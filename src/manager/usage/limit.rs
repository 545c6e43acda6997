//! The quota action `limit`: a modem's net device is slowed down while its SIM's quota is used up.
//!
//! What the kernel was asked is kept with where the device's counters stand, so that the next
//! daemon takes off what this one has put on. A device that is made anew is as fast as it can be.

use super::super::{Manager, Output, SpeedLimit};
use crate::log;
use crate::time::Instant;
use crate::types::Table;

/// What the kernel was asked for a modem's net device.
#[derive(Debug, Default)]
pub(super) struct LimitSide {
    /// Of which device, by its index, and how many kbit/s are left to it. It is asked once for each
    /// connection.
    asked: Option<(u32, Option<u32>)>,
    is_under_way: bool,
    /// Why it could not be done.
    trouble: Option<String>,
}

impl Manager {
    /// Has a modem's device slowed down to so many kbit/s, or no longer.
    pub(super) fn follow_limit(&mut self, now: Instant, id: &str, kbits: Option<u32>) {
        let Some(net) = self.device_of(id) else { return };
        let is_up = self.slots.get(id).is_some_and(|slot| slot.machine.link().is_some());
        let Some(meter) = self.usage.meters.get_mut(id) else { return };
        let side = self.usage.limits.or_insert(id.to_owned(), LimitSide::default());
        if !is_up && (kbits.is_some() || side.trouble.is_some()) {
            // With the next connection, for others may change the device as well.
            side.asked = None;
            return;
        }
        let asked = Some((meter.device, kbits));
        if side.is_under_way || side.asked == asked {
            return;
        }
        *side = LimitSide { asked, ..LimitSide::default() };
        if kbits.or(meter.kbits).is_none() {
            return;
        }
        side.is_under_way = true;
        // Before it is there, for a daemon that dies now leaves it to the next one.
        meter.kbits = kbits.or(meter.kbits);
        self.save_limits(now);
        self.put(Output::SetLimit(SpeedLimit { modem: id.to_owned(), net, kbits }));
    }

    /// The kernel has done what it was asked, or has not; then the connection goes on as it is.
    pub(in crate::manager) fn limit_set(
        &mut self,
        now: Instant,
        limit: &SpeedLimit,
        result: Result<(), String>,
    ) {
        let SpeedLimit { modem: id, kbits, .. } = limit;
        let Some(side) = self.usage.limits.get_mut(id) else { return };
        side.is_under_way = false;
        let is_done = result.is_ok();
        match (result, kbits) {
            (Ok(()), Some(kbits)) => {
                log::warn!("modem {id}: the quota is used up: slowed down to {kbits} kbit/s");
            }
            (Ok(()), None) => log::info!("modem {id}: no longer slowed down"),
            (Err(why), _) => {
                let what = if kbits.is_some() { "is not" } else { "may still be" };
                log::warn!("modem {id}: {what} slowed down: {why}");
                side.trouble = Some(why);
            }
        }
        if let Some(meter) = self.usage.meters.get_mut(id)
            && (kbits.is_some() || is_done)
        {
            meter.kbits = kbits.filter(|_| is_done);
        }
        self.save_limits(now);
        // It may have changed meanwhile.
        self.follow_quota(now, id, None);
    }

    fn save_limits(&mut self, now: Instant) {
        self.usage.is_unsaved = true;
        self.save_usage(now);
    }

    /// Whether a modem is slowed down, and why not.
    pub(super) fn put_limited(&self, table: &mut Table, id: &str) {
        let sides = self.usage.meters.get(id).zip(self.usage.limits.get(id));
        let Some((meter, side)) = sides.filter(|_| table.get("quota_rate").is_some()) else {
            return;
        };
        let is_to_come = side.is_under_way && matches!(side.asked, Some((_, Some(_))));
        table.put("limited", meter.kbits.is_some() && !is_to_come);
        table.put_some("limit_trouble", side.trouble.as_deref());
    }

    /// Why a modem is not as fast as it should be.
    pub(in crate::manager) fn limit_trouble(&self, id: &str) -> Option<&str> {
        self.usage.limits.get(id)?.trouble.as_deref()
    }
}
