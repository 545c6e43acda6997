//! The router's LEDs, through the kernel's class `leds` (`Documentation/leds/leds-class.rst`,
//! `Documentation/ABI/testing/sysfs-class-led-trigger-netdev`).

use super::paths::Paths;
use crate::io::sysfs;
use crate::manager::Light;
use crate::map::Map;
use std::io;
use std::path::Path;

/// What the LEDs that are used were doing before, by name: trigger and brightness.
#[derive(Debug, Default)]
pub(super) struct Leds(Map<String, (String, String)>);

impl Leds {
    /// Has an LED do this, or what it did before.
    ///
    /// # Errors
    /// When there is no such LED, or the kernel has no such trigger; the path is in the error.
    pub(super) fn set(
        &mut self,
        paths: &Paths,
        led: &str,
        light: Option<&Light>,
    ) -> io::Result<()> {
        let directory = paths.sys.join("class/leds").join(led);
        let Some(light) = light else {
            return match self.0.remove(led) {
                Some((trigger, brightness)) => give_back(&directory, &trigger, &brightness),
                None => Ok(()),
            };
        };
        if !self.0.contains_key(led) {
            let read = |name: &str| sysfs::read(&directory.join(name)).unwrap_or_default();
            self.0.insert(led.to_owned(), (chosen(&read("trigger")), read("brightness")));
        }
        show(&directory, light)
    }
}

/// The one in brackets.
fn chosen(triggers: &str) -> String {
    let chosen = triggers.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    chosen.map_or("none", |(name, _)| name).to_owned()
}

fn give_back(directory: &Path, trigger: &str, brightness: &str) -> io::Result<()> {
    sysfs::write(&directory.join("trigger"), trigger)?;
    if trigger == "none" {
        sysfs::write(&directory.join("brightness"), brightness)?;
    }
    Ok(())
}

fn show(directory: &Path, light: &Light) -> io::Result<()> {
    let write = |name: &str, value: &str| sysfs::write(&directory.join(name), value);
    let brightness = match light {
        Light::Blink => return write("trigger", "timer"),
        Light::Traffic(net) => {
            write("trigger", "netdev")?;
            write("device_name", net)?;
            return ["link", "tx", "rx"].iter().try_for_each(|name| write(name, "1"));
        }
        Light::Off => "0".to_owned(),
        Light::On => {
            let most = sysfs::read(&directory.join("max_brightness"));
            most.unwrap_or_else(|| "255".to_owned())
        }
    };
    write("trigger", "none")?;
    write("brightness", &brightness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_led_is_used_and_given_back_as_it_was() {
        let root = std::env::temp_dir().join(format!("ltewan-leds-{}", std::process::id()));
        let directory = root.join("sys/class/leds/green:lte");
        fs::create_dir_all(&directory).unwrap();
        let files = [("trigger", "none [heartbeat] timer"), ("brightness", "0")];
        let more = [("max_brightness", "100"), ("device_name", ""), ("link", "0")];
        for (name, text) in files.into_iter().chain(more).chain([("rx", "0"), ("tx", "0")]) {
            fs::write(directory.join(name), text).unwrap();
        }
        let is = |name: &str| sysfs::read(&directory.join(name)).unwrap();
        let paths = Paths::below(&root);
        let mut leds = Leds::default();
        let mut set = |light: Option<&Light>| leds.set(&paths, "green:lte", light);
        for (light, trigger, brightness) in [
            (Light::On, "none", "100"),
            (Light::Blink, "timer", "100"),
            (Light::Off, "none", "000"),
        ] {
            set(Some(&light)).unwrap();
            // A file keeps what is not written over.
            assert!(is("trigger").starts_with(trigger), "{}", is("trigger"));
            assert_eq!(is("brightness"), brightness);
        }
        fs::write(directory.join("trigger"), "").unwrap();
        set(Some(&Light::Traffic("wwan0".into()))).unwrap();
        let netdev = ["trigger", "device_name", "link", "tx", "rx"].map(is);
        assert_eq!(netdev, ["netdev", "wwan0", "1", "1", "1"]);
        fs::write(directory.join("trigger"), "").unwrap();
        set(None).unwrap();
        assert_eq!(is("trigger"), "heartbeat");
        assert!(leds.set(&paths, "blue:none", Some(&Light::On)).is_err());
        fs::remove_dir_all(&root).unwrap();
    }
}
