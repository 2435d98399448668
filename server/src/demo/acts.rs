//! What each step of a plan changes, and the entry that it leaves: the same that the use case leaves.

use domain::audit::{Action, Actor, Draft, Personal, Public};
use domain::ids::InvitationId;
use domain::invitations::{INVITATION_LIFETIME, InvitationState};
use domain::members::MemberStatus;
use domain::roles::{Permission, Role};
use domain::text::PersonName;
use rand::Rng;
use time::OffsetDateTime;

use super::people::remarried;
use super::story::{Invited, Person, Story, uuid};
use crate::{accounts, audit, invitations, members};

impl Story {
    pub(super) fn invite(&mut self, at: OffsetDateTime, who: usize, role: Role) {
        let by = self.manager(who, &[role]);
        let id = InvitationId(uuid(&mut self.rng, at));
        let email = self.cast[who].email.clone();
        let entry = Draft::done(invitations::CREATED, self.actor(by))
            .target("invitation", id, Personal(email.as_str().to_owned()))
            .added("role", role.code());
        self.tell(at, by, entry);
        self.cast[who].invitation = Some(self.invitations.len());
        self.cast[who].role = role;
        self.invitations.push(Invited {
            id,
            email,
            role,
            state: InvitationState::Pending,
            by: self.cast[by].id,
            created_at: at,
            expires_at: at + INVITATION_LIFETIME,
            decided_at: None,
            mailed_at: at,
            delivered: true,
        });
    }

    pub(super) fn resend(&mut self, at: OffsetDateTime, who: usize) {
        if let Some(index) = self.cast[who].invitation {
            self.invitations[index].expires_at = at + INVITATION_LIFETIME;
            self.invitations[index].mailed_at = at;
        }
        self.about_invitation(at, who, invitations::RESENT);
    }

    pub(super) fn about_invitation(&mut self, at: OffsetDateTime, who: usize, action: Action) {
        let Some(index) = self.cast[who].invitation else { return };
        let by = self.manager(who, &[self.cast[who].role]);
        let invitation = &self.invitations[index];
        let entry = Draft::done(action, self.actor(by)).target(
            "invitation",
            invitation.id,
            Personal(invitation.email.as_str().to_owned()),
        );
        self.tell(at, by, entry);
    }

    pub(super) fn accept(&mut self, at: OffsetDateTime, who: usize) {
        let Some(index) = self.cast[who].invitation else { return };
        let invitation = &mut self.invitations[index];
        invitation.state = InvitationState::Accepted;
        invitation.decided_at = Some(at);
        let (id, role) = (invitation.id, invitation.role);
        let person = &mut self.cast[who];
        person.joined_at = Some(at);
        let entry = Draft::done(invitations::ACCEPTED, Actor::person(person.id, person.name.as_str()))
            .target("invitation", id, Personal(person.email.as_str().to_owned()))
            .added("role", role.code());
        self.tell(at, who, entry);
        self.assign(at, who);
    }

    pub(super) fn decide(&mut self, at: OffsetDateTime, who: usize, state: InvitationState) {
        let Some(index) = self.cast[who].invitation else { return };
        let invitation = &mut self.invitations[index];
        invitation.state = state;
        invitation.decided_at = Some(at);
        if state == InvitationState::Revoked {
            return self.about_invitation(at, who, invitations::REVOKED);
        }
        let entry = Draft::done(invitations::DECLINED, Actor::stranger()).target(
            "invitation",
            invitation.id,
            Personal(invitation.email.as_str().to_owned()),
        );
        self.tell(at, who, entry);
    }

    pub(super) fn change_role(&mut self, at: OffsetDateTime, who: usize, role: Role) {
        let before = std::mem::replace(&mut self.cast[who].role, role);
        let by = self.manager(who, &[before, role]);
        let entry = self.about_member(members::ROLE_CHANGED, by, who).changed("role", before.code(), role.code());
        self.tell(at, by, entry);
    }

    pub(super) fn set_status(&mut self, at: OffsetDateTime, who: usize, status: MemberStatus, action: Action) {
        let by = self.manager(who, &[self.cast[who].role]);
        let before = std::mem::replace(&mut self.cast[who].status, status);
        if status == MemberStatus::Suspended {
            let away = self.rng.random_range(0.0..1.0);
            let person = &mut self.cast[who];
            person.last_seen_at = person.last_seen_at.map(|seen| seen + (at - seen) * away);
        }
        let entry = self.about_member(action, by, who).changed("status", before.code(), status.code());
        self.tell(at, by, entry);
    }

    pub(super) fn rename(&mut self, at: OffsetDateTime, who: usize) {
        let before = self.cast[who].name.as_str().to_owned();
        let Some(name) = remarried(&mut self.rng, &before).and_then(|name| PersonName::parse(&name).ok()) else {
            return;
        };
        let entry = self.about_member(accounts::MEMBER_RENAMED, who, who).changed(
            "name",
            Personal(before),
            Personal(name.as_str().to_owned()),
        );
        self.tell(at, who, entry);
        self.cast[who].name = name;
    }

    pub(super) fn remove(&mut self, at: OffsetDateTime, who: usize) {
        let role = self.cast[who].role;
        let by = self.manager(who, &[role]);
        let entry = self.about_member(members::REMOVED, by, who).removed("role", role.code());
        let groups = self.unassign(who);
        let entry = if groups.is_empty() { entry } else { entry.removed("groups", Public(groups)) };
        self.tell(at, by, entry);
        self.cast[who].gone = true;
    }

    pub(super) fn export(&mut self, at: OffsetDateTime) {
        let officer = |person: &Person| person.role == Role::SecurityOfficer && person.is_member();
        let by = self.cast.iter().position(officer).unwrap_or(0);
        let entry = Draft::done(audit::EXPORTED, self.actor(by))
            .target("organization", self.tenant, self.name())
            .added("format", "ndjson");
        self.tell(at, by, entry);
    }

    pub(super) fn overreach(&mut self, at: OffsetDateTime, who: usize) {
        let entry = Draft::denied(members::SUSPENDED, self.actor(who))
            .target("organization", self.tenant, self.name())
            .added("required", Permission::ManageMembers.code());
        self.tell(at, who, entry);
    }
}
