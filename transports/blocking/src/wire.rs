//! A request as HTTP/1.1 bytes.

use concur_oauth_core::InstanceUrl;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{Method, Request};
use zeroize::Zeroizing;

/// Writes a request into one buffer, which is sized first, so that it never grows and leaves a copy
/// behind, and is wiped when it is dropped.
pub(crate) fn serialize(
    request: &Request<Zeroizing<Vec<u8>>>,
    instance: &InstanceUrl,
) -> Zeroizing<Vec<u8>> {
    let length = content_length(request);
    let mut size = 0;
    each_piece(request, instance, &length, |piece| size += piece.len());
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    each_piece(request, instance, &length, |piece| {
        bytes.extend_from_slice(piece);
    });
    bytes
}

fn each_piece(
    request: &Request<Zeroizing<Vec<u8>>>,
    instance: &InstanceUrl,
    length: &str,
    mut piece: impl FnMut(&[u8]),
) {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    piece(request.method().as_str().as_bytes());
    piece(b" ");
    piece(path.as_bytes());
    piece(b" HTTP/1.1\r\nhost: ");
    piece(instance.authority().as_bytes());
    piece(b"\r\n");
    for (name, value) in request.headers() {
        // How the request is framed is decided here.
        if [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name) {
            continue;
        }
        piece(name.as_str().as_bytes());
        piece(b": ");
        piece(value.as_bytes());
        piece(b"\r\n");
    }
    piece(length.as_bytes());
    piece(b"\r\n");
    piece(request.body());
}

/// A `Content-Length` line, where the request has or could have a body: Concur takes no chunked one.
fn content_length(request: &Request<Zeroizing<Vec<u8>>>) -> String {
    let bodiless = [Method::GET, Method::HEAD, Method::DELETE].contains(request.method());
    if request.body().is_empty() && bodiless {
        String::new()
    } else {
        format!("content-length: {}\r\n", request.body().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(request: Request<Vec<u8>>) -> String {
        let instance = "https://host:8443".parse().unwrap();
        let bytes = serialize(&request.map(Zeroizing::new), &instance);
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
            "GET /a?b=c HTTP/1.1\r\nhost: host:8443\r\nx-a: 1\r\n\r\n"
        );
    }

    #[test]
    fn a_post_has_one_even_when_it_is_empty() {
        let request = Request::post("https://host:8443").body(Vec::new()).unwrap();
        assert_eq!(
            written(request),
            "POST / HTTP/1.1\r\nhost: host:8443\r\ncontent-length: 0\r\n\r\n"
        );
        let request = Request::put("https://host:8443/x")
            .body(b"abc".to_vec())
            .unwrap();
        assert_eq!(
            written(request),
            "PUT /x HTTP/1.1\r\nhost: host:8443\r\ncontent-length: 3\r\n\r\nabc"
        );
    }
}
