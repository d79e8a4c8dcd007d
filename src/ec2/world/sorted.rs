//! A sorted map in pieces that copies share.
//!
//! A copy costs a pointer a piece, and a change copies one piece, whatever the size of the map; a
//! comparison of two copies skips the pieces that they share.
//!
//! Invariants: keys rise, within a piece and from piece to piece; no piece is empty, none holds more
//! than [`PIECE`] entries.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// Entries of a piece, at most: what a change copies. A map of 100,000 has some 500 pieces.
const PIECE: usize = 256;

type Piece<K, V> = Vec<(K, V)>;

/// Values as they were and as they are, each pair of one key; one of the two is there.
pub(in crate::ec2) type Pairs<'a, T> = Vec<(Option<&'a Arc<T>>, Option<&'a Arc<T>>)>;

/// The map.
#[derive(Clone)]
pub(super) struct Sorted<K, V> {
    pieces: Vec<Arc<Piece<K, V>>>,
    len: usize,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            len: 0,
        }
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Sorted<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for Sorted<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Sorted<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K, V> Sorted<K, V> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Every entry, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let entries = self.pieces.iter().flat_map(|piece| piece.iter());
        entries.map(|(key, value)| (key, value))
    }

    /// Every key, rising.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// Every value, by key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// The piece in which a key is, or belongs.
    fn piece_of<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        let begins = |piece: &Arc<Piece<K, V>>| {
            let first = piece.first();
            first.is_some_and(|(k, _)| k.borrow() <= key)
        };
        self.pieces.partition_point(begins).saturating_sub(1)
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let piece = self.pieces.get(self.piece_of(key))?;
        let at = piece.binary_search_by(|(k, _)| k.borrow().cmp(key)).ok()?;
        piece.get(at).map(|(_, value)| value)
    }

    /// The entries behind a key, rising.
    pub fn after<'a>(&'a self, key: &K) -> impl Iterator<Item = (&'a K, &'a V)> + use<'a, K, V> {
        let from = self.piece_of(key);
        let (first, rest) = match self.pieces.get(from..).unwrap_or_default() {
            [first, rest @ ..] => (first.as_slice(), rest),
            [] => (&[][..], &[][..]),
        };
        let at = first.partition_point(|(k, _)| k <= key);
        let first = first.get(at..).unwrap_or_default().iter();
        let entries = first.chain(rest.iter().flat_map(|piece| piece.iter()));
        entries.map(|(k, value)| (k, value))
    }
}

impl<K: Ord + Clone, V: Clone> Sorted<K, V> {
    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.piece_of(key);
        let piece = self.pieces.get_mut(at)?;
        // Looked for first: what is not there copies nothing.
        let at = piece.binary_search_by(|(k, _)| k.cmp(key)).ok()?;
        Arc::make_mut(piece).get_mut(at).map(|(_, value)| value)
    }

    /// Puts a value; the one that was there before, if any.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let at = self.piece_of(&key);
        let Some(piece) = self.pieces.get_mut(at) else {
            self.pieces.push(Arc::new(vec![(key, value)]));
            self.len += 1;
            return None;
        };
        let piece = Arc::make_mut(piece);
        match piece.binary_search_by(|(k, _)| k.cmp(&key)) {
            Ok(at) => {
                let old = piece.get_mut(at)?;
                return Some(std::mem::replace(&mut old.1, value));
            }
            Err(place) => piece.insert(place, (key, value)),
        }
        self.len += 1;
        if piece.len() > PIECE {
            // What rises from the first to the last leaves full pieces behind it.
            let behind = at + 1 == self.pieces.len();
            self.split(at, if behind { PIECE } else { PIECE / 2 });
        }
        None
    }

    fn split(&mut self, at: usize, keeps: usize) {
        if let Some(piece) = self.pieces.get_mut(at) {
            let rest = Arc::make_mut(piece).split_off(keeps);
            self.pieces.insert(at + 1, Arc::new(rest));
        }
    }

    /// Takes a key out; its value, if it was there.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.piece_of(key);
        let piece = self.pieces.get_mut(at)?;
        let place = piece.binary_search_by(|(k, _)| k.cmp(key)).ok()?;
        let piece = Arc::make_mut(piece);
        let (_, value) = piece.remove(place);
        self.len -= 1;
        let left = piece.len();
        let next = self.pieces.get(at + 1).map_or(PIECE, |next| next.len());
        if left == 0 {
            self.pieces.remove(at);
        } else if left + next <= PIECE / 2 {
            let next = self.pieces.remove(at + 1);
            if let Some(piece) = self.pieces.get_mut(at) {
                Arc::make_mut(piece).extend(next.iter().cloned());
            }
        }
        Some(value)
    }
}

/// A piece and the place in it of a walk through a map.
struct Walk<'a, K, V> {
    pieces: std::slice::Iter<'a, Arc<Piece<K, V>>>,
    piece: Option<&'a Arc<Piece<K, V>>>,
    at: usize,
}

impl<'a, K, V> Walk<'a, K, V> {
    fn new(map: &'a Sorted<K, V>) -> Self {
        let mut pieces = map.pieces.iter();
        let piece = pieces.next();
        Self {
            pieces,
            piece,
            at: 0,
        }
    }

    fn entry(&self) -> Option<&'a (K, V)> {
        self.piece?.get(self.at)
    }

    fn next_piece(&mut self) {
        self.piece = self.pieces.next();
        self.at = 0;
    }

    fn next(&mut self) -> Option<&'a V> {
        let entry = self.entry()?;
        self.at += 1;
        if self.entry().is_none() {
            self.next_piece();
        }
        Some(&entry.1)
    }
}

