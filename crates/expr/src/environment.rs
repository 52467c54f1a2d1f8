//! 「环境」 What is the same for all of a region on a day: the day of judgement
//! and the law's numbers of that day.

use crate::column::Column;
use crate::schema::ParameterDecl;
use crate::{Cell, Value};
use kernel::{Date, Slug};
use std::sync::Arc;

/// The day and the parameters by region. Made by [`crate::Program::environment`].
#[derive(Clone, Debug)]
pub struct Environment {
    pub(crate) as_of: Date,
    pub(crate) regions: usize,
    pub(crate) decls: Arc<[Arc<ParameterDecl>]>,
    /// Per parameter, one row per region index.
    pub(crate) values: Vec<Column>,
    /// Another one after each change: who has seen it has seen these values.
    pub(crate) content: Arc<()>,
}

/// Why a parameter's value is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// The value has another type or too many decimals.
    #[error("参数“{0}”的值类型不对，或者小数太多")]
    Type(Slug),
    /// No such region index.
    #[error("没有第 {0} 个地区")]
    Region(usize),
}

impl Environment {
    pub(crate) fn new(as_of: Date, regions: usize, decls: Arc<[Arc<ParameterDecl>]>) -> Self {
        let values = decls
            .iter()
            .map(|decl| {
                let mut column = Column::of(&decl.ty);
                column.resize(regions);
                column
            })
            .collect();
        Environment {
            as_of,
            regions,
            decls,
            values,
            content: Arc::new(()),
        }
    }

    /// The day of judgement.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// How many regions.
    pub fn regions(&self) -> usize {
        self.regions
    }

    /// The parameters the program reads.
    pub fn parameters(&self) -> &[Arc<ParameterDecl>] {
        &self.decls
    }

    /// Sets a parameter for a region index; false when the program does not read
    /// it. What is never set is missing.
    pub fn set(&mut self, id: &str, region: usize, value: Value) -> Result<bool, EnvironmentError> {
        if region >= self.regions {
            return Err(EnvironmentError::Region(region));
        }
        self.content = Arc::new(());
        let mut read = false;
        for (decl, column) in self.decls.iter().zip(&mut self.values) {
            if decl.id.as_str() == id {
                if !column.set(region, Some(value), &decl.ty) {
                    return Err(EnvironmentError::Type(decl.id.clone()));
                }
                read = true;
            }
        }
        Ok(read)
    }

    /// Makes a parameter missing for a region index; false when the program does not
    /// read it.
    pub fn unset(&mut self, id: &str, region: usize) -> Result<bool, EnvironmentError> {
        if region >= self.regions {
            return Err(EnvironmentError::Region(region));
        }
        self.content = Arc::new(());
        let mut all = self.decls.iter().zip(&mut self.values);
        let found = all.find(|(decl, _)| decl.id.as_str() == id);
        Ok(found.is_some_and(|(decl, column)| column.set(region, None, &decl.ty)))
    }

    /// Sets a parameter of a variant ([`crate::ProgramBuilder::vary`]).
    pub fn set_variant(
        &mut self,
        number: usize,
        id: &Slug,
        region: usize,
        value: Value,
    ) -> Result<bool, EnvironmentError> {
        match crate::program::variant_id(id, number) {
            Some(id) => self.set(id.as_str(), region, value),
            None => Ok(false),
        }
    }

    /// A parameter's value; missing when not set or not read.
    pub fn get(&self, id: &str, region: usize) -> Cell {
        let mut all = self.decls.iter().zip(&self.values);
        all.find(|(decl, _)| decl.id.as_str() == id)
            .map_or(Cell::Missing, |(decl, column)| {
                column.cell(region, &decl.ty)
            })
    }
}
