//! 「文件进出」 Forms that carry files, and a file given out: by its own media type
//! only, never as a page, opened in a box that may do nothing.

use crate::guard::FILE_POLICY;
use crate::page::percent;
use crate::site::Site;
use crate::trouble::Trouble;
use app::attachment::OpenedFile;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The most parts of one form.
const PARTS_MAX: usize = 200;

/// A form with files, as it came; names may repeat.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    /// Name and value of what was typed.
    pub(crate) fields: Vec<(String, String)>,
    /// Field, file name, bytes; places left empty are left out.
    pub(crate) files: Vec<(String, String, Vec<u8>)>,
}

impl Upload {
    /// The first value of a field; empty when it did not come.
    pub(crate) fn one(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_name = self.fields.iter().filter(move |(field, _)| field == name);
        of_name.map(|(_, value)| value.as_str())
    }
}

impl FromRequest<Site> for Upload {
    type Rejection = Trouble;

    async fn from_request(request: Request, site: &Site) -> Result<Upload, Trouble> {
        let mut parts = Multipart::from_request(request, site)
            .await
            .map_err(|_| broken())?;
        let mut upload = Upload::default();
        while let Some(part) = parts.next_field().await.map_err(|_| broken())? {
            if upload.fields.len() + upload.files.len() >= PARTS_MAX {
                return Err(broken());
            }
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(|_| broken())?;
            match file {
                // A browser sends a place for a file also when none was chosen.
                Some(file) if file.is_empty() && bytes.is_empty() => {}
                Some(file) => upload.files.push((name, file, bytes.to_vec())),
                None => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    upload.fields.push((name, text));
                }
            }
        }
        Ok(upload)
    }
}

fn broken() -> Trouble {
    let says = "照片或文件没有传完整，什么都没有存。请再传一次，一次少传几张";
    Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, says)
}

/// A file, given out: a picture to look at, anything else to keep.
pub(crate) fn served(file: OpenedFile) -> Response {
    let way = match file.media.starts_with("image/") {
        true => "inline",
        false => "attachment",
    };
    let ending = file
        .name
        .rsplit_once('.')
        .map_or("bin", |(_, ending)| ending);
    let called = format!(
        "{way}; filename=\"file.{ending}\"; filename*=UTF-8''{}",
        percent(&file.name)
    );
    let head = [
        (header::CONTENT_TYPE, file.media),
        (header::CONTENT_DISPOSITION, called),
        (header::CONTENT_SECURITY_POLICY, FILE_POLICY.to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (head, file.body).into_response()
}
