//! Which access point is dialled where the configuration names none: those that the SIM's operator
//! is known to have, one after the other while the network refuses them, and last the one that the
//! network chooses.

use super::{Action, Cause, Modem, State};
use crate::time::Instant;
use crate::types::{ApnCandidate, AuthMethod, BearerSettings, Source};

/// How often a call may fail for no known reason before the next access point is tried: many
/// AT-dialled modems do not say why.
const UNEXPLAINED_MAX: u32 = 3;

/// An access point to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApnOffer {
    /// What to dial with.
    pub candidate: ApnCandidate,
    /// Where it comes from.
    pub source: Source,
}

/// The access points to try.
#[derive(Clone, Debug, Default)]
pub(super) struct Offers {
    list: Vec<ApnOffer>,
    /// Which is dialled.
    at: usize,
    /// They are being looked up.
    is_awaited: bool,
    /// All have failed: from now on one is tried an attempt, for each attempt costs the network.
    is_exhausted: bool,
    /// A check has had an answer through the one that is dialled.
    has_carried: bool,
}

impl Modem {
    /// What is dialled with, and where its access point comes from when it is not in what the
    /// interface wants.
    pub fn dialling(&self) -> Option<(BearerSettings, Option<Source>)> {
        let mut bearer = self.want.as_ref()?.bearer.clone();
        let Some(offer) = self.offer() else { return Some((bearer, None)) };
        let candidate = &offer.candidate;
        bearer.apn.clone_from(&candidate.apn);
        if !has_credentials(&bearer) {
            bearer.auth = candidate.auth;
            bearer.username.clone_from(&candidate.username);
            bearer.password.clone_from(&candidate.password);
        }
        Some((bearer, Some(offer.source)))
    }

    /// Whether nothing is dialled before it is known which access points there are.
    pub(super) fn awaits_offers(&self) -> bool {
        self.offers.is_awaited && self.is_apn_open()
    }

    pub(super) fn await_offers(&mut self) {
        self.offers = Offers { is_awaited: true, ..Offers::default() };
    }

    pub(super) fn take_offers(&mut self, now: Instant, list: Vec<ApnOffer>) {
        let was_awaited = self.awaits_offers();
        self.offers = Offers { list, ..Offers::default() };
        if was_awaited && matches!(self.state, State::Searching | State::Registered) {
            self.settle(now);
        }
    }

    /// A call was refused: whether there is another access point to be dialled at once.
    pub(super) fn next_offer(&mut self, cause: Cause) -> bool {
        if self.offer().is_none() {
            return false;
        }
        let has_own = self.want.as_ref().is_some_and(|want| has_credentials(&want.bearer));
        if cause == Cause::CallFailed && self.attempt % UNEXPLAINED_MAX == UNEXPLAINED_MAX - 1 {
            // Its turn comes with the next attempt, which waits.
            self.advance_offer();
            return false;
        }
        let is_refused = matches!(cause, Cause::ApnRejected | Cause::ApnMissing)
            || cause == Cause::AuthFailed && !has_own;
        is_refused && self.advance_offer()
    }

    /// Goes on to the next; whether it is one that was not tried yet.
    fn advance_offer(&mut self) -> bool {
        self.offers.has_carried = false;
        self.offers.at = (self.offers.at + 1) % self.offers.list.len().max(1);
        self.offers.is_exhausted |= self.offers.at == 0;
        !self.offers.is_exhausted
    }

    /// A check had an answer through the connection.
    pub(super) const fn offer_carries(&mut self) {
        self.offers.has_carried = true;
    }

    /// Nothing answers through the connection: one that never carried anything may be for
    /// something else. Where one did, the network is at fault, and another costs its own tariff.
    pub(super) fn offer_is_dead(&mut self) {
        if self.offer().is_some() && !self.offers.has_carried {
            self.advance_offer();
        }
    }

    /// A call that was dialled is up. What comes first by itself need not be kept in mind.
    pub(super) fn offer_worked(&mut self) {
        let was_exhausted = std::mem::take(&mut self.offers.is_exhausted);
        let is_worth = self.offers.at > 0 || was_exhausted;
        let worked = self.offer().filter(|_| is_worth).map(|it| it.candidate.clone());
        if let Some(worked) = worked {
            self.act(Action::ApnWorked(worked));
        }
    }

    fn offer(&self) -> Option<&ApnOffer> {
        self.offers.list.get(self.offers.at).filter(|_| self.is_apn_open())
    }

    /// Whether neither the interface nor the SIM's profile says what to dial.
    fn is_apn_open(&self) -> bool {
        let open = |bearer: &BearerSettings| bearer.apn.is_empty() && bearer.profile.is_none();
        self.want.as_ref().is_some_and(|want| open(&want.bearer))
    }
}

fn has_credentials(bearer: &BearerSettings) -> bool {
    bearer.username.is_some() || bearer.auth != AuthMethod::None
}
