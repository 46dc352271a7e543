//! The first word of Flyball in a repository: a neutral run on the default branch.

/// Title and summary.
#[must_use]
pub(super) fn introduction() -> (String, String) {
    let summary = "This run only shows that the check `flyball` is here, so that branch protection can name it: require it for the \
                   branches that Flyball shall guard, with this App as its source. It says nothing about this commit.\n\n\
                   Pull requests that are open get their own run, the newest first; comments come with the next thing that happens on \
                   them.\n";
    ("Flyball is here: this check can be required now".to_owned(), summary.to_owned())
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    #[test]
    fn it_says_what_to_do_and_what_it_does_not_mean() {
        let (title, summary) = super::introduction();
        assert_snapshot!(format!("{title}\n\n{summary}"), @r"
        Flyball is here: this check can be required now

        This run only shows that the check `flyball` is here, so that branch protection can name it: require it for the branches that Flyball shall guard, with this App as its source. It says nothing about this commit.

        Pull requests that are open get their own run, the newest first; comments come with the next thing that happens on them.
        ");
    }
}
