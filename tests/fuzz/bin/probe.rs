//! libFuzzer on the target `probe`: `make fuzz FUZZ_TARGETS=probe`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::probe::run(bytes));
