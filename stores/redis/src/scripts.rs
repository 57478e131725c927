//! The scripts, each of which is one atomic step.

use redis::Script;

/// The number of the form in which grants are stored.
pub(crate) const SCHEMA: u32 = 1;

pub(crate) struct Scripts {
    pub(crate) load: Script,
    pub(crate) claim: Script,
    pub(crate) commit: Script,
    pub(crate) release: Script,
    pub(crate) mark_dead: Script,
    pub(crate) list: Script,
}

/// Returns the script that writes and reads the number of the form.
pub(crate) fn schema() -> Script {
    Script::new(include_str!("scripts/schema.lua"))
}

impl Scripts {
    pub(crate) fn new() -> Self {
        let script = |text| Script::new(&[include_str!("scripts/record.lua"), text].concat());
        Self {
            load: script(include_str!("scripts/load.lua")),
            claim: script(include_str!("scripts/claim.lua")),
            commit: script(include_str!("scripts/commit.lua")),
            release: script(include_str!("scripts/release.lua")),
            mark_dead: script(include_str!("scripts/mark_dead.lua")),
            list: script(include_str!("scripts/list.lua")),
        }
    }
}
