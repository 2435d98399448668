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
        merge(&mut ranges.v4);
        merge(&mut ranges.v6);
        ranges
    }

    pub(super) fn contain(&self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(v4) => within(&self.v4, v4.to_bits()),
            IpAddr::V6(v6) => within(&self.v6, v6.to_bits()),
        }
    }
}

fn merge<T: Ord + Copy>(ranges: &mut Vec<(T, T)>) {
    ranges.sort_unstable();
    let mut merged: Vec<(T, T)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges.drain(..) {
        match merged.last_mut() {
            Some(range) if first <= range.1 => range.1 = range.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    *ranges = merged;
}

fn within<T: Ord + Copy>(ranges: &[(T, T)], address: T) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= address);
    after.checked_sub(1).is_some_and(|index| address <= ranges[index].1)
}
