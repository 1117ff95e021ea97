//! The `openlineage` command. See `openlineage --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    openlineage_cli::main(openlineage::registry())
}
