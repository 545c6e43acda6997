//! What chance does to the router, and how the router is made.

use ltewan::types::Table;

use super::dice::Dice;
use super::dual::is_dual;
use super::faults::{EVENTS, FAULTS, REFUSED};
use super::reference::{Kind, PIN, PUK, Settings, WRONG_PIN};
use super::walk::{TRANSIENT_MS, Walk};

/// Every so many seeds, one is long and quiet.
const QUIET_EVERY: u64 = 5;

/// Whether a seed's walk is long and quiet.
pub(crate) fn is_quiet(seed: u64) -> bool {
    seed % QUIET_EVERY == QUIET_EVERY - 1
}

/// Whether a seed's modems are of every kind, and its owner does more than connect. The seeds that
/// are kept from before there were such are none of them.
pub(crate) fn is_mixed(seed: u64) -> bool {
    matches!(seed % 10, 2 | 4 | 6)
}

/// The dialects of modems that are dialled over AT and tell when a call ends.
const DIALECTS: [&str; 9] =
    ["quectel", "huawei", "sierra", "simcom", "fibocom", "telit", "mediatek", "xmm", "zte"];

/// What no modem that is dialled over a serial port meets: what is lost or said twice there is lost
/// for good, and its one context has both families and one address, for as long as it is up.
const NOT_SERIAL: [&str; 4] = ["loss", "duplicates", "garbage", "address change"];

/// The same of kinds that it meets otherwise; one that answers as late is not taken for a modem.
const NOT_SERIAL_LINES: [&str; 4] = ["drop v4", "drop v6", "drop v4 3 2001", "latency at 4000"];

/// How long and how eventful a walk is, and what its modems are like.
pub(crate) struct Plan {
    pub(super) length_ms: u64,
    pub(super) is_quiet: bool,
    pub(super) is_mixed: bool,
    pub(super) is_dual: bool,
}

impl Plan {
    pub(super) fn of(seed: u64, dice: &mut Dice) -> Self {
        let is_quiet = is_quiet(seed);
        let hours = 3_600_000;
        let length_ms = if is_quiet {
            dice.between(6 * hours, 32 * hours)
        } else {
            dice.between(300_000, 1_500_000)
        };
        Self { length_ms, is_quiet, is_mixed: is_mixed(seed), is_dual: is_dual(seed) }
    }

    pub(super) fn pause(&self, dice: &mut Dice) -> u64 {
        // In a quiet walk things happen in bursts, hours apart.
        let is_burst = !self.is_quiet || !dice.one_in(4);
        let pause = if is_burst {
            *dice.pick(&[0, 1, 30, 500, 2_000, 9_000, 25_000, 60_000])
        } else {
            *dice.pick(&[600_000, 3_600_000, 14_400_000, 28_800_000])
        };
        pause + dice.below(pause / 2 + 1)
    }

    /// A modem's settings and the PIN configured for its SIM.
    pub(super) fn modem(
        &self,
        dice: &mut Dice,
        latency_ms: &mut u64,
    ) -> (String, Option<&'static str>, Kind) {
        let (kind, front) = self.front(dice);
        let latency = if self.is_quiet { 0 } else { *dice.pick(&[0, 0, 1, 20, 200]) };
        *latency_ms = latency.max(*latency_ms);
        let mut settings = vec![
            format!("{front} latency={latency} pin={PIN} puk={PUK}"),
            format!("bearer={}", dice.pick(&[0, 100, 900, 4_000])),
            format!("simready={}", dice.pick(&[0, 0, 1_000, 8_000])),
            format!("reg={}", dice.pick(&[0, 500, 5_000])),
            format!("boot={}", dice.pick(&[500, 3_000, 10_000])),
            format!("chunk={}", dice.pick(&[0, 0, 1, 7])),
            format!("mode={}", dice.pick(&["online", "online", "low"])),
            format!("indicate={}", dice.pick(&["owner", "all"])),
            format!("link={}", dice.pick(&["both", "both", "raw"])),
            format!("uim={}", dice.pick(&["whole", "whole", "whole", "nopins", "none"])),
        ];
        let (sim, pin) = match dice.below(20) {
            0..11 => ("", None),
            11 => ("", Some(PIN)),
            12..16 => ("sim=pin", Some(PIN)),
            16 => ("sim=pin", Some(WRONG_PIN)),
            17 => ("sim=pin", None),
            18 => ("sim=pin retries=1", Some(PIN)),
            _ => ("sim=puk", Some(PIN)),
        };
        if self.is_dual {
            // Before the first SIM is made other than new, for the second is like it.
            settings.push(Self::slots(dice).into());
        }
        settings.push(sim.into());
        (settings.join(" "), pin, kind)
    }

    fn front(&self, dice: &mut Dice) -> (Kind, String) {
        if !self.is_mixed {
            return (Kind::Qmi, String::new());
        }
        let kind = *dice.pick(&[Kind::Qmi, Kind::Mbim, Kind::Mbim, Kind::At, Kind::At, Kind::Ppp]);
        let dialect = if self.is_dual { "quectel" } else { dice.pick(&DIALECTS) };
        let front = match kind {
            Kind::Qmi => String::new(),
            Kind::Mbim => "front=mbim".to_owned(),
            Kind::At => format!("front=at dialect={dialect}"),
            Kind::Ppp => format!("front=at usb=none dialect={dialect}"),
        };
        (kind, format!("{front} messages=on"))
    }
}

