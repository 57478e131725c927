//! Long random ways through many faults at once, more than can all be visited.

use proptest::prelude::*;

use super::faults::Faults;
use super::service::Kind;
use super::world::World;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Where no reuse is punished, no mix of faults loses a grant that a client can save.
    #[test]
    fn random_faults_lose_no_grant(
        kind in prop::sample::select(vec![Kind::Same, Kind::KeepOld, Kind::KillOld]),
        processes in 2..5_usize,
        counts in prop::collection::vec(0..3_u8, 8),
        ways in prop::collection::vec(any::<u16>(), 40..160),
    ) {
        let faults = Faults {
            processes,
            stall: counts[0],
            crashes: counts[1],
            lost: counts[2],
            store_errors: counts[3],
            lost_acks: counts[4],
            // A store that forgets a consent leaves two that are both the newest of their kind.
            goes_back: if counts[6] < 2 { counts[5] / 2 } else { 0 },
            // Of two consents at once, the one stored last stands.
            puts: counts[6] / 2,
            forgets: 0,
            clock_steps: counts[7] / 2,
            own_users: true,
            expired: false,
        };
        let mut world = World::new(kind, faults);
        world.tells = true;
        let mut told = Vec::new();
        for way in ways {
            let mut next = world.successors();
            if next.is_empty() {
                break;
            }
            let (after, what) = next.swap_remove(usize::from(way) % next.len());
            told.push(format!("{what:?}"));
            world = after;
            let broken = world.violation(false);
            prop_assert!(broken.is_none(), "{broken:?}\n{}", told.join("\n"));
        }
    }
}
