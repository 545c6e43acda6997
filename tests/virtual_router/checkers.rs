//! The invariants, one function each. A checker says what is broken; its name says what should not
//! have been.

use ltewan::manager::Manager;
use ltewan::time::{Duration, Instant};

use super::Router;
use super::hardware::Socket;
use super::invariants::{FAMILIES, Invariants, Seen, SeenCard, clients_at_rest};
use super::netifd::{Interface, State};
use super::tap::TRANSACTION_MAX;
use crate::sim::config::{Dialect, Front};
use crate::sim::product::Function;
use crate::sim::world::network::Family;
use crate::sim::world::uicc::Uicc;
use crate::sim::{SimModem, qmi};

/// A modem that says nothing is found out within this time.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// How long a command of the owner's may take the only port of a modem: a search for networks.
const OWNERS_COMMAND_MAX: Duration = Duration::from_secs(200);

/// How long it takes to find that none of four serial ports answers.
const PORTS_MAX: Duration = Duration::from_secs(48);

/// How often a modem is asked how it is.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// How many calls may be begun at once: two families, some attempts close together, and the
/// owner's doings at the same time.
const DIALS_MAX: u64 = 40;

/// How often a call may be begun in the long run: two families, each once in the shortest of the
/// longest waits, which are 60 s less a quarter.
const DIAL_EVERY: Duration = Duration::from_secs(20);

/// How often a modem may be restarted without being asked to: the ladder has half an hour between
/// two climbs, but a connection that lasts ten minutes lets it begin anew, and its restart comes
/// six minutes after new trouble has.
const RESET_EVERY: Duration = Duration::from_secs(900);

/// How often a modem may be told to use another slot: three tries and a return, twice over.
const SLOTS_MAX: u64 = 8;

/// The same in the long run: three tries until a connection has lasted ten minutes.
const SLOT_EVERY: Duration = Duration::from_secs(200);

/// A quota that is used up ends the connection within this time: counters are read every 20 s.
const QUOTA_MAX: Duration = Duration::from_secs(60);

/// Holds one invariant.
type Checker = fn(&mut Invariants, &Router) -> Result<(), String>;

/// Every invariant that holds at all times.
pub(super) const CHECKERS: [(&str, Checker); 14] = [
    ("the_last_pin_attempt_is_left", the_last_pin_attempt_is_left),
    ("a_pin_is_sent_once", a_pin_is_sent_once),
    ("a_pin_goes_to_its_own_sim", a_pin_goes_to_its_own_sim),
    ("the_puk_is_the_owners", the_puk_is_the_owners),
    ("up_means_a_live_bearer", up_means_a_live_bearer),
    ("client_ids_are_few", client_ids_are_few),
    ("one_at_command_at_a_time", one_at_command_at_a_time),
    ("a_transaction_has_a_deadline", a_transaction_has_a_deadline),
    ("calls_are_spaced", calls_are_spaced),
    ("modems_are_restarted_rarely", modems_are_restarted_rarely),
    ("slots_are_changed_rarely", slots_are_changed_rarely),
    ("a_used_up_quota_ends_it", a_used_up_quota_ends_it),
    ("messages_are_known", messages_are_known),
    ("no_message_is_deleted_unread", no_message_is_deleted_unread),
];

/// Every modem with what was seen of it.
fn each(
    invariants: &mut Invariants,
    router: &Router,
    mut holds: impl FnMut(&str, &mut Seen, &SimModem) -> Result<(), String>,
) -> Result<(), String> {
    for (path, socket) in &router.sockets.0 {
        let Some(seen) = invariants.modems.get_mut(path) else { continue };
        holds(path, seen, &socket.modem).map_err(|broken| format!("{path}: {broken}"))?;
    }
    Ok(())
}

/// The cards of every modem, in use or not, with what was seen of them.
fn each_card(
    invariants: &mut Invariants,
    router: &Router,
    mut holds: impl FnMut(&mut Seen, &mut SeenCard, &Uicc) -> Result<(), String>,
) -> Result<(), String> {
    each(invariants, router, |_, seen, modem| {
        seen.latency = seen.latency.max(modem.config().timings.latency);
        for uicc in modem.world.cards() {
            let mut card = seen.cards.remove(&uicc.iccid).unwrap_or_default();
            let result = holds(seen, &mut card, uicc);
            seen.cards.insert(uicc.iccid.clone(), card);
            result?;
        }
        Ok(())
    })
}

