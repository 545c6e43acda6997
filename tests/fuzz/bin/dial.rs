//! libFuzzer on the target `dial`: `make fuzz FUZZ_TARGETS=dial`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::dial::run(bytes));
