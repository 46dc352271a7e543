//! What fuzzing calls: one function for each kind of input that strangers shape. A function panics where a promise is broken, not where
//! its input is bad. `tests/fuzz_corpus.rs` calls them all over the corpus with the stable compiler.

use flyball::domain::govern::{Delivered, State, commands as read_commands, may_command};
use flyball::domain::ids::Timestamp;
use flyball::domain::integration::dependency::declared as read_declared;
use flyball::domain::integration::packages::{Manifest, compare_readings, read as read_manifest};
use flyball::domain::integration::patch::parse as parse_patch;
use flyball::domain::policy::codeowners::CodeOwners;
use flyball::domain::policy::facts::{Known, TouchedFile, UnitFacts};
use flyball::domain::policy::{Around, load};
use flyball::domain::unit::{Unit, verify};
use flyball::runtime::archive::{pack, unpack};
use flyball::webhook::payload;
use flyball::webhook::{ContentType, Headers, Ourselves, Secrets};

/// Every kind of event that is read, and one that is not.
const EVENTS: [&str; 16] = [
    "pull_request",
    "pull_request_review",
    "check_run",
    "check_suite",
    "status",
    "issue_comment",
    "push",
    "merge_group",
    "repository",
    "branch_protection_rule",
    "repository_ruleset",
    "installation",
    "installation_repositories",
    "member",
    "ping",
    "gollum",
];

/// The event's name and the body of a delivery that `payload` was given.
pub(crate) fn event_of(data: &[u8]) -> Option<(&'static str, &[u8])> {
    let (first, body) = data.split_first()?;
    Some((EVENTS[usize::from(*first) % EVENTS.len()], body))
}

/// A webhook's payload: the first byte chooses the event, its top bit a form in place of JSON; the rest is the body.
pub(crate) fn payload(data: &[u8]) {
    let Some((event, body)) = event_of(data) else { return };
    let content = if data[0] & 0x80 == 0 { ContentType::Json } else { ContentType::Form };
    let Ok(text) = content.payload(body) else { return };
    let headers = Headers { event: event.to_owned(), delivery: "d".to_owned() };
    let ourselves = Ourselves { app_id: Some(4242), bot_login: Some("flyball[bot]".to_owned()) };
    let read = || payload::read(&headers, &text, &ourselves, Timestamp::UNIX_EPOCH);
    match (read(), read()) {
        (Ok(once), Ok(again)) => {
            assert_eq!(format!("{once:?}"), format!("{again:?}"), "the same input, the same result");
        }
        (Err(_), Err(_)) => {}
        (once, again) => panic!("{once:?}, then {again:?}"),
    }
}

/// A signature header: up to the first zero byte the header, then the body. Only the one true header passes.
pub(crate) fn signature(data: &[u8]) {
    let split = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (header, body) = (&data[..split], data.get(split + 1..).unwrap_or_default());
    let secrets = Secrets::new(["it is a secret", "the one before"]);
    let alone = |secret: &str| Secrets::new([secret]).sign(body);
    let genuine = [alone("it is a secret"), alone("the one before")];
    // The digits of a number may be of either case, the name before them may not.
    let is_genuine = genuine.iter().flatten().any(|genuine| {
        let digits = genuine.strip_prefix("sha256=").unwrap_or_default().as_bytes();
        header.strip_prefix(b"sha256=").is_some_and(|claimed| claimed.eq_ignore_ascii_case(digits))
    });
    assert_eq!(secrets.verify(header, body).is_ok(), is_genuine);
    assert!(genuine.iter().flatten().all(|genuine| secrets.verify(genuine.as_bytes(), body).is_ok()));
}

/// A comment.
pub(crate) fn commands(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let found = read_commands(&text, Timestamp::UNIX_EPOCH);
    assert!(found.is_empty() || may_command(&text), "{found:?} were not expected");
    assert!(found.len() <= text.lines().count(), "{found:?}: more than one in a line");
}

