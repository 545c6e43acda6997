//! What an owner can have done with the SIM's PIN, whatever language the modem speaks.

use super::procedures::Outlet;
use super::task::Later;
use super::{Event, Failure, FailureKind};
use crate::types::{Secret, SimState, SimStatus};
use core::future::ready;

/// One thing to do with PIN1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinOperation {
    /// Give the PIN the SIM asks for.
    Unlock {
        /// The PIN.
        pin: Secret,
    },
    /// Have the SIM ask for the PIN from now on.
    Enable {
        /// The PIN.
        pin: Secret,
    },
    /// Have the SIM ask for no PIN any more.
    Disable {
        /// The PIN.
        pin: Secret,
    },
    /// Change the PIN.
    Change {
        /// The PIN so far.
        pin: Secret,
        /// The PIN from then on.
        new_pin: Secret,
    },
    /// Set a new PIN with the PUK.
    Unblock {
        /// The PUK.
        puk: Secret,
        /// The PIN from then on.
        new_pin: Secret,
    },
}

impl PinOperation {
    /// The PIN that the SIM compares with its own; `None` where it compares the PUK.
    pub const fn pin(&self) -> Option<&Secret> {
        match self {
            Self::Unlock { pin }
            | Self::Enable { pin }
            | Self::Disable { pin }
            | Self::Change { pin, .. } => Some(pin),
            Self::Unblock { .. } => None,
        }
    }

    /// The PIN that the SIM has when all went well.
    pub const fn pin_after(&self) -> &Secret {
        match self {
            Self::Unlock { pin } | Self::Enable { pin } | Self::Disable { pin } => pin,
            Self::Change { new_pin, .. } | Self::Unblock { new_pin, .. } => new_pin,
        }
    }

    /// The attempts left of those that a wrong code costs one of; `None` when the modem does not
    /// say.
    pub const fn retries_left(&self, sim: &SimStatus) -> Option<u8> {
        match self {
            Self::Unlock { .. }
            | Self::Enable { .. }
            | Self::Disable { .. }
            | Self::Change { .. } => sim.pin1_retries_left,
            Self::Unblock { .. } => sim.puk1_retries_left,
        }
    }

    /// Whether the SIM's state shows that an operation without an answer was done.
    fn is_evident(&self, before: &SimStatus, after: &SimStatus) -> bool {
        let enabled = (before.pin1_enabled, after.pin1_enabled);
        match self {
            Self::Unlock { .. } | Self::Unblock { .. } => {
                before.state != SimState::Ready && after.state == SimState::Ready
            }
            Self::Enable { .. } => enabled == (Some(false), Some(true)),
            Self::Disable { .. } => enabled == (Some(true), Some(false)),
            Self::Change { .. } => false,
        }
    }
}

/// An operation and when it must not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRequest {
    /// What to do.
    pub operation: PinOperation,
    /// It is not sent when the SIM, asked at that moment, says that fewer attempts are left.
    pub retries_min: u8,
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinResult {
    /// The SIM did it; the code was right.
    Accepted,
    /// It was so already. Whether the code is right is not known.
    NoEffect,
    /// Fewer attempts than [`PinRequest::retries_min`] are left: nothing was sent.
    TooFewRetries,
    /// The SIM could not be asked for the attempts left: nothing was sent.
    NotSent(Failure),
    /// It was sent and not done.
    Refused(Failure),
}

/// Corrects what was read of the SIM after an attempt that went like this.
pub(super) type Amendment = Box<dyn FnOnce(&mut SimStatus, &PinResult)>;

/// The SIM as a control protocol reaches it.
pub(super) trait Card: Outlet {
    /// Whether the state that is read after an accepted PIN is that of after it.
    fn tells_state_at_once(&self) -> bool {
        true
    }

    /// Reads the SIM anew.
    fn read(&self) -> Later<'_, Result<SimStatus, Failure>>;

    /// Has an operation done, once, on the SIM as it was `before`; with what the modem says of the
    /// attempts left.
    fn attempt<'a>(
        &'a self,
        operation: &'a PinOperation,
        before: &'a SimStatus,
    ) -> Later<'a, (PinResult, Option<Amendment>)>;

    /// Sees to what comes of it, when it was told.
    fn follow(&self) -> Later<'_, ()> {
        Box::pin(ready(()))
    }

    /// Why an attempt failed, for a modem that does not say it itself.
    fn judge(
        &self,
        why: Failure,
        _operation: &PinOperation,
        _before: &SimStatus,
        _after: &SimStatus,
    ) -> Failure {
        why
    }
}

