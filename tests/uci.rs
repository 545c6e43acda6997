//! The UCI reader against what real libuci made of the same files (`uci-cases/`), and against
//! anything at all.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ltewan::types::uci::{OptionValue, Package};
use ltewan::wire::uci::{self, MAX_FILE_BYTES, MAX_SECTIONS, MAX_VALUES, UciErrorKind};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_case_reads_as_libuci_read_it() {
    assert_eq!(check_cases(&folder(), "EXPECTED.tsv"), 42);
}

#[test]
fn every_further_case_reads_as_libuci_read_it() {
    assert_eq!(check_cases(&folder().join("more"), "../MORE.tsv"), 75);
}

#[test]
fn mutated_files_neither_hang_nor_panic_and_survive_being_written_again() {
    let rounds = std::env::var("LTEWAN_UCI_MUTATIONS").map_or(100_000, |n| n.parse().unwrap());
    let files: Vec<_> = [folder(), folder().join("more")].iter().flat_map(|d| cases(d)).collect();
    let mut chance = Chance(0x1234_5678_9abc_def1);
    let mut accepted = 0;
    for round in 0..rounds {
        let bytes = mutated(&files, &mut chance);
        if let Ok(package) = uci::parse(&bytes) {
            accepted += 1;
            check_package(&package, round);
            assert_eq!(uci::parse(&written(&package)).as_ref(), Ok(&package), "round {round}");
        }
    }
    // Were nearly all refused, the properties above would be checked on nothing.
    assert!(accepted > rounds / 10, "only {accepted} of {rounds} mutated files were read");
}

#[test]
fn a_file_past_a_maximum_is_refused() {
    let refused = |bytes: &[u8]| uci::parse(bytes).err().map(|e| e.kind);
    let line = |head: &str, each: &str, count| format!("{head}{}", each.repeat(count));
    let large = Some(UciErrorKind::TooLarge);
    assert_eq!(refused(line("", "#", MAX_FILE_BYTES).as_bytes()), None);
    assert_eq!(refused(line("", "#", MAX_FILE_BYTES + 1).as_bytes()), large);
    assert_eq!(refused(line("", "c a\n", MAX_SECTIONS).as_bytes()), None);
    assert_eq!(refused(line("", "c a\n", MAX_SECTIONS + 1).as_bytes()), large);
    assert_eq!(refused(line("c a\n", "l x 1\n", MAX_VALUES).as_bytes()), None);
    assert_eq!(refused(line("c a\n", "l x 1\n", MAX_VALUES + 1).as_bytes()), large);
}

#[test]
fn the_files_that_ship_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("files/etc/config/ltewan");
    let package = uci::parse(&fs::read(path).unwrap()).unwrap();
    let (_, errors) = ltewan::config::parse(&package);
    assert_eq!(errors, []);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/uci-cases")
}

/// Compares every line of `table` with what is read of the file it names; says how many there are.
fn check_cases(folder: &Path, table: &str) -> usize {
    let table = fs::read_to_string(folder.join(table)).unwrap();
    let mut differing = String::new();
    for line in table.lines() {
        let (name, expected) = line.split_once('\t').unwrap();
        let found = verdict(&fs::read(folder.join(name)).unwrap());
        if found.trim_end() != expected.trim_end() {
            writeln!(differing, "{name}\n  libuci {expected}\n  ours   {found}").unwrap();
        }
    }
    assert!(differing.is_empty(), "{differing}");
    assert_eq!(table.lines().count(), cases(folder).len(), "a case has no line, or no file");
    table.lines().count()
}

