//! Proof that GitHub sent these bytes: HMAC-SHA256 over the raw body, any of several secrets.
//!
//! Contract: <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The webhook secrets that are valid now: two while one replaces the other. Keyed once, so that a check only hashes the body.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Hmac<Sha256>>);

/// The signature is missing, is not `sha256=` and 64 hex digits, or no secret gives it for these bytes.
///
/// One value for all of it: who cannot sign learns nothing about why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the delivery carries no valid X-Hub-Signature-256")]
pub struct BadSignature;

/// A well-formed `X-Hub-Signature-256`, not yet checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claimed([u8; 32]);

impl Claimed {
    /// Reads the header's value: `sha256=` and 64 hex digits, nothing else.
    pub(super) fn parse(header: &[u8]) -> Result<Self, BadSignature> {
        let digits = header.strip_prefix(b"sha256=").ok_or(BadSignature)?;
        let mut mac = [0; 32];
        hex::decode_to_slice(digits, &mut mac).map_err(|_| BadSignature)?;
        Ok(Self(mac))
    }
}

impl Secrets {
    /// Takes each secret as it stands; empty ones are left out, for anybody can sign with those. Without any secret every delivery is
    /// refused.
    pub fn new<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let keyed = |secret: &S| Hmac::<Sha256>::new_from_slice(secret.as_ref()).ok();
        Self(
            secrets
                .into_iter()
                .filter(|secret| !secret.as_ref().is_empty())
                .filter_map(|secret| keyed(&secret))
                .collect(),
        )
    }

    /// Whether there is no secret at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks the value of `X-Hub-Signature-256` against the raw body.
    ///
    /// # Errors
    /// [`BadSignature`]: answer 401 and look at nothing in the body.
    pub fn verify(&self, header: &[u8], body: &[u8]) -> Result<(), BadSignature> {
        self.check(Claimed::parse(header)?, body)
    }

    /// As [`Secrets::verify`], for a header that was parsed before.
    pub(super) fn check(&self, claimed: Claimed, body: &[u8]) -> Result<(), BadSignature> {
        let signed_with = |keyed: &Hmac<Sha256>| keyed.clone().chain_update(body).verify_slice(&claimed.0).is_ok();
        if self.0.iter().any(signed_with) { Ok(()) } else { Err(BadSignature) }
    }

    /// The header's value for a body under the first secret: what GitHub, or the simulated one, would send. `None` without a secret.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> Option<String> {
        let mac = self.0.first()?.clone().chain_update(body).finalize();
        Some(format!("sha256={}", hex::encode(mac.into_bytes())))
    }
}

/// How many there are, never what they are.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} kept from view)", self.0.len())
    }
}
