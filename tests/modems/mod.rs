//! The data file of modems, and what is made from it: the table in the program and the page for
//! people. `LTEWAN_UPDATE=1 cargo test --test tests modems` makes both anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod page;
mod table;

use std::fs;
use std::path::Path;

const DATA: &str = "src/driver/quirk/modems.tsv";
const TABLE: &str = "src/driver/quirk/table.rs";
const PAGE: &str = "docs/hardware.md";

const COLUMNS: [&str; 17] = [
    "model",
    "ids",
    "names",
    "at",
    "ppp",
    "ports",
    "protocols",
    "dial",
    "usb_mode",
    "lock",
    "reset",
    "signal",
    "bands",
    "modes",
    "warnings",
    "evidence",
    "sources",
];

/// One row of the data file.
struct Modem(Vec<String>);

impl Modem {
    /// What stands in a column; empty for nothing.
    fn get(&self, column: &str) -> &str {
        let at = COLUMNS.iter().position(|known| *known == column).unwrap();
        Some(self.0[at].as_str()).filter(|text| *text != "-").unwrap_or_default()
    }

    /// The words of a column.
    fn words(&self, column: &str) -> impl Iterator<Item = &str> {
        self.get(column).split_whitespace()
    }

    /// The numbers of a column.
    fn numbers(&self, column: &str) -> Vec<u8> {
        self.words(column).map(|word| word.parse().unwrap()).collect()
    }

    /// Vendor, first and last product.
    fn ids(&self) -> Vec<[u16; 3]> {
        let parse = |text: &str| u16::from_str_radix(text, 16).unwrap();
        let range = |id: &str| {
            let (vid, pids) = id.split_once(':').unwrap();
            let (first, last) = match pids {
                "*" => ("0", "ffff"),
                _ => pids.split_once('-').unwrap_or((pids, pids)),
            };
            [parse(vid), parse(first), parse(last)]
        };
        self.words("ids").map(range).collect()
    }

    /// Whether it stands for what a maker mostly does.
    fn is_maker(&self) -> bool {
        self.get("ids").ends_with(":*")
    }
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn modems() -> Vec<Modem> {
    let text = read(DATA);
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.next().unwrap(), COLUMNS.join("\t"));
    let row = |line: &str| Modem(line.split('\t').map(str::to_owned).collect());
    lines.map(row).collect()
}

/// Compares a file with what it should be, or makes it that.
fn follow(name: &str, wanted: &str) {
    if std::env::var_os("LTEWAN_UPDATE").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), wanted).unwrap();
    }
    let is = read(name);
    let differs = is.lines().zip(wanted.lines()).position(|(is, wanted)| is != wanted);
    assert!(
        is == wanted,
        "{name} is old from line {:?}: see tests/modems",
        differs.map(|at| at + 1)
    );
}

#[test]
fn the_table_in_the_program_is_what_the_data_file_says() {
    follow(TABLE, &table::source(&modems()));
}

#[test]
fn the_page_for_people_is_what_the_data_file_says() {
    follow(PAGE, &page::document(&modems()));
}

#[test]
fn every_row_is_whole_and_has_a_source() {
    let modems = modems();
    for modem in &modems {
        let model = modem.0.first().unwrap();
        assert_eq!(modem.0.len(), COLUMNS.len(), "{model}");
        assert!(modem.0.iter().all(|cell| !cell.is_empty()), "{model}: an empty cell");
        assert!(!modem.get("sources").is_empty(), "{model}: no source");
        let evidence = &modem.0[COLUMNS.iter().position(|c| *c == "evidence").unwrap()];
        assert_eq!(evidence.len(), 5, "{model}");
        assert!(evidence.chars().all(|c| "HSD?-".contains(c)), "{model}");
    }
    assert!(modems.iter().filter(|modem| !modem.is_maker()).count() >= 75);
}

#[test]
fn rows_with_the_same_id_differ_by_name() {
    let modems = modems();
    let mut keys: Vec<_> = modems
        .iter()
        .flat_map(|modem| {
            let names: Vec<_> = modem.words("names").collect();
            let names = if names.is_empty() { vec![""] } else { names };
            let of = move |ids| names.clone().into_iter().map(move |name| (ids, name.to_owned()));
            modem.ids().into_iter().flat_map(of)
        })
        .collect();
    keys.sort();
    let twice: Vec<_> = keys.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:x?}");
}
