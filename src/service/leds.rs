//! The router's LEDs, through the kernel's class `leds` (`Documentation/leds/leds-class.rst`,
//! `Documentation/ABI/testing/sysfs-class-led-trigger-netdev`).

use super::paths::Paths;
use crate::io::{files, sysfs};
use crate::log;
use crate::manager::Light;
use crate::map::Map;
use std::io;
use std::path::{Path, PathBuf};

/// What the LEDs that could not be set last are to do, by name. What each that is used was doing
/// before stands in a file, so that a daemon that is killed leaves that to the next.
#[derive(Debug, Default)]
pub(super) struct Leds(Map<String, Option<Light>>);

/// A brightness is a number.
const BRIGHTNESS_BYTES_MAX: usize = 64;

/// The end of the names of those files.
const ENDING: &str = ".led";

impl Leds {
    /// Gives back what an earlier daemon used.
    pub(super) fn recall(paths: &Paths) -> Self {
        for name in sysfs::list(&paths.run) {
            let Some(led) = name.strip_suffix(ENDING) else { continue };
            if let Err(error) = give_back(paths, led) {
                log::warn!("{error}");
            }
        }
        Self::default()
    }

    /// Has an LED do this, or what it did before; and others, of which that has failed.
    ///
    /// # Errors
    /// When there is no such LED, or the kernel has no such trigger; the path is in the error.
    pub(super) fn set(
        &mut self,
        paths: &Paths,
        led: String,
        light: Option<Light>,
    ) -> io::Result<()> {
        self.0.remove(&led);
        self.0.retain(|led, light| set(paths, led, light.as_ref()).is_err());
        let result = set(paths, &led, light.as_ref());
        if result.is_err() {
            self.0.insert(led, light);
        }
        result
    }
}

fn set(paths: &Paths, led: &str, light: Option<&Light>) -> io::Result<()> {
    let Some(light) = light else { return give_back(paths, led) };
    let directory = directory(paths, led);
    let record = record(paths, led);
    if !sysfs::exists(&record) {
        let brightness = files::read_bounded(&directory.join("brightness"), BRIGHTNESS_BYTES_MAX)?;
        let trigger = sysfs::read_in(&directory, "trigger").unwrap_or_default();
        files::create_dir(&paths.run, 0o700)?;
        let text = [brightness.trim_ascii(), b" ", chosen(&trigger).as_bytes()].concat();
        files::write_atomic(&record, &text, 0o600)?;
    }
    show(&directory, light)
}

/// What an LED did before, where it is known to have been used.
fn give_back(paths: &Paths, led: &str) -> io::Result<()> {
    let (directory, record) = (directory(paths, led), record(paths, led));
    let Some(text) = sysfs::read(&record) else { return Ok(()) };
    if let Some((brightness, trigger)) = text.split_once(' ') {
        sysfs::write_in(&directory, "trigger", trigger)?;
        if trigger == "none" {
            sysfs::write_in(&directory, "brightness", brightness)?;
        }
    }
    files::remove(&record)
}

fn directory(paths: &Paths, led: &str) -> PathBuf {
    paths.sys.join("class/leds").join(led)
}

fn record(paths: &Paths, led: &str) -> PathBuf {
    paths.run.join(format!("{led}{ENDING}"))
}

/// The one in brackets.
fn chosen(triggers: &str) -> String {
    let chosen = triggers.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    chosen.map_or("none", |(name, _)| name).to_owned()
}

