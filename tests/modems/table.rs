//! Makes the table in the program.

use super::Modem;

const HEAD: &str = "\
//! What is known of modems, made from `modems.tsv`; tests/modems says how.

use super::Dial as D;
use super::Lock as L;
use super::Switching as S;
use super::Warning as W;
use super::{Row, row};
";

/// A list of what rows share, by their places in it.
struct Shared<T>(Vec<T>);

impl<T: PartialEq> Shared<T> {
    fn place(&mut self, value: T) -> usize {
        self.0.iter().position(|known| *known == value).unwrap_or_else(|| {
            self.0.push(value);
            self.0.len() - 1
        })
    }
}

/// The table as Rust.
pub(super) fn source(modems: &[Modem]) -> String {
    let mut names = Shared(vec![String::new()]);
    let mut ports = Shared(vec![Vec::new()]);
    let mut resets = Shared(vec![String::new()]);
    let mut rows = Vec::new();
    for modem in modems {
        let at = ports.place(modem.numbers("at"));
        let ppp = ports.place(modem.numbers("ppp"));
        let nmea = ports.place(nmea(modem.get("ports")));
        let reset = resets.place(modem.get("reset").to_owned());
        let mut own: Vec<_> = modem.words("names").map(|name| names.place(name.into())).collect();
        if own.is_empty() {
            own.push(0);
        }
        let warnings: Vec<_> =
            modem.words("warnings").map(|word| format!("W::{}.bit()", camel(word))).collect();
        let warnings = if warnings.is_empty() { "0".to_owned() } else { warnings.join(" | ") };
        let dial = or(modem.get("dial"), "generic");
        let lock = or(modem.get("lock"), "none");
        let switching = or(modem.get("usb_mode"), "none");
        for ids in modem.ids() {
            for name in &own {
                let [vid, first, last] = ids;
                let text = format!(
                    "    row([{vid:#06x}, {first:#06x}, {last:#06x}], [{name}, {at}, {ppp}, \
                     {reset}, {nmea}], D::{dial}, S::{switching}, L::{lock}, {warnings}),\n"
                );
                // Wider than the longest line there may be.
                let text =
                    if text.len() > 101 { text.replace(", L::", ",\n        L::") } else { text };
                // Of the same width those with a name come first.
                rows.push(((vid, last - first, first, *name == 0), text));
            }
        }
    }
    rows.sort_by_key(|(key, _)| *key);
    let ports: Vec<_> = ports.0.iter().map(|list| format!("&{list:?}")).collect();
    let mut text = HEAD.to_owned();
    text.push_str(&list("NAMES", "&str", &quoted(&names.0)));
    text.push_str(&list("PORTS", "&[u8]", &ports));
    text.push_str(&list("RESETS", "&str", &quoted(&resets.0)));
    text.push_str("\n#[rustfmt::skip]\npub(super) const ROWS: &[Row] = &[\n");
    rows.iter().for_each(|(_, row)| text.push_str(row));
    text.push_str("];\n");
    text
}

/// The interface in `0 diag, 1 NMEA`.
fn nmea(ports: &str) -> Vec<u8> {
    let words = ports.split(',').filter_map(|part| part.trim().strip_suffix(" NMEA"));
    words.filter_map(|number| number.parse().ok()).take(1).collect()
}

fn or(word: &str, otherwise: &str) -> String {
    camel(if word.is_empty() { otherwise } else { word })
}

fn quoted(list: &[String]) -> Vec<String> {
    list.iter().map(|text| format!("{text:?}")).collect()
}

fn list(name: &str, kind: &str, entries: &[String]) -> String {
    let entries: String = entries.iter().map(|entry| format!("    {entry},\n")).collect();
    format!("\n#[rustfmt::skip]\npub(super) const {name}: &[{kind}] = &[\n{entries}];\n")
}

/// `fcc-lock` as `FccLock`.
fn camel(word: &str) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_uppercase() + rest
    };
    word.split('-').map(part).collect()
}
