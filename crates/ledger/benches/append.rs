//! Durable appends of 1, 32 and 512 entries, beside a bare write and `fdatasync` of as many bytes.
//!
//! On a disk file system: the target folder, never a memory file system.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops at its first error")]

use std::fs::OpenOptions;
use std::hint::black_box;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use huxin_attest::{Ed25519Key, SystemRandom, UnixMs, merkle::leaf_hash, sha256};
use huxin_ledger::tree::Tree;
use huxin_ledger::{Entry, FileSettings, FileStore, Leaf, LeafType, Log, Salt};

/// About what one answer keeps: a public part for good, and a salt, a query and digests until they are erased.
const PUBLIC_LEN: usize = 100;
const DETAILS_LEN: usize = 480;

/// A record's bytes beside leaves and details: frame, counts and checkpoint.
const FRAME_LEN: usize = 260;

fn folder() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    target.join("append-bench")
}

fn entry(number: u64) -> Entry {
    let commitment = sha256(&[&number.to_be_bytes()]);
    let leaf = Leaf { leaf_type: LeafType::Answer, at: UnixMs::default(), commitment };
    Entry::new(&leaf, Salt([7; 16]), vec![7; PUBLIC_LEN], vec![7; DETAILS_LEN]).unwrap()
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append");
    for size in [1, 32, 512] {
        group.throughput(Throughput::Elements(size));
        let folder = folder();
        let _ = std::fs::remove_dir_all(&folder);
        let store = FileStore::open(&folder, &mut SystemRandom, FileSettings::default()).unwrap();
        let key = Box::new(Ed25519Key::from_seed(&[1; 32]).unwrap());
        let mut log = Log::open(store, "bench.example/log/0".parse().unwrap(), key).unwrap();
        let batch: Vec<Entry> = (0..size).map(entry).collect();
        group.bench_function(BenchmarkId::new("log", size), |b| b.iter(|| log.append(&batch).unwrap()));
        let bytes = vec![7; FRAME_LEN + size as usize * (16 + PUBLIC_LEN + DETAILS_LEN + 50)];
        let path = folder.join("bare");
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path).unwrap();
        group.bench_function(BenchmarkId::new("bare write and fdatasync", size), |b| {
            b.iter(|| {
                file.write_all(&bytes).unwrap();
                file.sync_data().unwrap();
            });
        });
    }
    group.finish();
    let _ = std::fs::remove_dir_all(folder());
}

/// How fast entries that were appended are moved into tiles, and the bytes that are written for it as one plain file.
fn integrate(c: &mut Criterion) {
    const BATCH: u64 = 512;
    const BATCHES: u64 = 40;
    let mut group = c.benchmark_group("integrate");
    group.sample_size(10).throughput(Throughput::Elements(BATCH * BATCHES));
    let folder = folder();
    let _ = std::fs::remove_dir_all(&folder);
    let settings = FileSettings {
        integration_interval: Duration::from_secs(3600),
        segment_len: u64::MAX,
        ..FileSettings::default()
    };
    let store = FileStore::open(&folder, &mut SystemRandom, settings).unwrap();
    let key = Box::new(Ed25519Key::from_seed(&[1; 32]).unwrap());
    let mut log = Log::open(store, "bench.example/log/0".parse().unwrap(), key).unwrap();
    let batch: Vec<Entry> = (0..BATCH).map(entry).collect();
    group.bench_function("20480 entries into tiles", |b| {
        b.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                (0..BATCHES).for_each(|_| drop(log.append(&batch).unwrap()));
                let begin = Instant::now();
                log.integrate().unwrap();
                spent += begin.elapsed();
            }
            spent
        });
    });
    let bytes = vec![7; (BATCH * BATCHES) as usize * (32 + 44 + 16 + PUBLIC_LEN + DETAILS_LEN)];
    let path = folder.join("bare");
    group.bench_function("bare write and fdatasync of as many bytes", |b| {
        b.iter(|| {
            let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path).unwrap();
            file.write_all(&bytes).unwrap();
            file.sync_data().unwrap();
        });
    });
    group.finish();
    drop(log);
    let _ = std::fs::remove_dir_all(folder);
}

/// Paths for a batch of 512 at the end of a log of ten million entries.
fn paths(c: &mut Criterion) {
    const SIZE: u64 = 10_000_000;
    let mut tree = Tree::new();
    let leaf = leaf_hash(b"leaf");
    (0..SIZE).for_each(|_| tree.append(leaf));
    let mut group = c.benchmark_group("paths");
    group.throughput(Throughput::Elements(512));
    group.bench_function("512 at 10 million", |b| {
        b.iter(|| {
            let border = tree.border(SIZE).unwrap();
            for index in SIZE - 512..SIZE {
                black_box(tree.inclusion(index, &border).unwrap());
            }
        });
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("consistency at 10 million", |b| {
        let border = tree.border(SIZE).unwrap();
        b.iter(|| black_box(tree.consistency(SIZE - 511, &border).unwrap()));
    });
    group.finish();
}

criterion_group!(benches, append, integrate, paths);
criterion_main!(benches);
