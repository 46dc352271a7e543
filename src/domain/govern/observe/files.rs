//! Takes the files of a pull request into its unit: its footprint, the digests of its lines, and when they are read again.

use jiff::SignedDuration;

use crate::domain::govern::aftermath;
use crate::domain::govern::seen::facts::{FileSeen, Unknown};
use crate::domain::govern::settle::Work;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::integration::files::{FileEntry, footprint};
use crate::domain::integration::footprint::Footprint;
use crate::domain::unit::Recheck;

/// How long at most until files that could not be read are asked for again.
const SELDOM: SignedDuration = SignedDuration::from_hours(3);

impl Work<'_> {
    pub(super) fn take_footprint(
        &mut self,
        number: PrNumber,
        head: &CommitSha,
        footprint: Footprint,
        content: Option<String>,
    ) {
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.head.sha == *head) else { return };
        unit.footprint = footprint;
        unit.footprint_of = Some(head.clone());
        unit.content = content;
        if unit.is_open() {
            self.state.relations.put(unit);
        }
        self.carry_confirms(number);
        self.touch(number);
    }

    /// What could not be read once may be read later; what GitHub never shows whole is asked for seldom.
    pub(super) fn read_files_again(&mut self, number: PrNumber, unknown: &Unknown) {
        let now = self.now;
        let base = i64::try_from(self.context.retry_base_ms).unwrap_or(1000);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let tries = unit.unlisted.as_ref().map_or(0, |again| again.tries) + 1;
        let wait = SignedDuration::from_millis(base.saturating_mul(1 << tries.min(14))).min(SELDOM);
        let wait = unknown.retry_after.map_or(wait, |seconds| wait.max(SignedDuration::from_secs(i64::from(seconds))));
        unit.unlisted = Some(Recheck { tries, again_at: now.checked_add(wait).unwrap_or(now) });
        self.touch(number);
    }

    pub(super) fn take_edits(&mut self, number: PrNumber, head: &CommitSha, files: &[FileSeen]) {
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.head.sha == *head) else { return };
        unit.edits = aftermath::edits(files);
        self.note_reverting(number);
    }
}

/// What files touch; `changed` is how many GitHub says there are.
pub(in crate::domain::govern) fn footprint_of_files(files: &[FileSeen], changed: Option<usize>) -> Footprint {
    footprint(files.iter().map(entry), changed)
}

fn entry(file: &FileSeen) -> FileEntry<'_> {
    FileEntry {
        filename: &file.filename,
        previous_filename: file.previous_filename.as_deref(),
        status: &file.status,
        patch: file.patch.as_deref(),
        additions: file.additions,
        deletions: file.deletions,
        ..FileEntry::default()
    }
}
