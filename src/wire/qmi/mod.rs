//! QMI messages: one file a service, each message a type.
//!
//! A [`Request`] names its service and number, writes its TLVs and reads its reply; an
//! [`Indication`] is one of the few messages that modems send of their own accord and the daemon
//! listens to. Fields that a reply may lack are `Option`s; TLVs nobody reads stay in the
//! [`RawMessage`](super::qmux::RawMessage). Numbers of messages and TLVs are those of libqmi's
//! `data/qmi-service-*.json`, which this module names beside each.

pub mod ctl;
pub mod dms;
mod error;
mod indication;
pub mod nas;
mod service;
#[cfg(test)]
mod tests;
mod tlv;
pub mod uim;
pub mod voice;
pub mod wda;
pub mod wds;
pub mod wms;

pub use error::QmiError;
pub use indication::Indication;
pub use service::Service;
pub use tlv::{Sequence, Tlv, TlvIter, TlvReader, TlvWriter, Tlvs, text};

use super::{Error, code};

/// The client to which a service sends what is for all of its clients.
pub const CLIENT_BROADCAST: u8 = 0xFF;

/// The TLV that says in every reply whether the request was carried out.
const TLV_RESULT: u8 = 0x02;

/// A message that asks a service for something.
pub trait Request {
    /// The service asked.
    const SERVICE: Service;
    /// The number of the message, the same in the reply.
    const MESSAGE: u16;
    /// What comes back.
    type Response;

    /// Writes the request's TLVs.
    fn write(&self, tlvs: &mut TlvWriter);

    /// Reads the TLVs of a reply that reports success.
    ///
    /// # Errors
    /// When a TLV is missing or malformed without which the reply means nothing.
    fn read(tlvs: Tlvs<'_>) -> Result<Self::Response, Error>;

    /// Reads the TLVs of a reply that reports `error`. Requests whose refusal says more than the
    /// error (a call's end reason, PIN attempts left) make a response of it.
    ///
    /// # Errors
    /// `error`, when it is all there is to say.
    fn refused(error: QmiError, tlvs: Tlvs<'_>) -> Result<Self::Response, QmiError> {
        let _ = tlvs;
        Err(error)
    }

    /// The request's TLVs.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when a text is too long for its field.
    fn tlvs(&self) -> Result<Vec<u8>, Error>
    where
        Self: Sized,
    {
        let any: &dyn AnyRequest = self;
        any.tlvs()
    }
}

/// A request of any kind: what takes one is compiled once, not anew for each kind.
pub trait AnyRequest {
    /// The service asked, and the number of the message.
    fn target(&self) -> (Service, u16);

    /// Writes the request's TLVs.
    fn write_into(&self, tlvs: &mut TlvWriter);
}

impl<R: Request> AnyRequest for R {
    fn target(&self) -> (Service, u16) {
        (R::SERVICE, R::MESSAGE)
    }

    fn write_into(&self, tlvs: &mut TlvWriter) {
        self.write(tlvs);
    }
}

impl dyn AnyRequest + '_ {
    /// [`Request::tlvs`].
    ///
    /// # Errors
    /// Those of that.
    pub fn tlvs(&self) -> Result<Vec<u8>, Error> {
        let mut tlvs = TlvWriter::new();
        self.write_into(&mut tlvs);
        tlvs.finish()
    }
}

/// Why a reply is not a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// The modem refused.
    Qmi(QmiError),
    /// The reply cannot be read.
    Malformed(Error),
}

/// Reads the reply to a request `R`.
///
/// # Errors
/// When the modem refused, or when the reply is malformed.
pub fn read_reply<R: Request>(tlvs: Tlvs<'_>) -> Result<R::Response, ReplyError> {
    read_rest::<R>(read_result(tlvs).map_err(ReplyError::Malformed)?, tlvs)
}

/// Reads the reply to a request `R` whose result was read.
///
/// # Errors
/// When the modem refused, or when the reply is malformed.
pub fn read_rest<R: Request>(
    result: Result<(), QmiError>,
    tlvs: Tlvs<'_>,
) -> Result<R::Response, ReplyError> {
    match result {
        Ok(()) => R::read(tlvs).map_err(ReplyError::Malformed),
        Err(error) => R::refused(error, tlvs).map_err(ReplyError::Qmi),
    }
}

/// Reads the result TLV (0x02) of a reply: status, then error.
///
/// # Errors
/// When there is none, or it is too short.
pub fn read_result(tlvs: Tlvs<'_>) -> Result<Result<(), QmiError>, Error> {
    tlvs.mandatory(TLV_RESULT, &"result", |r| {
        let (status, error) = (r.u16()?, r.u16()?);
        Some(if status == 0 { Ok(()) } else { Err(QmiError::from_code(error)) })
    })
}

/// Writes the result TLV: what the modem's side of the protocol begins every reply with.
pub fn write_result(tlvs: &mut TlvWriter, result: Result<(), QmiError>) {
    let (status, error) = match result {
        Ok(()) => (0, 0),
        Err(error) => (1, error.code()),
    };
    let mut sequence = Sequence::new();
    sequence.u16(status).u16(error);
    tlvs.put_sequence(TLV_RESULT, sequence);
}
