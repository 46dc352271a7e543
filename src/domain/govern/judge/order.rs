//! The order keeps a unit back while a related one lands first.

use super::grant::{self, Rival};
use super::sheet::Sheet;
use crate::domain::govern::context::Context;
use crate::domain::govern::state::State;
use crate::domain::integration::collision::Kind;
use crate::domain::unit::{ReasonCode, Unit, Verdict};

/// Whether the order keeps it back; the reason is `waits.order` for a cleared unit, and the kind of collision else.
pub(super) fn order(sheet: &mut Sheet, state: &State, unit: &Unit, context: &Context, ready: bool) -> bool {
    if unit.grant.as_ref().is_some_and(|grant| grant.sha == unit.head.sha) {
        return false;
    }
    let rivals = grant::rivals(state, unit, context);
    let ahead: Vec<_> = rivals.iter().filter(|rival| rival.in_the_way).collect();
    for rival in &ahead {
        let code = if ready { ReasonCode::WaitsOrder } else { collision_code(rival.kind) };
        sheet.time(code, lands_first(rival, ready));
    }
    let what = "no related unit lands before it".to_owned();
    let names: Vec<String> = ahead.iter().map(|rival| format!("#{}", rival.number)).collect();
    let verdict = if ahead.is_empty() { Verdict::Met } else { Verdict::Unmet };
    sheet.condition(what, verdict, names.join(", "), "order");
    if ready && !unit.footprint.state.is_known() && grant::others_hold(state, unit) {
        let text = "What it touches is not known, so it waits until no other unit on its base may land.".to_owned();
        sheet.time(ReasonCode::UnknownFootprint, text);
        return true;
    }
    !ahead.is_empty()
}

/// Who lands first, and why. In a hot place nobody is named: each landing there would change every other unit's words.
fn lands_first(rival: &Rival, ready: bool) -> String {
    let number = rival.number;
    match (&rival.crowd, ready) {
        (Some(path), _) => {
            format!("Many open units {} ({path}); they land one by one, and another one is next.", shared(rival.kind))
        }
        (None, true) => format!("#{number} lands first: {}.", rival.why),
        (None, false) => format!("#{number} {} and lands first: {}.", shares(rival.kind), rival.why),
    }
}

const fn shares(kind: Kind) -> &'static str {
    match kind {
        Kind::Textual | Kind::Overlap => "changes the same lines",
        Kind::Package => "moves the same dependency",
        Kind::Lockfile => "regenerates the same lockfile",
        Kind::Sequence => "claims the same number",
        Kind::Symbol => "changes a definition that this one uses",
        Kind::Component => "touches the same exclusive component",
    }
}

const fn shared(kind: Kind) -> &'static str {
    match kind {
        Kind::Textual | Kind::Overlap => "change the same lines",
        Kind::Package => "move the same dependency",
        Kind::Lockfile => "regenerate the same lockfile",
        Kind::Sequence => "claim the same number",
        Kind::Symbol => "change or use the same definition",
        Kind::Component => "touch the same exclusive component",
    }
}

const fn collision_code(kind: Kind) -> ReasonCode {
    match kind {
        Kind::Textual | Kind::Overlap => ReasonCode::BlockedCollisionTextual,
        Kind::Package => ReasonCode::BlockedCollisionPackage,
        Kind::Lockfile => ReasonCode::BlockedCollisionLockfile,
        Kind::Sequence => ReasonCode::BlockedCollisionSequence,
        Kind::Symbol => ReasonCode::BlockedCollisionSymbol,
        Kind::Component => ReasonCode::BlockedCollisionComponent,
    }
}
