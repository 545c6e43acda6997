//! Frames of PPP on a serial line: flags, escapes, checksum. RFC 1662.

const FLAG: u8 = 0x7e;
const ESCAPE: u8 = 0x7d;
const XOR: u8 = 0x20;
/// All stations, unnumbered information.
const HEADER: [u8; 2] = [0xff, 0x03];
/// The longest frame taken.
const FRAME_BYTES: usize = 4096;
/// What the checksum over a whole frame with its checksum gives. RFC 1662 C.2.
const GOOD: u16 = 0xf0b8;

fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |mut sum, byte| {
        sum ^= u16::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0x8408 } else { sum >> 1 };
        }
        sum
    })
}

/// A packet of a protocol as it goes over the line. Everything below 0x20 is escaped, which every
/// peer understands whatever was agreed.
pub(crate) fn encode(protocol: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = HEADER.to_vec();
    frame.extend(protocol.to_be_bytes());
    frame.extend(packet);
    frame.extend((!checksum(&frame)).to_le_bytes());
    let mut line = vec![FLAG];
    for byte in frame {
        if byte < 0x20 || byte == FLAG || byte == ESCAPE {
            line.extend([ESCAPE, byte ^ XOR]);
        } else {
            line.push(byte);
        }
    }
    line.push(FLAG);
    line
}

/// Finds frames in what comes over the line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decoder {
    frame: Vec<u8>,
    is_escaped: bool,
    /// Frames with a wrong checksum.
    pub(crate) bad: u32,
}

impl Decoder {
    /// Takes bytes; the packets that are whole with them, each with its protocol.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
        let mut packets = Vec::new();
        for byte in bytes {
            match *byte {
                FLAG => {
                    let frame = core::mem::take(&mut self.frame);
                    if !core::mem::take(&mut self.is_escaped) && !frame.is_empty() {
                        let packet = open(&frame);
                        self.bad += u32::from(packet.is_none());
                        packets.extend(packet);
                    }
                }
                ESCAPE => self.is_escaped = true,
                byte if self.frame.len() < FRAME_BYTES => {
                    let mask = if core::mem::take(&mut self.is_escaped) { XOR } else { 0 };
                    self.frame.push(byte ^ mask);
                }
                _ => {}
            }
        }
        packets
    }
}

fn open(frame: &[u8]) -> Option<(u16, Vec<u8>)> {
    let rest = frame.get(..frame.len().checked_sub(2)?)?;
    let packet = rest.strip_prefix(&HEADER)?;
    let (protocol, packet) = packet.split_first_chunk()?;
    (checksum(frame) == GOOD).then(|| (u16::from_be_bytes(*protocol), packet.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::{Decoder, encode};

    #[test]
    fn frames_are_found_in_pieces_and_between_noise() {
        let mut line = b"\r\nCONNECT\r\n".to_vec();
        line.extend(encode(0xc021, &[1, 1, 0, 4]));
        line.extend(encode(0x0021, &(0..=255).collect::<Vec<u8>>()));
        let mut decoder = Decoder::default();
        let found: Vec<_> = line.chunks(3).flat_map(|part| decoder.push(part)).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], (0xc021, vec![1, 1, 0, 4]));
        assert_eq!(found[1].1.len(), 256);
        // The noise before the first flag.
        assert_eq!(decoder.bad, 1);
        let mut broken = encode(0xc021, &[1, 1, 0, 4]);
        broken[5] ^= 1;
        assert!(decoder.push(&broken).is_empty());
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // The check value of CRC-16/X-25, which RFC 1662 C describes.
        assert_eq!(!super::checksum(b"123456789"), 0x906e);
        let line = encode(0xc021, &[]);
        assert_eq!(line[..5], [0x7e, 0xff, 0x7d, 0x23, 0xc0]);
        assert_eq!(Decoder::default().push(&line), [(0xc021, Vec::new())]);
    }
}
