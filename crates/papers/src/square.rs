//! 「二维码」 A square code as SVG, drawn here and nowhere else.

use crate::Fault;
use qrcode::render::svg;
use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};

/// The modules of a square, row by row: whether each is dark.
///
/// # Errors
/// The text is too long for a square.
pub fn square(text: &str) -> Result<Vec<Vec<bool>>, Fault> {
    let code = code(text)?;
    let dark: Vec<bool> = code
        .to_colors()
        .iter()
        .map(|one| *one == Color::Dark)
        .collect();
    Ok(dark.chunks(code.width()).map(<[bool]>::to_vec).collect())
}

/// A square as SVG.
///
/// # Errors
/// As [`square`].
pub fn square_svg(text: &str) -> Result<String, Fault> {
    let code = code(text)?;
    Ok(code
        .render::<svg::Color<'_>>()
        .module_dimensions(4, 4)
        .quiet_zone(true)
        .build())
}

fn code(text: &str) -> Result<QrCode, Fault> {
    let made = QrCode::with_error_correction_level(text, EcLevel::M);
    made.map_err(|why| Fault::Broken(why.to_string()))
}
