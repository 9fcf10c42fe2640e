//! Messages of streams: what is read of lines and HAR files, and what the recorder writes of them.

use bpx_recording::{
    Content, Direction, FaultKind, Item, Masking, ReadOptions, Reader, Recorded, Recorder, Summary,
    read_recorded, sources,
};
use bpx_runtime::stream::{MessageTap as _, TappedMessage};

use crate::traffic::folder;

/// What a file holds: `1 received 1764478800100 {…}`, with line and text of each message.
fn read(name: &str, bytes: &[u8]) -> Vec<String> {
    let folder = folder();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let files = sources(&[path.display().to_string()]).unwrap();
    let mut seen = Vec::new();
    let shown = |line: u64, recorded: Recorded<'_>| match recorded {
        Recorded::Interaction(it) => format!("{line} {} {}", it.method, it.path),
        Recorded::Message(it) => {
            let content = match it.content {
                Content::Text(text) => text.into_owned(),
                other => format!("{other:?}"),
            };
            let at = it.at_ms.map(|at| format!(" {at}")).unwrap_or_default();
            let host = it.host.map(|host| format!(" {host}")).unwrap_or_default();
            format!("{line} {}{at}{host} {content}", it.direction.as_str())
        }
    };
    let visit = &mut |at: bpx_recording::Location<'_>, item: Item<'_>| {
        let line = at.line.unwrap_or_default();
        seen.push(match item {
            Item::Line(text) => match read_recorded(text) {
                Ok(recorded) => shown(line, recorded),
                Err(fault) => format!("{line} {:?}: {}", fault.kind, fault.reason),
            },
            Item::Interaction(it) => shown(line, Recorded::Interaction(it)),
            Item::Message(it) => shown(line, Recorded::Message(it)),
            Item::Fault(fault) => format!("{line} {:?}: {}", fault.kind, fault.reason),
        });
    };
    Reader::new(files, ReadOptions::default())
        .read(visit)
        .unwrap();
    seen
}

const RAW: &str = r#"{"stream":"wind.north","data":{"v":"7.5"}}
{"id":null,"error":{"code":4006,"message":"no such stream"}}
{"method":"SUBSCRIBE","params":["wind.north"],"signature":["KEY","SIGNED","17","5"]}
{"time":"2026-11-20T04:17:55.048Z","direction":"received","text":"{\"stream\":\"rain\",\"data\":1}"}
{"time":1764478800.1,"direction":"received","base64":"AQID"}
{"time":1,"direction":"sideways","text":""}
{"direction":"received","base64":"%"}
{"data":{"v":1}}
{"method":"GET","url":"/pets","status":200,"stream":"a","data":{}}
{"direction":"sent","text":"api_key=hunter2"}"#;

#[test]
fn lines_are_messages_of_the_recorder_or_as_they_went_over_the_wire() {
    let expected = [
        r#"1 received {"stream":"wind.north","data":{"v":"7.5"}}"#,
        r#"2 received {"id":null,"error":{"code":4006,"message":"no such stream"}}"#,
        r#"3 sent {"method":"SUBSCRIBE","params":["wind.north"],"signature":["redacted","redacted","redacted","redacted"]}"#,
        r#"4 received 1795148275048 {"stream":"rain","data":1}"#,
        "5 received 1764478800100 Binary(3)",
        "6 Invalid: the direction is neither received nor sent",
        "7 Invalid: a message has neither text nor base64",
        "8 Invalid: no method under any known name",
        "9 GET /pets",
        "10 sent redacted",
    ];
    let expected = expected.join("\n");
    assert_eq!(read("raw.ndjson", RAW.as_bytes()).join("\n"), expected);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, RAW.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(read("raw.ndjson.gz", &packed).join("\n"), expected);
    // A list, and objects over several lines, are read as well.
    let list = "[\n {\"stream\":\"a\",\n  \"data\":1},\n {\"stream\":\"b\",\"data\":2}]";
    assert_eq!(read("list.json", list.as_bytes()).len(), 2);
    let spread = "{\n \"stream\": \"a\",\n \"data\": 1\n}\n{\n \"stream\": \"b\",\n \"data\": 2\n}";
    assert_eq!(read("spread.json", spread.as_bytes()).len(), 2);
}

