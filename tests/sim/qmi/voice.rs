//! VOICE: USSD.

use super::tlv::{Request, Tlvs, byte, find};
use super::{Context, Qmi, Reply, VOICE, error};
use crate::sim::config::UssdKind;
use crate::sim::world::ussd::Said;

const REGISTER: u16 = 0x03;
const ORIGINATE: u16 = 0x3A;
const ANSWER: u16 = 0x3B;
const CANCEL: u16 = 0x3C;
const RELEASED: u16 = 0x3D;
const TOLD: u16 = 0x3E;
const NO_WAIT: u16 = 0x43;

/// A session that the host has begun and that is not over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Begun {
    /// The answer comes as an indication.
    NoWait,
    /// It is the reply to this client's request.
    Waiting(u8, u16),
}

pub(super) fn handle(
    qmi: &mut Qmi,
    context: &mut Context<'_>,
    request: Request<'_>,
) -> Option<Reply> {
    let ussd = &mut context.world.ussd;
    let text = || match find(request.body, 1)? {
        [1, count, text @ ..] if usize::from(*count) == text.len() => {
            Some(String::from_utf8_lossy(text).into_owned())
        }
        [3, count, text @ ..] if usize::from(*count) == text.len() => {
            let (pairs, _) = text.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            Some(String::from_utf16_lossy(&units))
        }
        _ => None,
    };
    match request.message {
        REGISTER => {
            if let Some(client) = qmi.client_mut(VOICE, request.client) {
                client.wants_ussd = byte(request.body, 0x16) == Some(1);
            }
        }
        NO_WAIT if context.config.ussd == UssdKind::Old => {
            return Some(Reply::error(error::INVALID_QMI_COMMAND));
        }
        NO_WAIT | ORIGINATE | ANSWER => {
            let Some(text) = text() else { return Some(Reply::error(error::MALFORMED_MESSAGE)) };
            if ussd.is_open != (request.message == ANSWER) {
                return Some(Reply::error(error::NO_EFFECT));
            }
            ussd.send(context.now, &text);
            let waits = request.message == ORIGINATE;
            let waiting = Begun::Waiting(request.client, request.transaction);
            qmi.begun = Some(if waits { waiting } else { Begun::NoWait });
            return (!waits).then(Reply::ok);
        }
        CANCEL => {
            ussd.cancel();
            qmi.begun = None;
        }
        _ => return Some(Reply::error(error::INVALID_QMI_COMMAND)),
    }
    Some(Reply::ok())
}

/// A text in what it fits in: ASCII, or UCS2 with its high octet first.
fn coded(text: &str) -> Vec<u8> {
    let (coding, octets): (u8, Vec<u8>) = if text.is_ascii() {
        (1, text.bytes().collect())
    } else {
        (3, text.encode_utf16().flat_map(u16::to_be_bytes).collect())
    };
    [&[coding, u8::try_from(octets.len()).unwrap_or(u8::MAX)], octets.as_slice()].concat()
}

/// A text as UTF-16, with its low octet first.
fn utf16(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let count = u8::try_from(units.len()).unwrap_or(u8::MAX);
    let octets = units.into_iter().flat_map(u16::to_le_bytes);
    core::iter::once(count).chain(octets).collect()
}

/// Tells what the network says.
pub(super) fn indicate(qmi: &mut Qmi, said: &Said) {
    let mut tlvs = Tlvs::default();
    let begun = qmi.begun.take();
    let message = match (said, begun) {
        (Said::Text(text, false), Some(Begun::Waiting(client, transaction))) => {
            let reply = Reply::ok().put(0x12, coded(text));
            return qmi.respond(VOICE, client, transaction, ORIGINATE, &reply);
        }
        (_, Some(Begun::Waiting(client, transaction))) => {
            let is_told = matches!(said, Said::Text(..));
            let reply = if is_told { Reply::ok() } else { Reply::error(error::NOT_SUPPORTED) };
            qmi.respond(VOICE, client, transaction, ORIGINATE, &reply);
            if !is_told {
                return;
            }
            TOLD
        }
        (Said::Text(_, false) | Said::Unknown, Some(Begun::NoWait)) => NO_WAIT,
        (Said::Text(..), _) => TOLD,
        (Said::Released | Said::Unknown, _) => RELEASED,
    };
    match (said, message) {
        (Said::Text(text, _), NO_WAIT) => drop(tlvs.put(0x12, coded(text))),
        (Said::Text(text, wants_reply), _) => {
            tlvs.put(0x01, [1 + u8::from(*wants_reply)]);
            tlvs.put(0x11, utf16(text));
        }
        (Said::Unknown, NO_WAIT) => drop(tlvs.put(0x10, [0x03, 0]).put(0x11, [0x87, 0])),
        (Said::Released | Said::Unknown, _) => {}
    }
    qmi.indicate_to(VOICE, message, &tlvs, |client| client.wants_ussd);
}
