//! 「测速」 `nuanxin bench`: the measurements of docs/performance.md.

use crate::ending::{Ending, Failure, Outcome};
use crate::options::BenchScreenOptions;
use crate::say;
use ::bench::BenchError;

mod pool;
mod web;

pub(crate) use pool::pool;
pub(crate) use web::web;

pub(crate) fn screen(options: BenchScreenOptions) -> Outcome {
    if options.people == 0 || options.benefits == 0 {
        return Err(Failure::BadInput(
            "人数和待遇数都至少是 1。例：--people 20000 --benefits 10".to_owned(),
        ));
    }
    let wanted = ::bench::ScreenOptions {
        pack: options.pack,
        people: options.people,
        benefits: options.benefits,
        complete: options.known,
        peers: options.peers,
        folder: options.folder,
    };
    match ::bench::screen(&wanted, &mut |line| say!("{line}")) {
        Ok(()) => Ok(Ending::Yes),
        Err(BenchError::Disagree(why)) => {
            say!("结果不一致，不报时间：{why}");
            Ok(Ending::No)
        }
        Err(BenchError::Pack(why)) => Err(Failure::BadInput(why)),
        Err(why) => Err(Failure::Broken(why.to_string())),
    }
}
