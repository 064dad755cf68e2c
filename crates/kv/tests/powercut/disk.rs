//! A disk with a cache: which operations are safe, and what may be left of the others.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::workload::Rng;

/// Least unit a disk writes whole.
const SECTOR: usize = 512;
const PAGE: usize = 4096;

/// What the writer did, in order. Paths are relative to the folder.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Create(PathBuf),
    MakeDir(PathBuf),
    Rename(PathBuf, PathBuf),
    /// A file or an empty folder.
    Remove(PathBuf),
    Write(PathBuf, u64, Arc<[u8]>),
    SetLen(PathBuf, u64),
    /// A sync of a file or folder begins; the number pairs it with its end.
    SyncStart(PathBuf, i32),
    SyncEnd(i32),
    Acknowledged(u64, u64),
}

/// Contents of a file; pages that are absent are zero.
#[derive(Clone, Default)]
struct Content {
    pages: BTreeMap<u64, Box<[u8; PAGE]>>,
    len: u64,
}

impl Content {
    fn write(&mut self, offset: u64, data: &[u8]) {
        let mut done = 0;
        while done < data.len() {
            let position = offset as usize + done;
            let (page, within) = (position / PAGE, position % PAGE);
            let count = (PAGE - within).min(data.len() - done);
            let page = self.pages.entry(page as u64).or_insert_with(|| Box::new([0; PAGE]));
            page[within..within + count].copy_from_slice(&data[done..done + count]);
            done += count;
        }
        self.len = self.len.max(offset + data.len() as u64);
    }

    fn set_len(&mut self, len: u64) {
        if len < self.len {
            self.pages.retain(|page, _| page * (PAGE as u64) < len);
            if let Some(page) = self.pages.get_mut(&(len / PAGE as u64)) {
                page[(len % PAGE as u64) as usize..].fill(0);
            }
        }
        self.len = len;
    }

    fn save(&self, path: &Path) {
        let file = std::fs::File::create(path).expect("a file");
        for (page, data) in &self.pages {
            file.write_all_at(&data[..], page * PAGE as u64).expect("a write");
        }
        file.set_len(self.len).expect("a length");
    }
}

#[derive(Clone)]
enum Change {
    Write(u64, Arc<[u8]>),
    SetLen(u64),
}

#[derive(Default)]
struct Inode {
    safe: Content,
    /// Changes since, with their place in the order of all.
    pending: Vec<(u64, Change)>,
}

/// A change of names; `u64` is an inode.
#[derive(Clone)]
enum Naming {
    Add(PathBuf, u64),
    MakeDir(PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

impl Naming {
    /// Whether a sync of `path` (a file, or the folder it is in) makes this safe.
    fn concerns(&self, path: &Path) -> bool {
        let within = |p: &Path| p == path || p.parent() == Some(path);
        match self {
            Self::Add(p, _) | Self::MakeDir(p) => within(p),
            Self::Rename(a, b) => within(b) || a.parent() == Some(path),
            Self::Remove(p) => p.parent() == Some(path),
        }
    }
}

#[derive(Clone, Default)]
struct Names {
    files: BTreeMap<PathBuf, u64>,
    dirs: BTreeSet<PathBuf>,
}

impl Names {
    fn apply(&mut self, naming: &Naming) {
        match naming {
            Naming::Add(path, inode) => {
                self.files.insert(path.clone(), *inode);
            }
            Naming::MakeDir(path) => {
                self.dirs.insert(path.clone());
            }
            Naming::Rename(from, to) => {
                if let Some(inode) = self.files.remove(from) {
                    self.files.insert(to.clone(), inode);
                } else if self.dirs.remove(from) {
                    self.dirs.insert(to.clone());
                }
            }
            Naming::Remove(path) => {
                self.files.remove(path);
                self.dirs.remove(path);
            }
        }
    }
}

struct Sync {
    /// The file synced, and the place of the last change that is included.
    inode: Option<u64>,
    until: u64,
    /// So many pending namings become safe, counted from the beginning of time.
    namings: u64,
}

/// How the cache is lost.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loss {
    /// Nothing but what was synced is left.
    All,
    /// Everything is left.
    Nothing,
    /// Any of the changes are.
    Changes,
    /// Any of the sectors are.
    Sectors,
    /// What came before a moment is, the change of that moment in part.
    Suffix,
}

impl Loss {
    pub(crate) fn any(rng: &mut Rng) -> Self {
        [Self::All, Self::Nothing, Self::Changes, Self::Sectors, Self::Suffix][rng.below(5) as usize]
    }
}

/// The model.
#[derive(Default)]
pub(crate) struct Disk {
    inodes: BTreeMap<u64, Inode>,
    live: Names,
    safe: Names,
    /// Changes of names since, in order. A journaling file system keeps a prefix of them.
    namings: Vec<Naming>,
    /// Namings that have become safe.
    settled: u64,
    syncs: HashMap<i32, Sync>,
    clock: u64,
}

impl Disk {
    /// A folder as it is, all of it safe.
    pub(crate) fn of(root: &Path) -> Self {
        let mut disk = Self::default();
        disk.load(root, Path::new(""));
        disk.safe = disk.live.clone();
        disk
    }

