//! 「读规则」 The law in force as a person reads it, section by section. Public: who
//! reads it is nobody's affair, so nothing is put on record.

use crate::App;
use packs::{ShownLine, shown};

/// A service in the list of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How people would ask for it.
    pub says: String,
    /// The law it rests on.
    pub basis: String,
    /// How many conditions, 0 for a joint service.
    pub conditions: usize,
    /// How many of its conditions and numbers are not founded.
    pub cautions: usize,
    /// How many examples were tried.
    pub examples: usize,
}

/// A service's rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePage {
    /// Its name.
    pub name: String,
    /// What stands above the sections.
    pub head: Vec<String>,
    /// The sections.
    pub sections: Vec<RuleSection>,
    /// The pack's name and hash.
    pub pack: (String, String),
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSection {
    /// Its title.
    pub title: String,
    /// What stands in it: a sentence and what is said about it.
    pub items: Vec<(String, Vec<String>)>,
}

impl App {
    /// 规则目录 Every service and joint service of the law in force.
    pub fn rules(&self) -> Vec<RuleLine> {
        let pack = &self.law.pack;
        let services = pack.services().iter().map(|service| {
            let benefit = pack.rules().benefit(service.id.as_str());
            let conditions = benefit.map_or(&[][..], |one| one.conditions.as_slice());
            let unfounded = conditions
                .iter()
                .filter(|one| one.provenance.is_some_and(|one| !one.is_founded()));
            RuleLine {
                id: service.id.to_string(),
                name: service.name.clone(),
                says: service.says.clone(),
                basis: service.basis.join("；"),
                conditions: conditions.len(),
                cautions: unfounded.count(),
                examples: service.examples.len(),
            }
        });
        let joints = pack.joints().iter().map(|joint| RuleLine {
            id: joint.id.to_string(),
            name: joint.name.clone(),
            says: joint.says.clone(),
            basis: joint.basis.join("；"),
            conditions: 0,
            cautions: 0,
            examples: 0,
        });
        services.chain(joints).collect()
    }

    /// 一条规则 `None` when the law has no such service.
    pub fn rule(&self, id: &str) -> Option<RulePage> {
        let pack = &self.law.pack;
        let head = pack.head().map(|head| head.name.clone());
        let mut page = RulePage {
            name: pack.flow(id)?.name.clone(),
            head: Vec::new(),
            sections: Vec::new(),
            pack: (head.unwrap_or_default(), pack.hash().to_owned()),
        };
        for line in shown(pack, id)? {
            page.take(line);
        }
        Some(page)
    }
}

impl RulePage {
    fn take(&mut self, line: ShownLine) {
        match (line, self.sections.last_mut()) {
            (ShownLine::Title(title), _) => self.sections.push(RuleSection {
                title,
                items: Vec::new(),
            }),
            (ShownLine::Plain(words) | ShownLine::Item(words), Some(section)) => {
                section.items.push((words.trim().to_owned(), Vec::new()));
            }
            (ShownLine::Note(words), Some(section)) => match section.items.last_mut() {
                Some((_, notes)) => notes.push(words),
                None => section.items.push((words, Vec::new())),
            },
            (ShownLine::Plain(words) | ShownLine::Item(words) | ShownLine::Note(words), None) => {
                self.head.push(words);
            }
        }
    }
}
