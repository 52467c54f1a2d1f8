//! 「交接清单」 What a department says of a file it hands over. The file must be
//! what the slip says, byte for byte.

use super::decode::TextEncoding;
use super::rows::FileFormat;
use crate::error::{AppError, Result};
use engine_pool::FileKind;
use kernel::{Date, Slug};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The ending of a slip's name.
const ENDING: &str = ".manifest.json";

/// A slip.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// Who sends it.
    pub department: Slug,
    /// What it holds.
    pub category: Slug,
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows without the header.
    pub rows: u64,
    /// The file's name, beside the slip.
    pub file: String,
    /// SHA-256 of the file's bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// How a text file is written; the catalogue's usual way when not said.
    #[serde(default)]
    pub encoding: Option<WrittenIn>,
    /// The file.
    #[serde(skip)]
    pub path: PathBuf,
}

/// Encodings a slip may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum WrittenIn {
    /// GB 18030.
    #[serde(rename = "GB18030", alias = "gb18030")]
    Gb18030,
    /// UTF-8.
    #[serde(rename = "UTF-8", alias = "utf-8", alias = "utf8")]
    Utf8,
}

/// Why a file is not what its slip says.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// No file beside the slip.
    #[error("清单旁边没有文件 {path}（{why}）。请补齐再导入")]
    NoFile {
        /// The file.
        path: String,
        /// The system's words.
        why: String,
    },
    /// Other bytes.
    #[error("{path} 和清单对不上：内容摘要不同，多半是传输不完整或被改过。请重新提供")]
    OtherBytes {
        /// The file.
        path: String,
    },
}

impl Manifest {
    /// Every slip in a folder and beneath, in the order of their paths.
    ///
    /// # Errors
    /// A folder that cannot be read, a slip that is none.
    pub fn all_in(folder: &Path) -> Result<Vec<Manifest>> {
        let mut found = Vec::new();
        walk(folder, &mut found)?;
        found.sort();
        found.iter().map(|path| Manifest::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Manifest> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|why| AppError::BadInput(format!("打不开清单 {shown}：{why}")))?;
        let manifest: Manifest = serde_json::from_str(&text).map_err(|why| {
            AppError::BadInput(format!(
                "清单 {shown} 读不懂：{why}。请按交接清单的格式重写"
            ))
        })?;
        let name = path.to_string_lossy();
        let file = PathBuf::from(name.strip_suffix(ENDING).unwrap_or(&name));
        Ok(Manifest {
            path: file,
            ..manifest
        })
    }

    /// Whether the file is there and has the bytes the slip says.
    ///
    /// # Errors
    /// [`ManifestFault`] when not.
    pub fn check_bytes(&self) -> Result<(), ManifestFault> {
        let path = self.path.display().to_string();
        let no_file = |why: io::Error| ManifestFault::NoFile {
            path: path.clone(),
            why: why.to_string(),
        };
        let mut file = File::open(&self.path).map_err(no_file)?;
        let mut hasher = Sha256::new();
        io::copy(&mut file, &mut hasher).map_err(no_file)?;
        let digest: String = hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if digest == self.sha256.to_ascii_lowercase() {
            Ok(())
        } else {
            Err(ManifestFault::OtherBytes { path })
        }
    }

    /// What the file is, by the slip and the catalogue.
    pub fn format(&self, usual: FileKind) -> FileFormat {
        match (usual, self.encoding) {
            (FileKind::Csv, Some(WrittenIn::Utf8)) => FileFormat::Csv(TextEncoding::Utf8),
            (FileKind::Csv, _) => FileFormat::Csv(TextEncoding::Gb18030),
            (FileKind::Xlsx, _) => FileFormat::Xlsx,
            (FileKind::Jsonl, _) => FileFormat::JsonLines,
        }
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable =
        |why: io::Error| AppError::BadInput(format!("打不开 {}：{why}", folder.display()));
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.to_string_lossy().ends_with(ENDING) {
            found.push(path);
        }
    }
    Ok(())
}
