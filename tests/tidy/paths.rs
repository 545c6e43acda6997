//! Which modules of the crate some code names.

/// The paths that `code`, in `module`, names through `crate::` and through `super::` where that
/// leaves the layer. Each starts with a layer.
pub(super) fn crate_paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        // In `pub(crate)` no path follows.
        let starts = at == 0 || tokens[at - 1] != "::";
        let goes_on = tokens.get(at + 1).is_some_and(|next| next == "::");
        if starts && goes_on && (token == "crate" || token == "super") {
            let mut cursor = at;
            tree(&tokens, &mut cursor, &[], &mut found);
        }
    }
    found.into_iter().filter_map(|path| resolved(&path, module)).collect()
}

/// The path from the root of the crate; `None` when it does not leave the layer.
fn resolved(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let supers = path.iter().filter(|part| *part == "super").count();
    let rest = || path.iter().filter(|part| !matches!(part.as_str(), "super" | "crate"));
    if path.first().is_some_and(|part| part == "crate") {
        return Some(rest().cloned().collect());
    }
    let base = module.len().checked_sub(supers)?;
    (base == 0).then(|| rest().cloned().collect())
}

/// Reads a path or the tree of a `use` from `at` on, and adds every path in it to `found`.
fn tree(tokens: &[String], at: &mut usize, prefix: &[String], found: &mut Vec<Vec<String>>) {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(*at).map(String::as_str) {
            Some("{") => {
                *at += 1;
                while tokens.get(*at).is_some_and(|token| token != "}") {
                    tree(tokens, at, &path, found);
                    // What is left of an element, ` as NAME` and the comma, is passed over.
                    while tokens.get(*at).is_some_and(|token| token != "," && token != "}") {
                        *at += 1;
                    }
                    *at += usize::from(tokens.get(*at).is_some_and(|token| token == ","));
                }
                *at += 1;
                return;
            }
            Some("self" | "*") => *at += 1,
            Some(name) if is_name(name) => {
                path.push(name.to_owned());
                *at += 1;
            }
            Some(_) | None => {}
        }
        if tokens.get(*at).is_some_and(|token| token == "::") {
            *at += 1;
        } else {
            break;
        }
    }
    found.push(path);
}

/// Names, `::`, and every other sign alone.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            let mut name = String::from(c);
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                name.push(c);
            }
            tokens.push(name);
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            tokens.push("::".to_owned());
        } else if !c.is_whitespace() {
            tokens.push(c.to_string());
        }
    }
    tokens
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}
