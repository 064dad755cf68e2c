//! Broken and hostile bytes: an error or a picture, never a panic, and never much memory or time.
#![allow(clippy::unwrap_used, reason = "a test: what is unexpected fails it")]
use std::time::{Duration, Instant};

use pictures::{Kind, Limits, Output, PictureError, Preview};

fn small() -> Preview {
    Preview::sized(16, 16, None, Output::Png)
}

fn try_all(bytes: &[u8]) {
    for kind in [Kind::Jpeg, Kind::Png, Kind::Gif, Kind::Webp, Kind::Avif, Kind::Bmp, Kind::Tiff, Kind::Svg] {
        drop(pictures::render(bytes, kind, &small(), &Limits::default()));
    }
}

/// One of each form that is written.
fn samples() -> Vec<(Kind, Vec<u8>)> {
    let (letters, color) = pictures::initials_of("Ann Bee");
    let png = pictures::initials(&letters, color, 48, 32, &Limits::default()).unwrap();
    let kinds = [(Kind::Jpeg, Output::Jpeg), (Kind::Png, Output::Png), (Kind::Gif, Output::Gif), (Kind::Webp, Output::Webp), (Kind::Avif, Output::Avif)];
    kinds.map(|(kind, output)| (kind, pictures::render(&png, Kind::Png, &Preview::plain(output), &Limits::default()).unwrap().bytes)).to_vec()
}

#[test]
fn every_sample_is_read_back() {
    for (kind, bytes) in samples() {
        assert_eq!(pictures::kind(&bytes), Some(kind));
        let made = pictures::render(&bytes, kind, &small(), &Limits::default()).unwrap();
        assert!(made.bytes.starts_with(b"\x89PNG"), "{kind:?}");
    }
}

#[test]
fn cut_off_anywhere() {
    for (kind, bytes) in samples() {
        let step = (bytes.len() / 60).max(1);
        for end in (0..bytes.len()).step_by(step) {
            drop(pictures::render(&bytes[..end], kind, &small(), &Limits::default()));
        }
    }
}

#[test]
fn bytes_changed_anywhere() {
    let mut state = 1_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for (kind, bytes) in samples() {
        for _ in 0..120 {
            let mut bad = bytes.clone();
            for _ in 0..1 + random(4) {
                let at = random(bad.len());
                bad[at] = u8::try_from(random(256)).unwrap();
            }
            drop(pictures::render(&bad, kind, &small(), &Limits::default()));
        }
    }
}

#[test]
fn one_form_under_the_name_of_another() {
    for (_, bytes) in samples() {
        try_all(&bytes);
    }
    for bytes in [&b""[..], b"\0", b"PK\x03\x04", b"<html>", &[0xff; 64], &[0; 4_096]] {
        try_all(bytes);
    }
}

/// The header of a PNG of any size, with little behind it.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = b"IHDR".to_vec();
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[8, 6, 0, 0, 0]);
    out.extend_from_slice(&13_u32.to_be_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(&crc(&header).to_be_bytes());
    out.extend_from_slice(b"\0\0\0\x04IDATxxxx\0\0\0\0");
    out
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |c, b| (0..8).fold(c ^ u32::from(*b), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 }))
}

#[test]
fn sizes_are_judged_before_anything_is_made() {
    let begin = Instant::now();
    let refused = |kind, bytes: &[u8]| {
        let e = pictures::render(bytes, kind, &small(), &Limits::default()).unwrap_err();
        assert!(matches!(e, PictureError::TooLarge(_)), "{kind:?}: {e}");
    };
    refused(Kind::Png, &png_of(60_000, 60_000));
    refused(Kind::Png, &png_of(2_000_000_000, 2));
    let mut gif = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    gif.extend_from_slice(b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;");
    refused(Kind::Gif, &gif);
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend_from_slice(&60_000_u32.to_le_bytes());
    bmp.extend_from_slice(&60_000_u32.to_le_bytes());
    bmp.extend_from_slice(b"\x01\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    refused(Kind::Bmp, &bmp);
    assert!(begin.elapsed() < Duration::from_secs(5));
    // What is asked for is bounded, too.
    let (_, jpeg) = samples().remove(0);
    let ask = Preview { width: 4_000, height: 4_000, rotation: 45, ..small() };
    drop(pictures::render(&jpeg, Kind::Jpeg, &ask, &Limits { made_pixels: 1_000_000, ..Limits::default() }).unwrap_err());
}

#[test]
fn a_progressive_picture_of_endless_passes_is_refused() {
    let (_, mut jpeg) = samples().remove(0);
    let scan = jpeg.windows(2).position(|w| w == b"\xff\xda").unwrap();
    let tail = jpeg.split_off(scan);
    for _ in 0..500 {
        jpeg.extend_from_slice(&tail[..tail.len() - 2]);
    }
    assert!(matches!(pictures::render(&jpeg, Kind::Jpeg, &small(), &Limits::default()), Err(PictureError::TooLarge(_))));
}

#[test]
fn moving_pictures_move_and_have_an_end() {
    // Two frames of 2 × 2, shown for ever.
    let mut gif = b"GIF89a\x02\0\x02\0\x80\0\0\xff\0\0\0\0\xff!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0".to_vec();
    for color in 0..2 {
        gif.extend_from_slice(b"!\xf9\x04\0\x05\0\0\0\x2c\0\0\0\0\x02\0\x02\0\0\x02\x04");
        // Codes of three bits: begin anew before each of four pixels, end.
        let codes = [4, color, 4, color, 4, color, 4, color, 5].iter().rev().fold(0_u32, |bits, code| bits << 3 | code);
        gif.extend_from_slice(&codes.to_le_bytes());
        gif.push(0);
    }
    gif.push(b';');
    let frames = |bytes: &[u8]| bytes.windows(3).filter(|w| *w == b"!\xf9\x04").count();
    let ask = |output| Preview::sized(8, 8, None, output);
    let made = pictures::render(&gif, Kind::Gif, &ask(Output::Gif), &Limits::default()).unwrap();
    assert_eq!(frames(&made.bytes), 2);
    let webp = pictures::render(&gif, Kind::Gif, &ask(Output::Webp), &Limits::default()).unwrap();
    assert_eq!(webp.bytes.windows(4).filter(|w| *w == b"ANMF").count(), 2);
    let back = pictures::render(&webp.bytes, Kind::Webp, &ask(Output::Gif), &Limits::default()).unwrap();
    assert_eq!(frames(&back.bytes), 2);
    pictures::render(&gif, Kind::Gif, &ask(Output::Png), &Limits::default()).unwrap();
    let few = Limits { frames: 1, ..Limits::default() };
    assert!(matches!(pictures::render(&gif, Kind::Gif, &ask(Output::Gif), &few), Err(PictureError::TooLarge(_))));
}
