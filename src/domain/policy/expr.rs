//! CEL expressions over a unit: compiled when the file is read, bounded when they run.
//!
//! The expression sees one variable, `unit` ([`VIEW`] lists its fields). Three bounds hold it: its length and nesting when it is read; an
//! upper bound of its steps, from its shape and the size of the unit, before it runs; and one budget of steps for all expressions of an
//! evaluation. What would go beyond is *unknown*, which never counts as met. Regular expressions must be literals: they are compiled once.
//! Contract: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr as Ast, LiteralValue};
use cel::extractors::This;
use cel::parser::Expression;
use cel::{Context, ExecutionError, Program};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::facts::{AuthorKind, UnitFacts};
use super::yaml::{nearest, short};

/// Steps that all expressions of one evaluation may take together.
pub const BUDGET: u64 = 2_000_000;
const MAX_BYTES: usize = 2_000;
const MAX_NODES: u64 = 400;
const MAX_BRACKETS: usize = 6;
const MAX_OPERATORS: usize = 48;
const MAX_CHAIN: usize = 12;
const MAX_NESTING: usize = 2;
const MAX_PATTERN: usize = 256;
const PATTERN_MEMORY: usize = 1 << 20;

/// The fields of `unit`.
pub(super) const VIEW: [&str; 13] = [
    "number",
    "title",
    "base",
    "draft",
    "from_fork",
    "author",
    "labels",
    "lines",
    "additions",
    "deletions",
    "files",
    "paths",
    "packages",
];
const AUTHOR: [&str; 3] = ["login", "kind", "name"];

/// An expression that was compiled.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expr {
    text: String,
    compiled: Arc<Compiled>,
}

struct Compiled {
    program: Program,
    patterns: Vec<(String, Regex)>,
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expr({:?})", self.text)
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl From<Expr> for String {
    fn from(expr: Expr) -> Self {
        expr.text
    }
}

impl JsonSchema for Expr {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Expr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": MAX_BYTES,
            "description": "A CEL expression over `unit` that is true or false.",
            "examples": ["unit.author.kind == 'agent' && unit.lines > 400"],
        })
    }
}

impl TryFrom<String> for Expr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("the expression has {} bytes: at most {MAX_BYTES} are allowed", text.len()));
        }
        shape(&text)?;
        let program = Program::compile(&text).map_err(|errors| {
            let first = errors.to_string().lines().next().unwrap_or_default().to_owned();
            let first = first.trim_start_matches("ERROR: ").trim_start_matches("<input>:");
            format!("the expression is no CEL: {}", first.split(" expecting {").next().unwrap_or(first))
        })?;
        let mut survey = Survey::default();
        survey.visit(program.expression(), 0)?;
        if survey.nodes > MAX_NODES {
            return Err(format!("the expression has {} parts: at most {MAX_NODES} are allowed", survey.nodes));
        }
        let expr = Self { text, compiled: Arc::new(Compiled { program, patterns: survey.patterns }) };
        expr.rehearse()?;
        Ok(expr)
    }
}

