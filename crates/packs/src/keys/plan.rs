//! 「规划」 A `[plan]` file: tasks, indicators, targets by year.

use super::vocabulary::PROVENANCE;
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};
use engine_insight::Records;

/// A `[plan]` file.
pub(crate) const PLAN_FILE: Shape = Shape::new(
    "plan_file",
    "规划文件",
    &[
        must("plan", Kind::Table(&PLAN), "规划本身"),
        must(
            "task",
            Kind::List(&Kind::Table(&TASK)),
            "任务，按规划的顺序",
        ),
        must("indicator", Kind::List(&Kind::Table(&INDICATOR)), "指标"),
    ],
);

const YEAR: Kind = Kind::Whole(1949, 2200);

const PLAN: Shape = Shape::new(
    "plan",
    "[plan] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        may(
            "region",
            Kind::Text(Form::Region),
            "哪里的规划；不写是本包的地方",
        ),
        must("from", YEAR, "第一年"),
        must("to", YEAR, "最后一年"),
        must(
            "years",
            Kind::List(&YEAR),
            "每个指标都要写到的年份；没有定的写 \"/\"",
        ),
        must("basis", Kind::Text(Form::Sentence), "出处"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may(
            "rows",
            Kind::List(&Kind::Text(Form::Sentence)),
            "对应的任务行",
        ),
    ],
);

const TASK: Shape = Shape::new(
    "plan_task",
    "[[task]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
    ],
);

const INDICATOR: Shape = Shape::new(
    "indicator",
    "[[indicator]] ",
    &[
        must("task", Kind::Text(Form::Slug), "属于哪个任务"),
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "数的是什么"),
        must("unit", Kind::Text(Form::Sentence), "单位"),
        may(
            "better",
            Kind::Text(Form::Word(&[("higher", "越高越好"), ("lower", "越低越好")])),
            "往哪边好；不写是越高越好",
        ),
        may("everywhere", Kind::Bool, "目标对下面每个地方都一样"),
        may("always", Kind::Bool, "每一天都要达到，不只是年底"),
        must("target", Kind::Open, "目标：年 = 数，没有定的写 \"/\""),
        may(
            "known",
            Kind::Open,
            "规划自己写的过去的数：年 = 数，没有写的写 \"/\"",
        ),
        may("from", Kind::Text(Form::Sentence), "由谁填报"),
        may("parameter", Kind::Table(&PARAMETER), "取规则里的标准"),
        may("count", Kind::Table(&COUNT), "由平台计数"),
        may(
            "every",
            Kind::Text(Form::Months),
            "多久报一次；不写是 12 months",
        ),
        may("jump_percent", Kind::Whole(1, 1000), "变动超过百分之几要看"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const PARAMETER: Shape = Shape::new(
    "indicator_parameter",
    "parameter ",
    &[
        must("name", Kind::Text(Form::Slug), "哪个参数"),
        may("times", Kind::Whole(1, 1000), "乘几（月标准按年算：12）"),
    ],
);

const COUNT: Shape = Shape::new(
    "indicator_count",
    "count ",
    &[
        must(
            "records",
            Kind::Text(Form::Word(Records::WORDS)),
            "数哪些记录",
        ),
        may(
            "only",
            Kind::List(&Kind::Text(Form::Slug)),
            "只数这些服务（工单、预约、评估表、部门）的",
        ),
        may(
            "grades",
            Kind::List(&Kind::Text(Form::Slug)),
            "只数评上这些等级的",
        ),
        may(
            "share_of",
            Kind::Text(Form::Word(Records::WORDS)),
            "占哪些记录的百分之几",
        ),
    ],
);
