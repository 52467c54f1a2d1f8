//! 「不能凭这个怀疑人」 Sex, nationality, ethnicity, language, marital state, where
//! somebody lives, how he looks: never a reason to look at anybody more closely. A
//! right may rest on one of them where an article says so, and then the rule names
//! the article.

use crate::desk::{Compiled, Desk};
use crate::diagnostic::Fault;
use crate::keys::TRAITS;
use crate::resolve::Draft;
use crate::walk::{Reads, direct};
use kernel::Slug;
use std::collections::BTreeMap;

/// Words of a name by which a trait is known even where nobody says it is one.
const TELLING: &[(&str, &str)] = &[
    ("性别", "sex"),
    ("国籍", "nationality"),
    ("民族", "ethnicity"),
    ("籍贯", "neighbourhood"),
    ("方言", "language"),
    ("语言", "language"),
    ("婚姻", "marital_state"),
    ("小区", "neighbourhood"),
    ("街坊", "neighbourhood"),
    ("相貌", "appearance"),
    ("穿着", "appearance"),
    ("印象", "impression"),
];

pub(crate) fn traits(desk: &Desk<'_>, draft: &Draft) {
    let mut traits: BTreeMap<Slug, &'static str> = BTreeMap::new();
    for fact in &draft.facts {
        let label = &fact.rule.decl.label;
        let telling = TELLING.iter().find(|(word, _)| label.contains(word));
        match (&fact.says_trait, telling) {
            (Some(said), _) => {
                let known = TRAITS.iter().find(|(id, _)| id == said);
                traits.insert(fact.origin.id.clone(), known.map_or("", |(_, words)| words));
            }
            (None, Some((word, id))) => {
                let message = format!("`{label}` 看名字说的是{word}，没有写明");
                let help = format!("写 trait = \"{id}\"；不能凭它怀疑人，写明了才查得出来");
                desk.fault(Fault::error("trait", fact.place, message).help(help));
            }
            (None, None) => {}
        }
    }
    for one in desk.compiled.borrow().iter() {
        rule(desk, one, &traits);
    }
}

fn rule(desk: &Desk<'_>, one: &Compiled, traits: &BTreeMap<Slug, &'static str>) {
    let article = one.basis.iter().any(|basis| cites_article(basis));
    let named = direct(&one.typed);
    let at_once = named
        .iter()
        .find_map(|(fact, span)| Some((*traits.get(fact)?, span)));
    if one.suspects {
        let through = || {
            let reads = Reads::of(&one.typed);
            reads
                .facts
                .iter()
                .find_map(|fact| traits.get(fact).copied())
        };
        if let Some((name, span)) = at_once {
            let place = desk.inside(&one.text, span.clone());
            let message = format!("不能凭{name}多查一个人");
            let help = "复查、要材料、多问，都不许看这个。删掉它，改看跟困难有关的事";
            desk.fault(Fault::error("suspicion", place, message).help(help));
        } else if let Some(name) = through().filter(|_| !article) {
            let message = format!("这一句绕着弯用到了{name}：不能凭它多查一个人");
            let help = "法律真这样规定的，写 basis，说到第几条";
            desk.fault(Fault::error("suspicion", one.text.place, message).help(help));
        }
    } else if let Some((name, span)) = at_once.filter(|_| !article) {
        let place = desk.inside(&one.text, span.clone());
        let message = format!("规则用到{name}，没有说依据哪一条");
        let help = "写 basis = \"… 第几条\"；没有这样的条款，就不能用";
        desk.fault(Fault::error("trait", place, message).help(help));
    }
}

/// “第三十七条”: a number of an article, not only a law's name.
fn cites_article(basis: &str) -> bool {
    basis.split('第').skip(1).any(|after| {
        let number: String = after
            .chars()
            .take_while(|c| c.is_ascii_digit() || "一二三四五六七八九十百千零〇 ".contains(*c))
            .collect();
        !number.trim().is_empty() && after[number.len()..].starts_with('条')
    })
}
