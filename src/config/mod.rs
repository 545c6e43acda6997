//! UCI sections and netifd's option tables, read into typed configuration.
//!
//! Touches no file and decides nothing. An option that cannot be read is one [`ConfigError`] and
//! counts as not set; all others still count. What each option means is in `docs/`; the defaults
//! are here.

mod check;
mod dual_sim;
mod error;
pub mod firewall;
mod interface;
mod led;
mod modem;
mod options;
mod selector;
mod sim;
#[cfg(test)]
mod tests;

pub use check::{CHECK_HOSTS_MAX, Check, CheckKind, CheckTarget, Host};
pub use dual_sim::{DualSim, SwitchOn};
pub use error::ConfigError;
pub use interface::InterfaceConfig;
pub use led::{LedConfig, Show};
pub use modem::{Control, Globals, ModemConfig, RecoveryStep, SetClock, TimeOfDay};
pub use selector::{DeviceSelector, ModemMatch};
pub use sim::{NumberPattern, Quota, QuotaAction, SimProfile};

use crate::types::uci::Package;
use crate::types::{Iccid, Imsi};
use error::section_label;
use options::Options;

/// The content of `/etc/config/ltewan`. The default is what an empty file means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `config ltewan 'globals'`
    pub globals: Globals,
    /// Each `config modem`, in order.
    pub modems: Vec<ModemConfig>,
    /// Each `config sim`, in order.
    pub sims: Vec<SimProfile>,
    /// Each `config led`, in order.
    pub leds: Vec<LedConfig>,
}

impl Config {
    /// The modem section called `name`.
    pub fn modem(&self, name: &str) -> Option<&ModemConfig> {
        self.modems.iter().find(|modem| modem.name.as_deref() == Some(name))
    }

    /// The profile for a SIM. Of several that fit, the one that says most about the SIM: a whole
    /// number before a prefix, a longer prefix before a shorter; of equals the first in the file.
    pub fn sim_profile(&self, iccid: Option<&Iccid>, imsi: Option<&Imsi>) -> Option<&SimProfile> {
        let fitting = self.sims.iter().filter_map(|sim| Some((sim.fit(iccid, imsi)?, sim)));
        fitting.rev().max_by_key(|(fit, _)| *fit).map(|(_, sim)| sim)
    }
}

/// Reads `/etc/config/ltewan`.
///
/// Always gives a configuration; the errors say what of the file is not in it.
pub fn parse(package: &Package) -> (Config, Vec<ConfigError>) {
    let mut config = Config::default();
    let mut errors = Vec::new();
    for (index, section) in package.sections.iter().enumerate() {
        let label = section_label(package, index);
        let mut options = Options::of_section("ltewan", label, section);
        match section.kind.as_str() {
            "ltewan" => config.globals = Globals::read(&mut options),
            "modem" => config.modems.push(ModemConfig::read(section.name.clone(), &mut options)),
            "sim" => config.sims.extend(SimProfile::read(section.name.clone(), &mut options)),
            "led" => LedConfig::read(&mut options, &mut config.leds),
            _ => options.report_section("a section of type ltewan, modem, sim or led"),
        }
        errors.extend(options.finish());
    }
    (config, errors)
}
