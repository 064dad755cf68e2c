//! Drawings (SVG): read without anything from outside, refused when they would take too much, drawn in any size.
//!
//! A drawing is a program: a few hundred bytes can ask for billions of shapes. So its size after all references are followed is counted before it is
//! read in full, and the pixels that drawing it would touch are counted before it is drawn.
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node, NodeId, ParsingOptions};
use resvg::usvg::{self, ImageHrefResolver, Options, Tree, WriteOptions};

use crate::error::{PictureError, Result, damaged};
use crate::limits::Limits;
use crate::raster::Raster;

mod work;

/// Elements nested into each other, references included.
const DEPTH: u32 = 96;
/// Elements after all references are followed.
const ELEMENTS: u64 = 60_000;
/// Pixels of either side.
const SIDE: f64 = 4_000.0;

/// The one font that is always there; see `assets/DejaVuSans-LICENSE.txt`.
static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../assets/DejaVuSans-subset.ttf").to_vec());
    fonts.set_serif_family(FONT);
    fonts.set_sans_serif_family(FONT);
    fonts.set_cursive_family(FONT);
    fonts.set_fantasy_family(FONT);
    fonts.set_monospace_family(FONT);
    Arc::new(fonts)
});
const FONT: &str = "DejaVu Sans";

/// A drawing that has been read.
pub struct Drawing {
    tree: Tree,
}

impl Drawing {
    /// Reads a drawing of unknown origin. Pictures in it, files and addresses it names are left out; scripts mean nothing here.
    ///
    /// # Errors
    /// `Damaged`, or `TooLarge` when following its references would never end.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self> {
        if bytes.len() > limits.drawing_bytes {
            return Err(PictureError::TooLarge("too long a drawing"));
        }
        let text = std::str::from_utf8(bytes).map_err(damaged)?;
        let text = text.trim_start_matches('\u{feff}');
        if text.contains("<!ENTITY") {
            return Err(PictureError::Damaged("entities are not read".into()));
        }
        if nesting(text) > DEPTH {
            return Err(PictureError::TooLarge("nested too deep"));
        }
        let document =
            Document::parse_with_options(text, ParsingOptions { allow_dtd: true, nodes_limit: 200_000, ..ParsingOptions::default() }).map_err(damaged)?;
        expansion(&document)?;
        Self::parsed(&document)
    }

    /// Reads a drawing of ours.
    pub(crate) fn own(text: &str) -> Result<Self> {
        Self::parsed(&Document::parse(text).map_err(damaged)?)
    }

    fn parsed(document: &Document<'_>) -> Result<Self> {
        let nothing = ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) };
        let options = Options { image_href_resolver: nothing, fontdb: FONTS.clone(), font_family: FONT.into(), ..Options::default() };
        Ok(Self { tree: Tree::from_xmltree(document, &options).map_err(damaged)? })
    }

    /// Draws it as large as it says, or so large that it covers a rectangle (a side of 0 follows from the other).
    pub(crate) fn raster(&self, cover: (u32, u32), limits: &Limits) -> Result<Raster> {
        let (width, height) = (f64::from(self.tree.size().width()), f64::from(self.tree.size().height()));
        let asked = (f64::from(cover.0) / width).max(f64::from(cover.1) / height);
        let scale = if asked > 0.0 { asked } else { 1.0 };
        // What is said to be larger than anybody looks at is drawn smaller.
        #[expect(clippy::cast_precision_loss, reason = "a bound")]
        let most = (SIDE / width.max(height)).min((limits.drawing_pixels as f64 / (width * height)).sqrt());
        let scale = scale.min(most);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most SIDE")]
        let pixels = |v: f64| (v * scale).round().max(1.0) as u32;
        let (w, h) = (pixels(width), pixels(height));
        work::allowed(self.tree.root(), scale, w, h)?;
        let mut canvas = Pixmap::new(w, h).ok_or(PictureError::TooLarge("too large a drawing"))?;
        #[expect(clippy::cast_possible_truncation, reason = "a scale")]
        resvg::render(&self.tree, Transform::from_scale((f64::from(w) / width) as f32, (f64::from(h) / height) as f32), &mut canvas.as_mut());
        Raster::new(w, h, true, canvas.take_demultiplied())
    }
}

