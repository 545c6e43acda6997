//! RNDIS: the answers to the host's control messages, and the header of each frame. Names and
//! numbers are those of Microsoft's "[MS-RNDIS] Remote Network Driver Interface Specification".

/// REMOTE_NDIS_PACKET_MSG, and its length without data.
const PACKET: u32 = 1;
const PACKET_BYTES: usize = 44;
/// From the field of the offset to the data.
const OFFSET_AT: usize = 8;
/// RNDIS_STATUS_NOT_SUPPORTED.
const NOT_SUPPORTED: u32 = 0xc000_00bb;
/// The longest transfer.
const TRANSFER_BYTES: u32 = 0x4000;

/// What is announced when an answer waits: RESPONSE_AVAILABLE.
pub(super) const NOTIFICATION: [u8; 8] = [1, 0, 0, 0, 0, 0, 0, 0];

/// The answer to a control message.
pub(super) fn answer(message: &[u8], mac: [u8; 6]) -> Option<Vec<u8>> {
    let request = field(message, 8)?;
    Some(match field(message, 0)? {
        // INITIALIZE: version 1.0, connectionless, 802.3, one packet a transfer.
        2 => words(&[0x8000_0002, 52, request, 0, 1, 0, 1, 0, 1, TRANSFER_BYTES, 0, 0, 0]),
        4 => query(request, field(message, 12)?, mac),
        // SET and KEEPALIVE.
        kind @ (5 | 8) => words(&[0x8000_0000 | kind, 16, request, 0]),
        _ => return None,
    })
}

fn query(request: u32, object: u32, mac: [u8; 6]) -> Vec<u8> {
    let data = match object {
        // OID_802_3_PERMANENT_ADDRESS, OID_802_3_CURRENT_ADDRESS
        0x0101_0101 | 0x0101_0102 => mac.to_vec(),
        // OID_GEN_PHYSICAL_MEDIUM, OID_GEN_MEDIA_CONNECT_STATUS: unspecified, connected
        0x0001_0202 | 0x0001_0114 => words(&[0]),
        _ => return words(&[0x8000_0004, 24, request, NOT_SUPPORTED, 0, 0]),
    };
    let length = u32::try_from(data.len()).unwrap_or(0);
    let mut all = words(&[0x8000_0004, 24 + length, request, 0, length, 16]);
    all.extend(data);
    all
}

/// A frame for the host.
pub(super) fn packet(frame: &[u8]) -> Vec<u8> {
    let length = u32::try_from(frame.len()).unwrap_or(0);
    let mut all = words(&[PACKET, 44 + length, 36, length, 0, 0, 0, 0, 0, 0, 0]);
    all.extend(frame);
    all
}

/// The frames in a transfer of the host's.
pub(super) fn frames(mut transfer: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while transfer.len() >= PACKET_BYTES && field(transfer, 0) == Some(PACKET) {
        let part = |at| usize::try_from(field(transfer, at)?).ok();
        let (Some(total @ 1..), Some(offset), Some(length)) = (part(4), part(8), part(12)) else {
            break;
        };
        let start = OFFSET_AT.saturating_add(offset);
        frames.extend(transfer.get(start..start.saturating_add(length)).map(<[u8]>::to_vec));
        transfer = transfer.get(total..).unwrap_or_default();
    }
    frames
}

fn field(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn words(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|word| word.to_le_bytes()).collect()
}
