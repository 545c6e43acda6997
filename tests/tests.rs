//! Every test that is not beside the code it tests, one module a kind.

// The source itself: layers, limits, words that must agree between files.
mod tidy;
// The data file of modems, and what is made from it.
mod modems;
// The table of access points against what it is made from.
mod apn;
// The UCI reader against libuci's verdicts and against mutated files.
mod uci;
// Our end of the bus against a broker on a socket.
mod bus;
// Bytes captured from the programs of others, both ways.
mod capture;
/// A router in a network namespace, which other modules use.
mod router;
#[path = "sim/serve/mod.rs"]
#[expect(dead_code, reason = "only the test in a virtual machine has USB devices")]
mod serve;
/// The simulated modem that other modules drive, and its own tests.
mod sim;
// The real program: on a router, through kills and faults.
mod daemon;
// What `make demo` shows, so that it cannot rot.
#[path = "demo/mod.rs"]
mod demo;
/// A router in virtual time, which the stories and the swarm drive.
mod virtual_router;
// The whole daemon against simulated modems and a model of netifd: stories with times in them.
mod scenario;
// Seeds by the hundred: everything that can happen to a router, and what must hold.
#[path = "swarm/mod.rs"]
mod swarm;
// Hostile bytes for everything that reads bytes; the fuzzer's own programs use it too.
mod fuzz;
// Hostile text in configuration and calls, up to what leaves for the modem.
mod hostile;
// The scripts in the manual.
mod hooks;
// LuCI's pages against the daemon's words.
mod luci;
