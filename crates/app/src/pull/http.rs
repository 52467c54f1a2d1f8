//! 「从部门的地址拉」 Pages over the signed line to the departments.

use super::{PageSource, PullPlan};
use crate::verify::Departments;
use crate::verify::wire::{PageQuery, PageReply};
use engine_pool::NoAnswer;
use kernel::Clock;
use std::sync::Arc;

/// Pages of departments that answer at their address.
pub struct DepartmentPages {
    line: Departments,
    clock: Arc<dyn Clock>,
}

impl DepartmentPages {
    /// Over a line.
    pub fn new(line: Departments, clock: Arc<dyn Clock>) -> DepartmentPages {
        DepartmentPages { line, clock }
    }
}

impl PageSource for DepartmentPages {
    async fn page(
        &self,
        plan: &PullPlan,
        _: &[String],
        after: Option<String>,
    ) -> Result<PageReply, NoAnswer> {
        let query = PageQuery {
            category: plan.category.clone(),
            after,
            rows: plan.rhythm.page_rows,
        };
        let now = || self.clock.now();
        self.line.page(&plan.department, &query, now).await
    }
}
