//! Which firewall zone a network is in, from `/etc/config/firewall`: the interfaces netifd makes
//! below ours must be in the same.

use crate::types::uci::{OptionValue, Package, Section};

/// The name of the first enabled zone that lists `network`.
pub fn zone_of(package: &Package, network: &str) -> Option<String> {
    for zone in &package.sections {
        if zone.kind == "zone"
            && is_enabled(zone)
            && words(zone, "network").iter().any(|word| word == network)
            && let Some(name) = words(zone, "name").into_iter().next()
        {
            return Some(name);
        }
    }
    None
}

fn is_enabled(zone: &Section) -> bool {
    let words = words(zone, "enabled");
    let first = words.first().map(String::as_str);
    !matches!(first, Some("0" | "no" | "off" | "false" | "disabled"))
}

/// The words of an option or list; the firewall splits both at white space.
fn words(section: &Section, name: &str) -> Vec<String> {
    let values = match section.get(name) {
        Some(OptionValue::Single(value)) => core::slice::from_ref(value),
        Some(OptionValue::List(list)) => list.as_slice(),
        None => &[],
    };
    let mut words = Vec::new();
    for value in values {
        for word in String::from_utf8_lossy(value).split_whitespace() {
            words.push(word.to_owned());
        }
    }
    words
}
