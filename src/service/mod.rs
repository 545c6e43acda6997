//! The daemon's edge: adapters between the manager's inputs and outputs and the world, and the
//! loop that runs them. Decides nothing and keeps nothing that the manager keeps.

mod apns;
pub mod bus;
pub mod cli;
mod configuration;
mod daemon;
mod gpio;
mod hardware;
mod kept;
mod knobs;
mod leds;
mod limits;
pub mod methods;
pub mod netifd;
mod pages;
pub mod paths;
mod ports;
pub mod power;
mod pppd;
mod probes;
mod source;
mod speed_tests;
mod traffic;
mod turns;
pub mod ubus;

pub use daemon::{Options, run};
