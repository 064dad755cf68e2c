//! The words flags are drawn in, on a ground of 120 × 90:
//!
//! | word | what it draws |
//! |---|---|
//! | `b:C` | all of it |
//! | `h:C,C*2` `v:C,C` | stripes across, stripes upright; with a weight where they are not alike |
//! | `r:C,x,y,w,h` `f:C,x,y,w,h,t` | a rectangle, a frame |
//! | `k:C,x,y,w,h` | a chequered rectangle |
//! | `c:C,x,y,r` `o:C,x,y,r,t` | a disc, a ring |
//! | `p:C,x,y,x,y…` | a polygon |
//! | `t:C,d` `t3:C,x,y,r` | a triangle at the hoist, a small one |
//! | `s:C,x,y,r[,n]` `so:C,x,y,r` | a star of five points or `n`, one of lines |
//! | `y:C,x,y,r` `w:C,x,y,r` `g:C,x,y,r` | a sun, the spokes of a wheel, a half cog |
//! | `m:C,G,x,y,r,d` `m2:C,G,x,y,r` | a crescent open to the right, one open upwards; `G` is the ground |
//! | `x:C,w` `+:C,w,x` `+1:C,x,y,l[,w]` | a saltire, a cross through all with its upright at x, a small cross |
//! | `e:C,x,y,r` | a shield |
//! | `q:C,x,y,r,s` `q1:C,x,y,r` `h6:C,x,y,r` | a ring of ten stars, a star with rays, a star of two triangles |
//! | `z:C,x,y,w,h` | a wave |
//! | `bars:C,x,y,a` | three short bars, turned |
//! | `u` `U` | the British flag in the canton, or over all |
//! | `stars` | fifty of them |
use std::fmt::Write as _;

/// The drawing that words describe.
pub(super) fn drawing(words: &str) -> String {
    let mut out = String::from("<svg xmlns='http://www.w3.org/2000/svg' width='640' height='480' viewBox='0 0 120 90'>");
    for word in words.split(' ') {
        draw(&mut out, word);
    }
    out.push_str("</svg>");
    out
}

fn draw(out: &mut String, word: &str) {
    let (name, rest) = word.split_once(':').unwrap_or((word, ""));
    let mut parts = rest.split(',');
    let color = parts.next().unwrap_or_default();
    // Numbers of a word; a ground's colour between them is none.
    let n: Vec<f64> = parts.clone().filter_map(|p| p.parse().ok()).collect();
    let at = |i: usize| n.get(i).copied().unwrap_or(0.0);
    match name {
        "b" => rect(out, color, [0.0, 0.0, 120.0, 90.0]),
        "h" | "v" => stripes(out, name == "h", rest),
        "r" => rect(out, color, [at(0), at(1), at(2), at(3)]),
        "f" => line(
            out,
            "rect",
            color,
            at(4),
            &format!("x='{}' y='{}' width='{}' height='{}'", at(0) + at(4) / 2.0, at(1) + at(4) / 2.0, at(2) - at(4), at(3) - at(4)),
        ),
        "k" => chequers(out, color, [at(0), at(1), at(2), at(3)]),
        "c" => disc(out, color, at(0), at(1), at(2)),
        "o" => line(out, "circle", color, at(3), &format!("cx='{}' cy='{}' r='{}'", at(0), at(1), at(2) - at(3) / 2.0)),
        "p" => polygon(out, color, &n),
        "t" => polygon(out, color, &[0.0, 0.0, at(0), 45.0, 0.0, 90.0]),
        "t3" => star(out, color, at(0), at(1), at(2), 3, 0.5),
        "s" => star(out, color, at(0), at(1), at(2), n.get(3).map_or(5, |p| *p as u32), if n.len() > 3 { 0.5 } else { 0.382 }),
        "so" => star_of_lines(out, color, at(0), at(1), at(2)),
        "y" => {
            star(out, color, at(0), at(1), at(2), 16, 0.68);
            disc(out, color, at(0), at(1), at(2) * 0.66);
        }
        "w" => spokes(out, color, at(0), at(1), at(2)),
        "g" => line(
            out,
            "path",
            color,
            3.5,
            &format!("stroke-dasharray='2.6 1.4' d='M{} {}a{r} {r} 0 0 1 {r} {r} {r} {r} 0 0 1 -{r} {r}'", at(0), at(1) - at(2), r = at(2)),
        ),
        "m" => crescent(out, color, rest, at(4), 0.0),
        "m2" => crescent(out, color, rest, 0.0, 1.0),
        "x" => line(out, "path", color, at(0), "d='M0 0L120 90M120 0L0 90'"),
        "+" => {
            rect(out, color, [at(1) - at(0) / 2.0, 0.0, at(0), 90.0]);
            rect(out, color, [0.0, 45.0 - at(0) / 2.0, 120.0, at(0)]);
        }
        "+1" => {
            let thick = n.get(3).copied().unwrap_or(at(2) / 3.0);
            let long = if n.len() > 3 { at(2) } else { at(2) * 2.5 };
            rect(out, color, [at(0) - thick / 2.0, at(1) - long / 2.0, thick, long]);
            rect(out, color, [at(0) - long / 2.0, at(1) - thick / 2.0, long, thick]);
        }
        "e" => shield(out, color, at(0), at(1), at(2)),
        "q" => (0..10).for_each(|i| {
            let a = f64::from(i) * std::f64::consts::TAU / 10.0;
            star(out, color, at(0) + a.sin() * at(2), at(1) - a.cos() * at(2), at(3), 5, 0.382);
        }),
        "q1" => {
            line(out, "path", color, 1.4, &format!("d='{}'", pentagram(at(0), at(1), at(2))));
        }
        "h6" => {
            for down in [0.0, 180.0] {
                let _ = write!(out, "<g transform='rotate({down} {} {})'>", at(0), at(1));
                line(out, "path", color, 2.4, &format!("d='{}'", ring(at(0), at(1), at(2), 3)));
                out.push_str("</g>");
            }
        }
        "z" => wave(out, color, [at(0), at(1), at(2), at(3)]),
        "bars" => {
            let _ = write!(out, "<g transform='rotate({} {x} {y})'>", at(2), x = at(0), y = at(1));
            for row in [-5.0, 0.0, 5.0] {
                rect(out, color, [at(0) - 8.0, at(1) + row - 1.5, 16.0, 3.0]);
            }
            out.push_str("</g>");
        }
        "u" | "U" => union(out, name == "U"),
        "stars" => fifty(out),
        _ => {}
    }
}

