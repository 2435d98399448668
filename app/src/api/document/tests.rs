use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::routes::{Audience, TABLE};

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let items = document["paths"].as_object().unwrap().iter();
    let operations = items.flat_map(|(path, item)| {
        let each = item.as_object().unwrap().iter();
        each.map(|(method, operation)| (path.clone(), method.to_uppercase(), operation.clone())).collect::<Vec<_>>()
    });
    operations.collect()
}

#[test]
fn every_address_is_described_and_no_other() {
    let document = document("http://localhost:3000");
    let described: BTreeSet<_> = operations(&document).into_iter().map(|(path, method, _)| (path, method)).collect();
    let known = TABLE.iter().filter(|route| route.audience == Audience::Keys);
    let known =
        known.flat_map(|route| route.methods.iter().map(|method| (route.path.to_owned(), (*method).to_owned())));
    assert_eq!(described, known.collect::<BTreeSet<_>>());
}

#[test]
fn every_operation_says_what_it_needs_and_what_may_come_of_it() {
    let document = document("http://localhost:3000");
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{name}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{name}");
        assert!(operation["security"][0]["key"][0].is_string(), "{name} needs no scope");
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
        for needed in ["401", "403", "404", "405", "413", "429", "500", "503"] {
            assert!(statuses.iter().any(|status| status == needed), "{name} does not say {needed}");
        }
        for (status, header) in [("401", "WWW-Authenticate"), ("429", "RateLimit"), ("503", "Retry-After")] {
            assert!(operation["responses"][status]["headers"][header]["schema"].is_object(), "{name}: {header}");
        }
        assert_eq!(method == "POST", statuses.iter().any(|status| status == "415"), "{name}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let described = parameter["description"].as_str().is_some_and(|text| text.ends_with('.'));
            assert!(described, "{name}: {parameter}");
        }
    }
}

#[test]
fn every_link_leads_from_an_answer_to_an_operation_that_has_its_parameter() {
    let document = document("http://localhost:3000");
    let all = operations(&document);
    let mut count = 0;
    for (path, method, operation) in &all {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            for (name, link) in answer["links"].as_object().into_iter().flatten() {
                count += 1;
                let name = format!("{name} of {method} {path}");
                assert!(answer["content"].is_object(), "{name}: {status} is no answer of it");
                let (_, _, to) = all.iter().find(|(_, _, to)| to["operationId"] == link["operationId"]).expect(&name);
                for (parameter, place) in link["parameters"].as_object().unwrap() {
                    let mut known = to["parameters"].as_array().unwrap().iter().map(|parameter| &parameter["name"]);
                    assert!(known.any(|known| known == parameter.as_str()), "{name}: {parameter}");
                    assert!(place.as_str().unwrap().starts_with("$response.body#/"), "{name}: {place}");
                }
            }
        }
    }
    assert_eq!(count, 4);
}

#[test]
fn every_schema_that_is_named_is_there() {
    let document = document("http://localhost:3000");
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for named in text.split("\"#/components/schemas/").skip(1) {
        let name = named.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
}
