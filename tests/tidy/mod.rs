//! The source itself: which layer may use which, how long things may be, and words that must be
//! the same in several files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod paths;
mod source;
mod words;

use source::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may use of the crate besides itself. An entry `a::b` allows that module of a
/// layer, `a::*` its own types but none of its modules.
const LAYERS: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("time", &[]),
    ("map", &[]),
    ("log", &[]),
    ("wire", &["types", "map"]),
    ("port", &["wire", "time", "map", "log"]),
    ("driver", &["port", "wire", "types", "time", "map", "log"]),
    ("config", &["types"]),
    ("modem", &["driver::*", "config", "types", "time", "map", "log"]),
    ("manager", &["modem", "driver", "port", "config", "types", "time", "map", "log"]),
    ("io", &["time", "map", "log"]),
    (
        "service",
        &[
            "manager",
            "config",
            "io",
            "types",
            "time",
            "map",
            "log",
            "wire::*",
            "wire::ubus",
            "wire::apn_table",
            "wire::blobmsg",
            "wire::json",
            "wire::librespeed",
            "wire::uci",
            "wire::dns",
            "wire::http",
            "wire::icmp",
        ],
    ),
];

const MAX_LINES: usize = 500;
const MAX_COLUMNS: usize = 100;
const MAX_DEPTH: usize = 3;

#[test]
fn arrows_between_layers_only_point_down() {
    let mut wrong = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        let Some(layer) = source.layer() else { continue };
        let rule = LAYERS.iter().find(|(name, _)| *name == layer);
        let Some((_, allowed)) = rule else {
            wrong.push(format!("{}: no layer is called {layer}", source.name));
            continue;
        };
        for path in paths::crate_paths(&source.code, &source.module()) {
            if !is_allowed(layer, allowed, &path) {
                wrong.push(format!("{}: {layer} may not use {}", source.name, path.join("::")));
            }
        }
    }
    none(&wrong);
}

/// `main` is the one that may use anything, and should need little.
#[test]
fn the_program_adds_nothing_to_the_library() {
    let sources = sources("src");
    let main = sources.iter().find(|source| source.name == "src/main.rs").unwrap();
    assert!(main.code.lines().count() < 60, "src/main.rs grows: put it into src/service");
    assert!(!main.code.contains("mod "), "src/main.rs has a module of its own");
}

#[test]
fn only_io_is_unsafe() {
    let unsafe_in = |source: &&Source| source.words().any(|word| word == "unsafe");
    let wrong: Vec<_> = sources("src")
        .iter()
        .filter(|source| source.layer() != Some("io"))
        .filter(unsafe_in)
        .map(|source| source.name.clone())
        .collect();
    none(&wrong);
}

#[test]
fn files_lines_and_folders_stay_within_their_limits() {
    let mut wrong = Vec::new();
    for source in sources("src").iter().chain(&sources("tests")) {
        let lines = source.text.lines().count();
        if lines > MAX_LINES && source.name.starts_with("src/") && !source.is_test() {
            wrong.push(format!("{}: {lines} lines", source.name));
        }
        let wide = |line: &&str| line.chars().count() > MAX_COLUMNS;
        let too_wide = source.text.lines().enumerate().filter(|(_, line)| wide(line));
        wrong.extend(too_wide.map(|(at, _)| format!("{}:{}: too wide", source.name, at + 1)));
        let folders = source.name.split('/').count() - 1;
        if source.name.starts_with("src/") && folders > MAX_DEPTH + 1 {
            wrong.push(format!("{}: {folders} folders deep", source.name));
        }
    }
    none(&wrong);
}

