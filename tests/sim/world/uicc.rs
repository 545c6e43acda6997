//! The SIM: card presence, the USIM application, PIN1 and its retry counters (TS 31.101 and
//! TS 31.102).
//!
//! The counters live on the card, so they survive a reset of the modem; a verified PIN does not.

use ltewan::time::Instant;

use super::super::config::SimConfig;

/// What the slot sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CardState {
    /// Nothing in the slot.
    Absent,
    /// A card that answered to reset.
    Present,
    /// Something that does not answer.
    Error,
}

/// The state of PIN1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PinState {
    /// The card asks for no PIN.
    Disabled,
    /// The PIN is due.
    EnabledNotVerified,
    /// The PIN was given since power on.
    EnabledVerified,
    /// No PIN attempt is left; the PUK is due.
    Blocked,
    /// No PUK attempt is left either; the card is of no more use.
    PermanentlyBlocked,
}

/// The state of the USIM application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AppState {
    /// Found, not yet readable.
    Detected,
    /// Waits for PIN1.
    PinRequired,
    /// Waits for PUK1.
    PukRequired,
    /// PUK1 used up.
    Blocked,
    /// Usable.
    Ready,
}

/// Why the card refused a PIN operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PinError {
    /// No card, or the application is not up yet.
    NotReady,
    /// Wrong PIN; one attempt spent.
    IncorrectPin,
    /// No attempt left.
    Blocked,
    /// PUK used up.
    PermanentlyBlocked,
    /// There is nothing to verify or to change.
    NoEffect,
    /// Not 4 to 8 digits; nothing spent.
    InvalidArgument,
}

/// The card, and how often its PIN was tried.
#[derive(Clone, Debug)]
pub(crate) struct Uicc {
    pub(crate) card: CardState,
    pub(crate) pin1: PinState,
    pub(crate) iccid: String,
    pub(crate) imsi: String,
    /// The phone number, if it knows it.
    pub(crate) number: String,
    pin: String,
    puk: String,
    pub(crate) pin_retries: u8,
    pub(crate) puk_retries: u8,
    /// When the application becomes readable; `None` once it is.
    pub(crate) ready_at: Option<Instant>,
    /// The modem has switched the slot off.
    pub(crate) powered: bool,
    /// The modem takes it to be in its slot, and another card is.
    pub(crate) is_away: bool,
    /// PINs for it that went to that other card.
    pub(crate) misdirected: u64,
    /// PIN attempts that the card has seen, right or wrong.
    pub(crate) pin_attempts: u64,
    /// PIN attempts that were wrong.
    pub(crate) pin_rejections: u64,
    /// PUK attempts that the card has seen.
    pub(crate) puk_attempts: u64,
    /// Each VERIFY PIN that could have cost an attempt, newest last.
    pub(crate) verifications: Vec<Verification>,
}

/// A VERIFY PIN as the card saw it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Verification {
    pub(crate) iccid: String,
    pub(crate) pin: String,
    /// It was the right one.
    pub(crate) right: bool,
    /// An earlier one was right, and still counted.
    pub(crate) needless: bool,
}

impl Uicc {
    /// The card as `config` has it, readable from `ready_at` on.
    pub(crate) fn new(config: &SimConfig, ready_at: Instant) -> Self {
        Self {
            card: config.card,
            pin1: config.pin1,
            iccid: config.iccid.clone(),
            imsi: config.imsi.clone(),
            number: config.number.clone(),
            pin: config.pin.clone(),
            puk: config.puk.clone(),
            pin_retries: config.pin_retries,
            puk_retries: config.puk_retries,
            ready_at: Some(ready_at),
            powered: true,
            is_away: false,
            misdirected: 0,
            pin_attempts: 0,
            pin_rejections: 0,
            puk_attempts: 0,
            verifications: Vec::new(),
        }
    }

    /// Card reset: a PIN given before no longer counts.
    pub(crate) fn reset(&mut self, ready_at: Instant) {
        if self.pin1 == PinState::EnabledVerified {
            self.pin1 = PinState::EnabledNotVerified;
        }
        self.ready_at = Some(ready_at);
        self.powered = true;
    }

