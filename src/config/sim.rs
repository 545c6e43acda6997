//! `config sim`: what belongs to a SIM rather than to an interface.

use super::interface::Dialling;
use super::options::Options;
use crate::types::{Apn, AuthMethod, Iccid, Imsi, Invalid, PdpType, Secret};

/// `config sim`: used when the SIM fits, for what the interface leaves open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimProfile {
    /// The section's name.
    pub name: Option<String>,
    /// `option iccid`; when both patterns are given, both must fit.
    pub iccid: Option<NumberPattern>,
    /// `option imsi`
    pub imsi: Option<NumberPattern>,
    /// `option apn`
    pub apn: Option<Apn>,
    /// `option pincode`
    pub pincode: Option<Secret>,
    /// `option auth`
    pub auth: Option<AuthMethod>,
    /// `option username`
    pub username: Option<String>,
    /// `option password`
    pub password: Option<Secret>,
    /// `option pdptype`
    pub pdptype: Option<PdpType>,
    /// `option allow_roaming`
    pub allow_roaming: Option<bool>,
    /// `option quota_mb` and what goes with it.
    pub quota: Option<Quota>,
    /// `option slot`: the slot the SIM is in, from 1.
    pub slot: Option<u8>,
}

/// `option quota_mb`, `quota_day`, `quota_action`, `quota_rate`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How much a billing period allows, in megabytes of 1,000,000 bytes, both directions.
    pub megabytes: u32,
    /// The day of the month a period starts, 1 to 31; the last day in a shorter month. 1 unless
    /// set.
    pub day: u8,
    /// What to do when it is used up; `warn` unless set.
    pub action: QuotaAction,
    /// What is left to the SIM with `limit`, in kbit/s each way, 16 to 100,000; 256 unless set.
    pub rate_kbits: u32,
}

/// `option quota_action`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuotaAction {
    /// Log it and tell.
    #[default]
    Warn,
    /// Slow the connection down until the next period.
    Limit,
    /// Disconnect until the next period.
    Disconnect,
    /// Go to another SIM.
    Switch,
}

impl QuotaAction {
    /// As configured.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Limit => "limit",
            Self::Disconnect => "disconnect",
            Self::Switch => "switch",
        }
    }
}

/// A whole number, or the start of one and `*`.
#[derive(Clone, PartialEq, Eq)]
pub struct NumberPattern {
    digits: String,
    prefix: bool,
}

impl NumberPattern {
    /// Reads `894921*` or a whole ICCID. Hexadecimal digits, which some cards have, fit in either
    /// case.
    ///
    /// # Errors
    /// When there is another character, too many digits or none.
    pub fn iccid(text: &str) -> Result<Self, Invalid> {
        let hex = |c: u8| c.is_ascii_hexdigit();
        Self::parse(text, 20, hex).ok_or(Invalid { expected: "an ICCID, or its start and *" })
    }

    /// Reads `26201*` or a whole IMSI.
    ///
    /// # Errors
    /// When there is another character, too many digits or none.
    pub fn imsi(text: &str) -> Result<Self, Invalid> {
        let digit = |c: u8| c.is_ascii_digit();
        Self::parse(text, 15, digit).ok_or(Invalid { expected: "an IMSI, or its start and *" })
    }

    fn parse(text: &str, longest: usize, allowed: fn(u8) -> bool) -> Option<Self> {
        let (digits, prefix) = match text.strip_suffix('*') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let shortest = if prefix { 0 } else { 6 };
        let valid = (shortest..=longest).contains(&digits.len()) && digits.bytes().all(allowed);
        valid.then(|| Self { digits: digits.to_ascii_uppercase(), prefix })
    }

    /// How much the pattern says about `number`: `None` when it does not fit, else more for a
    /// longer prefix and most for the whole.
    fn fit(&self, number: &str) -> Option<usize> {
        // A number of 19 digits is stored with a filler, TS 102 221 13.2; some modems show it.
        let number = number.to_ascii_uppercase();
        let number = number.trim_end_matches('F');
        if self.prefix {
            number.starts_with(&self.digits).then_some(self.digits.len())
        } else {
            (number == self.digits.trim_end_matches('F')).then_some(WHOLE)
        }
    }
}

/// More than any prefix has digits.
const WHOLE: usize = 100;

/// Shows how long the pattern is, not whose it is.
impl core::fmt::Debug for NumberPattern {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let star = if self.prefix { "*" } else { "" };
        write!(f, "NumberPattern({}{star})", crate::types::redact(&self.digits))
    }
}

impl SimProfile {
    /// Reads a section; `None` when it does not say which SIM is meant.
    pub(super) fn read(name: Option<String>, options: &mut Options) -> Option<Self> {
        let iccid = options.read("iccid", NumberPattern::iccid);
        let imsi = options.read("imsi", NumberPattern::imsi);
        let Dialling { apn, pincode, auth, username, password, pdptype, allow_roaming } =
            Dialling::read(options);
        let quota = Quota::read(options);
        let slot = options.number("slot", 1..=8, "a slot, 1 to 8");
        let slot = slot.and_then(|n| u8::try_from(n).ok());
        if iccid.is_none() && imsi.is_none() {
            if !options.has("iccid") && !options.has("imsi") {
                options.report_missing("iccid", "iccid or imsi, to say which SIM is meant");
            }
            return None;
        }
        Some(Self {
            name,
            iccid,
            imsi,
            apn,
            pincode,
            auth,
            username,
            password,
            pdptype,
            allow_roaming,
            quota,
            slot,
        })
    }

    /// How much the profile says about a SIM; `None` when it is about another, or the number it
    /// asks for is not known.
    pub(super) fn fit(&self, iccid: Option<&Iccid>, imsi: Option<&Imsi>) -> Option<usize> {
        let fit = |pattern: &Option<NumberPattern>, number: Option<&str>| match pattern {
            Some(pattern) => pattern.fit(number?),
            None => Some(0),
        };
        let card = fit(&self.iccid, iccid.map(Iccid::expose))?;
        let subscription = fit(&self.imsi, imsi.map(Imsi::expose))?;
        Some(card.saturating_add(subscription))
    }
}

impl Quota {
    /// In bytes.
    pub fn bytes(self) -> u64 {
        u64::from(self.megabytes).saturating_mul(1_000_000)
    }

    fn read(options: &mut Options) -> Option<Self> {
        const ACTIONS: &[(&str, QuotaAction)] = &[
            ("warn", QuotaAction::Warn),
            ("limit", QuotaAction::Limit),
            ("disconnect", QuotaAction::Disconnect),
            ("switch", QuotaAction::Switch),
        ];
        let megabytes =
            options.number("quota_mb", 1..=u32::MAX, "a number of megabytes, 1 or more");
        let day = options.number("quota_day", 1..=31, "a day of the month, 1 to 31");
        let action = options.choice("quota_action", ACTIONS, "warn, limit, disconnect or switch");
        let rate = options.number("quota_rate", 16..=100_000, "kbit/s, 16 to 100000");
        Some(Self {
            megabytes: megabytes?,
            day: day.and_then(|n| u8::try_from(n).ok()).unwrap_or(1),
            action: action.unwrap_or_default(),
            rate_kbits: rate.unwrap_or(256),
        })
    }
}