fn show(directory: &Path, light: &Light) -> io::Result<()> {
    let brightness = match light {
        Light::Blink => return sysfs::write_in(directory, "trigger", "timer"),
        Light::Traffic(net) => {
            sysfs::write_in(directory, "trigger", "netdev")?;
            sysfs::write_in(directory, "device_name", net)?;
            for name in ["link", "tx", "rx"] {
                sysfs::write_in(directory, name, "1")?;
            }
            return Ok(());
        }
        Light::Off => "0".to_owned(),
        Light::On => {
            let most = sysfs::read_in(directory, "max_brightness");
            most.unwrap_or_else(|| "255".to_owned())
        }
    };
    sysfs::write_in(directory, "trigger", "none")?;
    sysfs::write_in(directory, "brightness", &brightness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const LED: &str = "green:lte";

    /// A root of its own with an LED that another trigger uses.
    struct Root(PathBuf, Paths);

    impl Root {
        fn new(name: &str) -> Self {
            let root = format!("ltewan-leds-{name}-{}", std::process::id());
            let root = std::env::temp_dir().join(root);
            let _ = fs::remove_dir_all(&root);
            fs::create_dir_all(root.join("sys")).unwrap();
            let root = Self(root.clone(), Paths::below(&root));
            root.make(LED);
            root
        }

        fn make(&self, led: &str) {
            let directory = directory(&self.1, led);
            fs::create_dir_all(&directory).unwrap();
            let files = [("trigger", "none [heartbeat] timer"), ("brightness", "0")];
            let more = [("max_brightness", "100"), ("device_name", ""), ("link", "0")];
            for (name, text) in files.into_iter().chain(more).chain([("rx", "0"), ("tx", "0")]) {
                fs::write(directory.join(name), text).unwrap();
            }
        }

        fn file(&self, name: &str) -> PathBuf {
            directory(&self.1, LED).join(name)
        }

        fn is(&self, name: &str) -> String {
            sysfs::read(&self.file(name)).unwrap()
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn an_led_is_used_and_given_back_as_it_was() {
        let root = Root::new("used");
        let mut leds = Leds::default();
        let mut set = |light: Option<Light>| leds.set(&root.1, LED.to_owned(), light);
        for (light, trigger, brightness) in [
            (Light::On, "none", "100"),
            (Light::Blink, "timer", "100"),
            (Light::Off, "none", "000"),
        ] {
            set(Some(light)).unwrap();
            // A file keeps what is not written over.
            assert!(root.is("trigger").starts_with(trigger), "{}", root.is("trigger"));
            assert_eq!(root.is("brightness"), brightness);
        }
        fs::write(root.file("trigger"), "").unwrap();
        set(Some(Light::Traffic("wwan0".into()))).unwrap();
        let netdev = ["trigger", "device_name", "link", "tx", "rx"].map(|name| root.is(name));
        assert_eq!(netdev, ["netdev", "wwan0", "1", "1", "1"]);
        fs::write(root.file("trigger"), "").unwrap();
        set(None).unwrap();
        assert_eq!(root.is("trigger"), "heartbeat");
        fs::write(root.file("trigger"), "none [netdev]").unwrap();
        set(None).unwrap();
        assert_eq!(root.is("trigger"), "none [netdev]", "it is no longer ours");
        assert!(leds.set(&root.1, "blue:none".to_owned(), Some(Light::On)).is_err());
    }

    #[test]
    fn what_a_killed_daemon_has_left_is_not_taken_for_the_owners() {
        let root = Root::new("killed");
        Leds::recall(&root.1).set(&root.1, LED.to_owned(), Some(Light::Blink)).unwrap();
        fs::write(root.file("trigger"), "none heartbeat [timer]").unwrap();
        // Whether the next one uses it or not.
        let mut next = Leds::recall(&root.1);
        assert!(root.is("trigger").starts_with("heartbeat"));
        fs::write(root.file("trigger"), "none [heartbeat] timer").unwrap();
        next.set(&root.1, LED.to_owned(), Some(Light::Blink)).unwrap();
        fs::write(root.file("trigger"), "").unwrap();
        next.set(&root.1, LED.to_owned(), None).unwrap();
        assert_eq!(root.is("trigger"), "heartbeat");
        assert!(sysfs::list(&root.1.run).is_empty());
    }

    #[test]
    fn what_has_failed_is_tried_again_when_any_led_changes() {
        let root = Root::new("failed");
        let mut leds = Leds::default();
        let mut set = |led: &str, light: Option<Light>| leds.set(&root.1, led.to_owned(), light);
        set("usb:late", Some(Light::On)).unwrap_err();
        root.make("usb:late");
        set(LED, Some(Light::On)).unwrap();
        let late = |name: &str| sysfs::read(&directory(&root.1, "usb:late").join(name)).unwrap();
        assert_eq!(late("brightness"), "100");
        // That it is given back as well.
        fs::remove_file(root.file("trigger")).unwrap();
        set(LED, None).unwrap_err();
        fs::write(root.file("trigger"), "").unwrap();
        set("usb:late", Some(Light::Off)).unwrap();
        assert_eq!(
            (root.is("trigger").as_str(), late("brightness").as_str()),
            ("heartbeat", "000")
        );
        set(LED, Some(Light::On)).unwrap();
        set("usb:late", None).unwrap();
        assert!(root.is("trigger").starts_with("none"), "what was tried last counts");
    }
}
