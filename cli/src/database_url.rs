//! The URL of a database, as the command line has it.

/// Returns whether a store is the URL of a database.
pub(crate) fn is_url(store: &str) -> bool {
    ["postgres://", "postgresql://", "redis://", "rediss://"]
        .iter()
        .any(|scheme| store.starts_with(scheme))
}

/// Returns whether a URL has a password.
pub(crate) fn has_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let user_info = authority.rsplit_once('@').map(|(user_info, _)| user_info);
    let is_in_user_info = user_info.and_then(|it| it.split_once(':'));
    is_in_user_info.is_some_and(|(_, password)| !password.is_empty()) || rest.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls_are_found() {
        for url in [
            "postgres://u:p@h/d",
            "postgres://u:p@[::1]:5432/d",
            "redis://:p@h",
            "rediss://u:p%40@h:1/2",
            "postgres://u@h/d?password=p",
        ] {
            assert!(has_password(url), "{url}");
        }
        for url in [
            "postgres://u@h:5432/d",
            "postgres://u:@h/d",
            "redis://h:1",
            "file:/a:b@c",
            "redis://h/?x=a:b@c",
        ] {
            assert!(!has_password(url), "{url}");
        }
    }
}
