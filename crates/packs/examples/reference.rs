//! 「写法手册」 Prints docs/packs.md:
//! `cargo run -p packs --example reference > docs/packs.md`.

fn main() {
    print!("{}", packs::key_reference());
}
