//! Maps and sets of a few entries, as sorted lists, and queues, as lists.
//!
//! The B-trees of the standard library are compiled anew for every type they hold, 7 KB each on
//! MIPS, and its queues 700 bytes. The daemon keeps a handful of modems, ports and calls, for which
//! a list is as fast. Order and meaning are those of `BTreeMap`, `BTreeSet` and `VecDeque`.

mod queue;
#[cfg(test)]
mod tests;

pub use queue::Queue;

use core::borrow::Borrow;
use core::cmp::Ordering;
use core::ops::Index;

/// The entries of a map.
pub type Iter<'a, K, V> =
    core::iter::Map<core::slice::Iter<'a, Box<(K, V)>>, fn(&'a Box<(K, V)>) -> (&'a K, &'a V)>;

/// The entries of a map, with values that can be changed.
pub type IterMut<'a, K, V> = core::iter::Map<
    core::slice::IterMut<'a, Box<(K, V)>>,
    fn(&'a mut Box<(K, V)>) -> (&'a K, &'a mut V),
>;

/// Values by their keys, in the order of the keys. Each entry has a place of its own, so that what
/// moves when one comes or goes is a pointer, for which the code of all maps is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, V>(Vec<Box<(K, V)>>);

/// Values that are there once, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T>(Map<T, ()>);

impl<K, V> Map<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes every entry out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The entries, by ascending key.
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.0.iter().map(|entry| (&entry.0, &entry.1))
    }

    /// The entries, with values that can be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        self.0.iter_mut().map(|entry| (&entry.0, &mut entry.1))
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|entry| &entry.0)
    }

    /// The values, by ascending key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|entry| &entry.1)
    }

    /// The values, to change them.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.0.iter_mut().map(|entry| &mut entry.1)
    }

    /// The values alone.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.0.into_iter().map(|entry| entry.1)
    }

    /// The keys alone.
    pub fn into_keys(self) -> impl Iterator<Item = K> {
        self.0.into_iter().map(|entry| entry.0)
    }

    /// Keeps only the entries that `keep` is true for.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        let mut at = 0;
        while let Some(entry) = self.0.get_mut(at) {
            let (key, value) = &mut **entry;
            if keep(key, value) {
                at += 1;
            } else {
                self.0.remove(at);
            }
        }
    }

    /// Takes the entries out that `wanted` is true for, at once.
    pub fn extract_if(
        &mut self,
        mut wanted: impl FnMut(&K, &mut V) -> bool,
    ) -> impl Iterator<Item = (K, V)> {
        let mut taken = Vec::new();
        let mut at = 0;
        while let Some(entry) = self.0.get_mut(at) {
            let (key, value) = &mut **entry;
            if wanted(key, value) {
                taken.push(self.0.remove(at));
            } else {
                at += 1;
            }
        }
        taken.into_iter().map(|entry| *entry)
    }

    /// Takes the entry with the smallest key out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        if self.0.is_empty() { None } else { Some(*self.0.remove(0)) }
    }
}

impl<V> Map<String, V> {
    /// The keys of the entries that `is_wanted` is true for, for what may change the map.
    #[inline(never)]
    pub fn names_of(&self, is_wanted: &dyn Fn(&str, &V) -> bool) -> Vec<String> {
        let mut names = Vec::new();
        for (name, value) in self {
            if is_wanted(name, value) {
                names.push(name.clone());
            }
        }
        names
    }
}

/// Where the entry is among so many in ascending order, or where it would be. That of the standard
/// library is compiled for every type of entry.
fn search(len: usize, compare: &dyn Fn(usize) -> Ordering) -> Result<usize, usize> {
    let (mut from, mut to) = (0, len);
    while from < to {
        let middle = from.midpoint(to);
        match compare(middle) {
            Ordering::Less => from = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => to = middle,
        }
    }
    Err(from)
}

/// Puts an entry where it belongs. Not inlined, for all maps have the same code for it.
#[inline(never)]
fn put<T>(entries: &mut Vec<Box<T>>, at: Result<usize, usize>, entry: Box<T>) -> Option<Box<T>> {
    match at {
        Ok(at) => Some(core::mem::replace(&mut entries[at], entry)),
        Err(at) => {
            entries.insert(at, entry);
            None
        }
    }
}

/// Takes the entry out that was found. Not inlined either.
#[inline(never)]
fn take<T>(entries: &mut Vec<Box<T>>, at: Result<usize, usize>) -> Option<Box<T>> {
    Some(entries.remove(at.ok()?))
}

impl<K: Ord, V> Map<K, V> {
    /// Where the key is, or where it would be.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        search(self.0.len(), &|at| self.0[at].0.borrow().cmp(key))
    }

    /// Where the key is, or beyond all entries.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        self.find(key).unwrap_or(usize::MAX)
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(self.place(key)).map(|entry| &entry.1)
    }

    /// A key as it is kept, and its value.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.0.get(self.place(key)).map(|entry| (&entry.0, &entry.1))
    }

    /// The value of a key, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key);
        self.0.get_mut(at).map(|entry| &mut entry.1)
    }

    /// Whether a key has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key. That it had is dropped in its place, for moving a value takes code.
    pub fn insert(&mut self, key: K, value: V) {
        self.set(key, value);
    }

    /// Sets the value of a key; returns the one it had.
    pub fn replace(&mut self, key: K, value: V) -> Option<V> {
        self.set(key, value).map(|old| old.1)
    }

    /// Sets the entry of a key; returns the one it had.
    fn set(&mut self, key: K, value: V) -> Option<Box<(K, V)>> {
        let entry = Box::new((key, value));
        let at = self.find(&entry.0);
        put(&mut self.0, at, entry)
    }

    /// The value of a key, which is `value` if it has none yet.
    pub fn or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = match self.find(&key) {
            Ok(at) => at,
            Err(at) => {
                put(&mut self.0, Err(at), Box::new((key, value)));
                at
            }
        };
        &mut self.0[at].1
    }

    /// Takes a key and its value out and drops them; whether they were there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        let at = self.find(key);
        take(&mut self.0, at).is_some()
    }

    /// Takes a key out; returns its value.
    pub fn take<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key);
        take(&mut self.0, at).map(|entry| entry.1)
    }
}

impl<T> Set<T> {
    /// An empty set.
    pub const fn new() -> Self {
        Self(Map::new())
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes every value out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The values, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        self.0.keys()
    }

    /// Keeps only the values that `keep` is true for.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.0.retain(|value, ()| keep(value));
    }

    /// Takes the smallest value out.
    pub fn pop_first(&mut self) -> Option<T> {
        self.0.pop_first().map(|(value, ())| value)
    }
}

impl<T: Ord> Set<T> {
    /// Puts a value in; whether it was not there yet.
    pub fn insert(&mut self, value: T) -> bool {
        self.0.set(value, ()).is_none()
    }

    /// Whether a value is there.
    pub fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains_key(value)
    }

    /// Takes a value out; whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.remove(value)
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::new();
        set.extend(values);
        set
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = core::iter::Map<std::vec::IntoIter<Box<(K, V)>>, fn(Box<(K, V)>) -> (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|entry| *entry)
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut Map<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// The value of a key that is there.
impl<K: Ord + Borrow<Q>, V, Q: Ord + ?Sized> Index<&Q> for Map<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        match self.find(key) {
            Ok(at) => &self.0[at].1,
            Err(_) => panic!("no entry has this key"),
        }
    }
}
