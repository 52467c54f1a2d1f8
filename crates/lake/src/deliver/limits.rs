//! 「来件的上限」 How much of a Parquet file is believed before anything is unpacked: its
//! size, its groups of rows, how much it says it swells to.

use crate::error::{LakeError, Result};
use datafusion::parquet::file::metadata::ParquetMetaData;

/// The largest file, bytes.
const BYTES_MAX: u64 = 1 << 30;
/// The most columns; a category has some dozen.
const COLUMNS_MAX: usize = 256;
/// The most rows of a file.
const ROWS_MAX: i64 = 50_000_000;
/// The most rows of a group.
const GROUP_ROWS_MAX: i64 = 10_000_000;
/// The most bytes of a group when unpacked: a group is what must be at hand at once.
const GROUP_BYTES_MAX: i64 = 1 << 30;
/// The most bytes of one column of a group when unpacked.
const CHUNK_BYTES_MAX: i64 = 256 << 20;

/// Whether a file is small enough to be looked into.
pub(super) fn size(bytes: u64) -> Result<()> {
    match bytes > BYTES_MAX {
        true => Err(LakeError::BadInput(format!(
            "文件有 {bytes} 字节，最多 {BYTES_MAX}。请分成几个文件"
        ))),
        false => Ok(()),
    }
}

/// Whether what a file says of itself can be taken on.
pub(super) fn shape(said: &ParquetMetaData) -> Result<()> {
    let wrong = |why: String| Err(LakeError::BadInput(why));
    let columns = said.file_metadata().schema_descr().num_columns();
    if columns > COLUMNS_MAX {
        return wrong(format!(
            "有 {columns} 列，最多 {COLUMNS_MAX}。请按数据目录导出"
        ));
    }
    let mut rows: i64 = 0;
    for (at, group) in said.row_groups().iter().enumerate() {
        let nth = at + 1;
        let chunks = group.columns().iter();
        let largest = chunks.clone().map(|one| one.uncompressed_size()).max();
        let unpacked = chunks.fold(0_i64, |sum, one| {
            sum.saturating_add(one.uncompressed_size().max(0))
        });
        let negative = group.num_rows() < 0
            || group
                .columns()
                .iter()
                .any(|one| one.uncompressed_size() < 0 || one.compressed_size() < 0);
        if negative {
            return wrong(format!(
                "第 {nth} 个行组写的大小是负数，文件坏了。请重新导出"
            ));
        }
        if group.num_rows() > GROUP_ROWS_MAX
            || unpacked > GROUP_BYTES_MAX
            || largest.is_some_and(|bytes| bytes > CHUNK_BYTES_MAX)
        {
            return wrong(format!(
                "第 {nth} 个行组太大：{} 行，解开有 {unpacked} 字节。请导出时把行组写小，\
                 例如一组十万行",
                group.num_rows()
            ));
        }
        rows = rows.saturating_add(group.num_rows());
    }
    if rows > ROWS_MAX {
        return wrong(format!(
            "有 {rows} 行，一个文件最多 {ROWS_MAX}。请分成几个文件"
        ));
    }
    if rows != said.file_metadata().num_rows() {
        return wrong("文件自己写的行数前后不一，文件坏了。请重新导出".to_owned());
    }
    Ok(())
}

/// A file that cannot be read through.
pub(super) fn broken(why: &dyn std::error::Error) -> LakeError {
    LakeError::BadInput(format!(
        "不是完整的 Parquet 文件，或者读到一半坏了：{why}。请重新导出、重新传"
    ))
}
