//! Answers and codes about short messages in PDU mode, TS 27.005 3 and 4.

use super::{Command, Params};
use core::slice::from_ref;

/// The memories, TS 27.005 3.1, by the numbers that stand for them: SIM, modem, either, reports.
pub const MEMORIES: [&str; 4] = ["SM", "ME", "MT", "SR"];

/// What a modem tells of a message by itself.
#[derive(Clone, PartialEq, Eq)]
pub enum MessageNews {
    /// It is stored: in which of [`MEMORIES`], and where.
    Stored {
        /// Which memory.
        memory: u8,
        /// Where in it.
        index: u32,
    },
    /// It is only told; the message behind a service centre's address.
    Told(Vec<u8>),
}

/// Reads `+CMTI`, `+CDSI`, `+CMT` and `+CDS`, the latter two with their second line.
pub fn parse_message_news(line: &str) -> Option<MessageNews> {
    let stored = ["+CMTI", "+CDSI"].iter().find_map(|name| Params::of(line, name));
    if let Some(mut params) = stored {
        let memory = params.next()?;
        let memory = MEMORIES.iter().position(|known| *known == memory.text)?;
        let index = params.next()?.number()?;
        return Some(MessageNews::Stored { memory: u8::try_from(memory).ok()?, index });
    }
    let (first, pdu) = line.split_once('\n')?;
    ["+CMT:", "+CDS:"].iter().any(|start| first.starts_with(start)).then_some(())?;
    octets(pdu).map(MessageNews::Told)
}

/// Has the modem read from and delete in one of [`MEMORIES`].
pub fn cpms_select(memory: u8) -> Command {
    let name = MEMORIES.get(usize::from(memory)).copied().unwrap_or("SM");
    Command::own(format!("AT+CPMS=\"{name}\""))
}

/// Reads the list of `+CMGL`: where each message is, and the message.
pub fn parse_cmgl(lines: &[String]) -> Vec<(u32, Vec<u8>)> {
    let mut messages = Vec::new();
    for pair in lines.windows(2) {
        if let [head, pdu] = pair
            && let Some(index) = Params::first_number(from_ref(head), "+CMGL")
            && let Some(message) = octets(pdu)
        {
            messages.push((index, message));
        }
    }
    messages
}

/// Reads the message of `+CMGR`; `None` when there is none, or the modem is in text mode.
pub fn parse_cmgr(lines: &[String]) -> Option<Vec<u8>> {
    let at = lines.iter().position(|line| Params::of(line, "+CMGR").is_some())?;
    octets(lines.get(at + 1)?)
}

/// Reads the reference of `+CMGS`.
pub fn parse_cmgs(lines: &[String]) -> Option<u8> {
    u8::try_from(Params::first_number(lines, "+CMGS")?).ok()
}

/// Reads which of [`MEMORIES`] is read from and deleted in, of `+CPMS?`.
pub fn parse_cpms(lines: &[String]) -> Option<u8> {
    let memory = Params::find(lines, "+CPMS")?.next()?;
    let at = MEMORIES.iter().position(|known| *known == memory.text)?;
    u8::try_from(at).ok()
}

/// Octets in hexadecimal digits; `None` when they are anything else.
pub(super) fn octets(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.trim().as_bytes().as_chunks::<2>();
    let mut octets = Vec::new();
    for pair in pairs {
        let mut octet = 0;
        for digit in pair {
            octet = octet << 4 | char::from(*digit).to_digit(16)?;
        }
        octets.push(u8::try_from(octet).ok()?);
    }
    (rest.is_empty() && !octets.is_empty()).then_some(octets)
}
