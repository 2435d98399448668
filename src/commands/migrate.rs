//! `portcullis migrate`.

use std::process::ExitCode;

use portcullis::config::Data;

use crate::runtime::Database;

pub async fn run(data: Data) -> anyhow::Result<ExitCode> {
    let database = Database::start(&data).await?;
    let migrated = database
        .migrate(&data, |progress| {
            if progress.done == progress.behind || progress.done % 100 == 0 {
                eprintln!("{} of {} organizations", progress.done, progress.behind);
            }
        })
        .await;
    database.stop().await?;
    migrated.map(|()| ExitCode::SUCCESS)
}
