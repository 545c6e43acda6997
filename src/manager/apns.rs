//! The access points of a SIM's operator: looked up for the network that the SIM is of, never for
//! the one it visits, and the one that worked kept in mind, so that it is dialled first.

use super::interfaces::{Interface, Phase};
use super::{ApnAsker, ApnQuestion, ApnsFound, CallError, CallId, Kept, Manager, Output};
use crate::modem::pin::sim_digest;
use crate::modem::{ApnOffer, Command};
use crate::time::Instant;
use crate::types::{Apn, ApnCandidate, Iccid, Plmn, SimState, SimStatus, Source, Table, Value};

/// How many access points are tried, the network's own choice included.
const OFFERS_MAX: usize = 12;

/// Of how many SIMs it is kept in mind what worked; the oldest go first.
const SIMS_MAX: usize = 16;

/// How many digits of an IMSI tell the network: MCC and MNC.
const HOME_DIGITS: usize = 6;

/// What worked with which SIM, where that is not what would have been tried first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Remembered(Vec<(String, Worked)>);

/// Which one worked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Worked {
    apn: String,
    /// The digest of all that it is dialled with, for several may have one name. Empty in files of
    /// daemons that kept the name alone.
    row: String,
}

impl Worked {
    fn new(candidate: &ApnCandidate) -> Self {
        let ApnCandidate { apn, auth, username, password, .. } = candidate;
        let username = username.as_deref().unwrap_or_default();
        let password = password.as_ref().map_or("", |password| password.expose());
        // What is in the table is known to everyone.
        let words = [apn.as_str(), auth.name(), username, password].join("\0");
        let row = format!("{:016x}", crate::types::digest(words.as_bytes()));
        Self { apn: apn.to_string(), row }
    }
}

impl Remembered {
    fn of(&self, iccid: Option<&Iccid>) -> Option<&Worked> {
        let digest = digest(iccid?);
        self.0.iter().find(|(sim, _)| *sim == digest).map(|(_, worked)| worked)
    }

    fn put(&mut self, iccid: &Iccid, worked: Worked) {
        let digest = digest(iccid);
        self.0.retain(|(sim, _)| *sim != digest);
        if self.0.len() >= SIMS_MAX {
            self.0.remove(0);
        }
        self.0.push((digest, worked));
    }

    fn to_table(&self) -> Table {
        let mut sims = Vec::new();
        for (sim, Worked { apn, row }) in self.0.iter() {
            let mut table = Table::new();
            table.put("sim", sim.as_str());
            table.put("apn", apn.as_str());
            table.put("row", row.as_str());
            sims.push(table);
        }
        let mut table = Table::new();
        table.put("sims", sims);
        table
    }

    /// Reads what was kept; what does not fit is passed over.
    pub(super) fn from_table(table: &Table) -> Self {
        let read = |value: &Value| {
            let sim = value.as_table()?;
            let row = sim.get_str("row").unwrap_or_default().to_owned();
            let worked = Worked { apn: sim.get_str("apn")?.to_owned(), row };
            Some((sim.get_str("sim")?.to_owned(), worked))
        };
        let sims = table.get_array("sims").unwrap_or_default();
        let mut remembered = Vec::new();
        for sim in sims {
            if remembered.len() < SIMS_MAX
                && let Some(sim) = read(sim)
            {
                remembered.push(sim);
            }
        }
        Self(remembered)
    }
}

fn digest(iccid: &Iccid) -> String {
    format!("{:016x}", sim_digest(iccid))
}

/// Which SIM a modem's access points were looked up for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ApnSide {
    iccid: Option<Iccid>,
    home: Option<String>,
}

