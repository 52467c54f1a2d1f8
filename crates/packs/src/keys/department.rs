//! 「部门目录」 What a department sends: categories and their fields.

use super::vocabulary::{LEVEL, PROVENANCE};
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

/// A `[department]` file.
pub(crate) const DEPARTMENT_FILE: Shape = Shape::new(
    "department_file",
    "部门目录",
    &[
        must("department", Kind::Table(&DEPARTMENT), "部门本身"),
        may("category", Kind::Named(&CATEGORY), "数据类别"),
    ],
);

const DEPARTMENT: Shape = Shape::new(
    "department",
    "[department] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
    ],
);

const CATEGORY: Shape = Shape::new(
    "category",
    "[category] ",
    &[
        must("no", Kind::Whole(1, 9999), "目录编号"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("frequency", Kind::Text(FREQUENCY), "多久送一次"),
        must("sensitivity", Kind::Text(SENSITIVITY), "敏感程度"),
        must(
            "use",
            Kind::Text(Form::Slug),
            "用来核什么：income、asset、expense…",
        ),
        may("keyed_by", Kind::Text(KEYED_BY), "按谁查"),
        must(
            "purposes",
            Kind::List(&Kind::Text(PURPOSE)),
            "可以为什么而查",
        ),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("source", Kind::Text(Form::Sentence), "出自哪份文件"),
        may("file", Kind::Text(FILE), "部门送什么文件"),
        must("field", Kind::List(&Kind::Table(&FIELD)), "字段"),
    ],
);

const FREQUENCY: Form = Form::Word(&[
    ("R", "实时"),
    ("D", "每天"),
    ("M", "每月"),
    ("Q", "每季"),
    ("Y", "每年"),
    ("OR", "按需"),
]);
const SENSITIVITY: Form = Form::Word(&[
    ("S1", "公开或内部"),
    ("S2", "个人"),
    ("S3", "敏感"),
    ("S4", "严格限制"),
]);
const KEYED_BY: Form = Form::Word(&[
    ("person", "人"),
    ("household", "家庭"),
    ("organisation", "单位"),
    ("place", "地方"),
]);
pub(super) const PURPOSE: Form = Form::Word(&[
    ("discovery", "主动发现"),
    ("verification", "核对"),
    ("audit", "审计"),
]);
const FILE: Form = Form::Word(&[("csv", "CSV"), ("xlsx", "XLSX"), ("jsonl", "JSON 行")]);

const FIELD: Shape = Shape::new(
    "category_field",
    "类别的字段",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("type", Kind::Text(FIELD_TYPE), "类型"),
        may("code", Kind::Text(Form::Slug), "代码集"),
        may("codes", Kind::Labels, "代码：标识 = 名称"),
        must("level", Kind::Text(LEVEL), "字段级别"),
        may("required", Kind::Bool, "是否必填"),
    ],
);

const FIELD_TYPE: Form = Form::Word(&[
    ("text", "文字"),
    ("money", "金额（元，两位小数）"),
    ("int", "整数"),
    ("decimal", "小数"),
    ("date", "日期"),
    ("month", "月份"),
    ("bool", "是否"),
    ("code", "代码"),
    ("region", "区划"),
    ("id_no", "证件号码"),
    ("uscc", "统一社会信用代码"),
    ("card", "银行卡号"),
]);
