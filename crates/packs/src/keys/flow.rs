//! 「办理」 The way a case goes: form, documents, steps, deadlines, notices.

use super::service::BASIS;
use super::vocabulary::{LEVEL, PROVENANCE};
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

const NAMES: Kind = Kind::List(&Kind::Text(Form::Slug));

pub(super) const FORM: Shape = Shape::new(
    "form",
    "[form] ",
    &[
        may("field", Kind::List(&Kind::Table(&FIELD)), "要填的"),
        may("consent", Kind::List(&Kind::Table(&CONSENT)), "要同意的"),
    ],
);

pub(super) const FIELD: Shape = Shape::new(
    "form_field",
    "[[form.field]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("asks", Kind::Text(Form::Sentence), "怎么问"),
        may("type", Kind::Text(FIELD_TYPE), "类型"),
        may("unit", Kind::Text(Form::Unit), "单位"),
        may("code", Kind::Text(Form::Slug), "代码集"),
        must("level", Kind::Text(LEVEL), "字段级别"),
        may("fact", Kind::Text(Form::Slug), "填的是哪个事实"),
        may(
            "of",
            Kind::Text(Form::Word(&[("person", "每个人"), ("household", "一户")])),
            "谁填",
        ),
        may("required", Kind::Bool, "是否必填"),
        may("help", Kind::Text(Form::Sentence), "说明"),
        may("when", Kind::Text(Form::Expression), "什么情况下才问"),
    ],
);

const FIELD_TYPE: Form = Form::Word(&[
    ("text", "文字"),
    ("money", "金额"),
    ("int", "整数"),
    ("decimal", "小数"),
    ("number", "数"),
    ("date", "日期"),
    ("bool", "是否"),
    ("code", "代码"),
    ("list", "列表"),
    ("file", "文件"),
    ("mobile", "手机号"),
    ("card", "银行卡号"),
]);

