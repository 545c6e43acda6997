//! What the cases of `tests/uci-cases` do not show: limits, and that nothing takes for ever.

use super::*;
use crate::types::uci::OptionValue;

fn kind_of_error(text: &str) -> Option<UciErrorKind> {
    parse(text.as_bytes()).err().map(|error| error.kind)
}

#[test]
fn an_error_shows_the_words_and_the_place_libuci_shows() {
    let error = parse(b"config a b\nbroken\n").expect_err("`broken` is no command");
    assert_eq!(error.to_string(), "Parse error (invalid command) at line 2, byte 0");
}

#[test]
fn an_option_without_value_leaves_an_earlier_one_as_it_was() {
    let package = parse(b"config a b\n\toption x '1'\n\toption x ''\n").expect("is valid");
    let expected = OptionValue::Single(b"1".to_vec());
    assert_eq!(package.sections.first().and_then(|s| s.get("x")), Some(&expected));
}

#[test]
fn the_name_libuci_invents_finds_the_anonymous_section() {
    // `uci show` names the first anonymous `rule` of a file cfg0192bd.
    assert_eq!(kind_of_error("config rule\nconfig rule cfg0192bd\n"), None);
    assert_eq!(kind_of_error("config rule\nconfig zone cfg0192bd\n"), Some(TYPE_MISMATCH));
    const TYPE_MISMATCH: UciErrorKind = UciErrorKind::TypeMismatch;
}

#[test]
fn files_built_to_be_slow_are_read_in_one_pass() {
    // Each would take minutes were any step quadratic in the size of the file.
    let distinct: String = (0..60_000).map(|i| format!("o x{i} 1\n")).collect();
    let reopened: String = (0..20_000).map(|i| format!("c a s{}\nl x 1\n", i % 4000)).collect();
    assert_eq!(kind_of_error(&format!("c a b\n{distinct}")), None);
    assert_eq!(kind_of_error(&reopened), None);
    assert_eq!(kind_of_error(&format!("c a b\no x '{}'\n", "\n".repeat(1_000_000))), None);
    assert_eq!(kind_of_error(&format!("c a b\no x \"{}\"\n", "\\\n".repeat(500_000))), None);
    assert_eq!(kind_of_error(&"\0\n".repeat(500_000)), None);
    assert_eq!(kind_of_error(&"a\0\n".repeat(300_000)), Some(UciErrorKind::InvalidCommand));
    assert_eq!(kind_of_error(&format!("c a{}", " ".repeat(1_000_000))), None);
}
