//! libFuzzer on the target `apn_table`: `make fuzz FUZZ_TARGETS=apn_table`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::apn_table::run(bytes));
