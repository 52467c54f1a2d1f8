//! 「对照」 `nuanxin-lake check`: every answer of every benefit, computed again by
//! DataFusion from the rules printed as SQL, and by the rule function over the Parquet
//! files, held to the engine row by row. A difference is told with its first row.

use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::shape::{self, Rows};
use crate::views;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::common::TableReference;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use expr::{Environment, Frame, Level, Results, SqlDialect};
use kernel::RegionCode;
use serde::Serialize;
use std::sync::Arc;

/// What was held to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Households.
    pub households: u64,
    /// Conditions, amounts and present payments, each over its rows.
    pub answers: u64,
    /// How many laws: regions with equal numbers are one.
    pub laws: u64,
}

impl Lake {
    /// Holds DataFusion's answers to the engine's.
    ///
    /// # Errors
    /// [`LakeError::No`] when any answer differs.
    pub async fn check(&self, threads: usize) -> Result<Checked> {
        let mut told = Checked::default();
        let session = self.session(threads).await?;
        for (law, steps) in self.laws(&session).await? {
            told.laws += 1;
            self.one_law(&law, &steps, threads, &mut told).await?;
        }
        Ok(told)
    }

    /// Regions by what the rules say there: the SQL has the law's numbers in it.
    async fn laws(&self, session: &SessionContext) -> Result<Vec<(Vec<RegionCode>, expr::Sql)>> {
        let batches = session
            .sql("SELECT DISTINCT region FROM facts ORDER BY region")
            .await?;
        let mut laws: Vec<(Vec<RegionCode>, expr::Sql)> = Vec::new();
        for batch in batches.collect().await? {
            let codes = batch.column(0).as_primitive::<Int64Type>();
            for code in codes.values() {
                let region = RegionCode::from_u64(code.cast_unsigned());
                let region = region.map_err(|why| LakeError::BadInput(why.to_string()))?;
                let day = self.meta.head.as_of;
                let environment = self.judge.environment(&[region], day);
                let sql = self.judge.program().sql(&environment, SqlDialect::Standard);
                let sql = sql.map_err(|why| LakeError::Broken(why.to_string()))?;
                match laws.iter_mut().find(|(_, same)| *same == sql) {
                    Some((regions, _)) => regions.push(region),
                    None => laws.push((vec![region], sql)),
                }
            }
        }
        Ok(laws)
    }

    async fn one_law(
        &self,
        regions: &[RegionCode],
        sql: &expr::Sql,
        threads: usize,
        told: &mut Checked,
    ) -> Result<()> {
        let config = SessionConfig::new().with_target_partitions(threads.max(1));
        let session = SessionContext::new_with_config(config);
        self.register(&session).await?;
        let list: Vec<String> = regions
            .iter()
            .map(|code| code.as_u64().to_string())
            .collect();
        let select = format!(
            "SELECT * FROM facts WHERE region IN ({}) ORDER BY h",
            list.join(", ")
        );
        let facts = session.sql(&select).await?;
        let facts = facts.collect().await?;
        let facts = concat_batches(&self.schema(), &facts)?;
        let (frame, environment) = self.frame(&facts)?;
        let ours = self.judge.program().run(&frame, &environment);
        let ours = ours.map_err(|why| LakeError::Broken(why.to_string()))?;
        told.households += frame.households() as u64;
        let table = MemTable::try_new(facts.schema(), vec![vec![facts]])?;
        session.register_table("part", Arc::new(table))?;
        // The printed rules ask `households` and `persons`: of this law's regions only.
        for (name, select) in views::flat(&self.layout(), "part") {
            let name = TableReference::bare(name);
            session.deregister_table(name.clone())?;
            let made = materialised(&session, &select).await?;
            session.register_table(name, Arc::new(made))?;
        }
        for step in &sql.steps {
            let made = materialised(&session, &step.select).await?;
            session.register_table(TableReference::bare(step.table.clone()), Arc::new(made))?;
        }
        for (level, table, key) in [
            (Level::Household, "outputs_h", "h"),
            (Level::Person, "outputs_p", "p"),
        ] {
            let select = format!("SELECT * FROM {table} ORDER BY {key}");
            let rows = session.sql(&select).await?.collect().await?;
            let Some(first) = rows.first() else { continue };
            let theirs = concat_batches(&first.schema(), &rows)?;
            told.answers += same(&ours, &theirs, level)?;
        }
        Ok(())
    }

    /// Rows as a frame, and the law where they are.
    fn frame(&self, facts: &RecordBatch) -> Result<(Frame, Environment)> {
        let columns = &facts.columns()[1..];
        let rows = Rows::of(self.layout(), columns)?;
        let regions = rows.regions()?;
        let mut frame = Frame::new(self.layout());
        rows.fill(&mut frame, &regions)?;
        let environment = self.judge.environment(&regions, self.meta.head.as_of);
        Ok((frame, environment))
    }
}

async fn materialised(session: &SessionContext, select: &str) -> Result<MemTable> {
    let made = session.sql(select).await?;
    let schema = Arc::new(made.schema().as_arrow().clone());
    let parts = made.collect_partitioned().await?;
    Ok(MemTable::try_new(schema, parts)?)
}

/// Holds the columns `oN` to our outputs of that level; gives how many cells.
fn same(ours: &Results, theirs: &RecordBatch, level: Level) -> Result<u64> {
    let mut cells = 0;
    for (place, output) in ours.outputs().enumerate() {
        let of_persons = output.level() == Level::Person;
        if of_persons != (level == Level::Person) {
            continue;
        }
        let name = format!("o{place}");
        let Some(column) = theirs.column_by_name(&name) else {
            continue;
        };
        let wanted = shape::array(output.view());
        if let Some(row) = first_difference(&wanted, column)? {
            return Err(LakeError::No(format!(
                "第 {place} 个结果不一样：第 {row} 行，引擎 {}，SQL {}",
                shown(&wanted, row)?,
                shown(column, row)?
            )));
        }
        cells += wanted.len() as u64;
    }
    Ok(cells)
}

fn first_difference(ours: &ArrayRef, theirs: &ArrayRef) -> Result<Option<usize>> {
    let rows = ours.len();
    if theirs.len() != rows {
        return Err(LakeError::No(format!(
            "行数不一样：引擎 {rows}，SQL {}",
            theirs.len()
        )));
    }
    let theirs = datafusion::arrow::compute::cast(theirs, ours.data_type())?;
    if ours.to_data() == theirs.to_data() {
        return Ok(None);
    }
    let differs = |row: &usize| ours.slice(*row, 1).to_data() != theirs.slice(*row, 1).to_data();
    Ok((0..rows).find(differs))
}

fn shown(column: &ArrayRef, row: usize) -> Result<String> {
    Ok(datafusion::arrow::util::display::array_value_to_string(
        column, row,
    )?)
}
