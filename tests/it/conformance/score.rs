//! The table over HTTP: a score for any endpoint on this machine, and for our own a test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use super::case::{self, Verdict};
use super::road::Road;
use super::road::sdk::http::Http;
use super::table::{self, Line, SUBJECTS};

/// Where to: one or several of the same kind with `,` between.
const ENDPOINT: &str = "ENIPILOT_CONFORMANCE_ENDPOINT";
/// What to POST to before each case, for servers that can forget.
const RESET: &str = "ENIPILOT_CONFORMANCE_RESET";
/// Lines of the score by which servers are compared.
const LINES: u32 = 66;

#[test]
#[ignore = "needs an endpoint: run tests/conformance/run"]
fn over_http() {
    let urls = std::env::var(ENDPOINT).expect("ENIPILOT_CONFORMANCE_ENDPOINT names an endpoint");
    let urls: Vec<&str> = urls.split(',').collect();
    for url in &urls {
        let here = ["http://127.0.0.1:", "http://localhost:"];
        assert!(
            here.iter().any(|h| url.starts_with(h)),
            "{url}: only endpoints on this machine, because nothing that a case builds is taken down"
        );
    }
    let lines = table::all();
    let next = Mutex::new(lines.iter());
    let results = Mutex::new(Vec::new());
    let ours = Mutex::new(true);
    std::thread::scope(|scope| {
        for url in &urls {
            scope.spawn(|| {
                let mut road = Http::to(url);
                *ours.lock().unwrap() &= road.is_ours();
                let image = road.image().unwrap_or(super::IMAGE.to_owned());
                loop {
                    let Some(line) = next.lock().unwrap().next() else {
                        return;
                    };
                    reset();
                    let verdict = match &line.switch {
                        Some(_) => {
                            Verdict::NotHere("it needs a switch of the simulator".to_owned())
                        }
                        None => case::run(line, &mut road, &image),
                    };
                    results.lock().unwrap().push((line, verdict));
                }
            });
        }
    });
    let results = results.into_inner().unwrap();
    let ours = ours.into_inner().unwrap();
    let wrong = tell(&lines, &results);
    assert!(
        !ours || wrong == 0,
        "{wrong} cases do not hold on our own endpoint"
    );
}

/// Asks a server that can forget to do so.
fn reset() {
    let Ok(url) = std::env::var(RESET) else {
        return;
    };
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{url}: {answer}");
}

/// Prints every miss and the scores; how many cases differ that should not.
fn tell(lines: &[Line], results: &[(&Line, Verdict)]) -> usize {
    let of = |line: &Line| {
        let found = results.iter().find(|(l, _)| l.text == line.text);
        found.map(|(_, verdict)| verdict)
    };
    let mut wrong = 0;
    for line in lines {
        match of(line) {
            Some(Verdict::Differs(why)) => {
                wrong += usize::from(line.todo.is_none());
                let why: String = why.chars().take(200).collect();
                let case = format!("{} -> {}", line.before.join("; "), line.call);
                println!(
                    "miss {:>2} {case}\n        {why}",
                    line.check.unwrap_or_default()
                );
            }
            Some(Verdict::NotHere(why)) => println!("left out: {}: {why}", line.text),
            _ => {}
        }
    }
    let count = |subject: Option<&str>| {
        let ours = results
            .iter()
            .filter(|(line, _)| subject.is_none_or(|s| line.subject == s));
        let ours: Vec<_> = ours.map(|(_, v)| v).collect();
        let hold = ours.iter().filter(|v| ***v == Verdict::Holds).count();
        let asked = ours.iter().filter(|v| !matches!(v, Verdict::NotHere(_)));
        (hold, asked.count())
    };
    for (subject, _) in SUBJECTS {
        let (hold, asked) = count(Some(subject));
        println!("{subject:20} {hold:3} of {asked}");
    }
    let (hold, asked) = count(None);
    println!("{:20} {hold:3} of {asked}", "all cases");
    // A line of the score is right when every case of it is.
    let right: Vec<u32> = (1..=LINES)
        .filter(|n| {
            let mut ours = lines.iter().filter(|l| l.scores.contains(n)).peekable();
            ours.peek().is_some() && ours.all(|l| of(l) == Some(&Verdict::Holds))
        })
        .collect();
    println!("score: {} of {LINES}", right.len());
    println!("right: {right:?}");
    wrong
}
