//! 「共用词汇」 Facts, codes, records and parameters shared by services.

use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

/// A `[vocabulary]` file.
pub(crate) const VOCABULARY_FILE: Shape = Shape::new(
    "vocabulary_file",
    "词汇文件",
    &[
        must("vocabulary", Kind::Table(&VOCABULARY), "这份词汇本身"),
        may("code", Kind::Open, "代码集：标识 = 名称"),
        may("records", Kind::Named(&RECORDS), "一个人的多条记录"),
        may("parameter", Kind::Named(&PARAMETER), "参数"),
        may("fact", Kind::Named(&FACT), "事实"),
        may(
            "contradiction",
            Kind::List(&Kind::Table(&CONTRADICTION)),
            "不会同时是真的",
        ),
        may(
            "portrait",
            Kind::List(&Kind::Table(&PORTRAIT)),
            "画像：方面、型、色",
        ),
        may("sign", Kind::List(&Kind::Table(&SIGN)), "预警看的征兆"),
        may(
            "warning",
            Kind::List(&Kind::Table(&WARNING)),
            "预警：几个征兆一起变",
        ),
    ],
);

const VOCABULARY: Shape = Shape::new(
    "vocabulary",
    "[vocabulary] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
    ],
);

const PORTRAIT: Shape = Shape::new(
    "portrait",
    "[[portrait]] ",
    &[
        must(
            "kind",
            Kind::Text(Form::Word(&[
                ("side", "贫困的一个方面"),
                ("type", "困难的类型"),
                ("colour", "颜色：从上往下，第一个符合的算"),
            ])),
            "是什么",
        ),
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "写给人的话"),
        must("when", Kind::Text(Form::Expression), "什么情况下算"),
        may("visit_months", Kind::Whole(1, 24), "几个月走访一次"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

const SIGN: Shape = Shape::new(
    "sign",
    "[[sign]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "写给人的话"),
        must("when", Kind::Text(Form::Expression), "什么情况下有"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

const WARNING: Shape = Shape::new(
    "warning",
    "[[warning]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "写给人的话"),
        must(
            "level",
            Kind::Text(Form::Word(&[
                ("red", "红：最急"),
                ("orange", "橙"),
                ("yellow", "黄"),
            ])),
            "有多急",
        ),
        must(
            "signs",
            Kind::List(&Kind::Text(Form::Slug)),
            "看哪几个征兆，至少两个，看的不能是同一件事",
        ),
        must("at_least", Kind::Whole(1, 9), "其中几个变了才算，至少 2"),
        must("within_months", Kind::Whole(1, 24), "几个月以内变的才算"),
        must(
            "owner",
            Kind::Text(Form::Word(&[
                ("village_worker", "村社干部"),
                ("town_officer", "镇街经办人"),
            ])),
            "谁去看",
        ),
        must("days", Kind::Whole(1, 60), "几个工作日里去"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

const CONTRADICTION: Shape = Shape::new(
    "contradiction",
    "[[contradiction]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("says", Kind::Text(Form::Sentence), "写给人的话"),
        may(
            "same",
            PAIR,
            "两个字段要一样：[\"数据类.字段\", \"数据类.字段\"]",
        ),
        may("not_both", PAIR, "不会两类都有：[\"数据类\", \"数据类\"]"),
        may("not_after", Kind::Table(&NOT_AFTER), "这天以后不会再有"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

const PAIR: Kind = Kind::List(&Kind::Text(Form::Sentence));

const NOT_AFTER: Shape = Shape::new(
    "not_after",
    "not_after ",
    &[
        must("event", Kind::Text(Form::Sentence), "哪天：数据类.字段"),
        must("other", Kind::Text(Form::Slug), "哪类数据"),
    ],
);

/// One kind of record of a person.
pub(crate) const RECORDS: Shape = Shape::new(
    "records",
    "[records] ",
    &[
        must("label", Kind::Text(Form::Sentence), "名称"),
        must("date", Kind::Text(Form::Slug), "哪个字段是日期"),
        must("fields", Kind::Named(&RECORD_FIELD), "字段"),
        may("level", Kind::Text(LEVEL), "字段级别"),
        may("from", Kind::Table(&RECORDS_FROM), "从哪类部门数据来"),
    ],
);

const RECORD_FIELD: Shape = Shape::new(
    "record_field",
    "记录的字段",
    &[
        may("label", Kind::Text(Form::Sentence), "名称"),
        may("unit", Kind::Text(Form::Unit), "单位"),
        may("type", Kind::Text(TYPE), "类型"),
        may("code", Kind::Text(Form::Slug), "代码集"),
        may("level", Kind::Text(LEVEL), "字段级别"),
    ],
);

const RECORDS_FROM: Shape = Shape::new(
    "records_from",
    "记录的来源",
    &[
        must("category", Kind::Text(Form::Slug), "数据类别"),
        must("date", Kind::Text(Form::Slug), "哪个字段是日期"),
        must("fields", Kind::Labels, "字段对照"),
        may("where", Kind::Open, "只取哪些记录"),
    ],
);

/// The types that have no unit and no code set.
pub(crate) const TYPE: Form = Form::Word(&[("bool", "是否"), ("date", "日期")]);

/// Field levels.
pub(crate) const LEVEL: Form = Form::Word(&[
    ("L0", "公开"),
    ("L1", "内部"),
    ("L2", "联系方式"),
    ("L3", "身份与钱"),
    ("L4", "疾病、残疾、未成年人、侵害"),
]);

/// Where a number or a rule comes from.
pub(crate) const PROVENANCE: Form = Form::Word(&[
    ("law", "法律法规"),
    ("standard", "标准"),
    ("source", "公开文件"),
    ("memory", "未核实"),
    ("assumed", "演示值"),
]);

/// A fact, base or derived.
pub(crate) const FACT: Shape = Shape::new(
    "fact",
    "[fact] ",
    &[
        must("label", Kind::Text(Form::Sentence), "名称"),
        may("of", Kind::Text(OF), "谁的事实"),
        may("unit", Kind::Text(Form::Unit), "单位"),
        may("type", Kind::Text(TYPE), "类型"),
        may("code", Kind::Text(Form::Slug), "代码集"),
        may("decimals", Kind::Whole(0, 6), "小数位数"),
        may("level", Kind::Text(LEVEL), "字段级别"),
        may("from", Kind::Either(FROM), "从哪类部门数据来"),
        may("asks", Kind::Text(Form::Sentence), "怎么问人"),
        may("cost", Kind::Whole(1, 4), "取得要费多大事"),
        may("usual", Kind::Scalar, "例子里不写时的值"),
        may(
            "needs",
            Kind::Text(Form::Word(&[("authorisation", "要授权")])),
            "要什么才能查",
        ),
        may("trait", Kind::Text(Form::Word(TRAITS)), "不能凭它怀疑人"),
        may("is", Kind::Text(Form::Expression), "算式"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

/// What nobody may be suspected for.
pub(crate) const TRAITS: &[(&str, &str)] = &[
    ("sex", "性别"),
    ("nationality", "国籍"),
    ("ethnicity", "民族"),
    ("language", "语言"),
    ("marital_state", "婚姻状况"),
    ("neighbourhood", "住哪一带"),
    ("appearance", "长相穿着"),
    ("impression", "别人的印象"),
];

const OF: Form = Form::Word(&[("person", "一个人"), ("household", "一户")]);

const FROM: &[Kind] = &[
    Kind::Table(&FACT_FROM),
    Kind::List(&Kind::Table(&FACT_FROM)),
];

const FACT_FROM: Shape = Shape::new(
    "fact_from",
    "事实的来源",
    &[
        must("category", Kind::Text(Form::Slug), "数据类别"),
        may("field", Kind::Text(Form::Slug), "字段"),
        may("take", Kind::Text(TAKE), "多条记录怎么取"),
        may("within", Kind::Text(Form::Months), "多久以内"),
        may("date", Kind::Text(Form::Slug), "within 看哪个日期字段"),
        may("where", Kind::Open, "只取哪些记录"),
        may("absent", Kind::Scalar, "部门答复“没有记录”时的值"),
    ],
);

const TAKE: Form = Form::Word(&[
    ("latest", "最近一条"),
    ("sum", "相加"),
    ("count", "条数"),
    ("exists", "有没有"),
    ("max", "最大"),
    ("min", "最小"),
]);

/// A parameter.
pub(crate) const PARAMETER: Shape = Shape::new(
    "parameter",
    "[parameter] ",
    &[
        may("label", Kind::Text(Form::Sentence), "名称"),
        may("unit", Kind::Text(Form::Unit), "单位"),
        may("type", Kind::Text(TYPE), "类型"),
        may("code", Kind::Text(Form::Slug), "代码集"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
        may("value", Kind::List(&Kind::Table(&PARAMETER_VALUE)), "值"),
    ],
);

const PARAMETER_VALUE: Shape = Shape::new(
    "parameter_value",
    "参数的值",
    &[
        must("from", Kind::Day, "从哪天起"),
        may("to", Kind::Day, "到哪天止（含）"),
        must("is", Kind::Scalar, "值"),
        may("region", Kind::Text(Form::Region), "在哪里"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("source", Kind::Text(Form::Sentence), "出自哪份文件"),
        may("article", Kind::Text(Form::Sentence), "条款"),
        may("reviewed_by", Kind::Text(Form::Sentence), "谁审过"),
    ],
);
