//! The boxes of an AVIF file, as far as a still picture needs them (ISO/IEC 14496-12, 23008-12): which item is the picture, where its bytes are, which item is its
//! transparency, how it is turned.
use image::metadata::Orientation;

use crate::error::{PictureError, Result};

/// What the file holds.
pub(super) struct Image {
    /// Size the container tells.
    pub(super) width: u32,
    pub(super) height: u32,
    /// Frame of AV1 with the colours.
    pub(super) color: Vec<u8>,
    /// Frame with the transparency.
    pub(super) alpha: Option<Vec<u8>>,
    /// How the picture is shown.
    pub(super) orientation: Orientation,
}

/// Most pieces of an item, items and properties that are looked at.
const MANY: usize = 256;

fn bad(what: &str) -> PictureError {
    PictureError::Damaged(format!("AVIF: {what}"))
}

/// A place in bytes that is read from front to back.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n).ok_or_else(|| bad("cut off"))?;
        self.0 = rest;
        Ok(head)
    }
    /// A number of so many bytes, at most eight.
    fn number(&mut self, bytes: usize) -> Result<u64> {
        Ok(self.take(bytes)?.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }
    fn u32(&mut self) -> Result<u32> {
        Ok(u32::try_from(self.number(4)?).unwrap_or(u32::MAX))
    }
    fn u16(&mut self) -> Result<u16> {
        Ok(u16::try_from(self.number(2)?).unwrap_or(u16::MAX))
    }
    fn u8(&mut self) -> Result<u8> {
        Ok(u8::try_from(self.number(1)?).unwrap_or(u8::MAX))
    }
    /// Version and flags of a full box.
    fn version(&mut self) -> Result<(u8, u32)> {
        let word = self.u32()?;
        Ok(((word >> 24) as u8, word & 0xff_ffff))
    }
    /// The next box: its type and content.
    fn next(&mut self) -> Result<Option<([u8; 4], Bytes<'a>)>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let size = self.u32()?;
        let kind: [u8; 4] = self.take(4)?.try_into().map_err(|_| bad("cut off"))?;
        let content = match size {
            0 => self.0.len(),
            1 => usize::try_from(self.number(8)?).ok().and_then(|s| s.checked_sub(16)).ok_or_else(|| bad("a box of no size"))?,
            n => (n as usize).checked_sub(8).ok_or_else(|| bad("a box of no size"))?,
        };
        Ok(Some((kind, Bytes(self.take(content)?))))
    }
    /// The first box of a type.
    fn find(mut self, want: &[u8; 4]) -> Result<Option<Bytes<'a>>> {
        while let Some((kind, content)) = self.next()? {
            if kind == *want {
                return Ok(Some(content));
            }
        }
        Ok(None)
    }
}

/// Brands that the file names.
pub(super) fn brands(bytes: &[u8]) -> Vec<[u8; 4]> {
    let Ok(Some((kind, mut content))) = Bytes(bytes.get(..bytes.len().min(512)).unwrap_or_default()).next() else {
        // The first box is longer than the window, or than the file.
        return bytes.get(8..12).and_then(|b| b.try_into().ok()).into_iter().collect();
    };
    let mut out = Vec::new();
    if kind == *b"ftyp"
        && let Ok(main) = content.take(4)
    {
        drop(content.take(4));
        out.extend(std::iter::once(main).chain(content.0.chunks_exact(4)).filter_map(|b| <[u8; 4]>::try_from(b).ok()));
    }
    out
}

/// Where the bytes of an item are.
struct Location {
    item: u32,
    /// In the box `idat` instead of the file.
    inside: bool,
    pieces: Vec<(u64, u64)>,
}

/// A property of items.
enum Property {
    Size(u32, u32),
    Turned(u8),
    Mirrored(u8),
    Transparency,
    Other,
}

