//! 「一致性证明」 RFC 6962 §2.1.2: that a tree is an earlier one with leaves added,
//! and nothing else. Made from the earlier tree's edge and the leaves since, so
//! that a proof costs what is new; checked as RFC 9162 §2.1.4.2 says.

use super::{Edge, Hash, node_hash};

/// Proves that the tree of `edge` and then `leaves` grew from that of `edge`.
pub fn prove(edge: &Edge, leaves: &[Hash]) -> Vec<Hash> {
    let mut proof = Vec::new();
    if edge.size() > 0 && !leaves.is_empty() {
        let end = edge.size() + leaves.len() as i64;
        Proving { edge, leaves }.descend(edge.size(), 0, end, true, &mut proof);
    }
    proof
}

struct Proving<'a> {
    edge: &'a Edge,
    leaves: &'a [Hash],
}

impl Proving<'_> {
    /// SUBPROOF(m, D[from:to], whole): `m` counts from `from`.
    fn descend(&self, m: i64, from: i64, to: i64, whole: bool, proof: &mut Vec<Hash>) {
        let n = to - from;
        if m == n {
            if !whole {
                proof.extend(self.root(from, to));
            }
            return;
        }
        let k = largest_power_below(n);
        if m <= k {
            self.descend(m, from, from + k, whole, proof);
            proof.extend(self.root(from + k, to));
        } else {
            self.descend(m - k, from + k, to, false, proof);
            proof.extend(self.root(from, from + k));
        }
    }

    /// The root over a range: one of the edge's, or of new leaves only.
    fn root(&self, from: i64, to: i64) -> Option<Hash> {
        let known = self.edge.size();
        if to <= known {
            return self.edge.subtree(from, to);
        }
        let place = |at: i64| usize::try_from(at - known).ok();
        let mut tree = Edge::default();
        for leaf in self.leaves.get(place(from)?..place(to)?)? {
            tree.push(*leaf);
        }
        Some(tree.root())
    }
}

/// The largest power of two below `n` ≥ 2.
pub(super) fn largest_power_below(n: i64) -> i64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// Whether `proof` shows that the tree of `old` leaves with root `old_root` grew
/// into that of `new` leaves with root `new_root`.
pub fn is_consistent(old: i64, old_root: &Hash, new: i64, new_root: &Hash, proof: &[Hash]) -> bool {
    match old {
        _ if old < 0 || old > new => return false,
        0 => return proof.is_empty(),
        _ if old == new => return proof.is_empty() && old_root == new_root,
        _ => {}
    }
    let mut path = proof.iter();
    // A tree of a power of two is itself the first node of the way.
    let first = if old & (old - 1) == 0 {
        Some(old_root)
    } else {
        path.next()
    };
    let Some(first) = first else { return false };
    let (mut fnode, mut snode) = (old - 1, new - 1);
    while fnode & 1 == 1 {
        (fnode, snode) = (fnode >> 1, snode >> 1);
    }
    let (mut left, mut right) = (*first, *first);
    for node in path {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            left = node_hash(node, &left);
            right = node_hash(node, &right);
            while fnode & 1 == 0 && fnode != 0 {
                (fnode, snode) = (fnode >> 1, snode >> 1);
            }
        } else {
            right = node_hash(&right, node);
        }
        (fnode, snode) = (fnode >> 1, snode >> 1);
    }
    snode == 0 && left == *old_root && right == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::leaf_hash;

    #[test]
    fn every_growth_is_proven_and_nothing_else_is() {
        let leaves: Vec<Hash> = (0..70_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut edges = vec![Edge::default()];
        for leaf in &leaves {
            let mut edge = edges[edges.len() - 1].clone();
            edge.push(*leaf);
            edges.push(edge);
        }
        for (old, edge) in edges.iter().enumerate() {
            for new in old..edges.len() {
                let proof = prove(edge, &leaves[old..new]);
                let grown = |old_root: &Hash, new_root: &Hash, proof: &[Hash]| {
                    is_consistent(old as i64, old_root, new as i64, new_root, proof)
                };
                let (before, after) = (edge.root(), edges[new].root());
                assert!(grown(&before, &after, &proof), "{old} to {new}");
                if old == 0 {
                    continue;
                }
                assert!(!grown(&[7; 32], &after, &proof), "{old} to {new}");
                assert!(!grown(&before, &[7; 32], &proof), "{old} to {new}");
                for at in 0..proof.len() {
                    let mut bent = proof.clone();
                    bent[at][0] ^= 1;
                    assert!(!grown(&before, &after, &bent), "{old} to {new} at {at}");
                    bent.remove(at);
                    assert!(!grown(&before, &after, &bent), "{old} to {new} less {at}");
                }
                let longer = [proof.as_slice(), &[[0; 32]]].concat();
                assert!(!grown(&before, &after, &longer));
                assert!(!is_consistent(
                    new as i64 + 1,
                    &after,
                    new as i64,
                    &after,
                    &[]
                ));
            }
        }
    }

    #[test]
    fn the_proof_is_that_of_the_reference_implementation() {
        // Certificate Transparency's published vectors: 8 leaves, from 6 to 8.
        let hex = |text: &str| -> Vec<u8> {
            let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            (0..text.len()).step_by(2).map(digit).collect()
        };
        let data = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let leaves: Vec<Hash> = data.iter().map(|one| leaf_hash(&hex(one))).collect();
        let mut edge = Edge::default();
        leaves[..6].iter().for_each(|leaf| edge.push(*leaf));
        let told: Vec<Vec<u8>> = prove(&edge, &leaves[6..])
            .iter()
            .map(|h| h.to_vec())
            .collect();
        let expected = [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];
        assert_eq!(told, expected.map(hex));
    }
}
