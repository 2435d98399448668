//! What an answer leads to: an operation that takes something of it.

use serde_json::{Value, json};

use super::operation_id;

/// Which answer, and to which operation it leads by which parameter, which stands where in its body.
struct Link {
    from: (&'static str, &'static str, &'static str),
    name: &'static str,
    to: (&'static str, &'static str),
    parameter: &'static str,
    place: &'static str,
    description: &'static str,
}

const RESERVED: (&str, &str, &str) = ("post", "/api/v1/quotas/reservations", "201");

const LINKS: [Link; 4] = [
    Link {
        from: RESERVED,
        name: "settle",
        to: ("post", "/api/v1/quotas/reservations/{reservation}/settle"),
        parameter: "reservation",
        place: "/id",
        description: "What was used of it is counted.",
    },
    Link {
        from: RESERVED,
        name: "release",
        to: ("post", "/api/v1/quotas/reservations/{reservation}/release"),
        parameter: "reservation",
        place: "/id",
        description: "It is given back.",
    },
    Link {
        from: ("get", "/api/v1/members", "200"),
        name: "member",
        to: ("get", "/api/v1/members/{member}"),
        parameter: "member",
        place: "/items/0/id",
        description: "One of them.",
    },
    Link {
        from: ("get", "/api/v1/audit/events", "200"),
        name: "event",
        to: ("get", "/api/v1/audit/events/{index}"),
        parameter: "index",
        place: "/items/0/index",
        description: "One of them.",
    },
];

/// Adds them to the answers that they start from.
pub(super) fn add(document: &mut Value) {
    for Link { from: (method, path, status), name, to, parameter, place, description } in LINKS {
        let place = format!("$response.body#{place}");
        let link = json!({
            "operationId": operation_id(to.0, to.1),
            "parameters": { parameter: place },
            "description": description,
        });
        document["paths"][path][method]["responses"][status]["links"][name] = link;
    }
}
