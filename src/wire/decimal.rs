//! Numbers with a fraction as text, without floats: what reads those exactly is 20 kB of program.

/// The number that a text is, in units of ten to the minus `places`; what is finer is cut off.
pub(super) fn scaled(text: &str, places: usize) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = [whole, fraction].iter().all(|part| part.bytes().all(|c| c.is_ascii_digit()));
    // No number of these is longer, and none overflows.
    if whole.is_empty() || whole.len() > 8 || !are_digits {
        return None;
    }
    let fraction = fraction.bytes().chain(core::iter::repeat(b'0')).take(places);
    let value =
        whole.bytes().chain(fraction).fold(0_i64, |value, c| value * 10 + i64::from(c - b'0'));
    Some(if is_negative { -value } else { value })
}
