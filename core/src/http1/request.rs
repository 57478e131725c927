//! Writing a request.

use http::header::HOST;
use http::{HeaderMap, Request};
use zeroize::Zeroizing;

/// Encodes a request as HTTP/1.1 in one buffer, which is wiped when it is dropped.
///
/// The buffer gets its size first, so that it never grows and leaves a copy behind. `Host` is the
/// URI's authority, whatever the request's own header field says. All other header fields are written as they
/// are: [`prepare_request`](crate::transport::prepare_request) gives a request the `Content-Length` that
/// frames its body.
#[must_use]
pub fn encode_request<B: AsRef<[u8]>>(request: &Request<B>) -> Zeroizing<Vec<u8>> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    // A query can have an empty path before it.
    let slash = if target.starts_with('/') { "" } else { "/" };
    encode(
        &[request.method().as_str(), " ", slash, target],
        uri.authority().map_or("", |host| host.as_str()),
        request.headers(),
        request.body().as_ref(),
    )
}

/// Encodes a request for a tunnel to `authority`, a host and a port, as [`encode_request`] encodes others (RFC 9112
/// section 3.2.3).
pub(crate) fn encode_connect(authority: &str, headers: &HeaderMap) -> Zeroizing<Vec<u8>> {
    encode(&["CONNECT ", authority], authority, headers, &[])
}

fn encode(line: &[&str], host: &str, headers: &HeaderMap, body: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut size: usize = 0;
    each_piece(line, host, headers, body, |piece| {
        size = size.saturating_add(piece.len());
    });
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    each_piece(line, host, headers, body, |piece| {
        bytes.extend_from_slice(piece);
    });
    bytes
}

fn each_piece(
    line: &[&str],
    host: &str,
    headers: &HeaderMap,
    body: &[u8],
    mut piece: impl FnMut(&[u8]),
) {
    for part in line {
        piece(part.as_bytes());
    }
    piece(b" HTTP/1.1\r\nhost: ");
    piece(host.as_bytes());
    piece(b"\r\n");
    for (name, value) in headers {
        if name == HOST {
            continue;
        }
        piece(name.as_str().as_bytes());
        piece(b": ");
        piece(value.as_bytes());
        piece(b"\r\n");
    }
    piece(b"\r\n");
    piece(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(request: http::request::Builder, body: &[u8]) -> String {
        let request = request.body(body).unwrap();
        let bytes = encode_request(&request);
        assert_eq!(bytes.len(), bytes.capacity());
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn host_is_the_authority_of_the_uri() {
        let request = Request::get("https://host:8443/a?b=c")
            .header("x-a", "1")
            .header("host", "evil.example");
        assert_eq!(
            written(request, b""),
            "GET /a?b=c HTTP/1.1\r\nhost: host:8443\r\nx-a: 1\r\n\r\n"
        );
    }

    #[test]
    fn empty_path_is_written_as_a_slash() {
        let bare = written(Request::get("https://host"), b"");
        assert!(bare.starts_with("GET / HTTP/1.1\r\n"), "{bare}");
        let query = written(Request::get("https://host?a=b"), b"");
        assert!(query.starts_with("GET /?a=b HTTP/1.1\r\n"), "{query}");
    }

    #[test]
    fn connect_request_has_host_and_port_as_its_target() {
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", "a/1".parse().unwrap());
        let bytes = encode_connect("[2001:db8::1]:443", &headers);
        assert_eq!(bytes.len(), bytes.capacity());
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nhost: [2001:db8::1]:443\r\nuser-agent: a/1\r\n\r\n"
        );
    }

    #[test]
    fn body_follows_the_head() {
        let request = Request::put("https://host/x").header("content-length", 3);
        assert_eq!(
            written(request, b"abc"),
            "PUT /x HTTP/1.1\r\nhost: host\r\ncontent-length: 3\r\n\r\nabc"
        );
    }
}
