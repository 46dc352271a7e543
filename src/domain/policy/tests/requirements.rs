//! Each requirement: case, file, facts, one line for each requirement.

use super::{lines, policy, unit};

const REQUIREMENTS: &[(&str, &str, &str, &[&str])] = &[
    ("defaults", "", "", &["unmet: somebody with write access confirms (nobody yet) [waits.confirm]"]),
    (
        "nothing reported is not nothing required",
        "evidence: { required: [test] }",
        "confirms: [bob]\npeople: { bob: { right: write } }",
        &["unmet: `test` passes (missing) [waits.evidence]", "met: somebody with write access confirms (bob)"],
    ),
    (
        "protection",
        "",
        "protection: [test]\nevidence: [{ name: test, state: pending }]",
        &[
            "unmet: `test` passes (test is pending) [waits.evidence]",
            "unmet: somebody with write access confirms (nobody yet) [waits.confirm]",
        ],
    ),
    (
        "protection not known",
        "rules: [{ name: a, autonomy: auto, when: { base: main } }]",
        "protection: { unknown: no permission }",
        &["unknown: what branch protection requires is known (no permission) [waits.github]"],
    ),
    (
        "from the right App",
        "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: { name: test, app: 5 } } }]",
        "evidence: [{ name: test, app: 6 }]",
        &["unmet: `test` passes from App 5 (missing) [waits.evidence]"],
    ),
    (
        "failing",
        "evidence: { required: test }",
        "evidence: [{ name: test, state: failing }]",
        &[
            "unmet: `test` passes (test fails) [blocked.evidence]",
            "unmet: somebody with write access confirms (nobody yet) [waits.confirm]",
        ],
    ),
    (
        "names with brackets are names",
        "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: ['test [linux]'] } }]",
        "evidence: [{ name: 'test [linux]' }]",
        &["met: `test [linux]` passes (passing)"],
    ),
    (
        "counted",
        "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: { name: 'shard-*', count: 3 } } }]",
        "evidence: [{ name: shard-1 }, { name: shard-2 }, { name: other }]",
        &["unmet: 3 results `shard-*` pass (2 of 3) [waits.evidence]"],
    ),
    (
        "one of many fails",
        "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: { name: 'shard-*', count: 1 } } }]",
        "evidence: [{ name: shard-1 }, { name: shard-2, state: failing }]",
        &["unmet: `shard-*` passes (shard-2 fails) [blocked.evidence]"],
    ),
    (
        "stale",
        "evidence: { required: test }",
        "evidence: [{ name: test, related_landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
        &[
            "unmet: `test` passes (stale since #3 landed) [waits.evidence.stale]",
            "met: somebody with write access confirms (bob)",
        ],
    ),
    (
        "unrelated landings count only for always",
        "evidence: { required: test, fresh: always }",
        "evidence: [{ name: test, landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
        &[
            "unmet: `test` passes (stale since #3 landed) [waits.evidence.stale]",
            "met: somebody with write access confirms (bob)",
        ],
    ),
    (
        "never",
        "evidence: { required: test, fresh: never }",
        "evidence: [{ name: test, related_landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
        &["met: `test` passes (passing)", "met: somebody with write access confirms (bob)"],
    ),
    (
        "a rule makes it fresher",
        "evidence: { required: test, fresh: never }\nrules: [{ name: a, require: { fresh: selective } }]",
        "evidence: [{ name: test, related_landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
        &[
            "unmet: `test` passes (stale since #3 landed) [waits.evidence.stale]",
            "met: somebody with write access confirms (bob)",
        ],
    ),
    (
        "results not known",
        "evidence: { required: test }",
        "evidence: { unknown: GitHub is down }\nconfirms: [bob]\npeople: { bob: { right: write } }",
        &["unknown: `test` passes (GitHub is down) [waits.github]", "met: somebody with write access confirms (bob)"],
    ),
    (
        "approvals",
        "reviews: { approvals: 2 }",
        "reviews: [{ by: bob }, { by: carol, outdated: true }, { by: alice }]\npeople: { bob: { right: write }, carol: { right: write } }\nconfirms: [bob]",
        &["unmet: 2 approvals on this head (bob) [waits.review]", "met: somebody with write access confirms (bob)"],
    ),
    (
        "approvals by strangers",
        "reviews: { approvals: 1 }",
        "reviews: [{ by: eve }]\npeople: { eve: { right: read }, bob: { right: write } }\nconfirms: [bob]",
        &[
            "unmet: one approval on this head (nobody yet) [waits.review]",
            "met: somebody with write access confirms (bob)",
        ],
    ),
    (
        "changes requested, on any head",
        "reviews: { approvals: 1 }",
        "reviews: [{ by: bob }, { by: carol, state: changes_requested, outdated: true }]\npeople: { bob: { right: write }, carol: { right: admin } }\nconfirms: [bob]",
        &[
            "unmet: one approval on this head (carol asked for changes) [waits.review]",
            "met: somebody with write access confirms (bob)",
        ],
    ),
    (
        "changes requested by a stranger",
        "reviews: { approvals: 1 }",
        "reviews: [{ by: bob }, { by: eve, state: changes_requested }]\npeople: { bob: { right: write }, eve: { right: read } }\nconfirms: [bob]",
        &["met: one approval on this head (bob)", "met: somebody with write access confirms (bob)"],
    ),
    (
        "dismissed",
        "reviews: { approvals: 1 }",
        "reviews: [{ by: bob, state: dismissed }]\npeople: { bob: { right: write } }\nconfirms: [bob]",
        &[
            "unmet: one approval on this head (nobody yet) [waits.review]",
            "met: somebody with write access confirms (bob)",
        ],
    ),
    (
        "a right that is not known",
        "reviews: { approvals: 1 }",
        "reviews: [{ by: bob }]\npeople: { bob: { right: { unknown: bad gateway } }, carol: { right: write } }\nconfirms: [carol]",
        &[
            "unknown: one approval on this head (nobody yet; not every reviewer's right is known) [waits.review]",
            "met: somebody with write access confirms (carol)",
        ],
    ),
    (
        "code owners approve",
        "reviews: { code_owners: true }",
        "owners: [{ owners: ['@bob'], paths: [a] }, { owners: ['@carol', '@acme/web'], paths: [b] }]\nreviews: [{ by: bob }]\npeople: { bob: { right: write, teams: { acme/web: false } } }\nconfirms: [bob]",
        &[
            "unmet: an owner of each owned path approves (not yet for b (carol or acme/web)) [waits.review]",
            "met: somebody with write access confirms (bob)",
        ],
    ),
    (
        "nobody owns it",
        "reviews: { code_owners: true }",
        "confirms: [bob]\npeople: { bob: { right: write } }",
        &[
            "not_applicable: an owner of each owned path approves (nobody owns what it touches)",
            "met: somebody with write access confirms (bob)",
        ],
    ),
];

#[test]
fn every_requirement_says_what_it_saw_and_why_it_waits() {
    for (case, file, facts, expected) in REQUIREMENTS {
        assert_eq!(lines(&policy(file).evaluate(&unit(facts))), *expected, "{case}");
    }
}
