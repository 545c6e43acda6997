//! The whole daemon against simulated modems in virtual time.
//!
//! Each test is a story with times in it: what is done to the router, and what follows. The
//! invariants are held against every moment of every story.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

// Which access point is dialled when the interface names none.
mod apn;
// Who shares the AT port with the daemon.
mod arbiter;
// The serial port that speaks AT, found among others and after a while.
mod at_port;
// Bands and technologies as the owner chooses them.
mod bands;
// The SIM: its PIN, its absence, its slowness.
mod card;
// What is done about connections that carry nothing.
mod check;
// From a plugged-in modem to an interface that is up, and what the network makes of it.
// The time that networks tell, and the router's clock.
mod clock;
mod connect;
// Modems that are controlled and dialled over AT.
mod dialled;
// Modems that are silent, slow, lossy, garbled, restarted or pulled.
mod faults;
mod gnss;
// What scripts are told, and what LEDs show.
mod hooks;
// Programs without the protocols of some modems.
mod left_out;
// Modems that speak MBIM.
mod mbim;
// Networks: searched for, and chosen by the owner.
mod networks;
// The PIN and the PUK in the owner's hands.
mod pin;
mod ppp;
// What is done with a modem that does not come back, step by step, and what guards it.
mod recovery;
// Modems that refuse a message or leave it unanswered.
mod refusals;
// Many packets in one transfer.
mod qmap;
// What the modem hears: signal, cells, history, and what it costs to know.
mod radio;
// Finding a network, being refused by one, roaming.
mod registration;
// The daemon, netifd and the router restart; the configuration changes.
mod restart;
// Several modems, several interfaces, and which serves which.
mod several;
// Which of a modem's SIMs is used, and going over to another.
mod slots;
// Short messages in and out.
mod sms;
mod speed;
// Phones and router sticks, and what is of no use as it is.
mod tether;
// Two SIMs, and what each may carry.
mod two_sims;
// What the SIMs carry, and what is done when it is too much.
mod usage;
// A modem is made something else on USB.
mod usb_mode;
// Codes to the network, and what it says.
mod ussd;

use crate::virtual_router::{self as router, invariants};
use router::Router;

/// The socket that most stories need.
const USB1: &str = "usb:1-1";

/// The IMEI of the modem that is plugged in there unless told otherwise.
fn imei(path: &str) -> String {
    crate::sim::Config::for_port(router::port_number(path)).identity.imei
}

/// A router whose modem is connected.
fn connected(modem: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, modem);
    router.at(2_000).ifup("wwan");
    router.run_until_up("wwan", 60_000);
    router
}