/// A drawing without anything that runs, loads or listens: what is left are shapes.
///
/// # Errors
/// As [`Drawing::read`].
pub fn sanitized(bytes: &[u8], limits: &Limits) -> Result<String> {
    let drawing = Drawing::read(bytes, limits)?;
    work::allowed(drawing.tree.root(), 1.0, 1_000, 1_000)?;
    Ok(drawing.tree.to_string(&WriteOptions::default()))
}

/// How deep the elements of a text are nested, at least.
fn nesting(text: &str) -> u32 {
    let (mut depth, mut deepest) = (0_u32, 0);
    for tag in text.split('<').skip(1) {
        match tag.as_bytes().first() {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!' | b'?') | None => {}
            Some(_) if tag.split('>').next().is_some_and(|t| t.ends_with('/')) => {}
            Some(_) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
        }
    }
    deepest
}

/// Refuses a document that is too large after all its references are followed.
fn expansion(document: &Document<'_>) -> Result<()> {
    let elements = || document.descendants().filter(Node::is_element);
    let by_id = elements().filter_map(|n| Some((n.attribute("id")?, n))).collect();
    let styles: Vec<String> = elements().filter(|n| n.tag_name().name() == "style").filter_map(|n| n.text()).flat_map(targets).map(str::to_owned).collect();
    let mut walk = Expansion { by_id, styles: &styles, known: HashMap::new() };
    let (size, height) = walk.of(document.root_element(), 0)?;
    if size > ELEMENTS || height > DEPTH {
        return Err(PictureError::TooLarge("a drawing of too many parts"));
    }
    Ok(())
}

/// Counts elements and their depth with everything they refer to.
struct Expansion<'d, 'i> {
    by_id: HashMap<&'d str, Node<'d, 'i>>,
    styles: &'d [String],
    known: HashMap<NodeId, (u64, u32)>,
}

impl<'d, 'i> Expansion<'d, 'i> {
    fn of(&mut self, node: Node<'d, 'i>, depth: u32) -> Result<(u64, u32)> {
        if let Some(known) = self.known.get(&node.id()) {
            return Ok(*known);
        }
        if depth > 2 * DEPTH {
            return Err(PictureError::TooLarge("nested too deep"));
        }
        // A circle leads here again before it is counted; whoever draws ignores it.
        self.known.insert(node.id(), (0, 0));
        let referred = node.attributes().flat_map(|a| reference(a.name(), a.value())).chain(self.styles.iter().map(String::as_str));
        let parts: Vec<Node<'d, 'i>> = node.children().filter(Node::is_element).chain(referred.filter_map(|id| self.by_id.get(id).copied())).collect();
        let (mut size, mut height) = (1_u64, 0);
        for part in parts {
            let (more, below) = self.of(part, depth + 1)?;
            size = size.saturating_add(more);
            height = height.max(below);
        }
        self.known.insert(node.id(), (size, height + 1));
        Ok((size, height + 1))
    }
}

/// Ids that an attribute names.
fn reference<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    match value.strip_prefix('#') {
        Some(id) if name == "href" => vec![id],
        _ => targets(value),
    }
}

