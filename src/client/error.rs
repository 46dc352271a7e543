//! Why a server's answer could not be had.

use http::StatusCode;

/// Why there is no answer, each with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The address of the server is none.
    #[error("`{0}` is no address of a server: give one as in http://127.0.0.1:3000, by --server or FLYBALL_SERVER")]
    Address(String),
    /// The token cannot be sent.
    #[error("the token is none: give a GitHub user token by FLYBALL_TOKEN, as docs/API.md says")]
    Token,
    /// Nobody answers there. Start a server, or name another address.
    #[error(
        "no Flyball server answers at {server} ({why}): start one with `flyball serve`, or name another with --server or FLYBALL_SERVER"
    )]
    Unreachable {
        /// Where it was asked.
        server: String,
        /// What happened.
        why: String,
    },
    /// It answers, and says no.
    #[error("{detail}{}", hint(*.status))]
    Refused {
        /// How.
        status: StatusCode,
        /// Why, in the server's words.
        detail: String,
    },
    /// It answers what this version does not know.
    #[error(
        "the server answers what this version does not understand ({0}): is it a Flyball server, and of the same version?"
    )]
    Unlike(#[source] serde_json::Error),
    /// The question cannot be put.
    #[error("the question cannot be put as a request: look at the names in it")]
    Malformed,
}

impl AskError {
    /// Whether the server said that it does not know what was asked for.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::NOT_FOUND, .. })
    }
}

fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => {
            ": look at the spelling, and whether the App is installed there; `flyball status` lists what the server knows"
        }
        StatusCode::UNAUTHORIZED => ": set FLYBALL_TOKEN; docs/API.md says how to get one",
        StatusCode::FORBIDDEN => ": ask from the machine that the server runs on, by its loopback address",
        StatusCode::SERVICE_UNAVAILABLE => {
            ": try again in a few seconds; `flyball doctor` says what is wrong if it stays so"
        }
        _ => "",
    }
}
