//! What background work costs those who go on: `cargo run --release -p database --example background [fjall|sled] [documents]`.
//!
//! Indexes are made and removed over many documents, then the collection is dropped; meanwhile somebody writes one document after another
//! and notes how long each took.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use access::Access;
use database::{Collection, CollectionSpec, Database, DbError, IndexKind, Kind, Namespace, NewDocument, Options, Status};
use serde_json::json;
use support::{Fail, attribute, index, resident};

mod support;

const SYS: Access = Access::System("bench");
const WORDS: [&str; 16] =
    ["river", "stone", "cloud", "lamp", "train", "paper", "green", "quiet", "north", "apple", "winter", "copper", "window", "garden", "letter", "bridge"];

fn main() -> Result<(), Fail> {
    let mut args = std::env::args().skip(1);
    let kind: kv::EngineKind = args.next().unwrap_or_else(|| "fjall".into()).parse()?;
    let count: u64 = args.next().map_or(Ok(1_000_000), |s| s.parse())?;
    support::in_folder("background", |dir| run(kind, count, dir))
}

fn run(kind: kv::EngineKind, count: u64, dir: &std::path::Path) -> Result<(), Fail> {
    let db = Database::open(kv::Store::open(kind, dir, kv::Options::default())?, Options::default())?;
    let coll = db.write(|w| w.create_collection(Namespace(1), spec("things")))?;
    let other = db.write(|w| w.create_collection(Namespace(1), spec("others")))?;
    let start = Instant::now();
    support::fill(&db, &coll, count, 200, document)?;
    println!("{count} documents in {:.1?}, {} MiB resident", start.elapsed(), resident());
    for (name, kind) in [("price", IndexKind::Key), ("name", IndexKind::Unique), ("body", IndexKind::Fulltext)] {
        let c = coll.clone();
        meanwhile(&db, &other, &format!("index on {name}"), || db.write(move |w| w.create_index(&c, index(name, kind))).map(drop))?;
        let now = db.read().collection(Namespace(1), "things")?.ok_or("no collection")?;
        let made = now.index(name).ok_or("no index")?;
        assert_eq!(made.status, Status::Available, "{}", made.error);
    }
    let c = coll.clone();
    meanwhile(&db, &other, "attribute of a full-text index removed", || db.write(move |w| w.delete_attribute(&c, "body")).map(drop))?;
    meanwhile(&db, &other, "collection dropped", || db.write(move |w| w.drop_collection(&coll)))?;
    Ok(())
}

/// Starts something and writes elsewhere until it is done.
fn meanwhile(db: &Database, other: &Arc<Collection>, what: &str, f: impl FnOnce() -> Result<(), DbError>) -> Result<(), Fail> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut times = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let (coll, id) = (other.clone(), format!("{}-{}", what.replace(' ', "_"), times.len()));
                let start = Instant::now();
                let new = NewDocument { id, ..document(0) };
                if let Err(e) = db.write(move |w| w.create(&SYS, &coll, new)) {
                    eprintln!("{e}");
                }
                times.push(start.elapsed());
                std::thread::sleep(Duration::from_millis(2));
            }
            times
        });
        let start = Instant::now();
        f()?;
        let answered = start.elapsed();
        db.settle();
        let all = start.elapsed();
        done.store(true, Ordering::Relaxed);
        let mut times = writer.join().map_err(|_| "the writer panicked")?;
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        let most = times.last().copied().unwrap_or_default();
        println!(
            "{what}: answered in {answered:.1?}, done in {all:.1?}; {} writes meanwhile, p50 {:.1?} p99 {:.1?} most {most:.1?}; {} MiB resident",
            times.len(),
            at(50),
            at(99),
            resident()
        );
        Ok(())
    })
}

fn document(n: u64) -> NewDocument {
    let word = |i: u64| WORDS.get(usize::try_from((n.wrapping_mul(31).wrapping_add(i * 7 + n / 16)) % 16).unwrap_or(0)).copied().unwrap_or_default();
    let body: Vec<&str> = (0..60).map(word).collect();
    support::document(n, Vec::new(), json!({"name": format!("name {n}"), "price": n * 7919 % 100_000, "body": body.join(" ")}))
}

fn spec(name: &str) -> CollectionSpec {
    let attributes = vec![attribute("name", Kind::String, 100), attribute("price", Kind::Integer, 8), attribute("body", Kind::String, 2_000)];
    CollectionSpec { name: name.into(), permissions: Vec::new(), document_security: false, attributes, indexes: Vec::new() }
}
