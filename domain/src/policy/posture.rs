//! How much of what is sound a policy asks for.

use super::{SETTINGS, SecurityPolicy, Setting};

/// How a policy stands.
#[derive(Clone, Debug)]
pub struct Posture {
    /// From 0 to 100.
    pub score: u32,
    /// What would make it better, what counts most first.
    pub shortcomings: Vec<Shortcoming>,
}

/// A setting that asks for less than is sound.
#[derive(Clone, Debug)]
pub struct Shortcoming {
    /// Which.
    pub setting: &'static Setting,
    /// What would be sound, in words.
    pub sound: String,
    /// How much the score would gain.
    pub points: u32,
}

impl Posture {
    /// All that a policy can fall short of, what counts most first.
    pub fn possible() -> Vec<Shortcoming> {
        let counting = SETTINGS.iter().filter(|setting| setting.weight > 0);
        let mut all: Vec<_> = counting
            .map(|setting| Shortcoming {
                setting,
                sound: setting.kind.describe(&setting.sound),
                points: share(setting.weight),
            })
            .collect();
        all.sort_by_key(|shortcoming| std::cmp::Reverse(shortcoming.setting.weight));
        all
    }
}

fn all_weights() -> u32 {
    SETTINGS.iter().map(|setting| setting.weight).sum()
}

/// How much of a hundred a weight is.
fn share(weight: u32) -> u32 {
    let all = all_weights();
    (weight * 200 + all) / (2 * all)
}

impl SecurityPolicy {
    /// How it stands: every setting counts by its weight, if it asks for what is sound.
    pub fn posture(&self) -> Posture {
        let mut shortcomings = Posture::possible();
        shortcomings.retain(|shortcoming| !self.is_sound(shortcoming.setting));
        let missing: u32 = shortcomings.iter().map(|shortcoming| shortcoming.setting.weight).sum();
        Posture { score: share(all_weights() - missing), shortcomings }
    }

    fn is_sound(&self, setting: &Setting) -> bool {
        let says_something = setting.counts_in(self);
        match setting.key {
            // Any list is better than none, and which one only the organization knows.
            super::Key::Networks => !self.networks.is_empty(),
            _ => says_something && setting.kind.is_as_strict(&setting.get(self), &setting.sound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Networks, TEMPLATES};
    use crate::roles::RoleBook;

    #[test]
    fn asking_for_more_never_lowers_it_and_all_of_it_is_a_hundred() {
        let mut policy = SecurityPolicy::default();
        let mut score = policy.posture().score;
        assert!(score < 30, "{score}");
        for setting in &SETTINGS {
            setting.set(&mut policy, setting.sound.clone());
            let now = policy.posture().score;
            assert!(now >= score, "{}", setting.code);
            score = now;
        }
        policy.networks = Networks::parse("10.0.0.0/8", &RoleBook::default()).unwrap();
        let posture = policy.posture();
        assert_eq!((posture.score, posture.shortcomings.len()), (100, 0));
    }

    #[test]
    fn every_template_is_better_than_nothing() {
        let nothing = SecurityPolicy::default();
        for template in &TEMPLATES {
            assert!(template.apply(&nothing, None).posture().score > nothing.posture().score, "{}", template.code);
        }
    }
}