fn rect(out: &mut String, color: &str, [x, y, w, h]: [f64; 4]) {
    let _ = write!(out, "<rect x='{x}' y='{y}' width='{w}' height='{h}' fill='#{color}'/>");
}

fn disc(out: &mut String, color: &str, x: f64, y: f64, r: f64) {
    let _ = write!(out, "<circle cx='{x}' cy='{y}' r='{r}' fill='#{color}'/>");
}

/// A shape that is only drawn around.
fn line(out: &mut String, shape: &str, color: &str, thick: f64, attributes: &str) {
    let _ = write!(out, "<{shape} fill='none' stroke='#{color}' stroke-width='{thick}' {attributes}/>");
}

fn polygon(out: &mut String, color: &str, points: &[f64]) {
    let text: Vec<String> = points.iter().map(f64::to_string).collect();
    let _ = write!(out, "<polygon fill='#{color}' points='{}'/>", text.join(" "));
}

/// Stripes beside each other, as wide as their weights say.
fn stripes(out: &mut String, across: bool, list: &str) {
    let stripes: Vec<(&str, f64)> = list.split(',').map(|s| s.split_once('*').map_or((s, 1.0), |(c, w)| (c, w.parse().unwrap_or(1.0)))).collect();
    let all: f64 = stripes.iter().map(|s| s.1).sum();
    let mut at = 0.0;
    for (color, weight) in stripes {
        let (side, wide) = if across { (90.0, 120.0) } else { (120.0, 90.0) };
        let size = side * weight / all;
        // A hair longer, so that nothing shines through between two.
        rect(out, color, if across { [0.0, at, wide, size + 0.2] } else { [at, 0.0, size + 0.2, wide] });
        at += size;
    }
}

fn chequers(out: &mut String, color: &str, [x, y, w, h]: [f64; 4]) {
    for cell in (0..25).step_by(2) {
        let (column, row) = (f64::from(cell % 5), f64::from(cell / 5));
        rect(out, color, [x + column * w / 5.0, y + row * h / 5.0, w / 5.0, h / 5.0]);
    }
}

/// Corners on a circle, the first above.
fn corners(x: f64, y: f64, r: f64, count: u32) -> Vec<(f64, f64)> {
    (0..count).map(|i| f64::from(i) * std::f64::consts::TAU / f64::from(count)).map(|a| (x + a.sin() * r, y - a.cos() * r)).collect()
}

fn star(out: &mut String, color: &str, x: f64, y: f64, r: f64, points: u32, inner: f64) {
    let all: Vec<f64> = corners(0.0, 0.0, r, 2 * points.max(2))
        .into_iter()
        .enumerate()
        .flat_map(|(i, (px, py))| {
            let k = if i % 2 == 0 { 1.0 } else { inner };
            [x + px * k, y + py * k]
        })
        .map(|v| (v * 100.0).round() / 100.0)
        .collect();
    polygon(out, color, &all);
}

