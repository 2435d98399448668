//! Names of organizations.

use domain::slug::Slug;

#[rustfmt::skip]
const FIRST: [&str; 24] = [
    "Amber", "Blue", "Bright", "Calm", "Copper", "Crystal", "Eastern", "Evergreen", "Golden", "Grand", "Granite", "Green",
    "Hidden", "Iron", "Little", "Northern", "Quiet", "Red", "Royal", "Silver", "Southern", "Sunny", "Western", "White",
];
#[rustfmt::skip]
const SECOND: [&str; 24] = [
    "Anchor", "Arch", "Bay", "Bridge", "Brook", "Castle", "Cliff", "Falcon", "Field", "Forest", "Fox", "Harbour",
    "Heron", "Hill", "Lake", "Lantern", "Maple", "Meadow", "Mill", "Oak", "Orchard", "River", "Stone", "Valley",
];
#[rustfmt::skip]
const THIRD: [&str; 24] = [
    "Analytics", "Architects", "Bakery", "Biotech", "Brewery", "Capital", "Clinic", "Consulting", "Energy", "Engineering", "Farms", "Foods",
    "Foundation", "Insurance", "Logistics", "Media", "Mobility", "Optics", "Pharma", "Robotics", "Software", "Textiles", "Travel", "University Press",
];

const COUNT: u64 = 24 * 24 * 24;
/// Without a factor in common with [`COUNT`], so that each name comes once before one comes twice.
const STRIDE: u64 = 5_003;

/// An organization's name, and the domain of its addresses, which no other number has.
pub(super) struct Company {
    pub(super) name: String,
    pub(super) domain: String,
}

/// The organization of this number. Numbers up to 13,824 have different names.
pub(super) fn company(number: u32, seed: u64) -> Company {
    let place = (u64::from(number) % COUNT * STRIDE + seed % COUNT) % COUNT;
    let pick = |words: [&'static str; 24], place: u64| words[usize::try_from(place % 24).unwrap_or(0)];
    let name = format!("{} {} {}", pick(FIRST, place), pick(SECOND, place / 24), pick(THIRD, place / 24 / 24));
    let round = u32::try_from(u64::from(number) / COUNT).unwrap_or(0);
    let domain = format!("{}.example", Slug::derive(&name, round + 1));
    Company { name, domain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_organizations_share_a_domain() {
        let domains: HashSet<_> = (0..30_000).map(|number| company(number, 7).domain).collect();
        assert_eq!(domains.len(), 30_000);
        let names: HashSet<_> = (0..10_000).map(|number| company(number, 7).name).collect();
        assert_eq!(names.len(), 10_000);
    }
}
