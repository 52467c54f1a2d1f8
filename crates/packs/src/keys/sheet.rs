//! 「评估表」 A `[sheet]` file: what is asked, how it is counted, graded, drawn.

use super::vocabulary::PROVENANCE;
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

/// A `[sheet]` file.
pub(crate) const SHEET_FILE: Shape = Shape::new(
    "sheet_file",
    "评估表文件",
    &[
        must("sheet", Kind::Table(&SHEET), "评估表本身"),
        may(
            "scale",
            Kind::Open,
            "几道题共用的选项：名字 = { 分 = \"意思\" }",
        ),
        must("section", Kind::List(&Kind::Table(&SECTION)), "部分"),
        must("question", Kind::List(&Kind::Table(&QUESTION)), "题"),
        must("measure", Kind::List(&Kind::Table(&MEASURE)), "计分"),
        may("score", Kind::Table(&SCORE), "按哪一项计分定级"),
        may("matrix", Kind::Table(&MATRIX), "按对照表定级"),
        must(
            "band",
            Kind::List(&Kind::Table(&BAND)),
            "等级，最好的写在前面",
        ),
        may("adjust", Kind::List(&Kind::Table(&ADJUST)), "调整"),
        may("draw", Kind::Table(&DRAW), "双随机抽查"),
        must("example", Kind::List(&Kind::Table(&EXAMPLE)), "例子"),
    ],
);

const POINTS: Kind = Kind::Whole(-100_000, 100_000);

const SHEET: Shape = Shape::new(
    "sheet",
    "[sheet] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("version", Kind::Text(Form::Sentence), "哪一版"),
        may("body", Kind::Table(&BODY), "评的是哪一种单位；不写是评人"),
        must("assessors", Kind::Whole(1, 25), "几个人评"),
        may(
            "settle",
            Kind::Text(Form::Word(&[
                ("joint", "一起商定"),
                ("third", "第三人评定"),
                ("mean", "取平均"),
            ])),
            "意见不一怎么办",
        ),
        may("valid", Kind::Text(Form::Months), "管多久"),
        must("appeal_days", Kind::Whole(1, 365), "几天内可以申诉"),
        must("basis", Kind::Text(Form::Sentence), "依据"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const BODY: Shape = Shape::new(
    "sheet_body",
    "body ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
    ],
);

const SECTION: Shape = Shape::new(
    "sheet_section",
    "[[section]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
    ],
);

const QUESTION: Shape = Shape::new(
    "question",
    "[[question]] ",
    &[
        must("section", Kind::Text(Form::Slug), "在哪个部分"),
        must("id", Kind::Text(Form::Slug), "标识"),
        must("asks", Kind::Text(Form::Sentence), "问什么"),
        may("help", Kind::Text(Form::Sentence), "怎么评"),
        may("scores", Kind::Open, "选项：{ 分 = \"意思\" }"),
        may("scale", Kind::Text(Form::Slug), "用哪一组共用的选项"),
        may("number", Kind::Table(&RANGE), "填一个数"),
        may(
            "evidence",
            Kind::Text(Form::Word(&[("below", "扣分要写"), ("always", "都要写")])),
            "什么时候要写看到了什么",
        ),
        may("only", Kind::List(&Kind::Table(&TEST)), "什么情况下才问"),
        may("skipped", POINTS, "不问时算几分"),
        may("mend_days", Kind::Whole(1, 365), "扣了分要在几天内整改"),
        may("usual", POINTS, "例子里不写时的答案；不写是最高分"),
    ],
);

const RANGE: Shape = Shape::new(
    "sheet_range",
    "从几到几",
    &[
        must("least", Kind::Number, "最少"),
        must("most", Kind::Number, "最多"),
    ],
);

const TEST: Shape = Shape::new(
    "sheet_test",
    "条件",
    &[
        must("of", Kind::Text(Form::Slug), "哪道题或哪项计分"),
        may("is", POINTS, "正好是"),
        may("least", POINTS, "至少"),
        may("most", POINTS, "至多"),
    ],
);

const MEASURE: Shape = Shape::new(
    "measure",
    "[[measure]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        may("sum", Kind::List(&Kind::Text(Form::Slug)), "把哪些相加"),
        may("earlier", Kind::Table(&EARLIER), "取另一张表以往得分的平均"),
        may("start", POINTS, "起点分"),
        may("percent", Kind::Whole(1, 1000), "占百分之几；不写是全部"),
        may("least", POINTS, "不低于"),
        may("most", POINTS, "不高于"),
        may(
            "levels",
            Kind::List(&Kind::Table(&RANGE)),
            "档次，最好的写在前面",
        ),
    ],
);

const EARLIER: Shape = Shape::new(
    "earlier",
    "earlier ",
    &[
        must("sheet", Kind::Text(Form::Slug), "哪张表"),
        must("within", Kind::Text(Form::Months), "多久以内"),
    ],
);

const SCORE: Shape = Shape::new(
    "score",
    "[score] ",
    &[must("of", Kind::Text(Form::Slug), "哪一项计分")],
);

const MATRIX: Shape = Shape::new(
    "matrix",
    "[matrix] ",
    &[
        must("rows", Kind::Text(Form::Slug), "纵向看哪一项计分"),
        must(
            "columns",
            Kind::List(&Kind::Text(Form::Slug)),
            "横向看哪几项计分，取最差的",
        ),
        must(
            "table",
            Kind::List(&Kind::List(&Kind::Text(Form::Slug))),
            "一行一行写等级",
        ),
    ],
);

const BAND: Shape = Shape::new(
    "band",
    "[[band]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        may("least", Kind::Number, "从几分"),
        may("most", Kind::Number, "到几分"),
    ],
);

const ADJUST: Shape = Shape::new(
    "adjust",
    "[[adjust]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("when", Kind::List(&Kind::Table(&TEST)), "有其中一种情况"),
        may("to", Kind::Text(Form::Slug), "直接定为"),
        may("worse", Kind::Whole(1, 20), "加重几级"),
        may("not_above", Kind::Text(Form::Slug), "最高只能定为"),
        must("says", Kind::Text(Form::Sentence), "写给人的话"),
        must("basis", Kind::Text(Form::Sentence), "条款"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const DRAW: Shape = Shape::new(
    "sheet_draw",
    "[draw] ",
    &[
        must("class", Kind::Named(&CLASS), "风险类别"),
        must("inspectors", Kind::Whole(1, 9), "每家去几个人"),
        must("public_days", Kind::Whole(1, 365), "几个工作日内公开结果"),
        must("basis", Kind::Text(Form::Sentence), "依据"),
        must("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const CLASS: Shape = Shape::new(
    "sheet_class",
    "[draw.class] ",
    &[
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("percent", Kind::Whole(1, 100), "抽百分之几，至少一家"),
    ],
);

const EXAMPLE: Shape = Shape::new(
    "sheet_example",
    "[[example]] ",
    &[
        must("title", Kind::Text(Form::Sentence), "说的是什么"),
        must("answers", Kind::Open, "答案；没写的题按平常的答案"),
        may("given", Kind::Open, "以往得分的平均"),
        must("expect", Kind::Table(&EXPECT), "应当评出什么"),
    ],
);

const EXPECT: Shape = Shape::new(
    "sheet_expect",
    "expect ",
    &[
        must("score", Kind::Number, "几分"),
        must("grade", Kind::Text(Form::Slug), "什么等级"),
    ],
);
