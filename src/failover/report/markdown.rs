//! The summary as Markdown, to be pasted into an incident.

use super::{Summary, seconds, times};

/// The whole report.
pub fn markdown(summary: &Summary) -> String {
    let mut out = format!(
        "# Failover of {}: {}\n\n{}\n\n- where: {}\n- operation: {}\n- from: {}\n- to: {}\n",
        summary.network_interface_id,
        summary.ending,
        summary.headline,
        summary.sky,
        summary.operation,
        summary.source.as_deref().unwrap_or("attached to nothing"),
        summary.target,
    );
    if let Some(operation) = &summary.takes_back {
        out.push_str(&format!("- takes back: operation {operation}\n"));
    }
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
    if let Some(measured) = &summary.measured {
        out.push_str(&format!("- measured: {}\n", measured.text()));
    }
    if summary.attached_in_ec2.is_some() {
        out.push_str("- attached in EC2: yes, verified\n");
    }
    if let Some(service) = &summary.service {
        out.push_str(&format!("- service: {}\n", service.text));
    }
    if let Some(list) = summary.not_touched {
        out.push_str(&format!("- not touched: {list}\n"));
    }
    if let Some(next) = &summary.next {
        out.push_str(&format!("- next: {next}\n"));
    }
    list(&mut out, "Forecast and fact differ", &summary.mismatches);
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
    list(&mut out, "Identity before the move", &summary.identity);
    let notes = summary.notes.iter();
    let notes: Vec<_> = notes.map(|(at, note)| format!("{at} {note}")).collect();
    list(&mut out, "Notes", &notes);
    out
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push_str(&format!("\n## {title}\n\n"));
        for line in lines {
            out.push_str(&format!("- {line}\n"));
        }
    }
}
