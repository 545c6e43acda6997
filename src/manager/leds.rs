//! What the router's LEDs show of the modems.

use super::slot::Slot;
use super::{Manager, Output, plan};
use crate::config::{LedConfig, Show};
use crate::modem::State;
use crate::time::Instant;

/// What an LED does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Light {
    /// It is off.
    Off,
    /// It is on.
    On,
    /// It blinks.
    Blink,
    /// It shows the packets of this net device.
    Traffic(String),
}

impl Manager {
    /// Has LEDs show what has changed.
    pub(super) fn follow_leds(&mut self, now: Instant) {
        if self.config.leds.is_empty() && self.lights.is_empty() {
            return;
        }
        let mut outputs = Vec::new();
        for config in &self.config.leds {
            let light = self.light(now, config);
            if self.lights.get(&config.led) != Some(&light) {
                outputs.push((config.led.clone(), Some(light)));
            }
        }
        for led in self.lights.keys() {
            if self.config.leds.iter().all(|config| config.led != *led) {
                outputs.push((led.clone(), None));
            }
        }
        for (led, light) in outputs {
            match &light {
                Some(light) => self.lights.insert(led.clone(), light.clone()),
                None => {
                    self.lights.remove(&led);
                }
            }
            self.put(Output::SetLed { led, light });
        }
    }

    /// The daemon ends: what was carried is kept, and others have the LEDs again.
    pub(super) fn end(&mut self, now: Instant) {
        self.end_usage(now);
        self.config.leds.clear();
        self.follow_leds(now);
    }

    fn light(&self, now: Instant, config: &LedConfig) -> Light {
        let is_meant = |(_, slot): &(&String, &Slot)| {
            slot.found.obstacle.is_none()
                && plan::fits(&self.config, &config.modem, &slot.found, &slot.machine)
        };
        let Some((id, slot)) = self.slots.iter().find(is_meant) else { return Light::Off };
        match config.show {
            Show::State => match slot.machine.state() {
                State::Connected => Light::On,
                State::Absent | State::Locked | State::Disabled | State::Failed => Light::Off,
                // It rests where nobody wants it connected.
                State::Registered if slot.machine.want().is_none() => Light::Off,
                State::Initializing
                | State::Searching
                | State::Registered
                | State::Connecting
                | State::Disconnecting
                | State::Recovering => Light::Blink,
            },
            Show::Signal => match slot.radio.quality(now) {
                Some(quality) if quality >= config.from => Light::On,
                Some(_) | None => Light::Off,
            },
            Show::Traffic => match slot.machine.link().and_then(|_| self.device_of(id)) {
                Some(net) => Light::Traffic(net),
                None => Light::Off,
            },
        }
    }
}