    fn load(&mut self, root: &Path, dir: &Path) {
        for entry in std::fs::read_dir(root.join(dir)).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = dir.join(entry.file_name());
            if entry.file_type().expect("a type").is_dir() {
                self.live.dirs.insert(path.clone());
                self.load(root, &path);
                continue;
            }
            let data = std::fs::read(entry.path()).expect("a file");
            let mut inode = Inode::default();
            for (page, bytes) in (0..).zip(data.chunks(PAGE)) {
                if *bytes != [0; PAGE][..bytes.len()] {
                    inode.safe.write(page * PAGE as u64, bytes);
                }
            }
            inode.safe.len = data.len() as u64;
            self.add(path, inode);
        }
    }

    fn add(&mut self, path: PathBuf, inode: Inode) -> u64 {
        let id = self.inodes.len() as u64;
        self.inodes.insert(id, inode);
        self.live.files.insert(path, id);
        id
    }

    fn name(&mut self, naming: Naming) {
        self.live.apply(&naming);
        self.namings.push(naming);
    }

    fn change(&mut self, path: &Path, change: Change) {
        self.clock += 1;
        let inode = self.live.files.get(path).and_then(|id| self.inodes.get_mut(id));
        inode.unwrap_or_else(|| panic!("{} is unknown", path.display())).pending.push((self.clock, change));
    }

    /// Goes on by an event.
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Create(path) => {
                let id = self.add(path.clone(), Inode::default());
                self.name(Naming::Add(path.clone(), id));
            }
            Event::MakeDir(path) => self.name(Naming::MakeDir(path.clone())),
            Event::Rename(from, to) => self.name(Naming::Rename(from.clone(), to.clone())),
            Event::Remove(path) => self.name(Naming::Remove(path.clone())),
            Event::Write(path, offset, data) => self.change(path, Change::Write(*offset, Arc::clone(data))),
            Event::SetLen(path, len) => self.change(path, Change::SetLen(*len)),
            Event::SyncStart(path, id) => {
                let included = self.namings.iter().rposition(|n| n.concerns(path)).map_or(0, |last| last as u64 + 1);
                let sync = Sync { inode: self.live.files.get(path).copied(), until: self.clock, namings: self.settled + included };
                self.syncs.insert(*id, sync);
            }
            Event::SyncEnd(id) => {
                let sync = self.syncs.remove(id).expect("a sync that began");
                self.settle(&sync);
            }
            Event::Acknowledged(..) => {}
        }
    }

    fn settle(&mut self, sync: &Sync) {
        if let Some(inode) = sync.inode.and_then(|id| self.inodes.get_mut(&id)) {
            let split = inode.pending.partition_point(|(at, _)| *at <= sync.until);
            for (_, change) in inode.pending.drain(..split) {
                keep(&mut inode.safe, &change);
            }
        }
        while self.settled < sync.namings {
            self.safe.apply(&self.namings.remove(0));
            self.settled += 1;
        }
    }

    /// Writes a folder that a power cut at this moment could leave.
    pub(crate) fn cut(&self, root: &Path, loss: Loss, rng: &mut Rng) {
        let mut names = self.safe.clone();
        let kept = match loss {
            Loss::All => 0,
            Loss::Nothing => self.namings.len(),
            _ => rng.below(self.namings.len() as u64 + 1) as usize,
        };
        self.namings.iter().take(kept).for_each(|n| names.apply(n));
        for dir in &names.dirs {
            std::fs::create_dir_all(root.join(dir)).expect("a folder");
        }
        let pending = || self.inodes.values().flat_map(|i| i.pending.iter().map(|(at, _)| *at));
        let oldest = pending().min().unwrap_or(0);
        let moment = oldest + rng.below(self.clock + 1 - oldest.min(self.clock));
        for (path, id) in &names.files {
            let inode = &self.inodes[id];
            let mut content = inode.safe.clone();
            for (at, change) in &inode.pending {
                match loss {
                    Loss::All => {}
                    Loss::Nothing => keep(&mut content, change),
                    Loss::Changes if rng.below(2) == 0 => keep(&mut content, change),
                    Loss::Changes => {}
                    Loss::Suffix if *at < moment => keep(&mut content, change),
                    Loss::Suffix if *at > moment => {}
                    Loss::Sectors | Loss::Suffix => keep_some(&mut content, change, rng),
                }
            }
            content.save(&root.join(path));
        }
    }
}

fn keep(content: &mut Content, change: &Change) {
    match change {
        Change::Write(offset, data) => content.write(*offset, data),
        Change::SetLen(len) => content.set_len(*len),
    }
}

/// Some sectors of a write.
fn keep_some(content: &mut Content, change: &Change, rng: &mut Rng) {
    let Change::Write(offset, data) = change else {
        if rng.below(2) == 0 {
            keep(content, change);
        }
        return;
    };
    let mut at = 0;
    while at < data.len() {
        let position = *offset as usize + at;
        let end = data.len().min(at + SECTOR - position % SECTOR);
        if rng.below(2) == 0 {
            content.write(position as u64, &data[at..end]);
        }
        at = end;
    }
}
