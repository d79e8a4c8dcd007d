//! The served world under one client: how soon it answers, how fast, and what it keeps in memory.
//! `cargo bench --no-default-features --bench serve` fails above a budget; Linux only, where it asks
//! `/proc`. `tests/interop/run bench` measures moto beside it.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const ENIS: usize = 10_000;
const PAGE: usize = 1_000;
/// Lines of the announcement: a comment and four exports.
const ANNOUNCED: usize = 5;

fn main() -> ExitCode {
    // `cargo bench` passes options, `cargo test --benches` none: then once is enough.
    let full = std::env::args().any(|a| a == "--bench");
    let (runs, calls) = if full { (20, 20_000) } else { (1, 10) };
    let starts = sorted(runs, || start_of("two-am"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.toml");
    std::fs::write(&file, world()).unwrap();
    let server = Server::start(file.to_str().unwrap());
    let fresh = server.resident();
    let mut client = server.connect();
    let sweeps = sorted(runs, || sweep(&mut client));
    let look = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-00000000000000001";
    let looks = per_second(calls, || client.ask(look));
    let modify = "Action=ModifyNetworkInterfaceAttribute&Description.Value=x\
                  &NetworkInterfaceId=eni-00000000000000001";
    let changes = per_second(calls, || client.ask(modify));
    let within = [
        told("start", millis(starts[runs / 2]), 50.0, "ms", true),
        told(
            "10,000 described by the page",
            millis(sweeps[runs / 2]),
            300.0,
            "ms",
            true,
        ),
        told("one described, calls a second", looks, 2_000.0, "", false),
        told("one changed, calls a second", changes, 2_000.0, "", false),
        told("resident with 10,000", fresh, 60.0, "MB", true),
        told(
            "resident after all of this",
            server.resident(),
            60.0,
            "MB",
            true,
        ),
    ];
    if full && within.contains(&false) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// A line for a figure; whether it is within its budget.
fn told(what: &str, figure: f64, budget: f64, unit: &str, most: bool) -> bool {
    let within = if most {
        figure <= budget
    } else {
        figure >= budget
    };
    let verdict = if within { "within" } else { "OVER" };
    println!("{what:<30} {figure:>9.1} {unit:<2}  {verdict} {budget} {unit}");
    within
}

fn world() -> String {
    let mut text = String::from(
        r#"
name = "bench"
now = 2026-03-12T02:00:13Z
[vpc.v]
cidr = "10.0.0.0/16"
[subnet.s]
cidr = "10.0.0.0/17"
zone = "us-east-1a"
"#,
    );
    for n in 0..ENIS {
        let (high, low) = (64 + n / 200, 4 + n % 200);
        write!(
            text,
            "[eni.e{n}]\nid = \"eni-{n:017x}\"\nsubnet = \"s\"\nip = \"10.0.{high}.{low}\"\n"
        )
        .unwrap();
    }
    text
}

/// A running server.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(world: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_enipilot"))
            .args([
                "serve",
                "--plain",
                "--access-key",
                "bench",
                "--world",
                world,
            ])
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines: Vec<String> = lines.take(ANNOUNCED).map(Result::unwrap).collect();
        let port = lines.iter().find_map(|line| line.rsplit_once("127.0.0.1:"));
        let port = port.unwrap().1.parse().unwrap();
        Self { child, port }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream: BufReader::new(stream),
            port: self.port,
        }
    }

    /// In millions of bytes.
    fn resident(&self) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path).unwrap();
        let line = text.lines().find_map(|l| l.strip_prefix("VmRSS:"));
        let kib: f64 = line.unwrap().trim_end_matches("kB").trim().parse().unwrap();
        kib * 1_024.0 / 1_000_000.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that stays open, as an SDK's does.
struct Client {
    stream: BufReader<TcpStream>,
    port: u16,
}

impl Client {
    /// Asks, and reads the whole answer, which must be a success.
    fn ask(&mut self, form: &str) -> Vec<u8> {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=bench/20260312/us-east-1/ec2/aws4_request, \
             SignedHeaders=host, Signature=00\r\n\r\n{form}",
            self.port,
            form.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            let text = line.trim_end().to_ascii_lowercase();
            if text.starts_with("http/") {
                assert!(text.contains(" 200 "), "{text}: {form}");
            } else if let Some(value) = text.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            } else if text.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        body
    }
}

/// From the spawn to the first answer.
fn start_of(world: &str) -> Duration {
    let began = Instant::now();
    let server = Server::start(world);
    server.connect().ask("Action=DescribeVpcs");
    began.elapsed()
}

/// Everything once, page by page.
fn sweep(client: &mut Client) -> Duration {
    let began = Instant::now();
    let (mut token, mut seen) = (String::new(), 0);
    loop {
        let form = format!("Action=DescribeNetworkInterfaces&MaxResults={PAGE}{token}");
        let body = String::from_utf8(client.ask(&form)).unwrap();
        seen += body.matches("<networkInterfaceId>").count();
        match body.split_once("<nextToken>") {
            None => break,
            Some((_, rest)) => {
                let next = rest.split('<').next().unwrap();
                token = format!(
                    "&NextToken={}",
                    next.replace('+', "%2B").replace('=', "%3D")
                );
            }
        }
    }
    assert_eq!(seen, ENIS);
    began.elapsed()
}

fn sorted(runs: usize, mut run: impl FnMut() -> Duration) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..runs).map(|_| run()).collect();
    times.sort_unstable();
    times
}

fn per_second(calls: u32, mut call: impl FnMut() -> Vec<u8>) -> f64 {
    let began = Instant::now();
    for _ in 0..calls {
        call();
    }
    f64::from(calls) / began.elapsed().as_secs_f64()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
