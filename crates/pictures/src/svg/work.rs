//! What drawing a drawing would cost.
use resvg::usvg::filter::{Filter, Kind};
use resvg::usvg::{Group, Node, Paint, Path, Rect, Transform};

use crate::error::{PictureError, Result};

/// Pixels touched in all; about two seconds of work.
const PAINTED: f64 = 1.5e9;
/// Pixels of layers that are open at the same time, four bytes each.
const LAYERS: f64 = 5e7;
/// Nodes looked at, patterns and masks once for each use.
const STEPS: u32 = 400_000;

/// Refuses a drawing that costs too much at this scale on a canvas of this size.
pub(super) fn allowed(root: &Group, scale: f64, width: u32, height: u32) -> Result<()> {
    let canvas = f64::from(width) * f64::from(height);
    Work { scale: scale * scale, canvas, painted: 0.0, steps: 0 }.group(root, canvas)
}

struct Work {
    /// Pixels to a unit of area.
    scale: f64,
    canvas: f64,
    painted: f64,
    steps: u32,
}

impl Work {
    /// Counts pixels as touched.
    fn paint(&mut self, pixels: f64) -> Result<()> {
        self.painted += pixels;
        self.steps += 1;
        if self.painted > PAINTED || self.steps > STEPS || !self.painted.is_finite() {
            return Err(PictureError::TooLarge("a drawing that takes too long"));
        }
        Ok(())
    }

    /// Pixels of a stretch. The renderer keeps layers within five canvases to a side.
    fn area(&self, bounds: Rect) -> f64 {
        (f64::from(bounds.width()) * f64::from(bounds.height()) * self.scale).min(self.canvas * 25.0)
    }

    fn group(&mut self, group: &Group, open: f64) -> Result<()> {
        let area = self.area(group.abs_layer_bounding_box().to_rect());
        let open = if group.should_isolate() { open + area } else { open };
        if open > LAYERS {
            return Err(PictureError::TooLarge("a drawing of too many layers"));
        }
        self.paint(if group.should_isolate() { 2.0 * area } else { 0.0 })?;
        for filter in group.filters() {
            self.filter(filter, area, open)?;
        }
        if let Some(clip) = group.clip_path() {
            self.group(clip.root(), open + area)?;
        }
        if let Some(mask) = group.mask() {
            self.group(mask.root(), open + area)?;
        }
        for child in group.children() {
            match child {
                Node::Group(g) => self.group(g, open)?,
                Node::Path(p) => self.path(p, open)?,
                Node::Text(t) => self.group(t.flattened(), open)?,
                Node::Image(_) => self.paint(self.canvas)?,
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &Path, open: f64) -> Result<()> {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let edges = path.data().len() as f64 * 24.0;
        self.paint(self.area(path.abs_stroke_bounding_box()) + edges)?;
        if let Some(dashes) = path.stroke().and_then(|s| s.dasharray()) {
            // Dashes become shapes of their own.
            let period: f32 = dashes.iter().sum();
            let bounds = path.stroke_bounding_box();
            self.paint(f64::from(bounds.width() + bounds.height()) / f64::from(period.max(1e-3)) * 64.0)?;
        }
        let paints = path.fill().map(|f| f.paint()).into_iter().chain(path.stroke().map(|s| s.paint()));
        for paint in paints {
            if let Paint::Pattern(pattern) = paint {
                let shown: Transform = path.abs_transform().pre_concat(pattern.transform());
                let (sx, sy) = shown.get_scale();
                let tile = f64::from(pattern.rect().width() * sx) * f64::from(pattern.rect().height() * sy) * self.scale;
                if open + tile > LAYERS {
                    return Err(PictureError::TooLarge("a pattern of too large tiles"));
                }
                self.paint(tile)?;
                self.group(pattern.root(), open + tile)?;
            }
        }
        Ok(())
    }

    /// Filters touch the pixels of their layer again and again, and keep a picture for each step.
    fn filter(&mut self, filter: &Filter, area: f64, open: f64) -> Result<()> {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let layers = filter.primitives().len() as f64 * area;
        if open + layers > LAYERS {
            return Err(PictureError::TooLarge("a filter of too many steps"));
        }
        for primitive in filter.primitives() {
            let each = match primitive.kind() {
                Kind::Turbulence(t) => 60.0 * f64::from(t.num_octaves().max(1)),
                Kind::Morphology(m) => 4.0 * (1.0 + f64::from(m.radius_x().get())) * (1.0 + f64::from(m.radius_y().get())) * self.scale.max(1.0),
                Kind::ConvolveMatrix(c) => 8.0 * f64::from(c.matrix().columns()) * f64::from(c.matrix().rows()),
                Kind::GaussianBlur(_) | Kind::DropShadow(_) => 40.0,
                Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 60.0,
                _ => 8.0,
            };
            self.paint(area * each)?;
        }
        Ok(())
    }
}
