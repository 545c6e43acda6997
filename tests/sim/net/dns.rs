//! A name server that knows every name: A is 192.0.2.77, AAAA is 2001:db8::77 (RFC 1035, RFC 3596).

use super::ip::{Packet, reply, word};

/// Its answer to a datagram to port 53.
pub(super) fn answer(packet: &Packet<'_>) -> Option<Vec<u8>> {
    let datagram = packet.payload;
    let host_port = datagram.get(..2)?;
    if word(datagram, 2)? != 53 {
        return None;
    }
    let query = datagram.get(8..)?;
    let question_end = question_end(query)?;
    let question = query.get(12..question_end)?;
    let kind = word(query, question_end.checked_sub(4)?)?;
    let data: &[u8] = match kind {
        1 => &[192, 0, 2, 77],
        28 => &[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77],
        _ => &[],
    };
    // A response to a recursive query, no error, one question, as many answers as there are.
    let mut message = query.get(..2)?.to_vec();
    message.extend([0x81, 0x80, 0, 1, 0, u8::from(!data.is_empty()), 0, 0, 0, 0]);
    message.extend(question);
    if !data.is_empty() {
        // The name of the question, class IN, one minute.
        message.extend([0xc0, 12]);
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        message.extend(data);
    }
    let length = u16::try_from(8 + message.len()).ok()?.to_be_bytes();
    let mut payload = vec![0, 53];
    payload.extend(host_port);
    payload.extend(length);
    payload.extend([0, 0]);
    payload.extend(message);
    Some(reply(packet, payload, 6))
}

/// Where the first question ends: its labels, then type and class.
fn question_end(query: &[u8]) -> Option<usize> {
    let mut at = 12;
    loop {
        match *query.get(at)? {
            0 => return Some(at + 5).filter(|end| *end <= query.len()),
            label @ 1..=63 => at += usize::from(label) + 1,
            _ => return None,
        }
    }
}
