//! Browsers, as people name them.

/// Browser and system, from what a browser says it is: enough to tell one's own devices apart. What says nothing that
/// is known has no name.
pub fn known_name(agent: &str) -> Option<String> {
    let first =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    match (first(&browsers), first(&systems)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(name), None) | (None, Some(name)) => Some(name.to_owned()),
        (None, None) => None,
    }
}

/// As [`known_name`]; what has no name is shown as it calls itself, cut.
pub fn name(agent: &str) -> String {
    known_name(agent).unwrap_or_else(|| agent.chars().take(40).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_people_name_them() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(name(chrome), "Chrome on Linux");
        assert_eq!(name("curl/8.1"), "curl/8.1");
        assert_eq!(known_name("call this number: 555 1234"), None);
    }
}