impl Walk {
    /// Does one thing.
    pub(super) fn act(&mut self) {
        let index = usize::try_from(self.dice.below(self.wishes.len() as u64)).unwrap_or(0);
        let path = self.wishes[index].modem.clone();
        if self.plan.is_mixed && self.dice.one_in(4) {
            return self.act_as_owner(index);
        }
        if self.plan.is_dual && self.dice.one_in(4) {
            return self.act_on_slots();
        }
        match self.dice.below(40) {
            0..9 => {
                let (kind, event) = *self.dice.pick(&EVENTS);
                if self.is_met(index, kind, event) {
                    self.tell(kind, &path, event);
                }
            }
            9..19 => self.begin_fault(index, &path),
            19..23 => self.touch_interface(index),
            23..29 => self.disturb_programs(),
            29 => self.configure_anything(),
            30 => self.reconfigure(index),
            31..34 => self.call_method(&path, index),
            34..36 => self.touch_card(index, &path),
            36 => self.refuse(),
            37 => self.renumber(&path),
            _ if self.router.answers() => drop(self.router.status()),
            _ => {}
        }
    }

    fn begin_fault(&mut self, index: usize, path: &str) {
        let fault = *self.dice.pick(&FAULTS);
        if !self.is_met(index, fault.kind, fault.begin) {
            return;
        }
        self.refused |= matches!(fault.begin, "policy reject 33" | "apn elsewhere");
        self.refused |= fault.begin.ends_with("only");
        if let Some(ms) = fault.begin.strip_prefix("latency ") {
            let ms = ms.split(' ').next_back().and_then(|ms| ms.parse().ok()).unwrap_or(0);
            self.latency_ms = self.latency_ms.max(ms);
        }
        self.tell(fault.kind, path, fault.begin);
        if !self.dice.one_in(4) {
            let pause = *self.dice.pick(&[10, 1_000, 5_000, 40_000]);
            self.run_for(pause);
            if fault.end != "sim insert" || !self.router.modem(path).world.uicc.is_present() {
                self.router.tell(path, fault.end);
            }
        }
    }

    /// Whether a modem of that kind meets this at all.
    fn is_met(&self, index: usize, kind: &str, line: &str) -> bool {
        let is_serial = matches!(self.wishes[index].kind, Kind::At | Kind::Ppp);
        !is_serial || !NOT_SERIAL.contains(&kind) && !NOT_SERIAL_LINES.contains(&line)
    }

    fn tell(&mut self, kind: &'static str, path: &str, line: &str) {
        // What is not on the bus cannot be restarted or pulled.
        if self.router.modem(path).is_attached() || !line.starts_with("re") {
            self.tally.fault(kind);
            self.refused |= line == "drop all 33";
            self.router.tell(path, line);
        }
    }

    fn touch_interface(&mut self, index: usize) {
        self.tally.fault("ifup, ifdown");
        let name = self.wishes[index].name.clone();
        match self.dice.below(4) {
            0 => {
                self.router.ifdown(&name);
                self.wishes[index].wanted = false;
                return;
            }
            1 => {
                self.router.ifdown(&name);
                let pause = self.dice.below(3_000);
                self.run_for(pause);
                self.router.ifup(&name);
            }
            _ => self.router.ifup(&name),
        }
        (self.wishes[index].wanted, self.wishes[index].may_be_blocked) = (true, false);
    }

    /// netifd sets up what is to be set up when it starts, whatever was before.
    fn all_wanted(&mut self) {
        for wish in &mut self.wishes {
            (wish.wanted, wish.may_be_blocked) = (true, false);
        }
    }

    fn disturb_programs(&mut self) {
        let pause = *self.dice.pick(&[10, 700, 5_000, 40_000]);
        match self.dice.below(10) {
            0..3 => {
                self.tally.fault("daemon killed");
                self.router.restart_daemon();
            }
            3 => {
                self.tally.fault("daemon killed");
                self.router.kill_daemon();
                self.run_for(pause);
                if self.router.manager.is_none() {
                    self.router.start_daemon();
                }
            }
            4 => {
                self.tally.fault("netifd restart");
                self.router.restart_netifd();
                self.all_wanted();
            }
            5 => {
                self.tally.fault("ubusd restart");
                self.router.restart_ubusd(pause);
            }
            6 => {
                self.tally.fault("router restart");
                self.end_before_restart();
                self.take_trials_back();
                self.router.reboot();
                self.all_wanted();
            }
            7 => {
                self.tally.fault("daemon gets no time");
                self.router.freeze_daemon(pause);
            }
            8 => {
                self.tally.fault("clock jump");
                self.router.suspend(pause);
            }
            _ => {
                self.tally.fault("clock jump");
                self.router.suspend(pause * 100);
            }
        }
    }

