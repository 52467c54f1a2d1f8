//! 「pack.toml」 Who this pack is and what it extends.

use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

/// `pack.toml`.
pub(crate) const PACK_FILE: Shape = Shape::new(
    "pack_file",
    "pack.toml ",
    &[must("pack", Kind::Table(&PACK), "包本身")],
);

const PACK: Shape = Shape::new(
    "pack",
    "[pack] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("region", Kind::Text(Form::Region), "区划代码"),
        may(
            "extends",
            Kind::Text(Form::Sentence),
            "上级的包（相对路径）",
        ),
        may("brand", Kind::Labels, "本地叫法"),
        may(
            "visits_per_week",
            Kind::Whole(1, 200),
            "一名上门的人一周能看几家：线索按这个数排",
        ),
        may(
            "looks_per_week",
            Kind::Whole(1, 200),
            "其中最多几家是在领、规则对不上的：去看一眼，钱照发",
        ),
        may(
            "sharing",
            Kind::Table(&SHARING),
            "别的部门申请共享数据，几个工作日内答复",
        ),
        may("warnings", Kind::Table(&WARNINGS), "预警一次最多派几条"),
        may(
            "register",
            Kind::List(&Kind::Table(&REGISTER)),
            "底册取自哪几类数据，最作数的写在前面",
        ),
    ],
);

const SHARING: Shape = Shape::new(
    "pack_sharing",
    "[pack.sharing] ",
    &[
        must(
            "unconditional",
            Kind::Whole(1, 60),
            "无条件共享的，几个工作日答复",
        ),
        must(
            "conditional",
            Kind::Whole(1, 60),
            "有条件共享的，几个工作日答复",
        ),
        must(
            "prolonged",
            Kind::Whole(0, 60),
            "对方同意，最多再延长几个工作日",
        ),
        must("supply", Kind::Whole(1, 120), "同意以后几个工作日内给数据"),
        must("basis", Kind::Text(Form::Sentence), "依据"),
        must(
            "provenance",
            Kind::Text(super::vocabulary::PROVENANCE),
            "来源种类",
        ),
    ],
);

const WARNINGS: Shape = Shape::new(
    "pack_warnings",
    "[pack.warnings] ",
    &[
        must(
            "at_once",
            Kind::Whole(1, 200),
            "一个村社同时最多几条，多的排队",
        ),
        must(
            "provenance",
            Kind::Text(super::vocabulary::PROVENANCE),
            "来源种类",
        ),
    ],
);

const REGISTER: Shape = Shape::new(
    "pack_register",
    "[[pack.register]] ",
    &[
        must("category", Kind::Text(Form::Slug), "数据类"),
        must(
            "says",
            Kind::Text(Form::Slug),
            "说的是什么：residents 户籍居民、dwellers 不在本地落户的居民、deaths 死亡、births 出生、departures 迁出",
        ),
        may("household", Kind::Text(Form::Slug), "户号字段（居民）"),
        may("name", Kind::Text(Form::Slug), "姓名字段（居民、出生）"),
        may("region", Kind::Text(Form::Slug), "村社字段（居民）"),
        may("relation", Kind::Text(Form::Slug), "与户主关系字段（居民）"),
        may(
            "date",
            Kind::Text(Form::Slug),
            "日期字段（死亡、出生、迁出）",
        ),
        may("mother", Kind::Text(Form::Slug), "母亲证件号码字段（出生）"),
        may("state", Kind::Text(Form::Slug), "证明状态字段（出生）"),
        may(
            "void",
            Kind::List(&Kind::Text(Form::Slug)),
            "哪些状态算证明作废：由数据带进来的出生跟着撤回（出生）",
        ),
        may("kind", Kind::Text(Form::Slug), "变动类型字段（迁出）"),
        may(
            "leaves",
            Kind::List(&Kind::Text(Form::Slug)),
            "哪些变动类型算离开（迁出）",
        ),
        may(
            "relations",
            Kind::Labels,
            "各代码对应的家庭关系（GB/T 4761 两位代码）",
        ),
        may("phone", Kind::Text(Form::Slug), "电话字段"),
    ],
);
