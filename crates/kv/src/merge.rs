//! Lays uncommitted or older values over a scan, lazily.
use std::cmp::Ordering;
use std::iter::Peekable;

use crate::{Bytes, Item};

/// A scan (`base`) under a sorted list of corrections (`top`): `Some` replaces or adds, `None` hides. Both must run in
/// the direction `reverse` says.
pub(crate) struct Merged<B, T>
where
    B: Iterator<Item = Item>,
    T: Iterator<Item = (Bytes, Option<Bytes>)>,
{
    base: Peekable<B>,
    top: Peekable<T>,
    reverse: bool,
    failed: bool,
}

impl<B, T> Merged<B, T>
where
    B: Iterator<Item = Item>,
    T: Iterator<Item = (Bytes, Option<Bytes>)>,
{
    pub(crate) fn new(base: B, top: T, reverse: bool) -> Self {
        Self { base: base.peekable(), top: top.peekable(), reverse, failed: false }
    }

    /// Which side comes first: `Less` the base, `Greater` the top, `Equal` both have the key.
    fn order(&mut self) -> Option<Ordering> {
        Some(match (self.base.peek(), self.top.peek()) {
            (None, None) => return None,
            (Some(_), None) | (Some(Err(_)), _) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(Ok((b, _))), Some((t, _))) => {
                let order = b.cmp(t);
                if self.reverse { order.reverse() } else { order }
            }
        })
    }
}

impl<B, T> Iterator for Merged<B, T>
where
    B: Iterator<Item = Item>,
    T: Iterator<Item = (Bytes, Option<Bytes>)>,
{
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while !self.failed {
            let order = self.order()?;
            if order == Ordering::Less {
                let item = self.base.next()?;
                self.failed = item.is_err();
                return Some(item);
            }
            if order == Ordering::Equal {
                self.base.next();
            }
            if let (key, Some(value)) = self.top.next()? {
                return Some(Ok((key, value)));
            }
        }
        None
    }
}
