//! How many steps an expression may take on a unit of a given size: an upper bound from its shape alone.

use cel::common::ast::{Expr as Ast, LiteralValue};
use cel::parser::Expression;

use super::survey::children;

/// Upper bounds of a value and of the way to it.
#[derive(Clone, Copy, Default)]
pub(super) struct Bound {
    /// How many steps it takes.
    pub(super) steps: u64,
    /// How many parts it has: items of a list, bytes of a text.
    size: u64,
    /// How many parts each of its items has.
    item: u64,
}

/// What is assumed of a text or a map within a list of the unit: paths are longer, but cost little more.
const ITEM: u64 = 64;

/// Upper bounds for a unit whose longest list or text has `longest` parts; `names` holds the loop variables.
pub(super) fn bound<'e>(node: &'e Expression, longest: u64, names: &mut Vec<(&'e str, Bound)>) -> Bound {
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
