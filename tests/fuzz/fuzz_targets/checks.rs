//! Drives the property `checks`; what must hold is said in `csp_tests::properties`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| csp_tests::properties::try_on("checks", bytes));
