//! Previews beside those that ImageMagick makes of the same pictures: alike in structure, not in bytes.
//! Without `convert` on the machine nothing is compared, and the test says so.
#![allow(clippy::unwrap_used, reason = "a test: what is unexpected fails it")]
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{GrayImage, RgbaImage};
use pictures::{Color, Gravity, Kind, Limits, Output, Preview};

/// The program, if it is there.
fn convert() -> Option<&'static str> {
    ["/usr/bin/convert", "convert"].into_iter().find(|c| Command::new(c).arg("-version").output().is_ok_and(|o| o.stdout.starts_with(b"Version: ImageMagick")))
}

/// A picture with edges, slopes and fine lines; no two corners alike.
fn source() -> RgbaImage {
    RgbaImage::from_fn(320, 200, |x, y| {
        let (dx, dy) = (f64::from(x) - 200.0, f64::from(y) - 90.0);
        let ring = (dx.hypot(dy) / 9.0).sin() > 0.3;
        let grid = x % 40 < 3 || y % 50 < 3;
        let color = [x * 255 / 319, y * 255 / 199, if ring { 220 } else { 40 }];
        let [r, g, b] = color.map(|v| if grid { v / 3 } else { v }).map(|v| v as u8);
        image::Rgba([r, g, b, 255])
    })
}

/// Mean structural similarity of brightness in windows of eight, 1 when equal.
fn similarity(a: &GrayImage, b: &GrayImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions(), "sizes");
    let (width, height) = a.dimensions();
    let (mut sum, mut windows) = (0.0, 0.0);
    for y in (0..height.saturating_sub(7)).step_by(4) {
        for x in (0..width.saturating_sub(7)).step_by(4) {
            let pixels = (0..64).map(|i| (f64::from(a.get_pixel(x + i % 8, y + i / 8).0[0]), f64::from(b.get_pixel(x + i % 8, y + i / 8).0[0])));
            let (mut ma, mut mb, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (p, q) in pixels {
                ma += p / 64.0;
                mb += q / 64.0;
                aa += p * p / 64.0;
                bb += q * q / 64.0;
                ab += p * q / 64.0;
            }
            let (va, vb, cov) = (aa - ma * ma, bb - mb * mb, ab - ma * mb);
            sum += (2.0 * ma * mb + 6.5025) * (2.0 * cov + 58.5225) / ((ma * ma + mb * mb + 6.5025) * (va + vb + 58.5225));
            windows += 1.0;
        }
    }
    sum / f64::max(windows, 1.0)
}

/// Over grey, as brightness.
fn flat(image: &RgbaImage) -> GrayImage {
    GrayImage::from_fn(image.width(), image.height(), |x, y| {
        let [r, g, b, a] = image.get_pixel(x, y).0.map(f64::from);
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        image::Luma([(luma * a / 255.0 + 128.0 * (1.0 - a / 255.0)).round() as u8])
    })
}

struct Bench {
    convert: &'static str,
    folder: tempfile::TempDir,
}

impl Bench {
    fn theirs(&self, from: &Path, arguments: &[&str]) -> RgbaImage {
        let to = self.folder.path().join("theirs.png");
        let done = Command::new(self.convert).arg(from).args(arguments).arg(format!("png32:{}", to.display())).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        image::open(&to).unwrap().into_rgba8()
    }

    fn ours(&self, from: &Path, asked: &Preview) -> RgbaImage {
        let bytes = std::fs::read(from).unwrap();
        let kind = pictures::kind(&bytes).unwrap();
        let made = pictures::render(&bytes, kind, asked, &Limits::default()).unwrap();
        // What our decoders may not read back is read by theirs.
        let raw = self.folder.path().join(format!("ours.{}", made.mime.trim_start_matches("image/")));
        std::fs::write(&raw, &made.bytes).unwrap();
        match asked.output {
            Output::Avif => {
                let png = pictures::render(&made.bytes, Kind::Avif, &Preview::plain(Output::Png), &Limits::default()).unwrap();
                image::load_from_memory(&png.bytes).unwrap().into_rgba8()
            }
            _ => self.theirs(&raw, &[]),
        }
    }

    #[track_caller]
    fn alike(&self, what: &str, from: &Path, arguments: &[&str], asked: &Preview, least: f64) {
        let (theirs, ours) = (self.theirs(from, arguments), self.ours(from, asked));
        let alike = similarity(&flat(&theirs), &flat(&ours));
        println!("{what}: {alike:.4}");
        assert!(alike >= least, "{what}: {alike:.4} is less than {least}");
    }
}