/// The last attempt at the PIN is spent only when the owner says so.
fn the_last_pin_attempt_is_left(
    invariants: &mut Invariants,
    router: &Router,
) -> Result<(), String> {
    each_card(invariants, router, |seen, card, uicc| {
        let is_tried = uicc.pin_attempts > card.pin_attempts;
        if is_tried && card.pin_retries < 2 && !std::mem::take(&mut seen.last_is_allowed) {
            return Err(format!("a PIN was tried with {} attempts left", card.pin_retries));
        }
        card.pin_attempts = uicc.pin_attempts;
        card.pin_retries = uicc.pin_retries;
        Ok(())
    })
}

/// A wrong PIN costs one attempt, ever, for each SIM; a right one is not sent to an open SIM.
fn a_pin_is_sent_once(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    let mut wrong = std::mem::take(&mut invariants.wrong_pins);
    let result = each_card(invariants, router, |seen, card, uicc| {
        let all = &uicc.verifications;
        for one in all.iter().skip(std::mem::replace(&mut card.verifications, all.len())) {
            // The card's word from before may come after that, and be believed: replies take
            // their time here, and indications do not.
            let latency = seen.latency * 2;
            let may_be_old = !latency.is_zero() && router.now <= card.opened_at + latency;
            if one.right && !one.needless {
                card.opened_at = router.now;
            }
            if one.needless && !may_be_old {
                return Err("a PIN was sent to a SIM that was open".into());
            }
            if !one.right {
                let count = wrong.entry((one.iccid.clone(), one.pin.clone())).or_default();
                *count += 1;
                if *count > 1 {
                    return Err(format!("a wrong PIN was sent {count} times"));
                }
            }
        }
        Ok(())
    });
    invariants.wrong_pins = wrong;
    result
}

/// A PIN that is one SIM's is offered to no other.
fn a_pin_goes_to_its_own_sim(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    let pins = std::mem::take(&mut invariants.pins);
    let result = each_card(invariants, router, |_, card, uicc| {
        let all = &uicc.verifications;
        let mut new = all.iter().skip(std::mem::replace(&mut card.owned, all.len()));
        match new.find(|one| pins.get(&one.pin).is_some_and(|iccid| *iccid != one.iccid)) {
            Some(one) => {
                Err(format!("the PIN {} of another SIM was sent to {}", one.pin, one.iccid))
            }
            None => Ok(()),
        }
    });
    invariants.pins = pins;
    result
}

/// The PUK is tried only when the owner does.
fn the_puk_is_the_owners(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    let cards = router.sockets.0.values().flat_map(|socket| socket.modem.world.cards());
    let tried: u64 = cards.map(|uicc| uicc.puk_attempts).sum();
    if tried <= invariants.puks_asked {
        return Ok(());
    }
    Err(format!("the PUK was tried {tried} times, and {} asked for", invariants.puks_asked))
}

/// An interface is up only with a live bearer, each family with its own; when it ends, netifd
/// hears of it in the same moment.
fn up_means_a_live_bearer(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    for (name, interface) in &router.netifd.interfaces {
        let mut since = invariants.stale.get(name).copied().unwrap_or_default();
        for (since, family) in since.iter_mut().zip(FAMILIES) {
            let Some(broken) = broken_family(router, interface, family) else {
                *since = None;
                continue;
            };
            let since = *since.get_or_insert(router.now);
            if !is_excused(invariants, router, interface, since, &broken) {
                return Err(format!("{name} is up since {since:?} and {broken}"));
            }
        }
        if let Some(known) = invariants.stale.get_mut(name) {
            *known = since;
        } else if since != [None; 2] {
            invariants.stale.insert(name.clone(), since);
        }
    }
    Ok(())
}

/// The modem whose net device an interface is on.
fn serving<'a>(router: &'a Router, interface: &Interface) -> Option<(&'a str, &'a Socket)> {
    let net = interface.device()?;
    // With QMAP, the device below carries nothing that is an interface's.
    let of = |(_, socket): &(&String, &Socket)| {
        socket.ppp_net.clone().or(socket.mux()).or(socket.net()).is_some_and(|name| name == net)
    };
    router.sockets.0.iter().find(of).map(|(path, socket)| (path.as_str(), socket))
}

