//! What LuCI's pages have to say against what the daemon can say, without a browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

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