pub(super) fn read(file: &[u8]) -> Result<Image> {
    let mut meta = Bytes(file).find(b"meta")?.ok_or_else(|| bad("no picture"))?;
    meta.version()?;
    let boxed = |kind: &[u8; 4]| meta.find(kind)?.ok_or_else(|| bad("no picture"));
    let primary = primary(boxed(b"pitm")?)?;
    let kinds = items(boxed(b"iinf")?)?;
    match kinds.iter().find(|(id, _)| *id == primary).map(|(_, kind)| kind) {
        Some(b"av01") => {}
        Some(b"grid") => return Err(PictureError::TooLarge("AVIF made of tiles")),
        _ => return Err(bad("no picture of AV1")),
    }
    let locations = locations(boxed(b"iloc")?)?;
    let inner = meta.find(b"idat")?;
    let content = |item: u32| -> Result<Vec<u8>> {
        let place = locations.iter().find(|l| l.item == item).ok_or_else(|| bad("an item is nowhere"))?;
        let source = if place.inside { inner.map_or(&[][..], |i| i.0) } else { file };
        let mut out = Vec::new();
        for (offset, length) in &place.pieces {
            let from = usize::try_from(*offset).map_err(|_| bad("out of bounds"))?;
            let length = if *length == 0 { source.len().saturating_sub(from) } else { usize::try_from(*length).map_err(|_| bad("out of bounds"))? };
            out.extend_from_slice(source.get(from..from.saturating_add(length)).ok_or_else(|| bad("out of bounds"))?);
            // Pieces may overlap, but together are no more than the file.
            if out.len() > file.len() {
                return Err(bad("more bytes than there are"));
            }
        }
        Ok(out)
    };
    let (properties, owners) = properties(boxed(b"iprp")?)?;
    let of = |item: u32| owners.iter().filter(move |(id, _)| *id == item).filter_map(|(_, index)| properties.get((*index as usize).checked_sub(1)?));
    let (mut size, mut turns, mut mirror) = (None, 0, None);
    for property in of(primary) {
        match property {
            Property::Size(w, h) => size = Some((*w, *h)),
            Property::Turned(quarters) => turns = *quarters,
            Property::Mirrored(axis) => mirror = Some(*axis),
            Property::Transparency | Property::Other => {}
        }
    }
    let (width, height) = size.ok_or_else(|| bad("no size"))?;
    let helpers = match meta.find(b"iref")? {
        Some(refs) => helpers_of(refs, primary)?,
        None => Vec::new(),
    };
    let alpha = helpers.into_iter().find(|id| of(*id).any(|p| matches!(p, Property::Transparency)));
    Ok(Image { width, height, color: content(primary)?, alpha: alpha.map(content).transpose()?, orientation: orientation(turns, mirror) })
}

/// Turned first, by quarters against the clock, then mirrored.
fn orientation(quarters: u8, mirror: Option<u8>) -> Orientation {
    match (quarters & 3, mirror) {
        (0, None) => Orientation::NoTransforms,
        (1, None) => Orientation::Rotate270,
        (2, None) => Orientation::Rotate180,
        (_, None) => Orientation::Rotate90,
        // Axis 1 exchanges left and right, axis 0 top and bottom.
        (0, Some(1)) | (2, Some(0)) => Orientation::FlipHorizontal,
        (0 | 2, Some(_)) => Orientation::FlipVertical,
        (1, Some(1)) | (3, Some(0)) => Orientation::Rotate270FlipH,
        (_, Some(_)) => Orientation::Rotate90FlipH,
    }
}

fn primary(mut b: Bytes<'_>) -> Result<u32> {
    let (version, _) = b.version()?;
    if version == 0 { Ok(u32::from(b.u16()?)) } else { b.u32() }
}

/// Items and their types.
fn items(mut b: Bytes<'_>) -> Result<Vec<(u32, [u8; 4])>> {
    let (version, _) = b.version()?;
    b.number(if version == 0 { 2 } else { 4 })?;
    let mut out = Vec::new();
    while let Some((kind, mut entry)) = b.next()? {
        if kind != *b"infe" || out.len() >= MANY {
            continue;
        }
        let (version, _) = entry.version()?;
        let id = match version {
            2 => u32::from(entry.u16()?),
            3 => entry.u32()?,
            _ => continue,
        };
        entry.u16()?;
        out.push((id, entry.take(4)?.try_into().map_err(|_| bad("cut off"))?));
    }
    Ok(out)
}

