//! Why GitHub could not be asked, or did not answer usefully.

use crate::domain::govern::Unknown;

/// One variant per thing the caller can do about it. Texts are for people and never hold a key or a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// A setting cannot work. Put it right; the text says how.
    #[error("{0}")]
    Settings(String),
    /// GitHub said no. Nothing was done; asking the same again gives the same.
    #[error("GitHub answered {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// GitHub's own words, at most 500 characters.
        message: String,
    },
    /// GitHub gives no token for the installation: it is gone, or was never ours. Nothing was asked of the repository, so nothing is
    /// known about it: never the same as a 404 to a question.
    #[error("Flyball is not installed here (any more): GitHub answered {status} to the request for a token: {message}")]
    NoInstallation {
        /// The HTTP status.
        status: u16,
        /// GitHub's own words, at most 500 characters.
        message: String,
    },
    /// GitHub does not accept our signature because the clocks differ. Set this machine's clock.
    #[error("GitHub does not accept the App's signature: this machine's clock is {}; synchronise it (NTP)", skew(*ahead_seconds))]
    ClockWrong {
        /// How far this machine's clock is ahead of GitHub's; negative where it is behind.
        ahead_seconds: i64,
    },
    /// A rate limit. Nothing was done; not before this many seconds from now.
    #[error("GitHub's rate limit is reached; it lifts in {seconds} s")]
    Limited {
        /// Seconds to wait.
        seconds: u32,
    },
    /// No answer, or a 5xx. Where it was sent nobody knows whether it was done.
    #[error("{because}")]
    Unreachable {
        /// What the network said.
        because: String,
        /// Whether the request went out at all.
        sent: bool,
    },
    /// A success that cannot be read: not GitHub, or a GitHub we do not know.
    #[error("GitHub's answer could not be read: {0}")]
    Unreadable(String),
}

fn skew(ahead_seconds: i64) -> String {
    let direction = if ahead_seconds < 0 { "behind" } else { "ahead of" };
    format!("{} s {direction} GitHub's", ahead_seconds.unsigned_abs())
}

impl GitHubError {
    /// Whether the same request may be answered a moment later.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Whether GitHub says that it does not exist, or hides it.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404 | 410, .. } | Self::NoInstallation { .. })
    }

    /// The same where it was a token (or the installation itself) that was asked for: a 404 there says nothing about what the token
    /// was wanted for.
    pub(super) fn of_installation(self) -> Self {
        match self {
            Self::Refused { status: status @ (404 | 410), message } => Self::NoInstallation { status, message },
            other => other,
        }
    }

    /// The same for a question that came before the call itself: the call never went out.
    pub(super) fn unsent(self) -> Self {
        match self {
            Self::Unreachable { because, .. } | Self::Unreadable(because) => Self::Unreachable { because, sent: false },
            other => other,
        }
    }

    /// The fact that it is not known.
    pub(super) fn into_unknown(self) -> Unknown {
        let retry_after = match &self {
            Self::Limited { seconds } => Some(*seconds),
            Self::Unreachable { .. } => Some(1),
            Self::Settings(_)
            | Self::Refused { .. }
            | Self::NoInstallation { .. }
            | Self::ClockWrong { .. }
            | Self::Unreadable(_) => None,
        };
        Unknown { missing: self.is_missing(), because: self.to_string(), retry_after }
    }
}
