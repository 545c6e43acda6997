//! Short messages in PDU mode, TS 27.005.

use ltewan::time::Instant;

use super::super::qmi::Context;
use super::{At, Failure};
use crate::sim::world::World;

/// A service centre's address, as modems put it before a message.
const CENTRE: &str = "07919471227230F3";

/// Ctrl-Z sends, ESC does not.
const SEND: u8 = 0x1a;
const GIVE_UP: u8 = 0x1b;

const MEMORIES: [&str; 2] = ["\"SM\"", "\"ME\""];

/// What a port is set to about messages.
#[derive(Debug, Default)]
pub(super) struct Setting {
    is_text_mode: bool,
    /// +CNMI, its second number: told where a message is stored.
    wants_news: bool,
    memory: u8,
    /// The octets of a message that is awaited behind a prompt, and what came of it.
    prompt: Option<(usize, Vec<u8>)>,
}

/// Runs a command about messages; `None` when it is about something else.
pub(super) fn run(
    at: &mut At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
    output: &mut String,
) -> Option<Result<(), Failure>> {
    if !context.config.messages || !context.world.uicc.is_ready() {
        return None;
    }
    let messages = &mut context.world.messages;
    let number = tail.strip_prefix('=').and_then(|n| n.parse::<u32>().ok());
    let memory = at.messages.memory;
    match (name, number) {
        ("+CMGF", Some(mode @ 0..=1)) => at.messages.is_text_mode = mode == 1,
        ("+CNMI", _) => at.messages.wants_news = tail.split(',').nth(1) == Some("1"),
        ("+CPMS", _) if tail == "?" => {
            let used = messages.stored.iter().filter(|it| it.memory == memory).count();
            let each = format!("{},{used},10", MEMORIES[usize::from(memory)]);
            at.say(output, &format!("+CPMS: {each},{each},{each}"));
        }
        ("+CPMS", _) => {
            let found = MEMORIES.iter().position(|known| tail == format!("={known}"));
            let Some(found) = found else { return Some(Err(Failure::Cms(302))) };
            at.messages.memory = u8::try_from(found).unwrap_or(0);
            at.say(output, "+CPMS: 0,10,0,10,0,10");
        }
        ("+CMGL", Some(4)) if !at.messages.is_text_mode => {
            let all = messages.stored.clone();
            let here = messages.stored.iter_mut().filter(|it| it.memory == memory);
            here.for_each(|it| it.is_seen = true);
            for it in all.iter().filter(|it| it.memory == memory) {
                let status = u8::from(it.is_read);
                at.say(output, &format!("+CMGL: {},{status},,{}", it.index, it.tpdu.len()));
                output.push_str(&format!("{CENTRE}{}\r\n", hex(&it.tpdu)));
            }
        }
        ("+CMGR", Some(index)) => match messages.read(memory, index) {
            Some(_) if at.messages.is_text_mode => {
                at.say(output, "+CMGR: \"REC READ\",\"+49170\",,\"26/11/21,12:00:00+00\"");
                output.push_str("text that is no PDU\r\n");
            }
            Some(it) => {
                let status = u8::from(it.is_read);
                at.say(output, &format!("+CMGR: {status},,{}", it.tpdu.len()));
                output.push_str(&format!("{CENTRE}{}\r\n", hex(&it.tpdu)));
            }
            None => return Some(Err(Failure::Cms(321))),
        },
        ("+CMGD", Some(index)) if messages.delete(memory, index) => {}
        ("+CMGD", Some(_)) => return Some(Err(Failure::Cms(321))),
        ("+CMGS", Some(length)) if !at.messages.is_text_mode => {
            at.messages.prompt = Some((usize::try_from(length).unwrap_or(0), Vec::new()));
        }
        _ => return None,
    }
    Some(Ok(()))
}

impl At {
    /// Whether a message is awaited.
    pub(super) fn prompts(&self) -> bool {
        self.messages.prompt.is_some()
    }

    /// A byte behind a prompt; what comes of the message when that ends it.
    pub(super) fn take_payload(
        &mut self,
        context: &mut Context<'_>,
        byte: u8,
    ) -> Option<(Result<(), Failure>, String)> {
        let (length, payload) = self.messages.prompt.as_mut()?;
        match byte {
            GIVE_UP => {
                self.messages.prompt = None;
                return Some((Ok(()), String::new()));
            }
            SEND => {}
            _ => {
                payload.push(byte);
                return None;
            }
        }
        let length = *length;
        let digits = String::from_utf8(std::mem::take(payload)).unwrap_or_default();
        self.messages.prompt = None;
        let octets: Option<Vec<u8>> = (0..digits.len() / 2)
            .map(|at| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok())
            .collect();
        let tpdu = octets.and_then(|octets| {
            let centre = usize::from(*octets.first()?) + 1;
            octets.get(centre..).filter(|tpdu| tpdu.len() == length).map(<[u8]>::to_vec)
        });
        let Some(tpdu) = tpdu else { return Some((Err(Failure::Cms(304)), String::new())) };
        let mut output = String::new();
        let result = match context.world.messages.send(context.now, tpdu) {
            Ok(reference) => {
                self.say(&mut output, &format!("+CMGS: {reference}"));
                Ok(())
            }
            Err(cause) => Err(Failure::Cms(cause)),
        };
        Some((result, output))
    }

    /// Tells where a message is stored.
    pub(super) fn tell_message(
        &self,
        now: Instant,
        world: &World,
        place: (u8, u32),
        link: &mut super::Link,
    ) {
        let is_there = |it: &&crate::sim::world::messages::Stored| (it.memory, it.index) == place;
        let Some(stored) = world.messages.stored.iter().find(is_there) else { return };
        if self.messages.wants_news {
            // Reports have a code of their own.
            let is_report = stored.tpdu.first().is_some_and(|first| first & 3 == 2);
            let code = if is_report { "+CDSI" } else { "+CMTI" };
            let memory = MEMORIES[usize::from(place.0)];
            self.urc(now, link, &format!("{code}: {memory},{}", place.1));
        }
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}
