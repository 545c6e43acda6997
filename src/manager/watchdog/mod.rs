//! The watchdog of one interface: whether anything answers through its connection.
//!
//! While the link is up there is a round of probes at each interval, and after so many failed
//! rounds in a row the connection is dead and to be dialled again, ever more rarely while that does
//! not help. A probe that could not even be made says nothing of the connection. Time and ids come
//! in as arguments; what a probe is made of is the service's business.

mod plan;
#[cfg(test)]
mod tests;

use super::netifd::Link;
use crate::config::{Check, CheckKind, CheckTarget};
use crate::map::Queue;
use crate::modem::backoff::Jitter;
use crate::time::{Duration, Instant, doubled};
use crate::types::{IpConfig, IpFamily, Table};
use core::net::IpAddr;

/// How long after the link came up, or got other addresses, the first round is: netifd has to set
/// routes up, and networks pass the first packets late.
pub const GRACE: Duration = Duration::from_secs(15);

/// How long one probe may take, a name that is looked up first included.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after that the word of a probe is missed.
const PROBE_OVERDUE: Duration = Duration::from_secs(5);

/// How long after a redial that did not help the next one is, at least; doubled each time.
pub const REDIAL_AFTER: Duration = Duration::from_secs(60);

/// The longest such wait.
pub const REDIAL_CAP: Duration = Duration::from_secs(3600);

/// The name that name servers are asked for when no other is configured: it has addresses of both
/// families, and every recursive server knows it.
pub const WELL_KNOWN_NAME: &str = "a.root-servers.net";

/// The longest error kept of a probe, in characters.
const ERROR_CHARS_MAX: usize = 120;

/// A probe; never used twice.
pub type ProbeId = u64;

/// One question through a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Its id.
    pub id: ProbeId,
    /// The net device it has to leave by.
    pub device: String,
    /// What is asked.
    pub target: CheckTarget,
    /// Over which protocol.
    pub family: IpFamily,
    /// The address to ask from.
    pub source: IpAddr,
    /// Who to ask for names, best first. Never empty when `target` has a name.
    pub servers: Vec<NameServer>,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// A name server of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameServer {
    /// Its address.
    pub address: IpAddr,
    /// The address to ask from.
    pub source: IpAddr,
}

/// What became of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// There was an answer.
    Answered {
        /// How long it took, without the lookup of a name.
        rtt: Duration,
    },
    /// There was none, or not the one asked for.
    Failed(String),
    /// It could not be made for a reason on this side: that says nothing of the connection.
    NotMade(String),
}

/// What is thought of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing is known yet, or nothing is checked.
    #[default]
    Unknown,
    /// The last round was answered.
    Ok,
    /// The last round was not, but not too many in a row.
    Failing,
    /// As many rounds as allowed were not.
    Dead,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Dead => "dead",
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Make a probe; its result has to come back.
    Probe(Box<Probe>),
    /// The connection is dead: dial again, or do what helps more.
    Recover,
    /// It was dead, or not known to be alive, and is.
    Revive,
}

/// One interface's watchdog.
#[derive(Debug)]
pub(super) struct Watchdog {
    check: Check,
    connection: Option<Connection>,
    next_round: Option<Instant>,
    round: Vec<FamilyRound>,
    verdict: Verdict,
    failures: u32,
    redials: u32,
    redial_at: Option<Instant>,
    last_ok: Option<Instant>,
    rtt: [Option<Duration>; 2],
    last_error: Option<String>,
    jitter: Jitter,
    actions: Queue<Action>,
}

/// The link as far as probes go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Connection {
    device: String,
    config: IpConfig,
}

/// One family's part of a round: one target after the other until one answers.
#[derive(Debug)]
struct FamilyRound {
    family: IpFamily,
    source: IpAddr,
    targets: Queue<CheckTarget>,
    /// The probe under way, and when it is missed.
    outstanding: Option<(ProbeId, Instant)>,
    answered: Option<Duration>,
    failed: Option<String>,
    not_made: Option<String>,
}

