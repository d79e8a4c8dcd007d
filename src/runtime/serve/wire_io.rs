//! A connection on which even what is no HTTP is answered in EC2's form.
//!
//! hyper answers a head that it cannot read by itself, with a status and no body. No answer of ours
//! is empty, so an empty refusal is one of those: it goes out with EC2's error instead.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
use crate::wire;

/// The connection.
#[derive(Debug)]
pub(super) struct Plain {
    stream: TcpStream,
    /// What is still to be written in place of an empty refusal.
    instead: Option<(Vec<u8>, usize)>,
}

impl Plain {
    /// A connection that has just been accepted.
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            instead: None,
        }
    }
}

/// The whole answer in place of an empty refusal; `None` for every other.
fn instead(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(bytes).ok()?;
    let status = head.strip_prefix("HTTP/1.1 ")?;
    if !status.starts_with('4') || !head.contains("content-length: 0\r\n") {
        return None;
    }
    let status = status.lines().next()?;
    let error = ApiError::new(
        "MalformedQueryString",
        format!("The request is not HTTP that can be read ({status})."),
    );
    let body = wire::refusal(&Str::from(""), error, wire::request_id(0)).body;
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/xml;charset=UTF-8\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    Some(answer.into_bytes())
}

impl AsyncRead for Plain {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Plain {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.instead.is_none() {
            this.instead = instead(bytes).map(|whole| (whole, 0));
        }
        let Some((whole, sent)) = &mut this.instead else {
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        };
        while let Some(rest) = whole.get(*sent..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut this.stream).poll_write(context, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(0)),
                Poll::Ready(Ok(n)) => *sent += n,
                other => return other,
            }
        }
        this.instead = None;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
