//! A road to a served EC2 on which one call can be held: on its way there, or its answer on its way
//! back. What EC2 does at once, as it carries an address over, is under way for as long as the test
//! wants it to be.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use super::pty::PATIENCE;

/// What is held.
#[derive(Clone, Copy)]
pub struct Hold {
    /// Which of the calls that change something, from 1.
    pub call: u32,
    /// On its way back, when EC2 has carried it out.
    pub answer: bool,
}

#[derive(Default)]
struct State {
    calls: u32,
    holds: bool,
    open: bool,
    /// EC2 has had what was held.
    through: bool,
}

/// The road; whatever comes when the test is over goes nowhere.
pub struct Gate {
    url: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Gate {
    /// Listens for whoever wants to reach `host`.
    pub fn start(host: &str, hold: Hold) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let (shared, host) = (Arc::clone(&state), host.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (shared, host) = (Arc::clone(&shared), host.clone());
                std::thread::spawn(move || carry(&client, &host, hold, &shared));
            }
        });
        Self { url, state }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the call is held.
    pub fn wait_until_held(&self) {
        let (lock, news) = &*self.state;
        let limit = Instant::now() + PATIENCE;
        let mut state = lock.lock().unwrap();
        while !state.holds {
            let left = limit.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no call has come: {} so far", state.calls);
            state = news.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Lets everything through. EC2 has had what was held when this returns.
    pub fn open(&self) {
        let (lock, news) = &*self.state;
        let limit = Instant::now() + PATIENCE;
        let mut state = lock.lock().unwrap();
        state.open = true;
        news.notify_all();
        while state.holds && !state.through {
            let left = limit.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "what was held never got there");
            state = news.wait_timeout(state, left).unwrap().0;
        }
    }
}

/// Requests of one connection, one after the other, until either end closes it.
fn carry(client: &TcpStream, host: &str, hold: Hold, state: &(Mutex<State>, Condvar)) {
    let Ok(server) = TcpStream::connect(host) else {
        return;
    };
    let (mut asked, mut answered) = (BufReader::new(client), BufReader::new(&server));
    let (mut to_client, mut to_server) = (client, &server);
    let here = client.local_addr().unwrap().to_string();
    while let Some(request) = message(&mut asked) {
        // The server answers to its own name only.
        let request = String::from_utf8_lossy(&request).replacen(&here, host, 1);
        let held = is_the_one(&request, hold, state);
        if held && !hold.answer {
            wait(state);
        }
        let sent = to_server.write_all(request.as_bytes());
        let answer = sent.ok().and_then(|()| message(&mut answered));
        if held {
            state.0.lock().unwrap().through = true;
            state.1.notify_all();
        }
        if held && hold.answer {
            wait(state);
        }
        // Lost: the connection ends, as the server has ended it.
        let Some(answer) = answer else { return };
        if to_client.write_all(&answer).is_err() {
            return;
        }
    }
}

/// It changes something, no dry run, and is the call that is to be held.
fn is_the_one(request: &str, hold: Hold, state: &(Mutex<State>, Condvar)) -> bool {
    let reads = ["Action=Describe", "Action=GetCallerIdentity", "DryRun=true"];
    if reads.iter().any(|read| request.contains(read)) {
        return false;
    }
    let mut state = state.0.lock().unwrap();
    state.calls += 1;
    state.calls == hold.call
}

fn wait((lock, news): &(Mutex<State>, Condvar)) {
    let mut state = lock.lock().unwrap();
    state.holds = true;
    news.notify_all();
    while !state.open {
        state = news.wait(state).unwrap();
    }
}

/// The bytes of one message whose head says how long its body is; `None` when there is none.
fn message(from: &mut impl BufRead) -> Option<Vec<u8>> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    loop {
        let begin = bytes.len();
        if from.read_until(b'\n', &mut bytes).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&bytes[begin..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let begin = bytes.len();
    bytes.resize(begin + length, 0);
    from.read_exact(&mut bytes[begin..]).ok()?;
    Some(bytes)
}