/// A policy file: read, checked, compiled, and asked about a unit.
pub(crate) fn policy(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let loaded = load(&text, Around { source: ".github/flyball.yml", ..Around::default() });
    let Some(standard) = loaded.standard else {
        assert!(!loaded.findings.is_empty(), "refused without a word");
        return;
    };
    let files = ["src/lib.rs", "docs/a b.md", "", "db/migrations/0001.sql"].map(|path| TouchedFile::Path(path.into()));
    let mut unit =
        UnitFacts { files: Known::Known(files.into()), title: text.chars().take(99).collect(), ..UnitFacts::default() };
    unit.author.login = "alice".to_owned();
    assert_eq!(standard.evaluate(&unit), standard.evaluate(&unit));
    let _settings = standard.settings("main");
}

/// The patch of one file.
pub(crate) fn patch(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(read) = parse_patch(&text) else { return };
    let in_order = read.hunks.windows(2).all(|two| two[0].end() <= two[1].start);
    assert!(in_order, "{:?}", read.hunks);
    let (removed, added) = read
        .hunks
        .iter()
        .fold((0, 0), |(removed, added), hunk| (removed + u64::from(hunk.removed), added + u64::from(hunk.added)));
    assert_eq!((removed, added), (read.removed.len() as u64, read.added.len() as u64));
}

/// A `CODEOWNERS` file.
pub(crate) fn codeowners(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(owners) = CodeOwners::parse(&text) else { return };
    assert!(owners.len() + owners.bad_lines().len() <= text.lines().count());
    for path in ["src/lib.rs", "a/b/c.txt", "docs/ü ber.md", ""] {
        let _owners = owners.owners(path);
    }
}

/// Two versions of a manifest: the first byte chooses the kind, a zero byte parts them.
pub(crate) fn packages(data: &[u8]) {
    let kinds = [
        Manifest::CargoToml,
        Manifest::PackageJson,
        Manifest::GoMod,
        Manifest::PyprojectToml,
        Manifest::RequirementsTxt,
        Manifest::PomXml,
        Manifest::Gemfile,
    ];
    let Some((first, rest)) = data.split_first() else { return };
    let kind = kinds[usize::from(*first) % kinds.len()];
    let mut versions = rest.splitn(2, |byte| *byte == 0).map(|version| read_manifest(kind, version));
    let (before, after) = (versions.next(), versions.next());
    let _changes = compare_readings("manifest", kind, before.as_ref(), after.as_ref());
    let same = compare_readings("manifest", kind, before.as_ref(), before.as_ref());
    assert!(same.is_err() || same.is_ok_and(|changes| changes.is_empty()), "nothing changed");
}

/// A description that declares dependencies.
pub(crate) fn declared(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    assert_eq!(format!("{:?}", read_declared(&text)), format!("{:?}", read_declared(&text)));
}

/// What the store holds, damaged: a repository's fields, a unit, a delivery, a trace, a packed trace.
pub(crate) fn stored(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    match first % 5 {
        0 => {
            let names =
                ["repo", "policy", "u:1", "c:x", "e:0123456789012345678901234567890123456789", "p:main", "t:main"];
            let fields = rest
                .split(|byte| *byte == 0)
                .zip(names)
                .map(|(value, name)| (name.to_owned(), bytes::Bytes::copy_from_slice(value)));
            if let Ok(Some(state)) = State::restore(&fields.collect::<Vec<_>>()) {
                let _in_flight = state.in_flight();
            }
        }
        1 => {
            if let Ok(unit) = serde_json::from_slice::<Unit>(rest) {
                let kept = serde_json::to_vec(&unit).expect("a unit can be kept");
                assert_eq!(serde_json::from_slice::<Unit>(&kept).expect("what was kept is read"), unit);
            }
        }
        2 => {
            if let Ok(delivered) = serde_json::from_slice::<Delivered>(rest) {
                let kept = serde_json::to_vec(&delivered).expect("a delivery can be kept");
                assert_eq!(serde_json::from_slice::<Delivered>(&kept).expect("what was kept is read"), delivered);
            }
        }
        3 => {
            let _head = verify(String::from_utf8_lossy(rest).lines());
            let lines: Vec<_> = rest.split(|byte| *byte == b'\n').map(bytes::Bytes::copy_from_slice).collect();
            let packed = pack(&lines).expect("lines are packed");
            assert_eq!(unpack("t", &packed).expect("what was packed is unpacked"), lines);
        }
        _ => drop(unpack("t", rest)),
    }
}
