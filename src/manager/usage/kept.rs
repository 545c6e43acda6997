//! What was carried as it is kept, on flash and until the router restarts.

use super::{Amount, Meter, SIMS_MAX, Sim, Usage};
use crate::time::Instant;
use crate::types::{Table, Value};

impl Usage {
    /// As kept; with where the counters stand when it is for this run of the router alone.
    pub(super) fn to_table(&self, is_run: bool) -> Table {
        let mut sims = Vec::new();
        for sim in &self.sims {
            let mut table = Table::new();
            table.put("sim", format!("{:016x}", sim.key));
            table.put("label", sim.label.as_str());
            table.put("day", sim.day);
            table.put_some("period", sim.period);
            put(&mut table, "", sim.amount);
            if is_run {
                put(&mut table, "fresh_", sim.fresh);
            }
            if let Some((period, amount)) = sim.before {
                table.put("before_period", period);
                put(&mut table, "before_", amount);
            }
            table.put("told", sim.told);
            sims.push(table);
        }
        let mut table = Table::new();
        table.put("sims", sims);
        if is_run {
            let mut meters = Vec::new();
            for (modem, meter) in self.meters.iter() {
                let mut table = Table::new();
                table.put("modem", modem.as_str());
                table.put("device", meter.device);
                put(&mut table, "", meter.read);
                table.put_some("kbits", meter.kbits);
                table.put("sim", format!("{:016x}", meter.key));
                meters.push(table);
            }
            table.put("meters", meters);
            if let Some((at, secs)) = self.clock {
                table.put("clock_at", at.as_millis());
                table.put("clock", secs);
            }
        }
        table
    }

    /// Takes over what an earlier daemon kept. What it kept for this run of the router is newer.
    pub(in crate::manager) fn restore(&mut self, table: &Table, is_run: bool) {
        if self.is_continued && !is_run {
            return;
        }
        self.sims.clear();
        for table in tables(table, "sims") {
            if self.sims.len() < SIMS_MAX
                && let Some(sim) = sim(table)
            {
                self.sims.push(sim);
            }
        }
        if is_run {
            self.is_continued = true;
            self.is_unflushed = true;
            let meters = tables(table, "meters").filter_map(meter);
            for (modem, meter) in meters.take(super::super::MODEMS_MAX) {
                self.meters.insert(modem, meter);
            }
            let at = table.get_i64("clock_at");
            let at = at.and_then(|at| u64::try_from(at).ok()).map(Instant::from_millis);
            self.clock = at.zip(table.get_i64("clock"));
        }
    }
}

fn put(table: &mut Table, prefix: &str, amount: Amount) {
    table.put(format!("{prefix}rx"), amount.rx);
    table.put(format!("{prefix}tx"), amount.tx);
}

fn amount(table: &Table, prefix: &str) -> Amount {
    let number = |name: &str| {
        let value = table.get(&format!("{prefix}{name}")).and_then(Value::as_i64);
        value.and_then(|value| u64::try_from(value).ok()).unwrap_or(0)
    };
    Amount { rx: number("rx"), tx: number("tx") }
}

fn tables<'a>(table: &'a Table, name: &str) -> impl Iterator<Item = &'a Table> {
    table.get_array(name).unwrap_or_default().iter().filter_map(Value::as_table)
}

fn key(table: &Table) -> Option<u64> {
    u64::from_str_radix(table.get_str("sim")?, 16).ok()
}

/// A day that a calendar may be asked about.
fn day(table: &Table, name: &str) -> Option<i64> {
    table.get(name)?.as_i64().filter(|day| (0..=1_000_000).contains(day))
}

fn sim(table: &Table) -> Option<Sim> {
    let small = |name| table.get_i64(name).and_then(|n| u8::try_from(n).ok());
    Some(Sim {
        key: key(table)?,
        label: table.get_str("label")?.to_owned(),
        day: small("day")?,
        period: day(table, "period"),
        amount: amount(table, ""),
        fresh: amount(table, "fresh_"),
        before: day(table, "before_period").map(|period| (period, amount(table, "before_"))),
        told: small("told").unwrap_or(0),
    })
}

fn meter(table: &Table) -> Option<(String, Meter)> {
    let number = |name| table.get(name)?.as_i64().and_then(|number| u32::try_from(number).ok());
    let modem = table.get_str("modem")?.to_owned();
    let (device, kbits) = (number("device")?, number("kbits"));
    Some((modem, Meter { device, read: amount(table, ""), key: key(table)?, kbits }))
}
