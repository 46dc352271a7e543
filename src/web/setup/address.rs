//! Where the server is: as GitHub reaches it, and as the browser that sets it up does.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{HOST, HeaderName};
use http::uri::Authority;
use url::{Host, Url};

/// Says whether the browser came by TLS, where a proxy ended it.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Reads the address under which GitHub shall deliver. GitHub itself refuses hosts that are not public; one that is plainly this
/// machine is refused here already, unless `github` is on it too.
///
/// # Errors
/// What to change, in a sentence.
pub(super) fn public(text: &str, github: &str) -> Result<String, String> {
    let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or("Give the whole address, as in https://flyball.example.com.")?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("The address has a scheme, a host and perhaps a path, nothing more.".to_owned());
    }
    let local_github = Url::parse(github).is_ok_and(|github| is_this_machine(&github));
    if is_this_machine(&url) && !local_github {
        return Err(format!(
            "GitHub cannot reach {}: give the address that your proxy or tunnel has on the internet, and let it pass on POST /webhooks/github.",
            url.host_str().unwrap_or_default()
        ));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            let ip = IpAddr::from(ip).to_canonical();
            ip.is_loopback() || ip.is_unspecified()
        }
        None => false,
    }
}

/// The base address that the browser used: GitHub sends it back there. `None` where the request does not say it.
pub(in crate::web) fn of_browser(headers: &HeaderMap, public: Option<&str>) -> Option<String> {
    let host: Authority = headers.get(HOST)?.to_str().ok()?.parse().ok()?;
    if host.as_str().contains('@') {
        return None;
    }
    let under = public.filter(|public| {
        let authority = Url::parse(public).ok().map(|url| url.authority().to_owned());
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()))
    });
    if let Some(public) = under {
        return Some(public.to_owned());
    }
    let tls = headers.get(FORWARDED_PROTO).is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    Some(format!("{}://{host}", if tls { "https" } else { "http" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_or_says_what_to_change() {
        let cases = [
            ("https://flyball.acme.test", Ok("https://flyball.acme.test")),
            (" https://flyball.acme.test/ ", Ok("https://flyball.acme.test")),
            ("http://ci.acme.test:8080/flyball/", Ok("http://ci.acme.test:8080/flyball")),
            ("flyball.acme.test", Err("whole address")),
            ("ftp://flyball.acme.test", Err("whole address")),
            ("https://", Err("whole address")),
            ("", Err("whole address")),
            ("https://a:b@flyball.acme.test", Err("nothing more")),
            ("https://flyball.acme.test/?a=b", Err("nothing more")),
            ("http://localhost:3000", Err("cannot reach")),
            ("http://127.0.0.1:3000", Err("cannot reach")),
            ("http://[::ffff:127.0.0.1]", Err("cannot reach")),
            ("http://0.0.0.0:3000", Err("cannot reach")),
        ];
        for (text, expected) in cases {
            match (public(text, "https://github.com"), expected) {
                (Ok(read), Ok(expected)) => assert_eq!(read, expected),
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (read, _) => panic!("{text}: {read:?}"),
            }
        }
        assert!(
            public("http://127.0.0.1:3000", "http://127.0.0.1:9999").is_ok(),
            "a GitHub on this machine reaches it"
        );
    }

    #[test]
    fn the_browser_is_sent_back_where_it_came_from() {
        let headers = |pairs: &[(HeaderName, &str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
        };
        let public = Some("https://flyball.acme.test/app");
        let cases = [
            (headers(&[(HOST, "127.0.0.1:3000")]), Some("http://127.0.0.1:3000")),
            (headers(&[(HOST, "flyball.acme.test")]), public),
            (headers(&[(HOST, "other.acme.test"), (FORWARDED_PROTO, "https")]), Some("https://other.acme.test")),
            (headers(&[(HOST, "a@b")]), None),
            (headers(&[]), None),
        ];
        for (headers, expected) in cases {
            assert_eq!(of_browser(&headers, public).as_deref(), expected, "{headers:?}");
        }
    }
}