const HAR: &str = r#"{"log": {"version": "1.2", "entries": [
  {"request": {"method": "GET", "url": "wss://ws.pets.example/live"}, "response": {"status": 101},
   "_webSocketMessages": [
     {"type": "send", "time": 1764478800.1, "opcode": 1, "data": "{\"method\":\"SUBSCRIBE\",\"params\":[],\"signature\":[\"KEY\"]}"},
     {"type": "receive", "time": 1764478800.2, "opcode": 1, "data": "{\"stream\":\"a\",\"data\":1}"},
     {"type": "receive", "time": 1764478800.3, "opcode": 2, "data": "AQID"},
     {"type": "receive", "time": 1764478800.4, "opcode": 9, "data": ""},
     {"type": "error", "time": 1764478800.5, "opcode": -1, "data": "reset"},
     {"type": "guess", "opcode": 1, "data": ""},
     7
   ]},
  {"request": {"method": "GET", "url": "https://pets.example/pets"}, "response": {"status": 200}}
]}}"#;

#[test]
fn messages_of_a_har_entry_follow_it_each_with_its_line() {
    assert_eq!(
        read("browser.har", HAR.as_bytes()),
        [
            "2 GET /live",
            r#"4 sent 1764478800100 ws.pets.example {"method":"SUBSCRIBE","params":[],"signature":["redacted"]}"#,
            r#"5 received 1764478800200 ws.pets.example {"stream":"a","data":1}"#,
            "6 received 1764478800300 ws.pets.example Binary(3)",
            "7 received 1764478800400 ws.pets.example Control",
            "8 received 1764478800500 ws.pets.example Control",
            "9 Invalid: a message whose type is neither send nor receive",
            "10 Invalid: a message is not an object",
            "12 GET /pets",
        ]
    );
}

#[test]
fn the_recorder_writes_messages_without_credentials_and_reads_them_back() {
    let folder = folder();
    let record = |name: &str, masking| {
        let path = folder.path().join(name);
        let (recorder, recording) = Recorder::start(&path, masking).unwrap();
        let asked =
            r#"{"method":"SUBSCRIBE","params":["a"],"signature":["KEY","SIGNED","17","5"]}"#;
        recorder.saw_message(TappedMessage::Sent(asked));
        let update = r#"{"stream":"a","data":{"price":"20.5","id":7}}"#;
        recorder.saw_message(TappedMessage::Received(update));
        recorder.saw_message(TappedMessage::ReceivedBytes(b"abc"));
        (recording.finish().unwrap(), std::fs::read(path).unwrap())
    };
    for name in ["a.ndjson", "a.ndjson.gz"] {
        let (summary, bytes) = record(name, Masking::Keep);
        assert_eq!((summary.recorded, summary.dropped), (3, 0));
        let read = read(name, &bytes).join("\n");
        assert!(!read.contains("KEY") && !read.contains("SIGNED"), "{read}");
        let said: Vec<_> = read
            .lines()
            .map(|it| it.splitn(4, ' ').nth(3).unwrap())
            .collect();
        let asked = r#"{"method":"SUBSCRIBE","params":["a"],"signature":["redacted","redacted","redacted","redacted"]}"#;
        let update = r#"{"stream":"a","data":{"price":"20.5","id":7}}"#;
        assert_eq!(said, [asked, update, "Binary(3)"]);
    }
    let (_, masked) = record("masked.ndjson", Masking::Mask);
    let read = read("masked.ndjson", &masked).join("\n");
    assert!(
        read.contains(r#"{"stream":"a","data":{"price":"11.1","id":1}}"#),
        "{read}"
    );
    let (summary, _) = record("a.har", Masking::Keep);
    assert_eq!(
        summary,
        Summary {
            recorded: 0,
            dropped: 3
        }
    );
}

#[test]
fn no_line_of_another_tool_is_taken_for_a_message() {
    for line in [
        r#"{"stream":"stdout","log":"x"}"#,
        r#"{"error":"timeout","level":"warn"}"#,
        r#"{"direction":"received","peer":"a"}"#,
        r#"{"method":"SUBSCRIBE"}"#,
        "[1]",
    ] {
        let fault = read_recorded(line.as_bytes()).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid, "{line}");
    }
    let raw = read_recorded(br#"{"stream":"a","data":1}"#);
    assert!(matches!(raw, Ok(Recorded::Message(it)) if it.direction == Direction::Received));
}