fn locations(mut b: Bytes<'_>) -> Result<Vec<Location>> {
    let (version, _) = b.version()?;
    let (sizes, more) = (b.u8()?, b.u8()?);
    let width = |nibble: u8| if matches!(nibble, 0 | 4 | 8) { Ok(usize::from(nibble)) } else { Err(bad("a number of a strange width")) };
    let (offset_bytes, length_bytes, base_bytes) = (width(sizes >> 4)?, width(sizes & 15)?, width(more >> 4)?);
    let index_bytes = if version == 0 { 0 } else { width(more & 15)? };
    let count = if version < 2 { u32::from(b.u16()?) } else { b.u32()? };
    let mut out = Vec::new();
    for _ in 0..count.min(MANY as u32) {
        let item = if version < 2 { u32::from(b.u16()?) } else { b.u32()? };
        let method = if version == 0 { 0 } else { b.u16()? & 15 };
        b.u16()?;
        let base = b.number(base_bytes)?;
        let pieces = usize::from(b.u16()?);
        let mut list = Vec::new();
        for _ in 0..pieces.min(MANY) {
            b.number(index_bytes)?;
            let (offset, length) = (b.number(offset_bytes)?, b.number(length_bytes)?);
            list.push((base.saturating_add(offset), length));
        }
        if method > 1 || pieces > MANY {
            continue;
        }
        out.push(Location { item, inside: method == 1, pieces: list });
    }
    Ok(out)
}

/// Items, each with the number of a property it has, counted from 1.
type Owners = Vec<(u32, u16)>;

/// Properties, and which item has which.
fn properties(b: Bytes<'_>) -> Result<(Vec<Property>, Owners)> {
    let mut list = Vec::new();
    let mut container = b.find(b"ipco")?.ok_or_else(|| bad("no properties"))?;
    while let Some((kind, mut p)) = container.next()? {
        if list.len() >= MANY {
            break;
        }
        list.push(match &kind {
            b"ispe" => {
                p.version()?;
                Property::Size(p.u32()?, p.u32()?)
            }
            b"irot" => Property::Turned(p.u8()? & 3),
            b"imir" => Property::Mirrored(p.u8()? & 1),
            b"auxC" => {
                p.version()?;
                let known = [&b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"[..], b"urn:mpeg:hevc:2015:auxid:1"];
                if known.iter().any(|k| p.0.starts_with(k)) { Property::Transparency } else { Property::Other }
            }
            _ => Property::Other,
        });
    }
    let mut owners = Vec::new();
    let mut map = b.find(b"ipma")?.ok_or_else(|| bad("no properties"))?;
    let (version, flags) = map.version()?;
    let entries = map.u32()?;
    for _ in 0..entries.min(MANY as u32) {
        let item = if version == 0 { u32::from(map.u16()?) } else { map.u32()? };
        for _ in 0..map.u8()? {
            let index = if flags & 1 == 1 { map.u16()? & 0x7fff } else { u16::from(map.u8()? & 0x7f) };
            owners.push((item, index));
        }
    }
    Ok((list, owners))
}

/// Items that say of themselves that they help `primary`.
fn helpers_of(mut b: Bytes<'_>, primary: u32) -> Result<Vec<u32>> {
    let (version, _) = b.version()?;
    let mut out = Vec::new();
    while let Some((kind, mut r)) = b.next()? {
        if kind != *b"auxl" || out.len() >= MANY {
            continue;
        }
        let id = |r: &mut Bytes<'_>| if version == 0 { r.u16().map(u32::from) } else { r.u32() };
        let from = id(&mut r)?;
        for _ in 0..r.u16()? {
            if id(&mut r)? == primary {
                out.push(from);
            }
        }
    }
    Ok(out)
}
