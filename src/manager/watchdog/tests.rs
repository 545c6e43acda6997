use super::*;
use crate::config::{Host, InterfaceConfig};
use crate::types::{Ipv4Config, Ipv6Config};
use IpFamily::{V4, V6};

/// A watchdog and what it has asked.
struct Rig {
    watchdog: Watchdog,
    next_id: ProbeId,
    /// Probes without a result.
    open: Vec<Probe>,
    redials: Vec<u64>,
}

fn at(seconds: u64) -> Instant {
    Instant::from_millis(seconds * 1000)
}

fn check(options: &str) -> Check {
    let mut table = Table::new();
    for option in options.split(';') {
        let (name, value) = option.split_once('=').unwrap();
        table.put(name, value);
    }
    let (config, errors) = InterfaceConfig::parse("wan", &table);
    assert!(errors.is_empty(), "{errors:?}");
    config.check
}

const V4_ADDRESS: &str = "10.64.0.2";
const V6_ADDRESS: &str = "2001:db8:1::2";

fn config(families: &[IpFamily]) -> IpConfig {
    let v4 = Ipv4Config {
        address: V4_ADDRESS.parse().unwrap(),
        prefix_len: 30,
        gateway: None,
        dns: vec!["0.0.0.0".parse().unwrap(), "192.0.2.53".parse().unwrap()],
    };
    let v6 = Ipv6Config {
        address: V6_ADDRESS.parse().unwrap(),
        prefix_len: 64,
        gateway: None,
        dns: vec!["2001:db8::53".parse().unwrap()],
    };
    IpConfig {
        v4: families.contains(&V4).then_some(v4),
        v6: families.contains(&V6).then_some(v6),
        mtu: Some(1430),
        ..IpConfig::default()
    }
}

fn link(config: IpConfig) -> Link {
    Link {
        ifname: "wwan0".into(),
        config,
        is_external: false,
        raw_ip: true,
        source_filter: true,
        extend_prefix: true,
        data: Table::new(),
        sub_interfaces: Vec::new(),
    }
}

impl Rig {
    /// Up since 0 s.
    fn new(options: &str, families: &[IpFamily]) -> Self {
        let watchdog = Watchdog::new(check(options), 7);
        let mut rig = Self { watchdog, next_id: 1, open: Vec::new(), redials: Vec::new() };
        rig.follow(0, Some(config(families)));
        rig
    }

    fn follow(&mut self, seconds: u64, config: Option<IpConfig>) {
        self.watchdog.follow(at(seconds), config.map(link).as_ref());
        self.drain(seconds);
    }

    fn drain(&mut self, seconds: u64) {
        while let Some(action) = self.watchdog.poll_action() {
            match action {
                Action::Probe(probe) => self.open.push(*probe),
                Action::Recover => self.redials.push(seconds),
                Action::Revive => {}
            }
        }
    }

    /// Goes on to a time, which has to be when something is due.
    fn due(&mut self, seconds: u64) -> &mut Self {
        assert_eq!(self.watchdog.poll_timeout(), Some(at(seconds)));
        self.watchdog.handle_timeout(at(seconds), &mut self.next_id);
        self.drain(seconds);
        self
    }

    /// What is asked just now, as text.
    fn asks(&self) -> Vec<String> {
        let text = |probe: &Probe| {
            let target = match &probe.target {
                CheckTarget::Ping(Host::Address(address)) => format!("ping {address}"),
                CheckTarget::Ping(Host::Name(name)) => format!("ping {name}"),
                CheckTarget::NameServer(server) => format!("ask {server}"),
                CheckTarget::Name(name) => format!("look up {name}"),
                CheckTarget::Page { host, port, path } => format!("get {host:?} {port} {path}"),
            };
            format!("{target} from {}", probe.source)
        };
        self.open.iter().map(text).collect()
    }

