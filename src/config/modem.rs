//! `config ltewan 'globals'` and `config modem`.

use super::options::{Options, one_of};
use super::{DualSim, ModemMatch};
use crate::types::{Band, Invalid, Rat, UsbMode};
use log::LevelFilter;

/// `config ltewan 'globals'`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Globals {
    /// `option log_level`: what is logged; `info` unless set.
    pub log_level: LevelFilter,
    /// `option set_clock`: whether the router's clock is set to the network's time.
    pub set_clock: SetClock,
    /// `option usage_flush`: how often counters are written to flash, in seconds; 900 unless set.
    pub usage_flush_secs: u32,
}

impl Default for Globals {
    fn default() -> Self {
        Self { log_level: LevelFilter::Info, set_clock: SetClock::Auto, usage_flush_secs: 900 }
    }
}

impl Globals {
    pub(super) fn read(options: &mut Options) -> Self {
        const LEVELS: &[(&str, LevelFilter)] = &[
            ("error", LevelFilter::Error),
            ("warn", LevelFilter::Warn),
            ("info", LevelFilter::Info),
            ("debug", LevelFilter::Debug),
        ];
        let unset = Self::default();
        const CLOCK: &[(&str, SetClock)] =
            &[("auto", SetClock::Auto), ("0", SetClock::Never), ("1", SetClock::Always)];
        let set_clock = options.choice("set_clock", CLOCK, "auto, 0 or 1");
        let level = options.choice("log_level", LEVELS, "error, warn, info or debug");
        let flush = options.number("usage_flush", 60..=86_400, "60 to 86400 seconds");
        Self {
            log_level: level.unwrap_or(unset.log_level),
            set_clock: set_clock.unwrap_or(unset.set_clock),
            usage_flush_secs: flush.unwrap_or(unset.usage_flush_secs),
        }
    }
}

/// `option set_clock`: when the router's clock is set to the network's time. Never while NTP keeps
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetClock {
    /// While it is a day behind or more, or before this program was made.
    Auto,
    /// Never.
    Never,
    /// Whenever it is off.
    Always,
}

/// `option control`: the protocol to talk to the modem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// The best the modem has.
    #[default]
    Auto,
    /// QMI.
    Qmi,
    /// MBIM.
    Mbim,
    /// AT commands.
    At,
    /// AT commands, and PPP over a serial port for data.
    Ppp,
    /// None: the net device is all there is, as with a phone or a router stick.
    None,
}

/// One rung of `list recover`: what may be tried when a connection cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryStep {
    /// Connect anew.
    Redial,
    /// Radio off and on.
    Radio,
    /// Have the modem reset itself.
    Reset,
    /// Pull the line named by `option reset_gpio`.
    Gpio,
    /// Cut the power of the modem's USB port, or take the modem off the bus for a moment.
    Usb,
    /// Restart the router. Never unless it is named.
    Reboot,
}

/// `option restart_time`: a time of day, in the router's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// `config modem`. The default is what holds for a modem without a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModemConfig {
    /// The section's name, which `option device` of an interface may give.
    pub name: Option<String>,
    /// `option match`: which modem; without it the section is about none.
    pub matches: Option<ModemMatch>,
    /// `option enabled`: whether the modem is used at all; on unless set.
    pub enabled: bool,
    /// `option control`
    pub control: Control,
    /// `option usb_mode`: what the modem should be on USB; whatever it is when `None`.
    pub usb_mode: Option<UsbMode>,
    /// `option qmap`: whether packets go over the link many at once, where QMI does that; when
    /// `None`, where the bus is fast enough for it to matter.
    pub qmap: Option<bool>,
    /// `list mode`: the technologies allowed; all when empty.
    pub modes: Vec<Rat>,
    /// `list band`: the bands allowed; all when empty.
    pub bands: Vec<Band>,
    /// `option signal_interval`: how often the signal is read when the modem does not report it,
    /// in seconds; 0 for never, 30 unless set.
    pub signal_interval_secs: u32,
    /// `option at_poll`: how often values that only AT commands give are read, in seconds; 0 for
    /// never, 60 unless set.
    pub at_poll_secs: u32,
    /// `list recover`: what may be tried, in this order; nothing when it has `none` in it.
    pub recover: Vec<RecoveryStep>,
    /// `option reset_gpio`: the line that resets the modem, by name or number.
    pub reset_gpio: Option<String>,
    /// `option gnss`: whether its satellite receiver is switched on; left as it is unless set.
    pub gnss: bool,
    /// `option restart_time`: when to restart the modem each day.
    pub restart_time: Option<TimeOfDay>,
    /// `option slot`, `list switch_on` and what goes with them: which SIM to use.
    pub dual_sim: DualSim,
}

impl Default for ModemConfig {
    fn default() -> Self {
        use RecoveryStep::{Gpio, Radio, Redial, Reset, Usb};
        Self {
            name: None,
            matches: None,
            enabled: true,
            control: Control::Auto,
            usb_mode: None,
            qmap: None,
            modes: Vec::new(),
            bands: Vec::new(),
            signal_interval_secs: 30,
            at_poll_secs: 60,
            recover: vec![Redial, Radio, Reset, Gpio, Usb],
            reset_gpio: None,
            gnss: false,
            restart_time: None,
            dual_sim: DualSim::default(),
        }
    }
}

