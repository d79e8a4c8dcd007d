//! Which profile, Region, endpoint and credentials an AWS connection would use.
//!
//! The order is that of the AWS SDKs (SDKs and Tools Reference Guide, "Credential provider chain").
//! It is retold here from names alone, so that no secret is read and nothing goes over a network;
//! the connection itself asks the SDK.

use std::path::PathBuf;

use super::{Check, Surroundings};
use crate::cli::resolve::Live;

/// One section of a shared AWS file: names of its settings and their values.
type Section = Vec<(String, String)>;

/// The shared configuration.
pub(super) fn config_path(here: &Surroundings) -> PathBuf {
    file(here, "AWS_CONFIG_FILE", "config")
}

/// The shared credentials.
pub(super) fn credentials_path(here: &Surroundings) -> PathBuf {
    file(here, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
}

fn file(here: &Surroundings, variable: &str, name: &str) -> PathBuf {
    match here.var(variable) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(here.var("HOME").unwrap_or("/"))
            .join(".aws")
            .join(name),
    }
}

pub(super) fn checks(here: &Surroundings, live: &Live) -> Vec<Check> {
    if !cfg!(feature = "aws") {
        return vec![Check::warn(
            "aws",
            "this build has no AWS support",
            "build with the feature `aws` (on by default)",
        )];
    }
    settings(here, live)
}

fn settings(here: &Surroundings, live: &Live) -> Vec<Check> {
    let (profile, named_by) = match (&live.profile, here.var("AWS_PROFILE")) {
        (Some(name), _) => (name.as_str(), "--profile"),
        (None, Some(name)) => (name, "AWS_PROFILE"),
        (None, None) => ("default", "nothing names another"),
    };
    let section = section(here, profile);
    let profile_check = if section.is_some() || profile == "default" {
        Check::ok("aws profile", format!("{profile} ({named_by})"))
    } else {
        Check::warn(
            "aws profile",
            format!("{profile} ({named_by}) is in neither shared AWS file"),
            format!("aws configure --profile {profile}, or choose another with --profile"),
        )
    };
    let section = section.unwrap_or_default();
    vec![
        profile_check,
        region(here, live, &section),
        endpoint(here, live, &section),
        credentials(here, live, &section),
        permissions(),
    ]
}

/// Nothing is asked over a network here; two commands that only read tell what is permitted.
fn permissions() -> Check {
    let text = "not asked here: `enipilot tree --live` says what this identity may not see (NOT SEEN), \
                the preflight of `enipilot plan --live` what it may not do";
    Check::ok("aws permissions", text)
}

fn region(here: &Surroundings, live: &Live, section: &Section) -> Check {
    let found = live.region.as_deref().map(|r| (r, "--region"));
    let found = found
        .or_else(|| here.var("AWS_REGION").map(|r| (r, "AWS_REGION")))
        .or_else(|| {
            here.var("AWS_DEFAULT_REGION")
                .map(|r| (r, "AWS_DEFAULT_REGION"))
        })
        .or_else(|| setting(section, "region").map(|r| (r, "profile")));
    match found {
        Some((region, by)) => Check::ok("aws region", format!("{region} ({by})")),
        None => Check::warn(
            "aws region",
            "none is set; on an EC2 instance its own is taken",
            "--region us-east-1, or export AWS_REGION",
        ),
    }
}

fn endpoint(here: &Surroundings, live: &Live, section: &Section) -> Check {
    let found = live.endpoint_url.as_deref().map(|u| (u, "--endpoint-url"));
    let found = found
        .or_else(|| {
            here.var("AWS_ENDPOINT_URL_EC2")
                .map(|u| (u, "AWS_ENDPOINT_URL_EC2"))
        })
        .or_else(|| {
            here.var("AWS_ENDPOINT_URL")
                .map(|u| (u, "AWS_ENDPOINT_URL"))
        })
        .or_else(|| setting(section, "endpoint_url").map(|u| (u, "profile")));
    match found {
        None => Check::ok("aws endpoint", "AWS's own"),
        Some((url, by)) => Check::ok("aws endpoint", format!("{} ({by})", without_user(url))),
    }
}

/// A URL may carry a password before its host.
fn without_user(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

fn credentials(here: &Surroundings, live: &Live, section: &Section) -> Check {
    let name = "aws credentials";
    let keys = here.var("AWS_ACCESS_KEY_ID").is_some();
    let secret = here.var("AWS_SECRET_ACCESS_KEY").is_some();
    // A profile that the command line names outranks keys in the environment.
    if keys && secret && live.profile.is_none() {
        return Check::ok(name, "keys from the environment");
    }
    if keys != secret {
        return Check::warn(
            name,
            "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set",
            "set both, or neither",
        );
    }
    if setting(section, "mfa_serial").is_some() {
        return Check::warn(
            name,
            "the profile asks for an MFA code, which the AWS SDK cannot do",
            "export temporary keys: aws configure export-credentials --format env",
        );
    }
    let from_profile = [
        ("role_arn", "a role that the profile assumes"),
        (
            "sso_session",
            "IAM Identity Center (aws sso login renews it)",
        ),
        (
            "sso_start_url",
            "IAM Identity Center (aws sso login renews it)",
        ),
        ("aws_access_key_id", "keys of the profile"),
        ("credential_process", "a process that the profile names"),
    ];
    for (key, source) in from_profile {
        if setting(section, key).is_some() {
            return Check::ok(name, source);
        }
    }
    let from_variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "web identity token"),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "container role"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "container role"),
    ];
    for (variable, source) in from_variables {
        if here.var(variable).is_some() {
            return Check::ok(name, source);
        }
    }
    Check::warn(
        name,
        "none found; on an EC2 instance its role is asked for",
        "aws configure, aws sso login, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )
}

