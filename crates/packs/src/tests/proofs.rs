//! Every proof has a wrong pack that fails by it, and by nothing else.

use super::{change, fixture, load};

/// File, words, what they become; the code of the only fault, the words it
/// underlines, a piece of its sentence or its help.
type Wrong = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const LIVING: &str = "base/aid/living.toml";
const BED: &str = "base/aid/bed.toml";
const NEAR: &str = "base/aid/near.toml";
const FACTS: &str = "base/facts.toml";
const POLICE: &str = "base/data/police.toml";
const CITY: &str = "city/living.toml";

#[rustfmt::skip]
const WRONG: &[Wrong] = &[
    // keys and types
    (LIVING, "says     =", "sasy     =", "unknown_key", "sasy", "是不是想写 `says`"),
    (LIVING, "says     = \"家里收入低，按月补一点\"\n", "", "missing_key", "[service]", "says"),
    (LIVING, "basis = \"示例办法 第三条\"\n\n[[condition]]\nid    = \"income\"", "bases = \"示例办法 第三条\"\n\n[[condition]]\nid    = \"income\"", "unknown_key", "bases", "是不是想写 `basis`"),
    (LIVING, "people = 2", "people = \"两人\"", "wrong_type", "\"两人\"", "整数"),
    (LIVING, "people = 2", "people = 20", "wrong_value", "20", "1 到 9"),
    (LIVING, "on      = 2026-03-01\nregion  = \"990101\"\nrest    = \"usual\"\nmembers = [ { wage = 1000 } ]", "on      = \"2026-03-01\"\nregion  = \"990101\"\nrest    = \"usual\"\nmembers = [ { wage = 1000 } ]", "wrong_type", "\"2026-03-01\"", "不加引号"),
    (LIVING, "within = \"3 wd\"", "within = \"3 工作日\"", "wrong_value", "\"3 工作日\"", "wd"),
    (LIVING, "by   = \"town_officer\"", "by   = \"town_oficer\"", "wrong_value", "\"town_oficer\"", "是不是想写 `town_officer`"),
    (LIVING, "family   = \"basic\"", "family   = \"basics\"", "wrong_value", "\"basics\"", "是不是想写 `basic`"),
    // names
    (LIVING, "income_per_head < standard\"", "incme_per_head < standard\"", "expression", "incme_per_head", "income_per_head"),
    (LIVING, "，低于 {standard}\"", "，低于 {standrad}\"", "expression", "standrad", "standard"),
    (LIVING, "，低于 {standard}\"", "，低于 {standard\"", "braces", "{", "成对"),
    (LIVING, "unless = \"savings\"", "unless = \"saving\"", "unknown_name", "\"saving\"", "是不是想写 `savings`"),
    (LIVING, "fact  = \"wage\"", "fact  = \"wages\"", "unknown_name", "\"wages\"", "是不是想写 `wage`"),
    (LIVING, "{ relation = \"本人\", wage = 900 }", "{ relation = \"本仁\", wage = 900 }", "wrong_value", "\"本仁\"", "是不是想写 `本人`"),
    (LIVING, "{ savings = 20000.5 }", "{ savngs = 20000.5 }", "unknown_name", "savngs", "是不是想写 `savings`"),
    (LIVING, "{ savings = 20000.5 }", "{ savings = 20000.555 }", "wrong_value", "20000.555", "2 位小数"),
    (LIVING, "because = [\"savings\"]", "because = [\"saving\", \"savings\"]", "unknown_name", "\"saving\"", "savings"),
    (LIVING, "missing = [\"savings\"]", "missing = [\"saving\"]", "unknown_name", "\"saving\"", "savings"),
    (LIVING, "{next}", "{nxt}", "unknown_name", "nxt", "是不是想写 `next`"),
    (LIVING, "shows = [\"applicant\", \"members_count\"]", "shows = [\"applicant\", \"member_count\"]", "unknown_name", "\"member_count\"", "members_count"),
    (LIVING, "region  = \"990101\"\nrest    = \"usual\"\nmembers = [ { wage = 1000 } ]", "region  = \"990109\"\nrest    = \"usual\"\nmembers = [ { wage = 1000 } ]", "region", "\"990109\"", "没有"),
    (LIVING, "region  = \"990101\"\nrest    = \"usual\"\nmembers = [ { wage = 1000 } ]", "region  = \"110101\"\nrest    = \"usual\"\nmembers = [ { wage = 1000 } ]", "region", "\"110101\"", "范围"),
    (FACTS, "category = \"savings\"", "category = \"saving\"", "unknown_name", "\"saving\"", "savings"),
    (FACTS, "field = \"birth\"", "field = \"brith\"", "unknown_name", "\"brith\"", "是不是想写 `birth`"),
    (FACTS, "state = \"here\"", "state = \"hear\"", "wrong_value", "\"hear\"", "here"),
    (FACTS, "fields = { self_pay = \"self_pay\" }", "fields = { self_pay = \"selfpay\" }", "unknown_name", "\"selfpay\"", "self_pay"),
    ("base/aid/together.toml", "\"bed\"", "\"beds\"", "unknown_name", "\"beds\"", "是不是想写 `bed`"),
    ("base/aid/together.toml", "\"police\", within = \"3", "\"polise\", within = \"3", "unknown_name", "\"polise\"", "是不是想写 `police`"),
    // units and types of rules
    (LIVING, "sum(members, savings) <= 10000 元\"", "sum(members, savings) <= standard\"", "expression", "sum(members, savings) <= standard", "元"),
    (LIVING, "is    = \"(standard - income_per_head) * count(members)\"", "is    = \"standard - income_per_head\"", "expression", "standard - income_per_head", "元"),
    (LIVING, "[amount]\nunit  = \"元/月\"", "[amount]\nunit  = \"元/人·月\"", "unit", "\"元/人·月\"", "元/月"),
    (FACTS, "unit  = \"%\"", "unit  = \"趴\"", "unknown_unit", "\"趴\"", "单位"),
    (FACTS, "field = \"amount\", take = \"sum\"", "field = \"amount\", take = \"exists\"", "wrong_type", "\"exists\"", "得不到"),
    // levels
    (FACTS, "level = \"L3\"\nasks  = \"您每月工资多少？\"", "asks  = \"您每月工资多少？\"", "no_level", "wage", "level"),
    (LIVING, "shows = [\"applicant\", \"members_count\"]", "shows = [\"applicant\", \"wage\"]", "level", "\"wage\"", "不能公示"),
    // the flow
    (LIVING, "kind = \"accept\"\nby   = \"town_officer\"", "kind = \"accept\"\nby   = \"finance\"", "role", "\"finance\"", "town_officer"),
    (LIVING, "lasts = \"7 d\"\n", "", "flow", "\"publicity\"", "天数"),
    (BED, "[deadline]\ntotal = \"3 d\"\n", "", "no_deadline", "\"decide\"", "时限"),
    (LIVING, "special = \"45 wd\"", "special = \"20 wd\"", "deadline", "[deadline]", "短"),
    (LIVING, "原因是：{reasons}。您可以这样做", "没有原因。您可以这样做", "no_reasons", "\"{applicant}，这次没有，没有原因。您可以这样做：{next}。\"", "reasons"),
    (BED, "remedy = [\"60 日内申请行政复议\"]\n", "", "no_remedy", "[notice.refused]", "remedy"),
    (LIVING, "months = 6", "months = 5", "wrong_value", "[\"100%\", \"50%\"]", "分不成"),
    // examples
    (LIVING, "because = [\"savings\"]", "because = [\"income\"]", "untested_condition", "\"savings\"", "[[example]]"),
    (LIVING, "verdict = \"eligible\", amount = 880", "verdict = \"ineligible\", because = [\"income\"]", "untested_service", "\"living\"", "符合"),
    (LIVING, "expect  = { verdict = \"undetermined\", missing", "expect  = { missing", "missing_key", "{ missing = [\"savings\"] }", "verdict"),
    (LIVING, "amount = 880", "amount = 880, because = [\"income\"]", "expect", "[\"income\"]", "because"),
    (BED, "who     = 2", "who     = 3", "who", "3", "2 个人"),
    // parameters
    (FACTS, "[[parameter.share.value]]\nfrom       = 2021-01-01", "[[parameter.share.value]]\nfrom       = 2021-01-01\nto         = 2020-01-01", "wrong_value", "2020-01-01", "之前"),
    (LIVING, "source     = \"示例文件\"\n", "", "no_source", "\"source\"", "source"),
    (LIVING, "[[parameter.standard.value]]\nfrom       = 2021-01-01", "[[parameter.standard.value]]\nfrom       = 2021-01-01\nto         = 2023-12-31", "gap", "[[parameter.standard.value]]", "从 2024-01-01 到 2025-07-01"),
    (LIVING, "region  = \"990101\"\nrest    = \"usual\"\nmembers = [ { wage = 1000 } ]", "rest    = \"often\"\nmembers = [ { wage = 1000 } ]", "wrong_value", "\"often\"", "usual"),
    // names of names
    (FACTS, "[fact.born]", "[fact.members]", "name", "members", "语言"),
    (FACTS, "[fact.born]", "[fact.Born]", "wrong_value", "Born", "小写"),
    (FACTS, "asks  = \"您每月工资多少？\"\n", "", "unknowable", "wage", "没有办法知道"),
    (FACTS, "\"wage - wage * share\"", "\"wage_net - wage * share\"", "circle", "wage_net", "圈"),
    (LIVING, "holds = \"income_per_head < standard\"", "holds = \"income_per_head < standard or verdict.bed\"", "circle", "\"bed\"", "verdict"),
    (BED, "holds = \"verdict.living\"", "holds = \"verdict.livng\"", "expression", "verdict.livng", "livng"),
    (LIVING, "[notice.reduced]", "[notice.recovered]", "no_notice", "\"living\"", "notice.reduced"),
    // files
    ("base/aid/together.toml", "[joint]", "[jiont]", "unknown_document", "jiont", "是不是想写 `[joint]`"),
    (LIVING, "name     = \"基本生活补助\"", "name     = 基本生活补助", "syntax", "基本生活补助", "引号"),
    // authorisation
    (FACTS, "needs = \"authorisation\"\n", "", "needs_authorisation", "{ category = \"savings\", field = \"amount\", take = \"sum\", absent = 0 }", "authorisation"),
    // services and one another
    (LIVING, "excludes = [\"near\"]\n", "", "excludes", "\"living\"", "排斥"),
    (NEAR, "gives_way = [\"living\"]\n", "", "gives_way", "\"near\"", "没有说谁让位"),
    (NEAR, "gives_way = [\"living\"]", "gives_way = [\"living\", \"bed\"]", "gives_way", "\"not_living\"", "却不排斥"),
    (NEAR, "unknown   = \"够不够基本生活补助还没查清：先认定，查清了再换\"\n", "", "gives_way", "\"not_living\"", "还不知道时"),
    // the catalogue
    (POLICE, "no          = 2", "no          = 1", "duplicate", "1", "编号"),
    (POLICE, "codes = { here = \"在籍\", gone = \"注销\" }\n", "", "no_codes", "[[category.resident.field]]", "codes"),
    (POLICE, "[category.bill]", "[[category.savings.field]]\nid = \"as_of\"\nname = \"日期\"\ntype = \"date\"\nlevel = \"L1\"\n\n[category.bill]", "duplicate", "\"as_of\"", "重名"),
    // contradictions
    (FACTS, "same = [\"resident.birth\", \"resident.birth\"]", "same = [\"resident.brith\", \"resident.birth\"]", "unknown_name", "\"resident.brith\"", "是不是想写 `birth`"),
    (FACTS, "same = [\"resident.birth\", \"resident.birth\"]", "same = [\"resident.birth\"]", "wrong_value", "[\"resident.birth\"]", "两个"),
    (FACTS, "same = [\"resident.birth\", \"resident.birth\"]", "same = [\"resident.birth\", \"resident.state\"]", "wrong_type", "[\"resident.birth\", \"resident.state\"]", "类型"),
    (FACTS, "same = [\"resident.birth\", \"resident.birth\"]\n", "", "type", "[[contradiction]]", "其中一个"),
    (FACTS, "same = [\"resident.birth\", \"resident.birth\"]", "not_after = { event = \"resident.state\", other = \"bill\" }", "wrong_type", "\"resident.state\"", "日期"),
    // the tables
    ("base/regions.csv", "990102000000,乙区,990100000000", "990102000000,乙区,990200000000", "table", "990102000000,乙区,990200000000,county", "上级"),
    ("base/pack.toml", "990000", "99", "wrong_value", "\"99\"", "区划代码"),
    ("city/pack.toml", "990100", "110100", "region", "\"110100\"", "范围"),
    // overlays
    (CITY, "of    = \"living\"", "of    = \"livng\"", "unknown_name", "\"livng\"", "是不是想写 `living`"),
    (CITY, "[[parameter.standard.value]]", "[[parameter.standart.value]]", "unknown_item", "standart", "是不是想写 `standard`"),
    (CITY, "no = \"每人每月", "holds = \"true\"\nno = \"每人每月", "fixed", "holds", "参数"),
    (CITY, "adds  = [\"condition.local\"]", "adds  = [\"condition.local\", \"fact.x\"]", "adds_nothing", "\"fact.x\"", "没有写"),
    (CITY, "basis = \"东市办法 第一条\"\n", "", "missing_key", "[[condition]]", "basis"),
    (CITY, "id = \"decide\"", "id = \"decision\"", "unknown_item", "\"decision\"", "decide"),
    (CITY, "because = [\"local\"]", "because = [\"income\"]", "untested_condition", "\"local\"", "local"),
];

