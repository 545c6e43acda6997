//! The maps and queues against those of the standard library.

use super::*;
use std::collections::{BTreeMap, VecDeque};

#[test]
fn a_map_is_as_the_b_tree_after_every_step() {
    let (mut ours, mut model) = (Map::new(), BTreeMap::new());
    let mut seed = 1_u32;
    for step in 0..4000_u32 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let key = (seed >> 16) % 40;
        match (seed >> 8) % 8 {
            0..4 => assert_eq!(ours.replace(key, step), model.insert(key, step)),
            4..6 => assert_eq!(ours.take(&key), model.remove(&key)),
            6 => assert_eq!(*ours.or_insert(key, step), *model.entry(key).or_insert(step)),
            _ => assert_eq!(ours.pop_first(), model.pop_first()),
        }
        assert_eq!(ours.get(&key), model.get(&key));
        assert!(ours.iter().eq(model.iter()), "step {step}");
    }
}

#[test]
fn entries_are_taken_out_and_changed_in_place() {
    let mut map: Map<_, _> = (0..6).map(|n| (n.to_string(), n)).collect();
    assert_eq!(map.extract_if(|_, n| *n % 2 == 1).count(), 3);
    map.retain(|key, _| key != "0");
    for (_, n) in &mut map {
        *n += 1;
    }
    assert_eq!((map["2"], map["4"], map.len()), (3, 5, 2));
}

#[test]
fn a_value_is_in_a_set_once() {
    let mut set: Set<_> = ["b", "a", "b"].into_iter().collect();
    assert!(set.iter().eq(&["a", "b"]));
    assert!(!set.insert("a") && set.remove("a") && !set.remove("a"));
    assert_eq!((set.pop_first(), set.is_empty()), (Some("b"), true));
}

#[test]
fn a_queue_is_as_that_of_the_standard_library_after_every_step() {
    let (mut ours, mut model) = (Queue::new(), VecDeque::new());
    let mut seed = 1_u32;
    for step in 0..4000_u32 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = (seed >> 16) as usize % 8;
        match (seed >> 8) % 8 {
            0..4 => {
                ours.push_back(step);
                model.push_back(step);
            }
            4 => {
                ours.push_front(step);
                model.push_front(step);
            }
            5 => assert_eq!(ours.remove(at), model.remove(at)),
            _ => assert_eq!(ours.pop_front(), model.pop_front()),
        }
        assert!(ours.iter().eq(model.iter()), "step {step}");
    }
}