/// Refuses texts whose shape alone would cost the parser, which recurses, its stack.
fn shape(text: &str) -> Result<(), String> {
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
struct Survey {
    nodes: u64,
    patterns: Vec<(String, Regex)>,
}

impl Survey {
    fn visit(&mut self, node: &Expression, loops: usize) -> Result<(), String> {
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

fn children(node: &Ast) -> Vec<&Expression> {
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

/// Upper bounds of a value and of the way to it.
#[derive(Clone, Copy, Default)]
struct Bound {
    /// How many steps it takes.
    steps: u64,
    /// How many parts it has: items of a list, bytes of a text.
    size: u64,
    /// How many parts each of its items has.
    item: u64,
}

/// What is assumed of a text or a map within a list of the unit: paths are longer, but cost little more.
const ITEM: u64 = 64;

/// Upper bounds for a unit whose longest list or text has `longest` parts; `names` holds the loop variables.
fn bound<'e>(node: &'e Expression, longest: u64, names: &mut Vec<(&'e str, Bound)>) -> Bound {
    match &node.expr {
        Ast::Ident(name) => {
            let of_loop = names.iter().rev().find(|(known, _)| known == name).map(|(_, bound)| *bound);
            Bound { steps: 1, ..of_loop.unwrap_or(Bound { steps: 1, size: longest, item: ITEM }) }
        }
        Ast::Select(select) => {
            let operand = bound(&select.operand, longest, names);
            let of_unit = matches!(&select.operand.expr, Ast::Ident(name) if name == "unit");
            let size = if of_unit { longest } else { operand.size.min(longest) };
            Bound { steps: operand.steps.saturating_add(1), size, item: ITEM }
        }
        Ast::Literal(LiteralValue::String(text)) => Bound { steps: 1, size: 1 + text.inner().len() as u64, item: 1 },
        Ast::Literal(_) | Ast::Unspecified => Bound { steps: 1, size: 1, item: 1 },
        Ast::List(list) => {
            let all = sum(&node.expr, longest, names);
            Bound { steps: all.steps, size: list.elements.len() as u64, item: all.size }
        }
        Ast::Comprehension(loops) => {
            let range = bound(&loops.iter_range, longest, names);
            let first = bound(&loops.accu_init, longest, names);
            names.push((loops.iter_var.as_str(), Bound { steps: 1, size: range.item, item: ITEM }));
            if let Some(second) = &loops.iter_var2 {
                names.push((second.as_str(), Bound { steps: 1, size: range.item, item: ITEM }));
            }
            names.push((loops.accu_var.as_str(), Bound { steps: 1, size: range.size, item: range.item }));
            let condition = bound(&loops.loop_cond, longest, names);
            let step = bound(&loops.loop_step, longest, names);
            let last = bound(&loops.result, longest, names);
            names.truncate(names.len() - 2 - usize::from(loops.iter_var2.is_some()));
            let body = condition.steps.saturating_add(step.steps).saturating_add(2).saturating_mul(range.size);
            let around = range.steps.saturating_add(first.steps).saturating_add(last.steps);
            Bound { steps: around.saturating_add(body), size: range.size, item: step.size.max(range.item) }
        }
        // Operators and functions may look at all of what they are given: texts are compared, searched, joined.
        Ast::Call(_) | Ast::Map(_) | Ast::Struct(_) => {
            let all = sum(&node.expr, longest, names);
            Bound { steps: all.steps.saturating_add(1 + all.size / 256), size: all.size.max(1), item: all.item }
        }
    }
}

fn sum<'e>(of: &'e Ast, longest: u64, names: &mut Vec<(&'e str, Bound)>) -> Bound {
    let start = Bound { steps: 1, size: 0, item: 1 };
    children(of).into_iter().map(|child| bound(child, longest, names)).fold(start, |all, part| Bound {
        steps: all.steps.saturating_add(part.steps),
        size: all.size.saturating_add(part.size),
        item: all.item.max(part.item),
    })
}

/// What an expression sees.
#[derive(Serialize)]
struct View<'a> {
    number: u64,
    title: &'a str,
    base: &'a str,
    draft: bool,
    from_fork: bool,
    author: AuthorView<'a>,
    labels: &'a [String],
    lines: i64,
    additions: i64,
    deletions: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packages: Option<Vec<PackageView<'a>>>,
}

#[derive(Serialize)]
struct AuthorView<'a> {
    login: &'a str,
    kind: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct PackageView<'a> {
    name: &'a str,
    ecosystem: &'a str,
    old: &'a str,
    new: &'a str,
}

/// The unit; with the author as an agent where a co-author line names one.
fn view<'a>(facts: &'a UnitFacts, agent: Option<&'a str>) -> View<'a> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let files = facts.files.get().ok();
    View {
        number: facts.number,
        title: &facts.title,
        base: &facts.base,
        draft: facts.draft,
        from_fork: facts.from_fork,
        author: AuthorView {
            login: &facts.author.login,
            kind: agent.map_or(facts.author.kind, |_| AuthorKind::Agent).word(),
            name: agent.or(facts.author.name.as_deref()).unwrap_or_default(),
        },
        labels: &facts.labels,
        lines: whole(facts.lines()),
        additions: whole(facts.additions),
        deletions: whole(facts.deletions),
        files: files.map(|files| whole(files.len() as u64)),
        paths: files.map(|files| files.iter().map(super::facts::TouchedFile::path).collect()),
        packages: facts.packages.get().ok().map(|packages| packages.iter().map(package_view).collect()),
    }
}

fn package_view(package: &super::facts::PackageTouched) -> PackageView<'_> {
    PackageView {
        name: &package.name,
        ecosystem: &package.ecosystem,
        old: package.old.as_deref().unwrap_or_default(),
        new: package.new.as_deref().unwrap_or_default(),
    }
}

