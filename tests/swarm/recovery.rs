//! How long a router takes to be connected again, by fault: one fault at a time, on a router that
//! is otherwise well.

use std::fmt::Write as _;

use super::dice::Dice;
use super::reference::{PIN, PUK};
use super::tally::{percentiles, seconds};
use crate::sim::world::network::Family;
use crate::virtual_router::Router;

/// How many routers have each fault.
const SAMPLES: u64 = 500;

/// The longest that is waited for a recovery.
const WAIT_MS: u64 = 7_200_000;

const PATH: &str = "usb:1-1";

/// What happens to the router.
#[derive(Clone, Copy)]
enum Act {
    /// Lines of the simulator's control socket; nothing is left to end.
    Once(&'static str),
    /// Lines that begin and end what lasts.
    Lasting(&'static str, &'static str),
    /// The daemon is killed and started again.
    KillDaemon,
    /// The daemon gets no time.
    FreezeDaemon,
    /// The router is suspended.
    Suspend,
    RestartNetifd,
    RestartUbusd,
    Reboot,
    /// It comes back with other numbers in its nodes' names.
    Renumber,
}

/// A class of faults.
struct Class {
    name: &'static str,
    /// What is special about the interface.
    options: &'static str,
    /// What is special about the modem.
    modem: &'static str,
    /// One is chosen for each sample.
    acts: &'static [Act],
    /// How long what lasts does, in ms.
    lasts_ms: (u64, u64),
    /// Within which time it must be over, in seconds.
    bound_s: u32,
    /// How many families it takes to be well again.
    families: usize,
}

const SHORT: (u64, u64) = (1_000, 10_000);
const LONG: (u64, u64) = (60_000, 600_000);

use Act::{Lasting, Once};

/// The faults of the network.
const NETWORK: [Class; 8] = [
    class("the network ends the connection", &[Once("drop all"), Once("drop all 26")], 30),
    class("the network ends one of two families", &[Once("drop v4"), Once("drop v6")], 30),
    class("the network changes the address", &[Once("address v4"), Once("address all")], 10),
    lasting("no coverage for 1 to 10 minutes", &[Lasting("coverage none", "coverage home")], 30),
    lasting(
        "registration denied for 1 to 10 minutes",
        &[
            Lasting("deny 3", "coverage home"),
            Lasting("deny 11", "coverage home"),
            Lasting("deny 15", "coverage home"),
        ],
        30,
    ),
    lasting("abroad, where it may not be, for 1 to 10 minutes", &[ROAMING], 30),
    Class {
        families: 1,
        ..lasting("calls refused for a passing reason for 1 to 10 minutes", &[BUSY], 90)
    },
    Class { families: 1, ..lasting("the APN refused for 1 to 10 minutes", &[NO_APN], 780) },
];

const BUSY: Act = Lasting("policy reject 26\ndrop all", "policy allow");
const NO_APN: Act = Lasting("policy reject 33\ndrop all", "policy allow");
const ROAMING: Act = Lasting("coverage roaming", "coverage home");

/// The faults of the modem and its SIM.
const MODEM: [Class; 11] = [
    class("replies are lost", &[Once("lose 1"), Once("lose 3"), Once("lose 10")], 60),
    Class { lasts_ms: SHORT, ..class("silent for 1 to 10 seconds", &[SILENCE, HANG], 60) },
    lasting("silent or hung for 1 to 10 minutes", &[SILENCE, HANG], 60),
    lasting(
        "replies take 1.5 s, garbage, split reads, duplicates",
        &[
            Lasting("latency 1500", "latency 20"),
            Lasting("garbage 00ff", "garbage off"),
            Lasting("split 1", "split 0"),
            Lasting("duplicate 100", "duplicate 0"),
        ],
        60,
    ),
    class("the firmware restarts", &[Once("reset"), Once("reset 500")], 60),
    class("unplugged and plugged in again", &[Once("replug 500"), Once("replug 20000")], 60),
    class("the same, and its nodes have other numbers", &[Act::Renumber], 60),
    lasting("the SIM is pulled and put back", &[SIM], 60),
    Class { modem: "sim=pin", ..lasting("a SIM with a PIN is pulled and put back", &[SIM], 60) },
    class("the SIM resets", &[Once("sim notready 2000")], 60),
    Class {
        options: "check=ping check_host=192.0.2.1 check_interval=10 check_failures=3",
        ..lasting("up, but dead for 1 to 10 minutes", &[Lasting("data off", "data on")], 60)
    },
];

const SILENCE: Act = Lasting("silence on", "silence off");
const HANG: Act = Lasting("hang on", "hang off");
const SIM: Act = Lasting("sim absent", "sim insert");

/// The faults of the router.
const ROUTER: [Class; 6] = [
    Class {
        lasts_ms: SHORT,
        ..class("the daemon is killed and starts again", &[Act::KillDaemon], 60)
    },
    Class {
        lasts_ms: SHORT,
        ..class("the daemon gets no time for a while", &[Act::FreezeDaemon], 60)
    },
    Class { lasts_ms: LONG, ..class("the router is suspended", &[Act::Suspend], 60) },
    class("netifd restarts", &[Act::RestartNetifd], 60),
    Class { lasts_ms: SHORT, ..class("ubusd restarts", &[Act::RestartUbusd], 60) },
    class("the router restarts", &[Act::Reboot], 60),
];

const fn class(name: &'static str, acts: &'static [Act], bound_s: u32) -> Class {
    Class { name, options: "", modem: "", acts, lasts_ms: (0, 0), bound_s, families: 2 }
}

const fn lasting(name: &'static str, acts: &'static [Act], bound_s: u32) -> Class {
    Class { lasts_ms: LONG, ..class(name, acts, bound_s) }
}

/// One sample.
struct Sample {
    /// From the end of the fault until all is as it was, in ms.
    took_ms: u32,
    /// netifd had the link up throughout.
    stayed_up: bool,
}

/// The document `docs/recovery.md`.
pub(crate) fn document() -> String {
    let mut text = String::from(HEAD);
    for (title, classes) in
        [("Network", &NETWORK[..]), ("Modem and SIM", &MODEM), ("Router", &ROUTER)]
    {
        let _ = write!(text, "\n## {title}\n\n{COLUMNS}");
        for class in classes {
            text += &row(class);
        }
    }
    text
}

const HEAD: &str = "# Recovery times

How long after the end of a fault the interface is up again with all its addresses, in virtual
time: the daemon as it is, a simulated modem and a model of netifd (`tests/swarm/recovery.rs`).
Made by