    /// Writes `/etc/config/ltewan`.
    pub(super) fn set(&mut self, text: &str, settings: Settings) {
        self.settings = settings;
        let text = self.dual_config().unwrap_or_else(|| text.to_owned());
        self.router.configure(&text);
    }

    fn configure_anything(&mut self) {
        if !self.router.answers() {
            return;
        }
        self.tally.fault("configuration change");
        let mut settings = Settings::default();
        let mut text = String::new();
        for path in self.modems() {
            let section = format!("config modem\n option match '{path}'\n");
            match self.dice.below(6) {
                0 => {
                    text += &format!("{section} option enabled '0'\n");
                    settings.disabled.insert(path);
                }
                1 => text += &format!("{section} list mode 'lte'\n"),
                _ => {}
            }
        }
        if self.dice.one_in(3) {
            text += "config sim\n option imsi '262*'\n option allow_roaming '1'\n";
            settings.roaming = true;
        }
        self.set(&text, settings);
    }

    /// The interface's options change and it is set up anew.
    fn reconfigure(&mut self, index: usize) {
        self.tally.fault("configuration change");
        let wish = &mut self.wishes[index];
        match self.dice.below(3) {
            0 => wish.apn = *self.dice.pick(&["internet", "corporate"]),
            1 => wish.families = *self.dice.pick(&[(true, true), (true, false), (false, true)]),
            // What is asked over PPP nobody here answers.
            _ => wish.check = !wish.check && wish.kind != Kind::Ppp,
        }
        (wish.wanted, wish.may_be_blocked) = (true, false);
        let name = wish.name.clone();
        self.configure_interface(index);
        self.router.ifup(&name);
    }

    fn call_method(&mut self, path: &str, index: usize) {
        self.tally.fault("call in between");
        let name = self.wishes[index].name.clone();
        let modem = Table::new().with("modem", path);
        let interface = Table::new().with("interface", name.as_str());
        let (method, args) = match self.dice.below(10) {
            0 => ("reset", modem.with("level", "redial")),
            1 => ("reset", modem.with("level", "radio")),
            2 => ("reset", modem.with("level", "reset")),
            3 => ("at", modem.with("command", "AT+CSQ")),
            4 => ("at", modem.with("command", "AT+CGMI").with("timeout_ms", 300_000)),
            5 => ("diagnose", Table::new()),
            6 => ("info", modem),
            7 => ("reconnect", interface),
            8 if self.router.answers() => {
                (self.wishes[index].wanted, self.wishes[index].may_be_blocked) = (true, false);
                ("connect", interface)
            }
            _ => {
                let action = *self.dice.pick(&["unlock", "disable", "enable"]);
                ("pin", modem.with("action", action).with("pin", self.pin_of(path)))
            }
        };
        self.router.start_call(method, args);
        self.router.settle();
    }

    /// Something happens to the SIM that does not pass by itself.
    fn touch_card(&mut self, index: usize, path: &str) {
        self.tally.fault("PIN state");
        let is_in = self.router.modem(path).world.uicc.is_present();
        let change = *self.dice.pick(&["sim pin", "sim pin", "sim ready", "sim puk"]);
        if is_in && (change != "sim puk" || self.dice.one_in(4)) {
            // A SIM without attempts asks for the PUK; only QMI takes that from one that does not.
            let is_spent = self.router.modem(path).world.uicc.pin_retries == 0;
            if change == "sim pin" && is_spent && self.wishes[index].kind != Kind::Qmi {
                return;
            }
            self.router.tell(path, change);
        }
    }

    fn refuse(&mut self) {
        self.tally.fault("messages refused");
        let (message, error) = *self.dice.pick(&REFUSED);
        self.router.refusals.add(message, error);
        let pause = *self.dice.pick(&[100, 5_000, 60_000]);
        self.run_for(pause);
        self.router.refusals.clear();
    }

    /// The modem comes back under other names.
    fn renumber(&mut self, path: &str) {
        self.tally.fault("replug under another number");
        let taken = usize::try_from(self.dice.below(5)).unwrap_or(0);
        self.router.take_numbers(taken);
        if self.router.modem(path).is_attached() {
            self.router.tell(path, "replug 1500");
        }
    }

    /// Something that stays until the owner does something about it.
    pub(super) fn lasting_obstacle(&mut self) {
        let index = usize::try_from(self.dice.below(self.wishes.len() as u64)).unwrap_or(0);
        let path = self.wishes[index].modem.clone();
        self.run_for(TRANSIENT_MS);
        match self.dice.below(6) {
            0 => {
                let mut settings = Settings::default();
                settings.disabled.insert(path.clone());
                let section = format!("config modem\n option match '{path}'\n");
                self.set(&format!("{section} option enabled '0'\n"), settings);
            }
            1 => {
                let name = self.wishes[index].name.clone();
                self.router.ifdown(&name);
                self.wishes[index].wanted = false;
            }
            2 if self.router.modem(&path).is_attached() => self.router.tell(&path, "unplug"),
            _ => {
                let lasting = ["deny 15", "coverage none", "policy reject 33", "sim absent"];
                let line = *self.dice.pick(&lasting);
                self.refused |= line == "policy reject 33";
                self.router.tell(&path, line);
            }
        }
    }
}
