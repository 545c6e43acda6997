//! The satellite receiver, switched and read.

use super::Asker;
use crate::driver::choice::{RadioAnswer, RadioResult};
use crate::driver::gnss::{GnssAction, GnssStatus, Receiver};
use crate::driver::{Failure, FailureKind};

impl Asker {
    /// Does what is asked, and says how the receiver is then.
    pub(super) async fn gnss(&self, receiver: &Receiver, action: GnssAction) -> RadioResult {
        let mut refused = None;
        match action {
            GnssAction::On => {
                for command in receiver.on {
                    refused = self.ask(command).await.err();
                }
            }
            GnssAction::Off => refused = self.ask(receiver.off).await.err(),
            GnssAction::Status => {}
        }
        let is_on = self.is_on(receiver).await?;
        // One that was on already refuses to be switched on, and the other way round.
        if let Some(failure) = refused
            && is_on != Some(action == GnssAction::On)
        {
            return Err(failure);
        }
        let mut status = GnssStatus { is_on, position: None };
        if is_on != Some(false) && !receiver.locate.is_empty() {
            // Refused while it is not known.
            let lines = self.ask(receiver.locate).await.unwrap_or_default();
            status.position = receiver.position(&lines);
        }
        Ok(RadioAnswer::Gnss(status))
    }

    async fn is_on(&self, receiver: &Receiver) -> Result<Option<bool>, Failure> {
        if receiver.query.is_empty() {
            return Ok(None);
        }
        match self.ask(receiver.query).await {
            Ok(lines) => Ok(Some(receiver.is_on(&lines))),
            Err(failure) if failure.kind == FailureKind::Refused => {
                Err(Failure::new(FailureKind::Unsupported, "it has no satellite receiver"))
            }
            Err(failure) => Err(failure),
        }
    }
}
