//! What a modem measured over the last hour and the last day, in memory alone.
//!
//! A sample takes 20 bytes; both rings together take 13 kB at most, and nothing before the first
//! sample.

use crate::time::Instant;
use crate::types::Signal;
use std::collections::VecDeque;

/// A ring of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// The last hour, one each 10 seconds.
    Hour,
    /// The last day, one each 5 minutes.
    Day,
}

impl Span {
    /// As on ubus.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "hour" => Some(Self::Hour),
            "day" => Some(Self::Day),
            _ => None,
        }
    }

    /// The reverse of [`Span::parse`].
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The time from one sample to the next.
    pub(crate) const fn step_secs(self) -> u32 {
        match self {
            Self::Hour => 10,
            Self::Day => 300,
        }
    }

    /// How many samples there are at most.
    pub(crate) const fn samples_max(self) -> usize {
        match self {
            Self::Hour => 360,
            Self::Day => 288,
        }
    }

    fn slot(self, now: Instant) -> u32 {
        u32::try_from(now.as_secs() / u64::from(self.step_secs())).unwrap_or(u32::MAX)
    }
}

/// One sample; what was not measured is the lowest number there is, or the highest of rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample {
    /// Steps since the start of time.
    slot: u32,
    rx_bps: u32,
    tx_bps: u32,
    rsrp_dbm: i16,
    sinr_tenth_db: i16,
    rssi_dbm: i8,
    rsrq_db: i8,
}

/// What one sample has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// What was heard.
    pub(crate) rssi_dbm: Option<i16>,
    /// What was heard.
    pub(crate) rsrp_dbm: Option<i16>,
    /// What was heard.
    pub(crate) rsrq_db: Option<i16>,
    /// What was heard.
    pub(crate) sinr_tenth_db: Option<i16>,
    /// Received, in bits a second.
    pub(crate) rx_bps: Option<u32>,
    /// Sent, in bits a second.
    pub(crate) tx_bps: Option<u32>,
}

impl Sample {
    fn new(slot: u32, reading: Reading) -> Self {
        let short = |value: Option<i16>| {
            value.and_then(|value| i8::try_from(value).ok()).unwrap_or(i8::MIN)
        };
        Self {
            slot,
            rx_bps: reading.rx_bps.unwrap_or(u32::MAX),
            tx_bps: reading.tx_bps.unwrap_or(u32::MAX),
            rsrp_dbm: reading.rsrp_dbm.unwrap_or(i16::MIN),
            sinr_tenth_db: reading.sinr_tenth_db.unwrap_or(i16::MIN),
            rssi_dbm: short(reading.rssi_dbm),
            rsrq_db: short(reading.rsrq_db),
        }
    }

    fn reading(self) -> Reading {
        let word = |value: i16| (value != i16::MIN).then_some(value);
        let byte = |value: i8| (value != i8::MIN).then_some(value.into());
        let rate = |value: u32| (value != u32::MAX).then_some(value);
        Reading {
            rssi_dbm: byte(self.rssi_dbm),
            rsrp_dbm: word(self.rsrp_dbm),
            rsrq_db: byte(self.rsrq_db),
            sinr_tenth_db: word(self.sinr_tenth_db),
            rx_bps: rate(self.rx_bps),
            tx_bps: rate(self.tx_bps),
        }
    }
}

/// The mean of what came so far.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: i64,
    count: u16,
}

impl Mean {
    #[inline(never)]
    fn add(&mut self, value: Option<i64>) {
        if let Some(value) = value {
            self.sum = self.sum.saturating_add(value);
            self.count = self.count.saturating_add(1);
        }
    }

    fn value<T: TryFrom<i64>>(self) -> Option<T> {
        T::try_from(self.sum.checked_div(self.count.into())?).ok()
    }
}

/// What five minutes come to.
#[derive(Clone, Copy, Debug, Default)]
struct Means([Mean; 6]);

impl Means {
    fn add(&mut self, reading: Reading) {
        let [rssi, rsrp, rsrq, sinr, rx, tx] = &mut self.0;
        rssi.add(reading.rssi_dbm.map(i64::from));
        rsrp.add(reading.rsrp_dbm.map(i64::from));
        rsrq.add(reading.rsrq_db.map(i64::from));
        sinr.add(reading.sinr_tenth_db.map(i64::from));
        rx.add(reading.rx_bps.map(i64::from));
        tx.add(reading.tx_bps.map(i64::from));
    }

    fn reading(self) -> Reading {
        let [rssi, rsrp, rsrq, sinr, rx, tx] = self.0;
        Reading {
            rssi_dbm: rssi.value(),
            rsrp_dbm: rsrp.value(),
            rsrq_db: rsrq.value(),
            sinr_tenth_db: sinr.value(),
            rx_bps: rx.value(),
            tx_bps: tx.value(),
        }
    }
}

/// Both rings of a modem.
#[derive(Debug, Default)]
pub(crate) struct History {
    hour: VecDeque<Sample>,
    day: VecDeque<Sample>,
    /// The sample that is being measured, and its place.
    current: Option<(u32, Reading)>,
    /// The five minutes that are being measured.
    means: Option<(u32, Means)>,
}

impl History {
    /// Takes note of what is heard.
    pub(crate) fn note_signal(&mut self, now: Instant, signal: &Signal) {
        let reading = self.current(now);
        reading.rssi_dbm = signal.rssi_dbm.or(reading.rssi_dbm);
        reading.rsrp_dbm = signal.rsrp_dbm.or(reading.rsrp_dbm);
        reading.rsrq_db = signal.rsrq_db.or(reading.rsrq_db);
        reading.sinr_tenth_db = signal.sinr_tenth_db.or(reading.sinr_tenth_db);
    }

