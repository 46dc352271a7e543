//! Headers and content type: what the delivery is, before its JSON is looked at.

use std::borrow::Cow;

use http::header::{CONTENT_TYPE, HeaderMap};

use super::Refusal;
use super::signature::{BadSignature, Claimed};

const EVENT: &str = "x-github-event";
const DELIVERY: &str = "x-github-delivery";
const SIGNATURE: &str = "x-hub-signature-256";

/// GitHub's delivery ids are GUIDs; longer ones would not fit into the store's ids with a repository id behind them.
const MAX_ID: usize = 128;

/// How the payload is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// `application/json`: the body is the payload.
    Json,
    /// `application/x-www-form-urlencoded`: the payload is the field `payload`.
    Form,
}

/// What a verified delivery's headers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// `X-GitHub-Event`: the event's name, which is in no body.
    pub event: String,
    /// `X-GitHub-Delivery`: the GUID, the same when it is delivered again.
    pub delivery: String,
}

impl Headers {
    /// Reads the two headers that every delivery has.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] if one is missing, repeated, empty, too long or not plain ASCII.
    pub fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let plain = |name: &'static str| {
            let text = only(headers, name)
                .and_then(|value| std::str::from_utf8(value).ok())
                .filter(|text| (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()));
            text.map(str::to_owned).ok_or(Refusal::Malformed(match name {
                EVENT => "X-GitHub-Event is missing or malformed",
                _ => "X-GitHub-Delivery is missing or malformed",
            }))
        };
        Ok(Self { event: plain(EVENT)?, delivery: plain(DELIVERY)? })
    }
}

impl ContentType {
    /// Reads `Content-Type`, parameters ignored.
    ///
    /// # Errors
    /// [`Refusal::MediaType`] for everything but JSON and forms.
    pub fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let value = only(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        let essence = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if essence.eq_ignore_ascii_case(b"application/json") {
            Ok(Self::Json)
        } else if essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            Ok(Self::Form)
        } else {
            Err(Refusal::MediaType)
        }
    }

    /// The payload's JSON text within the body.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] if the body is no UTF-8, or a form without `payload`.
    pub fn payload(self, body: &[u8]) -> Result<Cow<'_, str>, Refusal> {
        match self {
            Self::Json => {
                std::str::from_utf8(body).map(Cow::Borrowed).map_err(|_| Refusal::Malformed("the body is not UTF-8"))
            }
            Self::Form => url::form_urlencoded::parse(body)
                .find(|(field, _)| field == "payload")
                .map(|(_, payload)| payload)
                .ok_or(Refusal::Malformed("the form has no field `payload`")),
        }
    }
}

/// The signature as claimed. SHA-1 (`X-Hub-Signature`) is not looked at.
pub(super) fn claimed(headers: &HeaderMap) -> Result<Claimed, BadSignature> {
    Claimed::parse(only(headers, SIGNATURE).ok_or(BadSignature)?)
}

/// A header's value where it is there exactly once: of two, nobody could say which one counts.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first.as_bytes())
}