/// What is wrong with a family of an interface that netifd was told to be up.
fn broken_family(router: &Router, interface: &Interface, family: Family) -> Option<String> {
    let link = interface.link.as_ref().filter(|_| interface.state == State::Up)?;
    let told = match family {
        Family::V4 => link.config.v4.as_ref().map(|v4| v4.address.into()),
        Family::V6 => link.config.v6.as_ref().map(|v6| v6.address.into()),
    };
    let dhcp = link.config.dhcp;
    let is_handed_out = if family == Family::V4 { dhcp.v4 } else { dhcp.v6 };
    let told: Option<core::net::IpAddr> = told;
    if told.is_none() && !is_handed_out {
        return None;
    }
    let Some((_, socket)) = serving(router, interface) else {
        return Some("its net device has gone".into());
    };
    if told.is_none() && socket.modem.config().front != Front::At {
        // What the link of a session gives is no more than a hope.
        return None;
    }
    let network = &socket.modem.world.network;
    if network.bearer(family).is_none() {
        return Some(format!("there is no bearer for {family:?}"));
    }
    let told = told?;
    if socket.has_raw_ip() && socket.link.raw_ip != socket.modem.is_raw_ip() {
        return Some("its link is not in the modem's mode".into());
    }
    let given: core::net::IpAddr = match family {
        Family::V4 => network.v4().address.into(),
        Family::V6 => network.v6().address.into(),
    };
    (given != told).then(|| format!("has {told} where the network gave {given}"))
}

/// Whether the daemon cannot have known, or cannot have told.
fn is_excused(
    invariants: &Invariants,
    router: &Router,
    interface: &Interface,
    since: Instant,
    broken: &str,
) -> bool {
    if !router.is_daemon_awake() || router.is_bus_down() {
        return true;
    }
    let Some((path, socket)) = serving(router, interface) else { return false };
    let seen = invariants.modems.get(path);
    let configured = socket.modem.config().timings.latency;
    // Initializing takes some 20 requests.
    let latency =
        seen.map_or(configured, |seen| seen.latency.max(configured)) * 25 + Duration::from_secs(5);
    let fault = seen.and_then(|seen| seen.fault_at);
    let mute = seen.is_some_and(|seen| seen.mute);
    let from = fault.map_or(since, |fault| fault.max(since));
    let is_new = |limit| router.now <= from + limit;
    // One that tells nothing by itself is asked every ten seconds.
    let config = socket.modem.config();
    let tells_nothing = config.front == Front::At && config.dialect == Dialect::Generic;
    // An address is read anew, which takes the modem's time.
    // What a port says by itself waits for the end of the answer that it is giving; then the SIM
    // may be asked first, and the call after it.
    let is_serial = config.front == Front::At;
    let answer = seen.map_or(configured, |seen| seen.latency.max(configured)) * 3;
    // Only when that is over is such a modem asked whether it is alive.
    let asked = seen.and_then(|seen| seen.asked_at).filter(|_| is_serial);
    let is_busy = asked.is_some_and(|at| router.now <= at + OWNERS_COMMAND_MAX + SILENCE_MAX);
    let silence_max = if is_serial { PORTS_MAX } else { SILENCE_MAX };
    tells_nothing && router.now <= since + Duration::from_secs(10) + latency
        || is_serial && !answer.is_zero() && router.now <= since + answer
        // An address is read anew, which takes the modem's time. Word of a change that came before
        // the call was known to be up is missed until the next probe.
        || broken.starts_with("has") && router.now <= since + PROBE_EVERY + latency
        || (mute || fault.is_some()) && is_new(SILENCE_MAX + latency)
        || mute && is_busy
        || router.now <= router.daemon_since + silence_max + latency
}

/// No more client ids than there is use for: one a service, one more while it is replaced, and one
/// a family.
fn client_ids_are_few(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    const MOST: [(u8, usize); 5] =
        [(qmi::WDS, 4), (qmi::DMS, 2), (qmi::NAS, 2), (qmi::UIM, 2), (qmi::WDA, 2)];
    each(invariants, router, |_, seen, modem| {
        if !modem.is_attached() {
            return Ok(());
        }
        for (service, most) in MOST {
            let held = modem.client_count(service);
            if held > most + seen.lost {
                let clients = modem.client_ids();
                return Err(format!("{held} client ids of service {service}: {clients:?}"));
            }
        }
        Ok(())
    })
}

/// A modem that has long been at rest holds the client ids that are in use, and those that the
/// daemon was never told of because their reply was lost.
pub(super) fn client_ids_are_given_back(router: &Router, path: &str) -> Result<(), String> {
    let modem = router.modem(path);
    let mut needed = clients_at_rest(modem);
    let all = modem.client_ids();
    for (service, client) in all.iter().filter(|client| router.tap.was_told(path, **client)) {
        match needed.iter().position(|needed| needed == service) {
            Some(at) => drop(needed.remove(at)),
            None => {
                return Err(format!(
                    "client {client} of service {service} is one too many: {all:?}"
                ));
            }
        }
    }
    Ok(())
}