    /// Notes that time has passed; true when the application just became readable.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> bool {
        let due = self.ready_at.is_some_and(|at| at <= now);
        if due {
            self.ready_at = None;
        }
        due
    }

    /// A card that answers.
    pub(crate) fn is_present(&self) -> bool {
        self.card == CardState::Present && self.powered
    }

    /// The application's state; meaningful only with a card present.
    pub(crate) fn app_state(&self) -> AppState {
        if !self.is_present() || self.ready_at.is_some() {
            return AppState::Detected;
        }
        match self.pin1 {
            PinState::Disabled | PinState::EnabledVerified => AppState::Ready,
            PinState::EnabledNotVerified => AppState::PinRequired,
            PinState::Blocked => AppState::PukRequired,
            PinState::PermanentlyBlocked => AppState::Blocked,
        }
    }

    /// IMSI and network access are available.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_present() && self.app_state() == AppState::Ready
    }

    /// VERIFY PIN. A wrong one is counted even when an earlier one was right.
    pub(crate) fn verify(&mut self, pin: &str) -> Result<(), PinError> {
        self.check_usable()?;
        if self.pin1 == PinState::Disabled {
            return Err(PinError::NoEffect);
        }
        self.verifications.push(Verification {
            iccid: self.iccid.clone(),
            pin: pin.into(),
            right: pin == self.pin,
            needless: self.pin1 == PinState::EnabledVerified,
        });
        self.spend(pin)?;
        self.pin1 = PinState::EnabledVerified;
        Ok(())
    }

    /// CHANGE PIN; possible only while the PIN is enabled.
    pub(crate) fn change(&mut self, old: &str, new: &str) -> Result<(), PinError> {
        self.check_usable()?;
        if self.pin1 == PinState::Disabled || !is_code(new) {
            return Err(PinError::InvalidArgument);
        }
        self.spend(old)?;
        self.pin = new.into();
        self.pin1 = PinState::EnabledVerified;
        Ok(())
    }

    /// ENABLE PIN and DISABLE PIN.
    pub(crate) fn protect(&mut self, enabled: bool, pin: &str) -> Result<(), PinError> {
        self.check_usable()?;
        if enabled != (self.pin1 == PinState::Disabled) {
            return Err(PinError::NoEffect);
        }
        self.spend(pin)?;
        self.pin1 = if enabled { PinState::EnabledVerified } else { PinState::Disabled };
        Ok(())
    }

    /// UNBLOCK PIN with the PUK, setting a new PIN.
    pub(crate) fn unblock(&mut self, puk: &str, new: &str) -> Result<(), PinError> {
        if !self.is_present() || self.ready_at.is_some() {
            return Err(PinError::NotReady);
        }
        if self.pin1 == PinState::PermanentlyBlocked {
            return Err(PinError::PermanentlyBlocked);
        }
        if !is_code(new) {
            return Err(PinError::InvalidArgument);
        }
        self.puk_attempts += 1;
        if puk != self.puk {
            self.puk_retries = self.puk_retries.saturating_sub(1);
            if self.puk_retries == 0 {
                self.pin1 = PinState::PermanentlyBlocked;
                return Err(PinError::PermanentlyBlocked);
            }
            return Err(PinError::IncorrectPin);
        }
        (self.pin_retries, self.puk_retries) = (3, 10);
        self.pin = new.into();
        self.pin1 = PinState::EnabledVerified;
        Ok(())
    }

    /// A card that takes PIN commands now.
    fn check_usable(&self) -> Result<(), PinError> {
        match self.app_state() {
            AppState::Detected => Err(PinError::NotReady),
            AppState::PukRequired => Err(PinError::Blocked),
            AppState::Blocked => Err(PinError::PermanentlyBlocked),
            AppState::PinRequired | AppState::Ready => Ok(()),
        }
    }

    /// Compares `pin` with the card's, counting the attempt.
    fn spend(&mut self, pin: &str) -> Result<(), PinError> {
        if !is_code(pin) {
            return Err(PinError::InvalidArgument);
        }
        if self.is_away {
            self.misdirected += 1;
            return Err(PinError::NotReady);
        }
        self.pin_attempts += 1;
        if pin == self.pin {
            self.pin_retries = 3;
            return Ok(());
        }
        self.pin_rejections += 1;
        self.pin_retries = self.pin_retries.saturating_sub(1);
        if self.pin_retries == 0 {
            self.pin1 = PinState::Blocked;
            return Err(PinError::Blocked);
        }
        Err(PinError::IncorrectPin)
    }
}

/// 4 to 8 decimal digits (TS 31.101 9.5.1).
fn is_code(text: &str) -> bool {
    (4..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
