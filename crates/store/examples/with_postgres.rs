//! 「借库」 Runs a command with `NUANXIN_DB` naming an empty database in a private
//! PostgreSQL cluster that is gone when the command ends:
//! `cargo run -p store --features testing --example with_postgres -- COMMAND …`

use std::process::{Command, ExitCode};
use store::testing::Cluster;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("say which command to run");
        return ExitCode::from(2);
    };
    // Durable: what is shown here is how it behaves in production.
    let cluster = Cluster::start(true);
    let url = cluster.as_ref().map_or_else(
        |why| Err(why.to_string()),
        |cluster| cluster.create("nuanxin").map_err(|why| why.to_string()),
    );
    let url = match url {
        Ok(url) => url,
        Err(why) => {
            eprintln!("no PostgreSQL: {why}");
            return ExitCode::from(3);
        }
    };
    let status = Command::new(program)
        .args(words)
        .env("NUANXIN_DB", url)
        .status();
    match status.map(|status| status.code()) {
        Ok(Some(code)) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Ok(None) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("the command could not be started: {why}");
            ExitCode::from(3)
        }
    }
}
