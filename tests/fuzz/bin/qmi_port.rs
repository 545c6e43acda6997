//! libFuzzer on the target `qmi_port`: `make fuzz FUZZ_TARGETS=qmi_port`.

#![no_main]

#[path = "../mod.rs"]
mod fuzz;
#[path = "../../sim/mod.rs"]
mod sim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::qmi_port::run(bytes));
