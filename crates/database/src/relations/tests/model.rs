//! Random documents and links against a set of pairs.
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use protocol::Query;
use protocol::query::Method;

const DOCS: u8 = 6;

/// A step; numbers are ids (those above [`DOCS`] never exist).
#[derive(Clone, Debug)]
enum Step {
    Create { side: bool, id: u8, partners: Vec<(u8, bool)> },
    Update { side: bool, id: u8, partners: Vec<(u8, bool)> },
    Delete { side: bool, id: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // A partner as an id or, with `true`, as a whole document.
    let partners = || proptest::collection::vec((0..DOCS + 2, any::<bool>()), 0..4);
    let step = (any::<bool>(), 0..DOCS, partners(), 0..5_u8).prop_map(|(side, id, partners, what)| match what {
        0 | 1 => Step::Create { side, id, partners },
        2 | 3 => Step::Update { side, id, partners },
        _ => Step::Delete { side, id },
    });
    proptest::collection::vec(step, 1..40)
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    /// Documents of each side (`true`: the parent's).
    docs: BTreeMap<bool, BTreeSet<u8>>,
    /// Parent and child.
    links: BTreeSet<(u8, u8)>,
}

struct Rules {
    kind: RelationKind,
    two_way: bool,
    on_delete: OnDelete,
}

impl Rules {
    fn is_list(&self, side: bool) -> bool {
        match self.kind {
            RelationKind::OneToOne => false,
            RelationKind::OneToMany => side,
            RelationKind::ManyToOne => !side,
            RelationKind::ManyToMany => true,
        }
    }
    fn speaks(&self, side: bool) -> bool {
        side || self.two_way
    }
}

impl Model {
    fn has(&self, side: bool, id: u8) -> bool {
        self.docs.get(&side).is_some_and(|d| d.contains(&id))
    }
    fn pair(side: bool, own: u8, other: u8) -> (u8, u8) {
        if side { (own, other) } else { (other, own) }
    }
    fn partners(&self, side: bool, id: u8) -> Vec<u8> {
        self.links.iter().filter_map(|(p, c)| if side { (*p == id).then_some(*c) } else { (*c == id).then_some(*p) }).collect()
    }
    fn unlink_all(&mut self, side: bool, id: u8) {
        self.links.retain(|(p, c)| if side { *p != id } else { *c != id });
    }

    /// A document gets exactly these partners; `None` when the engine must refuse.
    fn relate(&mut self, rules: &Rules, side: bool, id: u8, partners: &[(u8, bool)]) -> Option<()> {
        self.unlink_all(side, id);
        for (partner, whole) in partners {
            if *whole {
                self.docs.entry(!side).or_default().insert(*partner);
            } else if !self.has(!side, *partner) {
                continue;
            }
            if !rules.is_list(!side) {
                let taken = self.partners(!side, *partner).iter().any(|p| *p != id);
                if rules.kind == RelationKind::OneToOne && taken {
                    return None;
                }
                self.unlink_all(!side, *partner);
            }
            self.links.insert(Self::pair(side, id, *partner));
        }
        Some(())
    }

