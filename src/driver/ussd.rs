//! USSD: what is asked of every driver alike.
//!
//! A driver holds no session: it takes texts to the modem and tells what the network says. Whom
//! that answers is for the caller to know.

use super::{Failure, FailureKind};
use crate::time::Duration;
use crate::types::{Secret, UssdText};

/// How long the network may take to answer. ModemManager gives it 100 s.
pub const ANSWER_MAX: Duration = Duration::from_secs(60);

/// How long a modem may take that answers when the network has, as Telit's do over AT (GM862's
/// manual): whoever waits has given up by then.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(65);

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UssdRequest {
    /// Have the modem tell what the network says; [`UssdEvent::Ready`] follows where it can.
    Listen,
    /// Begin a session with this code.
    Begin(Secret),
    /// Answer in it.
    Reply(Secret),
    /// End it; [`UssdEvent::Ended`] follows.
    Cancel,
}

/// What a modem tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UssdEvent {
    /// It has USSD.
    Ready,
    /// The network says something.
    Told(UssdText),
    /// The network, or [`UssdRequest::Cancel`], has ended the session.
    Ended,
    /// What was asked failed, and there is no session.
    Failed(Failure),
}

/// Whether a text can go over the air.
pub fn is_sendable(text: &str) -> bool {
    crate::wire::sms::encode_ussd(text).is_some()
}

/// What a modem says of a session in the numbers that AT (TS 27.007 7.15, `<m>`) and MBIM
/// (MBIM_USSD_RESPONSE) have in common.
pub(super) fn event_of(response: u32, text: String) -> UssdEvent {
    let is_silent = text.is_empty();
    let told = |wants_reply| UssdEvent::Told(UssdText { text, wants_reply });
    let failed = |kind, detail: &str| UssdEvent::Failed(Failure::new(kind, detail));
    match response {
        0 => told(false),
        1 => told(true),
        2 if is_silent => UssdEvent::Ended,
        // Some modems give the last text of a session so.
        2 => told(false),
        4 => failed(FailureKind::Network, "the network does not know the code"),
        5 => failed(FailureKind::Timeout, "the network did not answer"),
        _ => failed(FailureKind::Refused, "something else has answered"),
    }
}
