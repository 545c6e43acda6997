//! UIM: card status, PIN, files, power.

use super::tlv::{Request, Tlvs, find, long, split_text};
use super::{Client, Context, Qmi, Reply, UIM, error, uim_files};
use crate::sim::config::Uim;
use crate::sim::world::World;
use crate::sim::world::uicc::{AppState, CardState, PinError, PinState};

const CARD_STATUS: u16 = 0x32;

/// The USIM application's identifier (TS 101 220 annex E), with an issuer's tail.
const USIM_AID: [u8; 16] =
    [0xa0, 0, 0, 0, 0x87, 0x10, 0x02, 0xff, 0x49, 0xff, 0x05, 0x89, 0x06, 0x01, 0, 0];

pub(super) fn handle(qmi: &mut Qmi, context: &mut Context<'_>, request: Request<'_>) -> Reply {
    match request.message {
        0x00 => Reply::ok(),
        0x20 => uim_files::read_transparent(context.world, request.body),
        0x24 => uim_files::file_attributes(context.world, request.body),
        0x25..=0x28 if context.config.uim == Uim::WithoutPins => Reply::error(error::NOT_SUPPORTED),
        0x25..=0x28 => pin(context, request),
        0x2e => {
            // Card status and physical slot status exist here.
            let mask = long(request.body, 1).unwrap_or(0) & 0b1_0001;
            if let Some(client) = qmi.client_mut(UIM, request.client) {
                client.uim_events = mask;
            }
            Reply::ok().put(0x10, mask.to_le_bytes())
        }
        0x2f => Reply::ok().put(0x10, card_status(context.world)),
        0x30 => power(context, request.body, false),
        0x31 => power(context, request.body, true),
        // Change provisioning session: the one application is always the one in use.
        0x38 => Reply::ok(),
        0x46 => {
            let slot = long(request.body, 2).and_then(|slot| u8::try_from(slot).ok());
            let ready = context.config.timings.sim_ready;
            match context.world.use_slot(context.now, slot.unwrap_or(0), ready) {
                true => Reply::ok(),
                false => Reply::error(error::INVALID_ARGUMENT),
            }
        }
        0x47 => Reply::ok().put(0x10, slot_status(context.world)),
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    }
}

/// QMI's error for a refusal of the card.
pub(super) fn pin_error(refusal: PinError) -> u16 {
    match refusal {
        PinError::NotReady => error::UIM_UNINITIALIZED,
        PinError::IncorrectPin => error::INCORRECT_PIN,
        PinError::Blocked => error::PIN_BLOCKED,
        PinError::PermanentlyBlocked => error::PIN_ALWAYS_BLOCKED,
        PinError::NoEffect => error::NO_EFFECT,
        PinError::InvalidArgument => error::INVALID_ARGUMENT,
    }
}

/// Protection, verify, unblock and change of PIN1.
fn pin(context: &mut Context<'_>, request: Request<'_>) -> Reply {
    if find(request.body, 1).is_none() {
        return Reply::error(error::MISSING_ARGUMENT);
    }
    let Some([id, info @ ..]) = find(request.body, 2) else {
        return Reply::error(error::MISSING_ARGUMENT);
    };
    if *id != 1 {
        return Reply::error(error::INVALID_PIN_ID);
    }
    let (protect, codes) = match (request.message, info) {
        (0x25, [enabled, codes @ ..]) => (Some(*enabled != 0), codes),
        _ => (None, info),
    };
    let Some((first, rest)) = split_text(codes) else {
        return Reply::error(error::MALFORMED_MESSAGE);
    };
    let second = split_text(rest).map(|(text, _)| text);
    let uicc = &mut context.world.uicc;
    let result = match (request.message, protect, second) {
        (0x25, Some(enabled), _) => uicc.protect(enabled, &first),
        (0x26, _, _) => uicc.verify(&first),
        (0x27, _, Some(new)) => uicc.unblock(&first, &new),
        (0x28, _, Some(new)) => uicc.change(&first, &new),
        _ => Err(PinError::InvalidArgument),
    };
    context.world.uicc_changed(context.now);
    let uicc = &context.world.uicc;
    let mut reply = Reply::status(result.map_err(pin_error));
    let retries = [uicc.pin_retries, uicc.puk_retries];
    match result {
        Ok(()) => {
            if request.message != 0x25 {
                reply = reply.put(0x13, [0x90, 0x00]);
            }
        }
        Err(PinError::IncorrectPin) => {
            // 63Cx: x attempts left (TS 102 221 10.2.1.5).
            let left = if request.message == 0x27 { uicc.puk_retries } else { uicc.pin_retries };
            reply = reply.put(0x10, retries).put(0x13, [0x63, 0xc0 | left & 0xf]);
        }
        Err(PinError::Blocked | PinError::PermanentlyBlocked) => {
            reply = reply.put(0x10, retries).put(0x13, [0x69, 0x83]);
        }
        Err(PinError::NotReady | PinError::NoEffect | PinError::InvalidArgument) => {}
    }
    reply
}

