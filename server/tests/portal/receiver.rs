//! A program that webhooks are sent to, for tests.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

/// A request that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The first line.
    pub line: String,
    headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map_or_else(|| panic!("no {name} in {:?}", self.headers), |(_, value)| value.as_str())
    }

    /// The body, read.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

#[derive(Default)]
struct State {
    answer: String,
    received: Vec<Received>,
}

/// A program on a port of its own.
#[derive(Clone)]
pub struct Receiver {
    state: Arc<Mutex<State>>,
    port: u16,
}

impl Receiver {
    /// Starts one, which answers 204.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let receiver = Self { state: Arc::default(), port };
        receiver.answer("204 No Content", "").await;
        tokio::spawn(receiver.clone().serve(listener));
        receiver
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in?key=1", self.port)
    }

    /// Answers like this from now on: a status, and the rest of the answer behind its length.
    pub async fn answer(&self, status: &str, body: &str) {
        self.answer_with(status, "", body).await;
    }

    /// The same with one more header.
    pub async fn answer_with(&self, status: &str, header: &str, body: &str) {
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{header}\r\n{body}");
        self.state.lock().await.answer = answer;
    }

    /// What came, in order.
    pub async fn received(&self) -> Vec<Received> {
        self.state.lock().await.received.clone()
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(self.clone().talk(stream));
        }
    }

    async fn talk(self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(&mut stream);
        let mut line = String::new();
        reader.read_line(&mut line).await.ok()?;
        let mut headers = Vec::new();
        loop {
            let mut text = String::new();
            reader.read_line(&mut text).await.ok()?;
            let Some((name, value)) = text.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).await.ok()?;
        let received = Received { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).ok()? };
        let answer = {
            let mut state = self.state.lock().await;
            state.received.push(received);
            state.answer.clone()
        };
        stream.write_all(answer.as_bytes()).await.ok()
    }
}
