//! Every test that is not beside the code it tests, one module a kind.

// The source itself: layers, limits, words that must agree between files.
mod tidy;
// The UCI reader against libuci's verdicts and against mutated files.
mod uci;
// Our end of the bus against a broker on a socket.
mod bus;
// Bytes captured from the programs of others, both ways.
mod capture;
/// The simulated modem that other modules drive, and its own tests.
mod sim;
