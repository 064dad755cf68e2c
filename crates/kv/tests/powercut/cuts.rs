//! Choosing moments to cut, and judging what is left.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kv::EngineKind;

use crate::disk::{Disk, Event, Loss};
use crate::trace;
use crate::workload::{self, Rng, THREADS};

/// Transactions of each thread in a run.
const LIMIT: u64 = 120;
/// Cuts tried on the record of one run.
const CUTS_OF_A_RUN: u64 = 12;

/// Records writers and cuts the power on them.
pub(crate) fn cut(kind: EngineKind) {
    let cuts = workload::setting("FERRITE_POWERCUTS").unwrap_or(24);
    let seed = workload::seed();
    let mut rng = Rng(seed);
    let place = tempfile::tempdir().expect("a folder");
    let mut folder = place.path().join("run-0");
    std::fs::create_dir(&folder).expect("a folder");
    let mut acknowledged = [0; THREADS as usize];
    let (mut done, mut run, mut syncs) = (0, 0, 0);
    while done < cuts {
        let disk = Disk::of(&folder);
        let events = trace::record(workload::worker(kind, &folder, LIMIT), &folder);
        syncs += events.iter().filter(|e| matches!(e, Event::SyncEnd(_))).count();
        run += 1;
        let next = place.path().join(format!("run-{run}"));
        let count = CUTS_OF_A_RUN.min(cuts - done);
        let report = |e: String| -> String {
            let kept: PathBuf = std::env::temp_dir().join(format!("ferrite-powercut-{}", std::process::id()));
            let _ = std::fs::rename(place.path(), &kept);
            format!("{kind}, run {run}, FERRITE_SEED={seed}: {e}; the folders are kept: {}", kept.display())
        };
        let mut cutter = Cutter { kind, disk, place: place.path(), next: &next, acknowledged };
        cutter.run(&events, count, &mut rng).unwrap_or_else(|e| panic!("{}", report(e)));
        acknowledged = cutter.acknowledged;
        std::fs::remove_dir_all(&folder).expect("a folder");
        folder = next;
        done += count;
    }
    println!(
        "{kind}: {done} power cuts in {run} runs, {syncs} syncs, {} transactions acknowledged and left; none lost, none torn",
        acknowledged.iter().sum::<u64>()
    );
}

struct Cutter<'a> {
    kind: EngineKind,
    disk: Disk,
    place: &'a Path,
    /// The last cut is left here for the next run.
    next: &'a Path,
    acknowledged: [u64; THREADS as usize],
}

impl Cutter<'_> {
    fn run(&mut self, events: &[Event], count: u64, rng: &mut Rng) -> Result<(), String> {
        let mut moments: Vec<usize> = (0..count).map(|_| rng.below(events.len() as u64 + 1) as usize).collect();
        moments.sort_unstable();
        let mut at = 0;
        for (i, moment) in (1..).zip(moments) {
            while at < moment {
                self.disk.apply(&events[at]);
                if let Event::Acknowledged(thread, n) = events[at] {
                    self.acknowledged[thread as usize] = n;
                }
                at += 1;
            }
            let last = i == count;
            let loss = Loss::any(rng);
            self.cut(loss, rng, last).map_err(|e| format!("cut after event {at} of {}, lost {loss:?}: {e}", events.len()))?;
        }
        Ok(())
    }

    fn cut(&mut self, loss: Loss, rng: &mut Rng, last: bool) -> Result<(), String> {
        let left = self.place.join("left");
        let again = Rng(rng.0);
        std::fs::create_dir(&left).map_err(|e| e.to_string())?;
        self.disk.cut(&left, loss, rng);
        let mut found = self.acknowledged;
        workload::check(self.kind, &left, &mut found)?;
        std::fs::remove_dir_all(&left).map_err(|e| e.to_string())?;
        if last {
            // The same cut once more, not yet opened by anybody.
            std::fs::create_dir(self.next).map_err(|e| e.to_string())?;
            self.disk.cut(self.next, loss, &mut { again });
            self.acknowledged = found;
        }
        Ok(())
    }
}

/// The judge itself can fail: what was not synced is lost, what was is not.
pub(crate) fn the_model_loses_unsynced_data() {
    let place = tempfile::tempdir().expect("a folder");
    let mut disk = Disk::default();
    let file = PathBuf::from("a");
    let data: Arc<[u8]> = vec![7; 2_000].into();
    disk.apply(&Event::Create(file.clone()));
    disk.apply(&Event::Write(file.clone(), 0, Arc::clone(&data)));
    disk.apply(&Event::SyncStart(file.clone(), 1));
    disk.apply(&Event::Write(file.clone(), 2_000, data));
    disk.apply(&Event::SyncEnd(1));
    disk.apply(&Event::Rename(file, PathBuf::from("b")));
    let mut rng = Rng(1);
    let mut left = |name: &str, loss: Loss| {
        let root = place.path().join(name);
        std::fs::create_dir(&root).expect("a folder");
        disk.cut(&root, loss, &mut rng);
        root
    };
    let all = left("all", Loss::All);
    assert_eq!(std::fs::read(all.join("a")).expect("the old name"), vec![7; 2_000]);
    let nothing = left("nothing", Loss::Nothing);
    assert_eq!(std::fs::read(nothing.join("b")).expect("the new name").len(), 4_000);
    let torn: Vec<usize> = (0..40)
        .map(|i| {
            let root = left(&format!("torn-{i}"), Loss::Sectors);
            std::fs::read(root.join("a")).or_else(|_| std::fs::read(root.join("b"))).expect("a name").iter().filter(|b| **b == 7).count()
        })
        .collect();
    assert!(torn.iter().all(|n| *n >= 2_000) && torn.iter().any(|n| *n > 2_000 && *n < 4_000), "{torn:?}");
}