    /// The result of the oldest probe.
    fn result(&mut self, seconds: u64, result: ProbeResult) -> &mut Self {
        let probe = self.open.remove(0);
        assert!(self.watchdog.awaits(probe.id));
        self.watchdog.handle_result(at(seconds), probe.id, result, &mut self.next_id);
        self.drain(seconds);
        self
    }

    fn answer(&mut self, seconds: u64) -> &mut Self {
        self.result(seconds, ProbeResult::Answered { rtt: Duration::from_millis(40) })
    }

    fn fail(&mut self, seconds: u64) -> &mut Self {
        self.result(seconds, ProbeResult::Failed("no answer in time".into()))
    }

    fn verdict(&self) -> Verdict {
        self.watchdog.verdict
    }

    /// Everything due until a time; each probe is answered or fails after its time-out.
    fn run(&mut self, until: u64, answers: bool) {
        while let Some(due) = self.watchdog.poll_timeout().filter(|due| *due <= at(until)) {
            self.watchdog.handle_timeout(due, &mut self.next_id);
            let seconds = due.as_secs();
            self.drain(seconds);
            while !self.open.is_empty() {
                if answers {
                    self.answer(seconds);
                } else {
                    self.fail(seconds + 5);
                }
            }
        }
    }
}

#[test]
fn nothing_is_due_where_nothing_is_checked() {
    let rig = Rig::new("check=none", &[V4, V6]);
    assert_eq!(rig.watchdog.poll_timeout(), None);
    assert_eq!(rig.watchdog.document(at(0)), None);
}

#[test]
fn rounds_begin_after_a_grace_and_follow_at_the_interval() {
    let mut rig = Rig::new("check=ping;check_host=192.0.2.1;check_interval=30", &[V4]);
    rig.due(15);
    assert_eq!(rig.asks(), ["ping 192.0.2.1 from 10.64.0.2"]);
    assert_eq!(rig.open[0].device, "wwan0");
    rig.answer(16);
    assert_eq!(rig.verdict(), Verdict::Ok);
    rig.due(45).fail(50);
    assert_eq!(rig.verdict(), Verdict::Failing);
    rig.due(75).answer(76);
    assert_eq!(rig.verdict(), Verdict::Ok);
    assert_eq!(rig.watchdog.poll_timeout(), Some(at(105)));
}

#[test]
fn an_answer_from_any_host_in_any_family_will_do() {
    let hosts = "check=ping;check_host=192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2";
    let mut rig = Rig::new(hosts, &[V4, V6]);
    rig.due(15);
    let v6 = |host: u8| format!("ping 2001:db8::{host} from {V6_ADDRESS}");
    let v4 = |host: u8| format!("ping 192.0.2.{host} from {V4_ADDRESS}");
    assert_eq!(rig.asks(), [v4(1), v6(1)]);
    rig.fail(20);
    assert_eq!(rig.asks(), [v6(1), v4(2)]);
    rig.fail(20).fail(25);
    assert_eq!(rig.asks(), [v6(2)]);
    assert_eq!(rig.verdict(), Verdict::Unknown, "the round goes on");
    rig.answer(25);
    assert_eq!(rig.verdict(), Verdict::Ok);
    let document = rig.watchdog.document(at(30)).unwrap();
    assert_eq!(document.get_str("kind"), Some("ping"));
    assert_eq!(document.get_str("verdict"), Some("ok"));
    assert_eq!(document.get("last_ok_s").and_then(|v| v.as_i64()), Some(5));
    assert_eq!(document.get("ipv4_ms"), None);
    assert_eq!(document.get("ipv6_ms"), Some(&40.0.into()));
    assert_eq!(document.get_str("last_error"), Some("ipv4: no answer in time"));
}

#[test]
fn a_host_that_answers_spares_the_others_of_its_family() {
    let mut rig = Rig::new("check=ping;check_host=192.0.2.1 192.0.2.2", &[V4]);
    rig.due(15).answer(15);
    assert_eq!(rig.asks(), [""; 0]);
    assert_eq!(rig.verdict(), Verdict::Ok);
}

