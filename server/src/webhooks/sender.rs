//! Sending a message over the internet, and over nothing else.
//!
//! Members type where messages go, so an address that the portal can reach and they cannot must not be one of them: of this
//! machine, of the network around it, of a cloud's own services. A host's name is looked up here, and only addresses that
//! may be connected to come back; it is those that are connected to, so that a name which says something else the next
//! time gains nothing. A host that is an address is judged before each message. Redirects are answers like any other,
//! and no proxy is asked.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::ids::TenantId;
use domain::text::printable;
use domain::webhooks::{EndpointUrl, SendProblem, may_connect};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, redirect};
use rustls::{ClientConfig, RootCertStore};

use super::turns::{Turn, Turns};
use crate::error::Error;

/// How long an endpoint may take, from the name's look-up to the answer's last byte. The wait for the look-up's turn is
/// not the endpoint's.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long a name may take.
const LOOK_UP_LIMIT: Duration = Duration::from_secs(5);
/// How many bytes of an answer are kept.
const ANSWER_MAX: usize = 1024;
/// What the portal calls itself.
const USER_AGENT: &str = concat!("Portcullis-Webhooks/", env!("CARGO_PKG_VERSION"));

tokio::task_local! {
    /// The turn to look up the name that the message goes to which is being sent.
    static TURN: Mutex<Option<Turn>>;
}

/// What sends.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    client: Client,
    allowed: Arc<[IpNet]>,
    turns: Arc<Turns>,
}

/// A message, ready to be sent.
pub(super) struct Signed {
    pub(super) url: String,
    pub(super) id: String,
    pub(super) timestamp: i64,
    /// One signature, or two divided by a space.
    pub(super) signature: String,
    pub(super) body: String,
}

/// What came of it.
pub(super) struct Sent {
    pub(super) milliseconds: u32,
    /// The status that came back, or why none did.
    pub(super) outcome: Result<u16, SendProblem>,
    /// The beginning of the answer.
    pub(super) answer: String,
}

impl Sender {
    /// One that also connects to these networks.
    pub(super) fn new(allowed: &[IpNet]) -> Result<Self, Error> {
        let allowed: Arc<[IpNet]> = allowed.into();
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .http1_only()
            .dns_resolver(Public { allowed: Arc::clone(&allowed) })
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            // Each message looks its host up anew.
            .pool_max_idle_per_host(0)
            .timeout(TIME_LIMIT)
            .user_agent(USER_AGENT)
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, allowed, turns: Arc::default() })
    }

    /// Sends a message of an organization's once; nothing, if it was never its turn: then nothing was sent.
    pub(super) async fn send(&self, of: TenantId, message: Signed) -> Option<Sent> {
        let Ok(url) = EndpointUrl::parse(&message.url, &self.allowed) else {
            return Some(Sent { milliseconds: 0, outcome: Err(SendProblem::Address), answer: String::new() });
        };
        let turn = if url.has_name() { Some(self.turns.take(of).await?) } else { None };
        let began = Instant::now();
        let (outcome, answer) = match TURN.scope(Mutex::new(turn), self.try_send(&url, message)).await {
            Ok((status, answer)) => (Ok(status), answer),
            Err(problem) => (Err(problem), String::new()),
        };
        Some(Sent { milliseconds: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX), outcome, answer })
    }

    async fn try_send(&self, url: &EndpointUrl, message: Signed) -> Result<(u16, String), SendProblem> {
        let request = self
            .client
            .post(url.as_str())
            .header("content-type", "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp)
            .header("webhook-signature", message.signature)
            .body(message.body);
        let response = request.send().await.map_err(|error| problem(&error))?;
        let status = response.status().as_u16();
        // With the status it is decided: what of the rest does not come is not missed.
        Ok((status, read(response).await))
    }
}

/// The certificates that browsers trust, and one implementation of TLS for all that the portal does.
fn tls() -> Result<ClientConfig, Error> {
    let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(Error::internal)?.with_root_certificates(roots).with_no_client_auth())
}

/// The beginning of an answer, as text.
async fn read(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(ANSWER_MAX);
    shown(&bytes)
}

/// Bytes that anybody may have sent, as lines that can be stored and shown.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\t', " ");
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// Why nothing came back.
fn problem(error: &reqwest::Error) -> SendProblem {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<NoPublicAddress>() {
            return SendProblem::Address;
        }
        cause = error.source();
    }
    if error.is_timeout() {
        SendProblem::TimedOut
    } else if error.is_connect() {
        SendProblem::Connect
    } else {
        SendProblem::Broken
    }
}

