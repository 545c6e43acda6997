//! MD5, for CHAP alone. RFC 1321.

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

pub(super) fn md5(message: &[u8]) -> [u8; 16] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_le_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks_exact(64) {
        let words: Vec<u32> = block
            .chunks_exact(4)
            .map(|word| word.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
            .collect();
        let [mut a, mut b, mut c, mut d] = state;
        for step in 0..64_usize {
            let (mixed, at) = match step / 16 {
                0 => (b & c | !b & d, step),
                1 => (d & b | !d & c, 5 * step + 1),
                2 => (b ^ c ^ d, 3 * step + 5),
                _ => (c ^ (b | !d), 7 * step),
            };
            let sum = a.wrapping_add(mixed).wrapping_add(sine(step));
            let sum = sum.wrapping_add(words[at % 16]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[step / 16][step % 4]));
        }
        for (state, sum) in state.iter_mut().zip([a, b, c, d]) {
            *state = state.wrapping_add(sum);
        }
    }
    let mut digest = [0; 16];
    for (part, word) in digest.chunks_exact_mut(4).zip(state) {
        part.copy_from_slice(&word.to_le_bytes());
    }
    digest
}

/// The whole part of 2^32 times the sine of the step, which counts from 1 there.
#[expect(clippy::cast_possible_truncation, reason = "it is below 2^32")]
fn sine(step: usize) -> u32 {
    (f64::sin(step as f64 + 1.0).abs() * 4_294_967_296.0) as u32
}

#[test]
fn digests_are_those_of_the_standard() {
    let hex = |text: &[u8]| md5(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // RFC 1321 A.5
    assert_eq!(hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(hex(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    let long = "12345678901234567890123456789012345678901234567890123456789012345678901234567890";
    assert_eq!(hex(long.as_bytes()), "57edf4a22be3c955ac49da2e2107b67a");
}
