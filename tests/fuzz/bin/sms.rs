//! libFuzzer on the target `sms`: `make fuzz FUZZ_TARGETS=sms`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::sms::run(bytes));
