//! Flow as it is asked for: a window, a kind of author, a rule; the same words for the page and for the API.

use serde::Deserialize;
use utoipa::IntoParams;

use super::stored::{ReadError, StoredUnits};
use crate::domain::flow::{FlowView, Selection, Window, view};
use crate::domain::ids::Timestamp;
use crate::domain::policy::facts::AuthorKind;

/// What to measure. All of it may be left out.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FlowQuery {
    /// Where the window begins: a day, whose first moment (UTC) is meant, or a moment. Thirty days before its end, where nobody says.
    #[param(example = "2026-11-01")]
    pub(super) from: Option<String>,
    /// Where the window ends; this moment no longer belongs to it. The end of the current day (UTC), where nobody says.
    #[param(example = "2026-12-01")]
    pub(super) to: Option<String>,
    /// How many days the window has, instead of `from`: 1 to 3660, as in `90`.
    pub(super) days: Option<String>,
    /// Only units of this kind of author: `human`, `agent`, `bot` or `app`.
    #[param(example = "agent")]
    pub(super) author: Option<String>,
    /// Only units to which the rule of this name applies.
    #[param(example = "Migrations need a DBA")]
    pub(super) rule: Option<String>,
}

impl FlowQuery {
    /// What is given and not empty: a form sends its empty fields, too.
    pub(super) fn given(value: Option<&String>) -> Option<&str> {
        value.map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The window and the units that are asked for.
    ///
    /// # Errors
    /// What is wrong with the question, in words for who asked.
    pub(super) fn understood(&self, now: Timestamp) -> Result<(Window, Selection), String> {
        let [from, to, days] = [&self.from, &self.to, &self.days].map(|value| Self::given(value.as_ref()));
        let window = Window::asked(from, to, days, now).map_err(|wrong| wrong.to_string())?;
        let author = match Self::given(self.author.as_ref()) {
            None => None,
            Some(word) => Some(
                AuthorKind::ALL
                    .into_iter()
                    .find(|kind| kind.word() == word)
                    .ok_or("`author` must be `human`, `agent`, `bot` or `app`")?,
            ),
        };
        let rule = Self::given(self.rule.as_ref()).map(str::to_owned);
        Ok((window, Selection { author, rule }))
    }
}

impl StoredUnits {
    /// The flow of a repository's units, live and closed.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if the repository was never seen, [`ReadError::Question`] if the question is none.
    pub(super) async fn flow(&self, full_name: &str, query: &FlowQuery) -> Result<FlowView, ReadError> {
        let now = (self.now)();
        let (window, selection) = query.understood(now).map_err(ReadError::Question)?;
        let state = self.state(full_name).await?;
        let mut courses = self.reader.courses(state.id()).await?;
        // A unit that was opened again is live, and the store still has how it ended before.
        courses.extend(state.courses(&self.context, now));
        Ok(view(state.full_name(), &courses, &state.learnt(&self.context), selection, window, now))
    }
}
