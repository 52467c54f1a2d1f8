//! 「开门」 Opens the house: database, law, clock.

use crate::clock::WallClock;
use crate::commands::load;
use crate::ending::Failure;
use crate::keys;
use crate::options::Place;
use app::{App, Law};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Db, Settings};

/// Opens the database, making its folder when it is a file's.
pub(crate) async fn open_db(place: &Place) -> Result<Db, Failure> {
    if let Some(folder) = data_folder(&place.db) {
        std::fs::create_dir_all(&folder)?;
    }
    let key = keys::key(&place.keys, "audit.key")?;
    Ok(Db::open(&place.db, Settings::new(key)).await?)
}

/// Opens the house under its law, with the machine's clock.
pub(crate) async fn open(place: &Place) -> Result<App, Failure> {
    let law = Law::new(load(&place.pack)?);
    Ok(App::new(open_db(place).await?, law, Arc::new(WallClock)))
}

fn data_folder(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    Path::new(path)
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(Path::to_path_buf)
}
