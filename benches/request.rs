//! Building the Native flow's request.

use std::hint::black_box;

use concur_oauth_benches::flow;
use concur_oauth_core::{BaseUrl, Exchange};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    group.bench_function("into_request", |bench| {
        bench.iter_batched(
            || flow(&BaseUrl::US_PRODUCTION),
            |flow| black_box(flow.into_request().unwrap()),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("from credentials to request", |bench| {
        bench.iter(|| black_box(flow(&BaseUrl::US_PRODUCTION).into_request().unwrap()));
    });
    group.finish();
}

criterion_group!(benches, build);
criterion_main!(benches);
