//! 「存档」 The files of a chain as one text: what a version of the law is kept as, and
//! loaded from again years later. Absent on purpose: where it is kept.

use crate::chain::Folder;
use crate::diagnostic::Faults;
use crate::load::{Loaded, load_folders};
use crate::model::Pack;
use crate::place::Sources;
use serde::{Deserialize, Serialize};

/// Every file of a chain, base first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive(Vec<Archived>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Archived {
    name: String,
    files: Vec<(String, String)>,
}

impl Pack {
    /// Its files, to be kept.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }
}

impl Archive {
    /// A pack's files are UTF-8, or it would not have loaded.
    pub(crate) fn of(folders: &[Folder]) -> Archive {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let files = |folder: &Folder| {
            let files = folder.files.iter();
            files
                .map(|(name, bytes)| (name.clone(), text(bytes)))
                .collect()
        };
        let one = |folder: &Folder| Archived {
            name: folder.name.clone(),
            files: files(folder),
        };
        Archive(folders.iter().map(one).collect())
    }

    /// Loads the pack again: the same files, the same hash.
    pub fn load(&self) -> Loaded {
        let folders = self.0.iter().map(|one| Folder {
            name: one.name.clone(),
            files: one
                .files
                .iter()
                .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
                .collect(),
        });
        let folders: Vec<Folder> = folders.collect();
        load_folders(&folders, Sources::default(), Faults::default())
    }
}

/// 改一个数 Another value of a number of the law, as a person writes it on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNumber {
    /// The parameter, `standard` or `dibao.extra_rate`.
    pub parameter: String,
    /// As a pack writes it: digits, in percent where the parameter is.
    pub value: String,
    /// The first day.
    pub from: kernel::Date,
    /// Where; `None`: in the pack's own region.
    pub region: Option<kernel::RegionCode>,
    /// The document.
    pub source: String,
    /// The article.
    pub article: Option<String>,
}

impl Archive {
    /// The same chain with one more value of a number, written into its last pack: what a
    /// person would have written by hand. `None`: no file declares the number.
    pub fn with_number(&self, number: &NewNumber) -> Option<Archive> {
        let (owner, name) = match number.parameter.split_once('.') {
            Some((service, name)) => (service.to_owned(), name),
            None => (self.declares(&number.parameter)?, number.parameter.as_str()),
        };
        let mut all = self.clone();
        let last = all.0.last_mut()?;
        let own = last.files.iter_mut().find(|(file, text)| {
            file.ends_with(".toml") && root_of(text).as_deref() == Some(owner.as_str())
        });
        let block = number.block(name);
        match own {
            Some((_, text)) => text.push_str(&block),
            None => {
                let head = format!("# 在页面上改的数。\n\n[overlay]\nof = \"{owner}\"\n");
                let file = format!("numbers/{owner}.toml");
                last.files.push((file, format!("{head}{block}")));
                last.files.sort();
            }
        }
        Some(all)
    }

    /// The vocabulary or service that declares a shared number.
    fn declares(&self, name: &str) -> Option<String> {
        let wanted = format!("[parameter.{name}]");
        let files = self.0.iter().flat_map(|one| &one.files);
        let mut files = files.filter(|(file, _)| file.ends_with(".toml"));
        files.find_map(|(_, text)| {
            let declared = text
                .lines()
                .any(|line| line.trim_start().starts_with(&wanted));
            declared.then(|| root_of(text)).flatten()
        })
    }
}

/// What a file is about: the `id` or `of` of its first table.
fn root_of(text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| matches!(*line, "[service]" | "[vocabulary]" | "[overlay]"))?;
    let named = lines.take_while(|line| !line.starts_with('['));
    named
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| matches!(key.trim(), "id" | "of"))
        .and_then(|(_, value)| value.split('"').nth(1).map(str::to_owned))
}

impl NewNumber {
    fn block(&self, name: &str) -> String {
        let mut block = format!(
            "\n[[parameter.{name}.value]]\nfrom       = {}\nis         = {}\n",
            self.from, self.value
        );
        if let Some(region) = self.region {
            block.push_str(&format!("region     = \"{region}\"\n"));
        }
        let source = quoted(&self.source);
        block.push_str(&format!("provenance = \"source\"\nsource     = {source}\n"));
        if let Some(article) = &self.article {
            block.push_str(&format!("article    = {}\n", quoted(article)));
        }
        block
    }
}

/// A text as TOML takes it, whatever is in it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for one in text.chars() {
        match one {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(one);
            }
            control if control.is_control() => quoted.push(' '),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}
