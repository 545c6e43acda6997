//! libFuzzer on the target `qmi`: `make fuzz FUZZ_TARGETS=qmi`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::qmi::run(bytes));