/// The settings of a profile in both files, the configuration's first.
fn section(here: &Surroundings, profile: &str) -> Option<Section> {
    let long = format!("profile {profile}");
    let config = here.config.as_deref().and_then(|text| {
        let short = if profile == "default" { profile } else { "" };
        read(text, &[long.as_str(), short])
    });
    let credentials = here
        .credentials
        .as_deref()
        .and_then(|text| read(text, &[profile]));
    match (config, credentials) {
        (None, None) => None,
        (a, b) => Some(a.into_iter().chain(b).flatten().collect()),
    }
}

fn read(text: &str, names: &[&str]) -> Option<Section> {
    let mut found: Option<Section> = None;
    let mut inside = false;
    for line in text.lines() {
        if let Some(head) = line
            .trim()
            .strip_prefix('[')
            .and_then(|l| l.strip_suffix(']'))
        {
            let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
            inside = !head.is_empty() && names.contains(&head.as_str());
            if inside {
                found.get_or_insert_with(Vec::new);
            }
        } else if inside
            && !line.starts_with([' ', '\t', '#', ';'])
            && let Some((name, value)) = line.split_once('=')
            && let Some(section) = &mut found
        {
            section.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    found
}

fn setting<'a>(section: &'a Section, name: &str) -> Option<&'a str> {
    let found = section
        .iter()
        .find(|(key, value)| key == name && !value.is_empty());
    found.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
[default]
region = eu-west-1
[profile prod]
region=us-east-1
role_arn = arn:aws:iam::111122223333:role/x
source_profile = default
[profile mfa]
mfa_serial = arn:aws:iam::111122223333:mfa/me
role_arn = arn:aws:iam::111122223333:role/x
[profile sso]
sso_session = corp
s3 =
  region = nested-and-not-ours
endpoint_url = https://user:hunter2@example.com/ec2
";
    const CREDENTIALS: &str = "[keys]\naws_access_key_id = AKIASECRET\naws_secret_access_key = s\n";

    fn report(profile: &str, variables: &[(&str, &str)]) -> String {
        let here = Surroundings {
            variables: variables
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            config: Some(CONFIG.to_owned()),
            credentials: Some(CREDENTIALS.to_owned()),
            ..Surroundings::default()
        };
        let live = Live {
            profile: (!profile.is_empty()).then(|| profile.to_owned()),
            ..Live::default()
        };
        let checks = settings(&here, &live);
        let said = checks.iter().map(|c| format!("{} {}", c.ok, c.finding));
        said.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn where_permissions_are_told_is_told() {
        let said = report("", &[]);
        assert!(
            said.contains("true not asked here: `enipilot tree --live`"),
            "{said}"
        );
    }

    #[test]
    fn the_order_is_that_of_the_sdk_and_no_secret_is_said() {
        let keys = [
            ("AWS_ACCESS_KEY_ID", "AKIASECRET"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ];
        for (profile, variables, expected) in [
            (
                "",
                &[][..],
                "true default (nothing names another) | true eu-west-1 (profile) | true AWS's own | false none found",
            ),
            ("", &keys[..], "true keys from the environment"),
            ("", &keys[..1], "false only one of AWS_ACCESS_KEY_ID"),
            (
                "prod",
                &keys[..],
                "true prod (--profile) | true us-east-1 (profile) | true AWS's own | true a role",
            ),
            ("mfa", &[][..], "false the profile asks for an MFA code"),
            (
                "sso",
                &[][..],
                "false none is set; on an EC2 instance its own is taken | true https://example.com/ec2 (profile) | true IAM Identity Center",
            ),
            (
                "keys",
                &[("AWS_REGION", "r")][..],
                "true r (AWS_REGION) | true AWS's own | true keys of the profile",
            ),
            (
                "",
                &[("AWS_PROFILE", "prod")][..],
                "true prod (AWS_PROFILE)",
            ),
            (
                "none",
                &[][..],
                "false none (--profile) is in neither shared AWS file",
            ),
            (
                "",
                &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")][..],
                "true web identity token",
            ),
        ] {
            let said = report(profile, variables);
            assert!(
                said.contains(expected),
                "{profile} {variables:?}\n{said}\n{expected}"
            );
            assert!(
                !said.contains("AKIASECRET") && !said.contains("hunter2"),
                "{said}"
            );
        }
    }
}