pub(super) const CONSENT: Shape = Shape::new(
    "form_consent",
    "[[form.consent]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("asks", Kind::Text(Form::Sentence), "怎么问"),
        must("who", Kind::Text(WHO), "谁来同意"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

const WHO: Form = Form::Word(&[
    ("applicant", "申请人"),
    ("every adult member", "每位成年家庭成员"),
]);

pub(super) const DOCUMENT: Shape = Shape::new(
    "document_needed",
    "[[document_needed]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        may("when", Kind::Text(Form::Expression), "什么情况下才要"),
        may("asks", Kind::Text(Form::Sentence), "怎么说"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
        may("level", Kind::Text(LEVEL), "字段级别"),
        may(
            "unless",
            Kind::Text(Form::Slug),
            "哪类部门数据查得到就不用带",
        ),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

pub(super) const STEP: Shape = Shape::new(
    "step",
    "[[step]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("kind", Kind::Text(STEP_KIND), "做什么"),
        must("by", Kind::Text(ROLE), "谁来做"),
        may(
            "also",
            Kind::List(&Kind::Text(ALSO)),
            "一件事的受理步骤：还有谁可以登记、撤回",
        ),
        may("after", NAMES, "哪些步骤之后"),
        may("does", Kind::Text(Form::Sentence), "说明"),
        may("within", Kind::Text(Form::Span), "多久之内"),
        may("lasts", Kind::Text(Form::Span), "持续多久"),
        may("people", Kind::Whole(1, 9), "几个人"),
        may("signed", Kind::List(&Kind::Text(SIGNED)), "谁签字"),
        may("shows", NAMES, "公开哪些内容"),
        may("basis", BASIS, "依据"),
        may("ends", Kind::List(&Kind::Text(ENDS)), "有哪些结果"),
        may("again", Kind::Bool, "有异议后是否重新公示"),
        may("not_same_as", NAMES, "不能由哪些步骤的人来做"),
        may(
            "visit_if_conflict",
            Kind::Bool,
            "有近亲属登记或异议时是否入户",
        ),
        may("one_time_notice", Kind::Bool, "缺的材料是否一次性告知"),
        may("parts", Kind::List(&Kind::Table(&PART)), "各部门的事项"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const PART: Shape = Shape::new(
    "part",
    "parts ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("department", Kind::Text(Form::Slug), "哪个部门"),
        may("within", Kind::Text(Form::Span), "多久之内"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const STEP_KIND: Form = Form::Word(&[
    ("accept", "受理"),
    ("verify", "核对"),
    ("survey", "入户调查"),
    ("publicity", "公示"),
    ("review", "审核意见、民主评议"),
    ("decide", "审核确认"),
    ("pay", "发放"),
    ("joint", "联办"),
]);

pub(super) const ROLE: Form = Form::Word(&[
    ("village_worker", "村社干部、网格员"),
    ("town_officer", "镇街经办人"),
    ("county_approver", "县级审核确认人"),
    ("finance", "财务"),
    ("charity_accountant", "慈善会计"),
    ("department_machine", "部门系统"),
    ("system", "本系统"),
]);

const ALSO: Form = Form::Word(&[("county_approver", "县级审核确认人")]);

const SIGNED: Form = Form::Word(&[
    ("surveyors", "调查人"),
    ("household", "家庭"),
    ("applicant", "申请人"),
    ("witness", "见证人"),
]);

const ENDS: Form = Form::Word(&[
    ("granted", "给予"),
    ("refused", "不予"),
    ("reduced", "减少"),
    ("stopped", "停止"),
    ("returned", "退回"),
]);

/// `[deadline]`.
pub(crate) const DEADLINE: Shape = Shape::new(
    "deadline",
    "[deadline] ",
    &[
        must("total", Kind::Text(Form::Span), "从受理到决定"),
        may("special", Kind::Text(Form::Span), "特殊情况"),
        may("serve", Kind::Text(Form::Span), "决定后多久送达"),
        may("escalation", Kind::Text(Form::Span), "催办后多久答复"),
        may("basis", BASIS, "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

pub(super) const HEARING: Shape = Shape::new(
    "hearing",
    "[hearing] ",
    &[
        must("period", Kind::Text(Form::Span), "给多久陈述申辩"),
        must("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

pub(super) const APPEAL: Shape = Shape::new(
    "appeal",
    "[appeal] ",
    &[
        must("reconsideration", Kind::Text(Form::Span), "行政复议期限"),
        must("litigation", Kind::Text(Form::Span), "行政诉讼期限"),
        may("pauses_stop", Kind::Bool, "申请复议时停发是否暂缓"),
        may("basis", BASIS, "依据"),
    ],
);

/// `[notice.*]`.
pub(crate) const NOTICES: Shape = Shape::new(
    "notices",
    "[notice] ",
    &[
        may("received", Kind::Table(&NOTICE), "收到申请"),
        may("one_time", Kind::Table(&NOTICE), "一次性告知"),
        may("undetermined", Kind::Table(&NOTICE), "还不知道"),
        may("intended", Kind::Table(&NOTICE), "拟作决定，请您说明"),
        may("granted", Kind::Table(&NOTICE), "给予"),
        may("refused", Kind::Table(&NOTICE), "不予"),
        may("reduced", Kind::Table(&NOTICE), "减少"),
        may("stopped", Kind::Table(&NOTICE), "停止"),
        may("recovered", Kind::Table(&NOTICE), "追回"),
        may("terminated", Kind::Table(&NOTICE), "终止办理"),
    ],
);

const NOTICE: Shape = Shape::new(
    "notice",
    "[notice] ",
    &[
        may("says", Kind::Text(Form::Template), "写给人的话"),
        may(
            "after",
            Kind::Text(Form::Word(&[("hearing", "先听取陈述申辩")])),
            "在什么之后",
        ),
        may(
            "remedy",
            Kind::List(&Kind::Text(Form::Sentence)),
            "可以怎样申请复议或起诉",
        ),
        may("basis", BASIS, "依据"),
    ],
);

pub(super) const REVIEW: Shape = Shape::new(
    "review",
    "[review] ",
    &[
        must("every", Kind::Text(Form::Months), "多久复核一次"),
        may("if", Kind::Table(&REVIEW_IF), "什么情况下更勤"),
        may("basis", BASIS, "依据"),
    ],
);

const REVIEW_IF: Shape = Shape::new(
    "review_if",
    "[review] if ",
    &[
        must("when", Kind::Text(Form::Expression), "什么情况下"),
        must("every", Kind::Text(Form::Months), "多久复核一次"),
    ],
);

pub(super) const PHASE_OUT: Shape = Shape::new(
    "phase_out",
    "[phase_out] ",
    &[
        must("months", Kind::Whole(1, 36), "最多几个月"),
        may(
            "pays",
            Kind::Either(&[Kind::Text(Form::Sentence), PAYS]),
            "每月发多少",
        ),
        may("when", Kind::Text(Form::Expression), "什么情况下"),
        may("basis", BASIS, "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const PAYS: Kind = Kind::List(&Kind::Text(Form::Percent));
