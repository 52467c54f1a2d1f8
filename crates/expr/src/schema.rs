//! 「名字表」 What an expression may name: facts, derived facts, parameters, code
//! sets, kinds of records, other services' verdicts. Packs build one per
//! service (clone the shared one and add the service's own); declarations are
//! shared, so programs of many services agree on their columns by id.

use crate::typed::Typed;
use crate::types::{CodeSet, Level, Type};
use kernel::Slug;
use std::collections::BTreeMap;
use std::sync::Arc;

/// 「基本事实」 A column of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactDecl {
    /// Unique among all facts of a frame (the name in rules may be shorter).
    pub id: Slug,
    /// The Chinese name.
    pub label: String,
    /// [`Level::Household`] or [`Level::Person`].
    pub level: Level,
    /// The type.
    pub ty: Type,
}

/// 「参数」 A number of the law: dated and by region. A program sees one value
/// per region for the day of judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterDecl {
    /// Unique among all parameters of a program.
    pub id: Slug,
    /// The Chinese name.
    pub label: String,
    /// The type.
    pub ty: Type,
}

/// 「推导事实」 A fact with a formula; computed once however often it is named.
#[derive(Clone, Debug)]
pub struct DerivedDecl {
    /// Its id.
    pub id: Slug,
    /// The Chinese name.
    pub label: String,
    /// The checked formula.
    pub is: Typed,
}

/// A field of a kind of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDecl {
    /// As rules write it inside an aggregate over the records.
    pub id: Slug,
    /// The Chinese name.
    pub label: String,
    /// The type.
    pub ty: Type,
}

/// 「记录」 A kind of records a person may have any number of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordKind {
    /// As rules write it after `records.`.
    pub id: Slug,
    /// The Chinese name.
    pub label: String,
    /// All fields, the date field among them.
    pub fields: Vec<FieldDecl>,
    /// Which field `within N months` looks at; its type is Date.
    pub date_field: usize,
}

/// What a name means.
#[derive(Clone, Debug)]
pub(crate) enum Binding {
    Fact(Arc<FactDecl>),
    Derived(Arc<DerivedDecl>),
    Parameter(Arc<ParameterDecl>),
}

/// The names an expression may use.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub(crate) names: BTreeMap<String, Binding>,
    pub(crate) codes: BTreeMap<Slug, Arc<CodeSet>>,
    pub(crate) records: BTreeMap<Slug, Arc<RecordKind>>,
    pub(crate) verdicts: BTreeMap<Slug, Arc<DerivedDecl>>,
}

/// Why a declaration cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The name is taken.
    #[error("“{0}”已经有了，请换一个名字")]
    Duplicate(String),
    /// The name belongs to the language.
    #[error("“{0}”是规则语言自己的词，请换一个名字")]
    Reserved(String),
    /// A fact must be about a household or a person.
    #[error("“{0}”只能是家庭（household）或个人（person）的事实")]
    Level(String),
    /// Too many decimals.
    #[error("“{0}”的小数最多 6 位")]
    Scale(String),
    /// A code set without members, with too many, or with one twice.
    #[error("代码表“{0}”是空的、太长，或者有重复")]
    Codes(String),
    /// The date field is missing or no date.
    #[error("记录“{0}”的日期字段不存在、不是日期，或者字段有重复")]
    DateField(String),
    /// A verdict is a Bool.
    #[error("“{0}”的结论必须是“是否”")]
    Verdict(String),
}

impl Schema {
    /// No names yet.
    pub fn new() -> Schema {
        Schema::default()
    }

    /// Takes in a fact under `name` (usually its id; may be dotted, `a.b`).
    pub fn add_fact(&mut self, name: &str, fact: FactDecl) -> Result<Arc<FactDecl>, SchemaError> {
        if !matches!(fact.level, Level::Household | Level::Person) {
            return Err(SchemaError::Level(name.to_owned()));
        }
        check_scale(name, &fact.ty)?;
        let fact = Arc::new(fact);
        self.bind(name, Binding::Fact(fact.clone()))?;
        Ok(fact)
    }