impl Watchdog {
    /// A watchdog for a check. `seed` spreads its redials.
    pub(super) const fn new(check: Check, seed: u64) -> Self {
        Self {
            check,
            connection: None,
            next_round: None,
            round: Vec::new(),
            verdict: Verdict::Unknown,
            failures: 0,
            redials: 0,
            redial_at: None,
            last_ok: None,
            rtt: [None; 2],
            last_error: None,
            jitter: Jitter::new(seed),
            actions: Queue::new(),
        }
    }

    /// What it checks.
    pub(super) const fn check(&self) -> &Check {
        &self.check
    }

    /// Follows the link: `None` while it is down.
    pub(super) fn follow(&mut self, now: Instant, link: Option<&Link>) {
        if self.check.kind == CheckKind::None {
            return;
        }
        let Some(link) = link else {
            if self.connection.take().is_some() {
                self.stop();
            }
            return;
        };
        let config = IpConfig { mtu: None, ..link.config.clone() };
        let connection = Connection { device: link.ifname.clone(), config };
        if self.connection.as_ref() == Some(&connection) {
            return;
        }
        if self.connection.is_none() {
            self.verdict = Verdict::Unknown;
            self.failures = 0;
        }
        // A round under way asks from addresses that are no more, so it ends without a verdict.
        self.round.clear();
        self.actions.clear();
        self.connection = Some(connection);
        self.next_round = Some(now + GRACE);
    }

    fn stop(&mut self) {
        self.next_round = None;
        self.round.clear();
        self.actions.clear();
        self.rtt = [None; 2];
        // Of a dead connection one wants to know that while it is dialled again.
        if self.verdict != Verdict::Dead {
            self.verdict = Verdict::Unknown;
            self.failures = 0;
        }
    }

