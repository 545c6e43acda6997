//! A seeded random walk over everything that can happen to a router.
//!
//! Each seed makes a router, does to it what chance says for ten virtual minutes with the
//! invariants held against every moment, then ends all faults: within a bounded time every
//! interface that is to be up is up. `LTEWAN_SEED=n` walks one seed and prints its story,
//! `LTEWAN_SEEDS=n` walks four times as many.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use ltewan::types::Table;

use super::invariants::clients;
use super::router::Router;

/// How many seeds each of the walks takes.
const SEEDS: u64 = 75;

/// How long faults go on.
const FAULTS_MS: u64 = 600_000;

/// Within this time of the last fault, all is well. The longest back-off is 75 s.
const RECOVERY_MS: u64 = 120_000;

/// The same after the network has refused what is configured, which is tried more rarely.
const RECOVERY_REFUSED_MS: u64 = 780_000;

#[test]
fn whatever_happens_the_invariants_hold_and_the_interface_comes_back_first() {
    walk_all(0);
}

#[test]
fn whatever_happens_the_invariants_hold_and_the_interface_comes_back_second() {
    walk_all(1);
}

#[test]
fn whatever_happens_the_invariants_hold_and_the_interface_comes_back_third() {
    walk_all(2);
}

#[test]
fn whatever_happens_the_invariants_hold_and_the_interface_comes_back_fourth() {
    walk_all(3);
}

fn walk_all(part: u64) {
    if let Ok(seed) = std::env::var("LTEWAN_SEED") {
        let seed = seed.parse().expect("a number in LTEWAN_SEED");
        if part == 0 {
            for (at, text) in Walk::new(seed).run().trace {
                eprintln!("{at:?}  {text}");
            }
        }
        return;
    }
    let seeds = std::env::var("LTEWAN_SEEDS")
        .map_or(SEEDS, |seeds| seeds.parse().expect("a number in LTEWAN_SEEDS"));
    for seed in part * seeds..(part + 1) * seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| Walk::new(seed).run())) {
            eprintln!("again with LTEWAN_SEED={seed}");
            resume_unwind(panic);
        }
    }
}

/// Chance: SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = self.below(u64::try_from(of.len()).unwrap());
        &of[usize::try_from(index).unwrap()]
    }
}

/// What can be done to a modem without anything left to undo.
const EVENTS: [&str; 24] = [
    "drop all",
    "drop v4",
    "drop v6",
    "drop all 26",
    "drop all 2 237",
    "address v4",
    "address v6",
    "address all",
    "lose 1",
    "lose 3",
    "duplicate 2",
    "duplicate 20",
    "signal -71 -11 -100 30",
    "urc RING",
    "urc +CREG: 1",
    "sim notready 0",
    "sim notready 3000",
    "replug 0",
    "replug 2000",
    "replug 30000",
    "reset 500",
    "reset 5000",
    "mtu 1400",
    "mtu 1500",
];

/// Faults that last, and what ends each.
const FAULTS: [(&str, &str); 18] = [
    ("silence on", "silence off"),
    ("silence on", "silence off"),
    ("hang on", "hang off"),
    ("split 1", "split 0"),
    ("split 13", "split 0"),
    ("garbage 00ff", "garbage off"),
    ("garbage 01", "garbage off"),
    ("latency 300", "latency 0"),
    ("latency 1500", "latency 0"),
    ("latency at 4000", "latency at 0"),
    ("policy v4only", "policy allow"),
    ("policy v6only", "policy allow"),
    ("policy reject 26", "policy allow"),
    ("policy reject 33", "policy allow"),
    ("coverage none", "coverage home"),
    ("coverage roaming", "coverage home"),
    ("deny 15", "coverage home"),
    ("sim absent", "sim insert"),
];

const CONFIGS: [&str; 4] = [
    "",
    "config modem\n option match 'usb:1-1'\n option enabled '0'\n",
    "config modem\n option match 'usb:1-2'\n list mode 'lte'\n",
    "config sim\n option imsi '262*'\n option allow_roaming '1'\n",
];

