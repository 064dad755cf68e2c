//! Whatever is done to stored bytes: an error, or bytes of the file; never others.
use storage::{BlobRef, Compression, StorageError};

use crate::support::*;

/// A stored file and its object.
struct Stored {
    file: Vec<u8>,
    blob: BlobRef,
    object: Vec<u8>,
}

impl Stored {
    async fn new(m: &Memory, id: &str, file: Vec<u8>, how: (Compression, bool)) -> Self {
        let blob = m.put(id, &file, how).await.blob_ref();
        let object = m.object(&blob.key).await;
        Self { file, blob, object }
    }

    /// Bytes of a segment as it is stored.
    fn step(&self) -> usize {
        SEGMENT + if self.blob.encrypted { 16 } else { 4 }
    }

    /// Puts `object` in place of the right one and reads in all manners. `whole_may_pass`: bytes of the file are not concerned.
    async fn check(&self, m: &Memory, object: &[u8], what: &str) {
        m.set(&self.blob.key, object).await;
        assert!(is_damaged(&m.store.verify(&self.blob).await), "{what}: verify");
        let (bytes, end) = read(&m.store, &self.blob, None).await;
        assert!(self.file.starts_with(&bytes), "{what}: other bytes than those of the file");
        assert!(is_damaged(&end) || (end.is_ok() && bytes == self.file), "{what}: {end:?}");
        let all = m.store.read_all(&self.blob, u64::MAX).await;
        assert!(is_damaged(&all) || all.is_ok_and(|all| all == self.file), "{what}: read_all");
        let size = self.file.len() as u64;
        for range in [0..1, size / 2..size / 2 + 10, size - 1..size] {
            let (bytes, end) = read(&m.store, &self.blob, Some(range.clone())).await;
            let wanted = &self.file[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            assert!(is_damaged(&end) && wanted.starts_with(&bytes) || end.is_ok() && bytes == wanted, "{what}: {range:?} {end:?}");
        }
    }
}

/// Positions of every class: all of the header (the wrapped key in it), ends and middle of each segment, all tags, index and footer.
fn positions(s: &Stored) -> Vec<usize> {
    let len = s.object.len();
    let tag = s.step() - SEGMENT;
    let mut out: Vec<usize> = (0..HEADER).collect();
    for start in (HEADER..len).step_by(s.step()) {
        let end = len.min(start + s.step());
        out.extend([start, usize::midpoint(start, end)]);
        out.extend(end.saturating_sub(tag + 1)..end);
    }
    out.extend(len - tag - FOOTER - 8..len);
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn any_changed_byte() {
    let m = Memory::new();
    for how in WAYS {
        // In one piece, and in windows and blocks; fewer positions of the larger ones.
        for size in [1_000, 3 * SEGMENT, 2 * MIB + 100] {
            let s = Stored::new(&m, "f", mixed(size, 5), how).await;
            let all = positions(&s);
            let thinned = all.iter().enumerate().filter(|(i, _)| i % if size < SEGMENT { 1 } else { size / 30_000 } == 0);
            for (_, at) in thinned {
                let mut bad = s.object.clone();
                bad[*at] ^= 1 << (at % 8);
                s.check(&m, &bad, &format!("{how:?} {size} byte {at}")).await;
                // A tool without a record may not be fooled either, where it looks: header and last segment.
                let last = HEADER + (s.object.len() - HEADER - 1) / s.step() * s.step();
                assert!(is_damaged(&m.store.stat(&s.blob.key).await) || (HEADER..last).contains(at), "{how:?} {size} byte {at}: stat");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_and_added_to() {
    let m = Memory::new();
    for how in WAYS {
        let s = Stored::new(&m, "f", mixed(MIB + 500 * KIB, 6), how).await;
        let len = s.object.len();
        let mut lens = vec![0, 1, HEADER - 1, HEADER, HEADER + 1, len - 1, len - 16, len - FOOTER, len - FOOTER - 16];
        lens.extend((HEADER..len).step_by(s.step()).skip(1).flat_map(|edge| [edge - 1, edge, edge + 1]));
        for cut in lens {
            s.check(&m, &s.object[..cut], &format!("{how:?} cut to {cut}")).await;
            assert!(is_damaged(&m.store.stat(&s.blob.key).await), "{how:?} cut to {cut}: stat");
            // A record that was changed along with the bytes does not help.
            let blob = BlobRef { size_stored: cut as u64, ..s.blob.clone() };
            let (bytes, end) = read(&m.store, &blob, None).await;
            assert!(is_damaged(&end) && s.file.starts_with(&bytes), "{how:?} cut to {cut}, known");
        }
        let first = s.object[HEADER..HEADER + s.step()].to_vec();
        for more in [vec![0], vec![0; 100], s.object[len - 100..].to_vec(), first, s.object.clone()] {
            let longer = [&s.object[..], &more].concat();
            s.check(&m, &longer, &format!("{how:?} with {} more", more.len())).await;
            assert!(is_damaged(&m.store.stat(&s.blob.key).await), "{how:?} with {} more: stat", more.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_that_moved() {
    let m = Memory::new();
    for how in WAYS {
        let s = Stored::new(&m, "f", noise(4 * SEGMENT, 7), how).await;
        let (head, body) = s.object.split_at(HEADER);
        let segments: Vec<&[u8]> = body.chunks(s.step()).collect();
        for order in
            [&[1, 0, 2, 3, 4][..], &[0, 2, 1, 3, 4], &[0, 0, 2, 3, 4], &[0, 1, 3, 4], &[0, 1, 2, 3], &[0, 1, 2, 3, 3, 4], &[4, 0, 1, 2, 3], &[3, 2, 1, 0, 4]]
        {
            let moved: Vec<u8> = order.iter().flat_map(|i| segments[*i]).copied().collect();
            s.check(&m, &[head, &moved].concat(), &format!("{how:?} {order:?}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_in_its_place() {
    let m = Memory::new();
    let strange = Memory::with_keys(keyring("other"));
    for how in WAYS {
        let a = Stored::new(&m, "a", noise(3 * SEGMENT, 8), how).await;
        let b = Stored::new(&m, "b", noise(3 * SEGMENT, 9), how).await;
        let second = Stored::new(&m, "a", noise(3 * SEGMENT, 10), how).await;
        assert_eq!((a.object.len(), a.object.len()), (b.object.len(), second.object.len()));
        a.check(&m, &b.object, &format!("{how:?} the object of another file")).await;
        a.check(&m, &second.object, &format!("{how:?} another object of the same file")).await;
        assert!(is_damaged(&m.store.stat(&a.blob.key).await));
        // The right header with the segments of another, and one strange segment among the right ones.
        a.check(&m, &[&a.object[..HEADER], &b.object[HEADER..]].concat(), &format!("{how:?} other segments")).await;
        a.check(&m, &[&b.object[..HEADER], &a.object[HEADER..]].concat(), &format!("{how:?} another header")).await;
        let (from, to) = (HEADER + a.step(), HEADER + 2 * a.step());
        a.check(&m, &[&a.object[..from], &b.object[from..to], &a.object[to..]].concat(), &format!("{how:?} a segment of another")).await;
        // Written under other keys.
        if how.1 {
            let other = Stored::new(&strange, "a", a.file.clone(), how).await;
            a.check(&m, &other.object, &format!("{how:?} another key ring")).await;
        }
        m.set(&a.blob.key, &a.object).await;
        assert!(get(&m.store, &a.blob, None).await == a.file, "the right object is still right");
    }
}

#[tokio::test]
async fn a_plain_object_does_not_pass_for_a_sealed_one() {
    let m = Memory::new();
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let sealed = Stored::new(&m, "f", mixed(1_000, 1), (compression, true)).await;
        let plain = Stored::new(&m, "f", mixed(1_000, 2), (compression, false)).await;
        for (s, other) in [(&sealed, &plain), (&plain, &sealed)] {
            s.check(&m, &other.object, "the other protection").await;
            m.set(&s.blob.key, &s.object).await;
            let claims = BlobRef { encrypted: !s.blob.encrypted, ..s.blob.clone() };
            assert!(is_damaged(&read(&m.store, &claims, None).await.1));
        }
        // An attacker who knows the format can forge a plain object under the sealed one's name; the record tells that it should be sealed.
        let forged = crate::forge::plain(&sealed.blob.key, compression, b"evil", &[]);
        sealed.check(&m, &forged, "a forged plain object").await;
        let fitting = vec![b'!'; sealed.object.len() - HEADER - 4];
        sealed.check(&m, &crate::forge::object(&sealed.blob.key, compression, &fitting), "one of the right length").await;
        let claims = BlobRef { size_stored: forged.len() as u64, size_original: 4, ..sealed.blob.clone() };
        m.set(&sealed.blob.key, &forged).await;
        assert!(is_damaged(&read(&m.store, &claims, None).await.1));
    }
}

#[tokio::test]
async fn records_that_do_not_fit() {
    let m = Memory::new();
    for how in WAYS {
        let s = Stored::new(&m, "f", mixed(200_000, 3), how).await;
        for by in [-1_i64, 1, 64, -100_000, 1 << 40, i64::MAX / 2] {
            let size = |n: u64| n.saturating_add_signed(by);
            for blob in
                [BlobRef { size_original: size(s.blob.size_original), ..s.blob.clone() }, BlobRef { size_stored: size(s.blob.size_stored), ..s.blob.clone() }]
            {
                let (bytes, end) = read(&m.store, &blob, None).await;
                assert!(bytes.is_empty() && is_damaged(&end), "{how:?} {by}: {end:?}");
                assert!(is_damaged(&read(&m.store, &blob, Some(0..1)).await.1) && is_damaged(&m.store.verify(&blob).await), "{how:?} {by}");
            }
        }
        let gone = BlobRef { key: format!("{}0", &s.blob.key[..s.blob.key.len() - 1]), ..s.blob.clone() };
        let gone = if gone.key == s.blob.key { BlobRef { key: format!("{}1", &s.blob.key[..s.blob.key.len() - 1]), ..gone } } else { gone };
        assert!(matches!(read(&m.store, &gone, None).await.1, Err(StorageError::NotFound)));
        for key in ["../etc/passwd", "", "/", "p//x", "p/7/.x"] {
            assert!(matches!(read(&m.store, &BlobRef { key: key.into(), ..s.blob.clone() }, None).await.1, Err(StorageError::InvalidId(_))), "{key}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_on_the_local_disk() {
    // Large ones are read from the file itself, window by window.
    let f = Folder::new();
    for how in [WAYS[0], WAYS[1]] {
        let file = noise(2 * MIB + 100, 11);
        let blob = put(&f.store, "f", &file, how).await.blob_ref();
        let path = f.path().join("blobs").join(&blob.key);
        let object = std::fs::read(&path).unwrap();
        assert!(get(&f.store, &blob, None).await == file && get(&f.store, &blob, Some(700_000..1_300_000)).await == file[700_000..1_300_000]);
        let step = SEGMENT + if how.1 { 16 } else { 4 };
        let last = HEADER + (object.len() - HEADER) / step * step;
        for at in
            [0, 7, 20, 100, 255, HEADER, HEADER + step - 1, HEADER + 9 * step, HEADER + 20 * step + 77, last, object.len() - FOOTER - 20, object.len() - 1]
        {
            let mut bad = object.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            let (bytes, end) = read(&f.store, &blob, None).await;
            assert!(is_damaged(&end) && file.starts_with(&bytes) && bytes.len() < file.len(), "{how:?} byte {at}: {end:?}");
            assert!(is_damaged(&f.store.verify(&blob).await), "{how:?} byte {at}");
        }
        for cut in [0, 1, HEADER, HEADER + step, object.len() - 1] {
            std::fs::write(&path, &object[..cut]).unwrap();
            let (bytes, end) = read(&f.store, &blob, None).await;
            assert!(is_damaged(&end) && file.starts_with(&bytes), "{how:?} cut to {cut}: {end:?}");
        }
        // Cut off while it is read.
        std::fs::write(&path, &object).unwrap();
        let mut pieces = f.store.read(&blob, None).await.unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_len(HEADER as u64 + 100).unwrap();
        let end = loop {
            match futures_util::TryStreamExt::try_next(&mut pieces).await {
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(e) => break Err(e),
            }
        };
        assert!(is_damaged(&end), "{how:?}: {end:?}");
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(read(&f.store, &blob, None).await.1, Err(StorageError::NotFound)));
    }
}
