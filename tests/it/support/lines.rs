//! What a program says, line by line, as soon as it is said: tests wait for a line, never for time.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use super::pty::PATIENCE;

#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    ended: bool,
}

/// Everything said so far; clones hear the same.
#[derive(Clone)]
pub struct Lines(Arc<(Mutex<Heard>, Condvar)>);

impl Lines {
    /// Listens on a thread of its own until the program closes its end.
    pub fn of(out: impl Read + Send + 'static) -> Self {
        let heard: Arc<(Mutex<Heard>, Condvar)> = Arc::default();
        let sink = Arc::clone(&heard);
        std::thread::spawn(move || {
            let (lock, news) = &*sink;
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                lock.lock().unwrap().lines.push(line);
                news.notify_all();
            }
            lock.lock().unwrap().ended = true;
            news.notify_all();
        });
        Self(heard)
    }

    /// The first line with this text, once it has been said.
    pub fn wait_for(&self, text: &str) -> String {
        let (lock, news) = &*self.0;
        let limit = Instant::now() + PATIENCE;
        let mut heard = lock.lock().unwrap();
        loop {
            if let Some(line) = heard.lines.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            let left = limit.saturating_duration_since(Instant::now());
            let all = heard.lines.join("\n");
            assert!(!left.is_zero() && !heard.ended, "no `{text}` in:\n{all}");
            heard = news.wait_timeout(heard, left).unwrap().0;
        }
    }

    /// Everything, once nothing more can come.
    pub fn all(&self) -> String {
        let (lock, news) = &*self.0;
        let limit = Instant::now() + PATIENCE;
        let mut heard = lock.lock().unwrap();
        while !heard.ended {
            let left = limit.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it goes on:\n{}", heard.lines.join("\n"));
            heard = news.wait_timeout(heard, left).unwrap().0;
        }
        heard.lines.join("\n")
    }

    /// What has been said so far.
    pub fn so_far(&self) -> Vec<String> {
        self.0.0.lock().unwrap().lines.clone()
    }
}
