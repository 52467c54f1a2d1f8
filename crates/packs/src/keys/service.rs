//! 「服务」 A public service whole, its overlay, and a joint service.

use super::flow::{
    APPEAL, CONSENT, DEADLINE, DOCUMENT, FIELD, FORM, HEARING, NOTICES, PHASE_OUT, REVIEW, STEP,
};
use super::vocabulary::{FACT, PARAMETER, PROVENANCE};
use crate::form::Form;
use crate::shape::{Key, Kind, Shape, may, must};

const fn list(kind: &'static Kind) -> Kind {
    Kind::List(kind)
}

const NAMES: Kind = Kind::List(&Kind::Text(Form::Slug));
const SENTENCES: Kind = Kind::List(&Kind::Text(Form::Sentence));
/// One sentence or several.
pub(super) const BASIS: Kind = Kind::Either(&[Kind::Text(Form::Sentence), SENTENCES]);

/// A `[service]` file.
pub(crate) const SERVICE_FILE: Shape = Shape::new(
    "service_file",
    "服务文件",
    &[
        must("service", Kind::Table(&SERVICE), "服务本身"),
        may("code", Kind::Open, "代码集：标识 = 名称"),
        PARAMETERS,
        FACTS,
        CONDITIONS,
        AMOUNT_KEY,
        may("form", Kind::Table(&FORM), "申请表"),
        may(
            "document_needed",
            Kind::List(&Kind::Table(&DOCUMENT)),
            "要带的材料",
        ),
        STEPS,
        may("deadline", Kind::Table(&DEADLINE), "总时限"),
        may("hearing", Kind::Table(&HEARING), "听取陈述申辩"),
        may("appeal", Kind::Table(&APPEAL), "复议和诉讼"),
        may("notice", Kind::Table(&NOTICES), "告知"),
        may("review", Kind::Table(&REVIEW), "复核"),
        may("phase_out", Kind::Table(&PHASE_OUT), "渐退"),
        EXAMPLES,
    ],
);

const PARAMETERS: Key = may("parameter", Kind::Named(&PARAMETER), "参数");
const FACTS: Key = may("fact", Kind::Named(&FACT), "事实");
const CONDITIONS: Key = may("condition", Kind::List(&Kind::Table(&CONDITION)), "条件");
const AMOUNT_KEY: Key = may("amount", Kind::Table(&AMOUNT), "给多少");
const STEPS: Key = may("step", Kind::List(&Kind::Table(&STEP)), "步骤");
const EXAMPLES: Key = may("example", Kind::List(&Kind::Table(&EXAMPLE)), "例子");

/// An `[overlay]` file: what a city changes of a service. Same tables; what may
/// really be changed is decided in [`crate::overlay`].
pub(crate) const OVERLAY_FILE: Shape = Shape::new(
    "overlay_file",
    "本地文件",
    &[
        must("overlay", Kind::Table(&OVERLAY), "改的是哪项服务"),
        may("parameter", Kind::Named(&PARAMETER), "参数"),
        may("fact", Kind::Named(&FACT_CHANGE), "事实"),
        may("condition", list(&Kind::Table(&CONDITION_CHANGE)), "条件"),
        may("amount", Kind::Table(&AMOUNT_CHANGE), "给多少"),
        may("form", Kind::Table(&FORM_CHANGE), "申请表"),
        may(
            "document_needed",
            list(&Kind::Table(&DOCUMENT_CHANGE)),
            "要带的材料",
        ),
        may("step", list(&Kind::Table(&STEP_CHANGE)), "步骤"),
        may("deadline", Kind::Table(&DEADLINE_CHANGE), "总时限"),
        may("notice", Kind::Table(&NOTICES), "告知"),
        may("review", Kind::Table(&REVIEW_CHANGE), "复核"),
        may("phase_out", Kind::Table(&PHASE_OUT_CHANGE), "渐退"),
        EXAMPLES,
    ],
);

// In an overlay a table says only what differs.
const FACT_CHANGE: Shape = FACT.change("fact_change");
const CONDITION_CHANGE: Shape = CONDITION.change("condition_change");
const AMOUNT_CHANGE: Shape = AMOUNT.change("amount_change");
const DOCUMENT_CHANGE: Shape = DOCUMENT.change("document_change");
const STEP_CHANGE: Shape = STEP.change("step_change");
const DEADLINE_CHANGE: Shape = DEADLINE.change("deadline_change");
const REVIEW_CHANGE: Shape = REVIEW.change("review_change");
const PHASE_OUT_CHANGE: Shape = PHASE_OUT.change("phase_out_change");
const FIELD_CHANGE: Shape = FIELD.change("field_change");
const CONSENT_CHANGE: Shape = CONSENT.change("consent_change");

/// A `[joint]` file: one application for several services.
pub(crate) const JOINT_FILE: Shape = Shape::new(
    "joint_file",
    "联办文件",
    &[
        must("joint", Kind::Table(&JOINT), "联办本身"),
        may("form", Kind::Table(&FORM), "申请表"),
        may(
            "document_needed",
            Kind::List(&Kind::Table(&DOCUMENT)),
            "要带的材料",
        ),
        STEPS,
        may("deadline", Kind::Table(&DEADLINE), "总时限"),
        may("hearing", Kind::Table(&HEARING), "听取陈述申辩"),
        may("appeal", Kind::Table(&APPEAL), "复议和诉讼"),
        may("notice", Kind::Table(&NOTICES), "告知"),
    ],
);

