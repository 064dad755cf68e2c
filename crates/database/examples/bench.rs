//! Times the engine without HTTP: `cargo run --release -p database --example bench [fjall|sled|memory] [documents]`.
use std::time::{Duration, Instant};

use access::{Access, Roles};
use database::{Attribute, CollectionSpec, Database, DbError, Find, Index, IndexKind, Kind, Namespace, NewDocument, Options, Order, Status, Total};
use protocol::query::Method;
use protocol::{Query, Timestamp};
use serde_json::{Map, Value, json};

type Fail = Box<dyn std::error::Error>;
const SYS: Access = Access::System("bench");

fn main() -> Result<(), Fail> {
    let mut args = std::env::args().skip(1);
    let kind: kv::EngineKind = args.next().unwrap_or_else(|| "fjall".into()).parse()?;
    let count: u64 = args.next().map_or(Ok(100_000), |s| s.parse())?;
    let dir = std::env::temp_dir().join(format!("database-bench-{}", std::process::id()));
    let result = run(kind, count, &dir);
    let _ = std::fs::remove_dir_all(&dir);
    result
}

fn run(kind: kv::EngineKind, count: u64, dir: &std::path::Path) -> Result<(), Fail> {
    let db = Database::open(kv::Store::open(kind, dir, kv::Options::default())?, Options::default())?;
    let coll = db.write(|w| w.create_collection(Namespace(1), spec()))?;
    let c = &*coll;
    let start = Instant::now();
    for batch in 0..count.div_ceil(100) {
        let coll = coll.clone();
        db.write(move |w| (batch * 100..batch * 100 + 100).try_for_each(|n| w.create(&SYS, &coll, document(n)).map(drop)))?;
    }
    line("create in hundreds, each", start.elapsed(), count);
    let per = |name: &str, times: u64, mut f: Box<dyn FnMut(u64) -> Result<u64, DbError> + '_>| -> Result<(), Fail> {
        let mut found = 0;
        f(0)?;
        let start = Instant::now();
        for n in 0..times {
            found = f(n)?;
        }
        line(&format!("{name} ({found})"), start.elapsed(), times);
        Ok(())
    };
    let mine = Access::of(Roles::new(["any", "users", "user:u7"]));
    let equal = |n: u64| vec![Query::equal("category", format!("c{}", n % 100))];
    per("get, hot", 20_000, Box::new(|n| Ok(u64::from(db.read().get(&SYS, c, &format!("d{}", n % 100))?.is_some()))))?;
    per("get, any", 20_000, Box::new(|n| Ok(u64::from(db.read().get(&SYS, c, &format!("d{}", (n * 7919) % count))?.is_some()))))?;
    let list = |access: &Access, find: &Find| -> Result<u64, DbError> {
        let page = db.read().find(access, c, find)?;
        Ok(page.total.max(page.documents.len() as u64))
    };
    per("list 25", 2_000, Box::new(|_| list(&SYS, &Find::default())))?;
    per("list 25 by index", 2_000, Box::new(|n| list(&SYS, &Find { filters: equal(n), ..Find::default() })))?;
    let total = Total::Capped(5_000);
    per("list 25 by index, total", 500, Box::new(|n| list(&SYS, &Find { filters: equal(n), total, ..Find::default() })))?;
    per("list own of all, total", 500, Box::new(|_| list(&mine, &Find { total, ..Find::default() })))?;
    let half = || vec![Query::equal("half", true)];
    per("list own of half, total", 500, Box::new(|_| list(&mine, &Find { filters: half(), total, ..Find::default() })))?;
    let newest = || vec![("$createdAt".to_owned(), true)];
    per("list 25 newest", 2_000, Box::new(|_| list(&SYS, &Find { orders: newest(), ..Find::default() })))?;
    let by_price = || vec![("price".to_owned(), true)];
    per("list 25 by index, sorted", 200, Box::new(|n| list(&SYS, &Find { filters: equal(n), orders: by_price(), ..Find::default() })))?;
    let by_author = || Find { filters: vec![Query::equal("author", "u7")], orders: by_price(), total, ..Find::default() };
    per("list own by author, sorted, total", 2_000, Box::new(|_| list(&mine, &by_author())))?;
    let range = |n: u64| {
        vec![Query::new(Method::GreaterThanEqual, "price", vec![(n % 900).into()]), Query::new(Method::LessThan, "price", vec![(n % 900 + 100).into()])]
    };
    let page_100 = |n: u64| Find { filters: range(n), orders: vec![("price".to_owned(), false)], offset: 2_475, total, ..Find::default() };
    per("page 100 of a range, total", 500, Box::new(|n| list(&SYS, &page_100(n))))?;
    let above = || vec![Query::new(Method::GreaterThanEqual, "price", vec![500.into()])];
    per("list own of a range", 2_000, Box::new(|_| list(&mine, &Find { filters: above(), ..Find::default() })))?;
    let mut next = count;
    let creating = Box::new(|_| {
        next += 1;
        let (coll, doc) = (coll.clone(), document(next));
        db.write(move |w| w.create(&SYS, &coll, doc)).map(|d| d.sequence)
    });
    per("create, durable", 500, creating)?;
    let updating = Box::new(|n: u64| {
        let coll = coll.clone();
        let update = database::Update {
            data: Map::from_iter([("price".to_owned(), json!(n))]),
            permissions: None,
            updated_at: Timestamp(1),
            created_at: None,
            touch: false,
            unless_newer: None,
        };
        db.write(move |w| w.update(&SYS, &coll, &format!("d{n}"), update)).map(|u| u.document.sequence)
    });
    per("update, durable", 500, updating)?;
    Ok(())
}

