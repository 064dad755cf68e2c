//! Every way of answering a list gives what looking at all documents gives.
use std::cmp::Ordering;
use std::sync::Arc;

use access::{Access, Action, Roles};
use proptest::prelude::*;
use protocol::query::Method;
use protocol::{Query, Timestamp};
use serde_json::{Value, json};

use super::{SYS, attribute, change, index, new, open};
use crate::plan::testing::PICK;
use crate::*;

const ROLES: [&str; 4] = ["any", "user:a", "user:b", "team:t"];
const TEXTS: [&str; 8] = ["", "a", "A", "ab", "b", "b\u{0}", "é", "Red apples"];
const BODIES: [&str; 8] = ["red apple", "Green apples, red bike", "bike", "apple red", "", "appl", "東京都 red bike", "京都 🌍 the red apple"];

/// One document of the model.
#[derive(Clone, Debug)]
struct Model {
    id: String,
    sequence: u64,
    at: Timestamp,
    permissions: Vec<String>,
    data: serde_json::Map<String, Value>,
}

impl Model {
    fn field(&self, key: &str) -> Value {
        match key {
            "$id" => self.id.clone().into(),
            "$sequence" => self.sequence.into(),
            "$createdAt" | "$updatedAt" => self.at.format().into(),
            _ => self.data.get(key).cloned().unwrap_or_default(),
        }
    }
    fn seen_by(&self, access: &Access) -> bool {
        access.allows(&self.permissions, Action::Read)
    }
}

/// Null first; texts bytewise; times by their text, which sorts as they do.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().unwrap().partial_cmp(&b.as_f64().unwrap()).unwrap(),
        _ => panic!("{a} and {b}"),
    }
}

fn holds(q: &Query, d: &Model) -> bool {
    let v = d.field(&q.attribute);
    let mut q = q.clone();
    if q.attribute == "$sequence" {
        q.values.iter_mut().for_each(|v| *v = v.as_str().unwrap().parse::<u64>().unwrap().into());
    }
    let q = &q;
    let first = q.values.first().cloned().unwrap_or_default();
    let is = |w: &Value| !w.is_null() && order(&v, w).is_eq();
    match q.method {
        Method::And => q.nested.iter().all(|n| holds(n, d)),
        Method::Or => q.nested.iter().any(|n| holds(n, d)),
        Method::IsNull => v.is_null(),
        Method::IsNotNull => !v.is_null(),
        Method::NotSearch => !holds(&Query { method: Method::Search, ..q.clone() }, d),
        _ if v.is_null() => false,
        Method::Equal => q.values.iter().any(is),
        Method::NotEqual => !is(&first),
        Method::LessThan => order(&v, &first).is_lt(),
        Method::LessThanEqual => order(&v, &first).is_le(),
        Method::GreaterThan => order(&v, &first).is_gt(),
        Method::GreaterThanEqual => order(&v, &first).is_ge(),
        Method::Between => order(&v, &first).is_ge() && order(&v, &q.values[1]).is_le(),
        Method::NotBetween => order(&v, &first).is_lt() || order(&v, &q.values[1]).is_gt(),
        Method::StartsWith => v.as_str().unwrap().to_lowercase().starts_with(&first.as_str().unwrap().to_lowercase()),
        Method::NotEndsWith => !v.as_str().unwrap().to_lowercase().ends_with(&first.as_str().unwrap().to_lowercase()),
        Method::Contains if v.is_array() => q.values.iter().any(|w| v.as_array().unwrap().contains(w)),
        Method::ContainsAll => q.values.iter().all(|w| v.as_array().unwrap().contains(w)),
        Method::NotContains if v.is_array() => !q.values.iter().any(|w| v.as_array().unwrap().contains(w)),
        Method::Contains => v.as_str().unwrap().to_lowercase().contains(&first.as_str().unwrap().to_lowercase()),
        Method::Search => words::Search::parse(first.as_str().unwrap()).matches(v.as_str().unwrap()),
        other => panic!("{other}"),
    }
}