#[test]
fn every_file_says_first_what_it_is() {
    // The crate's description is a file of its own, and what tests a module is named by it.
    let stated = |s: &Source| {
        s.text.starts_with("//! ") || s.text.starts_with("#![doc = include") || s.is_test()
    };
    let all = [sources("src"), sources("tests"), sources("examples"), sources("benches")].concat();
    let wrong: Vec<_> = all.iter().filter(|s| !stated(s)).map(|s| s.name.clone()).collect();
    none(&wrong);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
    ];
    let mut wrong = Vec::new();
    for source in sources("src").iter().chain(&sources("tests")) {
        for (at, line) in source.text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                wrong.push(format!("{}:{}: {}", source.name, at + 1, line.trim()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn the_changelog_is_as_keepachangelog_has_it() {
    none(&words::changelog_faults(&read("CHANGELOG.md").unwrap()));
}

#[test]
fn error_tokens_are_the_same_words_everywhere() {
    let cause = read("src/modem/cause.rs").map(|text| words::tokens_of_causes(&text));
    let handler =
        read("files/lib/netifd/proto/ltewan.sh").map(|text| words::tokens_of_shell(&text));
    let page = read("luci-app-ltewan/htdocs/luci-static/resources/protocol/ltewan.js")
        .map(|text| words::tokens_of_luci(&text));
    // Each file may not be there yet; what is there has to agree.
    let (Some(cause), Some(page)) = (cause, page) else { return };
    assert!(!cause.is_empty(), "no token found in cause.rs: has its form changed?");
    let said = &cause | &handler.unwrap_or_default();
    let missing: Vec<_> = said.difference(&page).collect();
    let surplus: Vec<_> = page.difference(&said).collect();
    assert!(missing.is_empty(), "protocol/ltewan.js has no sentence for {missing:?}");
    assert!(surplus.is_empty(), "protocol/ltewan.js explains what nobody says: {surplus:?}");
}

/// Whether `layer` may use `path`, which starts with a layer's name.
fn is_allowed(layer: &str, allowed: &[&str], path: &[String]) -> bool {
    let Some(first) = path.first() else { return false };
    let second = path.get(1).map(String::as_str);
    let is_type = second.is_none_or(|name| name.starts_with(|c: char| c.is_uppercase()));
    let fits = |rule: &&str| match rule.split_once("::") {
        None => first == rule,
        Some((layer, "*")) => first == layer && is_type,
        Some((layer, module)) => first == layer && second == Some(module),
    };
    first == layer || allowed.iter().any(fits)
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file, if it is there.
fn read(name: &str) -> Option<String> {
    fs::read_to_string(root().join(name)).ok()
}

/// Every Rust file below `folder`, in order of their names.
fn sources(folder: &str) -> Vec<Source> {
    let mut folders = vec![root().join(folder)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        // `examples` and `benches` need not be there.
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| Source::new(name(path), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn a_wrong_arrow_is_seen() {
    let rule = |layer: &str| LAYERS.iter().find(|(name, _)| *name == layer).unwrap().1;
    let seen = |layer: &str, module: &[&str], code: &str| {
        let source = Source::new("src/x.rs".to_owned(), code.to_owned());
        let module: Vec<String> = module.iter().map(|s| (*s).to_owned()).collect();
        let paths = paths::crate_paths(&source.code, &module);
        paths.iter().any(|path| !is_allowed(layer, rule(layer), path))
    };
    for (layer, module, code) in [
        ("types", &["types"][..], "use crate::time::Instant;"),
        ("wire", &["wire", "uci"], "use crate::{types::Apn, config::Config};"),
        ("wire", &["wire", "uci"], "fn f() { crate::io::clock(); }"),
        ("wire", &["wire", "uci"], "use super::super::config;"),
        ("wire", &["wire", "uci"], "use super::{Error, super::config::Config};"),
        ("port", &["port", "qmi"], "use crate :: types :: Apn;"),
        ("modem", &["modem"], "use crate::driver::{Event, qmi};"),
        ("modem", &["modem"], "use crate::driver::qmi::Session;"),
        ("service", &["service"], "use crate::wire::{ubus, qmi};"),
    ] {
        assert!(seen(layer, module, code), "{layer}: {code}");
    }
    for (layer, module, code) in [
        ("wire", &["wire", "uci"][..], "use crate::types::{self, uci::{Package, Section}};"),
        ("wire", &["wire", "uci"], "use super::{Error as E, at::Command}; use super::line;"),
        ("wire", &["wire", "uci"], "pub(crate) use super::Error; pub(super) fn config() {}"),
        ("wire", &["wire", "uci"], "// see crate::config\nconst S: &str = \"crate::io\";"),
        ("modem", &["modem"], "use crate::driver::{Event, Request as R};"),
        ("service", &["service"], "use crate::wire::{self, Error, ubus::Status};"),
    ] {
        assert!(!seen(layer, module, code), "{layer}: {code}");
    }
}

#[test]
fn every_state_is_one_of_the_metrics() {
    let source = fs::read_to_string(root().join("src/service/cli/metrics.rs")).unwrap();
    let states = ltewan::modem::State::ALL.map(ltewan::modem::State::name);
    let listed = |state: &&str| source.contains(&format!("    \"{state}\",\n"));
    none(
        &states.iter().filter(|state| !listed(state)).map(|s| (*s).to_owned()).collect::<Vec<_>>(),
    );
}

#[test]
fn every_cause_is_in_the_manual() {
    let manual = fs::read_to_string(root().join("docs/troubleshooting.md")).unwrap();
    let missing = ltewan::modem::Cause::ALL.iter().filter(|cause| {
        let row = match cause.token() {
            Some(token) => format!("| `{token}` | `{}` | {}", cause.name(), cause.sentence()),
            None => format!("| `{}` | {} |", cause.name(), cause.sentence()),
        };
        !manual.contains(&row)
    });
    none(&missing.map(|cause| cause.name().to_owned()).collect::<Vec<_>>());
}
