//! Text within text, and text of others made harmless. `std` has both, for more than is needed
//! here: a search for texts of any length, and tables of all that Unicode has no sign for.

/// Where `part` begins first, in bytes.
pub fn find(text: &str, part: &str) -> Option<usize> {
    text.as_bytes().windows(part.len().max(1)).position(|at| at == part.as_bytes())
}

/// Whether there is `part` in it.
pub fn contains(text: &str, part: &str) -> bool {
    find(text, part).is_some()
}

/// The text with another in the place of each `part`.
pub fn replace(mut text: &str, part: &str, other: &str) -> String {
    let mut done = String::new();
    while let Some((before, after)) = split_once(text, part) {
        done.push_str(before);
        done.push_str(other);
        text = after;
    }
    done.push_str(text);
    done
}

/// What is before the first `part` and after it.
pub fn split_once<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let at = find(text, part)?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

/// The text with what a terminal acts on written as `\u{1b}`, `\n` and so on: control characters,
/// and those for the direction of writing and other formats, which show nothing. A backslash is
/// doubled.
#[inline(never)]
pub fn plain(text: &str) -> String {
    const UNSEEN: [(char, char); 8] = [
        ('\u{ad}', '\u{ad}'),
        ('\u{61c}', '\u{61c}'),
        ('\u{200b}', '\u{200f}'),
        ('\u{2028}', '\u{202e}'),
        ('\u{2060}', '\u{206f}'),
        ('\u{feff}', '\u{feff}'),
        ('\u{fff9}', '\u{fffb}'),
        ('\u{e0000}', '\u{e007f}'),
    ];
    let mut out = String::new();
    for c in text.chars() {
        let is_unseen = UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&c));
        if c.is_control() || is_unseen || c == '\\' {
            out.extend(c.escape_default())
        } else {
            out.push(c)
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_replaced() {
        assert_eq!(find("+CME ERROR: 3", "ERROR"), Some(5));
        assert_eq!(find("ERR", "ERROR"), None);
        assert_eq!((find("", ""), find("", "a")), (None, None));
        assert_eq!(split_once("a\u{e4}::b::c", "::"), Some(("a\u{e4}", "b::c")));
        assert_eq!(split_once("a", "::"), None);
        assert_eq!(replace("{}-{}", "{}", "{}1"), "{}1-{}1");
        assert!(contains("http://x", "://") && !contains("http:/", "://"));
    }

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        assert_eq!(plain("O'Neil \"\u{e4}\" \\"), "O'Neil \"\u{e4}\" \\\\");
        assert_eq!(
            plain("a\u{1b}[2J\r\n\u{202e}\u{9b}\u{7f}"),
            "a\\u{1b}[2J\\r\\n\\u{202e}\\u{9b}\\u{7f}"
        );
    }
}