/// Switches the slot off or on.
fn power(context: &mut Context<'_>, body: &[u8], on: bool) -> Reply {
    let Some(slot) = find(body, 1) else { return Reply::error(error::MISSING_ARGUMENT) };
    if slot != [1] {
        return Reply::error(error::INVALID_ARGUMENT);
    }
    let uicc = &mut context.world.uicc;
    if uicc.card == CardState::Absent {
        return Reply::error(error::NO_SIM);
    }
    if uicc.powered == on {
        return Reply::error(error::NO_EFFECT);
    }
    if on {
        uicc.reset(context.now + context.config.timings.sim_ready);
    } else {
        uicc.powered = false;
    }
    context.world.uicc_changed(context.now);
    Reply::ok()
}

/// Card status: one slot, and one USIM in it when there is a card.
fn card_status(world: &World) -> Vec<u8> {
    let uicc = &world.uicc;
    let primary: u16 = if uicc.app_state() == AppState::Ready { 0 } else { 0xffff };
    let mut status = primary.to_le_bytes().to_vec();
    status.extend([0xff; 6]);
    let (card, card_error) = match uicc.card {
        CardState::Absent => (0, 0),
        CardState::Error => (2, 3),
        CardState::Present if !uicc.powered => (2, 1),
        CardState::Present => (1, 0),
    };
    status.extend([1, card, 0, 0, 0, card_error]);
    if !uicc.is_present() {
        status.push(0);
        return status;
    }
    let app = match uicc.app_state() {
        AppState::Detected => 1,
        AppState::PinRequired => 2,
        AppState::PukRequired => 3,
        AppState::Blocked => 5,
        AppState::Ready => 7,
    };
    let pin1 = match uicc.pin1 {
        _ if uicc.ready_at.is_some() => 0,
        PinState::EnabledNotVerified => 1,
        PinState::EnabledVerified => 2,
        PinState::Disabled => 3,
        PinState::Blocked => 4,
        PinState::PermanentlyBlocked => 5,
    };
    let personalization = if app == 7 { [2, 11, 0, 0] } else { [0, 11, 0, 0] };
    status.extend([1, 2, app]);
    status.extend(personalization);
    status.push(16);
    status.extend(USIM_AID);
    status.extend([0, pin1, uicc.pin_retries, uicc.puk_retries, 1, 3, 10]);
    status
}

/// Physical slot status: which slots there are, and which is in use.
fn slot_status(world: &World) -> Vec<u8> {
    let (cards, used) = world.own_cards();
    let mut status = vec![u8::try_from(cards.len()).unwrap_or(0)];
    for (slot, uicc) in (1..).zip(cards) {
        let present = uicc.card == CardState::Present;
        let active = slot == used;
        status.extend(if present { 2u32 } else { 1 }.to_le_bytes());
        status.extend(u32::from(active).to_le_bytes());
        status.push(u8::from(active));
        let iccid = if present { uim_files::swapped_bcd(&uicc.iccid, 10) } else { vec![] };
        status.push(u8::try_from(iccid.len()).unwrap_or(0));
        status.extend(iccid);
    }
    status
}

/// Tells of the card to those who registered for it.
pub(super) fn indicate(qmi: &mut Qmi, world: &World) {
    let mut card = Tlvs::default();
    card.put(0x10, card_status(world));
    qmi.indicate_to(UIM, CARD_STATUS, &card, |client: &Client| client.uim_events & 1 != 0);
}
