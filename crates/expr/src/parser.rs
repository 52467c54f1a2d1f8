//! 「语法」 Text → tree. Reads on after a mistake so that one run tells them all.
//! Bounded in length and depth: no text can exhaust the stack.

use crate::ast::*;
use crate::lexer::{Token, is_reserved, tokens};
use crate::suggest::suggest;
use crate::{ExprError, Span};

/// The longest text, in bytes.
pub(crate) const LENGTH_MAX: usize = 8_192;
/// The highest tree.
pub(crate) const HEIGHT_MAX: u16 = 100;
/// Binding strength of `not`, between `and` and the comparisons.
const NOT_STRENGTH: u8 = 3;
/// Binding strength of the sign of a number.
const SIGN_STRENGTH: u8 = 7;
/// Binding strength of comparisons and `in`.
const COMPARISON: u8 = 4;

/// Reads an expression. All errors found are reported, at least one.
pub fn parse(text: &str) -> Result<Ast, Vec<ExprError>> {
    if text.len() > LENGTH_MAX {
        let message = format!("表达式太长，最多 {LENGTH_MAX} 个字节。请拆成几个推导事实");
        return Err(vec![ExprError::new(0..0, message)]);
    }
    let (tokens, errors) = tokens(text);
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        errors,
        too_deep: false,
    };
    let root = parser.expression(0);
    parser.end();
    if parser.errors.is_empty() {
        let text = text.into();
        Ok(Ast { text, root })
    } else {
        parser.errors.sort_by_key(|e| (e.span.start, e.span.end));
        parser.errors.dedup();
        Err(parser.errors)
    }
}

/// How strongly an operator binds.
pub(crate) fn strength(op: BinaryOp) -> u8 {
    use BinaryOp::*;
    match op {
        Or => 1,
        And => 2,
        Equal | NotEqual | Less | AtMost | Greater | AtLeast => COMPARISON,
        Add | Subtract => 5,
        Multiply | Divide => 6,
    }
}

