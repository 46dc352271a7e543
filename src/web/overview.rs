//! What whole pages read at once: the front page, a repository, its lessons; and a digest by which a page knows that it is out of date.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::login::ViewerKey;
use super::stored::{ReadError, StoredUnits, unit};
use crate::domain::govern::{self, PlanView, State};
use crate::domain::ids::{PrNumber, RepoId, Timestamp, UnitKey};
use crate::domain::policy::Evaluation;
use crate::domain::policy::file::Lesson;
use crate::domain::policy::record::AutonomySuggestion;
use crate::domain::unit::{Brief, Standing};
use crate::present::mover::{Mover, by_wait};
use crate::present::picture::{Picture, picture};
use crate::runtime::read::{Known, Reader};

/// Repositories that are read at once for the front page.
const SIDE_BY_SIDE: usize = 8;
/// More repositories than this are listed, but not looked into, by the front page.
const LOOKED_INTO: usize = 500;
/// How many units that wait for people the front page names.
const WAITING: usize = 50;
/// How many of the newest landings a repository's page names.
const LANDED: usize = 20;
/// How long the front page, and a repository's digest, are believed: whoever else asks in between costs nothing.
const FRONT_LASTS: Duration = Duration::from_secs(2);
/// Of how many viewers the front page is kept.
const FRONTS: u64 = 256;
const DIGEST_LASTS: Duration = Duration::from_secs(1);
/// How long a repository's page is believed: as it changes, everybody who has it open asks for it at once.
const OVERVIEW_LASTS: Duration = Duration::from_secs(2);
/// Of how many repositories the page is kept, and of how many branches the picture.
const OVERVIEWS: u64 = 16;
const PICTURES: u64 = 64;

/// What the front page shows.
#[derive(Debug, Clone)]
pub(super) struct Front {
    pub(super) repositories: Vec<Row>,
    /// Units that wait for a person, oldest first.
    pub(super) waiting: Vec<Brief>,
    /// How many wait for people, also those that are not named.
    pub(super) waiting_in_all: usize,
    /// How many repositories were not looked into.
    pub(super) beyond: usize,
    pub(super) now: Timestamp,
}

/// A repository on the front page.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) full_name: String,
    pub(super) open: usize,
    pub(super) for_people: usize,
    pub(super) oldest: Option<Timestamp>,
}

/// What a repository's page shows.
pub(super) struct Overview {
    pub(super) full_name: String,
    /// By number.
    pub(super) open: Vec<Brief>,
    pub(super) plans: Vec<Planned>,
    /// What landed lately, newest first.
    pub(super) landed: Vec<Brief>,
    pub(super) now: Timestamp,
}

/// What is planned for a branch.
pub(super) struct Planned {
    pub(super) plan: PlanView,
    pub(super) picture: Arc<Picture>,
}

/// What a unit's pages show.
pub(super) struct Told {
    pub(super) brief: Brief,
    pub(super) evaluation: Evaluation,
    /// Lines of JSON.
    pub(super) trace: Vec<String>,
    /// The units of the repository that have a page.
    pub(super) known: Vec<PrNumber>,
    pub(super) now: Timestamp,
}

/// What a repository was taught.
pub(super) struct Lessons {
    pub(super) full_name: String,
    /// Each lesson with on how many units it fired.
    pub(super) lessons: Vec<(Lesson, usize)>,
    pub(super) suggestions: Vec<AutonomySuggestion>,
    pub(super) source: String,
    /// What is wrong with the version on the branch.
    pub(super) broken: Option<String>,
}

/// What is kept for a moment, so that many readers cost no more than one.
pub(super) struct Kept {
    /// What somebody sees there is no business of others.
    front: Cache<ViewerKey, Arc<Front>>,
    digests: Cache<RepoId, String>,
    /// Each with the digest of what it rests on.
    overviews: Cache<RepoId, (String, Arc<Overview>)>,
    /// By repository and branch; each with that digest, too. Lines and boxes take longer to lay out than all the rest of the page.
    pictures: Cache<(RepoId, String), (String, Arc<Picture>)>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            front: Cache::builder().max_capacity(FRONTS).time_to_live(FRONT_LASTS).build(),
            digests: Cache::builder().max_capacity(10_000).time_to_live(DIGEST_LASTS).build(),
            overviews: Cache::builder().max_capacity(OVERVIEWS).time_to_live(OVERVIEW_LASTS).build(),
            pictures: Cache::new(PICTURES),
        }
    }
}

