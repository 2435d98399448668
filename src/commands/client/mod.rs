//! Commands that speak to the REST API, for scripts. The key is read from the environment, never from an argument, which
//! every process of the machine can see. They need neither a database nor a key file.

pub mod check;
pub mod quota;
pub mod trail;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use domain::text::printable;
use reqwest::{Client, Method, Response, StatusCode, header};
use serde_json::Value;

/// The environment variable that holds the key.
const KEY: &str = "PORTCULLIS_API_KEY";
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The status of a command whose answer is no.
const NO: u8 = 1;
/// The status of a command that has no answer.
const FAILED: u8 = 2;

// Where the API is, and how answers are printed. Not in the help: clap would take it for the command's own.
#[derive(Args)]
pub struct Api {
    /// The portal's address, such as `https://portal.example`. The key is read from `PORTCULLIS_API_KEY`.
    #[arg(long, env = "PORTCULLIS_URL", default_value = "http://localhost:3000")]
    url: String,
    /// Print answers as the API gives them.
    #[arg(long)]
    json: bool,
}

/// What the API has answered.
pub struct Answered {
    pub status: StatusCode,
    pub value: Value,
}

impl Answered {
    /// The code of a problem.
    pub fn code(&self) -> &str {
        self.value["code"].as_str().unwrap_or_default()
    }

    /// A field as text.
    pub fn text(&self, name: &str) -> String {
        match &self.value[name] {
            Value::String(text) => printable(text).into_owned(),
            value => value.to_string(),
        }
    }
}

impl Api {
    /// Asks for something.
    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<Answered> {
        self.ask(Method::GET, path, query, None).await
    }

    /// Sends something.
    pub async fn post(&self, path: &str, body: Option<&Value>) -> anyhow::Result<Answered> {
        self.ask(Method::POST, path, &[], body).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> anyhow::Result<Answered> {
        let key = std::env::var(KEY).with_context(|| format!("{KEY} is not set"))?;
        let mut url = url::Url::parse(&self.url).context("the address is no URL")?;
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        ensure!(url.scheme() == "https" || is_local, "the key is sent by https alone, but for localhost");
        url.set_path(&format!("/api/v1{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = client()?.request(method, url).header(header::AUTHORIZATION, secret(key.trim())?);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await.context("the API does not answer")?;
        read(response).await
    }

    /// Prints an answer that is a value: in these words, or as it is.
    pub fn show(&self, answered: &Answered, words: impl FnOnce(&Answered) -> String) {
        if self.json {
            println!("{:#}", answered.value);
        } else {
            println!("{}", words(answered));
        }
    }

    /// What becomes of an answer: yes, if it is one; no, if it is a problem with this code; else the command has failed.
    pub fn judge(
        &self,
        answered: &Answered,
        no: &[&str],
        words: impl FnOnce(&Answered) -> String,
    ) -> anyhow::Result<ExitCode> {
        if answered.status.is_success() {
            self.show(answered, words);
            return Ok(ExitCode::SUCCESS);
        }
        if no.contains(&answered.code()) {
            self.show(answered, |answered| answered.text("detail"));
            return Ok(ExitCode::from(NO));
        }
        if self.json {
            println!("{:#}", answered.value);
        }
        bail!("{} ({}): {}", answered.text("title"), answered.status.as_u16(), problems(answered))
    }
}

/// A command that has failed says so, and nothing else does: 1 is an answer.
pub fn failing(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("portcullis: {error:#}");
        ExitCode::from(FAILED)
    })
}

/// What is wrong, place by place, where that is told.
fn problems(answered: &Answered) -> String {
    let errors = answered.value["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |error: &Value| {
        let place = error["pointer"].as_str().or_else(|| error["parameter"].as_str()).unwrap_or_default();
        format!("{}: {}", printable(place), printable(error["message"].as_str().unwrap_or_default()))
    };
    let lines: Vec<_> = errors.iter().map(line).collect();
    if lines.is_empty() { answered.text("detail") } else { lines.join("; ") }
}

/// A client that follows no redirect: a key is for the address that it was given for.
fn client() -> anyhow::Result<Client> {
    // A second one in the same program finds it installed.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
    client.build().context("no connection can be made")
}

/// The header with the key, which no log shows.
fn secret(key: &str) -> anyhow::Result<header::HeaderValue> {
    let mut value = header::HeaderValue::from_str(&format!("Bearer {key}")).ok().context("the key is no key")?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(response: Response) -> anyhow::Result<Answered> {
    let status = response.status();
    let text = response.text().await.context("the answer broke off")?;
    let value = serde_json::from_str(&text).with_context(|| format!("the answer ({}) is not JSON", status.as_u16()))?;
    Ok(Answered { status, value })
}
