//! The program `cspd`. See the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    cspd::main(std::env::args_os())
}