/// Does what the owner wants done, once, if enough attempts are left.
pub(super) async fn operate(card: Box<dyn Card>, request: PinRequest) {
    operate_once(&*card, request).await;
    card.follow().await;
}

async fn operate_once(card: &dyn Card, request: PinRequest) {
    let PinRequest { operation, retries_min } = request;
    // Other programs, and AT commands, spend attempts too.
    let before = match card.read().await {
        Ok(sim) => sim,
        Err(why) => {
            let sim = forget_retries(card);
            return card.emit(Event::PinDone { result: PinResult::NotSent(why), sim });
        }
    };
    if operation.retries_left(&before).is_some_and(|left| left < retries_min) {
        return card.emit(Event::PinDone { result: PinResult::TooFewRetries, sim: before });
    }
    let (result, amend) = card.attempt(&operation, &before).await;
    let Attempt { result, sim, .. } = read_after(card, &operation, &before, result, amend).await;
    let is_unanswered =
        matches!(&result, PinResult::Refused(why) if why.kind == FailureKind::Timeout);
    let is_done = is_unanswered && operation.is_evident(&before, &sim);
    let result = if is_done { PinResult::Accepted } else { result };
    card.emit(Event::PinDone { result, sim });
}

/// Offers the PIN, once.
pub(super) async fn unlock(card: Box<dyn Card>, pin: Secret) {
    unlock_once(&*card, pin).await;
    card.follow().await;
}

async fn unlock_once(card: &dyn Card, pin: Secret) {
    let operation = PinOperation::Unlock { pin };
    let before = card.sim();
    let (result, amend) = card.attempt(&operation, &before).await;
    // What the SIM says later changes nothing about this, and may never come.
    let sure = match &result {
        PinResult::Refused(why) => Some(why).filter(|why| is_about_the_code(why.kind)).cloned(),
        PinResult::Accepted
        | PinResult::NoEffect
        | PinResult::TooFewRetries
        | PinResult::NotSent(_) => None,
    };
    let is_told = sure.map(|why| card.emit(Event::UnlockFailed(why))).is_some();
    let Attempt { result, sim, unread } =
        read_after(card, &operation, &before, result, amend).await;
    if let PinResult::Refused(why) = result {
        if !is_told {
            card.emit(Event::UnlockFailed(why));
        }
    } else if card.tells_state_at_once() && unread.is_none() && !may_have_opened(sim.state) {
        // Pulled or reset in between: the offer has come to nothing.
        let why = Failure::new(FailureKind::Refused, "the SIM was reset");
        card.emit(Event::UnlockFailed(why));
    }
    card.emit(unread.map_or(Event::Sim(sim), Event::RequestFailed));
    card.emit(Event::UnlockDone);
}

/// How an attempt went.
struct Attempt {
    result: PinResult,
    /// The SIM after it.
    sim: SimStatus,
    /// Why that is not the SIM's own word.
    unread: Option<Failure>,
}

/// Reads the SIM after an attempt that went like this.
async fn read_after(
    card: &dyn Card,
    operation: &PinOperation,
    before: &SimStatus,
    mut result: PinResult,
    amend: Option<Amendment>,
) -> Attempt {
    let (mut sim, unread) = match card.read().await {
        Ok(sim) => (sim, None),
        Err(why) => (forget_retries(card), Some(why)),
    };
    if let Some(amend) = amend {
        amend(&mut sim, &result);
        card.note_sim(&sim);
    }
    if let PinResult::Refused(why) = &mut result {
        *why = card.judge(why.clone(), operation, before, &sim);
    }
    Attempt { result, sim, unread }
}

/// The SIM as last known, without the attempts left: they may be fewer.
fn forget_retries(card: &dyn Card) -> SimStatus {
    let mut sim = card.sim();
    (sim.pin1_retries_left, sim.puk1_retries_left) = (None, None);
    card.note_sim(&sim);
    sim
}

const fn is_about_the_code(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::WrongPin | FailureKind::PukRequired)
}

const fn may_have_opened(state: SimState) -> bool {
    match state {
        SimState::Ready | SimState::NotReady | SimState::Unknown => true,
        SimState::Absent
        | SimState::Error
        | SimState::PinRequired
        | SimState::PukRequired
        | SimState::Blocked => false,
    }
}
