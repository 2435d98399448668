//! Addresses as ranges.

use std::net::IpAddr;

use ipnet::IpNet;

/// Addresses as ranges that do not touch, in order: one is found among ten thousand in fourteen steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

impl Ranges {
    pub(super) fn new<'a>(networks: impl Iterator<Item = &'a IpNet>) -> Self {
        let mut ranges = Self::default();
        for network in networks {
            match network {
                IpNet::V4(v4) => ranges.v4.push((v4.network().to_bits(), v4.broadcast().to_bits())),
                IpNet::V6(v6) => ranges.v6.push((v6.network().to_bits(), v6.broadcast().to_bits())),
            }
        }
        merge(&mut ranges.v4, |last| last.checked_add(1));
        merge(&mut ranges.v6, |last| last.checked_add(1));
        ranges
    }

    pub(super) fn contain(&self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(v4) => within(&self.v4, v4.to_bits()),
            IpAddr::V6(v6) => within(&self.v6, v6.to_bits()),
        }
    }

    /// The addresses that are in both.
    pub(super) fn common(&self, other: &Self) -> Self {
        Self { v4: common(&self.v4, &other.v4), v6: common(&self.v6, &other.v6) }
    }

    /// Whether all of these addresses are among others.
    pub(super) fn are_within(&self, other: &Self) -> bool {
        are_within(&self.v4, &other.v4) && are_within(&self.v6, &other.v6)
    }

    /// How many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.v4.as_slice()) + size_of_val(self.v6.as_slice())
    }
}

/// Puts ranges in order, and those together that overlap or touch: `next` is what follows on an address.
fn merge<T: Ord + Copy>(ranges: &mut Vec<(T, T)>, next: fn(T) -> Option<T>) {
    ranges.sort_unstable();
    let mut merged: Vec<(T, T)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges.drain(..) {
        match merged.last_mut() {
            Some(range) if next(range.1).is_none_or(|next| first <= next) => range.1 = range.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    *ranges = merged;
}

/// The range of those that do not touch which begins last before an address, or there.
fn at<T: Ord + Copy>(ranges: &[(T, T)], address: T) -> Option<(T, T)> {
    let after = ranges.partition_point(|(first, _)| *first <= address);
    after.checked_sub(1).map(|index| ranges[index])
}

fn within<T: Ord + Copy>(ranges: &[(T, T)], address: T) -> bool {
    at(ranges, address).is_some_and(|(_, last)| address <= last)
}

fn are_within<T: Ord + Copy>(ranges: &[(T, T)], other: &[(T, T)]) -> bool {
    ranges.iter().all(|(first, last)| at(other, *first).is_some_and(|(_, end)| *last <= end))
}

fn common<T: Ord + Copy>(a: &[(T, T)], b: &[(T, T)]) -> Vec<(T, T)> {
    let (mut left, mut right, mut both) = (0, 0, Vec::new());
    while let (Some(one), Some(other)) = (a.get(left), b.get(right)) {
        let (first, last) = (one.0.max(other.0), one.1.min(other.1));
        if first <= last {
            both.push((first, last));
        }
        if one.1 < other.1 { left += 1 } else { right += 1 }
    }
    both
}
