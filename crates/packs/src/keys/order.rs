//! 「工单」 One kind of order, whole: items, clocks, ladder, dispatch, proof, close.

use super::service::BASIS;
use super::vocabulary::{LEVEL, PROVENANCE};
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

const NAMES: Kind = Kind::List(&Kind::Text(Form::Slug));
const SENTENCES: Kind = Kind::List(&Kind::Text(Form::Sentence));
/// `60 s`, `15 min`, `2 h`, `1 d`, `4 wh`, `3 wd`.
const LAPSE: Kind = Kind::Text(Form::Sentence);

/// An `[order]` file.
pub(crate) const ORDER_FILE: Shape = Shape::new(
    "order_file",
    "工单文件",
    &[
        must("order", Kind::Table(&ORDER), "工单本身"),
        must("item", Kind::List(&Kind::Table(&ITEM)), "服务项目"),
        may("clock", Kind::Table(&CLOCK), "时限"),
        may(
            "ladder",
            Kind::List(&Kind::Table(&LADDER)),
            "阶梯：到时候叫谁",
        ),
        may("dispatch", Kind::Table(&DISPATCH), "怎么派"),
        may("step", Kind::List(&Kind::Table(&STEP)), "分步，按顺序做"),
        may("proof", Kind::List(&Kind::Table(&PROOF)), "凭证"),
        may("close", Kind::Table(&CLOSE), "告警怎样才能办结"),
        may("every", Kind::List(&Kind::Table(&EVERY)), "多久来一次"),
        may("rating", Kind::Table(&RATING), "评价"),
        may("transfer", Kind::Labels, "可以转到哪条线：标识 = \"名称\""),
        may("colours", Kind::Table(&COLOURS), "服务方和项目的三色"),
    ],
);

const ORDER: Shape = Shape::new(
    "order",
    "[order] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "一句话说清是什么"),
        must("asked_by", Kind::List(&Kind::Text(ASKER)), "谁可以提"),
        may("alarm", Kind::Bool, "是不是告警（谁也不能漏）"),
        may("masked", Kind::Bool, "做的人不知道是为谁做的"),
        may("solemn", Kind::Bool, "丧事：页面用素色"),
        may("level", Kind::Text(LEVEL), "字段级别"),
        may("confirms", Kind::Text(CONFIRMS), "谁说做好了"),
        may(
            "hours",
            Kind::Text(Form::Sentence),
            "几点到几点上班，例如 08:30-17:30",
        ),
        may("rows", SENTENCES, "对应任务行"),
        may("basis", BASIS, "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const ASKER: Form = Form::Word(&[
    ("resident", "居民自己"),
    ("phone", "打电话"),
    ("device", "设备"),
    ("worker", "村社干部"),
    ("line", "别的热线"),
    ("plan", "按计划"),
]);

const CONFIRMS: Form = Form::Word(&[
    ("resident", "要服务的人"),
    ("office", "中心"),
    ("nobody", "凭证够了就算"),
]);

