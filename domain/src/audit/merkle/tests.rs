use proptest::{collection::vec, prelude::*};

use super::*;

/// The leaves, roots and proofs of the Certificate Transparency reference tests.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn reference() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

fn hashes(hex: &[&str]) -> Vec<Hash> {
    hex.iter().map(|hash| hash.parse().unwrap()).collect()
}

#[test]
fn an_empty_tree_has_the_hash_of_nothing() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(root(&[]).to_string(), empty);
}

#[test]
fn roots_are_those_of_the_reference() {
    let mut frontier = Frontier::default();
    for (leaf, expected) in reference().into_iter().zip(ROOTS) {
        frontier.append(leaf);
        assert_eq!(frontier.root().to_string(), expected, "size {}", frontier.size());
    }
}

#[test]
fn inclusion_proofs_are_those_of_the_reference() {
    let leaves = reference();
    let first = hashes(&[
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    let sixth = hashes(&[
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    assert_eq!(inclusion_proof(&leaves, 0), Some(first));
    assert_eq!(inclusion_proof(&leaves, 5), Some(sixth));
    assert_eq!(inclusion_proof(&leaves, 8), None);
}

#[test]
fn consistency_proofs_are_those_of_the_reference() {
    let leaves = reference();
    let from_six = hashes(&[
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    let from_two = hashes(&[
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]);
    assert_eq!(consistency_proof(&leaves, 6), Some(from_six));
    assert_eq!(consistency_proof(&leaves[..5], 2), Some(from_two));
    assert_eq!(consistency_proof(&leaves, 9), None);
}

#[test]
fn a_frontier_keeps_as_many_peaks_as_its_size_has_ones() {
    assert!(Frontier::new(3, vec![root(&[])]).is_none());
    assert!(Frontier::from_bytes(1, &[0; 33]).is_none());
    assert_eq!(Frontier::from_bytes(0, &[]), Some(Frontier::default()));
}

/// The definition of section 2.1, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash(Sha256::digest([]).into()),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            node_hash(naive_root(&leaves[..k]), naive_root(&leaves[k..]))
        }
    }
}

fn leaves() -> impl Strategy<Value = Vec<Hash>> {
    vec(any::<[u8; 32]>().prop_map(Hash), 0..70)
}

/// The proof with one hash flipped, dropped or added.
fn spoiled(mut proof: Vec<Hash>, at: prop::sample::Index, how: u8) -> Vec<Hash> {
    let at = at.index(proof.len() + 1);
    match how {
        0 if at < proof.len() => proof[at].0[0] ^= 1,
        1 if at < proof.len() => drop(proof.remove(at)),
        _ => proof.insert(at, Hash([7; 32])),
    }
    proof
}

proptest! {
    #[test]
    fn roots_are_as_defined(leaves in leaves()) {
        prop_assert_eq!(root(&leaves), naive_root(&leaves));
    }

    #[test]
    fn a_frontier_survives_storage(leaves in leaves(), more in leaves()) {
        let frontier: Frontier = leaves.iter().copied().collect();
        let mut stored = Frontier::from_bytes(frontier.size(), &frontier.peak_bytes()).unwrap();
        for leaf in &more {
            stored.append(*leaf);
        }
        prop_assert_eq!(stored.root(), naive_root(&[leaves, more].concat()));
    }

    #[test]
    fn inclusion_is_proved_for_the_leaf_and_for_no_other(
        leaves in leaves(), index: prop::sample::Index, at: prop::sample::Index, how in 0_u8..3,
    ) {
        prop_assume!(!leaves.is_empty());
        let (size, root) = (leaves.len() as u64, root(&leaves));
        let index = index.index(leaves.len());
        let proof = inclusion_proof(&leaves, index).unwrap();
        for (other, leaf) in leaves.iter().enumerate() {
            prop_assert_eq!(verify_inclusion(*leaf, other as u64, size, &proof, root), other == index);
        }
        prop_assert!(!verify_inclusion(leaves[index], index as u64, size, &spoiled(proof, at, how), root));
    }

    #[test]
    fn consistency_is_proved_for_the_prefix_and_for_no_other(
        leaves in leaves(), old: prop::sample::Index, at: prop::sample::Index, how in 0_u8..3,
    ) {
        let (size, whole) = (leaves.len() as u64, root(&leaves));
        let old = old.index(leaves.len() + 1);
        let proof = consistency_proof(&leaves, old).unwrap();
        let verify = |old_root, proof: &[Hash]| verify_consistency(old as u64, old_root, size, whole, proof);
        prop_assert!(verify(root(&leaves[..old]), &proof));
        prop_assert!(!verify(leaf_hash(b"another"), &proof));
        prop_assert!(!verify(root(&leaves[..old]), &spoiled(proof, at, how)));
    }
}
