//! One Rust file, with and without comments and strings.

/// One Rust file.
#[derive(Clone)]
pub(super) struct Source {
    /// Its path from the root of the repository.
    pub(super) name: String,
    /// All of it.
    pub(super) text: String,
    /// The same with blanks for comments, strings and characters.
    pub(super) code: String,
}

impl Source {
    pub(super) fn new(name: String, text: String) -> Self {
        let code = without_text(&text);
        Self { name, text, code }
    }

    /// Whether it holds the tests of the module it is beside: those may use what they like.
    pub(super) fn is_test(&self) -> bool {
        self.name.ends_with("/tests.rs") || self.name.contains("/tests/")
    }

    /// The layer: the folder or file below `src`. `lib.rs` and `main.rs` are in none.
    pub(super) fn layer(&self) -> Option<&str> {
        let below = self.name.strip_prefix("src/")?;
        let first = below.split('/').next()?;
        let layer = first.strip_suffix(".rs").unwrap_or(first);
        Some(layer).filter(|layer| !matches!(*layer, "lib" | "main"))
    }

    /// The path of the module in the crate.
    pub(super) fn module(&self) -> Vec<String> {
        let below = self.name.strip_prefix("src/").unwrap_or(&self.name);
        let below = below.strip_suffix(".rs").unwrap_or(below);
        let below = below.strip_suffix("/mod").unwrap_or(below);
        below.split('/').map(str::to_owned).collect()
    }

    /// The words of the code.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty())
    }
}

/// `text` with blanks for comments, strings and characters; line ends stay.
fn without_text(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = text_length(rest, code.chars().last());
        let (skipped, after) = rest.split_at(length.unwrap_or(c.len_utf8()));
        if length.is_some() {
            code.extend(skipped.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            code.push(c);
        }
        rest = after;
    }
    code
}

/// The length of the comment, string or character that `rest` starts with. `before` is what comes
/// before it: `r"` starts a raw string only when no name ends with that `r`.
fn text_length(rest: &str, before: Option<char>) -> Option<usize> {
    let up_to = |end: &str, from: usize| rest[from..].find(end).map(|at| from + at + end.len());
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(up_to("*/", 2).unwrap_or(rest.len()));
    }
    if rest.starts_with('"') {
        return Some(quoted_length(rest, '"'));
    }
    let in_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with('r') && (!in_name || before == Some('b')) {
        let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
        if rest[1 + hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            return Some(up_to(&end, hashes + 2).unwrap_or(rest.len()));
        }
    }
    // A lifetime has no second quote right behind its first letter.
    let mut chars = rest.chars();
    let is_char = chars.next() == Some('\'')
        && match chars.next() {
            Some('\\') => true,
            Some(_) => chars.next() == Some('\''),
            None => false,
        };
    is_char.then(|| quoted_length(rest, '\''))
}

/// The length of a literal from its first to its last `quote`.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    rest.len()
}

#[test]
fn comments_strings_and_characters_are_blanked() {
    let code = |text: &str| without_text(text).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code("a // unsafe\nb /* c\nd */ e"), "a b e");
    assert_eq!(code(r#"f("x\"y", 'z', '\'', b"w", 'a: loop {})"#), "f( , , , b , 'a: loop {})");
    assert_eq!(code("r#\"a \" b\"# c br\"d\" er\"f\" g"), "c b er g");
    assert_eq!(without_text("\"a\nb\"").lines().count(), 2);
}
