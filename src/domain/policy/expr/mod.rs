//! CEL expressions over a unit: compiled when the file is read, bounded when they run.
//!
//! The expression sees one variable, `unit` ([`view::VIEW`] lists its fields). Three bounds hold it: its length and nesting when it is read; an
//! upper bound of its steps, from its shape and the size of the unit, before it runs; and one budget of steps for all expressions of an
//! evaluation. What would go beyond is *unknown*, which never counts as met. Regular expressions must be literals: they are compiled once.
//! Contract: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

mod bound;
mod survey;
mod view;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use cel::extractors::This;
use cel::{Context, Env, ExecutionError, Program};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use self::bound::bound;
use self::survey::{MAX_NODES, Survey, shape};
use self::view::{View, view};
use super::facts::UnitFacts;
use super::yaml::short;

/// Steps that all expressions of one evaluation may take together.
pub const BUDGET: u64 = 2_000_000;
const MAX_BYTES: usize = 2_000;

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

/// What expressions may call. To make it costs more than most expressions do, and it is the same for all.
static STDLIB: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What expressions run in. Patterns were compiled when they were read.
fn context(unit: View<'_>, patterns: &Arc<BTreeMap<String, Regex>>) -> Context<'static, 'static> {
    let patterns = Arc::clone(patterns);
    let mut context = Context::with_env(Arc::clone(&STDLIB));
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
        let mut paths = false;
        for expr in exprs {
            // Handing over thousands of paths costs more than most expressions do.
            paths |= expr.text.contains("paths");
            patterns.extend(expr.compiled.patterns.iter().cloned());
        }
        let patterns = Arc::new(patterns);
        let mut contexts = vec![context(view(facts, None, paths), &patterns)];
        if let Some(agent) = &facts.author.by_trailer {
            contexts.push(context(view(facts, Some(agent), paths), &patterns));
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
        match self.compiled.program.execute(&context(view(&facts, None, true), &patterns)) {
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
