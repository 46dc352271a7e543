//! Whose move it is, sorted into a few kinds, and filters of a list of units by that and by what else a person asks for.

use crate::domain::unit::{Brief, ReasonCode, Standing};

/// Who has to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mover {
    /// Somebody.
    Person,
    /// What runs the checks.
    Ci,
    /// Units that land first.
    Unit,
    /// GitHub.
    GitHub,
    /// Flyball itself.
    Flyball,
}

impl Mover {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Person, Self::Ci, Self::Unit, Self::GitHub, Self::Flyball];

    /// Whose move a unit is; nobody's once it ended.
    #[must_use]
    pub fn of(brief: &Brief) -> Option<Self> {
        let next = brief.next_move.as_ref()?;
        let others = brief.reasons.iter().any(|reason| waits_for_units(reason.code));
        Some(match next.who.as_str() {
            "CI" => Self::Ci,
            "GitHub" => Self::GitHub,
            "flyball" if others => Self::Unit,
            "flyball" => Self::Flyball,
            _ => Self::Person,
        })
    }

    /// As in a query.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Ci => "ci",
            Self::Unit => "unit",
            Self::GitHub => "github",
            Self::Flyball => "flyball",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Person => "a person",
            Self::Ci => "CI",
            Self::Unit => "another unit",
            Self::GitHub => "GitHub",
            Self::Flyball => "Flyball",
        }
    }
}

fn waits_for_units(code: ReasonCode) -> bool {
    code.code().starts_with("blocked.collision.")
        || matches!(code, ReasonCode::WaitsDependency | ReasonCode::WaitsOrder | ReasonCode::UnknownFootprint)
}

/// What a list of units is narrowed to; nothing narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this standing, by its code.
    pub standing: Option<String>,
    /// Only this kind of author: `human`, `agent`, `bot`, `app`.
    pub author: Option<String>,
    /// Only where this kind has to move, by its code.
    pub mover: Option<String>,
}

impl Filter {
    /// Whether a unit is in.
    #[must_use]
    pub fn lets(&self, brief: &Brief) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_ref().is_none_or(|wanted| wanted == has);
        is(&self.standing, brief.standing.code())
            && is(&self.author, &brief.author_kind)
            && is(&self.mover, Mover::of(brief).map_or("", Mover::code))
    }

    /// Whether it narrows anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Open units in the order in which they wait: those of people first, each oldest first.
pub fn by_wait(briefs: &mut [&Brief]) {
    briefs.sort_by_key(|brief| {
        let since = brief.next_move.as_ref().map_or(brief.since, |next| next.since);
        (Mover::of(brief), brief.standing == Standing::Draft, since, brief.number)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::testing::{With, brief};

    #[test]
    fn whose_move_it_is_follows_from_the_brief() {
        let waits =
            |code| brief(1).because(code, "it waits", false).moves("flyball", "go on when the others have landed");
        let cases = [
            ("nobody", brief(1), None),
            ("a login", brief(1).moves("carol", "/lift it"), Some(Mover::Person)),
            ("checks", brief(1).moves("CI", "report"), Some(Mover::Ci)),
            ("GitHub", brief(1).moves("GitHub", "answer"), Some(Mover::GitHub)),
            ("Flyball", brief(1).moves("flyball", "merge it"), Some(Mover::Flyball)),
            ("the order", waits(ReasonCode::WaitsOrder), Some(Mover::Unit)),
            ("a collision", waits(ReasonCode::BlockedCollisionTextual), Some(Mover::Unit)),
        ];
        for (case, brief, expected) in cases {
            assert_eq!(Mover::of(&brief), expected, "{case}");
        }
    }

    #[test]
    fn a_filter_narrows_by_everything_that_it_names() {
        let unit = brief(1).stands(Standing::Blocked).moves("CI", "report");
        let filter = |standing: &str, author: &str, mover: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Filter { standing: some(standing), author: some(author), mover: some(mover) }
        };
        let cases = [("", "", "", true), ("blocked", "human", "ci", true), ("blocked", "agent", "", false)];
        for (standing, author, mover, expected) in cases {
            assert_eq!(filter(standing, author, mover).lets(&unit), expected, "{standing} {author} {mover}");
        }
        assert!(!filter("", "", "person").lets(&unit) && !filter("nonsense", "", "").lets(&unit));
    }

    #[test]
    fn what_waits_for_people_comes_first() {
        let (ci, person, draft) = (
            brief(1).moves("CI", "report"),
            brief(2).moves("carol", "/confirm"),
            brief(3).moves("bob", "mark it").stands(Standing::Draft),
        );
        let mut briefs = [&draft, &ci, &person];
        by_wait(&mut briefs);
        assert_eq!(briefs.map(|brief| brief.number.0), [2, 3, 1]);
    }
}
