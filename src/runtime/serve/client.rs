//! The other end of the control path: one request, one answer.
//!
//! Invariant: only a loopback address is ever called, and the key goes nowhere else.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::control::PATH;

/// For each read and write: a large saved world takes seconds to load.
const PATIENCE: Duration = Duration::from_secs(60);
/// The largest answer, in bytes: a saved world, written as JSON.
const ANSWER_MAX: u64 = 128 * 1024 * 1024;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum CtlError {
    /// Not the address of a simulator.
    #[error("{0} is not the address of `enipilot serve`")]
    NotOurs(String),
    /// Nobody answers.
    #[error("nobody answers at {0}: {1}")]
    NoServer(String, io::Error),
    /// Something else than a simulator answers.
    #[error("{0} does not answer as `enipilot serve` does")]
    NoAnswer(String),
    /// It refused.
    #[error("{message}")]
    Refused {
        /// A word for programs.
        code: String,
        /// A sentence for people.
        message: String,
    },
}

/// Asks for a command.
pub fn ask(endpoint: &str, key: &str, command: &str, body: &Value) -> Result<Value, CtlError> {
    let host = endpoint.trim_end_matches('/').strip_prefix("http://");
    let ours = |host: &&str| {
        let name = host.rsplit_once(':').map(|(name, _)| name);
        matches!(name, Some("127.0.0.1" | "localhost" | "[::1]"))
    };
    let Some(host) = host.filter(ours) else {
        return Err(CtlError::NotOurs(endpoint.to_owned()));
    };
    let answer = exchange(host, key, command, &body.to_string())
        .map_err(|error| CtlError::NoServer(endpoint.to_owned(), error))?;
    let none = || CtlError::NoAnswer(endpoint.to_owned());
    let text = String::from_utf8_lossy(&answer);
    let (_, body) = text.split_once("\r\n\r\n").ok_or_else(none)?;
    let value: Value = serde_json::from_str(body).map_err(|_| none())?;
    match value.get("Error") {
        None => Ok(value),
        Some(error) => {
            let member = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
            Err(CtlError::Refused {
                code: member("Code").to_owned(),
                message: member("Message").to_owned(),
            })
        }
    }
}

fn exchange(host: &str, key: &str, command: &str, body: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "POST {PATH}{command} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\
         Authorization: enipilot Credential={key}/ctl\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
    Ok(answer)
}
