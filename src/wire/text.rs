//! Text as modems send it.

/// The text without what modems leave behind it: a NUL, a tab or a line end.
#[inline(never)]
pub(super) fn trimmed(text: &str) -> String {
    text.trim_end_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// Reads little-endian UTF-16. What is not, is replaced.
#[inline(never)]
pub(super) fn utf16(bytes: &[u8]) -> String {
    let mut units = Vec::new();
    for pair in bytes.as_chunks::<2>().0 {
        units.push(u16::from_le_bytes(*pair));
    }
    String::from_utf16_lossy(&units)
}
