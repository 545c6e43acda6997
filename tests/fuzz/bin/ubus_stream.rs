//! libFuzzer on the target `ubus_stream`: `make fuzz FUZZ_TARGETS=ubus_stream`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::ubus_stream::run(bytes));
