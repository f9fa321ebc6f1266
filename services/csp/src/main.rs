//! The program `csp`. See the library beside it.

use std::process::ExitCode;

use csp::Terminal;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => {
            eprintln!("Error: csp cannot start: {fault}.");
            return ExitCode::from(1);
        }
    };
    ExitCode::from(runtime.block_on(csp::run(std::env::args_os(), &mut Terminal::of_process())))
}
