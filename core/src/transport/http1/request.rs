//! A request as HTTP/1.1 bytes.

use http::{HeaderValue, Request};
use zeroize::Zeroizing;

use crate::transport::prepare;
use crate::{InputError, InstanceUrl};

/// Makes a request ready to be sent, as [`prepare`] does, and writes it into one buffer, which is sized
/// first, so that it never grows and leaves a copy behind. Both the buffer and the request's body are
/// wiped when they are dropped.
///
/// `Host` and how the body is framed are written here, whatever the request says of them.
///
/// # Errors
///
/// [`InputError`] where the request's URI is of another origin.
pub fn encode(
    request: Request<Vec<u8>>,
    instance: &InstanceUrl,
    user_agent: &HeaderValue,
) -> Result<Zeroizing<Vec<u8>>, InputError> {
    let mut request = request.map(Zeroizing::new);
    prepare(&mut request, instance, user_agent)?;
    let mut size: usize = 0;
    each_piece(&request, instance, |piece| {
        size = size.saturating_add(piece.len());
    });
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    each_piece(&request, instance, |piece| {
        bytes.extend_from_slice(piece);
    });
    Ok(bytes)
}

fn each_piece(
    request: &Request<Zeroizing<Vec<u8>>>,
    instance: &InstanceUrl,
    mut piece: impl FnMut(&[u8]),
) {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    piece(request.method().as_str().as_bytes());
    piece(b" ");
    if !path.starts_with('/') {
        // An empty path before a query.
        piece(b"/");
    }
    piece(path.as_bytes());
    piece(b" HTTP/1.1\r\nhost: ");
    piece(instance.authority().as_bytes());
    piece(b"\r\n");
    for (name, value) in request.headers() {
        piece(name.as_str().as_bytes());
        piece(b": ");
        piece(value.as_bytes());
        piece(b"\r\n");
    }
    piece(b"\r\n");
    piece(request.body());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(request: Request<Vec<u8>>) -> String {
        let instance = "https://host:8443".parse().unwrap();
        let agent = HeaderValue::from_static("a");
        let bytes = encode(request, &instance, &agent).unwrap();
        assert_eq!(bytes.len(), bytes.capacity());
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_get_has_no_length() {
        let request = Request::get("https://host:8443/a?b=c")
            .header("x-a", "1")
            .header("host", "evil.example")
            .header("transfer-encoding", "chunked")
            .body(Vec::new())
            .unwrap();
        assert_eq!(
            written(request),
            "GET /a?b=c HTTP/1.1\r\nhost: host:8443\r\nx-a: 1\r\nuser-agent: a\r\n\r\n"
        );
    }

    #[test]
    fn a_post_has_one_even_when_it_is_empty() {
        let request = Request::post("https://host:8443").body(Vec::new()).unwrap();
        assert_eq!(
            written(request),
            "POST / HTTP/1.1\r\nhost: host:8443\r\ncontent-length: 0\r\nuser-agent: a\r\n\r\n"
        );
        let request = Request::get("https://host:8443?a=b").body(Vec::new());
        assert!(written(request.unwrap()).starts_with("GET /?a=b HTTP/1.1\r\n"));
        let request = Request::put("https://host:8443/x")
            .body(b"abc".to_vec())
            .unwrap();
        assert_eq!(
            written(request),
            "PUT /x HTTP/1.1\r\nhost: host:8443\r\ncontent-length: 3\r\nuser-agent: a\r\n\r\nabc"
        );
    }
}
