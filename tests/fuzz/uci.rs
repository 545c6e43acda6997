//! UCI files, and the options of interfaces made of the same.

use super::log_check::plain;
use ltewan::config::{self, InterfaceConfig};
use ltewan::types::uci::OptionValue;
use ltewan::types::{Table, Value};
use ltewan::wire::uci;

pub(crate) fn run(bytes: &[u8]) {
    let package = match uci::parse(bytes) {
        Ok(package) => package,
        Err(error) => return plain(&error.to_string()),
    };
    let (config, errors) = config::parse(&package);
    errors.iter().for_each(|error| plain(&error.to_string()));
    let _ = config::firewall::zone_of(&package, "wwan");
    for section in &package.sections {
        let text = |bytes: &Vec<u8>| Value::String(String::from_utf8_lossy(bytes).into_owned());
        let options = section.options.iter().map(|(name, value)| {
            let value = match value {
                OptionValue::Single(value) => text(value),
                OptionValue::List(list) => Value::Array(list.iter().map(text).collect()),
            };
            (name.clone(), value)
        });
        let (interface, errors) = InterfaceConfig::parse("wwan", &Table(options.collect()));
        errors.iter().for_each(|error| plain(&error.to_string()));
        let settings = interface.with_sim(config.sims.first()).bearer_settings();
        assert!(!settings.apn.as_str().contains(|c: char| c.is_control() || "\"\\".contains(c)));
        for text in settings
            .username
            .iter()
            .map(String::as_str)
            .chain(settings.password.iter().map(|password| password.expose()))
        {
            assert!(text.len() <= 127 && !text.contains(char::is_control), "{text:?}");
        }
    }
}
