//! Times searches and places: `cargo run --release -p database --example find [fjall|sled|memory] [documents]`.
use std::time::{Duration, Instant};

use access::Access;
use database::{Attribute, Collection, CollectionSpec, Database, DbError, Find, IndexKind, Kind, Namespace, NewDocument, Options, Total};
use protocol::Query;
use protocol::query::Method;
use serde_json::json;
use support::{Fail, attribute, index};

mod support;

const SYS: Access = Access::System("bench");
/// Documents written at once.
const BATCH: u64 = 500;

fn main() -> Result<(), Fail> {
    let mut args = std::env::args().skip(1);
    let kind: kv::EngineKind = args.next().unwrap_or_else(|| "fjall".into()).parse()?;
    let count: u64 = args.next().map_or(Ok(100_000), |s| s.parse())?;
    support::in_folder("find", |dir| run(kind, count, dir))
}

fn run(kind: kv::EngineKind, count: u64, dir: &std::path::Path) -> Result<(), Fail> {
    let db = Database::open(kv::Store::open(kind, dir, kv::Options::default())?, Options::default())?;
    let coll = db.write(|w| w.create_collection(Namespace(1), spec()))?;
    let start = Instant::now();
    support::fill(&db, &coll, count, BATCH, document)?;
    line("create in batches, each", start.elapsed(), count, 0);
    let search = |text: &str| Query::new(Method::Search, "text", vec![text.into()]);
    let near = |n: u64, metres: u64| {
        let (x, y) = place(n * 7_919);
        Query::new(Method::DistanceLessThan, "at", vec![json!([[x, y], metres, true])])
    };
    let frame = |n: u64, side: f64| {
        let (x, y) = place(n * 104_729);
        let (east, north) = ((x + side).min(180.0), (y + side).min(85.0));
        Query::new(Method::Intersects, "at", vec![json!([[[x, y], [east, y], [east, north], [x, north], [x, y]]])])
    };
    let bench = Bench { db: &db, coll: &coll };
    bench.per("a word of 10 documents", 500, |n| search(&format!("rare{}", n * 31 % (count / 10).max(1))))?;
    bench.per("a beginning of 10 documents", 500, |n| search(&format!("rare{}*", n * 31 % (count / 10).max(1))))?;
    bench.per("a rare word or another", 500, |n| search(&format!("rare{} rare{}", n * 31 % (count / 10).max(1), n * 37 % (count / 10).max(1))))?;
    bench.per("a phrase of a rare and a frequent word", 500, |n| search(&format!("\"rare{} often0\"", n * 32 % (count / 10).max(1))))?;
    bench.per("a word of every thousandth document", 100, |n| search(&format!("some{} none", n % 1_000)))?;
    bench.per("a word of every second document", 20, |n| search(&format!("often{} none", n % 2)))?;
    bench.per("a beginning of every document", 20, |_| search("often"))?;
    bench.per("within 1 km", 500, |n| near(n, 1_000))?;
    bench.per("within 10 km", 500, |n| near(n, 10_000))?;
    bench.per("within 100 km", 100, |n| near(n, 100_000))?;
    bench.per("within 5,000 km", 20, |n| near(n, 5_000_000))?;
    bench.per("in a frame of 1 degree", 500, |n| frame(n, 1.0))?;
    bench.per("in a frame of 10 degrees", 20, |n| frame(n, 10.0))?;
    Ok(())
}

struct Bench<'b> {
    db: &'b Database,
    coll: &'b Collection,
}

impl Bench<'_> {
    /// Lists of 25 with the total that clients get, after one to warm up.
    fn per(&self, name: &str, times: u64, query: impl Fn(u64) -> Query) -> Result<(), DbError> {
        let find = |n: u64| Find { filters: vec![query(n)], total: Total::Capped(5_000), ..Find::default() };
        self.db.read().find(&SYS, self.coll, &find(0))?;
        let (mut found, start) = (0, Instant::now());
        for n in 1..=times {
            found += self.db.read().find(&SYS, self.coll, &find(n))?.total;
        }
        line(name, start.elapsed(), times, found / times);
        Ok(())
    }
}

#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a report of averages")]
fn line(what: &str, time: Duration, times: u64, found: u64) {
    println!("{what:<40} {:>10.3} ms   {found}", time.as_secs_f64() * 1e3 / times as f64);
}

/// Mixes bits.
fn mix(n: u64) -> u64 {
    let z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^ (z >> 31)
}

/// Somewhere between 85 degrees south and north.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn place(n: u64) -> (f64, f64) {
    let m = mix(n);
    (((m >> 32) % 3_600_000) as f64 / 1e4 - 180.0, ((m & 0xFFFF_FFFF) % 1_700_000) as f64 / 1e4 - 85.0)
}

fn document(n: u64) -> NewDocument {
    let (x, y) = place(n);
    let text = format!("rare{} often{} some{} the number {n} of all texts", n / 10, n % 2, n % 1_000);
    support::document(n, Vec::new(), json!({"text": text, "at": [x, y]}))
}

fn spec() -> CollectionSpec {
    let at = Attribute { required: true, ..attribute("at", Kind::Point, 0) };
    CollectionSpec {
        name: "texts".to_owned(),
        permissions: Vec::new(),
        document_security: false,
        attributes: vec![attribute("text", Kind::String, 1_000), at],
        indexes: vec![index("text", IndexKind::Fulltext), index("at", IndexKind::Spatial)],
    }
}
