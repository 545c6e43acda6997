//! Codecs and connections against bytes captured from the programs of others.

mod ubus;
mod ubus_mutated;
