//! libFuzzer on the target `qmux`: `make fuzz FUZZ_TARGETS=qmux`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::qmux::run(bytes));
