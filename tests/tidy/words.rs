//! Words and forms in files that are not Rust.

use std::collections::BTreeSet;

/// The error tokens in `modem/cause.rs`: every string in capitals.
pub(super) fn tokens_of_causes(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2)).filter_map(token).collect()
}

/// The error tokens that the proto handler says itself.
pub(super) fn tokens_of_shell(text: &str) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let said = if let Some((_, said)) = line.split_once("proto_notify_error") {
            said.split_whitespace().nth(1)
        } else {
            // "error":["TOKEN"], with a backslash before each quote inside a string.
            line.split_once("\"error\\\":[")
                .or_else(|| line.split_once("error\":["))
                .map(|(_, s)| s)
        };
        let word = |s: &str| s.split(['"', '\\', '\'', ']', ' ']).find_map(token);
        tokens.extend(said.and_then(word));
    }
    tokens
}

/// The error tokens that `protocol/ltewan.js` has sentences for.
pub(super) fn tokens_of_luci(text: &str) -> BTreeSet<String> {
    let calls = text.split("registerErrorCode(").skip(1);
    calls.filter_map(|call| call.split(['\'', '"']).nth(1).and_then(token)).collect()
}

fn token(word: &str) -> Option<String> {
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_token = word.len() > 3 && word.starts_with(|c: char| c.is_ascii_uppercase());
    (is_token && word.chars().all(capital)).then(|| word.to_owned())
}

/// What in a changelog is not as <https://keepachangelog.com/en/1.1.0/> has it.
pub(super) fn changelog_faults(text: &str) -> Vec<String> {
    const GROUPS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    let mut faults = Vec::new();
    let mut releases = Vec::new();
    if !text.starts_with("# Changelog\n") {
        faults.push("the first line is not `# Changelog`".to_owned());
    }
    for (at, line) in text.lines().enumerate() {
        let mut fault = |what: &str| faults.push(format!("CHANGELOG.md:{}: {what}", at + 1));
        if let Some(release) = line.strip_prefix("## ") {
            if release != "[Unreleased]" && !is_release(release) {
                fault("a release is `## [Unreleased]` or `## [1.2.3] - 2026-01-31`");
            }
            releases.push(release.to_owned());
        } else if let Some(group) = line.strip_prefix("### ") {
            if !GROUPS.contains(&group) {
                fault("a group is Added, Changed, Deprecated, Removed, Fixed or Security");
            }
        } else if !releases.is_empty() {
            let is_entry = line.starts_with("- ") || line.starts_with("  ") || line.is_empty();
            if !is_entry && !line.starts_with('[') {
                fault("an entry starts with `- `, and goes on with two spaces");
            }
        }
    }
    if releases.first().is_none_or(|release| release != "[Unreleased]") {
        faults.push("the first release is not `## [Unreleased]`".to_owned());
    }
    faults
}

/// `[1.2.3] - 2026-01-31`
fn is_release(text: &str) -> bool {
    let numbers = |text: &str, separator, count| {
        let is_number = |s: &str| !s.is_empty() && s.bytes().all(|c| c.is_ascii_digit());
        text.split(separator).count() == count && text.split(separator).all(is_number)
    };
    let parts = text.strip_prefix('[').and_then(|text| text.split_once("] - "));
    parts.is_some_and(|(version, date)| numbers(version, '.', 3) && numbers(date, '-', 3))
}

#[test]
fn tokens_are_found_in_each_language() {
    let set = |tokens: BTreeSet<String>| tokens.into_iter().collect::<Vec<_>>().join(" ");
    let rust = "/// \"NOT_THIS\"\n A \"no_device\" Some(\"NO_DEVICE\"), Wait, \"No modem.\";";
    assert_eq!(set(tokens_of_causes(rust)), "NO_DEVICE");
    let shell = "# NOT_THIS\n proto_notify_error \"$1\" NO_IFACE\n x '{\"error\":[\"NO_CID\"]}'\n\
                 y \"{\\\"error\\\":[\\\"NO_DAEMON\\\"]}\"";
    assert_eq!(set(tokens_of_shell(shell)), "NO_CID NO_DAEMON NO_IFACE");
    let luci = "network.registerErrorCode('PIN_FAILED', _('NOT THIS'));";
    assert_eq!(set(tokens_of_luci(luci)), "PIN_FAILED");
}

#[test]
fn faults_of_a_changelog_are_found() {
    let good = "# Changelog\n\nText.\n\n## [Unreleased]\n\n### Added\n\n- One\n  more.\n\n\
                ## [0.1.0] - 2026-01-31\n";
    assert_eq!(changelog_faults(good), Vec::<String>::new());
    for (from, to) in [
        ("# Changelog", "# Changes"),
        ("## [Unreleased]", "## Unreleased"),
        ("### Added", "### New"),
        ("- One", "* One"),
        ("2026-01-31", "January"),
    ] {
        assert_ne!(changelog_faults(&good.replacen(from, to, 1)), Vec::<String>::new(), "{to}");
    }
}
