//! QMAP: the four bytes before each packet when many go in one transfer.
//!
//! `Documentation/networking/device_drivers/cellular/qualcomm/rmnet.rst` of Linux: a byte of which
//! the low six bits count the padding, the channel, and the length with padding, big-endian.

/// Takes a transfer apart: channels and packets, without padding. What is cut short is left out.
pub(crate) fn packets(mut transfer: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut packets = Vec::new();
    while let [flags, channel, high, low, ref rest @ ..] = *transfer {
        let len = usize::from(u16::from_be_bytes([high, low]));
        let Some((padded, next)) = rest.split_at_checked(len) else { break };
        let padding = usize::from(flags & 0x3f);
        let is_command = flags & 0x80 != 0;
        if let Some(packet) = padded.get(..len.saturating_sub(padding)).filter(|_| !is_command) {
            packets.push((channel, packet.to_vec()));
        }
        transfer = next;
    }
    packets
}

/// Appends a packet to a transfer, padded to four bytes.
pub(crate) fn push(transfer: &mut Vec<u8>, channel: u8, packet: &[u8]) {
    let padding = packet.len().next_multiple_of(4) - packet.len();
    let len = u16::try_from(packet.len() + padding).unwrap_or(u16::MAX);
    transfer.extend([u8::try_from(padding).unwrap_or(0), channel]);
    transfer.extend(len.to_be_bytes());
    transfer.extend(packet);
    transfer.resize(transfer.len() + padding, 0);
}
