//! The pages of the reference. Each is made of the table that the program works by.

use bpx_conformance::Rule as FindingRule;
use bpx_dispatch::{POLICY_RULES, Policy};
use bpx_evolve::Rule as ChangeRule;
use bpx_gateway::{METRICS, PROBLEMS};
use clap::{Command, CommandFactory as _};
use serde_json::{Map, Value};

use crate::Cli;
use crate::failure::CATEGORIES;

/// Every page: the name of its file, and its text.
pub(super) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("commands", commands()),
        ("exit-codes", exit_codes()),
        ("findings", findings()),
        ("changes", changes()),
        ("problems", problems()),
        ("policy", policy()),
        ("metrics", metrics()),
    ]
}

/// A page: its title, a sentence, and what follows.
fn page(title: &str, intro: &str, body: &str) -> String {
    let origin =
        "<!-- Written by `bpx manual docs/reference --format markdown`; edits are lost. -->";
    format!("{origin}\n\n# {title}\n\n{intro}\n\n{}\n", body.trim_end())
}

fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| format!("| {} |\n", cells.join(" | "));
    let rows: String = rows.into_iter().map(line).collect();
    format!(
        "{}|{}\n{rows}",
        line(head.map(str::to_owned)),
        "---|".repeat(N)
    )
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn commands() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut body = String::new();
    command(&mut cli, &mut body);
    page(
        "Commands",
        "The help of `bpx` and of each of its commands, as `--help` prints it.",
        &body,
    )
}

fn command(command: &mut Command, body: &mut String) {
    let name = command.get_bin_name().unwrap_or("bpx").to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    *body += &format!(
        "## `{name}`\n\n```text\n{}\n```\n\n",
        help.join("\n").trim()
    );
    for below in command
        .get_subcommands_mut()
        .filter(|it| it.get_name() != "help")
    {
        self::command(below, body);
    }
}

fn exit_codes() -> String {
    let rows = CATEGORIES.iter().map(|(category, meaning)| {
        let (word, retry) = (category.word(), category.retry().word());
        [
            code(word),
            category.exit_code().to_string(),
            retry.to_owned(),
            (*meaning).to_owned(),
        ]
    });
    page(
        "Exit codes and failures",
        "`error` of a failure with `--json`, the exit code of the process, and whether the same command may succeed later \
         without the risk of being carried out twice. Exit code 0 is success.",
        &table(["`error`", "exit code", "retryable", "meaning"], rows),
    )
}

fn findings() -> String {
    let rows = FindingRule::ALL.iter().map(|rule| {
        [
            code(rule.id()),
            rule.severity().as_str().to_owned(),
            rule.meaning().to_owned(),
            rule.fix().to_owned(),
        ]
    });
    page(
        "Findings in recordings",
        "The rules of `bpx check`. Errors and warnings fail a check, notes do not. [Check recordings](../check.md) describes \
         how they are applied, and how to change a severity.",
        &table(["rule", "severity", "finding", "what to do"], rows),
    )
}

fn changes() -> String {
    page(
        "Changes between documents",
        "The rules of `bpx diff`, with the verdict for existing callers by direction, the version step, and an example. \
         [Compare documents](../diff.md) describes how a change is judged.",
        &ChangeRule::markdown(),
    )
}

fn problems() -> String {
    let rows = PROBLEMS.iter().map(|kind| {
        let status = match kind.status {
            0 => "as the exchange".to_owned(),
            status => status.to_string(),
        };
        [status, code(kind.code), kind.title.to_owned()]
    });
    page(
        "Error codes of the gateway",
        "Every refusal and failure over REST is `application/problem+json` (RFC 9457) with one of these codes; MCP tools use \
         the same. [The gateway](../gateway.md#problems) describes the members.",
        &table(["status", "code", "when"], rows),
    )
}

fn metrics() -> String {
    let rows = METRICS.iter().map(|metric| {
        let labels: Vec<_> = metric.labels.iter().map(|label| code(label)).collect();
        [
            format!("`bpx_{}{}`", metric.name, metric.suffix),
            labels.join(", "),
            metric.meaning.to_owned(),
        ]
    });
    page(
        "Metrics",
        "`GET /metrics` of the gateway, in the text format of Prometheus. `face` is `rest` or `mcp`; `account` is the \
         operator's name for the account; `outcome` is `done`, `rejected`, `not_sent`, `accepted`, `unknown`, or the code of \
         a refusal. [Run a gateway](../deploy.md#prometheus) has the scrape job.",
        &table(["metric", "labels", "meaning"], rows),
    )
}

fn policy() -> String {
    let schema = Policy::schema();
    let mut rows = Vec::new();
    keys(&schema, &schema, "", &mut rows);
    let rules: Vec<_> = POLICY_RULES.iter().map(|rule| code(rule)).collect();
    let rules = format!(
        "Findings of the policy have these rules: {}.",
        rules.join(", ")
    );
    page(
        "Policy keys",
        "The keys of a policy file (TOML, `--policy FILE`). A key that is absent sets no limit, except that trading, \
         borrowing, lending and brokers are off. Decimals are written as text. An unknown key is refused.",
        &format!("{}\n{rules}", table(["key", "value", "meaning"], rows)),
    )
}

/// A row for each key of an object, and for those of the tables in it.
fn keys(schema: &Value, root: &Value, table: &str, rows: &mut Vec<[String; 3]>) {
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, key) in properties.unwrap_or(&none) {
        let text = key
            .get("description")
            .or_else(|| resolved(key, root).get("description"));
        let text = text
            .and_then(Value::as_str)
            .unwrap_or_default()
            .replace('\n', " ");
        let path = if table.is_empty() {
            name.clone()
        } else {
            format!("{table}.{name}")
        };
        let each = key.get("additionalProperties");
        let path = if each.is_some() {
            format!("{path}.NAME")
        } else {
            path
        };
        let inner = resolved(each.unwrap_or(key), root);
        if inner.get("properties").is_some() {
            rows.push([format!("`[{path}]`"), "table".to_owned(), text]);
            keys(inner, root, &path, rows);
        } else {
            rows.push([code(&path), value(inner), text]);
        }
    }
}

/// The schema itself, or the definition that it refers to; of one that may be null, the other.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let arms = schema.get("anyOf").and_then(Value::as_array);
    let arm = arms.and_then(|arms| arms.iter().find(|arm| arm.get("$ref").is_some()));
    let schema = arm.unwrap_or(schema);
    let pointer = schema.get("$ref").and_then(Value::as_str);
    let target = pointer.and_then(|it| root.pointer(it.trim_start_matches('#')));
    target.unwrap_or(schema)
}

fn value(schema: &Value) -> String {
    let kind = schema.get("type");
    let is = |word: &str| match kind {
        Some(Value::String(kind)) => kind == word,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == word),
        _ => false,
    };
    let word = match () {
        () if is("boolean") => "true or false",
        () if is("integer") => "number",
        () if is("array") => "list of texts",
        () if is("number") || schema.get("pattern").is_some() => "decimal as text",
        () => "text",
    };
    word.to_owned()
}
