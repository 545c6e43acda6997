//! libFuzzer on the target `manager`: `make fuzz FUZZ_TARGETS=manager`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::manager::run(bytes));