/// The content of each case in `folder`, by name.
fn cases(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.is_file() && path.extension().is_none());
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// One line of a table.
fn verdict(bytes: &[u8]) -> String {
    let package = match uci::parse(bytes) {
        Ok(package) => package,
        Err(error) => return format!("=> ERR;  : {error}"),
    };
    let mut line = "=> ".to_owned();
    for section in &package.sections {
        write!(line, "S {} {}; ", section.kind, section.name.as_deref().unwrap_or("-")).unwrap();
        for (name, value) in &section.options {
            let (letter, values) = match value {
                OptionValue::Single(value) => ('O', vec![literal(value)]),
                OptionValue::List(list) => ('L', list.iter().map(|v| literal(v)).collect()),
            };
            write!(line, "{letter} {name} [{}]; ", values.join(", ")).unwrap();
        }
    }
    line
}

/// Bytes as Python writes them.
fn literal(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut text = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            b'\'' if quote == '\'' => text.push_str("\\'"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => write!(text, "\\x{byte:02x}").unwrap(),
        }
    }
    text.push(quote);
    text
}

/// What holds of every package, whatever the file.
fn check_package(package: &Package, round: u32) {
    let is_name = |s: &str| s.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    let mut names = BTreeSet::new();
    for section in &package.sections {
        assert!(!section.kind.is_empty(), "round {round}");
        if let Some(name) = &section.name {
            assert!(is_name(name) && names.insert(name), "round {round}: section {name}");
        }
        let mut options = BTreeSet::new();
        for (name, value) in &section.options {
            assert!(is_name(name) && options.insert(name), "round {round}: option {name}");
            match value {
                OptionValue::Single(value) => assert!(!value.is_empty(), "round {round}"),
                OptionValue::List(list) => assert!(!list.is_empty(), "round {round}"),
            }
        }
    }
}

/// The package as `uci export` writes it.
fn written(package: &Package) -> Vec<u8> {
    let quoted = |value: &[u8]| {
        let parts: Vec<&[u8]> = value.split(|c| *c == b'\'').collect();
        [b" '".as_slice(), &parts.join(b"'\\''".as_slice()), b"'\n"].concat()
    };
    let mut text = Vec::new();
    for section in &package.sections {
        // A type may hold quotes and backslashes.
        let kind: Vec<u8> = section.kind.bytes().flat_map(|c| [b'\\', c]).collect();
        text.extend([b"config ".as_slice(), &kind].concat());
        text.extend(quoted(section.name.as_deref().unwrap_or("").as_bytes()));
        for (name, value) in &section.options {
            let (word, values) = match value {
                OptionValue::Single(value) => ("option", std::slice::from_ref(value)),
                OptionValue::List(list) => ("list", list.as_slice()),
            };
            for value in values {
                text.extend(format!("\t{word} {name}").bytes().chain(quoted(value)));
            }
        }
    }
    text
}

/// One to three changes to one of `files`.
fn mutated(files: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    const PIECES: &[&[u8]] = &[
        b"'",
        b"\"",
        b"\\",
        b"\n",
        b"\r\n",
        b"\\\n",
        b";",
        b"#",
        b" ",
        b"\t",
        b"\0",
        b"''",
        b"config a b\n",
        b"config a\n",
        b"\toption x y\n",
        b"\tlist x 'y'\n",
        b"\xff",
    ];
    let mut bytes = files[chance.below(files.len())].clone();
    for _ in 0..=chance.below(3) {
        let start = chance.below(bytes.len() + 1);
        let end = (start + chance.below(24)).min(bytes.len());
        match chance.below(6) {
            0 => drop(bytes.splice(start..start, PIECES[chance.below(PIECES.len())].to_vec())),
            1 => drop(bytes.splice(start..end, PIECES[chance.below(PIECES.len())].to_vec())),
            2 => drop(bytes.drain(start..end)),
            3 => bytes.extend_from_within(start..end),
            4 => {
                let other = &files[chance.below(files.len())];
                let from = chance.below(other.len() + 1);
                bytes.splice(start..end, other[from..].iter().copied().take(64));
            }
            _ => {
                let any = u8::try_from(chance.below(256)).unwrap();
                bytes.splice(start..end.min(start + 1), [any]);
            }
        }
    }
    bytes
}

/// A small generator (xorshift64), so that a round is the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}
