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
    ],
);
