//! What is ours: paths that a login may lead to, and requests that our own pages send.

use http::HeaderMap;
use http::header::{HOST, HeaderName, ORIGIN};
use http::uri::Authority;
use url::{Position, Url};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// A longer path is none of ours, and would not fit into a cookie.
const LONGEST: usize = 1000;

/// The path, if it is one of ours; else the front page. A login never leads elsewhere, nor back to itself.
pub(super) fn ours(path: &str) -> &str {
    if is_ours(path) { path } else { "/" }
}

fn is_ours(path: &str) -> bool {
    let plain = path.len() <= LONGEST && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // `//host` is an address of another host to a browser.
    if !plain || !path.starts_with('/') || path.starts_with("//") {
        return false;
    }
    let Ok(here) = Url::parse("http://here.invalid/") else { return false };
    // As a browser reads it, too, it has to be the same path on the same host.
    let Ok(there) = here.join(path) else { return false };
    there.origin() == here.origin()
        && &there[Position::BeforePath..] == path
        && !matches!(there.path(), "/logout" | "/login")
        && !there.path().starts_with("/login/")
}

/// Why a request that changes something, and brings a cookie, was not sent by a page of ours; `None` where it was.
///
/// Browsers say where a request comes from by `Origin`, and by `Sec-Fetch-Site` on TLS and loopback. One that says neither is refused.
///
/// Contract: <https://www.w3.org/TR/fetch-metadata/>, RFC 6454.
pub(super) fn foreign(headers: &HeaderMap) -> Option<&'static str> {
    const WHY: &str = "the request was not sent by a page of this server";
    let mut sites = headers.get_all(FETCH_SITE).iter().peekable();
    let mut origins = headers.get_all(ORIGIN).iter().peekable();
    if sites.peek().is_none() && origins.peek().is_none() {
        return Some("the request does not say which page sent it");
    }
    let host: Option<Authority> = headers.get(HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    let own = |origin: &str| {
        let url = Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        // Ports that go without saying are left out on both sides.
        let as_url = |scheme: &str| Url::parse(&format!("{scheme}://{}", host.as_ref()?)).ok();
        url.is_some_and(|url| as_url(url.scheme()).is_some_and(|host| host.origin() == url.origin()))
    };
    let same_site = sites.all(|site| site.as_bytes() == b"same-origin");
    let same_origin = origins.all(|origin| origin.to_str().is_ok_and(own));
    if same_site && same_origin { None } else { Some(WHY) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_login_leads_to_paths_of_ours_only() {
        for path in ["/", "/acme/shop", "/acme/shop/12?said=a#trace", "/doctor", "/login-page/x", "/a/b%20c"] {
            assert_eq!(ours(path), path);
        }
        let elsewhere = [
            "",
            "acme/shop",
            "//evil.test",
            "///evil.test",
            "/\\evil.test",
            "\\\\evil.test",
            "https://evil.test/",
            "http:evil.test",
            "javascript:alert(1)",
            "/\t/evil.test",
            "/\n//evil.test",
            "/a\r\nSet-Cookie: b=c",
            "/../..//evil.test",
            "/.//evil.test",
            "/a/../b",
            "/ä",
            "/login",
            "/login?next=/",
            "/login/github",
            "/logout",
        ];
        for path in elsewhere {
            assert_eq!(ours(path), "/", "{path:?}");
        }
        assert_eq!(ours(&format!("/{}", "a".repeat(1000))), "/", "too long");
    }

    fn sent(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn what_changes_something_must_come_from_a_page_of_ours() {
        let host = ("host", "flyball.test");
        let own = [
            vec![host, ("origin", "https://flyball.test")],
            vec![host, ("origin", "https://flyball.test:443"), ("sec-fetch-site", "same-origin")],
            vec![("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")],
            vec![host, ("sec-fetch-site", "same-origin")],
        ];
        for headers in own {
            assert_eq!(foreign(&sent(&headers)), None, "{headers:?}");
        }
        let others = [
            vec![host],
            vec![("origin", "https://flyball.test")],
            vec![host, ("origin", "null")],
            vec![host, ("origin", "https://evil.test")],
            vec![host, ("origin", "https://flyball.test:8443")],
            vec![host, ("origin", "https://flyball.test.evil.test")],
            vec![host, ("origin", "https://flyball.test@evil.test")],
            vec![host, ("origin", "ftp://flyball.test")],
            vec![host, ("origin", "https://flyball.test"), ("origin", "https://evil.test")],
            vec![host, ("origin", "https://flyball.test"), ("sec-fetch-site", "same-site")],
            vec![host, ("sec-fetch-site", "cross-site")],
            vec![host, ("sec-fetch-site", "none")],
        ];
        for headers in others {
            assert!(foreign(&sent(&headers)).is_some(), "{headers:?}");
        }
    }
}
