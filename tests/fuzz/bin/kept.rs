//! libFuzzer on the target `kept`: `make fuzz FUZZ_TARGETS=kept`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::kept::run(bytes));
