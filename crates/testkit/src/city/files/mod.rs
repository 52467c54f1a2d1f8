//! 「部门送来的文件」 Writes what the departments would send: one file and one
//! manifest a category; some late, some missing, one sent twice, some rows wrong
//! on purpose. Everything planted is written down in `truth.json`, so that tests
//! can ask the gate for every bit of it.

mod fault;
mod format;
mod manifest;
mod plant;

pub use fault::{FaultKind, Faulty};
pub use manifest::{Contradicted, Late, Manifest, Repeated, Truth};

use super::City;
use super::cell::Row;
use super::departments::{Sheet, Source, source};
use super::dice::mix;
use super::rates;
use engine_pool::{Catalogue, Category, Department, Frequency};
use kernel::{Date, Period};
use plant::Plants;
use std::path::{Path, PathBuf};

/// Why the files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The disk said no.
    #[error("写不了 {path}：{why}")]
    Disk {
        /// The file.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// A file could not be put together.
    #[error("数据类“{category}”的文件没有写成：{why}")]
    Format {
        /// The category.
        category: String,
        /// Why.
        why: String,
    },
    /// The catalogue has a category the city knows nothing about.
    #[error("合成城市还不会生成数据类“{0}”。请在 city/departments 里补上")]
    UnknownCategory(String),
    /// The city fills a field the catalogue does not have.
    #[error("数据类“{category}”没有字段“{field}”，合成城市却要填它")]
    UnknownField {
        /// The category.
        category: String,
        /// The field.
        field: String,
    },
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// One for each file that came, a repeated file not counted again.
    pub manifests: Vec<Manifest>,
    /// What was planted; also in `truth.json`.
    pub truth: Truth,
    /// Rows of all files.
    pub rows: u64,
    /// Bytes of all files, without manifests.
    pub bytes: u64,
}

/// Writes `<out>/<department>/<category>.<ext>` with `<category>.<ext>.manifest.json`
/// beside it, and `<out>/truth.json`. `today` is the day the files are collected;
/// each speaks of the last day its frequency allows.
///
/// # Errors
/// [`WriteError`]; what was written before stays.
pub fn write_department_files(
    city: &City,
    catalogue: &Catalogue,
    out: &Path,
    today: Date,
) -> Result<Written, WriteError> {
    let fates = Fates::draw(city, catalogue);
    let mut written = Written {
        manifests: Vec::new(),
        truth: Truth::new(city, today),
        rows: 0,
        bytes: 0,
    };
    let plants = Plants::choose(city, &mut written.truth);
    for department in catalogue.departments() {
        let folder = out.join(department.id.as_str());
        std::fs::create_dir_all(&folder).map_err(|why| disk(&folder, why))?;
        for category in department.categories.values() {
            match fates.of(category) {
                Coming::Missing => written.truth.missing.push(category.id.to_string()),
                coming => {
                    let parcel = Parcel {
                        city,
                        department,
                        category,
                        plants: &plants,
                        coming,
                        today,
                    };
                    parcel.send(&folder, &mut written)?;
                }
            }
        }
    }
    let path = out.join("truth.json");
    save(&path, &json(&written.truth, "truth")?)?;
    Ok(written)
}

/// How a file comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coming {
    InTime,
    Late,
    Missing,
    Twice,
}

/// Which files come late, twice or not at all: chosen by seed among those that
/// bear little on anyone, so that the city's families stay what they are.
struct Fates {
    chosen: Vec<(String, Coming)>,
}

impl Fates {
    fn draw(city: &City, catalogue: &Catalogue) -> Self {
        let minor = |category: &&Category| {
            let rare = matches!(source(category.id.as_str()), Some(Source::Rare(_)));
            rare && matches!(category.frequency, Frequency::D | Frequency::M)
        };
        let mut minor: Vec<&Category> = catalogue.categories().filter(minor).collect();
        minor.sort_by_key(|category| mix(city.seed, u64::from(category.no), 11));
        let fates = std::iter::repeat_n(Coming::Missing, rates::MISSING_FILES)
            .chain(std::iter::repeat_n(Coming::Late, rates::LATE_FILES))
            .chain(std::iter::repeat_n(Coming::Twice, rates::REPEATED_FILES));
        let ids = minor.iter().map(|category| category.id.to_string());
        Fates {
            chosen: ids.zip(fates).collect(),
        }
    }

