//! What is told, and to whom.

use domain::detections::{Rule, Severity};
use domain::fields::FieldProblem;
use domain::policy::SecurityPolicy;
use domain::roles::{Role, RoleForm, RoleId};
use server::alerts::{self, AssignForm, NoteForm};
use server::testing::{Person, TestPortal};
use server::{audit, members, webhooks};

use crate::detections::{look, of_rule, overreach};
use crate::receiver::{Received, Receiver};
use crate::support::{field, give_passkey, put_policy};
use crate::webhooks::{add, form, local, send, told};

#[tokio::test]
async fn nobody_is_sent_what_whoever_adds_the_endpoint_may_not_read() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let ada = t.enter(&w.ada, &w.acme).await;
        let form = RoleForm {
            name: "Integrator".to_owned(),
            permissions: vec!["webhooks.manage".to_owned(), "members.view".to_owned()],
            ..RoleForm::default()
        };
        let role = RoleId::Custom(server::roles::create(&ada, &form).await.unwrap());
        members::change_role(&t.enter(&w.ada, &w.acme).await, w.mia.account, role).await.unwrap();
        let mia = t.enter(&w.mia, &w.acme).await;
        let answer = webhooks::create(&mia, &self::form(&receiver.url(), &["alert.raised", "member.joined"])).await;
        assert_eq!(field(answer.map(|_| ()), "event"), FieldProblem::UnknownChoice);
        let created = webhooks::create(&mia, &self::form(&receiver.url(), &["member.joined"])).await.unwrap();
        let offered = webhooks::prepare(&mia).await.unwrap();
        assert!(offered.iter().all(|kind| kind.code().starts_with("member.")), "{offered:?}");
        assert!(webhooks::lookup(&mia, created.id).await.is_ok());
        t.join(&t.enter(&w.ada, &w.acme).await, "New Person", "new@person.example", Role::Member).await;
        send(&t).await;
        // They are sent at the same time.
        let mut got = receiver.received().await.into_iter().map(|request| request.json());
        let joined = got.find(|event| event["type"] == "member.joined").expect("it is sent");
        assert_eq!(joined["data"]["name"], "New Person");
        assert_eq!(joined["data"]["role"], "member");
    })
    .await;
}

#[tokio::test]
async fn alerts_checkpoints_and_policies_are_told_as_they_happen() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let events = ["alert.raised", "alert.changed", "audit.checkpoint", "policy.enforced"];
        add(&t, &w.ada, &w.acme, &receiver.url(), &events).await;
        overreach(&t, &w.mia, &w.acme, 10).await;
        look(&t).await;
        let alert = of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.remove(0);
        let ben = t.enter(&w.ben, &w.acme).await;
        alerts::acknowledge(&ben, alert.id, NoteForm::default()).await.unwrap();
        let to_ada = AssignForm { assignee: w.ada.account.to_string(), ..AssignForm::default() };
        alerts::assign(&ben, alert.id, to_ada).await.unwrap();
        let size = audit::take_checkpoint(&t.enter(&w.ada, &w.acme).await).await.unwrap();
        give_passkey(&t, &w.ada).await;
        let policy = SecurityPolicy { mfa: true, mfa_grace_days: 7, ..SecurityPolicy::default() };
        put_policy(&t.enter(&w.ada, &w.acme).await, &policy).await.unwrap();
        send(&t).await;
        let told = |kind: &str, got: &[Received]| {
            got.iter().map(Received::json).filter(|json| json["type"] == kind).collect::<Vec<_>>()
        };
        let got = receiver.received().await;
        let raised = told("alert.raised", &got);
        assert!(raised.iter().any(|json| json["data"]["alert"] == alert.id.to_string()), "{raised:?}");
        let changes: Vec<_> = told("alert.changed", &got).iter().map(|json| json["data"]["change"].clone()).collect();
        assert!(changes.contains(&"acknowledged".into()) && changes.contains(&"assigned".into()), "{changes:?}");
        let checkpoint = told("audit.checkpoint", &got).remove(0);
        assert_eq!(checkpoint["data"]["size"], size);
        assert!(checkpoint["data"]["note"].as_str().unwrap().contains(&size.to_string()));
        let enforced = told("policy.enforced", &got).remove(0);
        assert!(enforced["data"]["settings"].as_array().unwrap().contains(&"mfa".into()), "{enforced}");
    })
    .await;
}

#[tokio::test]
async fn urgent_alerts_come_by_mail_and_others_to_whoever_wants_them() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        overreach(&t, &w.mia, &w.acme, 10).await;
        look(&t).await;
        let mails = async |kind: &str, to: &Person| {
            let of = format!("kind = 'news' AND details::text LIKE '%{kind}%' AND recipient = '{}'", to.email);
            t.number(&format!("SELECT count(*) FROM platform.outbox WHERE {of}")).await
        };
        let urgent = Rule::DeniedSpike.info().severity >= Severity::High;
        assert_eq!(mails("denied_spike", &w.ada).await, i64::from(urgent));
        assert_eq!(mails("denied_spike", &w.mia).await, 0);
        let alert = of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.remove(0);
        let to_ben = AssignForm { assignee: w.ben.account.to_string(), ..AssignForm::default() };
        alerts::assign(&t.enter(&w.ada, &w.acme).await, alert.id, to_ben).await.unwrap();
        assert_eq!(mails("alert_assigned", &w.ben).await, 1);
        assert!(
            told(&t, &w.ben)
                .await
                .contains(&"Ada Lovelace asks you to look after an alert in Acme: Many denials.".to_owned())
        );
    })
    .await;
}
