//! One seed: a router, what chance does to it, and what must have become of it.
//!
//! Most walks are short and eventful, some are days long and mostly quiet. Now and then, and at
//! the end, nothing is done until the reference model must be right.

use ltewan::time::Duration;
use ltewan::types::Table;

use super::acts::Plan;
use super::dice::Dice;
use super::dual::Dual;
use super::faults;
use super::owner::Mail;
use super::reference::{
    Expected, Kind, OTHER_PIN, OWNER_HAS_IT_DOWN, PASSWORD, PIN, PUK, Settings, WRONG_PIN, Wish,
    expected, is_up_to_the_owner,
};
use super::tally::Tally;
use crate::fuzz::log_check;
use crate::virtual_router::Router;
use crate::virtual_router::sabotage::Sabotage;

/// What goes away by itself is gone within this time: replugs, restarts, stalls.
pub(super) const TRANSIENT_MS: u64 = 45_000;

/// Within this time of the last fault, all is well. The longest back-off is 75 s; and modems take
/// their time to boot, to read the SIM, to register and to dial.
const RECOVERY_MS: u64 = 150_000;

/// The same after the network has refused what is configured, which is tried more rarely: the
/// longest wait is 600 s, a quarter more or less.
const RECOVERY_REFUSED_MS: u64 = 810_000;

/// A trial of bands, or of a network, ends within this time more.
const TRIAL_MS: u64 = 400_000;

/// An AT port whose answers are this late is not known to be one.
const AT_TOO_LATE: Duration = Duration::from_secs(3);

/// The other SIM is tried, and the first again, within this time more.
const OTHER_SIM_MS: u64 = 400_000;

/// What is to stay down is watched for this long.
const WATCH_MS: u64 = 60_000;

/// A client id that could not be given back is tried again for 600 s.
const REST_MS: u64 = 700_000;

/// How a walk is made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Print what happens as it happens.
    pub(crate) is_told: bool,
    pub(crate) sabotage: Option<Sabotage>,
}

/// A router and what is done to it.
pub(crate) struct Walk {
    pub(super) dice: Dice,
    pub(super) router: Router,
    pub(super) wishes: Vec<Wish>,
    pub(super) settings: Settings,
    pub(super) tally: Tally,
    /// The network refused what is configured since all was well.
    pub(super) refused: bool,
    /// Bands or networks were chosen since all was well.
    pub(super) chosen: bool,
    pub(super) mail: Mail,
    /// The longest that the modems have taken for a reply.
    pub(super) latency_ms: u64,
    pub(super) plan: Plan,
    /// The places for SIMs, where there are two.
    pub(super) dual: Option<Dual>,
}

impl Walk {
    /// Walks a seed; panics with the name of what did not hold.
    pub(crate) fn run(seed: u64, options: Options) -> Tally {
        log_check::watch();
        let mut walk = Self::new(seed, options);
        walk.plug_all();
        let end_ms = walk.plan.length_ms;
        while walk.router.now_ms() < end_ms {
            let pause = walk.plan.pause(&mut walk.dice);
            walk.run_for(pause);
            walk.act();
            walk.note_pins();
            if walk.dice.one_in(12) {
                walk.rest();
            }
        }
        walk.finish();
        log_check::forbid(Vec::new());
        walk.tally.seeds = 1;
        walk.tally.time = Duration::from_millis(walk.router.now_ms());
        walk.tally
    }

