//! 「账本」 One book, whole: what it counts, how people come by it and spend it; or a fund,
//! what it may be spent on and when it must be shown.

use super::service::BASIS;
use super::vocabulary::{LEVEL, PROVENANCE};
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

const SENTENCES: Kind = Kind::List(&Kind::Text(Form::Sentence));

/// A `[ledger]` file.
pub(crate) const LEDGER_FILE: Shape = Shape::new(
    "ledger_file",
    "账本文件",
    &[
        must("ledger", Kind::Table(&LEDGER), "账本本身"),
        may(
            "personal",
            Kind::Table(&PERSONAL),
            "个人账户（和 fund 写一个）",
        ),
        may(
            "kind",
            Kind::List(&Kind::Table(&KIND)),
            "个人账户怎样存、怎样用",
        ),
        may("fund", Kind::Table(&FUND), "专款（和 personal 写一个）"),
    ],
);

const LEDGER: Shape = Shape::new(
    "ledger",
    "[ledger] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "一句话说清是什么"),
        must("unit", Kind::Text(Form::Slug), "记什么，例如 minute、fen"),
        must(
            "unit_name",
            Kind::Text(Form::Sentence),
            "人怎样叫，例如 分钟",
        ),
        may("level", Kind::Text(LEVEL), "谁的账，是哪一级字段"),
        may("rows", SENTENCES, "对应任务行"),
        must("basis", BASIS, "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const PERSONAL: Shape = Shape::new(
    "ledger_personal",
    "[personal] ",
    &[
        may(
            "lot_months",
            Kind::Whole(1, 600),
            "存入后几个月到期；不写是不到期",
        ),
        may("warn_days", Kind::Whole(1, 365), "到期前几天提醒"),
        may(
            "recent_days",
            Kind::Whole(1, 3_650),
            "看兑付能力：回头看几天",
        ),
        may(
            "ahead_days",
            Kind::Whole(1, 3_650),
            "看兑付能力：往前看几天",
        ),
    ],
);

const KIND: Shape = Shape::new(
    "ledger_kind",
    "[[kind]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must(
            "does",
            Kind::Text(Form::Word(&[
                ("earn", "存入"),
                ("spend", "使用、兑换"),
                ("give", "转赠"),
            ])),
            "做什么",
        ),
        may(
            "each",
            Kind::Whole(1, 1_000_000),
            "一次记多少；不写是按数量记",
        ),
        may("percent", Kind::Whole(1, 1_000), "按百分之几记（默认 100）"),
        may(
            "confirm_days",
            Kind::Whole(1, 365),
            "对方几天内确认才算数；不写由管账的人记",
        ),
        may(
            "kin_from",
            Kind::Whole(0, 120),
            "使用时，家里人满多少岁也可以给他用；不写就只给自己用",
        ),
        may("not_kin", Kind::Bool, "一家人之间不算"),
        may("age_from", Kind::Whole(1, 120), "给的人至少多少岁"),
        may(
            "orders",
            Kind::List(&Kind::Text(Form::Slug)),
            "哪几类工单办结确认了也能存",
        ),
        may("day_most", Kind::Whole(1, 1_000_000_000), "每天最多"),
        may("month_most", Kind::Whole(1, 1_000_000_000), "每月最多"),
        may("year_most", Kind::Whole(1, 1_000_000_000), "每年最多"),
    ],
);

const FUND: Shape = Shape::new(
    "ledger_fund",
    "[fund] ",
    &[
        must("purpose", Kind::Labels, "可以用在哪里：标识 = \"名称\""),
        must("gift", Kind::Labels, "钱从哪里来：标识 = \"名称\""),
        must(
            "emergency_days",
            Kind::Whole(1, 365),
            "突发事件募捐：最多几天公示一次",
        ),
        must(
            "usual_months",
            Kind::Whole(1, 120),
            "时间长的募捐：最多几个月公示一次",
        ),
        must("long_months", Kind::Whole(0, 120), "超过几个月算时间长"),
        must("end_months", Kind::Whole(1, 120), "结束后几个月内全面公示"),
        may(
            "admin",
            Kind::List(&Kind::Text(Form::Slug)),
            "哪些用途是组织自己的管理费用",
        ),
        may(
            "org",
            Kind::Labels,
            "管专款的组织有哪些种类：标识 = \"名称\"",
        ),
        may(
            "limit",
            Kind::List(&Kind::Table(&LIMIT)),
            "一年里的支出和管理费用要在什么线内",
        ),
    ],
);

const LIMIT: Shape = Shape::new(
    "ledger_limit",
    "[[fund.limit]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must(
            "org",
            Kind::List(&Kind::Text(Form::Slug)),
            "管哪些种类的组织",
        ),
        must(
            "counts",
            Kind::Text(Form::Word(&[
                ("charity", "慈善活动支出"),
                ("admin", "管理费用"),
            ])),
            "数什么",
        ),
        must(
            "of",
            Kind::List(&Kind::Text(Form::Word(&[
                ("income_last_year", "上年收入"),
                ("income_mean3", "前三年收入的平均数"),
                ("left_last_year", "上年末余额"),
                ("spent_this_year", "当年总支出"),
            ]))),
            "和什么比；写几个时，合一个就行",
        ),
        may("least", Kind::Text(Form::Percent), "至少百分之几"),
        may(
            "most",
            Kind::Text(Form::Percent),
            "至多百分之几（和 least 写一个）",
        ),
        must("basis", Kind::Text(Form::Sentence), "依据"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("note", Kind::Text(Form::Sentence), "看的人要知道什么"),
    ],
);