const ITEM: Shape = Shape::new(
    "order_item",
    "[[item]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("unit", Kind::Text(Form::Sentence), "按什么计"),
        must("price", Kind::Number, "价格（元）"),
        must("skill", Kind::Text(Form::Slug), "要会什么"),
        may("minutes", Kind::Whole(1, 10_080), "大约多少分钟"),
        may(
            "subsidy",
            Kind::List(&Kind::Table(&SUBSIDY)),
            "补贴，取最高的一项",
        ),
        may("quota", Kind::Table(&QUOTA), "次数"),
        may("only_for", NAMES, "只给享受哪些待遇、属于哪些颜色的人"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const SUBSIDY: Shape = Shape::new(
    "order_subsidy",
    "补贴",
    &[
        must("amount", Kind::Number, "补多少（元）"),
        may("age_from", Kind::Whole(0, 130), "从几岁"),
        may("age_to", Kind::Whole(0, 130), "到几岁"),
        may("only_for", NAMES, "只给享受哪些待遇的人"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

const QUOTA: Shape = Shape::new(
    "order_quota",
    "次数",
    &[
        must("times", Kind::Whole(1, 1_000), "几次"),
        must(
            "per",
            Kind::Text(Form::Word(&[("year", "每年"), ("month", "每月")])),
            "每多久",
        ),
        must(
            "over",
            Kind::Text(Form::Word(&[
                ("refuse", "不再受理"),
                ("full_price", "自费"),
            ])),
            "用完了怎么办",
        ),
    ],
);

const CLOCK: Shape = Shape::new(
    "order_clock",
    "[clock] ",
    &[
        may("answer", LAPSE, "多久要有人应答"),
        may("dispatch", LAPSE, "多久要派出"),
        may("accept", LAPSE, "派出后多久要接单"),
        may("arrive", LAPSE, "接单后多久要到"),
        may("done", LAPSE, "接单后多久要做完"),
        may("confirm", LAPSE, "做完后多久要确认"),
        may("close", LAPSE, "应答后多久要办结"),
        may("again", LAPSE, "阶梯叫完一遍，隔多久从头再叫"),
        may("burst", LAPSE, "多久之内连着按算一次"),
        may("silence", LAPSE, "设备多久没有声音算告警"),
    ],
);

const LADDER: Shape = Shape::new(
    "order_ladder",
    "[[ladder]] ",
    &[
        must("who", Kind::Text(WHOM), "叫谁"),
        must("after", LAPSE, "从那个时钟开始算多久"),
        must("by", Kind::List(&Kind::Text(WAY)), "怎么叫"),
        may("on", Kind::Text(CLOCK_OF), "看哪个时钟（不写就是 answer）"),
    ],
);

const WHOM: Form = Form::Word(&[
    ("duty_operator", "值班坐席"),
    ("supervisor", "值班长"),
    ("family_contacts", "家里的联系人"),
    ("nearest_provider", "最近的服务方"),
    ("provider", "接单的服务方"),
    ("village", "村社干部"),
    ("requester", "要服务的人"),
    ("emergency", "120、110、119"),
]);

const WAY: Form = Form::Word(&[("screen", "屏幕"), ("call", "人打电话"), ("sms", "短信")]);

const CLOCK_OF: Form = Form::Word(&[
    ("answer", "应答"),
    ("dispatch", "派单"),
    ("accept", "接单"),
    ("arrive", "到场"),
    ("done", "做完"),
    ("confirm", "确认"),
    ("close", "办结"),
]);

const DISPATCH: Shape = Shape::new(
    "order_dispatch",
    "[dispatch] ",
    &[
        must(
            "by",
            Kind::Text(Form::Word(&[
                ("operator", "坐席派"),
                ("nearest", "自动派给最近、最合适的"),
                ("claim", "认领"),
            ])),
            "谁来派",
        ),
        may("tries", Kind::Whole(1, 20), "几家不接就要人来看"),
    ],
);

const STEP: Shape = Shape::new(
    "order_step",
    "[[step]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must(
            "by",
            Kind::Text(Form::Word(&[
                ("provider", "接单的人"),
                ("office", "另一个人来验"),
            ])),
            "谁来做",
        ),
        must("needs", NAMES, "要哪些凭证"),
    ],
);

const PROOF: Shape = Shape::new(
    "order_proof",
    "[[proof]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("asks", Kind::Text(Form::Sentence), "怎么问"),
        must(
            "kind",
            Kind::Text(Form::Word(&[
                ("photo", "照片"),
                ("text", "文字"),
                ("place", "定位"),
                ("number", "数"),
                ("money", "金额（元）"),
            ])),
            "是什么",
        ),
        may("required", Kind::Bool, "完工时是否必须有"),
        may("most", Kind::Whole(0, 100_000_000), "最多（数，或元）"),
    ],
);

const CLOSE: Shape = Shape::new(
    "order_close",
    "[close] ",
    &[must("need", Kind::List(&Kind::Table(&NEED)), "要写明的")],
);

const NEED: Shape = Shape::new(
    "order_need",
    "[[close.need]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("asks", Kind::Text(Form::Sentence), "怎么问"),
    ],
);

const EVERY: Shape = Shape::new(
    "order_every",
    "[[every]] ",
    &[
        may(
            "colour",
            Kind::Text(Form::Slug),
            "哪种颜色的户（不写就是所有的）",
        ),
        may("days", Kind::Whole(1, 3_660), "几天一次"),
        may("months", Kind::Whole(1, 120), "几个月一次"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const RATING: Shape = Shape::new(
    "order_rating",
    "[rating] ",
    &[
        must("low", Kind::Whole(1, 4), "几颗星以下算不满意"),
        must("asks", Kind::Text(Form::Sentence), "怎么问"),
    ],
);

const COLOURS: Shape = Shape::new(
    "order_colours",
    "[colours] ",
    &[
        must("days", Kind::Whole(1, 366), "看多少天"),
        must("yellow", Kind::Whole(1, 1_000), "几次迟到、差评变黄"),
        must("red", Kind::Whole(1, 1_000), "几次变红，请人看停不停派"),
        must("growth", Kind::Whole(1, 1_000), "需求多了百分之几变黄"),
        may(
            "hold_unsafe",
            Kind::Bool,
            "有不安全的投诉等人看时，先不派新单",
        ),
        may(
            "remind_hours",
            Kind::Whole(1, 720),
            "等人看多少小时提醒一次，不写 24",
        ),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);
