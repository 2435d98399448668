//! Where a request comes from, and the context that everything behind sees.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use app::AppState;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::Problem;
use ipnet::IpNet;
use server::RequestContext;
use tower_http::request_id::RequestId;

/// What it takes to tell a peer from a proxy.
#[derive(Clone)]
pub(crate) struct Peers {
    pub(crate) state: AppState,
    pub(crate) proxies: Arc<[IpNet]>,
}

/// Makes the request's context.
pub(crate) async fn identify(State(peers): State<Peers>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let ip = match peer.map(|peer| client(peer, request.headers(), &peers.proxies)) {
        Some(None) => return app::problems::answer(&peers.state, request, Problem::BadRequest).await,
        Some(known) => known,
        None => None,
    };
    let device = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned);
    let context = RequestContext::new(&peers.state.portal, ip, device, id);
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// The address that counts: the peer's, or, behind trusted proxies, the first one from the right in
/// `X-Forwarded-For` that is not a proxy. None, when a proxy says something that is no address: such a
/// request is refused, because no limit could count it.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> Option<IpAddr> {
    let trusted = |ip: IpAddr| proxies.iter().any(|proxy| proxy.contains(&ip.to_canonical()));
    if !trusted(peer) {
        return Some(peer.to_canonical());
    }
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().map(|line| line.to_str().unwrap_or("?")).collect();
    let mut hops = lines.iter().flat_map(|line| line.split(',')).rev().map(|hop| hop.trim().parse::<IpAddr>());
    loop {
        match hops.next() {
            None => return Some(peer.to_canonical()),
            Some(Ok(hop)) if trusted(hop) => {}
            Some(Ok(hop)) => return Some(hop.to_canonical()),
            Some(Err(_)) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn forwarded(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn nobody_lends_themselves_an_address() {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(client(ip("192.0.2.1"), &forwarded("203.0.113.9"), &proxies), Some(ip("192.0.2.1")));
        assert_eq!(client(ip("10.0.0.1"), &forwarded("203.0.113.9"), &proxies), Some(ip("203.0.113.9")));
        assert_eq!(
            client(ip("10.0.0.1"), &forwarded("1.1.1.1, 203.0.113.9, 10.0.0.2"), &proxies),
            Some(ip("203.0.113.9"))
        );
        assert_eq!(client(ip("10.0.0.1"), &forwarded("1.1.1.1, garbage"), &proxies), None);
        assert_eq!(client(ip("10.0.0.1"), &HeaderMap::new(), &proxies), Some(ip("10.0.0.1")));
    }
}