struct Parser<'t> {
    tokens: Vec<(Token<'t>, Span)>,
    at: usize,
    depth: u16,
    errors: Vec<ExprError>,
    too_deep: bool,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Token<'t> {
        self.tokens.get(self.at).map_or(Token::End, |(t, _)| *t)
    }

    fn peek_after(&self, ahead: usize) -> Token<'t> {
        let found = self.tokens.get(self.at + ahead);
        found.map_or(Token::End, |(t, _)| *t)
    }

    fn span(&self) -> Span {
        let place = self.at.min(self.tokens.len().saturating_sub(1));
        self.tokens.get(place).map_or(0..0, |(_, s)| s.clone())
    }

    fn next(&mut self) -> (Token<'t>, Span) {
        let token = (self.peek(), self.span());
        if token.0 != Token::End {
            self.at += 1;
        }
        token
    }

    fn take(&mut self, wanted: Token<'_>) -> bool {
        let found = self.peek() == wanted;
        if found {
            self.next();
        }
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.take(Token::Word(word))
    }

    /// Reports, unless the place is unreadable anyway (and was reported).
    fn error(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        if !self.too_deep {
            self.errors.push(ExprError {
                span,
                message: message.into(),
                help,
            });
        }
    }

    fn expect(&mut self, wanted: Token<'_>, sign: &str) {
        if self.take(wanted) {
            return;
        }
        if self.peek() != Token::Broken {
            let found = self.found();
            self.error(self.span(), format!("这里应当是 {sign}，却是{found}"), None);
        }
        self.skip();
        self.take(wanted);
    }

    /// Skips to a place where reading can go on.
    fn skip(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Open | Token::OpenList => open += 1,
                Token::Close | Token::CloseList | Token::Comma if open == 0 => return,
                Token::Close | Token::CloseList => open -= 1,
                _ => {}
            }
            self.next();
        }
    }

    fn found(&self) -> String {
        match self.peek() {
            Token::End => "结尾".to_owned(),
            Token::Word(word) => format!(" `{word}`"),
            Token::Number(number, _) => format!(" {number}"),
            Token::Date(date) => format!(" {date}"),
            Token::Month(month) => format!(" {month}"),
            Token::Operator(op) => format!(" `{}`", op.sign()),
            Token::Open => " `(`".to_owned(),
            Token::Close => " `)`".to_owned(),
            Token::OpenList => " `[`".to_owned(),
            Token::CloseList => " `]`".to_owned(),
            Token::Comma => " `,`".to_owned(),
            Token::Dot => " `.`".to_owned(),
            Token::Broken => "看不懂的字".to_owned(),
        }
    }

    fn end(&mut self) {
        if matches!(self.peek(), Token::End | Token::Broken) {
            return;
        }
        let help = match self.peek() {
            Token::Close | Token::CloseList => Some("括号多了一个".to_owned()),
            Token::Word(word) if !is_reserved(word) => Some("前面是不是少了运算符".to_owned()),
            _ => None,
        };
        let found = self.found();
        self.error(
            self.span(),
            format!("表达式到这里应当结束，却还有{found}"),
            help,
        );
    }

    fn node(&mut self, kind: ExprKind, span: Span) -> Expr {
        let mut expr = Expr {
            kind,
            span,
            height: 1,
        };
        let below = expr.children().iter().map(|c| c.height).max();
        expr.height += below.unwrap_or(0);
        if expr.height > HEIGHT_MAX {
            return self.give_up(expr.span);
        }
        expr
    }

    fn give_up(&mut self, span: Span) -> Expr {
        let message = "表达式套得太深。请拆成几个推导事实";
        self.error(span.clone(), message, None);
        self.too_deep = true;
        self.at = self.tokens.len();
        broken(span)
    }

    /// Reads an expression whose operators bind more strongly than `above`.
    fn expression(&mut self, above: u8) -> Expr {
        if self.depth >= HEIGHT_MAX {
            return self.give_up(self.span());
        }
        self.depth += 1;
        let mut left = self.operand();
        while let Some((op, length)) = self.operator() {
            let binds = op.map_or(COMPARISON, strength);
            if binds <= above {
                break;
            }
            for _ in 0..length {
                self.next();
            }
            left = match op {
                Some(op) => {
                    let right = self.expression(binds);
                    let span = left.span.start..right.span.end.max(left.span.end);
                    self.node(ExprKind::Binary(op, left.into(), right.into()), span)
                }
                None => self.in_list(left),
            };
            if binds == COMPARISON {
                self.refuse_chain();
            }
        }
        self.depth -= 1;
        left
    }

    /// The operator at hand (`None` within is `in`) and its number of tokens.
    fn operator(&self) -> Option<(Option<BinaryOp>, usize)> {
        match self.peek() {
            Token::Operator(op) => Some((Some(op), 1)),
            Token::Word("and") => Some((Some(BinaryOp::And), 1)),
            Token::Word("or") => Some((Some(BinaryOp::Or), 1)),
            Token::Word("in") => Some((None, 1)),
            _ => None,
        }
    }

    fn refuse_chain(&mut self) {
        let again = self
            .operator()
            .is_some_and(|(op, _)| op.map_or(COMPARISON, strength) == COMPARISON);
        if again {
            let help = "写成 `a < b and b < c`".to_owned();
            self.error(self.span(), "比较不能连着写", Some(help));
        }
    }

    fn in_list(&mut self, left: Expr) -> Expr {
        self.expect(Token::OpenList, "`[`");
        let items = self.list(Token::CloseList);
        let end = self.span();
        self.expect(Token::CloseList, "`]`");
        if items.is_empty() {
            self.error(end.clone(), "`in` 后面至少要有一项", None);
        }
        let span = left.span.start..end.end;
        self.node(ExprKind::In(left.into(), items), span)
    }

    /// Expressions with commas between, up to (not over) `close`.
    fn list(&mut self, close: Token<'_>) -> Vec<Expr> {
        let mut items = Vec::new();
        while self.peek() != close && self.peek() != Token::End {
            items.push(self.expression(0));
            if self.peek() != close && !self.take(Token::Comma) {
                break;
            }
        }
        items
    }

    fn operand(&mut self) -> Expr {
        let (token, span) = (self.peek(), self.span());
        match token {
            Token::Number(number, suffix) => self.leaf(ExprKind::Number(number, suffix)),
            Token::Date(date) => self.leaf(ExprKind::Date(date)),
            Token::Month(month) => self.leaf(ExprKind::Month(month)),
            Token::Word("true") => self.leaf(ExprKind::Bool(true)),
            Token::Word("false") => self.leaf(ExprKind::Bool(false)),
            Token::Word("as_of") => self.leaf(ExprKind::AsOf),
            Token::Word("not") => self.prefix(UnaryOp::Not, NOT_STRENGTH),
            Token::Operator(BinaryOp::Subtract) => self.prefix(UnaryOp::Negate, SIGN_STRENGTH),
            Token::Word("if") => self.conditional(),
            Token::Word(word) => self.named(word, span),
            Token::Open => {
                self.next();
                let mut inner = self.expression(0);
                inner.span = span.start..self.span().end.max(inner.span.end);
                self.expect(Token::Close, "`)`");
                inner
            }
            Token::Broken => {
                self.next();
                broken(span)
            }
            _ => {
                let found = self.found();
                self.error(span.clone(), format!("这里应当是一个值，却是{found}"), None);
                if matches!(token, Token::Operator(_) | Token::Dot) {
                    self.next();
                }
                broken(span)
            }
        }
    }

    fn leaf(&mut self, kind: ExprKind) -> Expr {
        let (_, span) = self.next();
        self.node(kind, span)
    }

    fn prefix(&mut self, op: UnaryOp, binds: u8) -> Expr {
        let (_, start) = self.next();
        let inner = self.expression(binds);
        let span = start.start..inner.span.end;
        self.node(ExprKind::Unary(op, inner.into()), span)
    }

    fn conditional(&mut self) -> Expr {
        let (_, start) = self.next();
        let condition = self.expression(0);
        self.expect(Token::Word("then"), "`then`");
        let yes = self.expression(0);
        if !self.take_word("else") {
            let help = "`if … then … else …` 三样都要写".to_owned();
            self.error(self.span(), "`if` 少了 `else`", Some(help));
            return broken(start.start..yes.span.end);
        }
        let no = self.expression(0);
        let span = start.start..no.span.end;
        self.node(ExprKind::If(condition.into(), yes.into(), no.into()), span)
    }

    fn named(&mut self, word: &'t str, span: Span) -> Expr {
        match self.peek_after(1) {
            Token::Open => self.call(word, span),
            Token::Dot => self.dotted(word, span),
            _ if is_reserved(word) => {
                let message = match word {
                    "members" => "`members` 只能写在 any、all、count、sum、min、max 里".to_owned(),
                    "records" | "verdict" => format!("`{word}` 后面要有点和名字，例如 `{word}.x`"),
                    _ => format!("这里应当是一个值，却是 `{word}`"),
                };
                self.error(span.clone(), message, None);
                if matches!(word, "members" | "records" | "verdict" | "months") {
                    self.next();
                }
                broken(span)
            }
            _ => self.leaf(ExprKind::Name(word.to_owned())),
        }
    }

    fn dotted(&mut self, word: &str, start: Span) -> Expr {
        self.next();
        self.next();
        let Token::Word(second) = self.peek() else {
            let found = self.found();
            self.error(self.span(), format!("点后面应当是名字，却是{found}"), None);
            return broken(start);
        };
        let (_, end) = self.next();
        let span = start.start..end.end;
        if word == "records" {
            let help = format!("例如 `count(records.{second})`");
            let message = "`records` 只能写在 any、all、count、sum、min、max 里";
            self.error(span.clone(), message, Some(help));
            return broken(span);
        }
        self.node(ExprKind::Dotted(word.to_owned(), second.to_owned()), span)
    }

    fn call(&mut self, word: &str, start: Span) -> Expr {
        self.next();
        self.next();
        let over = matches!(self.peek(), Token::Word("members" | "records"));
        if let Some(op) = AggregateOp::named(word).filter(|_| over) {
            return self.aggregate(op, start);
        }
        let arguments = self.list(Token::Close);
        let end = self.span();
        self.expect(Token::Close, "`)`");
        let span = start.start..end.end;
        match (Function::named(word), AggregateOp::named(word)) {
            (Some(function), _) => self.node(ExprKind::Call(function, arguments), span),
            (None, Some(_)) => {
                let help = format!("写成 `{word}(members, …)` 或 `{word}(records.x, …)`");
                self.error(span.clone(), format!("`{word}` 要说明是对谁"), Some(help));
                broken(span)
            }
            (None, None) => {
                let all = Function::ALL.iter().map(|f| f.name());
                let known = all.chain(AggregateOp::ALL.iter().map(|op| op.name()));
                let help = suggest(word, known);
                self.error(start, format!("没有 `{word}` 这个函数"), help);
                broken(span)
            }
        }
    }

    fn aggregate(&mut self, op: AggregateOp, start: Span) -> Expr {
        let (_, mut over_span) = self.next();
        let mut over = Over::Members;
        if self.take(Token::Dot)
            && let Token::Word(kind) = self.peek()
        {
            over = Over::Records(kind.to_owned());
            over_span.end = self.next().1.end;
        }
        let of_members = over == Over::Members;
        if of_members
            && self.tokens.get(self.at.saturating_sub(1)).map(|t| t.0)
                != Some(Token::Word("members"))
        {
            let help = "例如 `records.medical_bill`".to_owned();
            self.error(
                over_span.clone(),
                "`records` 后面要有点和记录名",
                Some(help),
            );
        }
        let within_months = self.window(of_members);
        let filter = self.take_word("where").then(|| self.expression(0));
        let value = self.take(Token::Comma).then(|| self.expression(0));
        let end = self.span();
        self.expect(Token::Close, "`)`");
        let aggregate = Aggregate {
            op,
            over,
            over_span,
            within_months,
            filter,
            value,
        };
        self.node(ExprKind::Aggregate(aggregate.into()), start.start..end.end)
    }

    fn window(&mut self, of_members: bool) -> Option<u32> {
        let (_, start) = (self.peek(), self.span());
        if !self.take_word("within") {
            return None;
        }
        let help = || Some("例如 `within 12 months`".to_owned());
        let number = match self.peek() {
            Token::Number(number, Suffix::None) if number.scale == 0 => {
                u32::try_from(number.mantissa).ok()
            }
            _ => None,
        };
        let number = number.filter(|months| (1..=1_200).contains(months));
        if number.is_none() {
            self.error(
                self.span(),
                "`within` 后面应当是月数（1 到 1200 的整数）",
                help(),
            );
        }
        if matches!(self.peek(), Token::Number(..)) {
            self.next();
        }
        if !self.take_word("months") {
            self.error(self.span(), "`within` 的期限要以 `months` 结尾", help());
            if matches!(self.peek(), Token::Word(word) if !is_reserved(word)) {
                self.next();
            }
        }
        if of_members {
            self.error(start, "`within` 只能用于记录，不能用于 `members`", None);
        }
        number
    }
}

fn broken(span: Span) -> Expr {
    Expr {
        kind: ExprKind::Broken,
        span,
        height: 1,
    }
}
