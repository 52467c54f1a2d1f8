//! 「字库」 The letters papers are printed in: ours, and those a house adds for rare
//! characters of names.

use std::sync::Arc;
use typst::foundations::Bytes;
use typst::text::Font;

/// Cut from Noto Sans CJK SC (SIL Open Font License 1.1, beside it): the characters
/// of the general standard list (通用规范汉字表, 8,105), of GB 2312 and Latin.
const OURS: &[u8] = include_bytes!("../fonts/NuanxinHei-Regular.otf");

/// The letters of a house. Cheap to clone.
#[derive(Clone)]
pub struct Letters {
    fonts: Arc<Vec<Font>>,
}

impl Default for Letters {
    fn default() -> Self {
        Letters {
            fonts: Arc::new(Font::iter(Bytes::new(OURS)).collect()),
        }
    }
}

impl Letters {
    /// Ours and those of another font file, for what ours lack. `None`: it is no
    /// font file.
    #[must_use]
    pub fn with(&self, file: Vec<u8>) -> Option<Letters> {
        let more: Vec<Font> = Font::iter(Bytes::new(file)).collect();
        if more.is_empty() {
            return None;
        }
        let fonts = self.fonts.iter().cloned().chain(more).collect();
        Some(Letters {
            fonts: Arc::new(fonts),
        })
    }

    /// The characters of a text no font of ours can print, each once.
    pub fn lacking(&self, text: &str) -> Vec<char> {
        let mut lacking: Vec<char> = Vec::new();
        for letter in text.chars().filter(|one| !one.is_control()) {
            let known = |font: &Font| font.info().coverage.contains(u32::from(letter));
            if !self.fonts.iter().any(known) && !lacking.contains(&letter) {
                lacking.push(letter);
            }
        }
        lacking
    }

    /// The names of the fonts, ours first.
    pub(crate) fn families(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for font in self.fonts.iter() {
            let name = &font.info().family;
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    pub(crate) fn fonts(&self) -> &[Font] {
        &self.fonts
    }
}
