//! The reference model: what must be so, said from what the owner wants and what the world is like.
//! It knows nothing of the daemon and shares no code with it.

use std::collections::BTreeSet;

use crate::sim::SimModem;
use crate::sim::world::network::Policy;
use crate::sim::world::radio::Coverage;
use crate::sim::world::uicc::{CardState, PinState, Uicc};
use crate::virtual_router::Router;

/// The codes that the SIMs and the owner know; `OTHER_PIN` is that of the SIM in the second slot.
pub(crate) const PIN: &str = "73915";
pub(crate) const WRONG_PIN: &str = "86420";
pub(crate) const OTHER_PIN: &str = "4321";
pub(crate) const PUK: &str = "31415926";
pub(crate) const PASSWORD: &str = "kr0kodil-sekret";

/// Why an interface is down that nobody has set up.
pub(crate) const OWNER_HAS_IT_DOWN: &str = "the owner has it down";

/// How a modem is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Qmi,
    Mbim,
    /// Dialled over AT, with a net device.
    At,
    /// Serial ports alone.
    Ppp,
}

/// What the owner wants of an interface.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) name: String,
    /// The modem named in its `option device`.
    pub(crate) modem: String,
    pub(crate) kind: Kind,
    /// `ifup`, not `ifdown`.
    pub(crate) wanted: bool,
    /// `option pincode`
    pub(crate) pin: Option<&'static str>,
    /// `option pdptype`: IPv4, IPv6.
    pub(crate) families: (bool, bool),
    /// `option check` is `ping`.
    pub(crate) check: bool,
    pub(crate) apn: &'static str,
    /// Since the last `ifup` its SIM wanted what only the owner has, so it may have been blocked.
    pub(crate) may_be_blocked: bool,
}

/// What `/etc/config/ltewan` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) disabled: BTreeSet<String>,
    pub(crate) roaming: bool,
    /// Technologies are restricted to LTE.
    pub(crate) only_lte: BTreeSet<String>,
}

/// What must become of an interface while nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It is up.
    Up,
    /// It stays down, for this reason.
    Down(&'static str),
    /// Either.
    Open(&'static str),
}

use Expected::{Down, Open, Up};

/// What must become of an interface, all that comes and goes by itself being over.
pub(crate) fn expected(
    router: &Router,
    wish: &Wish,
    settings: &Settings,
    of_slots: Option<Expected>,
) -> Expected {
    let modem = router.modem(&wish.modem);
    if let Some(expected) = of_owner(modem, wish, settings).or(of_slots) {
        return expected;
    }
    let obstacle = of_sim(modem, wish).or_else(|| of_network(modem, wish, settings));
    if let Some(obstacle) = obstacle {
        return obstacle;
    }
    let is_blocked = !router.netifd.interfaces[&wish.name].autostart;
    match (is_blocked, wish.may_be_blocked) {
        (true, true) => Open("it may have been blocked"),
        // Whoever blocked it had no reason to.
        (_, _) => Up,
    }
}

fn of_owner(modem: &SimModem, wish: &Wish, settings: &Settings) -> Option<Expected> {
    if !wish.wanted && wish.may_be_blocked {
        return Some(Open("what had blocked it is over, and it is set up although taken down"));
    }
    if !wish.wanted {
        return Some(Down(OWNER_HAS_IT_DOWN));
    }
    if !modem.is_attached() {
        return Some(Down("the modem is not there"));
    }
    if settings.disabled.contains(&wish.modem) {
        return Some(Down("the modem is switched off"));
    }
    modem.is_mute().then_some(Down("the modem says nothing"))
}

/// The PIN that the owner has written down for the SIM in use; that of the second slot is right.
fn pin_in_use(modem: &SimModem, wish: &Wish) -> Option<&'static str> {
    if modem.world.slot == 2 { Some(PIN) } else { wish.pin }
}

/// Whether a card opens with this PIN, or without.
pub(super) fn can_open(uicc: &Uicc, pin: Option<&str>) -> bool {
    match uicc.pin1 {
        PinState::Disabled | PinState::EnabledVerified => true,
        PinState::Blocked | PinState::PermanentlyBlocked => false,
        PinState::EnabledNotVerified => uicc.pin_retries >= 2 && pin == Some(PIN),
    }
}

fn of_sim(modem: &SimModem, wish: &Wish) -> Option<Expected> {
    let uicc = &modem.world.uicc;
    match uicc.card {
        CardState::Absent => return Some(Down("there is no SIM")),
        CardState::Error => return Some(Down("the SIM does not answer")),
        CardState::Present => {}
    }
    match (uicc.pin1, pin_in_use(modem, wish)) {
        (PinState::Disabled | PinState::EnabledVerified, _) => None,
        (PinState::Blocked | PinState::PermanentlyBlocked, _) => Some(Down("the PIN is blocked")),
        (PinState::EnabledNotVerified, _) if uicc.pin_retries < 2 => {
            Some(Down("the last attempt is the owner's"))
        }
        (PinState::EnabledNotVerified, Some(PIN)) => None,
        (PinState::EnabledNotVerified, Some(_)) => Some(Down("the PIN is wrong")),
        (PinState::EnabledNotVerified, None) => Some(Down("no PIN is configured")),
    }
}

fn of_network(modem: &SimModem, wish: &Wish, settings: &Settings) -> Option<Expected> {
    let network = &modem.world.network;
    match modem.world.radio.coverage {
        Coverage::Home => {}
        Coverage::Roaming if settings.roaming => {}
        Coverage::Roaming => return Some(Down("it is abroad and may not be")),
        Coverage::Denied(_) => return Some(Down("the network denies it")),
        Coverage::None => return Some(Down("there is no network")),
    }
    // Whom the network lets in from now on says nothing of the calls there are.
    if network.bearers.is_empty() {
        refusal(modem, wish)
    } else {
        (network.data_dead && wish.check).then_some(Open("it is dead and dialled again"))
    }
}

/// Why the network would not take a call.
fn refusal(modem: &SimModem, wish: &Wish) -> Option<Expected> {
    let network = &modem.world.network;
    let (v4, v6) = wish.families;
    let is_narrow = matches!(network.policy, Policy::OnlyV4 | Policy::OnlyV6) || !v4 || !v6;
    if is_narrow && matches!(wish.kind, Kind::At | Kind::Ppp) {
        return Some(Open("not every firmware can dial for one family"));
    }
    match network.policy {
        Policy::Reject(_) => return Some(Down("the network refuses the call")),
        Policy::OnlyV4 if !v4 => return Some(Down("the network has only IPv4")),
        Policy::OnlyV6 if !v6 => return Some(Down("the network has only IPv6")),
        Policy::OnlyV4 | Policy::OnlyV6 | Policy::Both => {}
    }
    if !network.apns.is_empty() && !network.apns.iter().any(|apn| apn == wish.apn) {
        return Some(Down("the network does not know the APN"));
    }
    (network.data_dead && wish.check).then_some(Open("it is dead and dialled again"))
}

/// Whether the SIM wants what only the owner has: then the interface may be blocked.
pub(crate) fn is_up_to_the_owner(modem: &SimModem, wish: &Wish) -> bool {
    let uicc = &modem.world.uicc;
    match uicc.pin1 {
        PinState::Disabled | PinState::EnabledVerified => false,
        PinState::Blocked | PinState::PermanentlyBlocked => true,
        PinState::EnabledNotVerified => {
            uicc.pin_retries < 2 || pin_in_use(modem, wish) == Some(WRONG_PIN)
        }
    }
}
