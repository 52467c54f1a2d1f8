//! 「案头」 All that typesetting may see while one paper is made: its template, a few
//! files in memory, the letters. Absent on purpose: the machine's files and fonts,
//! packages from elsewhere, today's date.

use crate::Letters;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

/// The name templates are printed under.
const MAIN: &str = "main.typ";

/// One paper's world.
pub(crate) struct Desk {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    letters: Letters,
    main: FileId,
    files: Vec<(FileId, Bytes)>,
}

impl Desk {
    /// A template with the files it reads, by their names. `Err`: a name that is none.
    pub(crate) fn new<const N: usize>(
        template: &'static str,
        letters: &Letters,
        files: [(&str, Bytes); N],
    ) -> Result<Desk, String> {
        let main = place(MAIN)?;
        let mut held = vec![(main, Bytes::from_string(template))];
        for (name, bytes) in files {
            held.push((place(name)?, bytes));
        }
        Ok(Desk {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(letters.fonts())),
            letters: letters.clone(),
            main,
            files: held,
        })
    }
}

fn place(name: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(name).map_err(|why| format!("{name}: {why:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let bytes = self.file(id)?;
        let text = bytes.as_str().map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text.to_owned()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let held = self.files.iter().find(|(place, _)| *place == id);
        let missing = || FileError::NotFound(id.get().vpath().get_without_slash().into());
        held.map(|(_, bytes)| bytes.clone()).ok_or_else(missing)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.letters.fonts().get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
