//! What a modem can be on USB.

use super::Invalid;

/// How a modem shows its network function on USB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UsbMode {
    /// QMI with raw IP.
    Qmi,
    /// MBIM.
    Mbim,
    /// CDC ECM.
    Ecm,
    /// CDC NCM.
    Ncm,
    /// RNDIS.
    Rndis,
}

impl UsbMode {
    const NAMES: [(&str, Self); 5] = [
        ("qmi", Self::Qmi),
        ("mbim", Self::Mbim),
        ("ecm", Self::Ecm),
        ("ncm", Self::Ncm),
        ("rndis", Self::Rndis),
    ];

    /// Reads its word, in lower case.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, mode)| *mode)
            .ok_or(Invalid { expected: "keep, qmi, mbim, ecm, ncm or rndis" })
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, mode)| *mode == self);
        found.map_or("", |(name, _)| name)
    }

    /// The mode whose net device the kernel serves with this driver.
    pub fn of_driver(driver: &str) -> Option<Self> {
        Some(match driver {
            "qmi_wwan" | "qmi_wwan_q" => Self::Qmi,
            "cdc_mbim" => Self::Mbim,
            "cdc_ether" => Self::Ecm,
            "cdc_ncm" | "huawei_cdc_ncm" => Self::Ncm,
            "rndis_host" => Self::Rndis,
            _ => return None,
        })
    }
}
