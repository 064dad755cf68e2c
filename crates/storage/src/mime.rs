//! The type of a file from its content, in the manner of libmagic, which the reference asks: magic bytes first, then whether it is text, and which.
//! The name decides only where content does not tell (formats that are text or zip inside).

/// Bytes looked at.
const WINDOW: usize = 8 * 1024;

/// Collects the beginning of a file while it streams by.
#[derive(Debug, Default)]
pub(crate) struct Sniffer {
    head: Vec<u8>,
}

impl Sniffer {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let room = WINDOW - self.head.len();
        self.head.extend_from_slice(bytes.get(..bytes.len().min(room)).unwrap_or_default());
    }

    /// The type; `name` is the client's name of the file.
    pub(crate) fn finish(self, name: &str) -> &'static str {
        of(&self.head, name)
    }
}

fn of(head: &[u8], name: &str) -> &'static str {
    if head.is_empty() {
        return "application/x-empty";
    }
    let extension = name.rsplit_once('.').map_or(String::new(), |(_, e)| e.to_ascii_lowercase());
    if let Some(kind) = infer::get(head) {
        return match kind.mime_type() {
            "application/zip" => office(&extension).unwrap_or("application/zip"),
            // libmagic's words.
            "audio/x-wav" | "audio/wav" => "audio/x-wav",
            "application/x-executable" => "application/x-executable",
            "text/html" | "text/xml" => text(head, &extension),
            mime => mime,
        };
    }
    match head {
        _ if is_text(head) => text(head, &extension),
        _ if is_targa(head) => "image/x-tga",
        _ => "application/octet-stream",
    }
}

/// Targa pictures have no mark: libmagic goes by the values that some bytes of the header may have, and takes other files for pictures, too. Clients
/// of the reference see what it says, so it is said here.
fn is_targa(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<18>() else { return false };
    let [_, map, kind, _, _, _, _, entry, .., depth, alpha] = *header;
    map <= 1 && (1..34).contains(&kind) && kind & 0xc4 == 0 && entry & 0xc0 == 0 && matches!(depth, 1 | 8 | 15 | 16 | 24 | 32) && alpha & 0x0f != 11
}

/// Documents that are zip archives inside.
fn office(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "epub" => "application/epub+zip",
        "jar" => "application/java-archive",
        _ => return None,
    })
}

/// UTF-8 (the window may end within a character) or Latin text without control characters that text does not have.
fn is_text(head: &[u8]) -> bool {
    let control = |b: &u8| matches!(b, 0..=6 | 14..=26 | 28..=31 | 127);
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && head.len() - e.valid_up_to() < 4,
    };
    valid && !head.iter().any(control)
}

fn text(head: &[u8], extension: &str) -> &'static str {
    let start = String::from_utf8_lossy(head.get(..head.len().min(1024)).unwrap_or_default());
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let lower = start.to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") || lower.starts_with("<head") {
        return "text/html";
    }
    if lower.starts_with("<svg") || (lower.starts_with("<?xml") && lower.contains("<svg")) {
        return "image/svg+xml";
    }
    if lower.starts_with("<?xml") {
        return "text/xml";
    }
    if is_json(head) {
        return "application/json";
    }
    match extension {
        "csv" if start.contains(',') => "text/csv",
        _ if lower.starts_with("#!/bin/sh") || lower.starts_with("#!/bin/bash") || lower.starts_with("#!/usr/bin/env bash") => "text/x-shellscript",
        _ if lower.starts_with("#!/usr/bin/env python") || lower.starts_with("#!/usr/bin/python") => "text/x-script.python",
        _ if lower.starts_with("<?php") => "text/x-php",
        _ => "text/plain",
    }
}

/// A complete object or list; a longer one counts when its beginning looks like one.
fn is_json(head: &[u8]) -> bool {
    let trimmed = head.trim_ascii();
    if !matches!(trimmed.first(), Some(b'{' | b'[')) {
        return false;
    }
    let mut depth = 0_usize;
    let mut string = false;
    let mut escaped = false;
    for (at, b) in trimmed.iter().enumerate() {
        match (string, escaped, b) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (true, false, b'"') => string = false,
            (false, _, b'"') => string = true,
            (false, _, b'{' | b'[') => depth += 1,
            (false, _, b'}' | b']') => {
                let Some(less) = depth.checked_sub(1) else { return false };
                depth = less;
                if depth == 0 {
                    return at + 1 == trimmed.len();
                }
            }
            (false, _, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'-' | b'+' | b'.' | b'0'..=b'9') => {}
            (false, _, b) if b"truefalsnE".contains(b) => {}
            (false, ..) => return false,
            _ => {}
        }
    }
    head.len() >= WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        for (head, name, mime) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "x.txt", "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "x", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "x", "image/gif"),
            (b"%PDF-1.4\n", "x", "application/pdf"),
            (b"hello world\n", "x.png", "text/plain"),
            ("Grüße".as_bytes(), "x", "text/plain"),
            (b"{\"a\": [1, true]}\n", "x.txt", "application/json"),
            (b"{not json}", "x.json", "text/plain"),
            (b"a,b\n1,2\n", "x.csv", "text/csv"),
            (b"<!DOCTYPE html><p>", "x", "text/html"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x", "image/svg+xml"),
            (b"\0\x01\x02\x03", "x.txt", "application/octet-stream"),
            // What libmagic takes for a picture: 18 bytes that could begin one.
            (b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11", "x.bin", "image/x-tga"),
            (b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x11\x11", "x.bin", "application/octet-stream"),
            (b"", "x", "application/x-empty"),
        ] {
            assert_eq!(of(head, name), mime, "{name} {:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_character_cut_by_the_window_is_still_text() {
        let text = "é".repeat(WINDOW);
        let mut sniffer = Sniffer::default();
        sniffer.feed(&text.as_bytes()[..1]);
        sniffer.feed(&text.as_bytes()[1..]);
        assert_eq!(sniffer.finish("x"), "text/plain");
    }
}
