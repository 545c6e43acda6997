//! `config led`: what an LED of the router shows of a modem.

use super::DeviceSelector;
use super::options::Options;
use crate::types::Invalid;

/// `config led`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedConfig {
    /// Its section, as `uci show` names it.
    pub section: String,
    /// `option led`: its name in `/sys/class/leds`.
    pub led: String,
    /// `option modem`: whose; the first modem's unless set.
    pub modem: DeviceSelector,
    /// `option show`
    pub show: Show,
    /// `option from`: with [`Show::Signal`], the quality from which on it is on, 0 to 100; 1 unless
    /// set.
    pub from: u8,
}

/// `option show`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Whether there is a connection; blinks while there is to be one.
    #[default]
    State,
    /// Whether the signal is as good as this.
    Signal,
    /// That packets go over its net device, by the kernel's own trigger.
    Traffic,
}

impl LedConfig {
    /// Reads a section, unless it does not say which LED is meant, or one that another has.
    pub(super) fn read(options: &mut Options, leds: &mut Vec<Self>) {
        const SHOWN: &[(&str, Show)] =
            &[("state", Show::State), ("signal", Show::Signal), ("traffic", Show::Traffic)];
        let led = options.read("led", led_name);
        let modem = options.read("modem", DeviceSelector::parse);
        let show = options.choice("show", SHOWN, "state, signal or traffic");
        let from = options.number("from", 0..=100, "a quality, 0 to 100");
        if led.is_none() && !options.has("led") {
            options.report_missing("led", "the name of an LED in /sys/class/leds");
        }
        let Some(led) = led else { return };
        if let Some(first) = leds.iter().find(|first| first.led == led) {
            let expected = format!("an LED that ltewan.{} does not use", first.section);
            return options.report("led", Some(&led), &expected);
        }
        leds.push(Self {
            section: options.section().to_owned(),
            led,
            modem: modem.unwrap_or_default(),
            show: show.unwrap_or_default(),
            from: from.and_then(|n| u8::try_from(n).ok()).unwrap_or(1),
        });
    }
}

/// A name that cannot lead anywhere but into its folder.
fn led_name(text: &str) -> Result<String, Invalid> {
    let is_plain = |c: u8| c.is_ascii_graphic() && c != b'/';
    let is_name = text.len() <= 64 && text.bytes().all(is_plain) && !text.starts_with('.');
    if is_name { Ok(text.to_owned()) } else { Err(Invalid { expected: "the name of an LED" }) }
}

#[cfg(test)]
mod tests {
    use super::led_name;

    #[test]
    fn a_name_cannot_leave_its_folder() {
        assert!(led_name("green:lte-1").is_ok());
        for wrong in ["../../x", "a/b", ".hidden", "..", "a b", "a\nb"] {
            assert!(led_name(wrong).is_err(), "{wrong}");
        }
    }
}
