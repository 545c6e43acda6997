//! libFuzzer on the target `blobmsg`: `make fuzz FUZZ_TARGETS=blobmsg`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::blobmsg::run(bytes));