    /// Takes in a parameter under `name` (may be dotted, `dibao.standard`).
    pub fn add_parameter(
        &mut self,
        name: &str,
        parameter: ParameterDecl,
    ) -> Result<Arc<ParameterDecl>, SchemaError> {
        check_scale(name, &parameter.ty)?;
        let parameter = Arc::new(parameter);
        self.bind(name, Binding::Parameter(parameter.clone()))?;
        Ok(parameter)
    }

    /// Takes in a derived fact; its formula was checked against this schema, so
    /// formulas cannot be cyclic (see [`crate::dependency_order`]).
    pub fn add_derived(
        &mut self,
        name: &str,
        derived: DerivedDecl,
    ) -> Result<Arc<DerivedDecl>, SchemaError> {
        let derived = Arc::new(derived);
        self.bind(name, Binding::Derived(derived.clone()))?;
        Ok(derived)
    }

    /// Takes in a code set.
    pub fn add_codes(&mut self, codes: CodeSet) -> Result<Arc<CodeSet>, SchemaError> {
        let id = codes.id.clone();
        let mut members: Vec<_> = codes.members.iter().map(|m| &m.id).collect();
        members.sort();
        members.dedup();
        let shaped = members.len() == codes.members.len()
            && !members.is_empty()
            && members.len() <= usize::from(u16::MAX);
        if !shaped {
            return Err(SchemaError::Codes(id.to_string()));
        }
        if self.codes.contains_key(&id) {
            return Err(SchemaError::Duplicate(id.to_string()));
        }
        let codes = Arc::new(codes);
        self.codes.insert(id, codes.clone());
        Ok(codes)
    }

    /// Takes in a kind of records.
    pub fn add_records(&mut self, kind: RecordKind) -> Result<Arc<RecordKind>, SchemaError> {
        let id = kind.id.clone();
        for field in &kind.fields {
            check_scale(field.id.as_str(), &field.ty)?;
        }
        let mut fields: Vec<_> = kind.fields.iter().map(|f| &f.id).collect();
        fields.sort();
        fields.dedup();
        let date = kind.fields.get(kind.date_field).map(|f| &f.ty);
        if date != Some(&Type::Date) || fields.len() != kind.fields.len() {
            return Err(SchemaError::DateField(id.to_string()));
        }
        if self.records.contains_key(&id) {
            return Err(SchemaError::Duplicate(id.to_string()));
        }
        let kind = Arc::new(kind);
        self.records.insert(id, kind.clone());
        Ok(kind)
    }

    /// Takes in another service's verdict, `verdict.SERVICE`: its checked
    /// formula, or a checked name of a Bool fact where the verdict is a column.
    pub fn add_verdict(&mut self, service: Slug, verdict: DerivedDecl) -> Result<(), SchemaError> {
        if verdict.is.ty() != &Type::Bool {
            return Err(SchemaError::Verdict(service.to_string()));
        }
        if self.verdicts.contains_key(&service) {
            return Err(SchemaError::Duplicate(service.to_string()));
        }
        self.verdicts.insert(service, Arc::new(verdict));
        Ok(())
    }

    /// A code set by id.
    pub fn codes(&self, id: &str) -> Option<&Arc<CodeSet>> {
        self.codes.get(id)
    }

    /// A kind of records by id.
    pub fn records(&self, id: &str) -> Option<&Arc<RecordKind>> {
        self.records.get(id)
    }

    /// Whether a fact, derived fact or parameter has this name.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    fn bind(&mut self, name: &str, binding: Binding) -> Result<(), SchemaError> {
        if crate::lexer::is_reserved(name) {
            return Err(SchemaError::Reserved(name.to_owned()));
        }
        if self.names.contains_key(name) {
            return Err(SchemaError::Duplicate(name.to_owned()));
        }
        self.names.insert(name.to_owned(), binding);
        Ok(())
    }
}

fn check_scale(name: &str, ty: &Type) -> Result<(), SchemaError> {
    if ty.scale().unwrap_or(0) > crate::types::SCALE_MAX {
        return Err(SchemaError::Scale(name.to_owned()));
    }
    Ok(())
}
