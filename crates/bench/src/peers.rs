//! 「同行」 Runs the peers: writes the columns, the rules (as SQL and as a list of
//! operations) and our answers, then Python in a virtual environment of its own, which
//! holds every engine to our answers and prints times only then.

use crate::files::Folder;
use crate::screen::engine;
use crate::{BenchError, ScreenOptions};
use engine_policy::Judge;
use expr::{Environment, Frame, Results, Sql, SqlDialect};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What Python needs, from PyPI.
const LIBRARIES: [&str; 6] = [
    "numpy",
    "pyarrow",
    "polars",
    "duckdb",
    "datafusion",
    "openfisca-core",
];
const SCRIPT: &str = include_str!("../peers/run.py");
const OPENFISCA: &str = include_str!("../peers/openfisca_peer.py");

pub(crate) struct Peers<'p> {
    pub(crate) options: &'p ScreenOptions,
    pub(crate) judge: &'p Judge,
    pub(crate) frame: &'p Frame,
    pub(crate) environment: &'p Environment,
    pub(crate) results: &'p Results,
}

impl Peers<'_> {
    /// The lines to print; [`BenchError::Disagree`] when any answer differs.
    pub(crate) fn run(&self) -> Result<Vec<String>, BenchError> {
        if self.options.peers.is_empty() {
            return Ok(Vec::new());
        }
        let folder = self.options.folder.as_path();
        let columns = folder.join("columns");
        fs::create_dir_all(&columns).map_err(|why| io(&columns, why))?;
        let files = Folder(&columns);
        files.frame(self.frame)?;
        files.results(self.results, self.judge.outputs())?;
        let json = |value: Result<String, _>| value.map_err(engine);
        let listing = self.judge.program().listing();
        files.text("listing.json", &json(serde_json::to_string(&listing))?)?;
        for (name, dialect) in [
            ("duckdb.sql", SqlDialect::DuckDb),
            ("standard.sql", SqlDialect::Standard),
        ] {
            let sql = self.judge.program().sql(self.environment, dialect);
            files.text(name, &lines(sql.map_err(engine)?))?;
        }
        let joined = self.judge.program();
        let joined = joined.sql_joined(self.environment, SqlDialect::DuckDb);
        files.text("joined.sql", &lines(joined.map_err(engine)?))?;
        files.text("parameters.json", &json(self.parameters())?)?;
        files.text("run.py", SCRIPT)?;
        files.text("openfisca_peer.py", OPENFISCA)?;
        let python = python(folder)?;
        let done = Command::new(python)
            .arg(columns.join("run.py"))
            .arg(&columns)
            .args(&self.options.peers)
            .envs(
                self.options
                    .only_answers
                    .then_some(("NUANXIN_ONLY_ANSWERS", "1")),
            )
            .output();
        let done = done.map_err(|why| io(folder, why))?;
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        match done.status.success() {
            true => Ok(told.lines().map(str::to_owned).collect()),
            false => Err(BenchError::Disagree(format!(
                "{told}\n{}",
                String::from_utf8_lossy(&done.stderr)
            ))),
        }
    }

    /// The day, and each parameter's digits in the listing's order.
    fn parameters(&self) -> Result<String, serde_json::Error> {
        let digits = self.environment.parameters().iter().map(|one| {
            match self.environment.get(one.id.as_str(), 0).known() {
                Some(expr::Value::Number(number)) => Some(number.mantissa),
                Some(expr::Value::Bool(known)) => Some(i64::from(known)),
                Some(expr::Value::Code(code)) => Some(i64::from(code)),
                _ => None,
            }
        });
        serde_json::to_string(&serde_json::json!({
            "as_of": self.environment.as_of(),
            "values": digits.collect::<Vec<_>>(),
        }))
    }
}

/// A step a line.
fn lines(sql: Sql) -> String {
    let steps = sql.steps.iter();
    steps
        .map(|step| format!("{}\t{}\n", step.table, step.select))
        .collect()
}

fn io(path: &Path, why: std::io::Error) -> BenchError {
    BenchError::Io(path.display().to_string(), why)
}

/// Python with the peers' libraries; made once.
fn python(folder: &Path) -> Result<std::path::PathBuf, BenchError> {
    let home = folder.join("venv");
    let python = home.join("bin/python");
    let ready = home.join("ready");
    if ready.exists() {
        return Ok(python);
    }
    let run = |program: &Path, words: &[&str]| {
        let done = Command::new(program).args(words).output();
        let done = done.map_err(|why| io(program, why))?;
        match done.status.success() {
            true => Ok(()),
            false => Err(engine(String::from_utf8_lossy(&done.stderr))),
        }
    };
    let at = home.display().to_string();
    run(Path::new("python3"), &["-m", "venv", &at])?;
    let words = [&["-m", "pip", "install", "--quiet"][..], &LIBRARIES].concat();
    run(&python, &words)?;
    fs::write(&ready, LIBRARIES.join("\n")).map_err(|why| io(&ready, why))?;
    Ok(python)
}