impl ModemConfig {
    pub(super) fn read(name: Option<String>, options: &mut Options) -> Self {
        const SECONDS: &str = "0 (never) or 5 to 86400 seconds";
        const CONTROLS: &[(&str, Control)] = &[
            ("auto", Control::Auto),
            ("qmi", Control::Qmi),
            ("mbim", Control::Mbim),
            ("at", Control::At),
            ("ppp", Control::Ppp),
            ("none", Control::None),
        ];
        let unset = Self::default();
        let matches = options.read("match", ModemMatch::parse);
        let enabled = options.flag("enabled");
        let control = options.choice("control", CONTROLS, "auto, qmi, mbim, at, ppp or none");
        let usb_mode = options.read("usb_mode", |text| match text {
            "keep" => Ok(None),
            _ => UsbMode::parse(text).map(Some),
        });
        const QMAP: &[(&str, Option<bool>)] =
            &[("auto", None), ("0", Some(false)), ("1", Some(true))];
        let qmap = options.choice("qmap", QMAP, "auto, 0 or 1");
        let modes = read_modes(options, "mode");
        let bands = options.list("band", Band::parse);
        let interval = |text: &str| seconds_or_never(text).ok_or(Invalid { expected: SECONDS });
        let signal_interval = options.read("signal_interval", interval);
        let at_poll = options.read("at_poll", interval);
        let recover = options.list("recover", |text| match text {
            "none" => Ok(None),
            _ => RecoveryStep::parse(text).map(Some),
        });
        let reset_gpio = options.read("reset_gpio", gpio_line);
        let gnss = options.flag("gnss");
        let restart_time = options.read("restart_time", TimeOfDay::parse);
        let config = Self {
            name,
            matches,
            enabled: enabled.unwrap_or(unset.enabled),
            control: control.unwrap_or_default(),
            usb_mode: usb_mode.flatten(),
            qmap: qmap.flatten(),
            modes,
            bands: bands.unwrap_or_default(),
            signal_interval_secs: signal_interval.unwrap_or(unset.signal_interval_secs),
            at_poll_secs: at_poll.unwrap_or(unset.at_poll_secs),
            recover: match recover.filter(|steps| !steps.is_empty()) {
                Some(steps) => all_or_none(steps),
                None => unset.recover,
            },
            reset_gpio,
            gnss: gnss.unwrap_or(unset.gnss),
            restart_time,
            dual_sim: DualSim::read(options),
        };
        if config.matches.is_none() && !options.has("match") {
            options.report_missing("match", "match, to say which modem is meant");
        }
        config
    }
}

impl TimeOfDay {
    /// Reads `03:00`.
    ///
    /// # Errors
    /// When it is no time of day.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = Invalid { expected: "a time of day as 03:00" };
        let (hour, minute) = text.split_once(':').ok_or(invalid)?;
        let part = |text: &str, limit| {
            let number = digits(text).filter(|n| text.len() == 2 && *n < limit);
            number.and_then(|n| u8::try_from(n).ok()).ok_or(invalid)
        };
        Ok(Self { hour: part(hour, 24)?, minute: part(minute, 60)? })
    }
}

impl RecoveryStep {
    const NAMES: [(&str, Self); 6] = [
        ("redial", Self::Redial),
        ("radio", Self::Radio),
        ("reset", Self::Reset),
        ("gpio", Self::Gpio),
        ("usb", Self::Usb),
        ("reboot", Self::Reboot),
    ];

    /// Reads the word of the option.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        one_of(text, &Self::NAMES, "redial, radio, reset, gpio, usb, reboot, or none")
    }

    /// As in the option.
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, step)| *step == self);
        found.map_or("", |(name, _)| name)
    }
}

/// A list of technologies; empty when it is missing or has `auto` in it.
pub(super) fn read_modes(options: &mut Options, name: &'static str) -> Vec<Rat> {
    let mode = |text: &str| match text {
        "auto" | "all" => Ok(None),
        _ => Rat::parse(text)
            .map(Some)
            .map_err(|_| Invalid { expected: "auto, or of gsm, umts, lte, nr5g" }),
    };
    all_or_none(options.list(name, mode).unwrap_or_default())
}

/// The elements of a list; none when one is the word for that.
fn all_or_none<T>(list: Vec<Option<T>>) -> Vec<T> {
    let mut all = Vec::new();
    for element in list {
        let Some(element) = element else { return Vec::new() };
        all.push(element);
    }
    all
}

fn seconds_or_never(text: &str) -> Option<u32> {
    digits(text).filter(|n| *n == 0 || (5..=86_400).contains(n))
}

/// The name of a line must not become a path.
pub(super) fn gpio_line(text: &str) -> Result<String, Invalid> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"_-.: ".contains(&c);
    if text.len() <= 64 && text.bytes().all(allowed) && !text.starts_with('.') {
        Ok(text.to_owned())
    } else {
        Err(Invalid { expected: "the name or number of a GPIO line, at most 64 characters" })
    }
}

fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|c| c.is_ascii_digit()) { text.parse().ok() } else { None }
}
