//! What the only reader of files refuses: the place, the problem and the fix.

#![cfg(test)]

use bpx_contract::{Diagnostics, Document, read_text};

fn refused(file: &str, bytes: &[u8]) -> Diagnostics {
    Document::parse(file, bytes).unwrap_err()
}

/// The single fault of `text`: its line, its problem and its fix.
fn fault(file: &str, text: &str) -> (Option<usize>, String, String) {
    let Diagnostics(faults) = refused(file, text.as_bytes());
    let [fault] = faults.as_slice() else {
        panic!("{faults:?}")
    };
    assert_eq!(fault.place.file, file);
    (fault.place.line, fault.problem.clone(), fault.fix.clone())
}

fn assert_fault(file: &str, text: &str, line: Option<usize>, problem: &str, fix: &str) {
    let (found_line, found_problem, found_fix) = fault(file, text);
    assert!(
        found_problem.contains(problem),
        "{text:.60}: {found_problem}"
    );
    assert_eq!(found_line, line, "{text:.60}: {found_problem}");
    assert_eq!(found_fix, fix, "{text:.60}: {found_problem}");
}

#[test]
fn text_that_begins_with_a_brace_is_json_whatever_its_name() {
    let (_, problem, _) = fault("a.yaml", "\n  {a: 1}");
    assert!(problem.contains("key must be a string"), "{problem}");
}

#[test]
fn a_name_in_json_is_json_whatever_its_case() {
    let (_, problem, _) = fault("A.JSON", "a: 1");
    assert!(problem.contains("expected value"), "{problem}");
}

#[test]
fn broken_syntax_names_its_line() {
    let fix = "correct the syntax here";
    assert_fault(
        "a.yaml",
        "a: 1\nb: [1, 2\n",
        Some(2),
        "unclosed bracket",
        fix,
    );
    assert_fault(
        "a.yaml",
        "a: 1\nb: c: d\n",
        Some(2),
        "mapping values are not allowed",
        fix,
    );
    assert_fault("a.yaml", "a:\n\t- 1\n", Some(2), "tabs", fix);
    assert_fault(
        "a.yaml",
        "a: 1\nb: @c\n",
        Some(2),
        "unexpected character",
        fix,
    );
    assert_fault(
        "a.json",
        "{\n  \"a\": 1,\n}\n",
        Some(3),
        "trailing comma",
        fix,
    );
    assert_fault(
        "a.json",
        "{\"a\": 1}\n{\"b\": 2}\n",
        Some(2),
        "trailing characters",
        fix,
    );
    assert_fault("a.json", "{\"a\": ", Some(1), "EOF", fix);
    assert_fault(
        "a.json",
        "{\"a\": 1e999}",
        Some(1),
        "number out of range",
        fix,
    );
}

#[test]
fn a_message_says_its_place_once() {
    for (file, text) in [("a.yaml", "a: [1\nb: 2\n"), ("a.json", "{\"a\" 1}")] {
        let (_, problem, _) = fault(file, text);
        assert!(!problem.contains(" line "), "{problem}");
        assert!(problem.contains("column"), "{problem}");
    }
}

#[test]
fn a_key_that_occurs_twice_is_refused() {
    let fix = "keep one of the two";
    assert_fault(
        "a.yaml",
        "a: 1\nb: 2\na: 3\n",
        Some(3),
        "the key `a` occurs twice",
        fix,
    );
    // Only as JSON are these the same; the fault then stands where their object begins.
    assert_fault(
        "a.yaml",
        "x:\n  200: 1\n  '200': 2\n",
        Some(2),
        "the key `200` occurs twice",
        fix,
    );
    assert_fault(
        "a.json",
        "{\"x\": {\n\"a\": 1,\n\"a\": 2}}",
        Some(3),
        "the key `a` occurs twice",
        fix,
    );
}

#[test]
fn a_key_that_is_no_text_is_refused() {
    for text in [
        "a: 1\n[b]: 2\n",
        "a: 1\n{b: c}: 2\n",
        "a: 1\nnull: 2\n",
        "a: 1\n~: 2\n",
    ] {
        assert_fault(
            "a.yaml",
            text,
            Some(2),
            "a key here is no text",
            "write the key in quotes",
        );
    }
}

#[test]
fn what_json_cannot_say_is_refused() {
    for number in [".inf", "-.inf", ".nan", "1e999"] {
        let fix = "write it in quotes, or give a finite number";
        assert_fault(
            "a.yaml",
            &format!("a: 1\nb: {number}\n"),
            Some(2),
            "is no JSON number",
            fix,
        );
    }
    assert_fault(
        "a.yaml",
        "a: 1\nb: !money 3\n",
        Some(2),
        "unsupported tag `!money`",
        "remove the tag",
    );
}

#[test]
fn more_than_one_document_is_refused() {
    let fix = "keep one document per file";
    assert_fault(
        "a.yaml",
        "a: 1\n---\nb: 2\n",
        Some(3),
        "more than one document",
        fix,
    );
    assert!(Document::parse("a.yaml", b"%YAML 1.2\n---\na: 1\n...\n").is_ok());
}

