#![allow(clippy::unwrap_used, clippy::panic)]

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use tokio::net::{TcpSocket, TcpStream};

use super::*;

/// As fast as it can be without turning in a circle: what is tested is the order of things.
const QUICK: Duration = Duration::from_millis(2);

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// A service that lets connections wait in its queue: they are established, and live until it ends.
fn service(at: SocketAddr) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    // It comes back on the same port, as a service on a moved address does.
    socket.set_reuseaddr(true).unwrap();
    socket.bind(at).unwrap();
    socket.listen(1_024).unwrap().into_std().unwrap()
}

fn anywhere() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

async fn until(probe: &mut Probe, what: impl FnMut(&Strip) -> bool) -> Strip {
    probe.strip.wait_for(what).await.unwrap().clone()
}

fn newest(strip: &Strip) -> Option<String> {
    match &strip.samples.back()?.reply {
        Reply::Reached(how) => Some(how.split(':').next()?.to_owned()),
        Reply::Lost(_) => Some("lost".to_owned()),
        Reply::Answered(by) => panic!("{by}"),
    }
}

#[test]
fn a_service_that_goes_and_comes_back_is_seen_with_the_held_connection_that_dies() {
    block_on(async {
        let listener = service(anywhere());
        let at = listener.local_addr().unwrap();
        let mut probe = Probe::paced(at, WallClock::start(), QUICK, PATIENCE);
        let held = |strip: &Strip| strip.probing.as_ref().is_some_and(|p| p.held.is_some());
        let strip = until(&mut probe, held).await;
        assert_eq!(
            (&*strip.client, &*strip.target),
            ("this host", &*at.to_string())
        );
        until(&mut probe, |s| newest(s).as_deref() == Some("answers")).await;

        drop(listener);
        let strip = until(&mut probe, |s| newest(s).as_deref() == Some("refuses")).await;
        assert!(strip.gaps().is_empty(), "{strip:?}");
        let ended = |strip: &Strip| strip.probing.as_ref().is_some_and(|p| !p.ends.is_empty());
        let strip = until(&mut probe, ended).await;
        let ends = strip.probing.unwrap().ends;
        assert!(
            matches!(&*ends[0].1, "reset" | "closed by the service"),
            "{ends:?}"
        );

        let _again = service(at);
        until(&mut probe, |s| newest(s).as_deref() == Some("answers")).await;
        // The next connection is held in its place.
        until(&mut probe, held).await;
    });
}

#[test]
fn silence_is_loss_and_enters_the_strip_in_order() {
    block_on(async {
        // A queue for one, which is taken: the kernel drops whoever knocks after that.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(anywhere()).unwrap();
        let listener = socket.listen(0).unwrap();
        let at = listener.local_addr().unwrap();
        let _taken = TcpStream::connect(at).await.unwrap();
        let mut probe = Probe::paced(at, WallClock::start(), QUICK, 4 * QUICK);
        let strip = until(&mut probe, |s| s.samples.len() >= 10).await;
        assert!(strip.samples.iter().all(|s| s.reply.is_lost()), "{strip:?}");
        assert!(
            strip
                .samples
                .iter()
                .zip(strip.samples.iter().skip(1))
                .all(|(a, b)| a.at <= b.at)
        );
        assert_eq!(strip.gaps().len(), 1);
        assert_eq!(strip.probing.unwrap().held, None);
    });
}

#[test]
fn it_ends_with_its_owner() {
    block_on(async {
        let listener = service(anywhere());
        let at = listener.local_addr().unwrap();
        let mut probe = Probe::paced(at, WallClock::start(), QUICK, PATIENCE);
        probe.first().await;
        let mut strip = probe.strip();
        drop(probe);
        // The sending side goes with the task.
        assert!(strip.wait_for(|_| false).await.is_err());
    });
}

#[test]
fn a_recovery_is_so_many_answers_in_a_row_since_the_end() {
    block_on(async {
        let listener = service(anywhere());
        let at = listener.local_addr().unwrap();
        let clock = WallClock::start();
        let mut probe = Probe::paced(at, clock, QUICK, PATIENCE);
        probe.first().await;
        let landed = clock.now();
        let strip = recovered(probe.strip(), landed).await;
        let after = strip.samples.iter().filter(|s| s.at >= landed).count();
        assert!(after >= GOOD_ENOUGH, "{strip:?}");
    });
}
