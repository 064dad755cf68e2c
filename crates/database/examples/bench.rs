//! Times the engine without HTTP, with few and with many documents side by side:
//! `cargo run --release -p database --example bench [fjall|sled|memory] [documents…]`, 10,000 and 1,000,000 when nothing else is said.
//!
//! What is compared is CPU time of the process, all threads: what others do on the machine and what the disk takes does not count in it.
use std::path::Path;
use std::time::Duration;

use access::{Access, Roles};
use database::{
    Attribute, Collection, CollectionSpec, Cursor, Database, DbError, Find, Index, IndexKind, Kind, Namespace, NewDocument, Options, Total, Update,
};
use protocol::query::Method;
use protocol::{Query, Timestamp};
use serde_json::{Map, json};
use support::{Fail, attribute, cpu, fill, index, resident};

mod support;

const SYS: Access = Access::System("bench");
/// Documents of one reader, whatever there is: what a list costs is to follow from its answer.
const MINE: u64 = 50;
/// What clients get as a total.
const TOTAL: Total = Total::Capped(5_000);

fn main() -> Result<(), Fail> {
    let mut args = std::env::args().skip(1);
    let kind: kv::EngineKind = args.next().unwrap_or_else(|| "fjall".into()).parse()?;
    let mut counts = args.map(|s| s.parse()).collect::<Result<Vec<u64>, _>>()?;
    if counts.is_empty() {
        counts = vec![10_000, 1_000_000];
    }
    let mut columns = Vec::new();
    for count in &counts {
        support::in_folder("bench", |dir| {
            columns.push(Bench::open(kind, *count, dir)?.all()?);
            Ok(())
        })?;
    }
    report(&counts, &columns);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a report")]
fn report(counts: &[u64], columns: &[Vec<(&'static str, f64)>]) {
    println!("CPU µs each{:>29}   last to first", counts.iter().map(|n| format!("{n:>13}")).collect::<String>());
    let Some((first, last)) = columns.first().zip(columns.last()) else { return };
    for (row, (name, start)) in first.iter().enumerate() {
        let cells: String = columns.iter().filter_map(|c| c.get(row)).map(|(_, v)| format!("{v:>13.1}")).collect();
        println!("{name:<28}{cells}   {:.2}", last.get(row).map_or(0.0, |(_, end)| end / start));
    }
}

struct Bench {
    db: Database,
    coll: Collection,
    count: u64,
    out: Vec<(&'static str, f64)>,
}

impl Bench {
    fn open(kind: kv::EngineKind, count: u64, dir: &Path) -> Result<Self, Fail> {
        let db = Database::open(kv::Store::open(kind, dir, kv::Options::default())?, Options::default())?;
        let coll = db.write(|w| w.create_collection(Namespace(1), spec()))?;
        Ok(Self { db, coll: (*coll).clone(), count, out: Vec::new() })
    }

    fn all(mut self) -> Result<Vec<(&'static str, f64)>, Fail> {
        let start = cpu();
        fill(&self.db, &self.coll, self.count, 100, document)?;
        self.db.settle();
        support::calm();
        self.note("create in hundreds", start, self.count);
        self.reads()?;
        self.writes()?;
        self.out.push(("resident at the end, MiB", number(resident())));
        Ok(self.out)
    }

    fn reads(&mut self) -> Result<(), Fail> {
        let count = self.count;
        self.per("get", 20_000, |b, n| b.db.read().get(&SYS, &b.coll, &format!("d{}", n * 7_919 % count)).map(drop))?;
        let author = |n: u64| vec![Query::equal("author", format!("u{}", n % (count / MINE)))];
        let sorted = || vec![("price".to_owned(), true)];
        self.per("list by author, sorted, total", 2_000, |b, n| {
            b.list(&SYS, Find { filters: author(n * 31), orders: sorted(), total: TOTAL, ..Find::default() })
        })?;
        let mine = Access::of(Roles::new(["any", "users", "user:u7"]));
        let half = || vec![Query::equal("half", true)];
        self.per("list own of half, total", 1_000, |b, _| b.list(&mine, Find { filters: half(), total: TOTAL, ..Find::default() }))?;
        self.per("cursor page of a range", 2_000, |b, n| {
            // Not one of the last, behind which there is nothing.
            let at = n * 7_919 % (count - 100);
            let cursor = Some(Cursor { id: format!("d{at}"), before: false });
            let above = vec![Query::new(Method::GreaterThanEqual, "price", vec![price(at).into()])];
            b.list(&SYS, Find { filters: above, orders: vec![("price".to_owned(), false)], cursor, ..Find::default() })
        })?;
        Ok(())
    }

    fn writes(&mut self) -> Result<(), Fail> {
        self.per("unique conflict", 2_000, |b, n| {
            let (coll, new) = (b.coll.clone(), NewDocument { id: format!("x{n}"), ..document(n) });
            match b.db.write(move |w| w.create(&SYS, &coll, new)) {
                Err(DbError::Unique(_)) => Ok(()),
                Err(e) => Err(e),
                Ok(_) => Err(DbError::Duplicate),
            }
        })?;
        let count = self.count;
        self.per("create, durable", 2_000, |b, n| {
            let (coll, new) = (b.coll.clone(), document(count + n));
            b.db.write(move |w| w.create(&SYS, &coll, new)).map(drop)
        })?;
        self.per("update, durable", 2_000, |b, n| {
            let coll = b.coll.clone();
            let data = Map::from_iter([("price".to_owned(), json!(n))]);
            let update = Update { data, permissions: None, updated_at: Timestamp(1), created_at: None, touch: false, unless_newer: None };
            b.db.write(move |w| w.update(&SYS, &coll, &format!("d{}", n * 7_919 % count), update)).map(drop)
        })?;
        Ok(())
    }

    fn list(&self, access: &Access, find: Find) -> Result<(), DbError> {
        let page = self.db.read().find(access, &self.coll, &find)?;
        if page.documents.is_empty() { Err(DbError::NotFound) } else { Ok(()) }
    }

    /// Does something many times, after as often to warm up: until caches are full, what costs is the memory that the system gives to them.
    fn per(&mut self, name: &'static str, times: u64, f: impl Fn(&Self, u64) -> Result<(), DbError>) -> Result<(), Fail> {
        let warm = times;
        (0..warm).try_for_each(|n| f(self, n))?;
        let start = cpu();
        (warm..warm + times).try_for_each(|n| f(self, n))?;
        self.note(name, start, times);
        Ok(())
    }

    fn note(&mut self, name: &'static str, start: Duration, times: u64) {
        self.out.push((name, (cpu() - start).as_secs_f64() * 1e6 / number(times)));
    }
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn number(n: u64) -> f64 {
    n as f64
}

fn price(n: u64) -> u64 {
    n * 37 % 1_000_003
}

/// About 500 bytes, of 50 of each author.
fn document(n: u64) -> NewDocument {
    let author = format!("u{}", n / MINE);
    let permissions = ["read", "update", "delete"].iter().map(|a| format!("{a}(\"user:{author}\")")).collect();
    let text = "lorem ipsum dolor sit amet consectetur adipiscing elit ".repeat(6);
    let data = json!({"author": author, "title": format!("title of {n}"), "price": price(n), "half": n.is_multiple_of(2), "text": text});
    support::document(n, permissions, data)
}

fn spec() -> CollectionSpec {
    let text = |key: &str| -> Attribute { attribute(key, Kind::String, 1_000) };
    let unique: Index = index("title", IndexKind::Unique);
    CollectionSpec {
        name: "posts".to_owned(),
        permissions: Vec::new(),
        document_security: true,
        attributes: vec![text("author"), text("title"), attribute("price", Kind::Integer, 8), attribute("half", Kind::Boolean, 0), text("text")],
        indexes: vec![index("author", IndexKind::Key), index("price", IndexKind::Key), index("half", IndexKind::Key), unique],
    }
}
