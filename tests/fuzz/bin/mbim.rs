//! libFuzzer on the target `mbim`: `make fuzz FUZZ_TARGETS=mbim`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::mbim::run(bytes));
