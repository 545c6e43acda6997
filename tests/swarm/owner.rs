//! What the owner does with messages, bands and networks, and what must have become of it.
//!
//! The model knows which messages the network brought and which it was given. Each must be in the
//! inbox once; until it is, the modem holds it. Of bands and networks it knows only this: whatever
//! was chosen, a modem that could register before can register in the end.

use ltewan::types::{Band, Rat, Table, Value};
use ltewan::wire::sms::{Address, Deliver, Pdu, Timestamp, UserData, join, split};

use super::walk::Walk;
use crate::sim::world::radio::Coverage;

/// How many messages a walk has in each direction; the inbox has room for a hundred.
const LETTERS_MAX: usize = 40;

/// A message that the network has brought.
#[derive(Clone, Debug)]
struct Letter {
    modem: String,
    text: String,
    tpdus: Vec<String>,
}

/// A message that was to be sent.
#[derive(Clone, Debug)]
struct Sent {
    modem: String,
    text: String,
    call: u64,
}

/// All messages of a walk.
#[derive(Default)]
pub(super) struct Mail {
    letters: Vec<Letter>,
    sent: Vec<Sent>,
}

impl Walk {
    /// Does one thing that only a walk with all kinds of modems has.
    pub(super) fn act_as_owner(&mut self, index: usize) {
        let path = self.wishes[index].modem.clone();
        match self.dice.below(12) {
            0..5 => self.receive(&path),
            5..7 => self.send(&path),
            7..10 => self.choose_bands(&path),
            10 => self.choose_network(&path),
            _ => {
                self.tally.fault("scan");
                let scan = Table::new().with("modem", path);
                self.router.start_call("scan", scan);
                self.router.settle();
            }
        }
    }

    fn receive(&mut self, path: &str) {
        if self.mail.letters.len() >= LETTERS_MAX {
            return;
        }
        self.tally.fault("message received");
        let number = self.mail.letters.len();
        let mut text = format!("letter {number}");
        if !self.plan.is_quiet && self.dice.one_in(3) {
            text += &"x".repeat(200);
        }
        let reference = u8::try_from(number).unwrap_or(0);
        let mut tpdus: Vec<String> = split(&text, 0, reference)
            .unwrap()
            .into_iter()
            .map(|data| deliver(number, data))
            .collect();
        if self.dice.one_in(2) {
            tpdus.reverse();
        }
        let way = if self.dice.one_in(4) { "sms direct" } else { "sms" };
        for tpdu in &tpdus {
            self.router.tell(path, &format!("{way} {tpdu}"));
        }
        self.mail.letters.push(Letter { modem: path.to_owned(), text, tpdus });
    }

    fn send(&mut self, path: &str) {
        if self.mail.sent.len() >= LETTERS_MAX {
            return;
        }
        self.tally.fault("message sent");
        if self.dice.one_in(4) {
            self.router.tell(path, "sms refuse 2 42");
        }
        let text = format!("answer {}", self.mail.sent.len());
        let args = Table::new().with("modem", path).with("number", "+49170");
        let call = self.router.start_call("sms_send", args.with("text", text.as_str()));
        self.router.settle();
        self.mail.sent.push(Sent { modem: path.to_owned(), text, call });
    }

    fn choose_bands(&mut self, path: &str) {
        self.tally.fault("bands chosen");
        let restore = *self.dice.pick(&[20, 60, 90]);
        let modem = Table::new().with("modem", path).with("restore_s", restore);
        let list = |words: &[&str]| Value::Array(words.iter().map(|w| Value::from(*w)).collect());
        let (method, args) = match self.dice.below(8) {
            0 => ("set_modes", modem.with("modes", list(&["umts"]))),
            1 => ("set_modes", modem.with("modes", list(&[]))),
            2 => ("set_bands", modem.with("bands", list(&[]))),
            3 => ("set_bands", modem.with("bands", list(&["lte:3"]))),
            4 => ("set_bands", modem.with("bands", list(&["lte:3", "lte:20"]))),
            _ => ("set_bands", modem.with("bands", list(&["lte:7"]))),
        };
        self.chosen = true;
        self.router.start_call(method, args);
        self.router.settle();
    }

