//! What an alert was made of.

use domain::detections::{FactKind, SecurityFact};
use leptos::prelude::*;
use server::alerts::AlertView;

use crate::context::Organization;
use crate::ui::chart::Counted;
use crate::ui::{Card, Cell, CellKind, ColumnHeader, ExactTime, Row, ShortId, Table, number};

/// The newest facts that belong to an alert.
#[component]
pub(super) fn FactsCard(org: Organization, alert: AlertView, facts: Vec<SecurityFact>) -> impl IntoView {
    if facts.is_empty() {
        return view! {
            <Card title="What happened">
                <p class="text-md text-muted">"What it was made of is not kept any more."</p>
            </Card>
        }
        .into_any();
    }
    let rows = facts.into_iter().map(|fact| view! { <Line org=org.clone() alert=alert.clone() fact /> });
    let rows = rows.collect_view();
    view! {
        <Card title="What happened" lead="The newest first, 50 at most.">
            <Table
                label="What happened"
                head=|| {
                    view! {
                        <ColumnHeader label="What" />
                        <ColumnHeader label="When" />
                        <ColumnHeader label="Account" />
                        <ColumnHeader label="Address" />
                        <ColumnHeader label="Detail" />
                    }
                }
            >
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

#[component]
fn Line(org: Organization, alert: AlertView, fact: SecurityFact) -> impl IntoView {
    let address = fact.ip.map_or_else(|| "–".to_owned(), |ip| ip.to_canonical().to_string());
    let (what, detail, at, zone) = (word(fact.kind), detail(&fact), fact.at, org.page.zone());
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <span class="font-medium">{what}</span>
            </Cell>
            <Cell label="When" kind=CellKind::Muted>
                <ExactTime at zone />
            </Cell>
            <Cell label="Account">
                <Account org alert fact />
            </Cell>
            <Cell label="Address" kind=CellKind::Muted>
                <code class="mono">{address}</code>
            </Cell>
            <Cell label="Detail" kind=CellKind::Muted>
                {detail}
            </Cell>
        </Row>
    }
}

/// Whose fact it is: by name where it is whom the alert is about, and else by id.
#[component]
fn Account(org: Organization, alert: AlertView, fact: SecurityFact) -> impl IntoView {
    let Some(id) = fact.account else {
        return view! { <span class="text-muted">"None of ours"</span> }.into_any();
    };
    let href = org.path(&format!("/members/{id}"));
    match alert.account {
        Some((about, Some(name))) if about == id => {
            view! { <a class="link-quiet" href=href><bdi>{name}</bdi></a> }.into_any()
        }
        _ => view! { <a class="link-quiet" href=href><ShortId value=id.to_string() /></a> }.into_any(),
    }
}

/// What a fact says.
fn word(kind: FactKind) -> &'static str {
    match kind {
        FactKind::SignIn => "Signed in",
        FactKind::SignInFailed => "Failed to sign in",
        FactKind::CodeFailed => "Wrong code",
        FactKind::Denied => "Was denied something",
        FactKind::KeptOut => "Was kept out",
        FactKind::Change => "Changed something",
        FactKind::Privilege => "Was given authority",
        FactKind::Export => "Exported data",
        FactKind::Weakened => "Weakened the policy",
        FactKind::LogDamaged => "Damage to the audit log",
        FactKind::KeyUsed => "Used an API key",
    }
}

/// What else is known of a fact.
fn detail(fact: &SecurityFact) -> String {
    let amount = match fact.kind {
        FactKind::SignIn if fact.amount > 1 => Some(format!("after {} days", number(fact.amount.into()))),
        FactKind::Change => Some(Counted("change", "changes").of(fact.amount.into())),
        FactKind::Export => Some(Counted("row", "rows").of(fact.amount.into())),
        _ => None,
    };
    let network = fact.new_network.then(|| "new network".to_owned());
    let device = fact.new_device.then(|| "new device".to_owned());
    let parts = [amount, network, device].into_iter().flatten().collect::<Vec<_>>();
    if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_is_new_and_how_much_it_was_is_told() {
        let fact = |kind, amount, new_network, new_device| SecurityFact {
            at: datetime!(2026-11-20 03:10 UTC),
            kind,
            account: None,
            key: None,
            ip: None,
            amount,
            new_network,
            new_device,
            privileged: false,
        };
        for (fact, told) in [
            (fact(FactKind::SignIn, 92, true, false), "after 92 days, new network"),
            (fact(FactKind::SignIn, 1, true, true), "new network, new device"),
            (fact(FactKind::Export, 4_812, false, false), "4,812 rows"),
            (fact(FactKind::Change, 1, false, false), "1 change"),
            (fact(FactKind::SignInFailed, 1, false, false), "–"),
        ] {
            assert_eq!(detail(&fact), told);
        }
    }
}
