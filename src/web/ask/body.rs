//! The bytes of a request's body: bounded in size and in time.

use std::error::Error as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::LengthLimitError;

use crate::web::problem::{EdgeCode, Problem};

/// How long a client may take to send a body.
const TIME_MAX: Duration = Duration::from_secs(15);

/// Reads a body of at most so many bytes.
pub async fn raw(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let reading = tokio::time::timeout(TIME_MAX, axum::body::to_bytes(body, bytes_max));
    match reading.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error))
            if error
                .source()
                .is_some_and(<dyn std::error::Error>::is::<LengthLimitError>) =>
        {
            let detail = format!("The body is larger than {} KiB.", bytes_max / 1024);
            Err(Problem::edge(EdgeCode::BodyTooLarge, detail))
        }
        Ok(Err(_)) => Err(Problem::edge(
            EdgeCode::BodyMalformed,
            "The connection ended before the body did.",
        )),
        Err(_) => Err(Problem::plain(EdgeCode::BodyTimedOut)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        let kept = raw(Body::from(vec![b'a'; 1024]), 1024)
            .await
            .expect("as large as allowed");
        assert_eq!(kept.len(), 1024);
        let problem = raw(Body::from(vec![b'a'; 1025]), 1024)
            .await
            .expect_err("one byte more");
        assert_eq!(problem.code(), "body_too_large");
    }
}