const SERVICE: Shape = Shape::new(
    "service",
    "[service] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "人们会怎么说它"),
        must("family", Kind::Text(FAMILY), "哪一类"),
        must("for", Kind::Text(FOR), "给谁"),
        must("basis", BASIS, "依据"),
        may("excludes", NAMES, "不能同时享受的服务"),
        may("rows", SENTENCES, "对应任务行"),
        may("brand", Kind::Text(Form::Sentence), "本地叫法"),
        may("needs_application", Kind::Bool, "要不要人申请"),
        may(
            "receiving",
            Kind::Text(Form::Expression),
            "现在是不是已经在领",
        ),
    ],
);

const FAMILY: Form = Form::Word(&[
    ("basic", "基本生活救助"),
    ("special", "专项救助"),
    ("urgent", "急难救助"),
    ("welfare", "福利补贴"),
]);
const FOR: Form = Form::Word(&[("household", "一户"), ("person", "一个人")]);

const FORM_CHANGE: Shape = Shape::new(
    "form_change",
    "[form] ",
    &[
        may("field", list(&Kind::Table(&FIELD_CHANGE)), "要填的"),
        may("consent", list(&Kind::Table(&CONSENT_CHANGE)), "要同意的"),
    ],
);

const OVERLAY: Shape = Shape::new(
    "overlay",
    "[overlay] ",
    &[
        must("of", Kind::Text(Form::Slug), "改的是哪项服务，或哪份词汇"),
        may("name", Kind::Text(Form::Sentence), "本地名称"),
        may("says", Kind::Text(Form::Sentence), "人们会怎么说它"),
        may("brand", Kind::Text(Form::Sentence), "本地叫法"),
        may("basis", BASIS, "本地依据（加在上级依据之后）"),
        may("rows", SENTENCES, "对应任务行"),
        may(
            "adds",
            SENTENCES,
            "新增了哪些，例如 \"condition.residence\"、\"fact.x\"",
        ),
    ],
);

const JOINT: Shape = Shape::new(
    "joint",
    "[joint] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "人们会怎么说它"),
        must("basis", BASIS, "依据"),
        must("services", NAMES, "一并申请哪些服务"),
        may("rows", SENTENCES, "对应任务行"),
        may("brand", Kind::Text(Form::Sentence), "本地叫法"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("needs_application", Kind::Bool, "要不要人申请"),
    ],
);

const CONDITION: Shape = Shape::new(
    "condition",
    "[[condition]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("holds", Kind::Text(Form::Expression), "什么情况下成立"),
        must("yes", Kind::Text(Form::Template), "成立时的一句话"),
        must("no", Kind::Text(Form::Template), "不成立时的一句话"),
        may("unknown", Kind::Text(Form::Template), "还不知道时的一句话"),
        must("basis", Kind::Text(Form::Sentence), "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may(
            "gives_way",
            NAMES,
            "让位给哪些服务（不能同时享受，先给那一项）",
        ),
    ],
);

const AMOUNT: Shape = Shape::new(
    "amount",
    "[amount] ",
    &[
        must("unit", Kind::Text(Form::Unit), "单位"),
        must("is", Kind::Text(Form::Expression), "算式"),
        must(
            "sum",
            Kind::List(&Kind::Text(Form::Template)),
            "怎么算出来的，一行一句",
        ),
        must("from", Kind::Text(STARTS), "从什么时候起"),
        may("round", Kind::Text(ROUND), "取整到"),
        must("every", Kind::Text(EVERY), "多久发一次"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const STARTS: Form = Form::Word(&[
    ("the month after the decision", "决定的下个月"),
    ("the month of the application", "申请的当月"),
    ("the month the right begins", "符合条件的当月"),
    ("at once", "立即"),
]);
const ROUND: Form = Form::Word(&[("fen", "分"), ("jiao", "角"), ("yuan", "元")]);
const EVERY: Form = Form::Word(&[("month", "每月"), ("once", "一次"), ("year", "每年")]);

const EXAMPLE: Shape = Shape::new(
    "example",
    "[[example]] ",
    &[
        must("title", Kind::Text(Form::Sentence), "说的是什么"),
        must("on", Kind::Day, "按哪天判断"),
        may("region", Kind::Text(Form::Region), "在哪里"),
        may("household", Kind::Open, "这户的事实"),
        must("members", Kind::List(&Kind::Open), "家里每个人的事实"),
        may("who", Kind::Whole(1, 99), "判断第几个人"),
        may(
            "rest",
            Kind::Text(Form::Word(&[("usual", "平常值")])),
            "没写的事实怎么算",
        ),
        may(
            "verdicts",
            Kind::Open,
            "其他服务的判断：标识 = true / false",
        ),
        must("expect", Kind::Table(&EXPECT), "应该得到什么"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

const EXPECT: Shape = Shape::new(
    "expect",
    "expect ",
    &[
        must("verdict", Kind::Text(VERDICT), "判断"),
        may("amount", Kind::Number, "多少"),
        may("because", NAMES, "因为哪些条件不成立"),
        may("missing", NAMES, "缺哪些事实"),
        may("who", Kind::Whole(1, 99), "判断第几个人"),
    ],
);

const VERDICT: Form = Form::Word(&[
    ("eligible", "符合"),
    ("ineligible", "不符合"),
    ("undetermined", "还不知道"),
]);
