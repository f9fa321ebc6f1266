//! The server as it is built now, for tests that kill it.

fn main() -> std::process::ExitCode {
    cspd::main(std::env::args_os())
}
