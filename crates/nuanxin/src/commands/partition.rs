//! 「数据海分区」 `nuanxin partition`: the pool's records in parts by ranges of people, on
//! PostgreSQL. Once, while nobody works; killed in the middle, nothing has changed.

use crate::ending::{Ending, Outcome};
use crate::house::open_db;
use crate::options::PartitionOptions;
use crate::say;

pub(crate) async fn run(options: PartitionOptions) -> Outcome {
    let db = open_db(&options.place).await?;
    let (parts, people) = (options.parts, options.people);
    let begins = db
        .write(async move |tx| tx.partition_pool(parts, people).await)
        .await;
    let count = db.read(async |tx| tx.count_records().await).await;
    db.close().await;
    let begins = begins?;
    say!(
        "数据海分成了 {} 份，一共 {} 条记录",
        begins.len() + 1,
        count?
    );
    let each: Vec<String> = begins.iter().map(i64::to_string).collect();
    say!("从这些编号的人起换下一份：{}", each.join("、"));
    Ok(Ending::Yes)
}