    fn new(seed: u64, options: Options) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::of(seed, &mut dice);
        let mut router = Router::seeded(seed);
        router.is_told = options.is_told;
        router.trace_max = 200;
        router.sabotage = options.sabotage;
        router.secrets = [PIN, WRONG_PIN, PUK, PASSWORD].map(String::from).to_vec();
        Self {
            dice,
            router,
            wishes: Vec::new(),
            settings: Settings::default(),
            tally: Tally::default(),
            refused: false,
            chosen: false,
            mail: Mail::default(),
            latency_ms: 0,
            plan,
            dual: None,
        }
    }

    fn plug_all(&mut self) {
        let count = if self.dice.one_in(3) && !self.plan.is_dual { 2 } else { 1 };
        for number in 1..=count {
            let path = format!("usb:1-{number}");
            let (settings, pin, kind) = self.plan.modem(&mut self.dice, &mut self.latency_ms);
            let wish = Wish {
                name: format!("wan{number}"),
                modem: path.clone(),
                kind,
                wanted: true,
                pin,
                families: (true, true),
                check: self.dice.one_in(4) && kind != Kind::Ppp,
                apn: "internet",
                may_be_blocked: false,
            };
            self.wishes.push(wish);
            self.configure_interface(number - 1);
            let late_ms = if self.dice.one_in(2) { 700 } else { 0 };
            self.router.plug_in_parts(&path, &settings, 0, late_ms);
            let modem = self.router.modem(&path);
            let cards = modem.world.cards().into_iter();
            let mut known: Vec<String> =
                cards.flat_map(|uicc| [uicc.imsi.clone(), uicc.iccid.clone()]).collect();
            known.push(modem.config().identity.imei.clone());
            self.router.identities.extend(known);
            self.run_for(50);
        }
        if self.plan.is_dual {
            self.begin_dual();
        }
        let router = &self.router;
        log_check::forbid(router.secrets.iter().chain(&router.identities).cloned().collect());
        for wish in self.wishes.clone() {
            self.router.ifup(&wish.name);
        }
        self.note_pins();
    }

    /// Writes an interface into the configuration as it is wished for.
    pub(super) fn configure_interface(&mut self, index: usize) {
        let wish = &self.wishes[index];
        let mut options = format!("device={} apn={} username=u", wish.modem, wish.apn);
        options += &format!(" password={PASSWORD}");
        // With two SIMs it is the profile of one of them that has it.
        if let Some(pin) = wish.pin.filter(|_| !self.plan.is_dual) {
            options += &format!(" pincode={pin}");
        }
        options += match wish.families {
            (true, true) => "",
            (true, false) => " pdptype=ipv4",
            (false, _) => " pdptype=ipv6",
        };
        if wish.check {
            options += " check=ping check_host=192.0.2.1 check_host=2001:db8::1 check_failures=3";
        }
        let name = wish.name.clone();
        self.router.auto_interface(&name, &options);
    }

    pub(super) fn run_for(&mut self, ms: u64) {
        self.router.run_for(ms);
    }

    /// Remembers which interfaces may have been blocked.
    pub(super) fn note_pins(&mut self) {
        for wish in &mut self.wishes {
            let modem = self.router.modem(&wish.modem);
            wish.may_be_blocked |= wish.wanted && is_up_to_the_owner(modem, wish);
        }
    }

    fn expected(&mut self) -> Vec<(String, Expected)> {
        let wishes = self.wishes.clone();
        let one = |wish: &Wish| {
            let of_slots = self.of_slots(wish);
            let expected = expected(&self.router, wish, &self.settings, of_slots);
            let expected =
                self.of_choice(wish).filter(|_| expected == Expected::Up).unwrap_or(expected);
            (wish.name.clone(), expected)
        };
        wishes.iter().map(one).collect()
    }

    /// What the model makes of bands that an MBIM modem is to use: they are taken back over AT.
    fn of_choice(&self, wish: &Wish) -> Option<Expected> {
        let is_late = self.router.modem(&wish.modem).at_latency() >= AT_TOO_LATE;
        let is_it = self.chosen && wish.kind == Kind::Mbim && is_late;
        is_it.then_some(Expected::Open("its AT port answers too late for bands to be taken back"))
    }

    fn limit_ms(&self) -> u64 {
        let limit = if self.refused { RECOVERY_REFUSED_MS } else { RECOVERY_MS };
        let trial = if self.chosen { TRIAL_MS } else { 0 };
        let other_sim = if self.plan.is_dual { OTHER_SIM_MS } else { 0 };
        limit + trial + other_sim + self.latency_ms * 60
    }

    /// Does nothing until what the model says must have come true.
    pub(super) fn rest(&mut self) {
        self.tally.fault("(rest)");
        self.router.refusals.clear();
        let start = self.router.now_ms();
        self.run_for(TRANSIENT_MS);
        let expected = self.expected();
        let resets = (self.resets(), self.slot_orders());
        let ups: Vec<&String> =
            expected.iter().filter(|(_, is)| *is == Expected::Up).map(|(name, _)| name).collect();
        let all_up = |router: &Router| ups.iter().all(|name| router.is_up(name));
        self.router.note(format!("expected: {expected:?}"));
        if !self.wait_until(all_up) && self.open_held_sims() {
            self.tally.allow("a PIN that had no answer is held back");
        }
        self.router.run_until_so("[it_recovers]", self.limit_ms(), all_up);
        let is_all = ups.len() == expected.len();
        let took = self.router.now_ms() - start;
        // What is to be down, is by now.
        self.run_for(WATCH_MS.saturating_sub(took));
        for _ in 0..3 {
            // Recovery restarts a modem, which ends what was wrong with it, and what was right.
            if (self.resets(), self.slot_orders()) != resets {
                self.tally.allow("a modem was restarted, or its SIM changed, meanwhile");
                break;
            }
            if self.chosen {
                // A choice that nobody answered is left late, for which the modem registers anew.
                self.router.run_until_so("[the_model_holds]", RECOVERY_MS, all_up);
            }
            for (name, expected) in &expected {
                let is_up = self.router.is_up(name);
                let fits = match expected {
                    Expected::Up => is_up,
                    Expected::Down(_) => !is_up,
                    Expected::Open(why) => {
                        self.tally.allow(why);
                        true
                    }
                };
                let tail = || self.router.tail();
                assert!(fits, "[the_model_holds] {name} {is_up}: {expected:?}\n{}", tail());
            }
            self.run_for(WATCH_MS / 3);
        }
        if is_all && !self.modems().iter().any(|path| is_refusing(self.router.modem(path))) {
            self.refused = false;
            self.chosen = false;
        }
        self.check_mail(false);
        self.check_usage();
        self.check_hung_up(&expected);
    }

    /// Where the owner has an interface down, no session is left open.
    fn check_hung_up(&self, expected: &[(String, Expected)]) {
        for (wish, (_, expected)) in self.wishes.iter().zip(expected) {
            let modem = self.router.modem(&wish.modem);
            let is_down = *expected == Expected::Down(OWNER_HAS_IT_DOWN);
            let is_open = modem.is_attached() && !modem.world.network.bearers.is_empty();
            if is_down && is_open && !modem.is_mute() && self.router.answers() {
                panic!("[no_session_is_left] {}\n{}", wish.name, self.router.tail());
            }
        }
    }

    /// How often each modem was restarted.
    fn resets(&self) -> Vec<u64> {
        let modems = self.modems();
        modems.iter().map(|path| self.router.modem(path).stats().resets).collect()
    }

    /// Ends all faults but one, perhaps; then the owner puts all in order, and all must be well.
    fn finish(&mut self) {
        self.end_faults();
        if self.dice.one_in(3) {
            self.lasting_obstacle();
            self.rest();
            self.end_faults();
        }
        self.router.note("all is put in order".into());
        self.put_in_order();
        let start = self.router.now_ms();
        let wishes = self.wishes.clone();
        let all_up = |router: &Router| wishes.iter().all(|wish| router.is_up(&wish.name));
        if !self.wait_until(all_up) && self.open_held_sims() {
            self.tally.allow("a PIN that had no answer is held back");
            self.router.run_until_so("[it_recovers] unlocked", self.limit_ms(), all_up);
        } else {
            self.router.run_until_so("[it_recovers]", 0, all_up);
            self.tally.recovered(self.router.now_ms() - start);
        }
        // Where packets are checked, a wrong verdict would end the connection later.
        self.run_for(30_000);
        assert!(all_up(&self.router), "[it_stays_up]\n{}", self.router.tail());
        self.run_for(REST_MS);
        assert!(all_up(&self.router), "[it_stays_up] longer\n{}", self.router.tail());
        for wish in &self.wishes {
            self.router.check_at_rest(&wish.modem);
        }
        if self.plan.is_mixed {
            self.check_choices();
            self.deliver_mail();
        }
        self.check_usage();
    }

    /// Waits for as long as a recovery may take; whether it came.
    fn wait_until(&mut self, is_so: impl Fn(&Router) -> bool) -> bool {
        let end = self.router.now_ms() + self.limit_ms();
        while !is_so(&self.router) && self.router.now_ms() < end {
            self.router.step_until(end);
        }
        is_so(&self.router)
    }

    /// Ends everything that lasts.
    pub(super) fn end_faults(&mut self) {
        self.router.note("the faults end".into());
        self.router.refusals.clear();
        self.router.take_numbers(0);
        if self.router.manager.is_none() {
            self.router.start_daemon();
        }
        for path in self.modems() {
            for end in faults::ends() {
                let modem = self.router.modem(&path);
                let is_in = modem.world.uicc.is_present();
                if end == "sim insert" && is_in || end == "coverage home" && is_home(modem) {
                    continue;
                }
                self.router.tell(&path, end);
            }
            for end in ["slots obey", "other coverage home"] {
                self.router.tell(&path, end);
            }
        }
        self.note_pins();
    }

    /// The owner mends what only the owner can.
    fn put_in_order(&mut self) {
        self.run_for(TRANSIENT_MS);
        self.put_slots_in_order();
        self.set("", Settings::default());
        for index in 0..self.wishes.len() {
            let path = self.wishes[index].modem.clone();
            if !self.router.modem(&path).is_attached() {
                self.router.tell(&path, "replug 0");
                self.run_for(TRANSIENT_MS);
            }
            let wish = &self.wishes[index];
            let is_barred = is_up_to_the_owner(self.router.modem(&path), wish);
            if is_barred || wish.pin != Some(PIN) {
                self.open_sim(index);
            }
            let wish = &mut self.wishes[index];
            let name = wish.name.clone();
            let autostart = self.router.netifd.interfaces[&name].autostart;
            if !autostart || wish.may_be_blocked || !wish.wanted {
                (wish.wanted, wish.may_be_blocked) = (true, false);
                self.router.ifup(&name);
            }
        }
    }

    /// The owner gives the right PIN, or the PUK.
    fn open_sim(&mut self, index: usize) {
        let path = self.wishes[index].modem.clone();
        let blocked = self.router.modem(&path).world.uicc.pin_retries == 0;
        if self.dice.one_in(2) && !blocked && self.router.modem(&path).world.uicc.pin_retries > 1 {
            self.wishes[index].pin = Some(PIN);
            self.configure_interface(index);
            if self.plan.is_dual {
                self.set("", self.settings.clone());
            }
            let name = self.wishes[index].name.clone();
            self.wishes[index].may_be_blocked = false;
            self.router.ifup(&name);
            return;
        }
        self.ask_for_pin(&path);
    }

    /// Calls the method `pin` until it has worked, or the SIM is open.
    fn ask_for_pin(&mut self, path: &str) {
        for _ in 0..5 {
            let uicc = &self.router.modem(path).world.uicc;
            if uicc.is_ready() {
                return;
            }
            let pin = self.pin_of(path);
            let uicc = &self.router.modem(path).world.uicc;
            let mut args = Table::new().with("modem", path);
            if uicc.pin_retries == 0 {
                args.put("action", "unblock");
                args.put("puk", PUK);
                args.put("new_pin", pin);
            } else {
                args.put("action", "unlock");
                args.put("pin", pin);
                args.put("force", true);
                self.router.invariants.allow_last_attempt(path);
            }
            self.router.start_call("pin", args);
            self.run_for(15_000);
        }
    }

    /// The PIN of the SIM in use.
    pub(super) fn pin_of(&self, path: &str) -> &'static str {
        if self.router.modem(path).world.slot == 2 { OTHER_PIN } else { PIN }
    }

    /// A router that restarts by itself has its programs end; one that is frozen loses what it
    /// counted.
    pub(super) fn end_before_restart(&mut self) {
        if self.plan.is_dual && self.router.answers() {
            self.router.end_daemon();
        } else {
            self.router.invariants.used_up.clear();
        }
    }

    /// Opens SIMs whose PIN the daemon has been right not to send again; whether there was one.
    fn open_held_sims(&mut self) -> bool {
        let mut any = false;
        for path in self.modems() {
            let is_shut = !self.router.modem(&path).world.uicc.is_ready();
            let wish = self.wishes.iter().find(|wish| wish.modem == path);
            let is_right = self.router.modem(&path).world.slot == 2;
            if is_shut && wish.is_some_and(|wish| is_right || wish.pin == Some(PIN)) {
                self.ask_for_pin(&path);
                any = true;
            }
        }
        any
    }

    pub(super) fn modems(&self) -> Vec<String> {
        self.wishes.iter().map(|wish| wish.modem.clone()).collect()
    }
}

/// Whether there is nothing to search for.
fn is_home(modem: &crate::sim::SimModem) -> bool {
    use crate::sim::world::radio::Coverage;
    modem.world.radio.coverage == Coverage::Home
}

/// Whether the network would refuse what is configured.
fn is_refusing(modem: &crate::sim::SimModem) -> bool {
    use crate::sim::world::network::Policy;
    let network = &modem.world.network;
    network.policy != Policy::Both || !network.apns.is_empty()
}