/// One AT command is in flight on a port.
fn one_at_command_at_a_time(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    each(invariants, router, |_, seen, modem| {
        let stats = modem.stats();
        // A new daemon cannot know what the one before it left unanswered, and a command that was
        // not answered in its time is not waited for for ever.
        let since = seen.fault_at.map_or(router.daemon_since, |at| at.max(router.daemon_since));
        // What pppd dials over is hung up in the middle of a command by the line called DTR.
        let is_ppp = modem.config().function == Function::None;
        if seen.mute || seen.at_is_odd || is_ppp || router.now < since + Duration::from_secs(60) {
            seen.at_overlaps = stats.at_overlaps;
        }
        if stats.at_overlaps > seen.at_overlaps {
            return Err(format!("AT commands overlap: {:?}", stats.at_log));
        }
        Ok(())
    })
}

/// While a reply is waited for, the daemon has itself woken before it is too late.
fn a_transaction_has_a_deadline(_: &mut Invariants, router: &Router) -> Result<(), String> {
    let is_late = |since: &Instant| router.now >= *since + TRANSACTION_MAX;
    let Some(newest) = router.tap.newest().filter(|since| !is_late(since)) else { return Ok(()) };
    let wakes = router.manager.as_ref().and_then(Manager::poll_timeout);
    if wakes.is_some_and(|at| at <= router.now + TRANSACTION_MAX) || !router.is_daemon_awake() {
        return Ok(());
    }
    Err(format!("a reply is waited for since {newest:?}, and the daemon wakes at {wakes:?}"))
}

/// Calls are begun ever more rarely while they fail.
fn calls_are_spaced(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    let dials = |path: &str| router.tap.dials.get(path).copied().unwrap_or(0);
    each(invariants, router, |path, seen, _| {
        let new = dials(path) - std::mem::replace(&mut seen.dialled, dials(path));
        if new == 0 || seen.dials.spend(router.now, new, DIALS_MAX, DIAL_EVERY) {
            return Ok(());
        }
        Err(format!("more than {DIALS_MAX} calls at once or one each {DIAL_EVERY:?}"))
    })
}

/// A modem is restarted when the owner asks for it, else only now and then.
fn modems_are_restarted_rarely(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    for (path, (done, _)) in &router.tap.resets {
        let (allowance, seen) = invariants.resets.entry(path.clone()).or_default();
        let new = done - std::mem::replace(seen, *done);
        let asked = invariants.resets_asked.min(new);
        invariants.resets_asked -= asked;
        if new > asked && !allowance.spend(router.now, new - asked, 1, RESET_EVERY) {
            return Err(format!("{path}: {new} restarts, of which {asked} were asked for"));
        }
    }
    Ok(())
}

/// A modem is told to use another slot when the owner says so, else now and then.
fn slots_are_changed_rarely(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    for (path, socket) in &router.sockets.0 {
        let (allowance, seen) = invariants.slot_orders.entry(path.clone()).or_default();
        let orders = socket.modem.world.slot_orders;
        let new = orders - std::mem::replace(seen, orders).min(orders);
        if new > 0 && !allowance.spend(router.now, new, SLOTS_MAX, SLOT_EVERY) {
            return Err(format!("{path}: more than {SLOTS_MAX} orders or one each {SLOT_EVERY:?}"));
        }
    }
    Ok(())
}

/// Where a quota is used up that is to end the connection, there soon is none.
fn a_used_up_quota_ends_it(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    if !router.is_daemon_awake() || router.is_bus_down() {
        invariants.idle_at = router.now;
        return Ok(());
    }
    for (name, interface) in &router.netifd.interfaces {
        let is_up = interface.state == State::Up && interface.link.is_some();
        let Some((_, socket)) = serving(router, interface).filter(|_| is_up) else { continue };
        let iccid = &socket.modem.world.uicc.iccid;
        let Some((since, until)) = invariants.used_up.get(iccid) else { continue };
        let since = *since.max(&invariants.idle_at).max(&router.daemon_since);
        if router.now > since + QUOTA_MAX && router.now < *until {
            return Err(format!(
                "{name} is up, and the quota of {iccid} is used up since {since:?}"
            ));
        }
    }
    Ok(())
}

/// What is deleted in a modem or SIM, the daemon has had.
fn no_message_is_deleted_unread(
    invariants: &mut Invariants,
    router: &Router,
) -> Result<(), String> {
    each(invariants, router, |_, _, modem| match modem.world.messages.deleted_unseen {
        0 => Ok(()),
        count => Err(format!("{count} messages were deleted that nobody had read")),
    })
}

/// What is sent is well-formed and known.
fn messages_are_known(invariants: &mut Invariants, router: &Router) -> Result<(), String> {
    each(invariants, router, |_, _, modem| {
        let stats = modem.stats();
        match (stats.malformed, stats.unknown_messages) {
            (0, 0) => Ok(()),
            (0, _) => Err("a message was sent that the modem does not know".into()),
            (_, _) => Err("a frame was no request".into()),
        }
    })
}