/// Whether a unit is still to land.
pub(super) const fn is_open(brief: &Brief) -> bool {
    !matches!(brief.standing, Standing::Landed | Standing::Withdrawn | Standing::RolledBack)
}

impl StoredUnits {
    /// Everything of the front page, at most two seconds old.
    pub(super) async fn front(&self) -> Result<Arc<Front>, ReadError> {
        if let Some(front) = self.kept.front.get(&self.viewer.key()) {
            return Ok(front);
        }
        let known = self.repositories().await?;
        let beyond = known.len().saturating_sub(LOOKED_INTO);
        let read: Vec<(Row, Vec<Brief>)> = stream::iter(known.into_iter().take(LOOKED_INTO))
            .map(|known| self.row(known))
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let (repositories, waiting): (Vec<Row>, Vec<Vec<Brief>>) = read.into_iter().unzip();
        let mut waiting: Vec<Brief> = waiting.into_iter().flatten().collect();
        waiting.sort_by_key(|brief| brief.next_move.as_ref().map_or(brief.since, |next| next.since));
        let waiting_in_all = waiting.len();
        waiting.truncate(WAITING);
        let front = Arc::new(Front { repositories, waiting, waiting_in_all, beyond, now: (self.now)() });
        self.kept.front.insert(self.viewer.key(), Arc::clone(&front));
        Ok(front)
    }

    async fn row(&self, known: Known) -> Result<(Row, Vec<Brief>), ReadError> {
        let state = self.reader.state(known.id).await?;
        let open = state.as_ref().map(|state| self.open(state)).unwrap_or_default();
        let waits = |brief: &Brief| Mover::of(brief) == Some(Mover::Person) && brief.standing != Standing::Draft;
        let (count, mut waiting) = (open.len(), open);
        waiting.retain(waits);
        let since = waiting.iter().filter_map(|brief| brief.next_move.as_ref()).map(|next| next.since).min();
        let row = Row { full_name: known.full_name, open: count, for_people: waiting.len(), oldest: since };
        Ok((row, waiting))
    }

    /// The briefs of the units that are still to land, by number.
    fn open(&self, state: &State) -> Vec<Brief> {
        let now = (self.now)();
        let briefs = state.units().filter(|unit| unit.is_open());
        briefs.map(|unit| govern::brief_of(state, &self.context, unit, now)).filter(is_open).collect()
    }

    /// Everything of a repository's page, with the digest of what it rests on: while that is the same it is not worked out again.
    pub(super) async fn overview(&self, full_name: &str) -> Result<(String, Arc<Overview>), ReadError> {
        let id = self.find(full_name).await?;
        let kept = self.kept.overviews.get(&id);
        if let Some(kept) = kept.clone().filter(|(of, _)| self.kept.digests.get(&id).as_ref() == Some(of)) {
            return Ok(kept);
        }
        let live = self.reader.live(id).await?;
        let digest = digest_of(&live);
        self.kept.digests.insert(id, digest.clone());
        if let Some(kept) = kept.filter(|(of, _)| *of == digest) {
            return Ok(kept);
        }
        let state = Reader::restore(&live)?.ok_or_else(|| ReadError::Unknown(full_name.to_owned()))?;
        let overview = Arc::new(self.look_over(&state, &digest).await?);
        self.kept.overviews.insert(id, (digest.clone(), Arc::clone(&overview)));
        Ok((digest, overview))
    }

    async fn look_over(&self, state: &State, digest: &str) -> Result<Overview, ReadError> {
        let now = (self.now)();
        let open = self.open(state);
        let mut bases: Vec<&str> = open.iter().map(|brief| brief.base.as_str()).collect();
        bases.sort_unstable();
        bases.dedup();
        let plans = bases.into_iter().map(|base| {
            let plan = govern::plan(state, &self.context, base, now);
            let picture = self.picture(state, &plan, &open, digest);
            Planned { plan, picture }
        });
        let plans = plans.collect();
        let mut landed = Vec::new();
        for landing in state.repo().landings.iter().rev().take(LANDED) {
            let brief = match state.unit(landing.number) {
                Some(unit) => Some(govern::brief_of(state, &self.context, unit, now)),
                None => match self.reader.closed_unit(UnitKey { repo: state.id(), number: landing.number }).await? {
                    Some(stored) => Some(govern::brief_of(state, &self.context, &unit(&stored)?, now)),
                    None => None,
                },
            };
            landed.extend(brief);
        }
        Ok(Overview { full_name: state.full_name().to_owned(), open, plans, landed, now })
    }

