//! USSD, TS 27.007 7.15, with the habits of vendors.

use ltewan::time::Instant;
use ltewan::wire::sms::{Alphabet, pack, unpack};

use super::super::qmi::Context;
use super::dial::Done;
use super::{At, Failure};
use crate::sim::config::{Config, Dialect, UssdKind};
use crate::sim::world::ussd::Said;

/// Runs a command about it; `None` when it is about something else.
pub(super) fn run(
    at: &mut At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
) -> Option<Result<Done, Failure>> {
    if name != "+CUSD" || context.config.ussd == UssdKind::None {
        return None;
    }
    let fields: Vec<&str> = tail.trim_start_matches('=').splitn(3, ',').collect();
    match fields.as_slice() {
        ["1"] => at.wants_ussd = true,
        ["2"] => context.world.ussd.cancel(),
        ["1", shown, dcs] => {
            let shown = shown.trim_matches('"');
            let is_packed = context.config.dialect == Dialect::Huawei;
            let text = match *dcs {
                "15" if is_packed => octets(shown).map(|octets| text_of(&octets)),
                "15" => Some(shown.to_owned()),
                "72" => octets(shown).map(|octets| {
                    let (pairs, _) = octets.as_chunks::<2>();
                    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
                    String::from_utf16_lossy(&units.collect::<Vec<_>>())
                }),
                _ => None,
            };
            let Some(text) = text else { return Some(Err(Failure::Cme(50))) };
            context.world.ussd.send(context.now, &text);
            at.wants_ussd = true;
            if context.config.ussd == UssdKind::Old {
                return Some(Ok(Done::Later));
            }
        }
        _ => return Some(Err(Failure::Cme(50))),
    }
    Some(Ok(Done::Now))
}

impl At {
    /// Tells what the network says: before the end of an answer that waits for it, or by itself.
    pub(super) fn tell_ussd(
        &mut self,
        now: Instant,
        config: &Config,
        said: &Said,
        link: &mut super::Link,
    ) {
        if !self.wants_ussd {
            return;
        }
        let line = match said {
            Said::Text(text, wants_reply) => {
                let (shown, dcs) = shown(config, text);
                format!("+CUSD: {},\"{shown}\",{dcs}", u8::from(*wants_reply))
            }
            Said::Released => "+CUSD: 2".to_owned(),
            Said::Unknown => "+CUSD: 4".to_owned(),
        };
        if self.unanswered.is_some() {
            let mut output = String::new();
            self.say(&mut output, &line);
            self.finish(now, config, Ok(()), output, link);
        } else {
            self.urc(now, link, &line);
        }
    }
}

/// A text as firmware shows it, and its coding scheme.
fn shown(config: &Config, text: &str) -> (String, u8) {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02X}")).collect();
    if !text.is_ascii() {
        let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        return (hex(&octets), 72);
    }
    if config.dialect != Dialect::Huawei {
        return (text.to_owned(), 15);
    }
    let alphabet = Alphabet::new(0, 0);
    let codes = text.encode_utf16().filter_map(|unit| Some(alphabet.encode(unit)?.1));
    (hex(&pack(&codes.collect::<Vec<u8>>(), 0)), 15)
}

fn text_of(octets: &[u8]) -> String {
    let codes = unpack(octets, 0, usize::MAX);
    let text = String::from_utf16_lossy(&Alphabet::new(0, 0).decode(&codes));
    text.trim_end_matches('\r').to_owned()
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok();
    (0..digits.len() / 2).map(pair).collect()
}
