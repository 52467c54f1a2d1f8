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
        may("register", Kind::Table(&REGISTER), "底册取自哪类数据"),
    ],
);

const REGISTER: Shape = Shape::new(
    "pack_register",
    "[pack.register] ",
    &[
        must("category", Kind::Text(Form::Slug), "数据类"),
        must("household", Kind::Text(Form::Slug), "户号字段"),
        must("name", Kind::Text(Form::Slug), "姓名字段"),
        must("region", Kind::Text(Form::Slug), "村社字段"),
        must("relation", Kind::Text(Form::Slug), "与户主关系字段"),
        must(
            "relations",
            Kind::Labels,
            "各代码对应的家庭关系（GB/T 4761 两位代码）",
        ),
        may("phone", Kind::Text(Form::Slug), "电话字段"),
    ],
);
