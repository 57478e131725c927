//! PgBouncer, which hands out a cluster's connections by the transaction.

use std::path::PathBuf;

use super::postgres::PASSWORD;
use super::server::{Folder, Server, free_port, is_root};

pub(crate) struct PgBouncer {
    _server: Server,
    port: u16,
    _folder: Folder,
}

impl PgBouncer {
    pub(crate) fn start(postgres: u16) -> Self {
        let folder = Folder::new("pgbouncer");
        let port = free_port();
        let file = folder.0.join("pgbouncer.ini");
        let users = folder.0.join("users.txt");
        std::fs::write(&users, format!("\"concur\" \"{PASSWORD}\"\n")).unwrap();
        let settings = format!(
            "[databases]\npostgres = host=127.0.0.1 port={postgres}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\n\
             default_pool_size = 2\n",
            users.display()
        );
        std::fs::write(&file, settings).unwrap();
        let user = is_root().then_some("postgres");
        if let Some(user) = user {
            let mut owned = std::process::Command::new("chown");
            owned.args(["-R", user]).arg(&folder.0);
            assert!(owned.status().unwrap().success());
        }
        let args = [file.to_str().unwrap().to_owned()];
        let program = PathBuf::from("/usr/sbin/pgbouncer");
        let server = Server::start(&program, &args, user, &folder.0, port);
        Self {
            _server: server,
            port,
            _folder: folder,
        }
    }

    pub(crate) fn url(&self) -> String {
        let password = PASSWORD.replace(' ', "%20");
        format!(
            "postgres://concur:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }
}
