//! 「检查」 Prints everything that is wrong with a pack:
//! `cargo run -p packs --example check packs/pinghu`.

fn main() -> std::process::ExitCode {
    let Some(dir) = std::env::args().nth(1) else {
        eprintln!("用法：check 文件夹");
        return std::process::ExitCode::from(2);
    };
    let report = packs::load(std::path::Path::new(&dir)).report;
    print!("{}", report.render());
    std::process::ExitCode::from(u8::from(report.errors() > 0))
}
