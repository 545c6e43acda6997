//! Transactions on one control port: identifiers, one AT command in flight, time-outs, and replies
//! told apart from indications and unsolicited result codes.
//!
//! Sans-IO: bytes and time come in as arguments. A port does not know what a reply means.

pub mod at;
pub mod mbim;
pub mod qmi;
mod transactions;

pub use transactions::TransactionId;
