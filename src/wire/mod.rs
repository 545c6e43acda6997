//! Codecs: bytes to typed messages and back, one file per service or specification.
//!
//! Pure: nothing here keeps state, logs or panics, whatever the input. What a codec does not know
//! (a TLV, a message, a result code) is data it keeps, not an error.

pub mod apn_table;
pub mod at;
pub mod blobmsg;
mod code;
mod decimal;
pub mod dns;
mod error;
mod esm_cause;
pub mod http;
pub mod icmp;
pub mod json;
pub mod librespeed;
pub mod mbim;
pub mod qmi;
pub mod qmux;
pub mod sms;
pub mod stick;
mod text;
pub mod ubus;
pub mod uci;

pub use error::{Error, Field};
pub use esm_cause::EsmCause;