#[test]
fn as_imagemagick_makes_them() {
    let Some(convert) = convert() else {
        println!("SKIPPED: ImageMagick is not installed (apt install imagemagick); nothing was compared");
        return;
    };
    let bench = Bench { convert, folder: tempfile::tempdir().unwrap() };
    let png = bench.folder.path().join("source.png");
    source().save(&png).unwrap();
    let file = |name: &str, arguments: &[&str]| -> PathBuf {
        let to = bench.folder.path().join(name);
        assert!(Command::new(convert).arg(&png).args(arguments).arg(&to).status().unwrap().success());
        to
    };
    let plain = Preview::plain(Output::Png);
    let sized = |width, height| Preview { width, height, ..plain };

    bench.alike("half", &png, &["-resize", "160x100!"], &sized(160, 0), 0.98);
    bench.alike("tenth of a square", &png, &["-resize", "x64", "-gravity", "center", "-crop", "64x64+0+0", "+repage"], &sized(64, 64), 0.97);
    bench.alike("twice", &png, &["-filter", "Mitchell", "-resize", "640x400!"], &sized(640, 0), 0.98);
    for (name, gravity, arguments) in [
        ("top left", Gravity::TopLeft, "NorthWest"),
        ("right", Gravity::Right, "East"),
        ("bottom", Gravity::Bottom, "South"),
        ("bottom right", Gravity::BottomRight, "SouthEast"),
    ] {
        let asked = Preview { gravity, ..sized(80, 100) };
        bench.alike(name, &png, &["-scale", "160x100!", "-gravity", arguments, "-crop", "80x100+0+0", "+repage"], &asked, 0.97);
    }
    let red = Color { r: 255, g: 0, b: 0 };
    bench.alike("border", &png, &["-bordercolor", "#ff0000", "-border", "8"], &Preview { border_width: 8, border_color: red, ..plain }, 0.999);
    bench.alike("opacity", &png, &["-alpha", "set", "-channel", "A", "-evaluate", "multiply", "0.5", "+channel"], &Preview { opacity: 0.5, ..plain }, 0.999);
    bench.alike("a quarter", &png, &["-background", "transparent", "-rotate", "90"], &Preview { rotation: 90, ..plain }, 0.9999);
    bench.alike("a quarter back", &png, &["-background", "transparent", "-rotate", "-90"], &Preview { rotation: -90, ..plain }, 0.9999);
    bench.alike("tilted", &png, &["-virtual-pixel", "transparent", "+distort", "SRT", "30", "+repage"], &Preview { rotation: 30, ..plain }, 0.93);
    let mask = [
        "(",
        "-size",
        "320x200",
        "xc:none",
        "-fill",
        "black",
        "-draw",
        "roundrectangle 0,0 319,199 40,40",
        ")",
        "-alpha",
        "set",
        "-compose",
        "DstIn",
        "-composite",
    ];
    bench.alike("round corners", &png, &mask, &Preview { border_radius: 40, ..plain }, 0.995);

    let formats: [(&str, &[&str]); 9] = [
        ("a.jpg", &["-quality", "90"]),
        ("p.jpg", &["-quality", "90", "-interlace", "Plane"]),
        ("g.jpg", &["-quality", "90", "-colorspace", "Gray"]),
        ("a.gif", &[]),
        ("a.webp", &["-quality", "90"]),
        ("a.bmp", &[]),
        ("a.tiff", &[]),
        ("z.tiff", &["-compress", "zip"]),
        ("i.png", &["-interlace", "PNG"]),
    ];
    for (name, arguments) in formats {
        let from = file(name, arguments);
        bench.alike(&format!("{name} read"), &from, &[], &plain, 0.985);
        bench.alike(&format!("{name} a quarter of the size"), &from, &["-resize", "80x50!"], &sized(80, 0), 0.95);
    }
    let large = file("large.jpg", &["-resize", "2400x1500!", "-quality", "92"]);
    bench.alike("a picture read coarser", &large, &["-resize", "200x125!"], &sized(200, 0), 0.97);
    for (orientation, arguments) in [(3, "180"), (6, "90"), (8, "-90")] {
        let mut jpeg = std::fs::read(bench.folder.path().join("a.jpg")).unwrap();
        let exif = [b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[orientation, 0, 0, 0, 0, 0, 0]].concat();
        jpeg.splice(2..2, exif);
        let from = bench.folder.path().join("turned.jpg");
        std::fs::write(&from, jpeg).unwrap();
        bench.alike(&format!("held as {orientation} says"), &from, &["-strip", "-rotate", arguments], &plain, 0.98);
    }
    for (output, least) in [(Output::Jpeg, 0.97), (Output::Gif, 0.93), (Output::Webp, 0.95), (Output::Avif, 0.93)] {
        bench.alike(&format!("written as {output:?}"), &png, &[], &Preview { output, quality: Some(90), ..plain }, least);
    }
}
