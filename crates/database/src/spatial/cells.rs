//! Where geometries are looked for: squares of squares.
//!
//! The world is one cell; a cell has four, and so on thirty levels down, where one is a few centimetres wide. A geometry is
//! entered under the one to four cells of its size that its rectangle lies in. The number of a cell is its way from above
//! followed by a 1 and zeros, so that the cells inside a cell are one range around its number. All that may meet a rectangle
//! is found inside the few cells that cover it, and in the cells that hold those.
use std::collections::BTreeSet;

const LEVELS: u32 = 30;
const SIDE: f64 = (1_u64 << LEVELS) as f64;
/// Cells of a cover along each side, at most.
const SPAN: u32 = 4;

/// An upright rectangle, in degrees; its edges belong to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) west: f64,
    pub(crate) south: f64,
    pub(crate) east: f64,
    pub(crate) north: f64,
}

impl Area {
    /// Holds nothing.
    pub(crate) const EMPTY: Self = Self { west: f64::INFINITY, south: f64::INFINITY, east: f64::NEG_INFINITY, north: f64::NEG_INFINITY };

    pub(super) fn intersects(&self, other: &Self) -> bool {
        self.west <= other.east && other.west <= self.east && self.south <= other.north && other.south <= self.north
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
        self.west <= other.west && other.east <= self.east && self.south <= other.south && other.north <= self.north
    }

    /// Wider on all sides, and by a little more than asked for: rounding must not lose what lies on the edge.
    pub(super) fn grown(self, by: f64) -> Self {
        let by = by * (1.0 + 1e-9) + 1e-9;
        Self { west: self.west - by, south: self.south - by, east: self.east + by, north: self.north + by }
    }
}

/// A rectangle of cells of the last level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    x: (u32, u32),
    y: (u32, u32),
}

impl Grid {
    /// `None` when it lies outside of the world.
    fn of(area: &Area) -> Option<Self> {
        let world = Area { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };
        if !area.intersects(&world) {
            return None;
        }
        let x = |degrees: f64| scale((degrees + 180.0) / 360.0);
        let y = |degrees: f64| scale((degrees + 90.0) / 180.0);
        Some(Self { x: (x(area.west), x(area.east)), y: (y(area.south), y(area.north)) })
    }

    fn intersects(&self, other: &Self) -> bool {
        let meet = |a: (u32, u32), b: (u32, u32)| a.0 <= b.1 && b.0 <= a.1;
        meet(self.x, other.x) && meet(self.y, other.y)
    }

