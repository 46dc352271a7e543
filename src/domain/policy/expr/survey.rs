//! A first look at an expression, before anything runs: its shape, its parts, the fields it names, its patterns.

use cel::common::ast::{EntryExpr, Expr as Ast, LiteralValue};
use cel::parser::Expression;
use regex::Regex;

use super::view::{AUTHOR, VIEW};
use crate::domain::policy::yaml::{nearest, short};

/// How many parts an expression may have.
pub(super) const MAX_NODES: u64 = 400;
const MAX_BRACKETS: usize = 6;
const MAX_OPERATORS: usize = 48;
const MAX_CHAIN: usize = 12;
const MAX_NESTING: usize = 2;
const MAX_PATTERN: usize = 256;
const PATTERN_MEMORY: usize = 1 << 20;

/// Refuses texts whose shape alone would cost the parser, which recurses, its stack.
pub(super) fn shape(text: &str) -> Result<(), String> {
    let (mut depth, mut deepest, mut operators, mut chain, mut longest) = (0_usize, 0, 0, 0, 0);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => {
                // What stands in quotes has no shape.
                while let Some(inside) = letters.next() {
                    match inside {
                        '\\' => drop(letters.next()),
                        end if end == letter => break,
                        _ => {}
                    }
                }
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '.' => chain += 1,
            '+' | '-' | '*' | '/' | '%' | '<' | '>' | '!' | '=' | '?' | ':' | '&' | '|' | ',' => {
                operators += usize::from(letter != ',');
                chain = 0;
            }
            _ => {}
        }
        deepest = deepest.max(depth);
        longest = longest.max(chain);
    }
    match () {
        () if deepest > MAX_BRACKETS => Err(format!("brackets {deepest} deep: at most {MAX_BRACKETS} are allowed")),
        () if operators > MAX_OPERATORS => {
            Err(format!("the expression has {operators} operators: at most {MAX_OPERATORS} are allowed"))
        }
        () if longest > MAX_CHAIN => Err(format!("{longest} dots in a row: at most {MAX_CHAIN} are allowed")),
        () => Ok(()),
    }
}

/// What a first look at an expression finds.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) nodes: u64,
    pub(super) patterns: Vec<(String, Regex)>,
}

impl Survey {
    pub(super) fn visit(&mut self, node: &Expression, loops: usize) -> Result<(), String> {
        self.nodes += 1;
        match &node.expr {
            Ast::Select(select) => known_field(&select.operand.expr, &select.field)?,
            Ast::Call(call) if call.func_name == "matches" => self.pattern(call.args.last())?,
            Ast::Comprehension(_) if loops >= MAX_NESTING => {
                return Err(format!("loops within loops: at most {MAX_NESTING} deep"));
            }
            Ast::Unspecified
            | Ast::Call(_)
            | Ast::Comprehension(_)
            | Ast::Ident(_)
            | Ast::List(_)
            | Ast::Literal(_)
            | Ast::Map(_)
            | Ast::Struct(_) => {}
        }
        let deeper = loops + usize::from(matches!(node.expr, Ast::Comprehension(_)));
        children(&node.expr).into_iter().try_for_each(|child| self.visit(child, deeper))
    }

    fn pattern(&mut self, argument: Option<&Expression>) -> Result<(), String> {
        let Some(Ast::Literal(LiteralValue::String(text))) = argument.map(|argument| &argument.expr) else {
            return Err("the pattern of `matches` must be written out as text".to_owned());
        };
        let text = text.inner().to_owned();
        if text.len() > MAX_PATTERN {
            return Err(format!("a pattern of {} bytes: at most {MAX_PATTERN} are allowed", text.len()));
        }
        let built = regex::RegexBuilder::new(&text).size_limit(PATTERN_MEMORY).dfa_size_limit(PATTERN_MEMORY).build();
        let regex = built.map_err(|error| {
            let last = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("`{}` is no pattern: {last}", short(&text))
        })?;
        self.patterns.push((text, regex));
        Ok(())
    }
}

fn known_field(operand: &Ast, field: &str) -> Result<(), String> {
    let is_unit = |node: &Ast| matches!(node, Ast::Ident(name) if name == "unit");
    let of_author =
        |node: &Ast| matches!(node, Ast::Select(inner) if inner.field == "author" && is_unit(&inner.operand.expr));
    let known: &[&str] = match () {
        () if is_unit(operand) => &VIEW,
        () if of_author(operand) => &AUTHOR,
        () => return Ok(()),
    };
    if known.contains(&field) {
        return Ok(());
    }
    let hint = nearest(field, known.iter().copied())
        .map_or_else(|| format!("known are {}", known.join(", ")), |word| format!("did you mean `{word}`?"));
    Err(format!("`unit` has no `{}`: {hint}", short(field)))
}

pub(super) fn children(node: &Ast) -> Vec<&Expression> {
    match node {
        Ast::Call(call) => call.target.iter().map(AsRef::as_ref).chain(&call.args).collect(),
        Ast::Comprehension(loops) => {
            vec![&loops.iter_range, &loops.accu_init, &loops.loop_cond, &loops.loop_step, &loops.result]
        }
        Ast::List(list) => list.elements.iter().collect(),
        Ast::Map(map) => map.entries.iter().flat_map(|entry| parts(&entry.expr)).collect(),
        Ast::Struct(made) => made.entries.iter().flat_map(|entry| parts(&entry.expr)).collect(),
        Ast::Select(select) => vec![&select.operand],
        Ast::Unspecified | Ast::Ident(_) | Ast::Literal(_) => Vec::new(),
    }
}

fn parts(entry: &EntryExpr) -> Vec<&Expression> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}
