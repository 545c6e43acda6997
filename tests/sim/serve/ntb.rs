//! NCM transfer blocks with 16-bit lengths (NCM 1.0, 3.2 and 3.3.1), with Ethernet frames, or as
//! MBIM carries IP packets in them (MBIM 1.0, 7). Of MBIM only session 0, the untagged one.

/// `NCMH`
const BLOCK: [u8; 4] = *b"NCMH";
/// What tables of pointers begin with in MBIM: `IPS` and the session.
pub(super) const MBIM: [u8; 4] = *b"IPS\0";
/// In NCM: no checksum follows.
pub(super) const NCM: [u8; 4] = *b"NCM0";

/// The longest block, either way.
const BLOCK_MAX: u32 = 16_384;

/// What GET_NTB_PARAMETERS tells: 16 bits only, blocks of 16 KB, datagrams at multiples of four.
pub(super) fn parameters() -> Vec<u8> {
    let mut all = Vec::from([28, 0, 1, 0]);
    all.extend(BLOCK_MAX.to_le_bytes());
    // Divisor, remainder, alignment; in, then the same out with nothing between.
    all.extend([4, 0, 0, 0, 4, 0, 0, 0]);
    all.extend(BLOCK_MAX.to_le_bytes());
    // The most datagrams in a block of the host's: any.
    all.extend([4, 0, 0, 0, 4, 0, 0, 0]);
    all
}

/// What GET_NTB_INPUT_SIZE tells.
pub(super) fn input_size() -> Vec<u8> {
    BLOCK_MAX.to_le_bytes().to_vec()
}

/// A block with one packet.
pub(super) fn block(pointers: [u8; 4], sequence: u16, packet: &[u8]) -> Vec<u8> {
    let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    // Header of 12, pointers of 16, then the packet.
    let mut all = BLOCK.to_vec();
    for field in [short(12), sequence.to_le_bytes(), short(28 + packet.len()), short(12)] {
        all.extend(field);
    }
    all.extend(pointers);
    for field in [short(16), [0, 0], short(28), short(packet.len()), [0, 0], [0, 0]] {
        all.extend(field);
    }
    all.extend(packet);
    all
}

/// The packets in a block; none of one that makes no sense.
pub(super) fn packets(pointers: [u8; 4], block: &[u8]) -> Vec<Vec<u8>> {
    let short = |at: usize| {
        let bytes = block.get(at..at.checked_add(2)?)?;
        Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
    };
    if !block.starts_with(&BLOCK) {
        return Vec::new();
    }
    let mut packets = Vec::new();
    let mut table = short(10).unwrap_or(0);
    // Each table says where the next is; a block has room for no more than this.
    for _ in 0..64 {
        if table == 0 || block.get(table..table + 4) != Some(&pointers) {
            break;
        }
        for entry in (table + 8..).step_by(4) {
            let (Some(start @ 1..), Some(length @ 1..)) = (short(entry), short(entry + 2)) else {
                break;
            };
            packets.extend(block.get(start..start + length).map(<[u8]>::to_vec));
        }
        table = short(table + 6).unwrap_or(0);
    }
    packets
}
