//! The connection that is held: flows that exist when an address moves do not survive it.
//!
//! Invariants: nothing is ever sent on it but the kernel's keepalives; what the service sends is read
//! slowly and thrown away, so that a talkative one costs nothing.

use std::io::ErrorKind;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::TcpStream;

/// Silence after which the kernel asks whether the other side is still there, and between two such
/// questions.
const KEEPALIVE: Duration = Duration::from_secs(1);
/// Unanswered questions after which the connection is dead.
const KEEPALIVES: u32 = 3;
/// Between two reads from a service that talks.
const READ_REST: Duration = Duration::from_millis(250);

/// One connection, or none.
#[derive(Debug, Default)]
pub(super) struct Held {
    stream: Option<TcpStream>,
}

impl Held {
    /// Holds this one if there is none; whether it does.
    pub fn take(&mut self, stream: TcpStream) -> bool {
        if self.stream.is_some() {
            return false;
        }
        // Without keepalives only an end that the other side tells of is noticed.
        let _ = sockopt::set_socket_keepalive(&stream, true)
            .and_then(|()| sockopt::set_tcp_keepidle(&stream, KEEPALIVE))
            .and_then(|()| sockopt::set_tcp_keepintvl(&stream, KEEPALIVE))
            .and_then(|()| sockopt::set_tcp_keepcnt(&stream, KEEPALIVES));
        self.stream = Some(stream);
        true
    }

    /// Waits for its end, and says how it came; for ever while there is none. May be called again
    /// after it was dropped half way.
    pub async fn end(&mut self) -> String {
        let Some(stream) = &self.stream else {
            return std::future::pending().await;
        };
        let mut thrown_away = [0; 512];
        let how = loop {
            if let Err(error) = stream.readable().await {
                break error.to_string();
            }
            match stream.try_read(&mut thrown_away) {
                Ok(0) => break "closed by the service".to_owned(),
                Ok(_) => tokio::time::sleep(READ_REST).await,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => {}
                    ErrorKind::ConnectionReset => break "reset".to_owned(),
                    ErrorKind::TimedOut => break "nobody acknowledges it any more".to_owned(),
                    _ => break error.to_string(),
                },
            }
        };
        self.stream = None;
        how
    }
}