/// A name of which no address may be connected to.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name has no public address")]
struct NoPublicAddress;

/// Looks names up, and gives the addresses that may be connected to. A connection is made in the task that sends, and so
/// its turn is found here.
struct Public {
    allowed: Arc<[IpNet]>,
}

/// What the system knows of a name.
async fn look_up(turn: Option<Turn>, name: String) -> io::Result<Vec<IpAddr>> {
    let turn = turn.ok_or_else(|| io::Error::other("a name without its turn"))?;
    // The turn lasts as long as the thread is busy, whether somebody still waits for it or not.
    let looking = tokio::spawn(async move {
        let found = tokio::net::lookup_host((name, 0)).await;
        drop(turn);
        Ok(found?.map(|address| address.ip()).collect())
    });
    looking.await.map_err(io::Error::other)?
}

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        let turn = TURN.try_with(|turn| turn.lock().unwrap_or_else(PoisonError::into_inner).take()).ok().flatten();
        let looking = look_up(turn, name.as_str().to_owned());
        Box::pin(async move {
            let found = tokio::time::timeout(LOOK_UP_LIMIT, looking).await;
            let found = found.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            let addresses = judged(found.into_iter(), &allowed)?;
            // The port is the URL's.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// Those that may be connected to.
fn judged(found: impl Iterator<Item = IpAddr>, allowed: &[IpNet]) -> Result<Vec<IpAddr>, NoPublicAddress> {
    let addresses: Vec<_> = found.filter(|address| may_connect(*address, allowed)).collect();
    if addresses.is_empty() { Err(NoPublicAddress) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: TenantId = TenantId(uuid::Uuid::from_u128(1));

    fn message(url: &str) -> Signed {
        let (id, signature, body) = ("msg_1".to_owned(), "v1,x".to_owned(), "{}".to_owned());
        Signed { url: url.to_owned(), id, timestamp: 1, signature, body }
    }

    #[test]
    fn of_a_name_only_what_may_be_connected_to_comes_back() {
        let found = ["127.0.0.1", "1.1.1.1", "10.0.0.1", "::ffff:192.168.0.1"].map(|text| text.parse().unwrap());
        let public: IpAddr = "1.1.1.1".parse().unwrap();
        assert_eq!(judged(found.into_iter(), &[]).unwrap(), [public]);
        assert!(judged([found[0], found[3]].into_iter(), &[]).is_err());
        assert!(judged(std::iter::empty(), &[]).is_err());
        let allowed = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(judged(found.into_iter(), &allowed).unwrap(), [public, found[2]]);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_when_it_is_looked_up() {
        let sender = Sender::new(&[]).unwrap();
        // Past the judgement of what was typed, as a name would be that leads here.
        let local = EndpointUrl::stored("http://localhost:9/").unwrap();
        let turn = Mutex::new(sender.turns.take(ACME).await);
        let refused = TURN.scope(turn, sender.try_send(&local, message(local.as_str()))).await;
        assert_eq!(refused, Err(SendProblem::Address));
        for url in ["http://127.0.0.1:9/", "https://169.254.169.254/latest", "https://[::1]/", "file:///etc/passwd"] {
            let sent = sender.send(ACME, message(url)).await.unwrap();
            assert_eq!(sent.outcome, Err(SendProblem::Address), "{url}");
        }
    }

    #[tokio::test]
    async fn what_never_had_its_turn_is_not_sent() {
        let busy = Arc::new(Turns::new(0, Duration::from_millis(1)));
        let sender = Sender { turns: busy, ..Sender::new(&["127.0.0.1/32".parse().unwrap()]).unwrap() };
        assert!(sender.send(ACME, message("https://hooks.example/")).await.is_none());
        let sent = sender.send(ACME, message("http://127.0.0.1:9/")).await.unwrap();
        assert_eq!(sent.outcome, Err(SendProblem::Connect), "an address needs no turn");
    }

    #[test]
    fn an_answer_is_text() {
        assert_eq!(shown(b"a\tb\r\nc\0\x1b[2J\xff"), "a b\nc\u{fffd}\u{fffd}[2J\u{fffd}");
        assert_eq!(shown(b""), "");
    }
}
