//! The summary as Markdown, to be pasted into an incident.

use super::{Summary, millis, seconds, times};

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
    out.push_str(&timeline(summary));
    out.push_str(&compared(summary));
    out
}

/// Calls, looks, remarks and what clients saw, one line each, with the time since the first call.
fn timeline(summary: &Summary) -> String {
    let Some(first) = summary.timeline.first() else {
        return String::new();
    };
    let began = summary.calls.first().map_or(first.at, |call| call.at);
    let mut out =
        "\n## Timeline\n\n| at | since | what | took | request |\n|---|---|---|---|---|\n"
            .to_owned();
    for event in &summary.timeline {
        let since = match event.at < began {
            true => format!("-{}", seconds(millis(began.since(event.at)))),
            false => format!("+{}", seconds(millis(event.at.since(began)))),
        };
        row(
            &mut out,
            &[
                event.at.clock(),
                since,
                format!("{}: {}", event.kind, event.text),
                event.millis.map_or_else(String::new, seconds),
                event.request_id.clone().unwrap_or_default(),
            ],
        );
    }
    out
}

fn compared(summary: &Summary) -> String {
    if summary.compared.is_empty() {
        return String::new();
    }
    let mut out = "\n## Before and after\n\n| fact | before | after |\n|---|---|---|\n".to_owned();
    for line in &summary.compared {
        let after = match &line.after {
            None => "not seen",
            Some(after) if *after == line.before => "unchanged",
            Some(after) => after,
        };
        let cells = [line.fact.clone(), line.before.clone(), after.to_owned()];
        row(&mut out, &cells);
    }
    out
}

fn row(out: &mut String, cells: &[String]) {
    let cells: Vec<_> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
    out.push_str(&format!("| {} |\n", cells.join(" | ")));
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push_str(&format!("\n## {title}\n\n"));
        for line in lines {
            out.push_str(&format!("- {line}\n"));
        }
    }
}
