//! 「开门」 Opens the house: database, law, clock.

use crate::clock::WallClock;
use crate::commands::load;
use crate::ending::Failure;
use crate::keys;
use crate::options::{PartnerCa, Place};
use app::trust::Trust;
use app::{App, Law};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Db, Settings, StoreError};

/// Opens the database, making its folder when it is a file's.
pub(crate) async fn open_db(place: &Place) -> Result<Db, Failure> {
    if let Some(folder) = data_folder(&place.db) {
        std::fs::create_dir_all(&folder)?;
    }
    let audit = keys::key(&place.keys, "audit.key")?;
    let (sealing, made) = keys::sealing(&place.keys)?;
    let opened = Db::open(&place.db, Settings::new(audit, sealing)).await;
    if let Err(StoreError::SealingKeyWrong { .. } | StoreError::IndexKeyWrong) = &opened {
        // What was made just now is not what the database was sealed with: it must
        // not stand where the right key belongs.
        for file in made {
            std::fs::remove_file(file)?;
        }
    }
    Ok(opened?)
}

/// Opens the house under its law, with the machine's clock.
pub(crate) async fn open(place: &Place) -> Result<App, Failure> {
    let law = Law::new(load(&place.pack)?);
    let app = App::new(open_db(place).await?, law, Arc::new(WallClock));
    // What was signed here since stands above the folder.
    Ok(app.renewed().await?.unwrap_or(app))
}

/// Whose certificates are believed on the way out.
///
/// # Errors
/// [`Failure::BadInput`] for a file without certificates.
pub(crate) fn trust(ca: &PartnerCa) -> Result<Trust, Failure> {
    let Some(file) = &ca.partner_ca else {
        return Ok(Trust::default());
    };
    let wrong = |why| Failure::BadInput(format!("CA 证书文件 {} 不能用：{why}", file.display()));
    let pem = std::fs::read(file).map_err(|why| wrong(why.to_string()))?;
    Trust::only(&pem).map_err(wrong)
}

fn data_folder(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    Path::new(path)
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(Path::to_path_buf)
}
