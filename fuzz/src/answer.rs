use concur_oauth_core::transport::http1::{Answer, AnswerReader};
use concur_oauth_core::transport::{Error, Limits, ProtocolError};
use concur_oauth_core::{Exchange, InputError, InstanceUrl, MAX_BODY, ResponseError};
use http::{Method, Request, Response, StatusCode};

/// An HTTP/1.1 answer: however it comes in pieces, it is read alike, within the limits. The first byte
/// says how large the pieces are.
///
/// Says what became of the answer.
///
/// # Panics
///
/// Where that does not hold.
pub fn answer(bytes: &[u8]) -> &'static str {
    let Some((&size, bytes)) = bytes.split_first() else {
        return "nothing";
    };
    let whole = read(bytes, bytes.len().max(1));
    let pieces = read(bytes, usize::from(size).max(1));
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            // What comes after an answer can come in a piece that is never read.
            assert!(!whole.leaves_connection_usable() || pieces.leaves_connection_usable());
            let (whole, pieces) = (seen(whole), seen(pieces));
            assert_eq!(whole, pieces);
            let (status, body, unread) = whole;
            assert!(!status.is_informational() && body.len() <= MAX_BODY);
            assert!(unread.is_none() || (!status.is_success() && body.is_empty()));
            if unread.is_some() {
                "a status without its body"
            } else {
                "whole"
            }
        }
        (Err(Error::Interrupted { .. }), Err(Error::Interrupted { .. })) => "cut short",
        (Err(Error::Protocol(_)), Err(Error::Protocol(_))) => "refused",
        (whole, pieces) => panic!("{whole:?} is not {pieces:?}"),
    }
}

fn read(bytes: &[u8], size: usize) -> Result<Answer, Error> {
    let mut reader = AnswerReader::new(Method::GET, Limits::default());
    for piece in bytes.chunks(size) {
        if let Some(answer) = reader.receive(piece)? {
            return Ok(answer);
        }
    }
    let answer = reader.receive(&[])?;
    Ok(answer.expect("an end brings an answer or an error"))
}

type Seen = (StatusCode, Vec<u8>, Option<ProtocolError>);

fn seen(answer: Answer) -> Seen {
    let seen = answer.parse::<Probe>(&InstanceUrl::default());
    seen.expect("a probe takes anything")
}

/// Takes any answer as it is.
struct Probe;

impl Exchange for Probe {
    type Output = Seen;
    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, _: &InstanceUrl) -> Result<Request<Vec<u8>>, InputError> {
        Ok(Request::new(Vec::new()))
    }

    fn parse(response: Response<&[u8]>, _: &InstanceUrl) -> Result<Seen, ResponseError> {
        let unread = response.extensions().get().copied();
        Ok((response.status(), response.body().to_vec(), unread))
    }
}
