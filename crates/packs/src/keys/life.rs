//! 「人生大事」 A `[life_event]` file: what follows from a death, a birth, a marriage.

use super::vocabulary::PROVENANCE;
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

/// A `[life_event]` file.
pub(crate) const LIFE_FILE: Shape = Shape::new(
    "life_event_file",
    "人生大事文件",
    &[
        must("life_event", Kind::Table(&LIFE), "大事本身"),
        must(
            "then",
            Kind::List(&Kind::Table(&THEN)),
            "接着要做的，按顺序",
        ),
    ],
);

const LIFE: Shape = Shape::new(
    "life_event",
    "[life_event] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "一句话说明"),
        must(
            "writes",
            Kind::Text(Form::Word(&[
                ("died", "记下去世的日子，离开家庭；一个人只有一次"),
                ("joined", "两个人成一户，一位加入另一位当户主的家；由人确认"),
                (
                    "born",
                    "孩子有了号码，写进妈妈那一户；没有号码的先等着，由人来写",
                ),
                ("nothing", "不改底册"),
            ])),
            "写进底册的",
        ),
        may("two", Kind::Bool, "是两个人的事"),
        must("basis", Kind::Text(Form::Sentence), "出处"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may(
            "rows",
            Kind::List(&Kind::Text(Form::Sentence)),
            "对应的任务行",
        ),
    ],
);

const THEN: Shape = Shape::new(
    "life_then",
    "[[then]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must(
            "does",
            Kind::Text(Form::Word(&[
                ("stop_payments", "停发本人在领的待遇，一项一步"),
                ("free_stays", "腾出本人占的床位和预约，一处一步"),
                ("close_card", "停用幸福码"),
                ("tell_village", "告诉村（社区）的结对干部"),
                ("open_case", "开一件联办的事（case 写哪一件），各部门同时办"),
                (
                    "review_household",
                    "一户在领的待遇按现在的人重算，一项一步；只是提议，由人确认",
                ),
                ("by_hand", "由人去办"),
            ])),
            "做什么",
        ),
        may(
            "confirm",
            Kind::Bool,
            "要由人确认；停发、重算、开一件事和由人去办的一定要",
        ),
        must(
            "who",
            Kind::Text(Form::Sentence),
            "谁办；撤回时办不回的，也由谁去办",
        ),
        may("days", Kind::Whole(1, 3650), "几天内办好"),
        may(
            "case",
            Kind::Text(Form::Slug),
            "开哪一件联办的事；open_case 才写",
        ),
        may("says", Kind::Text(Form::Sentence), "说给人听的话"),
        may("undone", Kind::Text(Form::Sentence), "撤回时说给人听的话"),
    ],
);
