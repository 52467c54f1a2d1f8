//! 「哈希树」 The RFC 6962 tree, seen from its right edge: enough to add leaves and
//! to know the root at any size on the way.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// `H(0x00 ‖ row)`.
pub fn leaf_hash(row: &[u8]) -> Hash {
    Sha256::new_with_prefix([0])
        .chain_update(row)
        .finalize()
        .into()
}

/// `H(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The roots of the perfect subtrees a tree of this size is made of, largest
/// first: one for each 1 in the size's binary form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: i64,
    roots: Vec<Hash>,
}

impl Edge {
    /// From what [`Edge::size`] and [`Edge::to_bytes`] gave; `None` if they do
    /// not fit each other.
    pub fn from_parts(size: i64, bytes: &[u8]) -> Option<Self> {
        let roots: Vec<Hash> = bytes
            .chunks(32)
            .map(|part| part.try_into().ok())
            .collect::<Option<_>>()?;
        let fits = size >= 0 && roots.len() == size.count_ones() as usize;
        fits.then_some(Edge { size, roots })
    }

    /// How many leaves.
    pub fn size(&self) -> i64 {
        self.size
    }

    /// The roots, one after another.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    /// The root of the perfect subtree over exactly these leaves, if it is one of
    /// those at the edge.
    pub(super) fn subtree(&self, from: i64, to: i64) -> Option<Hash> {
        let mut start = 0;
        for (at, root) in self.roots.iter().enumerate() {
            let width = self.width(at);
            if (start, start + width) == (from, to) {
                return Some(*root);
            }
            start += width;
        }
        None
    }

    /// How many leaves the subtree at this place spans.
    fn width(&self, at: usize) -> i64 {
        let mut left = self.size;
        for _ in 0..at {
            left &= !(1 << (63 - left.leading_zeros()));
        }
        if left == 0 {
            0
        } else {
            1 << (63 - left.leading_zeros())
        }
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        // Each trailing 1 of the size is a subtree as large as what we carry.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                root = node_hash(&left, &root);
            }
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// The tree's root; of no leaves, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        match roots.next() {
            None => Sha256::digest([]).into(),
            Some(last) => roots.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 §2.1, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let k = many.len().next_power_of_two() / 2;
                node_hash(&by_definition(&many[..k]), &by_definition(&many[k..]))
            }
        }
    }

    #[test]
    fn the_edge_gives_the_root_of_rfc_6962_at_every_size() {
        let leaves: Vec<Hash> = (0..200u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut edge = Edge::default();
        for (n, leaf) in leaves.iter().enumerate() {
            assert_eq!(edge.root(), by_definition(&leaves[..n]));
            edge = Edge::from_parts(edge.size(), &edge.to_bytes()).unwrap();
            edge.push(*leaf);
        }
        assert!(Edge::from_parts(3, &[0; 32]).is_none());
        assert!(Edge::from_parts(1, &[0; 31]).is_none());
    }

    #[test]
    fn known_vectors_of_certificate_transparency() {
        // The published test vectors of the reference implementation.
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let mut edge = Edge::default();
        assert_eq!(
            hex(&edge.root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        edge.push(leaf_hash(b""));
        assert_eq!(
            hex(&edge.root()),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        edge.push(leaf_hash(&[0]));
        assert_eq!(
            hex(&edge.root()),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
    }
}
