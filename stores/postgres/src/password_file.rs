//! The password file of libpq: a line for each database, `host:port:database:user:password`.
//!
//! (PostgreSQL's documentation: *The Password File*.)

use std::path::Path;

use concur_oauth_core::keeper::StoreError;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Returns the password of the first line that is for this connection.
pub(crate) fn find(path: &Path, config: &Config) -> Result<Option<String>, StoreError> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        StoreError::new(format!("cannot read the password file {shown}")).because(error)
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(StoreError::new(format!(
                "the password file can be read by others: run `chmod 600 {shown}`"
            )));
        }
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(password(&text, &Connection::of(config)))
}

/// What a line is compared with.
struct Connection {
    host: String,
    port: String,
    database: String,
    user: String,
}

impl Connection {
    fn of(config: &Config) -> Self {
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            // A socket in a folder is this machine.
            #[cfg(unix)]
            Some(Host::Unix(_)) => "localhost".to_owned(),
            None => String::new(),
        };
        let user = config.get_user().unwrap_or_default().to_owned();
        Self {
            host,
            port: config
                .get_ports()
                .first()
                .copied()
                .unwrap_or(5432)
                .to_string(),
            database: config.get_dbname().unwrap_or(&user).to_owned(),
            user,
        }
    }
}

fn password(text: &str, connection: &Connection) -> Option<String> {
    let wanted = [
        &connection.host,
        &connection.port,
        &connection.database,
        &connection.user,
    ];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.into_iter().find_map(|line| {
        let fields = fields(line);
        let (password, names) = fields.split_last()?;
        let is_for = names.len() == wanted.len()
            && names
                .iter()
                .zip(wanted)
                .all(|(name, wanted)| name == "*" || name == wanted);
        is_for.then(|| password.clone())
    })
}

/// Takes a line apart at its first four colons. A backslash takes what follows as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let is_whole = fields.len() > 4;
        let last = fields.last_mut();
        match (character, last) {
            (':', _) if !is_whole => fields.push(String::new()),
            ('\\', Some(last)) => last.extend(characters.next()),
            (other, Some(last)) => last.push(other),
            (_, None) => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_line_that_is_for_the_connection_counts() {
        let text = "# ours\n\
             other:5432:d:u:wrong\n\
             db.example:5433:*:u:wrong\n\
             short:line\n\
             db.example:*:d:u:a\\:b\\\\c:d\n\
             *:*:*:*:last\n";
        let find = |url: &str| {
            let config = url.parse().unwrap();
            password(text, &Connection::of(&config))
        };
        assert_eq!(find("postgres://u@db.example/d").unwrap(), "a:b\\c:d");
        assert_eq!(find("postgres://u@db.example:5433/d").unwrap(), "wrong");
        assert_eq!(find("postgres://v@db.example/d").unwrap(), "last");
        assert_eq!(
            password(
                "db:1:d:u:x",
                &Connection::of(&"host=e user=u".parse().unwrap())
            ),
            None
        );
    }

    #[cfg(unix)]
    #[test]
    fn file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("concur-oauth-pgpass-{}", std::process::id()));
        std::fs::write(&path, "*:*:*:*:hidden\n").unwrap();
        let config = "postgres://u@db.example/d".parse().unwrap();
        for (mode, is_read) in [(0o644, false), (0o600, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            match find(&path, &config) {
                Ok(password) => assert!(is_read && password.as_deref() == Some("hidden")),
                Err(error) => assert!(!is_read && error.to_string().contains("chmod 600")),
            }
        }
        std::fs::remove_file(path).unwrap();
    }
}
