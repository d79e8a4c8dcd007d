//! The engine and the simulator, on one virtual clock.

use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::call::{Call, Detach};
use enipilot::ec2::time::Time;
use enipilot::failover::engine::{Consent, Engine, Input, Observation, Outcome, Output, Pace};
use enipilot::failover::facts::Mark;
use enipilot::failover::plan::{Intent, Plan, Planned, plan};
use enipilot::failover::report::{markdown, summary};
use enipilot::failover::sky::Sky;
use enipilot::failover::status::Ending;
use enipilot::sim::Sim;

const ENI: &str = "eni-0c1d52aa7be03f9a1";
const PRIMARY: &str = "i-0d1a2b3c4d5e6f701";
const STANDBY: &str = "i-0d1a2b3c4d5e6f702";

fn two_am() -> (Sim, Plan) {
    let text = include_str!("../../demo/worlds/two-am.toml");
    let sim = Sim::load("two-am.toml", text, 1).unwrap();
    let intent = Intent::new(ENI.into(), STANDBY.into());
    let sky = Sky::sim("two-am", "111122223333", "us-east-1");
    let Ok(Planned::Plan(plan)) = plan(&sim.world(), &intent, &sky, sim.now()) else {
        panic!("two-am cannot be planned");
    };
    (sim, *plan)
}

/// Flies to the end. `alone` names the output after which nobody is there any more.
fn fly(sim: &mut Sim, engine: &mut Engine, alone: Option<usize>) -> Option<Ending> {
    let consent = Consent {
        typed: String::new(),
        how: "sim",
    };
    let mut due: Vec<(Time, Input)> = vec![(sim.now(), Input::Begin(Pace::Run, consent))];
    let mut outputs = 0;
    let limit = sim.now() + Duration::from_secs(900);
    while sim.now() < limit {
        due.sort_by_key(|(at, _)| *at);
        if due.is_empty() {
            return None;
        }
        let (at, input) = due.remove(0);
        sim.advance(at);
        let now = sim.now();
        for output in engine.handle(now, input) {
            outputs += 1;
            if Some(outputs) == alone {
                due.push((now, Input::Alone("SIGHUP".to_owned())));
            }
            match output {
                Output::Journal(record) => due.push((now, Input::Durable(record.seq))),
                Output::Submit(ticket, call) => {
                    let outcome = match sim.call(&call) {
                        Ok(answer) => Outcome::Accepted(answer),
                        Err(error) => Outcome::Refused(error),
                    };
                    let took = Duration::from_millis(200);
                    due.push((now + took, Input::Answered(ticket, outcome, took)));
                }
                Output::Look(gaze) => {
                    let seen = Ok(sim.world());
                    let asked_at = now;
                    let seen = Observation {
                        asked_at,
                        gaze,
                        seen,
                    };
                    due.push((now + Duration::from_millis(30), Input::Observed(seen)));
                }
                Output::WakeAt(at) => {
                    due.retain(|(_, input)| !matches!(input, Input::Tick));
                    due.push((at, Input::Tick));
                }
                Output::End(ending) => return Some(ending),
            }
        }
    }
    None
}

#[test]
fn two_am_ends_on_the_standby_with_every_forecast_ticked() {
    let (mut sim, plan) = two_am();
    let mut engine = Engine::new(Arc::new(plan), "7f3a", 1);
    assert_eq!(fly(&mut sim, &mut engine, None), Some(Ending::Done));
    let world = sim.world();
    let holder = world
        .eni(&ENI.into())
        .and_then(|e| e.instance_id().cloned());
    assert_eq!(holder, Some(STANDBY.into()));
    let verify = engine.status().steps.last().unwrap();
    assert!(
        verify.rows.iter().all(|r| r.mark == Mark::Tick),
        "{:?}",
        verify.rows
    );
    // Until the guest has seen it and clients have asked again.
    sim.advance(sim.now() + Duration::from_secs(10));
    let strips = sim.strips();
    let summary = summary(engine.status(), strips.first(), &world, sim.now());
    let report = markdown(&summary);
    for says in [
        "done",
        "10.0.1.50",
        "EIP 203.0.113.10",
        "DetachNetworkInterface",
        "stop db-primary",
        "| call: AttachNetworkInterface",
        "| seen: available |",
        "10.0.1.50:5432 answers again, after",
        "| ended: DONE: db-service",
        "| attachment | db-primary #1 | db-standby #1 |",
        "| MacAddress | 02:5e:11:04:aa:9c | unchanged |",
        "| AttachmentId | eni-attach-0b7e5c21d09f1a338 | eni-attach-",
    ] {
        assert!(report.contains(says), "{says} is missing in\n{report}");
    }
}

#[test]
fn left_alone_at_any_output_it_is_attached_somewhere_at_the_end() {
    for alone in 1..80 {
        let (mut sim, plan) = two_am();
        let mut engine = Engine::new(Arc::new(plan), "7f3a", 1);
        let ending = fly(&mut sim, &mut engine, Some(alone)).expect("an ending");
        let holder = sim
            .world()
            .eni(&ENI.into())
            .and_then(|e| e.instance_id().cloned());
        let expected = match ending {
            Ending::Done => STANDBY,
            Ending::Aborted => PRIMARY,
            other => panic!("alone after {alone}: {other:?}"),
        };
        assert_eq!(holder, Some(expected.into()), "alone after {alone}");
    }
}

#[test]
fn what_somebody_else_detached_is_left_alone() {
    let (mut sim, plan) = two_am();
    let attachment_id = plan.attachment_id.clone().unwrap();
    let call = Call::DetachNetworkInterface(Detach {
        attachment_id,
        force: false,
    });
    sim.call(&call).unwrap();
    let mut engine = Engine::new(Arc::new(plan), "7f3a", 1);
    let ending = fly(&mut sim, &mut engine, None);
    assert!(
        matches!(ending, Some(Ending::ForeignChange(_))),
        "{ending:?}"
    );
    assert!(engine.status().calls.is_empty());
}