/// A closed line through corners on a circle.
fn ring(x: f64, y: f64, r: f64, count: u32) -> String {
    let points: Vec<String> = corners(x, y, r, count).into_iter().map(|(x, y)| format!("{x:.2} {y:.2}")).collect();
    format!("M{}Z", points.join("L"))
}

/// A star drawn in one line.
fn pentagram(x: f64, y: f64, r: f64) -> String {
    let five = corners(x, y, r, 5);
    let points: Vec<String> = [0, 2, 4, 1, 3].iter().filter_map(|i| five.get(*i)).map(|(x, y)| format!("{x:.2} {y:.2}")).collect();
    format!("M{}Z", points.join("L"))
}

fn star_of_lines(out: &mut String, color: &str, x: f64, y: f64, r: f64) {
    line(out, "path", color, 3.0, &format!("d='{}'", pentagram(x, y, r)));
}

fn spokes(out: &mut String, color: &str, x: f64, y: f64, r: f64) {
    let rays: String = corners(x, y, r, 24).into_iter().map(|(px, py)| format!("M{x} {y}L{px:.2} {py:.2}")).collect();
    line(out, "path", color, 0.6, &format!("d='{rays}'"));
}

/// A disc out of which a smaller one is cut, beside its middle or above it.
fn crescent(out: &mut String, color: &str, rest: &str, beside: f64, above: f64) {
    let n: Vec<f64> = rest.split(',').skip(2).filter_map(|p| p.parse().ok()).collect();
    let [x, y, r, ..] = n[..] else { return };
    let beside = n.get(3).copied().unwrap_or(beside);
    let inner = r * 0.8;
    let (dx, dy) = if above > 0.0 { (0.0, -r * 0.45) } else { (beside, 0.0) };
    // One path with a hole, so that the ground does not matter.
    let circle = |cx: f64, cy: f64, r: f64, sweep: u8| format!("M{} {cy}a{r} {r} 0 1 {sweep} {} 0a{r} {r} 0 1 {sweep} -{} 0Z", cx - r, 2.0 * r, 2.0 * r);
    let id = format!("k{}", out.len());
    let _ = write!(
        out,
        "<mask id='{id}'><rect width='120' height='90' fill='#fff'/><circle cx='{}' cy='{}' r='{inner}' fill='#000'/></mask><path fill='#{color}' mask='url(#{id})' d='{}'/>",
        x + dx,
        y + dy,
        circle(x, y, r, 1)
    );
}

fn shield(out: &mut String, color: &str, x: f64, y: f64, r: f64) {
    let (w, top, low) = (r * 0.8, y - r, y + r);
    let _ = write!(
        out,
        "<path fill='#{color}' d='M{} {top}H{}V{}Q{} {} {x} {low}Q{} {} {} {}Z'/>",
        x - w,
        x + w,
        y + r * 0.2,
        x + w,
        y + r * 0.7,
        x - w,
        y + r * 0.7,
        x - w,
        y + r * 0.2
    );
}

fn wave(out: &mut String, color: &str, [x, y, w, h]: [f64; 4]) {
    let step = w / 6.0;
    let bumps: String = (0..6).map(|i| format!("q{} {} {step} 0", step / 2.0, if i % 2 == 0 { -h } else { h })).collect();
    line(out, "path", color, h * 0.8, &format!("d='M{x} {y}{bumps}'"));
}

/// The British flag.
fn union(out: &mut String, whole: bool) {
    let scale = if whole { 1.0 } else { 0.5 };
    let _ = write!(
        out,
        "<svg width='{}' height='{}' viewBox='0 0 120 90'><rect width='120' height='90' fill='#012169'/>\
        <path d='M0 0L120 90M120 0L0 90' stroke='#fff' stroke-width='18'/>\
        <path d='M0 4L60 49M120 -4L60 41M120 86L60 41M0 94L60 49' stroke='#c8102e' stroke-width='6'/>\
        <path d='M60 0V90M0 45H120' stroke='#fff' stroke-width='30'/><path d='M60 0V90M0 45H120' stroke='#c8102e' stroke-width='18'/></svg>",
        120.0 * scale,
        90.0 * scale
    );
}

/// Nine rows of six and five stars.
fn fifty(out: &mut String) {
    for row in 0..9_u32 {
        let odd = row % 2 == 1;
        for column in 0..if odd { 5_u32 } else { 6 } {
            let x = 5.6 + f64::from(column) * 11.3 + if odd { 5.65 } else { 0.0 };
            star(out, "fff", x, 4.9 + f64::from(row) * 4.85, 2.2, 5, 0.382);
        }
    }
}
