//! Parsing an access-token document, beside bare tokenizing, quick-xml with serde, and roxmltree.

use std::hint::black_box;
use std::time::SystemTime;

use concur_oauth_benches::{
    DOCUMENT, ampersands_of, document_of, our_page, our_v0, ours, page_of, quick_xml,
    quick_xml_page, roxmltree, serde_v0, tokenize, v0_document,
};
use concur_oauth_core::{BaseUrl, ResponseContext};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn context() -> ResponseContext {
    ResponseContext::new(BaseUrl::US_PRODUCTION, SystemTime::now())
}

fn documented(criterion: &mut Criterion) {
    let context = context();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(DOCUMENT.len() as u64));
    group.bench_function("concur-oauth", |bench| {
        bench.iter(|| ours(black_box(DOCUMENT), &context));
    });
    group.bench_function("tokenize", |bench| {
        bench.iter(|| tokenize(black_box(DOCUMENT)))
    });
    group.bench_function("quick-xml", |bench| {
        bench.iter(|| quick_xml(black_box(DOCUMENT.as_bytes())));
    });
    group.bench_function("roxmltree", |bench| {
        bench.iter(|| roxmltree(black_box(DOCUMENT.as_bytes())));
    });
    group.finish();
}

/// Twice the bytes should take twice the time, and no more.
fn growing(criterion: &mut Criterion) {
    let context = context();
    let mut group = criterion.benchmark_group("parse-growing");
    for bytes in [16_000, 32_000, 64_000] {
        let document = document_of(bytes);
        group.throughput(Throughput::Bytes(document.len() as u64));
        let id = |name| BenchmarkId::new(name, bytes);
        group.bench_function(id("concur-oauth"), |bench| {
            bench.iter(|| ours(black_box(&document), &context));
        });
        group.bench_function(id("tokenize"), |bench| {
            bench.iter(|| tokenize(black_box(&document)));
        });
        group.bench_function(id("quick-xml"), |bench| {
            bench.iter(|| quick_xml(black_box(document.as_bytes())));
        });
        group.bench_function(id("roxmltree"), |bench| {
            bench.iter(|| roxmltree(black_box(document.as_bytes())));
        });
    }
    group.finish();

    // What a server could send to make it slow.
    let mut group = criterion.benchmark_group("parse-ampersands");
    for bytes in [16_000, 32_000, 64_000] {
        let document = ampersands_of(bytes);
        group.throughput(Throughput::Bytes(document.len() as u64));
        group.bench_function(BenchmarkId::new("concur-oauth", bytes), |bench| {
            bench.iter(|| ours(black_box(&document), &context));
        });
    }
    group.finish();
}

/// A token document of `v0`, beside serde's derived reader into the same owned fields. Dropping them is not counted: ours
/// are wiped, byte by byte.
fn v0(criterion: &mut Criterion) {
    let context = ResponseContext::new(BaseUrl::US2, SystemTime::now());
    let document = v0_document();
    let mut group = criterion.benchmark_group("parse-v0");
    group.throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("concur-oauth", |bench| {
        bench.iter_with_large_drop(|| our_v0(black_box(document.as_bytes()), &context));
    });
    group.bench_function("serde_json", |bench| {
        bench.iter_with_large_drop(|| serde_v0(black_box(document.as_bytes())));
    });
    group.finish();
}

/// A page of ten connection requests.
fn page(criterion: &mut Criterion) {
    let context = context();
    let document = page_of(10);
    assert_eq!(quick_xml_page(document.as_bytes()).items.requests.len(), 10);
    let mut group = criterion.benchmark_group("parse-page");
    group.throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("concur-oauth", |bench| {
        bench.iter(|| our_page(black_box(&document), &context));
    });
    group.bench_function("tokenize", |bench| {
        bench.iter(|| tokenize(black_box(&document)))
    });
    group.bench_function("quick-xml", |bench| {
        bench.iter(|| quick_xml_page(black_box(document.as_bytes())));
    });
    group.finish();
}

criterion_group!(benches, documented, v0, page, growing);
criterion_main!(benches);
