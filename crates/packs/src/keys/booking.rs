//! 「可约事项」 One kind of thing that can be booked, whole: when, how many, who waits,
//! what is done before it is given again.

use super::service::BASIS;
use super::vocabulary::{LEVEL, PROVENANCE};
use crate::form::Form;
use crate::shape::{Kind, Shape, may, must};

const SENTENCES: Kind = Kind::List(&Kind::Text(Form::Sentence));

/// A `[booking]` file.
pub(crate) const BOOKING_FILE: Shape = Shape::new(
    "booking_file",
    "预约文件",
    &[
        must("booking", Kind::Table(&BOOKING), "可约事项本身"),
        may("sort", Kind::Labels, "种类：标识 = \"名称\""),
        may("slots", Kind::Table(&SLOTS), "按时段约（和 stay 写一个）"),
        may("stay", Kind::Table(&STAY), "按入住约（和 slots 写一个）"),
        may("waiting", Kind::Table(&WAITING), "轮候"),
        may("care", Kind::Table(&CARE), "归还后先做什么，才能给下一位"),
    ],
);

const BOOKING: Shape = Shape::new(
    "booking",
    "[booking] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
        must("says", Kind::Text(Form::Sentence), "一句话说清是什么"),
        must("unit", Kind::Text(Form::Sentence), "一个叫什么，例如 窗口"),
        may(
            "capacity",
            Kind::Whole(1, 10_000),
            "一个同时给几家（默认 1）",
        ),
        may(
            "keeps",
            Kind::Bool,
            "交接的东西（骨灰）能不能放进去（默认不能）",
        ),
        may("residents", Kind::Bool, "居民能不能自己约"),
        may("solemn", Kind::Bool, "丧事：页面用素色"),
        may(
            "each_at_most",
            Kind::Whole(1, 1_000),
            "一个人最多几个没办完的（默认 1）",
        ),
        may(
            "change_hours",
            Kind::Whole(0, 8_760),
            "开始前几小时内不能自己改",
        ),
        may(
            "grace_minutes",
            Kind::Whole(0, 10_080),
            "过几分钟没来算没来；不写由工作人员记",
        ),
        may("level", Kind::Text(LEVEL), "谁约了，是哪一级字段"),
        may("rows", SENTENCES, "对应任务行"),
        must("basis", BASIS, "依据"),
        may("provenance", Kind::Text(PROVENANCE), "来源种类"),
    ],
);

const SLOTS: Shape = Shape::new(
    "booking_slots",
    "[slots] ",
    &[
        must("minutes", Kind::Whole(5, 1_440), "一个时段几分钟"),
        must("open", Kind::List(&Kind::Table(&OPEN)), "开放时间"),
        may("working_days", Kind::Bool, "只在工作日"),
        must("days_ahead", Kind::Whole(1, 730), "最远约到几天后"),
    ],
);

const OPEN: Shape = Shape::new(
    "booking_open",
    "[[slots.open]] ",
    &[
        must(
            "weekdays",
            Kind::List(&Kind::Whole(1, 7)),
            "星期几，1 是星期一",
        ),
        must(
            "hours",
            Kind::Text(Form::Sentence),
            "几点到几点，08:30-11:30",
        ),
    ],
);

const STAY: Shape = Shape::new(
    "booking_stay",
    "[stay] ",
    &[
        may(
            "days_most",
            Kind::Whole(1, 36_500),
            "最长几天；不写是直到离开",
        ),
        must("days_ahead", Kind::Whole(1, 730), "最远约到几天后"),
    ],
);

const WAITING: Shape = Shape::new(
    "booking_waiting",
    "[waiting] ",
    &[
        must(
            "class",
            Kind::List(&Kind::Table(&CLASS)),
            "先后：排在前面的先来，同类按先后",
        ),
        must("answer_days", Kind::Whole(1, 365), "通知后几天内答复"),
    ],
);

const CLASS: Shape = Shape::new(
    "booking_class",
    "[[waiting.class]] ",
    &[
        must("id", Kind::Text(Form::Slug), "标识"),
        must("name", Kind::Text(Form::Sentence), "名称"),
    ],
);

const CARE: Shape = Shape::new(
    "booking_care",
    "[care] ",
    &[
        must("name", Kind::Text(Form::Sentence), "叫什么，例如 洗消"),
        must("note", Kind::Labels, "每次记什么：标识 = \"名称\""),
    ],
);
