//! Codecs and connections against bytes captured from the programs of others.

mod at_radio;
mod chance;
mod mbim;
mod qmi;
mod qmi_mutated;
mod sms;
mod ubus;
mod ubus_mutated;