#[test]
fn without_hosts_the_networks_own_name_servers_are_asked() {
    let mut rig = Rig::new("check=ping", &[V4, V6]);
    let ping = ["ping 192.0.2.53 from 10.64.0.2", "ping 2001:db8::53 from 2001:db8:1::2"];
    assert_eq!(rig.due(15).asks(), ping);
    let mut rig = Rig::new("check=dns", &[V6]);
    assert_eq!(rig.due(15).asks(), ["ask 2001:db8::53 from 2001:db8:1::2"]);
}

#[test]
fn names_are_looked_up_at_the_networks_name_servers() {
    let mut rig = Rig::new("check=ping;check_host=openwrt.org", &[V4, V6]);
    rig.due(15);
    let server = |address: &str, source: &str| NameServer {
        address: address.parse().unwrap(),
        source: source.parse().unwrap(),
    };
    let v4 = server("192.0.2.53", V4_ADDRESS);
    let v6 = server("2001:db8::53", V6_ADDRESS);
    assert_eq!(rig.open[0].servers, [v4, v6]);
    assert_eq!(rig.open[1].servers, [v6, v4]);
    // Name servers of the other family will do for a ping, but not for a check of the lookup.
    let mut v6_has_none = config(&[V4, V6]);
    v6_has_none.v6.as_mut().unwrap().dns.clear();
    rig.follow(16, Some(v6_has_none.clone()));
    rig.open.clear();
    rig.due(31);
    assert_eq!(rig.open[1].servers, [v4]);
    let mut rig = Rig::new("check=dns;check_host=openwrt.org", &[V4, V6]);
    rig.follow(1, Some(v6_has_none));
    assert_eq!(rig.due(16).asks(), ["look up openwrt.org from 10.64.0.2"]);
}

#[test]
fn failed_rounds_in_a_row_mean_a_redial() {
    let options = "check=ping;check_host=192.0.2.1;check_interval=10;check_failures=3";
    let mut rig = Rig::new(options, &[V4]);
    rig.due(15).fail(20).due(25).fail(30);
    assert_eq!((rig.verdict(), rig.redials.len()), (Verdict::Failing, 0));
    rig.due(35).fail(40);
    assert_eq!((rig.verdict(), rig.redials.as_slice()), (Verdict::Dead, &[40][..]));
    // The link goes down; one still wants to know why.
    rig.follow(40, None);
    assert_eq!((rig.verdict(), rig.watchdog.poll_timeout()), (Verdict::Dead, None));
    rig.follow(42, Some(config(&[V4])));
    assert_eq!(rig.verdict(), Verdict::Unknown);
    rig.due(57).answer(57);
    assert_eq!(rig.verdict(), Verdict::Ok);
}

#[test]
fn an_answer_between_failures_starts_the_count_anew() {
    let options = "check=ping;check_host=192.0.2.1;check_interval=10;check_failures=2";
    let mut rig = Rig::new(options, &[V4]);
    rig.due(15).fail(20).due(25).answer(25).due(35).fail(40);
    assert_eq!((rig.verdict(), rig.redials.len()), (Verdict::Failing, 0));
}

/// A connection that never carries anything: after a redial it is up again in two seconds.
fn redials_of_a_dead_network(hours: u64) -> Vec<u64> {
    let options = "check=ping;check_host=192.0.2.1;check_interval=5;check_failures=1";
    let mut rig = Rig::new(options, &[V4]);
    let mut seen = 0;
    for now in 1..hours * 3600 {
        rig.run(now, false);
        if rig.redials.len() > seen {
            seen = rig.redials.len();
            rig.follow(now, None);
            rig.follow(now + 2, Some(config(&[V4])));
        }
    }
    rig.redials
}