#[test]
fn every_wrong_pack_fails_by_its_proof_and_no_other() {
    let mut complaints = Vec::new();
    for (path, from, to, code, underlined, piece) in WRONG {
        let mut folders = fixture("city");
        change(&mut folders, path, from, to);
        let loaded = load(&folders);
        let report = &loaded.report;
        let codes: Vec<_> = report.faults.iter().map(|fault| fault.code).collect();
        let found = report.faults.iter().find(|fault| {
            fault.code == *code
                && report.sources.text(fault.place) == *underlined
                && (fault.message.contains(piece)
                    || fault.help.as_ref().is_some_and(|help| help.contains(piece)))
        });
        if found.is_none() || codes.len() != 1 {
            complaints.push(format!("{path}: `{from}` → `{to}`\n{}", report.render()));
        }
        assert!(loaded.pack.is_none(), "{to}");
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n────\n"));
}

const CHAT: &str = r#"
[order]
id = "chat"
name = "陪聊"
says = "有人来陪着说话"
asked_by = ["phone"]
confirms = "resident"
[[item]]
id = "hour"
name = "一小时"
unit = "小时"
price = 0
skill = "chat"
[dispatch]
by = "nearest"
[[proof]]
id = "said"
asks = "说了什么"
kind = "text"
required = true
"#;

const TIME: &str = r#"
[ledger]
id = "hours"
name = "时间"
says = "帮人一小时，存下一小时"
unit = "minute"
unit_name = "分钟"
level = "L3"
basis = "试验"
provenance = "assumed"
[personal]
[[kind]]
id = "service"
name = "帮人"
does = "earn"
orders = ["chat"]
"#;

#[test]
fn h13_time_is_proven_neither_by_ones_own_word_nor_by_what_is_paid_for() {
    let judged = |chat: &str| {
        let mut folders = fixture("base");
        let files = &mut folders[0].files;
        files.push(("chat.toml".into(), chat.as_bytes().to_vec()));
        files.push(("hours.toml".into(), TIME.as_bytes().to_vec()));
        let faults = load(&folders).report.faults.into_iter();
        faults.map(|fault| fault.message).collect::<Vec<_>>()
    };
    assert_eq!(judged(CHAT), [""; 0]);
    let own = judged(&CHAT.replace("\"resident\"", "\"nobody\""));
    assert!(own.len() == 1 && own[0].contains("自己说的不算"), "{own:?}");
    let paid = judged(&CHAT.replace("price = 0", "price = 5"));
    assert!(paid.len() == 1 && paid[0].contains("都收钱"), "{paid:?}");
}