    /// The cells it lies in, of the smallest size at which there are no more than `span` along each side.
    fn cells(&self, span: u32) -> Vec<u64> {
        let fits = |shift: &u32| (self.x.1 >> shift) - (self.x.0 >> shift) < span && (self.y.1 >> shift) - (self.y.0 >> shift) < span;
        let shift = (0..LEVELS).find(fits).unwrap_or(LEVELS);
        let mut out = Vec::new();
        for x in self.x.0 >> shift..=self.x.1 >> shift {
            for y in self.y.0 >> shift..=self.y.1 >> shift {
                out.push(number(x, y, shift));
            }
        }
        out.sort_unstable();
        out
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between the limits")]
fn scale(part: f64) -> u32 {
    (part * SIDE).clamp(0.0, SIDE - 1.0) as u32
}

/// Bits of a number with room for others between them.
fn spread(n: u32) -> u64 {
    let mut n = u64::from(n);
    n = (n | n << 16) & 0x0000_FFFF_0000_FFFF;
    n = (n | n << 8) & 0x00FF_00FF_00FF_00FF;
    n = (n | n << 4) & 0x0F0F_0F0F_0F0F_0F0F;
    n = (n | n << 2) & 0x3333_3333_3333_3333;
    (n | n << 1) & 0x5555_5555_5555_5555
}

/// Undoes [`spread`].
#[expect(clippy::cast_possible_truncation, reason = "half of the bits are gone by then")]
fn gather(n: u64) -> u32 {
    let mut n = n & 0x5555_5555_5555_5555;
    n = (n | n >> 1) & 0x3333_3333_3333_3333;
    n = (n | n >> 2) & 0x0F0F_0F0F_0F0F_0F0F;
    n = (n | n >> 4) & 0x00FF_00FF_00FF_00FF;
    n = (n | n >> 8) & 0x0000_FFFF_0000_FFFF;
    (n | n >> 16) as u32
}

/// The number of a cell whose sides are `1 << shift` of the last level.
fn number(x: u32, y: u32, shift: u32) -> u64 {
    ((spread(x) | spread(y) << 1) << 1 | 1) << (2 * shift)
}

/// What a cell holds of the last level; `None` when the number is none.
fn grid(cell: u64) -> Option<Grid> {
    let zeros = cell.trailing_zeros();
    let shift = zeros / 2;
    if cell == 0 || !zeros.is_multiple_of(2) || shift > LEVELS {
        return None;
    }
    let way = cell >> zeros >> 1;
    let side = |n: u32| -> Option<(u32, u32)> {
        let from = u32::try_from(u64::from(n) << shift).ok()?;
        Some((from, from.checked_add((1_u32 << shift) - 1)?))
    };
    Some(Grid { x: side(gather(way))?, y: side(gather(way >> 1))? })
}

/// The cells a rectangle is entered under.
pub(crate) fn cells_of(area: &Area) -> Vec<u64> {
    Grid::of(area).map(|g| g.cells(2)).unwrap_or_default()
}

/// Where to look for all that may meet one of a few rectangles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cover {
    grids: Vec<Grid>,
    /// Ranges of numbers, ends included, none overlapping another.
    pub(crate) ranges: Vec<(u64, u64)>,
}

impl Cover {
    /// `small` when every geometry lies in a cell of the last level, so that larger ones need not be looked at.
    pub(crate) fn new(areas: &[Area], small: bool) -> Self {
        let grids: Vec<Grid> = areas.iter().filter_map(Grid::of).collect();
        let mut ranges = BTreeSet::new();
        for cell in grids.iter().flat_map(|g| g.cells(SPAN)) {
            let below = (1_u64 << cell.trailing_zeros()) - 1;
            ranges.insert((cell - below, cell + below));
            if !small {
                ranges.extend(above(cell).map(|c| (c, c)));
            }
        }
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match merged.last_mut() {
                // Numbers of cells are never next to each other, those of ranges are two apart.
                Some(last) if from <= last.1.saturating_add(2) => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self { grids, ranges: merged }
    }
}

/// Whether what a cell holds may meet the rectangles of a cover.
pub(crate) fn is_inside(cover: &Cover, cell: u64) -> bool {
    grid(cell).is_some_and(|g| cover.grids.iter().any(|c| c.intersects(&g)))
}

/// The cells that hold a cell, from below.
fn above(cell: u64) -> impl Iterator<Item = u64> {
    let zeros = cell.trailing_zeros();
    (zeros / 2 + 1..=LEVELS).map(move |shift| {
        let one = 1_u64 << (2 * shift);
        cell & !(one - 1) & !one | one
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn area() -> impl Strategy<Value = Area> {
        let side = prop_oneof![Just(0.0), 0.0..1e-6, 0.0..1.0, 0.0..400.0];
        (-190.0..190.0, -95.0..95.0, side.clone(), side).prop_map(|(west, south, w, h)| Area { west, south, east: west + w, north: south + h })
    }

    fn found(cover: &Cover, cell: u64) -> bool {
        cover.ranges.iter().any(|(from, to)| (*from..=*to).contains(&cell)) && is_inside(cover, cell)
    }

    proptest! {
        #[test]
        fn what_meets_is_found(a in area(), b in area(), c in area()) {
            let inside = |a: &Area| a.intersects(&Area { west: -180.0, south: -90.0, east: 180.0, north: 90.0 });
            let cells = cells_of(&a);
            prop_assert!(cells.len() <= 4);
            if inside(&a) && ((a.intersects(&b) && inside(&b)) || (a.intersects(&c) && inside(&c))) {
                let cover = Cover::new(&[b, c], false);
                // Areas that meet outside of the world only may be missed: nothing is stored there.
                let meets = |o: &Area| a.west.max(o.west) <= 180.0 && a.east.min(o.east) >= -180.0 && a.south.max(o.south) <= 90.0 && a.north.min(o.north) >= -90.0;
                if meets(&b) && meets(&c) {
                    prop_assert!(cells.iter().any(|cell| found(&cover, *cell)));
                }
            }
        }

        #[test]
        fn points_are_found_below(x in -180.0..=180.0, y in -90.0..=90.0, b in area()) {
            let a = Area { west: x, south: y, east: x, north: y };
            let cells = cells_of(&a);
            prop_assert_eq!(cells.len(), 1);
            if a.intersects(&b) {
                prop_assert!(found(&Cover::new(&[b], true), cells[0]));
            }
        }

        #[test]
        fn numbers_tell_their_cell(x in 0_u32..1 << LEVELS, y in 0_u32..1 << LEVELS, shift in 0_u32..=LEVELS) {
            let cell = number(x >> shift, y >> shift, shift);
            let g = grid(cell).unwrap();
            prop_assert_eq!((g.x.0, g.y.0), (x >> shift << shift, y >> shift << shift));
            prop_assert_eq!(g.x.1 - g.x.0, (1 << shift) - 1);
            prop_assert_eq!(above(cell).count() as u32, LEVELS - shift);
            for up in above(cell) {
                prop_assert!(grid(up).unwrap().intersects(&g));
            }
        }
    }

    #[test]
    fn far_away_is_not_looked_at() {
        let home = Area { west: 10.0, south: 50.0, east: 10.5, north: 50.5 };
        let there = cells_of(&Area { west: -70.0, south: -20.0, east: -69.0, north: -19.0 });
        let cover = Cover::new(&[home], false);
        assert!(there.iter().all(|c| !found(&cover, *c)));
        assert!(cover.ranges.len() <= 16 + 4 * 30, "{}", cover.ranges.len());
        assert_eq!(Cover::new(&[Area::EMPTY], false).ranges, []);
    }
}