#[test]
fn redials_that_do_not_help_grow_rarer_up_to_a_cap() {
    let redials = redials_of_a_dead_network(48);
    let waits: Vec<u64> = redials.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (number, wait) in waits.iter().enumerate() {
        let ideal = (REDIAL_AFTER.as_secs() << number.min(10)).min(REDIAL_CAP.as_secs());
        let range = ideal * 3 / 4..=ideal * 5 / 4 + 10;
        assert!(range.contains(wait), "{number}: {wait} s, not {range:?}");
    }
    assert!(waits.len() > 40, "{waits:?}");
}

#[test]
fn a_success_lets_the_next_redial_come_at_once() {
    let options = "check=ping;check_host=192.0.2.1;check_interval=5;check_failures=1";
    let mut rig = Rig::new(options, &[V4]);
    rig.run(400, false);
    assert!(rig.redials.len() > 2, "{:?}", rig.redials);
    rig.run(410, true);
    assert_eq!(rig.verdict(), Verdict::Ok);
    let before = rig.redials.len();
    rig.run(416, false);
    assert_eq!(rig.redials.len(), before + 1);
}

#[test]
fn probes_that_cannot_be_made_say_nothing_of_the_connection() {
    let options = "check=ping;check_host=192.0.2.1;check_interval=10;check_failures=1";
    let mut rig = Rig::new(options, &[V4]);
    for round in 0..20 {
        let now = 15 + round * 10;
        rig.due(now).result(now, ProbeResult::NotMade("no route".into()));
    }
    assert_eq!((rig.verdict(), rig.redials.len()), (Verdict::Unknown, 0));
    assert_eq!(rig.watchdog.last_error(), "ipv4: no route");
    // Nor does a check with nothing to ask.
    let mut rig = Rig::new("check=ping;check_host=2001:db8::1;check_failures=1", &[V4]);
    rig.due(15).due(45);
    assert_eq!((rig.verdict(), rig.redials.len()), (Verdict::Unknown, 0));
    assert_eq!(rig.watchdog.last_error(), "there is no host to ask");
}

#[test]
fn a_probe_that_nobody_tells_the_end_of_is_given_up() {
    let mut rig = Rig::new("check=ping;check_host=192.0.2.1;check_failures=1", &[V4]);
    rig.due(15).due(25);
    assert_eq!((rig.verdict(), rig.redials.len()), (Verdict::Unknown, 0));
    assert!(!rig.watchdog.awaits(1), "late word of it counts for nothing");
    rig.due(45);
    assert_eq!(rig.open.len(), 2);
}

#[test]
fn a_round_longer_than_the_interval_is_not_overtaken() {
    let hosts = "check=ping;check_host=192.0.2.1 192.0.2.2 192.0.2.3;check_interval=5";
    let mut rig = Rig::new(hosts, &[V4]);
    rig.due(15).fail(20).fail(25);
    assert_eq!(rig.asks().len(), 1);
    rig.fail(30);
    assert_eq!(rig.verdict(), Verdict::Failing);
    assert_eq!(rig.watchdog.poll_timeout(), Some(at(20)), "due long since");
}

#[test]
fn other_addresses_end_a_round_without_a_verdict() {
    let mut rig = Rig::new("check=ping;check_host=192.0.2.1;check_failures=1", &[V4]);
    rig.due(15);
    let probe = rig.open.remove(0).id;
    let mut other = config(&[V4]);
    other.v4.as_mut().unwrap().address = "10.64.0.6".parse().unwrap();
    rig.follow(16, Some(other.clone()));
    assert!(!rig.watchdog.awaits(probe));
    rig.watchdog.handle_result(at(17), probe, ProbeResult::Failed("late".into()), &mut rig.next_id);
    assert_eq!((rig.verdict(), rig.redials.len()), (Verdict::Unknown, 0));
    // Another MTU is no other address.
    other.mtu = Some(1280);
    rig.follow(20, Some(other));
    assert_eq!(rig.due(31).asks(), ["ping 192.0.2.1 from 10.64.0.6"]);
}