/// Every `url(#id)` in a text.
fn targets(text: &str) -> Vec<&str> {
    text.split("url(").skip(1).filter_map(|rest| rest.split(')').next()).filter_map(|t| t.trim_matches([' ', '"', '\'']).strip_prefix('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Drawing> {
        Drawing::read(text.as_bytes(), &Limits::default())
    }

    #[test]
    fn draws_in_any_size() {
        let red = read("<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'><rect width='20' height='10' fill='red'/></svg>").unwrap();
        let small = red.raster((0, 0), &Limits::default()).unwrap();
        assert_eq!((small.width(), small.height(), small.at(3, 3)), (20, 10, [255, 0, 0, 255]));
        let large = red.raster((100, 0), &Limits::default()).unwrap();
        assert_eq!((large.width(), large.height(), large.at(99, 49)), (100, 50, [255, 0, 0, 255]));
        let huge = read("<svg xmlns='http://www.w3.org/2000/svg' width='1e6' height='1e6'/>").unwrap().raster((0, 0), &Limits::default()).unwrap();
        assert!(huge.width() <= 4_000);
    }

    #[test]
    fn text_is_drawn_with_the_font_at_hand() {
        let text = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><text y='30' font-size='30' font-family='Arial'>Äb</text></svg>";
        let drawn = read(text).unwrap().raster((0, 0), &Limits::default()).unwrap();
        assert!(drawn.bytes().as_chunks::<4>().0.iter().filter(|p| p[3] > 200).count() > 50);
    }

    #[test]
    fn bombs_are_refused() {
        let head = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='100' height='100'>";
        let mut laughs = format!("{head}<defs><rect id='a0' width='9' height='9'/>");
        for i in 1..12 {
            laughs.push_str(&format!("<g id='a{i}'>{}</g>", format!("<use xlink:href='#a{}'/>", i - 1).repeat(10)));
        }
        laughs.push_str("</defs><use xlink:href='#a11'/></svg>");
        assert!(matches!(read(&laughs), Err(PictureError::TooLarge(_))));
        assert!(matches!(read(&format!("{head}{}{}</svg>", "<g>".repeat(50_000), "</g>".repeat(50_000))), Err(PictureError::TooLarge(_))));
        assert!(read("<!DOCTYPE svg [<!ENTITY a 'x'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>").is_err());
        let circle = format!("{head}<g id='a'><use xlink:href='#b'/></g><g id='b'><use xlink:href='#a'/></g></svg>");
        drop(read(&circle).map(|d| d.raster((0, 0), &Limits::default())));
        let blur = format!(
            "{head}<filter id='f' x='-10' y='-10' width='30' height='30'>{}</filter>{}</svg>",
            "<feTurbulence baseFrequency='0.1' numOctaves='900'/>".repeat(200),
            "<rect width='100' height='100' filter='url(#f)'/>".repeat(50)
        );
        assert!(read(&blur).and_then(|d| d.raster((2_000, 2_000), &Limits::default())).is_err());
        let pattern = format!(
            "{head}<pattern id='p' patternUnits='userSpaceOnUse' width='90000' height='90000'><rect width='9' height='9'/></pattern><rect width='100' height='100' fill='url(#p)'/></svg>"
        );
        assert!(read(&pattern).and_then(|d| d.raster((0, 0), &Limits::default())).is_err());
        let mut chain = format!("{head}<rect id='c0' width='9' height='9'/>");
        for i in 1..5_000 {
            chain.push_str(&format!("<g id='c{i}'><use xlink:href='#c{}'/></g>", i - 1));
        }
        assert!(read(&format!("{chain}</svg>")).is_err());
    }

    #[test]
    fn what_is_cleaned_neither_runs_nor_loads() {
        let bad = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='9' height='9' onload='alert(1)'><script>alert(2)</script>\
            <a xlink:href='javascript:alert(3)'><rect width='5' height='5' onclick='x()'/></a><image xlink:href='http://h/x.png' width='3' height='3'/>\
            <image xlink:href='file:///etc/passwd' width='3' height='3'/><foreignObject><iframe src='http://h'/></foreignObject><style>@import url(http://h/a.css);</style></svg>";
        let clean = sanitized(bad.as_bytes(), &Limits::default()).unwrap();
        assert!(clean.contains("<path"), "{clean}");
        for word in ["script", "alert", "onload", "onclick", "http://h", "file:", "iframe", "import"] {
            assert!(!clean.contains(word), "{word} in {clean}");
        }
    }
}
