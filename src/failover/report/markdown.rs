//! The summary as Markdown, to be pasted into an incident.

use super::{Outage, Summary};

/// The whole report.
pub fn markdown(summary: &Summary) -> String {
    let mut out = format!(
        "# Failover of {}: {}\n\n{}\n\n- where: {}\n- operation: {}\n- from: {}\n- to: {}\n",
        summary.network_interface_id,
        summary.ending,
        summary.text,
        summary.sky,
        summary.operation,
        summary.source.as_deref().unwrap_or("attached to nothing"),
        summary.target,
    );
    if !summary.moved.is_empty() {
        out.push_str(&format!("- moved: {}\n", summary.moved.join(", ")));
    }
    if !summary.new.is_empty() {
        out.push_str(&format!("- new: {}\n", summary.new.join(", ")));
    }
    let times = times(&summary.outage);
    if !times.is_empty() {
        out.push_str(&format!("- took: {}\n", times.join(", ")));
    }
    list(&mut out, "Forecast and fact differ", &summary.mismatches);
    list(&mut out, "Next", &summary.next);
    if !summary.calls.is_empty() {
        out.push_str(
            "\n## Calls\n\n| at | call | answer | took | request |\n|---|---|---|---|---|\n",
        );
    }
    for call in &summary.calls {
        let took = call.millis.map_or_else(String::new, seconds);
        let cells = [
            call.at.clock(),
            call.call.clone(),
            call.answer.clone(),
            took,
            call.request_id.clone().unwrap_or_default(),
        ];
        let cells: Vec<_> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    list(&mut out, "Notes", &summary.notes);
    out
}

/// The known parts, in order: `detach 2.9 s`.
fn times(outage: &Outage) -> Vec<String> {
    [
        ("detach", outage.detach),
        ("unattached", outage.unattached),
        ("attach", outage.attach),
        ("guest", outage.guest),
        ("address away", outage.address_away),
        ("clients without an answer", outage.client),
    ]
    .into_iter()
    .filter_map(|(name, span)| Some(format!("{name} {}", seconds(span?))))
    .collect()
}

fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push_str(&format!("\n## {title}\n\n"));
        for line in lines {
            out.push_str(&format!("- {line}\n"));
        }
    }
}