fn naive(docs: &[Model], access: &Access, all_visible: bool, find: &Find) -> (Vec<String>, u64) {
    let mut found: Vec<&Model> = docs.iter().filter(|d| (all_visible || d.seen_by(access)) && find.filters.iter().all(|q| holds(q, d))).collect();
    let total = found.len() as u64;
    let by = |a: &Model, b: &Model| {
        for (key, descending) in &find.orders {
            let o = order(&a.field(key), &b.field(key));
            let o = if *descending { o.reverse() } else { o };
            if o.is_ne() {
                return o;
            }
        }
        a.sequence.cmp(&b.sequence)
    };
    found.sort_by(|a, b| by(a, b));
    if let Some(c) = &find.cursor {
        let at = docs.iter().find(|d| d.id == c.id).unwrap();
        found.retain(|d| if c.before { by(d, at).is_lt() } else { by(d, at).is_gt() });
        if c.before {
            found.reverse();
        }
    }
    let mut page: Vec<String> = found.into_iter().skip(find.offset as usize).take(find.limit as usize).map(|d| d.id.clone()).collect();
    if find.cursor.as_ref().is_some_and(|c| c.before) {
        page.reverse();
    }
    (page, total)
}

fn time(n: i64) -> Value {
    Timestamp(n * 1000).format().into()
}

fn maybe(s: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 5 => s]
}

fn text() -> impl Strategy<Value = Value> {
    proptest::sample::select(TEXTS.to_vec()).prop_map(Value::from)
}

fn float() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![-1.5, -0.0, 0.0, 0.25, 2.0]).prop_map(|f: f64| json!(f))
}

fn data() -> impl Strategy<Value = Value> {
    let tags = proptest::collection::vec(text(), 0..3).prop_map(Value::Array);
    let body = proptest::sample::select(BODIES.to_vec()).prop_map(Value::from);
    (
        maybe(text()),
        maybe((-2_i64..3).prop_map(Value::from)),
        maybe(float()),
        maybe(any::<bool>().prop_map(Value::from)),
        maybe((0_i64..4).prop_map(time)),
        maybe(tags),
        maybe(body),
    )
        .prop_map(|(s, n, f, b, t, tags, body)| json!({"s": s, "n": n, "f": f, "b": b, "t": t, "tags": tags, "body": body}))
}

fn permissions() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(vec!["read(\"any\")", "read(\"user:a\")", "read(\"user:b\")", "read(\"team:t\")", "update(\"user:a\")"], 0..4)
}