/// What expressions run in. Patterns were compiled when they were read.
fn context(unit: View<'_>, patterns: &Arc<BTreeMap<String, Regex>>) -> Context<'static, 'static> {
    let patterns = Arc::clone(patterns);
    let mut context = Context::default();
    let matches = move |This(text): This<Arc<String>>, pattern: Arc<String>| -> Result<bool, ExecutionError> {
        match patterns.get(pattern.as_str()) {
            Some(regex) => Ok(regex.is_match(&text)),
            None => Err(ExecutionError::function_error("matches", "the pattern is not written out")),
        }
    };
    // Neither can fail: the name is free without the crate's regex feature, and the view is plain data.
    let _added: Result<(), _> = context.add_function("matches", matches);
    if let Ok(unit) = cel::to_value(unit) {
        context.add_variable_from_value("unit", unit);
    }
    context
}

/// Runs the expressions of one evaluation: the unit is handed over once, the steps are counted for all of them.
pub(super) struct Bench<'a> {
    /// One for the author as the account says, and one for the author as co-author lines say, where they say something else.
    contexts: Vec<Context<'static, 'static>>,
    longest: u64,
    left: u64,
    facts: &'a UnitFacts,
}

impl<'a> Bench<'a> {
    /// A bench for a unit and all expressions that may run on it.
    pub(super) fn new<'e>(facts: &'a UnitFacts, exprs: impl Iterator<Item = &'e Expr>) -> Self {
        let mut patterns: BTreeMap<String, Regex> = BTreeMap::new();
        for expr in exprs {
            patterns.extend(expr.compiled.patterns.iter().cloned());
        }
        let patterns = Arc::new(patterns);
        let mut contexts = vec![context(view(facts, None), &patterns)];
        if let Some(agent) = &facts.author.by_trailer {
            contexts.push(context(view(facts, Some(agent)), &patterns));
        }
        let lists = [
            facts.labels.len(),
            facts.files.get().map_or(0, Vec::len),
            facts.packages.get().map_or(0, Vec::len),
            facts.title.len(),
            64,
        ];
        let longest = lists.into_iter().max().unwrap_or_default() as u64;
        Self { contexts, longest, left: BUDGET, facts }
    }

    /// Whether the expression is true.
    ///
    /// # Errors
    /// Why it cannot be told, as a sentence without a full stop.
    pub(super) fn run(&mut self, expr: &Expr) -> Result<bool, String> {
        let steps = bound(expr.compiled.program.expression(), self.longest, &mut Vec::new()).steps;
        if steps > self.left {
            return Err(format!("up to {steps} steps on a unit of this size: {} are left of {BUDGET}", self.left));
        }
        self.left -= steps;
        let mut answers = self.contexts.iter().map(|context| match expr.compiled.program.execute(context) {
            Ok(cel::Value::Bool(value)) => Ok(value),
            Ok(_) => Err("it is neither true nor false".to_owned()),
            Err(error) => Err(self.explain(&error)),
        });
        let first = answers.next().unwrap_or_else(|| Err("nothing runs expressions here".to_owned()))?;
        match answers.next().transpose()? {
            Some(second) if second != first => Err("it depends on what a co-author line says".to_owned()),
            Some(_) | None => Ok(first),
        }
    }

    fn explain(&self, error: &ExecutionError) -> String {
        match (error, &self.facts.files) {
            (ExecutionError::NoSuchKey(key), files) if matches!(key.as_str(), "paths" | "files") => files
                .get()
                .err()
                .map_or_else(|| error.to_string(), |because| format!("the files are not known: {because}")),
            _ => short(&error.to_string()),
        }
    }
}

impl Expr {
    /// Runs it once on an invented unit, so that words and types that can never work are found when the file is read.
    fn rehearse(&self) -> Result<(), String> {
        let facts = UnitFacts {
            title: "title".to_owned(),
            labels: vec!["label".to_owned()],
            files: super::facts::Known::Known(vec![super::facts::TouchedFile::Path("a/b".to_owned())]),
            packages: super::facts::Known::Known(vec![super::facts::PackageTouched::default()]),
            ..UnitFacts::default()
        };
        let patterns = Arc::new(self.compiled.patterns.iter().cloned().collect());
        match self.compiled.program.execute(&context(view(&facts, None), &patterns)) {
            Ok(cel::Value::Bool(_)) => Ok(()),
            Ok(_) => Err("the expression must be true or false".to_owned()),
            Err(ExecutionError::UndeclaredReference(name)) => {
                Err(format!("the expression names `{}`: only `unit` and CEL's functions are known", short(&name)))
            }
            Err(error @ (ExecutionError::NoSuchOverload(_) | ExecutionError::ValuesNotComparable(..))) => {
                Err(format!("the expression cannot work: {}", short(&error.to_string())))
            }
            // The rest may depend on the unit: an index, a division. It is unknown where it happens.
            Err(_) => Ok(()),
        }
    }
}