    fn delete(&mut self, rules: &Rules, side: bool, id: u8) -> Option<()> {
        let pointed_at = match rules.kind {
            RelationKind::ManyToOne => !side,
            _ => side,
        };
        let partners = self.partners(side, id);
        if rules.on_delete == OnDelete::Restrict && pointed_at && !partners.is_empty() {
            return None;
        }
        self.docs.entry(side).or_default().remove(&id);
        self.unlink_all(side, id);
        let cascades = match rules.kind {
            RelationKind::OneToOne => side || rules.two_way,
            _ => pointed_at,
        };
        if rules.on_delete == OnDelete::Cascade && cascades {
            for partner in partners {
                if self.has(!side, partner) {
                    self.delete(rules, !side, partner)?;
                }
            }
        }
        Some(())
    }
}

fn name(side: bool, id: u8) -> String {
    format!("{}{id}", if side { "a" } else { "b" })
}

fn data(rules: &Rules, side: bool, partners: &[(u8, bool)]) -> Value {
    let item = |(id, whole): &(u8, bool)| {
        let name = name(!side, *id);
        if *whole { json!({"$id": name, "n": id}) } else { json!(name) }
    };
    let key = if side { "bs" } else { "as" };
    if rules.is_list(side) { json!({key: partners.iter().map(item).collect::<Vec<_>>()}) } else { json!({key: partners.first().map(item)}) }
}

fn run(rules: &Rules, steps: Vec<Step>) {
    let (db, _dir) = open(5_000);
    let (a, b) = pair(&db, rules.kind, rules.two_way, rules.on_delete);
    let coll = |side: bool| if side { &a } else { &b };
    let mut model = Model::default();
    for step in steps {
        let before = model.clone();
        let (wanted, done) = match &step {
            Step::Create { side, id, partners } => {
                let partners = if rules.is_list(*side) { partners.as_slice() } else { partners.get(..1.min(partners.len())).unwrap() };
                let new = !model.has(*side, *id);
                model.docs.entry(*side).or_default().insert(*id);
                let mut values = if rules.speaks(*side) { data(rules, *side, partners) } else { json!({}) };
                values["n"] = json!(id);
                let fits = new && (!rules.speaks(*side) || model.relate(rules, *side, *id, partners).is_some());
                (fits, create(&db, coll(*side), &name(*side, *id), values).map(drop))
            }
            Step::Update { side, id, partners } => {
                if !rules.speaks(*side) {
                    continue;
                }
                let partners = if rules.is_list(*side) { partners.as_slice() } else { partners.get(..1.min(partners.len())).unwrap() };
                let fits = model.has(*side, *id) && model.relate(rules, *side, *id, partners).is_some();
                (fits, update(&db, coll(*side), &name(*side, *id), data(rules, *side, partners)).map(drop))
            }
            Step::Delete { side, id } => {
                let fits = model.has(*side, *id) && model.delete(rules, *side, *id).is_some();
                (fits, delete(&db, coll(*side), &name(*side, *id)).map(drop))
            }
        };
        assert_eq!(wanted, done.is_ok(), "{step:?} on {before:?}: {done:?}");
        if !wanted {
            model = before;
        }
        compare(&db, rules, &model, &a, &b);
    }
}

fn compare(db: &Database, rules: &Rules, model: &Model, a: &Arc<Collection>, b: &Arc<Collection>) {
    for (side, coll, key) in [(true, a, "bs"), (false, b, "as")] {
        let all = db.read().find(&SYS, coll, &Find { limit: 100, ..Find::default() }).unwrap();
        let mut there = ids(&all);
        there.sort();
        let docs: Vec<String> = model.docs.get(&side).into_iter().flatten().map(|id| name(side, *id)).collect();
        assert_eq!(there, docs);
        if !rules.speaks(side) {
            continue;
        }
        for (id, mut partners) in shown(db, coll, key) {
            partners.sort();
            let number: u8 = id[1..].parse().unwrap();
            let wanted: Vec<String> = model.partners(side, number).into_iter().map(|p| name(!side, p)).collect();
            assert_eq!(partners, wanted, "{id}: {model:?}");
        }
        for n in 0..DOCS {
            let find = Find { filters: vec![Query::equal(&format!("{key}.n"), n)], limit: 100, ..Find::default() };
            let mut found = ids(&db.read().find(&SYS, coll, &find).unwrap());
            found.sort();
            let mut wanted: Vec<String> = model.partners(!side, n).into_iter().map(|p| name(side, p)).collect();
            wanted.sort();
            assert_eq!(found, wanted, "{key}.n = {n}");
        }
        if !rules.is_list(side) {
            let none = Find { filters: vec![Query::new(Method::IsNull, key, vec![])], limit: 100, ..Find::default() };
            let found = ids(&db.read().find(&SYS, coll, &none).unwrap()).len();
            assert_eq!(found, docs.iter().filter(|d| model.partners(side, d[1..].parse().unwrap()).is_empty()).count());
        }
    }
}

fn kinds() -> impl Strategy<Value = RelationKind> {
    proptest::sample::select(vec![RelationKind::OneToOne, RelationKind::OneToMany, RelationKind::ManyToOne, RelationKind::ManyToMany])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn links_are_those_of_the_model(
        kind in kinds(),
        two_way in any::<bool>(),
        on_delete in proptest::sample::select(vec![OnDelete::Restrict, OnDelete::Cascade, OnDelete::SetNull]),
        steps in steps(),
    ) {
        run(&Rules { kind, two_way, on_delete }, steps);
    }
}
