//! libFuzzer on the target `at`: `make fuzz FUZZ_TARGETS=at`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::at::run(bytes));