    make recovery

which overwrites this page. A modem that restarts or is replugged counts from when it is on the
bus again, a router that restarts from when the daemon runs. Each row is 500 routers, each with
one such fault at a chance moment and otherwise well. Their modems answer in 5 to 50 ms, boot in
5 to 15 s, read the SIM in 0.1 to 3 s, register in 0.5 to 5 s and dial in 0.3 to 2 s a family;
those times are part of every figure that contains them. *Stayed up* says in how many of them
netifd had the link up all the while. A *bound* is what the longest waits of the policy and of
the modem add up to: the program fails when one sample takes longer. What begins after the end
of the fault counts as well: every router is watched for 90 s more. Where calls were refused,
either family counts: one that was let in while the other was still refused has it beside it
later.
";

const COLUMNS: &str = "| fault | stayed up | median | 99 % within | longest | bound |\n\
                       |---|--:|--:|--:|--:|--:|\n";

fn row(class: &Class) -> String {
    let samples: Vec<Sample> = (0..SAMPLES).map(|seed| sample(class, seed)).collect();
    let stayed_up = samples.iter().filter(|sample| sample.stayed_up).count();
    let mut times: Vec<u32> = samples.iter().map(|sample| sample.took_ms).collect();
    let [median, p99, longest] = percentiles(&mut times);
    let Class { name, bound_s, .. } = class;
    assert!(longest <= bound_s * 1000, "{name}: {} is too long", seconds(longest));
    let [median, p99, longest] = [median, p99, longest].map(seconds);
    let share = stayed_up * 100 / samples.len();
    format!("| {name} | {share} % | {median} | {p99} | {longest} | {bound_s} s |\n")
}

/// One router, well for a while, then with the fault.
fn sample(class: &Class, seed: u64) -> Sample {
    let own: u64 = class.name.bytes().map(u64::from).sum();
    let mut dice = Dice::new((seed + (own << 32)).wrapping_mul(0x5851_F42D_4C95_7F2D));
    let mut router = Router::seeded(seed);
    router.auto_interface("wan", &format!("apn=internet pincode={PIN} {}", class.options));
    let modem = [
        format!("latency={} pin={PIN} puk={PUK}", dice.between(5, 50)),
        format!("boot={} simready={}", dice.between(5_000, 15_000), dice.between(100, 3_000)),
        format!("reg={} bearer={}", dice.between(500, 5_000), dice.between(300, 2_000)),
        class.modem.into(),
    ];
    router.plug(PATH, &modem.join(" "));
    router.ifup("wan");
    router.run_until_up("wan", 60_000);
    router.run_for(dice.between(60_000, 120_000));
    let before = router.trace.len();
    let lasts_ms = dice.between(class.lasts_ms.0, class.lasts_ms.1);
    act(&mut router, *dice.pick(class.acts), lasts_ms, &mut dice);
    let end = router.now_ms();
    let is_well = |router: &Router| is_well(router, class.families);
    router.run_until_so(class.name, WAIT_MS, is_well);
    let mut took = router.now_ms() - end;
    // What it does only now would be no recovery.
    let mut well_since = router.now_ms();
    let watch_until = well_since + 90_000;
    while router.now_ms() < watch_until {
        router.step_until(watch_until);
        if !is_well(&router) {
            router.run_until_so(class.name, WAIT_MS, is_well);
            well_since = router.now_ms();
            took = well_since - end;
        }
    }
    let fell = |what: &str| matches!(what, "wan is pending" | "wan is down");
    let is_new = matches!(class.acts, [Act::RestartNetifd | Act::Reboot]);
    let stayed_up = !is_new && !router.trace.iter().skip(before).any(|(_, what)| fell(what));
    Sample { took_ms: u32::try_from(took).unwrap_or(u32::MAX), stayed_up }
}

/// Up, with the addresses that the network gives, of so many families at least.
fn is_well(router: &Router, families: usize) -> bool {
    let network = &router.modem(PATH).world.network;
    router.is_up("wan") && router.is_daemon_awake() && !router.is_bus_down() && {
        let config = &router.link("wan").config;
        let v4 = config.v4.as_ref().map(|v4| v4.address);
        let v6 = config.v6.as_ref().map(|v6| v6.address);
        let is_v4 = network.bearer(Family::V4).map(|_| network.v4().address) == v4;
        let is_v6 = network.bearer(Family::V6).map(|_| network.v6().address) == v6;
        is_v4 && is_v6 && network.bearers.len() >= families
    }
}

/// Does it, and waits until it is over.
fn act(router: &mut Router, act: Act, lasts_ms: u64, dice: &mut Dice) {
    match act {
        Once(line) => {
            router.tell(PATH, line);
            if line.starts_with("re") {
                router.run_until_so("it is back", 60_000, |r| r.modem(PATH).is_attached());
            }
        }
        Lasting(begin, end) => {
            begin.lines().for_each(|line| router.tell(PATH, line));
            router.run_for(lasts_ms);
            router.tell(PATH, end);
        }
        Act::KillDaemon => {
            router.kill_daemon();
            router.run_for(lasts_ms);
            router.start_daemon();
        }
        Act::FreezeDaemon => {
            router.freeze_daemon(lasts_ms);
            // Whatever it misses meanwhile.
            let missed = *dice.pick(&["drop all", "address all", "signal -71 -11 -100 30"]);
            router.tell(PATH, missed);
            router.run_for(lasts_ms);
        }
        Act::Suspend => router.suspend(lasts_ms),
        Act::RestartNetifd => router.restart_netifd(),
        Act::RestartUbusd => {
            router.restart_ubusd(lasts_ms);
            router.run_for(lasts_ms);
        }
        Act::Reboot => router.reboot(),
        Act::Renumber => {
            router.take_numbers(usize::try_from(dice.between(1, 4)).unwrap_or(1));
            router.tell(PATH, "replug 3000");
            router.run_until_so("it is back", 60_000, |r| r.modem(PATH).is_attached());
        }
    }
}

#[test]
fn each_fault_is_over_within_its_bound() {
    for class in NETWORK.iter().chain(&MODEM).chain(&ROUTER) {
        for seed in 0..5 {
            let Sample { took_ms, .. } = sample(class, seed);
            assert!(took_ms <= class.bound_s * 1000, "{}: {took_ms} ms", class.name);
        }
    }
}
