//! Live plans: what is judged, accepted and typed before anything flies.

use super::*;

#[test]
fn live_without_writes_shows_the_plan_and_refuses_to_fly() {
    let mut m = live(false);
    planned_live(&mut m, Surroundings::default());
    assert_eq!(keys(&mut m, "r"), []);
    assert!(m.notice.as_ref().unwrap().text.contains("--allow-writes"));
    assert_eq!(m.layer(), Some(&Layer::Walk));
}

#[test]
fn live_there_is_no_stepping() {
    let mut m = live(true);
    planned_live(&mut m, Surroundings::default());
    assert_eq!(keys(&mut m, "n"), []);
    assert!(m.notice.as_ref().unwrap().bad);
    let footer = keymap::available(&m);
    assert!(footer.iter().all(|h| h.action != Action::Next));
}

/// Keys before the dialog was drawn, pastes, Enter alone and `y` never agree; six characters and
/// Enter do.
#[test]
fn a_consent_is_typed_after_it_was_seen() {
    let mut m = live(true);
    planned_live(&mut m, Surroundings::default());
    assert_eq!(keys(&mut m, "r ervice enter"), []);
    let Some(Layer::Consent(dialog)) = m.layer().cloned() else {
        panic!("no dialog: {:?}", m.layers);
    };
    assert_eq!(
        (dialog.expected.as_str(), dialog.typed.as_str()),
        ("ervice", "")
    );
    update(&mut m, Msg::Drawn);
    update(&mut m, Msg::Paste("ervice".to_owned()));
    assert_eq!(keys(&mut m, "enter y enter"), []);
    assert_eq!(keys(&mut m, "backspace ervic enter"), []);
    assert!(m.notice.as_ref().unwrap().bad);
    let effects = keys(&mut m, "e enter");
    let [Effect::Fly { pace, consent, .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (*pace, consent.how, consent.typed.as_str()),
        (Pace::Run, "tui", "ervice")
    );
}

#[test]
fn a_live_plan_waits_for_the_judgement_of_its_place() {
    let mut m = live(true);
    let effects = keys(&mut m, "f enter");
    let [Effect::LookAround(plan, moving)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert!(!moving.is_empty());
    assert_eq!(keys(&mut m, "r j k"), []);
    assert_eq!(m.layer(), Some(&Layer::Walk));
    // An answer for another plan is none for this one.
    let other = Arc::new(Plan {
        undo_of: Some("7f3a".to_owned()),
        ..Plan::clone(plan)
    });
    update(&mut m, Msg::Surroundings(other, Box::default()));
    assert_eq!(keys(&mut m, "r"), []);
    let notice = m.notice.clone().unwrap();
    assert!(notice.text.contains("still looking"), "{notice:?}");
    update(&mut m, Msg::Surroundings(Arc::clone(plan), Box::default()));
    keys(&mut m, "r");
    assert!(matches!(m.layer(), Some(Layer::Consent(_))));
}

#[test]
fn what_blocks_by_place_is_accepted_by_name_and_recorded_in_the_plan() {
    let mut m = live(true);
    let plan = m.world.eni(&"eni-service".into()).unwrap();
    let here = Surroundings {
        session_to: Some(plan.private_ip_addresses[0].private_ip_address.into()),
        ..Surroundings::default()
    };
    planned_live(&mut m, here.clone());
    assert_eq!(keys(&mut m, "r"), []);
    let notice = m.notice.clone().unwrap();
    assert!(notice.text.contains("SSH session"), "{notice:?}");
    // An Enter alone accepts nothing.
    assert_eq!(keys(&mut m, "a enter"), []);
    assert!(m.walk.as_ref().unwrap().plan.intent.accepted.is_empty());
    let effects = keys(&mut m, "a j enter");
    let [Effect::LookAround(plan, _)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(plan.intent.accepted, ["own-session"]);
    update(&mut m, Msg::Surroundings(Arc::clone(plan), Box::new(here)));
    assert_eq!(keys(&mut m, "a"), []);
    assert_eq!(m.layer(), Some(&Layer::Walk), "nothing is left to accept");
    keys(&mut m, "r");
    assert!(matches!(m.layer(), Some(Layer::Consent(_))));
}

#[test]
fn esc_leaves_a_consent_even_before_it_was_drawn() {
    let mut m = live(true);
    planned_live(&mut m, Surroundings::default());
    assert_eq!(keys(&mut m, "r esc"), []);
    assert_eq!(m.layer(), Some(&Layer::Walk));
}