#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a report of averages")]
fn line(what: &str, time: Duration, times: u64) {
    println!("{what:<40} {:>10.2} µs", time.as_secs_f64() * 1e6 / times as f64);
}

fn document(n: u64) -> NewDocument {
    let author = format!("u{}", n % 1_000);
    let data = json!({"author": author, "title": format!("title of {n}"), "category": format!("c{}", n % 100), "price": n * 37 % 1000, "half": n.is_multiple_of(2),
        "text": "lorem ipsum dolor sit amet consectetur adipiscing elit ".repeat(7), "tags": ["a", "b"]});
    let at = Timestamp(1_700_000_000_000 + n.cast_signed());
    let data = if let Value::Object(map) = data { map } else { Map::new() };
    let permissions = ["read", "update", "delete"].iter().map(|a| format!("{a}(\"user:{author}\")")).collect();
    NewDocument { id: format!("d{n}"), permissions, data, created_at: at, updated_at: at }
}

fn spec() -> CollectionSpec {
    let t = Timestamp(0);
    let attribute = |key: &str, kind, array| Attribute {
        id: 0,
        key: key.to_owned(),
        kind,
        size: if kind == Kind::String { 1_000 } else { 0 },
        required: false,
        array,
        default: Value::Null,
        format: String::new(),
        elements: Vec::new(),
        min: Value::Null,
        max: Value::Null,
        encrypt: false,
        options: Value::Null,
        status: Status::Available,
        error: String::new(),
        created_at: t,
        updated_at: t,
    };
    let index = |key: &str| Index {
        id: 0,
        key: key.to_owned(),
        kind: IndexKind::Key,
        attributes: vec![key.to_owned()],
        orders: vec![Some(Order::Asc)],
        lengths: Vec::new(),
        status: Status::Available,
        error: String::new(),
        created_at: t,
        updated_at: t,
    };
    CollectionSpec {
        name: "posts".to_owned(),
        permissions: Vec::new(),
        document_security: true,
        attributes: vec![
            attribute("author", Kind::String, false),
            attribute("title", Kind::String, false),
            attribute("category", Kind::String, false),
            attribute("price", Kind::Integer, false),
            attribute("half", Kind::Boolean, false),
            attribute("text", Kind::String, false),
            attribute("tags", Kind::String, true),
        ],
        indexes: vec![index("author"), index("category"), index("price"), index("half")],
    }
}