    fn picture(&self, state: &State, plan: &PlanView, open: &[Brief], digest: &str) -> Arc<Picture> {
        let key = (state.id(), plan.base.clone());
        if let Some((_, picture)) = self.kept.pictures.get(&key).filter(|(of, _)| of == digest) {
            return picture;
        }
        let picture = Arc::new(picture(state.full_name(), plan, open));
        self.kept.pictures.insert(key, (digest.to_owned(), Arc::clone(&picture)));
        picture
    }

    /// Everything of a unit's pages.
    pub(super) async fn told(&self, full_name: &str, number: PrNumber) -> Result<Told, ReadError> {
        let state = self.state(full_name).await?;
        let now = (self.now)();
        let closed;
        let one = if let Some(unit) = state.unit(number) {
            unit
        } else {
            let stored = self.reader.closed_unit(UnitKey { repo: state.id(), number }).await?;
            closed = unit(&stored.ok_or_else(|| ReadError::Unknown(format!("{full_name}#{number}")))?)?;
            &closed
        };
        let facts = state.facts_of(one, &self.context, now);
        let ended = state.repo().ended.keys().copied();
        Ok(Told {
            brief: govern::brief_of(&state, &self.context, one, now),
            evaluation: state.policy_of(&self.context, &one.base.branch).evaluate(&facts),
            trace: self.trace(full_name, number).await?,
            known: state.units().map(|unit| unit.number).chain(ended).collect(),
            now,
        })
    }

    /// What a repository was taught, and what its record suggests.
    pub(super) async fn lessons(&self, full_name: &str) -> Result<Lessons, ReadError> {
        let state = self.state(full_name).await?;
        let policy = state.policy(&self.context);
        let fired = |lesson: &Lesson| (lesson.clone(), state.repo().firings.of(&lesson.name));
        Ok(Lessons {
            full_name: state.full_name().to_owned(),
            lessons: policy.standard.file.lessons.iter().map(fired).collect(),
            suggestions: state.repo().records.suggestions(),
            source: policy.name(),
            broken: state.policy_kept().and_then(|kept| kept.broken.clone()),
        })
    }

    /// A digest of everything that a repository's pages rest on, at most a second old.
    pub(super) async fn digest(&self, full_name: &str) -> Result<String, ReadError> {
        let id = self.find(full_name).await?;
        if let Some(digest) = self.kept.digests.get(&id) {
            return Ok(digest);
        }
        let digest = digest_of(&self.reader.live(id).await?);
        self.kept.digests.insert(id, digest.clone());
        Ok(digest)
    }

    /// Where a unit is shown on GitHub.
    pub(super) fn on_github(&self, brief: &Brief) -> String {
        format!("{}/{}/pull/{}", self.context.web_url, brief.repo, brief.number)
    }
}

impl Front {
    /// A digest of what it shows, but for how old things are.
    pub(super) fn digest(&self) -> String {
        let waiting = self.waiting.iter().map(|brief| format!("{}#{} {:?}", brief.repo, brief.number, brief.next_move));
        let rows = self.repositories.iter().map(|row| format!("{} {} {}", row.full_name, row.open, row.for_people));
        let lines: Vec<(String, Bytes)> = waiting.chain(rows).map(|line| (line, Bytes::new())).collect();
        digest_of(&lines)
    }
}

impl Overview {
    /// An open unit.
    pub(super) fn brief(&self, number: PrNumber) -> Option<&Brief> {
        self.open.binary_search_by_key(&number, |brief| brief.number).ok().map(|at| &self.open[at])
    }

    /// The open units in the order in which they wait.
    pub(super) fn waiting(&self) -> Vec<&Brief> {
        let mut briefs: Vec<&Brief> = self.open.iter().collect();
        by_wait(&mut briefs);
        briefs
    }
}

fn digest_of(fields: &[(String, Bytes)]) -> String {
    let mut all = Sha256::new();
    for (field, value) in fields {
        all.update(field.len().to_le_bytes());
        all.update(field);
        all.update(value.len().to_le_bytes());
        all.update(value);
    }
    hex::encode(&all.finalize()[..8])
}