impl Manager {
    /// The SIM decides which access points there are; nothing is dialled before they are known.
    pub(super) fn follow_sim(&mut self, now: Instant, id: &str, sim: &SimStatus) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let home = sim.imsi.as_ref().and_then(|imsi| imsi.expose().get(..HOME_DIGITS));
        if home.is_none() && sim.state != SimState::Absent && sim.iccid == slot.apns.iccid {
            return;
        }
        let side = ApnSide { iccid: sim.iccid.clone(), home: home.map(str::to_owned) };
        if slot.apns == side {
            return;
        }
        slot.apns = side;
        let Some(digits) = home.map(str::to_owned) else {
            return slot.machine.handle_command(now, Command::OfferApns(Vec::new()));
        };
        slot.machine.handle_command(now, Command::AwaitApns);
        self.put(Output::FindApns(ApnQuestion { asker: ApnAsker::Modem(id.to_owned()), digits }));
    }

    pub(super) fn apns_found(&mut self, now: Instant, question: ApnQuestion, found: ApnsFound) {
        match question.asker {
            ApnAsker::Modem(id) => {
                let Some(slot) = self.slots.get_mut(&id) else { return };
                let known = found.map(|(_, list)| list).unwrap_or_default();
                let list = offers(known, self.apns.of(slot.apns.iccid.as_ref()));
                slot.machine.handle_command(now, Command::OfferApns(list));
            }
            ApnAsker::Call { call, is_own } => {
                // A SIM's own may hold digits of the subscriber's number.
                let digits = if is_own { "of the SIM" } else { question.digits.as_str() };
                let missing = || CallError::not_found("access point of network", digits);
                let result = found.map(|found| document(&found)).ok_or_else(missing);
                self.reply(call, result);
            }
        }
    }

    /// A connection is up with an access point that others were tried before.
    pub(super) fn apn_worked(&mut self, id: &str, candidate: &ApnCandidate) {
        let iccid = self.slots.get(id).and_then(|slot| slot.apns.iccid.clone());
        let Some(iccid) = iccid else { return };
        let worked = Worked::new(candidate);
        if self.apns.of(Some(&iccid)) != Some(&worked) {
            self.apns.put(&iccid, worked);
            self.put(Output::Keep(Kept::Apns, Some(self.apns.to_table())));
        }
    }

    /// What an interface is dialled with, and where each part of it comes from.
    pub(super) fn put_dialling(&self, table: &mut Table, interface: &Interface) {
        let slot = interface.modem.as_ref().and_then(|id| self.slots.get(id));
        let slot =
            slot.filter(|it| interface.phase == Phase::Active && !it.machine.facts().is_tether);
        let Some(slot) = slot else { return };
        let Some((bearer, offered)) = slot.machine.dialling() else { return };
        let (own, sim) = (&interface.config, &slot.machine.facts().sim);
        let profile = self.config.sim_profile(sim.iccid.as_ref(), sim.imsi.as_ref());
        let source = |by_interface: bool, by_profile: Option<bool>, other: Source| {
            let by_profile = by_profile == Some(true);
            let profile = if by_profile { Source::Sim } else { other };
            if by_interface { Source::Interface } else { profile }.name()
        };
        if !bearer.apn.is_empty() {
            table.put("apn", bearer.apn.as_str());
        }
        let is_set = |apn: &Option<Apn>| apn.as_ref().is_some_and(|apn| !apn.is_empty());
        let by_profile = profile.map(|it| is_set(&it.apn));
        let other = offered.unwrap_or(Source::Network);
        table.put(
            "apn_source",
            source(is_set(&own.apn) || own.profile.is_some(), by_profile, other),
        );
        let by_profile = profile.map(|it| it.auth.is_some() || it.username.is_some());
        let other = offered.filter(|_| bearer.username.is_some()).unwrap_or(Source::Default);
        table.put("auth", bearer.auth.name());
        let by_interface = own.auth.is_some() || own.username.is_some();
        table.put("auth_source", source(by_interface, by_profile, other));
        let by_profile = profile.map(|it| it.pdptype.is_some());
        table.put("pdptype", bearer.pdptype.name());
        table.put("pdptype_source", source(own.pdptype.is_some(), by_profile, Source::Default));
    }

    /// Which access points a network has, or that of the modem's SIM.
    pub(super) fn apn_lookup(&mut self, call: CallId, args: &Table) -> Result<(), CallError> {
        let digits = match args.get_str("plmn") {
            Some(text) => Plmn::parse(text)
                .map_err(|invalid| CallError::invalid("plmn", invalid.expected))?
                .to_string(),
            None => {
                let id = self.modem_named(args)?;
                let home = self.slots.get(&id).and_then(|slot| slot.apns.home.clone());
                home.ok_or_else(|| CallError::modem("the SIM does not say which network it is of"))?
            }
        };
        let asker = ApnAsker::Call { call, is_own: args.get_str("plmn").is_none() };
        self.put(Output::FindApns(ApnQuestion { asker, digits }));
        Ok(())
    }
}

/// What is tried, in this order.
fn offers(known: Vec<ApnCandidate>, remembered: Option<&Worked>) -> Vec<ApnOffer> {
    let mut list = Vec::new();
    for candidate in known.into_iter().take(OFFERS_MAX - 1) {
        list.push(ApnOffer { candidate, source: Source::Table });
    }
    list.push(ApnOffer { candidate: ApnCandidate::default(), source: Source::Network });
    let place = |is_it: fn(&Worked, &Worked) -> bool| {
        let is_it = |offer: &ApnOffer| {
            remembered.is_some_and(|worked| is_it(&Worked::new(&offer.candidate), worked))
        };
        list.iter().position(is_it)
    };
    // A table that has come since may have other credentials for that name.
    let place =
        place(|it, worked| it.row == worked.row).or(place(|it, worked| it.apn == worked.apn));
    if let Some(at) = place
        && let Some(first) = list.get_mut(..=at)
    {
        first.rotate_right(1);
        first.iter_mut().take(1).for_each(|offer| offer.source = Source::Remembered);
    }
    list
}

/// A password of the table is known to everyone, and left out all the same.
fn document((plmn, list): &(Plmn, Vec<ApnCandidate>)) -> Table {
    let mut candidates = Vec::new();
    for it in list {
        let mut table = Table::new();
        table.put("apn", it.apn.as_str());
        table.put("name", it.name.as_str());
        if let Some(username) = &it.username {
            table.put("username", username.as_str());
            table.put("auth", it.auth.name());
        }
        candidates.push(table);
    }
    let mut table = Table::new();
    table.put("plmn", plmn.to_string());
    table.put("candidates", candidates);
    table
}
