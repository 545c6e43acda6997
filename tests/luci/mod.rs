//! What LuCI's pages have to say against what the daemon can say, without a browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most a page may weigh, in bytes.
const VIEW_MAX: u64 = 40 * 1024;

/// Options of the reference that LuCI itself adds to the form of every protocol.
const OF_LUCI: [&str; 6] =
    ["delegate", "defaultroute", "peerdns", "metric", "ip4table", "ip6table"];

fn app() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("luci-app-ltewan")
}

fn resource(name: &str) -> String {
    fs::read_to_string(app().join("htdocs/luci-static/resources").join(name)).unwrap()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn the_form_of_an_interface_has_every_option_of_the_reference() {
    let reference = include_str!("../../docs/reference.md");
    let table = reference.split("## `/etc/config/ltewan`").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap();
        cell.split('`').skip(1).step_by(2).collect::<Vec<_>>()
    });
    let form = resource("protocol/ltewan.js");
    for name in names.filter(|name| !OF_LUCI.contains(name)) {
        assert!(form.contains(&format!("'{name}'")), "option '{name}' is not in the form");
    }
}

#[test]
fn no_page_is_heavy() {
    for file in files(&app().join("htdocs")) {
        let size = fs::metadata(&file).unwrap().len();
        assert!(size < VIEW_MAX, "{}: {size} bytes", file.display());
    }
}

#[test]
fn every_page_of_the_menu_is_there_and_asks_for_a_right() {
    let menu = app().join("root/usr/share/luci/menu.d/luci-app-ltewan.json");
    let menu = fs::read_to_string(menu).unwrap();
    let pages: Vec<&str> =
        menu.split("\"path\": \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!pages.is_empty());
    for page in &pages {
        resource(&format!("view/{page}.js"));
    }
    assert_eq!(menu.matches("\"acl\"").count(), pages.len());
}

/// A translation with what is special: quotes, a plural, a context, what is not translated, and
/// letters beyond ASCII, which the hash takes for negative numbers.
const PO: &str = r#"
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "\"wan\" keeps\n"
"strangers out."
msgstr "\"wan\" hält Fremde draußen."

msgctxt "a state"
msgid "%d modem"
msgid_plural "%d modems é"
msgstr[0] "ein Modem"
msgstr[1] "%d Modems"

msgid "APN"
msgstr "APN"

msgid "as it is é"
msgstr ""

msgid "off é"
msgstr "aus"
"#;

/// What LuCI's own po2lmo (modules/luci-base/src/po2lmo.c) makes of it.
const LMO: &[u8] = b"nplurals=2; plural=(n != 1);\"wan\" h\xc3\xa4lt Fremde drau\xc3\x9fen.\
    ein Modem\0\0\0%d Modems\0\0\0aus\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x1c\x5a\x8c\xf4\xd7\0\0\0\x01\0\0\0\x1c\0\0\0\x1c\
    \x66\x0c\x6b\x7d\0\0\0\x01\0\0\0\x50\0\0\0\x03\x9b\x51\x2d\xf9\0\0\0\x02\0\0\0\x44\0\0\0\x09\
    \xb2\x27\x9f\x50\0\0\0\x02\0\0\0\x38\0\0\0\x09\0\0\0\x54";

#[test]
fn translations_are_compiled_as_luci_does() {
    let folder = std::env::temp_dir().join(format!("ltewan-lmo-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (po, lmo) = (folder.join("a.po"), folder.join("a.lmo"));
    fs::write(&po, PO).unwrap();
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("openwrt/sdk/po2lmo");
    assert!(Command::new(tool).args([&po, &lmo]).status().unwrap().success());
    let compiled = fs::read(&lmo).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(compiled, LMO);
}
