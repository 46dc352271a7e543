//! The check run on a group of GitHub's merge queue: whose decision or standing keeps the group back.

use super::text::{Prose, code};
use super::{check::fit, details};
use crate::domain::govern::{CheckDoc, Conclusion, GroupView};

/// GitHub takes 65,535 characters; no group has more than 100 members.
const MAX: usize = 60_000;

/// What the check run on a group's commit says.
#[must_use]
pub fn group(view: &GroupView, external_id: &str) -> CheckDoc {
    let prose = Prose::knowing(view.members.iter().map(|(number, _)| *number));
    let title = match view.conclusion {
        Some(Conclusion::Success) => "Every member of this group may land",
        Some(_) if view.members.is_empty() => "The members of this group could not be learnt",
        Some(_) => "A member of this group may not land",
        None if view.members.is_empty() => "Waits until the members of this group are known",
        None => "Waits for a member of this group",
    };
    let mut summary = format!(
        "A group of GitHub's merge queue for {}. Each member is judged as it was queued.\n\n",
        code(&view.base, 160)
    );
    if view.members.is_empty() {
        summary.push_str("GitHub has not told which pull requests are in it; they are asked for again until the group is 10 minutes old.\n");
    }
    for (number, why) in &view.members {
        match why {
            None => summary.push_str(&format!("- #{number} may land\n")),
            Some(why) => summary.push_str(&format!("- **#{number}**: {}\n", details::sentence(&prose, why))),
        }
    }
    CheckDoc {
        sha: view.sha.clone(),
        external_id: external_id.to_owned(),
        conclusion: view.conclusion,
        title: title.to_owned(),
        summary: fit(&summary, MAX).to_owned(),
        text: String::new(),
        details_url: None,
        actions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::domain::ids::PrNumber;

    fn view(conclusion: Option<Conclusion>, members: &[(u64, Option<&str>)]) -> GroupView {
        GroupView {
            sha: crate::present::testing::head(),
            base: "main".into(),
            conclusion,
            members: members.iter().map(|(number, why)| (PrNumber(*number), why.map(str::to_owned))).collect(),
        }
    }

    #[test]
    fn who_keeps_the_group_back_is_named() {
        let doc =
            group(&view(Some(Conclusion::Failure), &[(7, None), (8, Some("@carol refused it: <b>no</b>."))]), "1:2");
        assert_snapshot!(format!("{}\n\n{}", doc.title, crate::present::testing::visible(&doc.summary)), @r"
        A member of this group may not land

        A group of GitHub's merge queue for `main`. Each member is judged as it was queued.

        - #7 may land
        - **#8**: @[break]carol refused it: \<b\>no\</b\>.
        ");
    }

    #[test]
    fn a_group_nobody_knows_says_so() {
        let doc = group(&view(None, &[]), "1:2");
        assert_snapshot!(format!("{}\n\n{}", doc.title, doc.summary), @r"
        Waits until the members of this group are known

        A group of GitHub's merge queue for `main`. Each member is judged as it was queued.

        GitHub has not told which pull requests are in it; they are asked for again until the group is 10 minutes old.
        ");
    }

    #[test]
    fn a_hundred_members_fit() {
        let long = "why ".repeat(2_000);
        let members: Vec<_> = (1..=100).map(|number| (number, Some(long.as_str()))).collect();
        assert!(group(&view(Some(Conclusion::Failure), &members), "1:2").summary.chars().count() <= MAX);
    }
}
