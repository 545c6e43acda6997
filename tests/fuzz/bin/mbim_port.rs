//! libFuzzer on the target `mbim_port`: `make fuzz FUZZ_TARGETS=mbim_port`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::mbim_port::run(bytes));