    fn of(&self, category: &Category) -> Coming {
        let mut chosen = self.chosen.iter();
        let found = chosen.find(|(id, _)| id == category.id.as_str());
        found.map_or(Coming::InTime, |(_, coming)| *coming)
    }
}

/// The last day a file of that frequency speaks of when collected on `today`.
pub(crate) fn due_as_of(frequency: Frequency, today: Date) -> Date {
    let yesterday = today.pred_opt().unwrap_or(today);
    let month = Period::of(today).plus_months(-1);
    match frequency {
        Frequency::R | Frequency::OnRequest | Frequency::D => yesterday,
        Frequency::M => month.last_day(),
        Frequency::Q => month.plus_months(-((month.month() % 3) as i32)).last_day(),
        // After the beginning of the school year.
        Frequency::Y => {
            let months_past_september = (month.month() + 3) % 12;
            month
                .plus_months(-(months_past_september as i32))
                .last_day()
        }
    }
}

/// One category on its way.
struct Parcel<'a> {
    city: &'a City,
    department: &'a Department,
    category: &'a Category,
    plants: &'a Plants,
    coming: Coming,
    today: Date,
}

impl Parcel<'_> {
    fn send(&self, folder: &Path, written: &mut Written) -> Result<(), WriteError> {
        let due = due_as_of(self.category.frequency, self.today);
        let late_by = u64::from(self.category.frequency.days_fresh()) + 30;
        let as_of = match self.coming {
            Coming::Late => due - chrono::Days::new(late_by),
            _ => due,
        };
        let mut rows = self.rows(as_of)?;
        let extension = format::extension(self.category.file);
        let name = format!("{}.{extension}", self.category.id);
        let file = format!("{}/{name}", self.department.id);
        let planted = fault::plant(self.city, self.category, &file, &mut rows);
        let bytes = format::render(self.category, &rows, as_of)?;
        let manifest = Manifest::of(self.department, self.category, self.city, as_of).with(
            &name,
            rows.len(),
            &bytes,
        );
        save(&folder.join(&name), &bytes)?;
        let beside = json(&manifest, self.category.id.as_str())?;
        save(&folder.join(format!("{name}.manifest.json")), &beside)?;
        if self.coming == Coming::Twice {
            self.send_again(folder, &manifest, &bytes, &mut written.truth)?;
        }
        if self.coming == Coming::Late {
            written.truth.late.push(Late {
                category: self.category.id.to_string(),
                as_of,
                due,
            });
        }
        written.rows += rows.len() as u64;
        written.bytes += bytes.len() as u64;
        written.truth.faulty.extend(planted);
        written.manifests.push(manifest);
        Ok(())
    }

    /// The same bytes under another name, as when somebody presses twice.
    fn send_again(
        &self,
        folder: &Path,
        manifest: &Manifest,
        bytes: &[u8],
        truth: &mut Truth,
    ) -> Result<(), WriteError> {
        let extension = format::extension(self.category.file);
        let name = format!("{}.again.{extension}", self.category.id);
        let again = Manifest {
            file: name.clone(),
            ..manifest.clone()
        };
        save(&folder.join(&name), bytes)?;
        let beside = json(&again, self.category.id.as_str())?;
        save(&folder.join(format!("{name}.manifest.json")), &beside)?;
        truth.repeated.push(Repeated {
            file: format!("{}/{name}", self.department.id),
            same_as: format!("{}/{}", self.department.id, manifest.file),
        });
        Ok(())
    }

    fn rows(&self, as_of: Date) -> Result<Vec<Row>, WriteError> {
        let id = self.category.id.as_str();
        let source = source(id).ok_or_else(|| WriteError::UnknownCategory(id.to_owned()))?;
        let mut sheet = Sheet::new(self.city, self.category, as_of);
        sheet.everyone(source);
        self.plants.apply(&mut sheet);
        if let Some(field) = sheet.unknown.first() {
            return Err(WriteError::UnknownField {
                category: id.to_owned(),
                field: (*field).to_owned(),
            });
        }
        Ok(sheet.rows)
    }
}

fn disk(path: &Path, why: std::io::Error) -> WriteError {
    WriteError::Disk {
        path: path.to_owned(),
        why,
    }
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    std::fs::write(path, bytes).map_err(|why| disk(path, why))
}

fn json(value: &impl serde::Serialize, category: &str) -> Result<Vec<u8>, WriteError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|why| WriteError::Format {
        category: category.to_owned(),
        why: why.to_string(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
