//! The USSD service.

use ltewan::wire::sms::{Alphabet, pack, unpack};

use super::buffer::long;
use super::{Buffer, Command, Mbim, Reply, USSD, status};
use crate::sim::config::UssdKind;
use crate::sim::qmi::Context;
use crate::sim::world::ussd::Said;

/// The one command there is.
pub(super) const CID: u32 = 1;

/// 3GPP TS 23.038 5: the default alphabet, and UCS2.
const GSM7: u32 = 0x0F;
const UCS2: u32 = 0x48;

pub(super) fn handle(
    mbim: &mut Mbim,
    context: &mut Context<'_>,
    command: &Command<'_>,
) -> Option<Reply> {
    let field = |at| usize::try_from(long(command.info, at)?).ok();
    let payload = || command.info.get(field(8)?..field(8)?.checked_add(field(12)?)?);
    let ussd = &mut context.world.ussd;
    match (command.cid, long(command.info, 0)) {
        (CID, Some(action @ 0..=1)) if command.set => {
            if ussd.is_open != (action == 1) {
                return Some(Reply::failed(status::FAILURE));
            }
            let Some(text) = payload().and_then(|octets| read(octets, long(command.info, 4)?))
            else {
                return Some(Reply::failed(status::INVALID_PARAMETERS));
            };
            ussd.send(context.now, &text);
            if context.config.ussd == UssdKind::Old {
                return Some(Reply::ok(info(0, action, "")));
            }
            mbim.ussd_waiting = Some(command.transaction);
            None
        }
        (CID, Some(2)) if command.set => {
            ussd.cancel();
            if let Some(transaction) = mbim.ussd_waiting.take() {
                mbim.done(USSD, CID, transaction, &Reply::ok(info(2, 1, "")));
            }
            Some(Reply::ok(info(0, 1, "")))
        }
        _ => Some(Reply::failed(status::NO_DEVICE_SUPPORT)),
    }
}

fn read(octets: &[u8], dcs: u32) -> Option<String> {
    match dcs {
        GSM7 => {
            let codes = unpack(octets, 0, usize::MAX);
            let text = String::from_utf16(&Alphabet::new(0, 0).decode(&codes)).ok()?;
            Some(text.trim_end_matches('\r').to_owned())
        }
        UCS2 => {
            let (pairs, _) = octets.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

/// MBIM_USSD_INFO
fn info(response: u32, session: u32, text: &str) -> Buffer {
    let (dcs, octets) = if text.is_ascii() {
        let alphabet = Alphabet::new(0, 0);
        let codes = text.encode_utf16().filter_map(|unit| Some(alphabet.encode(unit)?.1));
        (GSM7, pack(&codes.collect::<Vec<u8>>(), 0))
    } else {
        (UCS2, text.encode_utf16().flat_map(u16::to_be_bytes).collect())
    };
    let length = u32::try_from(octets.len()).unwrap_or(0);
    Buffer::default().longs(&[response, session, dcs]).offset(octets).long(length)
}

impl Mbim {
    /// Tells what the network says: to who waits for it, else to all.
    pub(super) fn tell_ussd(&mut self, said: &Said) {
        let session = u32::from(self.ussd_waiting.is_some());
        let info = match said {
            Said::Text(text, wants_reply) => info(u32::from(*wants_reply), session, text),
            Said::Released => info(2, session, ""),
            Said::Unknown => info(4, session, ""),
        };
        match self.ussd_waiting.take() {
            Some(transaction) => self.done(USSD, CID, transaction, &Reply::ok(info)),
            None => self.indicate_of(USSD, CID, info),
        }
    }
}
