//! `concur-oauth forget`.

use std::time::Duration;

use concur_oauth::blocking::Client;

use crate::args::ForgetArgs;
use crate::failure::Failure;
use crate::keeper;
use crate::store::Grants;

pub(crate) fn run(args: &ForgetArgs) -> Result<(), Failure> {
    let deadline = Duration::from_secs(60);
    let grants = Grants::existing(&args.store, deadline)?;
    let keeper = keeper::keeper(&Client::new()?, &grants, deadline)?;
    keeper.forget(&args.name)?;
    say!("forgotten: {}. Concur was not told", args.name);
    Ok(())
}
