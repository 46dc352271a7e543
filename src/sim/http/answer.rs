//! What a handler answers.

use bytes::Bytes;
use serde_json::{Value, json};

/// A response before it meets the wire.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// A response's content.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// As it is, under this content type.
    Raw(Bytes, &'static str),
}

/// Both arms are answers: `?` ends a handler early with GitHub's refusal.
pub(crate) type Reply = Result<Answer, Answer>;

impl Answer {
    /// A JSON document.
    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self { status, body: Body::Json(value), headers: Vec::new() }
    }

    /// Nothing but a status.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, body: Body::Empty, headers: Vec::new() }
    }

    /// An error as GitHub words them.
    pub(crate) fn error(status: u16, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self::json(
            status,
            json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string()}),
        )
    }

    /// With one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The bytes to send and their content type.
    pub(crate) fn bytes(&self) -> (Bytes, Option<&'static str>) {
        match &self.body {
            Body::Empty => (Bytes::new(), None),
            Body::Json(value) => (value.to_string().into(), Some("application/json; charset=utf-8")),
            Body::Raw(bytes, kind) => (bytes.clone(), Some(kind)),
        }
    }
}

/// 200 with a document.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it, and handlers answer a Reply")]
pub(crate) fn ok(value: Value) -> Reply {
    Ok(Answer::json(200, value))
}

/// 404, which also hides what one may not see.
pub(crate) fn not_found() -> Answer {
    Answer::error(404, "Not Found")
}

/// 422 with one entry in `errors` (FACTS R9).
pub(crate) fn unprocessable(message: &str, resource: &str, field: &str, code: &str) -> Answer {
    Answer::json(
        422,
        json!({
            "message": if message.is_empty() { "Validation Failed" } else { message },
            "errors": [{"resource": resource, "field": field, "code": code, "message": message}],
            "documentation_url": "https://docs.github.com/rest",
            "status": "422",
        }),
    )
}
