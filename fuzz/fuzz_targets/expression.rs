//! 「表达式」 Any text: read, print, read again, check, compile. No panic, no
//! exhausted stack, errors in place, the printed text reads the same.
#![no_main]

use expr::{FactDecl, Level, ProgramBuilder, Schema, Type, Unit, check, parse};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema = Schema::new();
    for (id, level, ty) in [
        ("a", Level::Person, Type::number(Unit::YUAN)),
        ("b", Level::Household, Type::Bool),
        ("c", Level::Person, Type::Date),
    ] {
        if let Ok(id) = id.parse::<kernel::Slug>() {
            let label = id.to_string();
            let name = label.clone();
            let decl = FactDecl { id, label, level, ty };
            let _ = schema.add_fact(&name, decl);
        }
    }
    schema
});

fuzz_target!(|text: &str| {
    let ast = match parse(text) {
        Ok(ast) => ast,
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(text.get(error.span).is_some());
            }
            return;
        }
    };
    assert_eq!(parse(&ast.to_string()).as_ref(), Ok(&ast));
    for at in [Level::Constant, Level::Household, Level::Person] {
        if let Ok(typed) = check(&ast, &SCHEMA, at) {
            let mut builder = ProgramBuilder::new();
            builder.add(&typed);
            builder.finish();
        }
    }
});
