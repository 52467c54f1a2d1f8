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