#[test]
fn a_file_that_says_nothing_is_refused() {
    for (file, text) in [
        ("a.yaml", ""),
        ("a.yaml", " \n\n"),
        ("a.json", ""),
        ("a.yaml", "\u{feff}"),
    ] {
        assert_fault(
            file,
            text,
            None,
            "the file is empty",
            "write the contract into it, or name another file",
        );
    }
    let fix = "name a file that holds a contract";
    assert_fault(
        "a.yaml",
        "# later\n",
        None,
        "the document is empty, not an object",
        fix,
    );
    assert_fault(
        "a.yaml",
        "---\n",
        None,
        "the document is empty, not an object",
        fix,
    );
}

#[test]
fn a_document_that_is_no_object_is_refused() {
    let fix = "name a file that holds a contract";
    assert_fault(
        "a.yaml",
        "- a\n- b\n",
        None,
        "the document is a list, not an object",
        fix,
    );
    assert_fault(
        "a.yaml",
        "just text\n",
        None,
        "the document is a string, not an object",
        fix,
    );
    assert_fault(
        "a.json",
        "[1]",
        None,
        "the document is a list, not an object",
        fix,
    );
    assert_fault(
        "a.json",
        "3",
        None,
        "the document is a number, not an object",
        fix,
    );
    assert_fault(
        "a.json",
        "null",
        None,
        "the document is empty, not an object",
        fix,
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_placed() {
    let Diagnostics(faults) = refused("a.yaml", b"a: 1\nb: caf\xe9\n");
    assert_eq!(faults[0].place.line, Some(2));
    assert!(
        faults[0].problem.contains("byte 11"),
        "{}",
        faults[0].problem
    );
    assert_eq!(faults[0].fix, "save the file as UTF-8");
    refused("a.json", b"\xff\xfe{\x00}\x00");
}

#[test]
fn nesting_beyond_the_limit_is_refused_however_deep() {
    let fix = "move inner parts into definitions of their own and refer to them";
    for depth in [129, 10_000, 1_000_000] {
        let json = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert_fault("a.json", &json, Some(1), "deeper than 128", fix);
        let flow = format!("a: {}1{}", "[".repeat(depth), "]".repeat(depth));
        refused("a.yaml", flow.as_bytes());
        let unclosed = format!("a: {}", "[".repeat(depth));
        refused("a.yaml", unclosed.as_bytes());
        let inline = format!("a: {}1", "- ".repeat(depth));
        refused("a.yaml", inline.as_bytes());
    }
    let block: String = (0..10_000)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    assert_fault("a.yaml", &block, Some(129), "deeper than 128", fix);
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*l{}, ", level - 1).repeat(10);
        text.push_str(&format!("l{level}: &l{level} [{below}]\n"));
    }
    let (line, problem, fix) = fault("a.yaml", &text);
    assert!(line.is_some());
    assert!(
        problem.contains("the aliases expand to too much"),
        "{problem}"
    );
    assert_eq!(
        fix,
        "write the repeated part out, or refer to it with `$ref`"
    );
}

#[test]
fn an_alias_that_leads_nowhere_or_into_itself_is_refused() {
    let fix = "write the repeated part out, or refer to it with `$ref`";
    assert_fault(
        "a.yaml",
        "a: 1\nb: *gone\n",
        Some(2),
        "alias references unknown anchor",
        fix,
    );
    assert_fault(
        "a.yaml",
        "a: &a\n  b: *a\n",
        Some(2),
        "an alias contains itself",
        fix,
    );
}

#[test]
fn hostile_scraps_never_panic() {
    let scraps = [
        "\0",
        "%",
        "%YAML",
        "&",
        "*",
        "!",
        "!!",
        "|",
        ">",
        "? ",
        "- ",
        ": ",
        "'",
        "\"",
        "\"\\x",
        "{",
        "[",
        "]",
        "}",
        ",",
        "<<: 1",
        "a: !!binary ?",
        "a: !!int x",
        "a: &x\n<<: *x",
        "\r",
        "\u{2028}",
        "a: \u{7f}",
    ];
    for first in scraps {
        for second in scraps {
            for file in ["a.yaml", "a.json"] {
                // Either answer is fine; what counts is that there is one.
                let _ = Document::parse(file, format!("{first}{second}").as_bytes());
            }
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Document::read(&folder.path().join("gone.yaml"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.contains("there is no such file") && missing.contains("gone.yaml"),
        "{missing}"
    );
    let instead = Document::read(folder.path()).unwrap_err().to_string();
    assert!(
        instead.contains("this is a folder, not a file"),
        "{instead}"
    );
    let text = read_text(&folder.path().join("names.toml"))
        .unwrap_err()
        .to_string();
    assert!(text.contains("there is no such file"), "{text}");
}

#[test]
fn a_file_far_beyond_any_contract_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.yaml");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(65 * 1024 * 1024).unwrap();
    let refused = Document::read(&path).unwrap_err().to_string();
    assert!(refused.contains("larger than 64 MiB"), "{refused}");
}
