//! Somebody with a browser: it keeps cookies, follows no redirect by itself, and sends what its pages hold.

use std::collections::BTreeMap;
use std::sync::Mutex;

use url::Url;

use crate::world::{Answer, World};

pub(crate) struct Person<'a> {
    pub(crate) world: &'a World,
    client: reqwest::Client,
    pub(crate) cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Person<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { world, client, cookies: Mutex::default() }
    }

    /// Somebody who is signed in.
    pub(crate) async fn signed_in(world: &'a World, login: &str) -> Self {
        let person = Self::new(world);
        assert_eq!(person.signs_in(login, "/").await, "/");
        person
    }

    /// Signs in and says where that led.
    pub(crate) async fn signs_in(&self, login: &str, next: &str) -> String {
        let back = self.goes_to_github(login, next).await;
        let done = self.get(&back).await;
        assert_eq!(done.status, 303, "{}", done.text);
        done.header("location").to_owned()
    }

    /// Goes to GitHub and agrees; gives the path that GitHub sends the browser back to.
    pub(crate) async fn goes_to_github(&self, login: &str, next: &str) -> String {
        let back = self.world.stage.github.answers_sign_in(&self.address(next).await, login).unwrap();
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    /// GitHub's address of a login that was just begun.
    pub(crate) async fn address(&self, next: &str) -> Url {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let begun = self.get(&format!("/login/github?{query}")).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        begun.header("location").parse().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.sends("GET", path, &[], None).await
    }

    /// Sends with the browser's cookies, and keeps those of the answer.
    pub(crate) async fn sends(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.world.server()));
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for set in headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer { status, headers, text: answer.text().await.unwrap() }
    }

    /// The fields of a form of a unit's page.
    pub(crate) async fn form(&self, path: &str, command: &str) -> BTreeMap<String, String> {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let marked = format!("name=\"command\" value=\"{command}\"");
        let form = page.text.split("<form").find(|form| form.contains(&marked));
        let form = form.unwrap_or_else(|| panic!("no form for {command}: {}", page.text));
        fields(form.split("</form>").next().unwrap())
    }

    /// Sends a form as a browser does.
    pub(crate) async fn submits(&self, path: &str, fields: &BTreeMap<String, String>) -> Answer {
        let origin = self.world.server();
        let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.submits_with(path, fields, &headers).await
    }

    pub(crate) async fn submits_with(
        &self,
        path: &str,
        fields: &BTreeMap<String, String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.sends("POST", path, &all, Some(body)).await
    }

    /// Decides on a unit of `acme/shop` by its page; gives the page that answers.
    pub(crate) async fn decides(&self, number: u64, command: &str, reason: &str) -> String {
        let page = format!("/acme/shop/{number}");
        let mut form = self.form(&page, command).await;
        form.insert("reason".to_owned(), reason.to_owned());
        let answer = self.submits(&format!("{page}/decide"), &form).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.world.stage.settle().await;
        let (there, _) = answer.header("location").split_once('#').unwrap();
        let page = self.get(there).await;
        assert_eq!(page.status, 200);
        page.text
    }
}

/// The named fields with a value of a piece of HTML.
pub(crate) fn fields(html: &str) -> BTreeMap<String, String> {
    let inputs = html.split("<input").skip(1);
    let read = inputs.filter_map(|input| {
        let attribute = |name: &str| Some(input.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.to_owned());
        Some((attribute("name")?, attribute("value")?))
    });
    read.collect()
}
