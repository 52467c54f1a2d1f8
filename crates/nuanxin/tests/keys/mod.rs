//! The settings of a database whose keys the binary made.

use std::fs;
use std::path::Path;
use store::{Profile, SealingKey, SealingKeys, Settings};

/// As the binary would open it: the first sealing key is enough.
pub(crate) fn settings(folder: &Path) -> Settings {
    let key = |name: &str| -> [u8; 32] {
        let bytes = fs::read(folder.join(name)).unwrap();
        bytes.try_into().unwrap()
    };
    let first = SealingKey {
        no: 1,
        profile: Profile::Aes256Gcm,
        bytes: key("field-1.key"),
    };
    let sealing = SealingKeys {
        fields: vec![first],
        index: key("index.key"),
    };
    Settings::new(key("audit.key"), sealing)
}
