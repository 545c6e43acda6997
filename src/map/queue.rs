//! What waits for its turn.

use core::ops::{Deref, DerefMut};

/// Values in the order in which they came. What is read or changed in place is that of a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue<T>(Vec<T>);

impl<T> Queue<T> {
    /// An empty queue.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Puts a value behind all others.
    pub fn push_back(&mut self, value: T) {
        self.0.push(value);
    }

    /// Puts a value before all others.
    pub fn push_front(&mut self, value: T) {
        self.0.insert(0, value);
    }

    /// Takes the first value out.
    pub fn pop_front(&mut self) -> Option<T> {
        self.remove(0)
    }

    /// Takes the value at a place out, if there is one.
    pub fn remove(&mut self, at: usize) -> Option<T> {
        if at < self.0.len() { Some(self.0.remove(at)) } else { None }
    }

    /// Keeps only the values that `keep` is true for.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// Takes out what is behind the first `len` values.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Takes every value out.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T> Deref for Queue<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for Queue<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<Vec<T>> for Queue<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

impl<T> Extend<T> for Queue<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.0.extend(values);
    }
}

impl<T> FromIterator<T> for Queue<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(Vec::from_iter(values))
    }
}

impl<T> IntoIterator for Queue<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Queue<T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
