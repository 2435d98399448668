//! What whoever runs the portal sets, by environment or by option.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;
use secrecy::SecretString;
use url::{Host, Url};

/// Where data and the database are.
#[derive(Args, Clone, Debug)]
pub struct Data {
    /// A Postgres login that may create roles and schemas. Without, a private cluster is run in the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<SecretString>,
    /// The way around a transaction pooler, for migrations.
    #[arg(long, env = "PORTCULLIS_DIRECT_DATABASE_URL", hide_env_values = true, global = true)]
    pub direct_database_url: Option<SecretString>,
    /// The directory of the private cluster, of the master key, and of archives.
    #[arg(long, env = "PORTCULLIS_DATA_DIR", default_value = "./data", global = true)]
    pub data_dir: PathBuf,
    /// The master key's file; made on the first start. By default `master.key` in the data directory.
    #[arg(long, env = "PORTCULLIS_MASTER_KEY_FILE", global = true)]
    pub master_key_file: Option<PathBuf>,
    /// Breached passwords that nobody may choose: lines `HASH:count`, sorted by SHA-1 hash, as Have I Been Pwned offers
    /// them. By default only a short list that the program carries.
    #[arg(long, env = "PORTCULLIS_BREACHED_PASSWORDS", global = true)]
    pub breached_passwords: Option<PathBuf>,
    /// The address under which people reach the portal: every link begins with it. Plain http is for localhost only.
    #[arg(long, env = "PORTCULLIS_BASE_URL", default_value = "http://localhost:3000", value_parser = parse_base_url, global = true)]
    pub base_url: String,
    /// What the place is called where the database is, such as `eu-central`: organizations can say where their data may be,
    /// and one that names other places lets nobody in here.
    #[arg(long, env = "PORTCULLIS_REGION", global = true)]
    pub region: Option<String>,
    /// How many requests a program may make in a minute with one API key; an organization's keys together, and one address,
    /// may make twice as many.
    #[arg(long, env = "PORTCULLIS_API_REQUESTS_PER_MINUTE", default_value_t = 60_000, global = true,
        value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub api_requests_per_minute: u32,
    /// Networks to which webhooks are sent although they are not the internet's, divided by commas, such as `10.1.0.0/16`;
    /// one of this machine's own addresses also allows plain http to it. By default none.
    #[arg(long, env = "PORTCULLIS_WEBHOOK_ALLOW", value_delimiter = ',', value_parser = parse_network, global = true)]
    pub webhook_allow: Vec<IpNet>,
    /// A mail server, such as `smtps://user:password@mail.example:465`. Without, mail stays in the outbox.
    #[arg(long, env = "PORTCULLIS_SMTP_URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<SecretString>,
    /// The sender of mail. By default `no-reply@` and the base URL's host.
    #[arg(long, env = "PORTCULLIS_MAIL_FROM", global = true)]
    pub mail_from: Option<String>,
}

impl Data {
    /// The master key's file.
    pub fn master_key_file(&self) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| self.data_dir.join("master.key"))
    }

    /// The sender of mail.
    pub fn mail_from(&self) -> String {
        self.mail_from.clone().unwrap_or_else(|| {
            let url = Url::parse(&self.base_url).ok();
            let host = match url.as_ref().and_then(Url::host) {
                Some(Host::Domain(name)) => name,
                _ => "localhost",
            };
            format!("Portcullis <no-reply@{host}>")
        })
    }
}

/// Where files of audit trails go.
#[derive(Args, Clone, Debug)]
pub struct Trails {
    /// A directory into which every checkpoint is written, one of another machine's at best. Without, none is.
    #[arg(long, env = "PORTCULLIS_CHECKPOINT_DIR")]
    pub checkpoint_dir: Option<PathBuf>,
    /// The directory of archives, into which entries go that are older than policies have them kept. By default `archives`
    /// in the data directory.
    #[arg(long, env = "PORTCULLIS_ARCHIVE_DIR")]
    pub archive_dir: Option<PathBuf>,
}

impl Trails {
    /// The directory of archives.
    pub fn archive_dir(&self, data: &Data) -> PathBuf {
        self.archive_dir.clone().unwrap_or_else(|| data.data_dir.join("archives"))
    }
}

/// How the portal is served.
#[derive(Args, Clone, Debug)]
pub struct Http {
    /// The address to listen on.
    #[arg(long, env = "PORTCULLIS_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Networks of proxies whose `X-Forwarded-For` is believed, divided by commas.
    #[arg(long, env = "PORTCULLIS_TRUSTED_PROXIES", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Where scripts and styles are. By default `site` beside the program, else `target/site`.
    #[arg(long, env = "LEPTOS_SITE_ROOT")]
    pub site: Option<PathBuf>,
}

/// A base URL as browsers write it in `Origin`, with which it is compared: the host in lower case and
/// ASCII, no default port, no slash at the end.
fn parse_base_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| "not a URL".to_owned())?;
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" => {}
        "http" if ["localhost", "127.0.0.1", "[::1]"].contains(&host) => {}
        "http" => return Err("plain http is for localhost only".into()),
        _ => return Err("it begins with neither https:// nor http://".into()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user".into());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("it has a path".into());
    }
    Ok(url.origin().ascii_serialization())
}

/// A network, or a single address.
fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse()
        .or_else(|_| text.parse().map(|ip: std::net::IpAddr| ip.into()))
        .map_err(|_| format!("{text} is no network"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_localhost_only() {
        assert!(parse_base_url("http://localhost:3000").is_ok());
        assert!(parse_base_url("http://[::1]:3000").is_ok());
        for bad in ["http://portal.example", "http://localhost.portal.example", "http://192.0.2.1"] {
            assert!(parse_base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_base_url_is_the_origin_that_browsers_send() {
        for (text, origin) in [
            ("https://portal.example", "https://portal.example"),
            ("https://portal.example/", "https://portal.example"),
            ("https://Portal.EXAMPLE", "https://portal.example"),
            ("HTTPS://portal.example:443", "https://portal.example"),
            ("https://portal.example:8443/", "https://portal.example:8443"),
            ("https://büro.example", "https://xn--bro-hoa.example"),
            ("http://localhost:80", "http://localhost"),
            ("http://LOCALHOST:3000/", "http://localhost:3000"),
        ] {
            assert_eq!(parse_base_url(text).as_deref(), Ok(origin), "{text}");
        }
    }

    #[test]
    fn a_base_url_is_nothing_but_an_origin() {
        for bad in [
            "",
            "portal.example",
            "portal.example:443",
            "ftp://portal.example",
            "https://",
            "https://portal.example/x",
            "https://portal.example/?x",
            "https://portal.example/#x",
            "https://ada@portal.example",
            "https://ada:secret@portal.example",
            "https://:secret@portal.example",
        ] {
            assert!(parse_base_url(bad).is_err(), "{bad}");
        }
    }
}