#[derive(Clone, Debug)]
enum Step {
    Make(Value, Vec<&'static str>),
    Change(usize, Value, Option<Vec<&'static str>>),
    Remove(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (data(), permissions()).prop_map(|(d, p)| Step::Make(d, p)),
        2 => (any::<usize>(), data(), proptest::option::of(permissions())).prop_map(|(i, d, p)| Step::Change(i, d, p)),
        1 => any::<usize>().prop_map(Step::Remove),
    ]
}

fn leaf() -> impl Strategy<Value = Query> {
    let ranged = vec![
        Method::Equal,
        Method::NotEqual,
        Method::LessThan,
        Method::LessThanEqual,
        Method::GreaterThan,
        Method::GreaterThanEqual,
        Method::Between,
        Method::NotBetween,
    ];
    let value = |key: &str| match key {
        "s" => text().boxed(),
        "n" => (-3_i64..4).prop_map(Value::from).boxed(),
        "f" => float().boxed(),
        "b" => any::<bool>().prop_map(Value::from).boxed(),
        "$sequence" => (1_u64..30).prop_map(|n| n.to_string().into()).boxed(),
        "$id" => (0_u64..30).prop_map(|n| format!("d{n}").into()).boxed(),
        _ => (0_i64..40).prop_map(time).boxed(),
    };
    let scalar = proptest::sample::select(vec!["s", "n", "f", "b", "t", "$createdAt", "$sequence", "$id"]).prop_flat_map(move |key| {
        (proptest::sample::select(ranged.clone()), value(key), value(key)).prop_map(move |(m, a, b)| {
            let values = match m {
                Method::Equal | Method::Between | Method::NotBetween => vec![a, b],
                _ => vec![a],
            };
            Query::new(m, key, values)
        })
    });
    let null = (proptest::sample::select(vec!["s", "n", "f", "b", "t", "tags"]), any::<bool>())
        .prop_map(|(k, is)| Query::new(if is { Method::IsNull } else { Method::IsNotNull }, k, vec![]));
    let single = (proptest::sample::select(vec!["n", "b", "s"]), -2_i64..3, any::<bool>(), text()).prop_map(|(k, n, b, s)| {
        Query::new(
            Method::Equal,
            k,
            vec![match k {
                "n" => n.into(),
                "b" => b.into(),
                _ => s,
            }],
        )
    });
    let likes =
        (proptest::sample::select(vec![Method::StartsWith, Method::NotEndsWith, Method::Contains]), text()).prop_map(|(m, v)| Query::new(m, "s", vec![v]));
    let lists = (proptest::sample::select(vec![Method::Contains, Method::ContainsAll, Method::NotContains]), text(), text())
        .prop_map(|(m, a, b)| Query::new(m, "tags", vec![a, b]));
    let search = (
        proptest::sample::select(vec![
            "red",
            "apple",
            "green bike",
            "\"red apple\"",
            "zzz",
            "\"bike\"",
            "the app",
            "京都",
            "東京都",
            "\"東京都 red\"",
            "🌍 bik",
            "\"the red apple\"",
        ]),
        any::<bool>(),
    )
        .prop_map(|(t, is)| Query::new(if is { Method::Search } else { Method::NotSearch }, "body", vec![t.into()]));
    prop_oneof![4 => scalar, 1 => null, 3 => single, 1 => likes, 2 => lists, 1 => search]
}

fn filter() -> impl Strategy<Value = Query> {
    leaf().prop_recursive(2, 6, 3, |inner| {
        (proptest::sample::select(vec![Method::And, Method::Or]), proptest::collection::vec(inner, 2..4)).prop_map(|(m, n)| Query::nested(m, "", n))
    })
}

fn list() -> impl Strategy<Value = (Find, Option<usize>)> {
    let key = proptest::sample::select(vec!["s", "n", "f", "b", "t", "$createdAt", "$updatedAt", "$sequence", "$id"]);
    let orders = proptest::collection::vec((key, any::<bool>()), 0..3);
    let total = prop_oneof![Just(Total::None), Just(Total::Exact), Just(Total::Capped(5))];
    (proptest::collection::vec(filter(), 0..3), orders, 0_u64..12, 0_u64..4, proptest::option::of((any::<usize>(), any::<bool>())), total).prop_map(
        |(filters, orders, limit, offset, cursor, total)| {
            let orders = orders.into_iter().map(|(k, d)| (k.to_owned(), d)).collect();
            let at = cursor.map(|(i, _)| i);
            let cursor = cursor.map(|(_, before)| Cursor { id: String::new(), before });
            (Find { filters, orders, limit, offset, cursor, total, ..Find::default() }, at)
        },
    )
}

fn indexes() -> Vec<Index> {
    let (asc, desc) = (Some(Order::Asc), Some(Order::Desc));
    vec![
        index("s", IndexKind::Key, &["s"], &[]),
        index("n", IndexKind::Key, &["n"], &[desc]),
        index("ns", IndexKind::Key, &["n", "s"], &[asc, desc]),
        index("bt", IndexKind::Key, &["b", "t"], &[]),
        index("f", IndexKind::Key, &["f"], &[]),
        index("tags", IndexKind::Key, &["tags"], &[]),
        index("btags", IndexKind::Key, &["b", "tags"], &[]),
        index("u", IndexKind::Unique, &["s", "n", "t"], &[]),
        index("nc", IndexKind::Key, &["n", "$createdAt"], &[]),
        index("body", IndexKind::Fulltext, &["body"], &[]),
    ]
}

/// Any plain index there can be: one to four fields in any order, each in any direction.
fn any_index() -> impl Strategy<Value = (Vec<String>, Vec<Option<Order>>)> {
    let fields = vec!["s", "n", "f", "b", "t", "tags", "$createdAt", "$updatedAt", "$id"];
    let order = proptest::sample::select(vec![None, Some(Order::Asc), Some(Order::Desc)]);
    (proptest::sample::subsequence(fields, 1..=4).prop_shuffle(), proptest::collection::vec(order, 0..4))
        .prop_map(|(fields, orders)| (fields.into_iter().map(str::to_owned).collect(), orders))
}

fn named(at: usize, (attributes, orders): (Vec<String>, Vec<Option<Order>>)) -> Index {
    let fields: Vec<&str> = attributes.iter().map(String::as_str).collect();
    index(&format!("r{at}"), IndexKind::Key, &fields, &orders)
}

fn spec(indexes: Vec<Index>, open: bool) -> CollectionSpec {
    CollectionSpec {
        name: "c".into(),
        permissions: if open { vec!["read(\"user:b\")".into()] } else { vec![] },
        document_security: true,
        attributes: vec![
            attribute("s", Kind::String, false),
            attribute("n", Kind::Integer, false),
            attribute("f", Kind::Double, false),
            attribute("b", Kind::Boolean, false),
            attribute("t", Kind::Datetime, false),
            attribute("tags", Kind::String, true),
            attribute("body", Kind::String, false),
        ],
        indexes,
    }
}

/// Runs the steps on the engine and the model alike.
fn play(db: &Database, coll: &Arc<Collection>, steps: Vec<Step>) -> Vec<Model> {
    let coll = coll.clone();
    db.write(move |w| -> Result<Vec<Model>, DbError> {
        let mut model: Vec<Model> = Vec::new();
        let key = |d: &serde_json::Map<String, Value>| (d["s"].clone(), d["n"].clone(), d["t"].clone());
        let clash = |model: &[Model], d: &serde_json::Map<String, Value>, but: &str| {
            let k = key(d);
            !(k.0.is_null() || k.1.is_null() || k.2.is_null()) && coll.index("u").is_some() && model.iter().any(|m| m.id != but && key(&m.data) == k)
        };
        let strings = |p: &[&str]| p.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        for (n, step) in steps.into_iter().enumerate() {
            let at = n as i64 / 2;
            let pick = |i: usize, len: usize| if len == 0 { None } else { Some(i % len) };
            match step {
                Step::Make(data, permissions) => {
                    let doc = new(&format!("d{n}"), at * 1000, &permissions, data.clone());
                    let map = doc.data.clone();
                    let clash = clash(&model, &map, "");
                    match w.create(&SYS, &coll, doc) {
                        Ok(d) => {
                            assert!(!clash);
                            model.push(Model { id: d.id, sequence: d.sequence, at: Timestamp(at * 1000), permissions: strings(&permissions), data: map });
                        }
                        Err(e) => assert!(clash && e == DbError::Unique("u".into()), "{e:?}"),
                    }
                }
                Step::Change(i, data, permissions) => {
                    let Some(i) = pick(i, model.len()) else { continue };
                    let mut update = change(model[i].at.0, data.clone());
                    update.permissions = permissions.as_deref().map(strings);
                    let map = update.data.clone();
                    let clash = clash(&model, &map, &model[i].id.clone());
                    match w.update(&SYS, &coll, &model[i].id.clone(), update) {
                        Ok(_) => {
                            assert!(!clash);
                            model[i].data = map;
                            if let Some(p) = permissions {
                                model[i].permissions = strings(&p);
                            }
                        }
                        Err(e) => assert!(clash && e == DbError::Unique("u".into()), "{e:?}"),
                    }
                }
                Step::Remove(i) => {
                    let Some(i) = pick(i, model.len()) else { continue };
                    let gone = model.remove(i);
                    w.delete(&SYS, &coll, &gone.id, None)?;
                }
            }
        }
        Ok(model)
    })
    .unwrap()
}

/// How many of the roles may read any document.
fn readers(model: &[Model], roles: &Roles) -> usize {
    roles.iter().filter(|role| model.iter().any(|d| d.permissions.iter().any(|p| *p == format!("read(\"{role}\")")))).count()
}

/// Compares all ways of one list.
fn compare(db: &Database, coll: &Collection, model: &[Model], access: &Access, find: &Find) {
    if let Err(e) = queries::validate(coll, find) {
        // The only thing these lists may do wrong: searching without an index.
        assert!(coll.index("body").is_none() && e.to_string().contains("fulltext"), "{e}");
        return;
    }
    let all_visible = access.allows(&coll.permissions, Action::Read);
    let reader = db.read();
    let null_cursor = find.cursor.as_ref().is_some_and(|c| {
        let at = model.iter().find(|d| d.id == c.id).unwrap();
        find.orders.iter().any(|(k, _)| at.field(k).is_null())
    });
    let mut ways = 1;
    let mut way = 0;
    while way <= ways {
        // The last round leaves the choice to the planner.
        PICK.set((if way == ways { None } else { Some(way) }, 1));
        let found = reader.find(access, coll, find);
        let plan = reader.explain(access, coll, find);
        if way < ways {
            ways = PICK.get().1;
        }
        way += 1;
        if null_cursor {
            assert!(matches!(found, Err(DbError::OrderNull(_))), "{found:?}");
            continue;
        }
        let found = found.unwrap();
        let (page, total) = naive(model, access, all_visible, find);
        let ids: Vec<String> = found.documents.iter().map(|d| d.id.clone()).collect();
        assert_eq!(ids, page, "{plan:?}\n{find:#?}");
        let cap = match find.total {
            Total::None => 0,
            Total::Capped(n) => n,
            Total::Exact => u64::MAX,
        };
        // What a counter knows is told without a cap.
        let known = find.filters.is_empty() && (all_visible || access.roles().is_some_and(|r| readers(model, r) < 2));
        assert_eq!(found.total, if known && cap > 0 { total } else { total.min(cap) }, "{plan:?}\n{find:#?}");
        assert_eq!(reader.count(access, coll, &find.filters, None).unwrap(), total, "{plan:?}\n{find:#?}");
    }
    PICK.set((None, 0));
    figures(&reader, coll, model, access, find);
}

/// Compares figures by groups with those made by hand.
fn figures(reader: &Reader, coll: &Collection, model: &[Model], access: &Access, find: &Find) {
    let all_visible = access.allows(&coll.permissions, Action::Read);
    let seen: Vec<&Model> = model.iter().filter(|d| (all_visible || d.seen_by(access)) && find.filters.iter().all(|q| holds(q, d))).collect();
    let of = |key: &str| key.to_owned();
    let asked = Aggregate {
        filters: find.filters.clone(),
        group_by: find.orders.iter().map(|(k, _)| k.clone()).filter(|k| k != "$sequence").take(1).collect(),
        figures: vec![Figure::Count, Figure::Sum(of("n")), Figure::Avg(of("f")), Figure::Min(of("s")), Figure::Max(of("t")), Figure::Distinct(of("b"))],
    };
    let groups = reader.aggregate(access, coll, &asked).unwrap();
    let mut by: Vec<Vec<Value>> = seen.iter().map(|d| asked.group_by.iter().map(|k| d.field(k)).collect()).collect();
    by.sort_by(|a, b| a.iter().zip(b).map(|(a, b)| order(a, b)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal));
    by.dedup_by(|a, b| a.iter().zip(b.iter()).all(|(a, b)| order(a, b).is_eq()));
    if asked.group_by.is_empty() {
        by = vec![vec![]];
    }
    assert_eq!(groups.len(), by.len(), "{asked:?}");
    for (group, by) in groups.iter().zip(by) {
        assert!(group.by.iter().zip(&by).all(|(a, b)| order(a, b).is_eq()), "{group:?} {by:?}");
        let of_group: Vec<&&Model> = seen.iter().filter(|d| asked.group_by.iter().zip(&by).all(|(k, v)| order(&d.field(k), v).is_eq())).collect();
        let values = |key: &str| of_group.iter().map(|d| d.field(key)).filter(|v| !v.is_null()).collect::<Vec<_>>();
        let best = |key: &str, wanted: Ordering| values(key).into_iter().reduce(|a, b| if order(&b, &a) == wanted { b } else { a }).unwrap_or_default();
        let fractions: Vec<f64> = values("f").iter().filter_map(Value::as_f64).collect();
        let mean = if fractions.is_empty() { Value::Null } else { json!(fractions.iter().sum::<f64>() / fractions.len() as f64) };
        let mut switches: Vec<bool> = values("b").iter().filter_map(Value::as_bool).collect();
        switches.sort_unstable();
        switches.dedup();
        let sum: i64 = values("n").iter().filter_map(Value::as_i64).sum();
        let expected = [json!(of_group.len()), json!(sum), mean, best("s", Ordering::Less), best("t", Ordering::Greater), json!(switches.len())];
        assert_eq!(group.figures.as_slice(), expected, "{asked:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
    #[test]
    fn all_ways_agree(
        steps in proptest::collection::vec(step(), 0..28),
        chosen in proptest::sample::subsequence(indexes(), 0..10),
        random in proptest::collection::vec(any_index(), 0..4),
        late in any::<bool>(),
        building in any::<bool>(),
        open_to_b in any::<bool>(),
        lists in proptest::collection::vec((list(), proptest::option::of(proptest::sample::subsequence(ROLES.to_vec(), 0..4))), 1..8),
    ) {
        let (db, _dir) = open(if building { 3 } else { 5_000 });
        let chosen: Vec<Index> = chosen.into_iter().chain(random.into_iter().enumerate().map(|(at, fields)| named(at, fields))).collect();
        let (now, then) = if late && !chosen.iter().any(|i| i.key == "u") { (vec![], chosen) } else { (chosen, vec![]) };
        let mut coll = db.write(move |w| w.create_collection(Namespace(0), spec(now, open_to_b))).unwrap();
        let model = play(&db, &coll, steps);
        for i in then {
            let c = coll.clone();
            coll = db.write(move |w| w.create_index(&c, i)).unwrap();
        }
        for ((mut find, at), roles) in lists {
            if let Some(cursor) = &mut find.cursor {
                match at.filter(|_| !model.is_empty()).and_then(|i| model.get(i % model.len())) {
                    Some(d) => cursor.id.clone_from(&d.id),
                    None => find.cursor = None,
                }
            }
            let access = roles.map_or(SYS, |r| Access::of(Roles::new(r)));
            // Some indexes may still be being filled; they are not used, and answers are right.
            coll = db.read().collection(Namespace(0), "c").unwrap().unwrap();
            compare(&db, &coll, &model, &access, &find);
        }
    }
}
