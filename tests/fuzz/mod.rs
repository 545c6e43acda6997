//! Hostile bytes for everything that reads bytes: one module a target, each with `run(bytes)`,
//! which must neither panic, nor hang, nor grow without bound, whatever the bytes.
//!
//! `make fuzz` lets libFuzzer look for such bytes (`bin/`, built by the package in this folder);
//! what it found, and what it starts from, is in `corpus/` and replayed by every `cargo test`.

#![allow(dead_code, reason = "a fuzzer's program runs one target")]

pub(crate) mod apn_table;
pub(crate) mod at;
pub(crate) mod blobmsg;
pub(crate) mod dial;
pub(crate) mod kept;
pub(crate) mod log_check;
pub(crate) mod manager;
pub(crate) mod mbim;
pub(crate) mod mbim_port;
mod modems;
pub(crate) mod probe;
pub(crate) mod qmi;
pub(crate) mod qmi_port;
pub(crate) mod qmux;
#[cfg(test)]
mod replay;
pub(crate) mod sms;
mod source;
pub(crate) mod ubus_stream;
pub(crate) mod uci;
