//! 「名字」 What a name means where it stands, and whether it may stand there.

use super::{Checked, Checker, Scope, checked};
use crate::Span;
use crate::schema::Binding;
use crate::suggest::suggest;
use crate::typed::TypedKind;
use crate::types::{CodeSet, Level, Type};
use crate::value::Value;
use std::sync::Arc;

impl<'s> Checker<'s> {
    pub(super) fn name(&mut self, name: &str, span: Span, scope: Scope<'s>) -> Option<Checked> {
        if let Some(kind) = scope.kind
            && let Some(field) = kind.fields.iter().position(|f| f.id.as_str() == name)
        {
            let ty = kind.fields[field].ty.clone();
            let field = TypedKind::Field(kind.clone(), field);
            return Some(checked(field, ty, Level::Record, span));
        }
        match self.schema.names.get(name) {
            Some(binding) => self.bound(name, binding, span, scope),
            None => {
                let help = self.unknown_help(name, scope);
                self.error(span, format!("没有 `{name}` 这个名字"), help);
                None
            }
        }
    }

    fn unknown_help(&self, name: &str, scope: Scope<'s>) -> Option<String> {
        let mut holders = self.schema.codes.values();
        if let Some(set) = holders.find(|set| set.number_of(name).is_some()) {
            return Some(format!("是不是想写 `{}.{name}`", set.id));
        }
        let fields = scope.kind.iter().flat_map(|kind| &kind.fields);
        let fields = fields.map(|field| field.id.as_str());
        let words = ["as_of", "members", "true", "false"];
        let names = self.schema.names.keys().map(String::as_str);
        suggest(name, names.chain(fields).chain(words))
    }

    fn bound(
        &mut self,
        name: &str,
        binding: &Binding,
        span: Span,
        scope: Scope<'s>,
    ) -> Option<Checked> {
        let (kind, ty, level) = match binding {
            Binding::Fact(fact) => (TypedKind::Fact(fact.clone()), fact.ty.clone(), fact.level),
            Binding::Derived(derived) => (
                TypedKind::Derived(derived.clone()),
                derived.is.ty().clone(),
                derived.is.level(),
            ),
            Binding::Parameter(parameter) => (
                TypedKind::Parameter(parameter.clone()),
                parameter.ty.clone(),
                Level::Constant,
            ),
        };
        if !self.allowed(name, level, &ty, &span, scope) {
            return None;
        }
        Some(checked(kind, ty, level, span))
    }

    /// Whether something about `level` may stand in the scope.
    fn allowed(
        &mut self,
        name: &str,
        level: Level,
        ty: &Type,
        span: &Span,
        scope: Scope<'s>,
    ) -> bool {
        if level <= scope.at {
            return true;
        }
        let (message, help) = match scope.at {
            Level::Constant => (
                format!("这里只能用参数和固定值，`{name}` 是{}的事实", level.label()),
                None,
            ),
            _ => {
                let wanted = match ty {
                    Type::Bool => "any(members, …)",
                    Type::Number { .. } => "sum(members, …)",
                    _ => "max(members, …)",
                };
                let written = wanted.replace('…', name);
                (
                    format!("`{name}` 是每个人的事实，这里要的是全家的，要写 {wanted}"),
                    Some(format!("例如 `{written}`")),
                )
            }
        };
        self.error(span.clone(), message, help);
        false
    }

    pub(super) fn dotted(
        &mut self,
        a: &str,
        b: &str,
        span: Span,
        scope: Scope<'s>,
    ) -> Option<Checked> {
        if a == "verdict" {
            return self.verdict(b, span, scope);
        }
        let whole = format!("{a}.{b}");
        if let Some(binding) = self.schema.names.get(&whole) {
            return self.bound(&whole, binding, span, scope);
        }
        match self.code_set(a, scope) {
            Some(set) => self.code(&set, b, span),
            None => {
                let sets = self.schema.codes.keys().map(|id| id.as_str());
                let names = self.schema.names.keys().map(String::as_str);
                let dotted = suggest(&whole, names.filter(|name| name.contains('.')));
                let help = dotted.or_else(|| suggest(a, sets.chain(["verdict"])));
                self.error(span, format!("没有 `{whole}` 这个名字"), help);
                None
            }
        }
    }

    /// The code set called `a`, or that of the fact or field called `a`.
    fn code_set(&self, a: &str, scope: Scope<'s>) -> Option<Arc<CodeSet>> {
        if let Some(set) = self.schema.codes.get(a) {
            return Some(set.clone());
        }
        let fields = scope.kind.iter().flat_map(|kind| &kind.fields);
        let field = fields.into_iter().find(|field| field.id.as_str() == a);
        let ty = match (field, self.schema.names.get(a)) {
            (Some(field), _) => &field.ty,
            (None, Some(Binding::Fact(fact))) => &fact.ty,
            (None, Some(Binding::Derived(derived))) => derived.is.ty(),
            (None, Some(Binding::Parameter(parameter))) => &parameter.ty,
            (None, None) => return None,
        };
        match ty {
            Type::Code(set) => Some(set.clone()),
            _ => None,
        }
    }

    fn code(&mut self, set: &Arc<CodeSet>, member: &str, span: Span) -> Option<Checked> {
        let Some(number) = set.number_of(member) else {
            let help = suggest(member, set.members.iter().map(|m| m.id.as_str()));
            let message = format!("“{}”里没有 `{member}`", set.label);
            self.error(span, message, help);
            return None;
        };
        let literal = TypedKind::Literal(Value::Code(number));
        Some(checked(
            literal,
            Type::Code(set.clone()),
            Level::Constant,
            span,
        ))
    }

    fn verdict(&mut self, service: &str, span: Span, scope: Scope<'s>) -> Option<Checked> {
        let Some(verdict) = self.schema.verdicts.get(service) else {
            let help = suggest(service, self.schema.verdicts.keys().map(|id| id.as_str()));
            self.error(span, format!("没有 `{service}` 这个服务的结论"), help);
            return None;
        };
        let (level, name) = (verdict.is.level(), format!("verdict.{service}"));
        if !self.allowed(&name, level, &Type::Bool, &span, scope) {
            return None;
        }
        Some(checked(
            TypedKind::Verdict(verdict.clone()),
            Type::Bool,
            level,
            span,
        ))
    }
}