impl<K: Ord, T: PartialEq> Sorted<K, Arc<T>> {
    /// What is new, gone or different in a newer map, by key. What is one object in both is equal,
    /// unread; so is a piece.
    pub fn changed<'a>(&'a self, newer: &'a Self) -> Pairs<'a, T> {
        let mut out = Vec::new();
        let (mut before, mut after) = (Walk::new(self), Walk::new(newer));
        loop {
            if let (Some(b), Some(a), 0, 0) = (before.piece, after.piece, before.at, after.at)
                && Arc::ptr_eq(b, a)
            {
                before.next_piece();
                after.next_piece();
                continue;
            }
            let order = match (before.entry(), after.entry()) {
                (None, None) => return out,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((_, b)), Some((_, a))) if Arc::ptr_eq(b, a) => {
                    before.next();
                    after.next();
                    continue;
                }
                (Some((b, _)), Some((a, _))) => b.cmp(a),
            };
            let old = order.is_le().then(|| before.next()).flatten();
            let new = order.is_ge().then(|| after.next()).flatten();
            if order.is_ne() || old != new {
                out.push((old, new));
            }
        }
    }

    /// Takes the older object for every value that is equal; true if all of them are.
    pub fn share(&mut self, older: &Self) -> bool
    where
        K: Clone,
    {
        let mut same = self.len == older.len;
        let mut old = older.iter().peekable();
        for piece in &mut self.pieces {
            for (key, new) in Arc::make_mut(piece) {
                while old.next_if(|(o, _)| *o < key).is_some() {}
                match old.next_if(|(o, _)| *o == key) {
                    Some((_, old)) if Arc::ptr_eq(old, new) => {}
                    Some((_, old)) if old == new => *new = Arc::clone(old),
                    _ => same = false,
                }
            }
        }
        if same {
            *self = older.clone();
        }
        same
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::{BTreeMap, BTreeSet};
    use std::ops::Bound;

    use super::*;

    type Plain = BTreeMap<u32, Arc<u32>>;

    fn check(map: &Sorted<u32, Arc<u32>>, plain: &Plain) {
        assert!(map.iter().eq(plain.iter()));
        assert_eq!(map.len(), plain.len());
        assert!(map.pieces.iter().all(|p| (1..=PIECE).contains(&p.len())));
    }

    /// What a merge of two plain maps says.
    fn differing(a: &Plain, b: &Plain) -> Vec<(Option<u32>, Option<u32>)> {
        let keys: BTreeSet<&u32> = a.keys().chain(b.keys()).collect();
        let pairs = keys
            .into_iter()
            .map(|k| (a.get(k).map(|v| **v), b.get(k).map(|v| **v)));
        pairs.filter(|(x, y)| x != y).collect()
    }

    #[test]
    fn it_says_what_a_plain_map_says() {
        let mut seed = 7_u32;
        let mut roll = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        // Many keys, so that pieces are split and joined; few, so that they run empty.
        for keys in [40, 1_500] {
            let (mut map, mut plain) = (Sorted::default(), Plain::new());
            let mut kept: Vec<(Sorted<u32, Arc<u32>>, Plain)> = Vec::new();
            for round in 0..6_000 {
                let key = roll(keys);
                // It grows, and then it shrinks.
                if roll(10) < if round < 3_000 { 8 } else { 2 } {
                    let value = Arc::new(roll(3));
                    assert_eq!(
                        map.insert(key, Arc::clone(&value)),
                        plain.insert(key, value)
                    );
                } else {
                    assert_eq!(map.remove(&key), plain.remove(&key));
                }
                assert_eq!(map.get(&key), plain.get(&key));
                let other = roll(keys);
                let behind = plain.range((Bound::Excluded(other), Bound::Unbounded));
                assert!(map.after(&other).take(5).eq(behind.take(5)));
                if let Some(value) = map.get_mut(&other) {
                    *value = Arc::new(7);
                    plain.insert(other, Arc::new(7));
                }
                if round % 1_000 == 0 {
                    check(&map, &plain);
                    kept.push((map.clone(), plain.clone()));
                }
            }
            // Copies are what they were, and tell what has changed since.
            for (map, plain) in &kept {
                check(map, plain);
                for (newer, other) in &kept {
                    let told = map.changed(newer).into_iter();
                    let told: Vec<_> = told
                        .map(|(a, b)| (a.map(|v| **v), b.map(|v| **v)))
                        .collect();
                    assert_eq!(told, differing(plain, other));
                }
            }
            let mut anew = Sorted::default();
            plain
                .iter()
                .for_each(|(k, v)| drop(anew.insert(*k, Arc::new(**v))));
            assert!(
                anew.share(&map)
                    && anew
                        .iter()
                        .zip(map.iter())
                        .all(|(a, b)| Arc::ptr_eq(a.1, b.1))
            );
            assert!(anew == map);
        }
    }

    #[test]
    fn a_change_copies_one_piece_and_a_comparison_reads_no_other() {
        let mut map = Sorted::default();
        (0..10_000_u32).for_each(|n| drop(map.insert(n, Arc::new(n))));
        assert_eq!(
            map.pieces.len(),
            10_000_usize.div_ceil(PIECE),
            "full pieces"
        );
        let older = map.clone();
        map.insert(5_000, Arc::new(0));
        let own = map.pieces.iter().zip(&older.pieces);
        assert_eq!(own.filter(|(a, b)| !Arc::ptr_eq(a, b)).count(), 1);
        assert_eq!(older.changed(&map).len(), 1);
    }
}
