//! libFuzzer on the target `uci`: `make fuzz FUZZ_TARGETS=uci`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::uci::run(bytes));