    /// Takes note of the rates of traffic.
    pub(crate) fn note_traffic(&mut self, now: Instant, rx_bps: u32, tx_bps: u32) {
        let reading = self.current(now);
        reading.rx_bps = Some(rx_bps);
        reading.tx_bps = Some(tx_bps);
    }

    /// The sample of this moment; the one before goes into the rings when its time is over.
    fn current(&mut self, now: Instant) -> &mut Reading {
        let slot = Span::Hour.slot(now);
        if let Some((before, reading)) = self.current.take_if(|(before, _)| *before != slot) {
            self.add(before, reading);
        }
        &mut self.current.get_or_insert((slot, Reading::default())).1
    }

    fn add(&mut self, slot: u32, reading: Reading) {
        push(&mut self.hour, Span::Hour, Sample::new(slot, reading));
        let day_slot = slot / (Span::Day.step_secs() / Span::Hour.step_secs());
        if let Some((before, means)) = self.means.take_if(|(before, _)| *before != day_slot) {
            push(&mut self.day, Span::Day, Sample::new(before, means.reading()));
        }
        self.means.get_or_insert((day_slot, Means::default())).1.add(reading);
    }

    /// The samples within a span, oldest first: how many seconds ago each began, and what it has.
    pub(crate) fn samples(&self, now: Instant, span: Span) -> Vec<(u64, Reading)> {
        let (ring, current) = match span {
            Span::Hour => (&self.hour, self.current),
            Span::Day => (&self.day, self.means.map(|(slot, means)| (slot, means.reading()))),
        };
        let oldest = span.slot(now).saturating_sub(u32::try_from(span.samples_max()).unwrap_or(0));
        let mut samples = Vec::new();
        let mut add = |slot: u32, reading| {
            if slot > oldest || oldest == 0 {
                let began = u64::from(slot) * u64::from(span.step_secs());
                samples.push((now.as_secs().saturating_sub(began), reading));
            }
        };
        for sample in ring {
            add(sample.slot, sample.reading());
        }
        if let Some((slot, reading)) = current {
            add(slot, reading);
        }
        samples
    }

    /// The memory both rings take.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        (self.hour.capacity() + self.day.capacity()) * size_of::<Sample>()
    }
}

fn push(ring: &mut VecDeque<Sample>, span: Span, sample: Sample) {
    if ring.capacity() == 0 {
        // Once, and no more than is needed.
        ring.reserve_exact(span.samples_max());
    }
    if ring.len() >= span.samples_max() {
        ring.pop_front();
    }
    ring.push_back(sample);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Instant {
        Instant::from_millis(secs * 1000)
    }

    fn signal(rsrp_dbm: i16) -> Signal {
        Signal { rsrp_dbm: Some(rsrp_dbm), ..Signal::default() }
    }

    #[test]
    fn two_days_of_samples_stay_within_their_memory_and_their_spans() {
        let mut history = History::default();
        assert_eq!(history.bytes(), 0);
        for step in 0..2 * 8640 {
            let now = at(step * 10 + 3);
            history.note_signal(now, &signal(-100 + i16::try_from(step % 30).unwrap_or(0)));
            history.note_traffic(now, 1000, 200);
        }
        assert!(history.bytes() <= 13_000, "{}", history.bytes());
        let now = at(2 * 86_400);
        let hour = history.samples(now, Span::Hour);
        assert_eq!((hour.len(), hour.first().map(|s| s.0)), (359, Some(3590)));
        assert!(hour.is_sorted_by_key(|(ago, _)| std::cmp::Reverse(*ago)));
        let day = history.samples(now, Span::Day);
        assert_eq!(day.len(), 287);
        let middle = day.get(100).map(|(_, reading)| *reading).unwrap_or_default();
        assert_eq!(middle.rsrp_dbm, Some(-85), "the mean of -100 to -71, towards zero");
        assert_eq!(middle.rx_bps, Some(1000));
        assert_eq!(middle.rsrq_db, None);
    }

    #[test]
    fn a_sample_of_the_last_moments_is_there_at_once_and_a_pause_leaves_none() {
        let mut history = History::default();
        history.note_signal(at(5), &signal(-90));
        history.note_signal(at(8), &signal(-91));
        history.note_signal(at(1000), &signal(-92));
        let samples = history.samples(at(1001), Span::Hour).into_iter();
        let heard: Vec<_> = samples.map(|(ago, r)| (ago, r.rsrp_dbm)).collect();
        assert_eq!(heard, [(1001, Some(-91)), (1, Some(-92))]);
        assert!(history.samples(at(9000), Span::Hour).is_empty());
    }

    #[test]
    fn extremes_neither_overflow_nor_count_as_missing_where_they_fit() {
        let mut history = History::default();
        let worst = Signal {
            rssi_dbm: Some(i16::MAX),
            rsrp_dbm: Some(i16::MIN),
            rsrq_db: Some(-127),
            ..Signal::default()
        };
        for step in 0..200 {
            history.note_signal(at(step * 10), &worst);
            history.note_traffic(at(step * 10), u32::MAX - 1, u32::MAX);
        }
        let last = history.samples(at(1999), Span::Day).pop().map(|(_, reading)| reading);
        assert_eq!(last.and_then(|reading| reading.rsrq_db), Some(-127));
    }
}
