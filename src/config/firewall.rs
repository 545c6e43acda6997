//! Which firewall zone a network is in, from `/etc/config/firewall`: the interfaces netifd makes
//! below ours must be in the same.

use crate::types::uci::{OptionValue, Package, Section};

/// The name of the first enabled zone that lists `network`.
pub fn zone_of(package: &Package, network: &str) -> Option<String> {
    let zones = package.sections.iter().filter(|section| section.kind == "zone");
    let mut holding = zones.filter(|zone| is_enabled(zone) && holds(zone, network));
    holding.find_map(|zone| words(zone, "name").next())
}

fn holds(zone: &Section, network: &str) -> bool {
    words(zone, "network").any(|word| word == network)
}

fn is_enabled(zone: &Section) -> bool {
    let off = |word: String| matches!(word.as_str(), "0" | "no" | "off" | "false" | "disabled");
    !words(zone, "enabled").next().is_some_and(off)
}

/// The words of an option or list; the firewall splits both at white space.
fn words(section: &Section, name: &str) -> impl Iterator<Item = String> {
    let values = match section.get(name) {
        Some(OptionValue::Single(value)) => core::slice::from_ref(value),
        Some(OptionValue::List(list)) => list.as_slice(),
        None => &[],
    };
    values.iter().flat_map(|value| {
        let text = String::from_utf8_lossy(value);
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    })
}
