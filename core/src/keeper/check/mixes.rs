//! The mixes of faults of which every interleaving is visited, on each kind of service.
//!
//! Six fail, and no client can help it: on a service that notices reuse, or that forgives one use of an old refresh token, a
//! process that stands still for longer than its lease, or a store that forgets what it has acknowledged.

use super::explore::explore;
use super::faults::Faults;
use super::service::{KINDS, Kind};

const NONE: Faults = Faults::NONE;
const THREE: Faults = Faults {
    processes: 3,
    stall: 1,
    ..NONE
};

/// Kinds of services on which a mix fails.
const FAILS: [Kind; 2] = [Kind::Grace, Kind::Family];

fn check(name: &str, faults: Faults, fails: &[Kind]) {
    for kind in KINDS {
        let found = explore(kind, faults);
        println!("{name}, {kind:?}: {} states", found.states);
        let Some((what, trace)) = found.violation else {
            assert!(
                !fails.contains(&kind),
                "{name}, {kind:?}: it is known to fail"
            );
            continue;
        };
        let known = fails.contains(&kind) && what.starts_with("LOST");
        assert!(known, "{name}, {kind:?}: {what}\n{}", trace.join("\n"));
    }
}

/// A test for each mix. Those with many states are run by `.ci/run`, optimised.
macro_rules! mixes {
    ($($(#[$ignore:meta])? $name:ident: $faults:expr $(, fails on $fails:expr)?;)*) => {$(
        #[test]
        $(#[$ignore])?
        fn $name() {
            let fails: &[&[Kind]] = &[$($fails)?];
            check(stringify!($name), $faults, &fails.concat());
        }
    )*};
}

mixes! {
    calm: NONE;
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    stall_3: Faults { stall: 3, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    stall_8: Faults { stall: 8, ..NONE }, fails on &FAILS;
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    expired_stall_3: Faults { expired: true, stall: 3, ..NONE };
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    crash_stall_2: Faults { crashes: 1, stall: 2, ..NONE };
    two_crashes: Faults { crashes: 2, ..NONE };
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    expired_crash_stall_2: Faults { expired: true, crashes: 1, stall: 2, ..NONE };
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    lost_stall_2: Faults { lost: 1, stall: 2, ..NONE };
    two_lost: Faults { lost: 2, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    two_store_errors_stall_2: Faults { store_errors: 2, stall: 2, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    two_lost_acknowledgements_stall_2: Faults { lost_acks: 2, stall: 2, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    lost_acknowledgement_put: Faults { lost_acks: 1, puts: 1, stall: 1, ..NONE };
    store_goes_back: Faults { goes_back: 1, ..NONE }, fails on &FAILS;
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    store_goes_back_stall_2: Faults { goes_back: 1, stall: 2, ..NONE }, fails on &FAILS;
    put_own: Faults { puts: 1, own_users: true, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    forget_put_own: Faults { forgets: 1, puts: 1, own_users: true, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    put_stall_2: Faults { puts: 1, stall: 2, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    put_lost: Faults { puts: 1, lost: 1, stall: 1, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    forget_put: Faults { forgets: 1, puts: 1, stall: 1, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    crash_put: Faults { crashes: 1, puts: 1, stall: 1, ..NONE };
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    clock_step_stall_2: Faults { clock_steps: 1, stall: 2, ..NONE };
    #[ignore = "minutes without optimisation: `.ci/run` has it optimised"]
    crash_lost: Faults { crashes: 1, lost: 1, stall: 1, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    lost_acknowledgement_crash: Faults { lost_acks: 1, crashes: 1, stall: 1, ..NONE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    three_crash: Faults { crashes: 1, ..THREE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    three_lost: Faults { lost: 1, ..THREE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    three_expired_stall_3: Faults { expired: true, stall: 3, ..THREE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    three_lost_acknowledgement: Faults { lost_acks: 1, ..THREE };
    #[ignore = "minutes: `.ci/run` has it optimised"]
    three_put: Faults { puts: 1, ..THREE };
}