    fn choose_network(&mut self, path: &str) {
        self.tally.fault("network chosen");
        let mut args = Table::new().with("modem", path);
        args.put_some(
            "plmn",
            *self.dice.pick(&[Some("26202"), Some("26203"), Some("26207"), None]),
        );
        self.chosen = true;
        self.router.start_call("register", args);
        self.router.settle();
    }

    /// A router that restarts takes no trial back: the owner does before.
    pub(super) fn take_trials_back(&mut self) {
        for path in self.modems().into_iter().filter(|_| self.chosen) {
            let now = self.router.now;
            let world = &mut self.router.sockets.0.get_mut(&path).unwrap().modem.world;
            world.radio.air.bands.clone_from(&world.radio.air.supported);
            world.radio.mode_preference |= 1 << 4;
            world.radio.manual_plmn = None;
            world.search_again(now);
        }
    }

    /// Whatever was chosen, what there was before is back where there was no registration.
    pub(super) fn check_choices(&self) {
        for path in self.modems() {
            let radio = &self.router.modem(&path).world.radio;
            let can = radio.air.is_heard() && radio.mode_preference & 1 << 4 != 0;
            let is_home = radio.manual_plmn.is_none_or(|plmn| plmn == radio.home_plmn);
            let bands: Vec<Band> =
                radio.air.bands.iter().copied().filter(|band| band.rat == Rat::Lte).collect();
            let tail = || self.router.tail();
            let is_ok = can && is_home && radio.coverage == Coverage::Home;
            assert!(is_ok, "[trials_end_well] {path}: {bands:?}\n{}", tail());
            // All, or one of the two choices with which there is a network.
            assert!([1, 2, 9].contains(&bands.len()), "[trials_end_well] {bands:?}\n{}", tail());
        }
    }

    /// Every message is in the inbox once, or still in the modem; at the end, in the inbox.
    pub(super) fn check_mail(&mut self, is_end: bool) {
        if !self.router.answers() {
            return;
        }
        let answer = self.router.call("sms_list", Table::new()).unwrap();
        let held = answer.get_array("messages").unwrap().iter().filter_map(Value::as_table);
        let texts: Vec<&str> = held
            .filter(|message| message.get_str("direction") == Some("in"))
            .filter_map(|message| message.get_str("text"))
            .collect();
        for Letter { modem, text, tpdus } in &self.mail.letters {
            let count = texts.iter().filter(|held| *held == text).count();
            let messages = &self.router.modem(modem).world.messages;
            let is_waiting = !is_end && (tpdus.len() > 1 || messages.holds(&tpdus[0]));
            let is_ok = count == 1 || count == 0 && is_waiting;
            let tail = || self.router.tail();
            assert!(is_ok, "[messages_arrive_once] {count} of {text:?}: {texts:?}\n{}", tail());
        }
        let count = self.mail.letters.len();
        assert!(!is_end || texts.len() == count, "[messages_arrive_once] {count}: {texts:?}");
        for Sent { modem, text, call } in &self.mail.sent {
            let sent = &self.router.modem(modem).world.messages.sent;
            let count = sent.iter().filter(|tpdu| submitted(tpdu).as_ref() == Some(text)).count();
            let is_told = self.router.reply(*call).is_some_and(|(_, result)| result.is_ok());
            let is_ok = count == 1 || count == 0 && !is_told;
            assert!(is_ok, "[messages_are_sent_once] {count} of {text}\n{}", self.router.tail());
        }
    }

    /// The same when all is well: a new daemon looks at what the modems hold.
    pub(super) fn deliver_mail(&mut self) {
        self.router.restart_daemon();
        self.run_for(120_000);
        self.check_mail(true);
    }
}

fn deliver(number: usize, data: UserData) -> String {
    let (from, dcs) = (Address::of_number("+491701234567").unwrap(), data.coding.dcs());
    let unix_secs = 1_795_262_400 + i64::try_from(number).unwrap_or(0);
    let time = Some(Timestamp { unix_secs, zone_quarters: 4 });
    let tpdu = Pdu::Deliver(Deliver { from, protocol: 0, dcs, time, data }).encode().unwrap();
    tpdu.iter().map(|octet| format!("{octet:02X}")).collect()
}

fn submitted(tpdu: &[u8]) -> Option<String> {
    match Pdu::decode(tpdu, true) {
        Ok(Pdu::Submit(submit)) => Some(join(&[submit.data.body])),
        _ => None,
    }
}
