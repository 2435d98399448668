use proptest::{collection::vec, prelude::*};

use sha2::{Digest, Sha256};

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

/// A tree that knows the roots of its complete subtrees and nothing else, as the database does.
fn hash_of(leaves: &[Hash], subtree: Subtree) -> Hash {
    let complete = subtree.perfect().into_iter().map(|(height, index)| {
        let at = |number: u64| usize::try_from(number << height).unwrap();
        naive_root(&leaves[at(index)..at(index + 1)])
    });
    fold(&complete.collect::<Vec<_>>())
}

fn inclusion_proof(leaves: &[Hash], index: usize) -> Vec<Hash> {
    inclusion(index as u64, leaves.len() as u64).into_iter().map(|subtree| hash_of(leaves, subtree)).collect()
}

fn consistency_proof(leaves: &[Hash], from: usize) -> Vec<Hash> {
    consistency(from as u64, leaves.len() as u64).into_iter().map(|subtree| hash_of(leaves, subtree)).collect()
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
    assert_eq!(inclusion_proof(&leaves, 0), first);
    assert_eq!(inclusion_proof(&leaves, 5), sixth);
    assert_eq!(inclusion_proof(&leaves, 8), []);
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
    assert_eq!(consistency_proof(&leaves, 6), from_six);
    assert_eq!(consistency_proof(&leaves[..5], 2), from_two);
    assert_eq!(consistency_proof(&leaves, 9), []);
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

#[test]
fn a_path_names_the_sibling_of_each_node_on_the_way_up() {
    let ranges = |subtrees: Vec<Subtree>| subtrees.into_iter().map(|it| (it.start, it.end)).collect::<Vec<_>>();
    assert_eq!(ranges(inclusion(5, 7)), [(4, 5), (6, 7), (0, 4)]);
    assert_eq!(ranges(inclusion(6, 7)), [(4, 6), (0, 4)]);
    assert_eq!(ranges(inclusion(0, 1)), []);
    assert_eq!(ranges(consistency(3, 7)), [(2, 3), (3, 4), (0, 2), (4, 7)]);
    assert_eq!(ranges(consistency(4, 7)), [(4, 7)]);
    assert_eq!(ranges(consistency(6, 7)), [(4, 6), (6, 7), (0, 4)]);
}

#[test]
fn a_range_consists_of_the_largest_complete_subtrees() {
    assert_eq!(perfect(4..7), [(1, 2), (0, 6)]);
    assert_eq!(
        perfect(5..1000),
        [(0, 5), (1, 3), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (8, 2), (7, 6), (6, 14), (5, 30), (3, 124)]
    );
    assert_eq!(perfect(0..0), []);
    assert_eq!(perfect(0..1 << 60), [(60, 0)]);
}

#[test]
fn a_subtree_is_appended_only_where_it_can_stand() {
    let leaves = reference();
    let mut frontier: Frontier = leaves[..2].iter().copied().collect();
    assert!(!frontier.append_subtree(2, root(&leaves[2..6])));
    assert!(!frontier.append_subtree(64, leaves[0]));
    assert_eq!(frontier.root().to_string(), ROOTS[1]);
    assert!(frontier.append_subtree(1, root(&leaves[2..4])));
    assert!(frontier.append_subtree(2, root(&leaves[4..8])));
    assert_eq!((frontier.size(), frontier.root().to_string().as_str()), (8, ROOTS[7]));
    let mut huge = Frontier::new(1 << 63, vec![leaves[0]]).unwrap();
    assert!(!huge.append_subtree(63, leaves[0]));
}

proptest! {
    #[test]
    fn a_range_is_appended_by_its_complete_subtrees(leaves in leaves(), from: prop::sample::Index, to: prop::sample::Index) {
        let to = to.index(leaves.len() + 1);
        let from = from.index(to + 1);
        let mut frontier: Frontier = leaves[..from].iter().copied().collect();
        for (height, index) in perfect(from as u64..to as u64) {
            let start = usize::try_from(index << height).unwrap();
            prop_assert_eq!(start as u64, frontier.size());
            prop_assert!(frontier.append_subtree(height, naive_root(&leaves[start..start + (1 << height)])));
        }
        prop_assert_eq!(frontier, leaves[..to].iter().copied().collect());
    }

    #[test]
    fn the_parts_of_a_proof_lie_side_by_side(from in 1_u64..1 << 53, to in 1_u64..1 << 53, index: u64) {
        let (from, to) = (from.min(to), from.max(to));
        let mut path = inclusion(index % to, to);
        path.push(Subtree { start: index % to, end: index % to + 1 });
        path.sort_by_key(|subtree| subtree.start);
        prop_assert_eq!((path[0].start, path[path.len() - 1].end), (0, to));
        prop_assert!(path.windows(2).all(|pair| pair[0].end == pair[1].start));
        for subtree in consistency(from, to) {
            prop_assert!(subtree.end <= from || subtree.start >= from);
            prop_assert!(subtree.perfect().windows(2).all(|pair| pair[0].0 > pair[1].0));
        }
    }

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
        let proof = inclusion_proof(&leaves, index);
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
        let proof = consistency_proof(&leaves, old);
        let verify = |old_root, proof: &[Hash]| verify_consistency(old as u64, old_root, size, whole, proof);
        prop_assert!(verify(root(&leaves[..old]), &proof));
        prop_assert!(!verify(leaf_hash(b"another"), &proof));
        prop_assert!(!verify(root(&leaves[..old]), &spoiled(proof, at, how)));
    }
}