struct Walk {
    dice: Dice,
    router: Router,
    modems: Vec<String>,
    interfaces: Vec<String>,
    /// The SIMs' PIN is not the one configured.
    wrong_pin: bool,
    refused: bool,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let count = 1 + dice.below(2);
        let wrong_pin = dice.one_in(15);
        let mut router = Router::seeded(seed);
        let paths = ["usb:1-1", "usb:1-2"];
        let names = ["wana", "wanb"];
        let modems: Vec<String> =
            paths.iter().take(count.try_into().unwrap()).map(ToString::to_string).collect();
        let interfaces: Vec<String> =
            names.iter().take(count.try_into().unwrap()).map(ToString::to_string).collect();
        let pin = if wrong_pin { "9999" } else { "1234" };
        for name in &interfaces {
            router.auto_interface(name, &format!("apn=internet pincode={pin}"));
        }
        let mut walk = Self { dice, router, modems, interfaces, wrong_pin, refused: false };
        walk.plug_all();
        walk
    }

    fn plug_all(&mut self) {
        for path in self.modems.clone() {
            let dice = &mut self.dice;
            let mut settings = vec![
                format!("latency={}", dice.pick(&[0, 0, 1, 20, 200])),
                format!("bearer={}", dice.pick(&[0, 100, 900, 4_000])),
                format!("simready={}", dice.pick(&[0, 0, 1_000, 8_000])),
                format!("reg={}", dice.pick(&[0, 500, 5_000])),
                format!("boot={}", dice.pick(&[500, 3_000, 10_000])),
                format!("chunk={}", dice.pick(&[0, 0, 1, 7])),
                format!("mode={}", dice.pick(&["online", "online", "low"])),
                format!("indicate={}", dice.pick(&["owner", "all"])),
                format!("link={}", dice.pick(&["both", "both", "raw"])),
                format!("front={}", dice.pick(&["qmi", "mbim"])),
                format!("transfer={}", dice.pick(&["4096", "4096", "64"])),
                format!("families={}", dice.pick(&["both", "both", "single"])),
                format!("attach={}", dice.pick(&["itself", "itself", "host"])),
            ];
            if self.wrong_pin || dice.one_in(3) {
                settings.push("sim=pin".into());
            }
            self.router.plug(&path, &settings.join(" "));
            if dice.one_in(2) {
                let later = self.router.now + ltewan::time::Duration::from_millis(700);
                self.router.sockets.0.get_mut(&path).unwrap().serial_at = Some(later);
            }
            self.router.run_for(50);
        }
        for name in self.interfaces.clone() {
            self.router.ifup(&name);
        }
    }

    fn run(mut self) -> Router {
        while self.router.now_ms() < FAULTS_MS {
            let pause = *self.dice.pick(&[0, 1, 30, 500, 2_000, 9_000, 25_000, 60_000]);
            let pause = pause + self.dice.below(pause / 2 + 1);
            self.router.run_for(pause);
            self.act();
        }
        self.end_faults();
        self.recover();
        self.router
    }

    fn act(&mut self) {
        let path = self.dice.pick(&self.modems).clone();
        let interface = self.dice.pick(&self.interfaces).clone();
        match self.dice.below(32) {
            0..10 => {
                let event = *self.dice.pick(&EVENTS);
                self.tell(&path, event);
            }
            10..18 => {
                let (fault, end) = *self.dice.pick(&FAULTS);
                self.refused |= fault == "policy reject 33";
                self.tell(&path, fault);
                if !self.dice.one_in(4) {
                    let pause = *self.dice.pick(&[10, 1_000, 5_000, 40_000]);
                    self.router.run_for(pause);
                    self.tell(&path, end);
                }
            }
            18 => self.router.ifdown(&interface),
            19..21 => self.router.ifup(&interface),
            21 => {
                self.router.ifdown(&interface);
                let pause = self.dice.below(3_000);
                self.router.run_for(pause);
                self.router.ifup(&interface);
            }
            22..25 => self.router.restart_daemon(),
            25 => {
                self.router.kill_daemon();
                let pause = *self.dice.pick(&[10, 5_000, 40_000]);
                self.router.run_for(pause);
                self.router.start_daemon();
            }
            26 => self.router.restart_netifd(),
            27 if self.dice.one_in(3) => self.router.reboot(),
            28 => {
                let config = *self.dice.pick(&CONFIGS);
                self.router.configure(config);
            }
            29 => {
                let level = *self.dice.pick(&["redial", "radio", "reset"]);
                let args = Table::new().with("modem", path).with("level", level);
                let _ = self.router.call("reset", args);
            }
            30 => {
                let args = Table::new().with("modem", path).with("command", "AT+CSQ");
                self.router.start_call("at", args);
                self.router.settle();
            }
            _ => drop(self.router.status()),
        }
    }

    fn tell(&mut self, path: &str, line: &str) {
        // What is not on the bus cannot be restarted or pulled.
        if self.router.modem(path).is_attached() || !line.starts_with("re") {
            self.router.tell(path, line);
        }
    }

    fn end_faults(&mut self) {
        self.router.note("the faults end".into());
        for path in self.modems.clone() {
            for (_, end) in FAULTS {
                let present = self.router.modem(&path).world.uicc.is_present();
                if end != "sim insert" || !present {
                    self.router.tell(&path, end);
                }
            }
            for end in ["lose 0", "duplicate 0"] {
                self.router.tell(&path, end);
            }
        }
        self.router.configure("");
        for name in self.interfaces.clone() {
            if !self.router.netifd.interfaces[&name].autostart && !self.wrong_pin {
                self.router.ifup(&name);
            }
        }
    }

    fn recover(&mut self) {
        let limit = if self.refused { RECOVERY_REFUSED_MS } else { RECOVERY_MS };
        let interfaces = self.interfaces.clone();
        if self.wrong_pin {
            self.router.run_for(limit);
        } else {
            let all_up = |router: &Router| interfaces.iter().all(|name| router.is_up(name));
            self.router.run_until_so("every interface is up", limit, all_up);
            self.router.run_for(30_000);
            assert!(all_up(&self.router), "it did not stay up\n{}", self.router.tail());
        }
        for path in &self.modems {
            let modem = self.router.modem(path);
            let uicc = &modem.world.uicc;
            assert!(uicc.pin_rejections <= 1, "{}", self.router.tail());
            assert_eq!(uicc.puk_attempts, 0);
            if !self.wrong_pin {
                assert_eq!(uicc.pin_rejections, 0);
                let held = clients(modem);
                assert!(held.len() <= 16, "{held:?}\n{}", self.router.tail());
            }
        }
    }
}
