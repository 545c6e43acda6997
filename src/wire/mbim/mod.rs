//! MBIM messages: how they are framed, and one file an area of each service.
//!
//! A [`Command`] names its service and number, writes its information buffer and reads the one of
//! its reply; an [`Indication`] is one of the few messages that modems send of their own accord and
//! the daemon listens to. What is not read stays in the [`RawMessage`]. Clauses are those of the
//! Mobile Broadband Interface Model 1.0, errata 1; the order of fields is that of libmbim's
//! `data/mbim-service-*.json`, which name them as the specification does.
//!
//! What QMI inside of MBIM carries is `wire::qmux`'s.

mod base_stations;
pub mod basic_connect;
mod decoder;
mod indication;
mod info;
mod message;
pub mod ms_extensions;
mod nitz;
mod protocol_error;
mod service;
pub mod slots;
mod sms;
mod status;
#[cfg(test)]
mod tests;
mod ussd;
mod writer;

pub use base_stations::BaseStationsInfoQuery;
pub use decoder::Decoder;
pub use indication::Indication;
pub use info::{Info, MAX_ELEMENTS, MAX_TEXT_LEN};
pub use message::{
    Body, CommandKind, Fragment, Frame, Kind, MAX_MESSAGE_LEN, MIN_CONTROL_TRANSFER, RawMessage,
};
pub use nitz::NitzQuery;
pub use protocol_error::ProtocolError;
pub use service::{ContextType, Service};
pub use sms::{
    CID_SMS_READ, CID_SMS_STORE_STATUS, SmsConfiguration, SmsConfigurationQuery, SmsDeleteSet,
    SmsReadQuery, SmsRecord, SmsSendSet, SmsStoreStatus,
};
pub use status::Status;
pub use ussd::{CID_USSD, UssdAction, UssdInfo, UssdSet};
pub use writer::InfoWriter;

use super::{Error, code};

/// MBIM_CID_QMI_MSG, the one command of [`Service::Qmi`]: a QMUX frame each way.
pub const CID_QMI_MSG: u32 = 1;

/// A message that asks a service for something.
pub trait Command {
    /// The service asked.
    const SERVICE: Service;
    /// The number of the command, the same in the reply.
    const CID: u32;
    /// Whether it asks or changes something.
    const KIND: CommandKind;
    /// What comes back.
    type Response;

    /// Writes the information buffer.
    fn write(&self, info: &mut InfoWriter) {
        let _ = info;
    }

    /// Reads the information buffer of a reply that reports success.
    ///
    /// # Errors
    /// When a field is missing or malformed.
    fn read(info: Info<'_>) -> Result<Self::Response, Error>;

    /// Reads a reply that reports failure. Some commands tell more than the status then.
    ///
    /// # Errors
    /// The status itself, where it says all there is.
    fn failed(status: Status, info: Info<'_>) -> Result<Self::Response, Status> {
        let _ = info;
        Err(status)
    }

    /// The information buffer.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when a text is too long for the modem.
    fn info(&self) -> Result<Vec<u8>, Error>
    where
        Self: Sized,
    {
        let any: &dyn AnyCommand = self;
        any.info()
    }
}

/// A command of any kind: what takes one is compiled once, not anew for each kind.
pub trait AnyCommand {
    /// The service asked, the number of the command, and whether it asks or changes something.
    fn target(&self) -> (Service, u32, CommandKind);

    /// Writes the information buffer.
    fn write_into(&self, info: &mut InfoWriter);
}

impl<C: Command> AnyCommand for C {
    fn target(&self) -> (Service, u32, CommandKind) {
        (C::SERVICE, C::CID, C::KIND)
    }

    fn write_into(&self, info: &mut InfoWriter) {
        self.write(info);
    }
}

impl dyn AnyCommand + '_ {
    /// [`Command::info`].
    ///
    /// # Errors
    /// Those of that.
    pub fn info(&self) -> Result<Vec<u8>, Error> {
        let mut info = InfoWriter::new();
        self.write_into(&mut info);
        info.finish()
    }
}

/// Why a reply is not a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// The modem refused.
    Mbim(Status),
    /// The reply cannot be read.
    Malformed(Error),
}

/// Reads the reply to a command `C`.
///
/// # Errors
/// When the modem refused, or when the reply is malformed.
pub fn read_reply<C: Command>(status: Status, info: &[u8]) -> Result<C::Response, ReplyError> {
    let info = Info::new(info);
    if status == Status::Success {
        C::read(info).map_err(ReplyError::Malformed)
    } else {
        C::failed(status, info).map_err(ReplyError::Mbim)
    }
}
