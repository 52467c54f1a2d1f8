//! 「导入」 The one gate for department data: files by hand today, the same gate
//! for every later way in.

mod decode;
mod rows;

pub use decode::TextEncoding;
pub use rows::{FileFault, FileFormat, RawRow, Rows};