    /// When [`Watchdog::handle_timeout`] is wanted.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let round = self.next_round.filter(|_| self.round.is_empty());
        let mut next = Instant::first_of(&[round, self.redial_at.filter(|_| self.is_to_redial())]);
        for part in &self.round {
            next = Instant::first_of(&[next, part.outstanding.map(|(_, at)| at)]);
        }
        next
    }

    /// What is to be done next, in order.
    pub(super) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Does what is due. Ids of new probes are taken from `next_id`.
    pub(super) fn handle_timeout(&mut self, now: Instant, next_id: &mut ProbeId) {
        if self.connection.is_none() {
            return;
        }
        let mut missed = Vec::new();
        for part in &self.round {
            if let Some((id, at)) = part.outstanding
                && at <= now
            {
                missed.push(id);
            }
        }
        for id in missed {
            let result = ProbeResult::NotMade("no word of the probe".to_owned());
            self.handle_result(now, id, result, next_id);
        }
        if self.round.is_empty() && self.next_round.is_some_and(|at| at <= now) {
            self.begin_round(now, next_id);
        }
        self.redial_if_due(now);
    }

    fn begin_round(&mut self, now: Instant, next_id: &mut ProbeId) {
        let interval = Duration::from_secs(u64::from(self.check.interval_secs));
        self.next_round = Some(now + interval);
        let Some(connection) = &self.connection else { return };
        self.round = plan::round(&self.check, &connection.config);
        self.proceed(now, next_id);
    }

    /// Whether a probe is this interface's.
    pub(super) fn awaits(&self, id: ProbeId) -> bool {
        self.round.iter().any(|part| part.outstanding.is_some_and(|(own, _)| own == id))
    }

    /// Takes note of what became of a probe.
    pub(super) fn handle_result(
        &mut self,
        now: Instant,
        id: ProbeId,
        result: ProbeResult,
        next_id: &mut ProbeId,
    ) {
        let ours = |part: &&mut FamilyRound| part.outstanding.is_some_and(|(own, _)| own == id);
        let Some(part) = self.round.iter_mut().find(ours) else { return };
        part.outstanding = None;
        let short = |why: String| why.chars().take(ERROR_CHARS_MAX).collect::<String>();
        match result {
            ProbeResult::Answered { rtt } => part.answered = Some(rtt),
            ProbeResult::Failed(why) => part.failed = Some(short(why)),
            ProbeResult::NotMade(why) => part.not_made = Some(short(why)),
        }
        self.proceed(now, next_id);
    }

    /// Makes the probes that are next; ends the round when none is left.
    fn proceed(&mut self, now: Instant, next_id: &mut ProbeId) {
        let Some(connection) = &self.connection else { return };
        for part in &mut self.round {
            if part.answered.is_some() || part.outstanding.is_some() {
                continue;
            }
            let Some(target) = part.targets.pop_front() else { continue };
            let id = *next_id;
            *next_id = next_id.saturating_add(1);
            part.outstanding = Some((id, now + PROBE_TIMEOUT + PROBE_OVERDUE));
            self.actions.push_back(Action::Probe(Box::new(Probe {
                id,
                device: connection.device.clone(),
                target,
                family: part.family,
                source: part.source,
                servers: plan::name_servers(&connection.config, part.family),
                timeout: PROBE_TIMEOUT,
            })));
        }
        if self.round.iter().all(|part| part.outstanding.is_none()) {
            self.end_round(now);
        }
    }

    fn end_round(&mut self, now: Instant) {
        self.rtt = [None; 2];
        let round = std::mem::take(&mut self.round);
        for part in &round {
            let at = match part.family {
                IpFamily::V4 => 0,
                IpFamily::V6 => 1,
            };
            if let Some(rtt) = self.rtt.get_mut(at) {
                *rtt = part.answered;
            }
            let silent = part.answered.is_none();
            if let Some(why) = part.failed.as_ref().or(part.not_made.as_ref()).filter(|_| silent) {
                self.last_error = Some(format!("{}: {why}", part.family.name()));
            }
        }
        if round.is_empty() {
            self.last_error = Some("there is no host to ask".to_owned());
        }
        if round.iter().any(|part| part.answered.is_some()) {
            if self.verdict != Verdict::Ok {
                self.actions.push_back(Action::Revive);
            }
            self.verdict = Verdict::Ok;
            self.failures = 0;
            self.redials = 0;
            self.redial_at = None;
            self.last_ok = Some(now);
        } else if round.iter().any(|part| part.failed.is_some()) {
            self.failures = self.failures.saturating_add(1);
            let is_dead = self.failures >= self.check.failures;
            self.verdict = if is_dead { Verdict::Dead } else { Verdict::Failing };
            self.redial_if_due(now);
        }
    }

    fn is_to_redial(&self) -> bool {
        self.verdict == Verdict::Dead && self.connection.is_some() && self.round.is_empty()
    }

    /// Has a dead connection dialled again, but not sooner than the redials before allow.
    fn redial_if_due(&mut self, now: Instant) {
        if !self.is_to_redial() || self.redial_at.is_some_and(|at| at > now) {
            return;
        }
        let wait = doubled(REDIAL_AFTER, self.redials.min(10), REDIAL_CAP);
        self.redials = self.redials.saturating_add(1);
        self.redial_at = Some(now + self.jitter.spread(wait));
        self.actions.push_back(Action::Recover);
    }

    /// What the last round came to, in words.
    pub(super) fn last_error(&self) -> &str {
        self.last_error.as_deref().unwrap_or_default()
    }

    /// As the status document shows it; `None` when nothing is checked.
    pub(super) fn document(&self, now: Instant) -> Option<Table> {
        if self.check.kind == CheckKind::None {
            return None;
        }
        let mut table = Table::new();
        table.put("kind", self.check.kind.name());
        table.put("verdict", self.verdict.name());
        table.put("failures", self.failures);
        let ago = self.last_ok.map(|at| now.saturating_since(at).as_secs());
        table.put_some("last_ok_s", ago);
        let [v4, v6] = self.rtt;
        table.put_some("ipv4_ms", v4.map(|rtt| rtt.as_secs_f64() * 1000.0));
        table.put_some("ipv6_ms", v6.map(|rtt| rtt.as_secs_f64() * 1000.0));
        table.put_some("last_error", self.last_error.as_deref());
        Some(table)
    }
}
