//! (stub)

pub mod ubus;
