//! 「共享协议」 What is agreed with departments and partners: categories, fields,
//! purposes, basis, days.

use super::department::PURPOSE;
use super::vocabulary::PROVENANCE;
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

/// An `[agreements]` file.
pub(crate) const AGREEMENTS_FILE: Shape = Shape::new(
    "agreements_file",
    "共享协议",
    &[
        must("agreements", Kind::Table(&HEAD), "这份文件"),
        may("agreement", Kind::Named(&AGREEMENT), "协议"),
    ],
);

const HEAD: Shape = Shape::new(
    "agreements_head",
    "[agreements] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
    ],
);

const AGREEMENT: Shape = Shape::new(
    "agreement",
    "[agreement] ",
    &[
        must("name", Kind::Text(Form::Sentence), "协议名称"),
        must("way", Kind::Text(WAY), "谁给谁"),
        must(
            "party",
            Kind::Text(Form::Slug),
            "对方：部门标识，或目录以外的单位",
        ),
        may(
            "party_name",
            Kind::Text(Form::Sentence),
            "目录以外的单位叫什么",
        ),
        must(
            "purposes",
            Kind::List(&Kind::Text(PURPOSE)),
            "可以用来做什么（不能超出数据类自己的用途）",
        ),
        must("basis", Kind::Text(Form::Sentence), "依据"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        must("from", Kind::Day, "从哪天起"),
        must("until", Kind::Day, "到哪天止（含当天）"),
        may("data", Kind::List(&Kind::Table(&TERM)), "共享哪几类数据"),
        may(
            "events",
            Kind::List(&Kind::Text(EVENT)),
            "发生什么就告诉对方（out）",
        ),
        may(
            "event_fields",
            Kind::List(&Kind::Text(EVENT_FIELD)),
            "事件里可以写哪些个人信息；不写就只有编号",
        ),
        may(
            "asks",
            Kind::List(&Kind::Text(ASK)),
            "对方可以来问什么（out）",
        ),
        may(
            "orders",
            Kind::List(&Kind::Text(Form::Slug)),
            "order_moved 告诉对方哪些种工单",
        ),
        may(
            "benefits",
            Kind::List(&Kind::Text(Form::Slug)),
            "对方可以问哪些待遇在不在享受",
        ),
        may(
            "asks_per_day",
            Kind::Whole(1, 1_000_000),
            "一天最多答多少次；不写就是 1000",
        ),
    ],
);

const TERM: Shape = Shape::new(
    "agreement_data",
    "协议里的数据",
    &[
        must("category", Kind::Text(Form::Slug), "数据类"),
        may(
            "fields",
            Kind::List(&Kind::Text(Form::Slug)),
            "哪些字段；不写就是目录里的全部",
        ),
    ],
);

const WAY: Form = Form::Word(&[("in", "对方给我们"), ("out", "我们给对方")]);
const EVENT: Form = Form::Word(&[
    ("benefit_began", "待遇开始"),
    ("benefit_ended", "待遇停止"),
    ("delivery_taken", "对方送的数据收下了"),
    ("delivery_refused", "数据被退回"),
    ("share_answered", "对方的共享申请有答复了"),
    ("order_moved", "orders 里的工单有进展"),
]);
const EVENT_FIELD: Form = Form::Word(&[
    ("id_no", "证件号码"),
    ("name", "姓名"),
    ("amount_fen", "金额（分）"),
]);
const ASK: Form = Form::Word(&[
    ("records", "一个人的一类数据"),
    ("receives", "在不在享受：是、不是、不知道"),
    ("statistics", "统计数，小的数不给"),
]);
