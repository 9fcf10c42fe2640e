//! One function per kind of success.

use bpx_runtime::PageHeaders;
use bpx_runtime::decode::{bytes, empty, json, maybe, maybe_outcome, outcome, page, text};
use bpx_runtime::{Answer, Bytes, HeaderMap, Outcome, StatusCode, Undecoded};

fn answer(status: u16, body: &'static str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap_or_default(),
        headers: HeaderMap::new(),
        body: Bytes::from_static(body.as_bytes()),
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T, Undecoded>) -> String {
    result.map_or_else(
        |error| error.to_string(),
        |value| format!("read as {value:?}"),
    )
}

#[test]
fn json_is_read_whole() {
    assert_eq!(json::<Vec<u8>>(&answer(200, " [1, 2] ")), Ok(vec![1, 2]));
    assert_eq!(
        reason(json::<u8>(&answer(200, ""))),
        "the body is empty, expected JSON"
    );
    assert!(reason(json::<u8>(&answer(200, "1 2"))).contains("trailing characters"));
    assert!(reason(json::<Vec<u8>>(&answer(200, "[1, 2"))).contains("EOF while parsing"));
}

#[test]
fn a_fault_in_json_is_found_by_its_path() {
    let body = r#"[{"a":[1,2]},{"a":[1,"x"]}]"#;
    let read = json::<Vec<std::collections::BTreeMap<String, Vec<u8>>>>(&answer(200, body));
    let reason = reason(read);
    assert!(
        reason.starts_with(r#"[1].a[1]: invalid type: string "x", expected u8"#),
        "{reason}"
    );
}

#[test]
fn an_outcome_is_done_with_a_body_and_accepted_without() {
    assert_eq!(outcome(&answer(200, "1")), Ok(Outcome::Done(1)));
    assert_eq!(outcome(&answer(202, "1")), Ok(Outcome::Done(1)));
    assert_eq!(outcome::<u8>(&answer(202, "")), Ok(Outcome::Accepted));
    assert!(outcome::<u8>(&answer(200, "")).is_err());
    assert!(outcome::<u8>(&answer(202, "x")).is_err());
}

#[test]
fn maybe_is_none_without_a_body() {
    assert_eq!(maybe(&answer(200, "1")), Ok(Some(1)));
    assert_eq!(maybe::<u8>(&answer(204, "")), Ok(None));
    assert_eq!(maybe::<u8>(&answer(200, "")), Ok(None));
    assert!(maybe::<u8>(&answer(200, "x")).is_err());
}

#[test]
fn maybe_outcome_tells_three_cases_apart() {
    assert_eq!(maybe_outcome(&answer(200, "1")), Ok(Outcome::Done(Some(1))));
    assert_eq!(
        maybe_outcome::<u8>(&answer(204, "")),
        Ok(Outcome::Done(None))
    );
    assert_eq!(maybe_outcome::<u8>(&answer(202, "")), Ok(Outcome::Accepted));
}

#[test]
fn text_bytes_and_nothing_take_the_body_as_it_is() {
    assert_eq!(text(&answer(200, "pong")), Ok("pong".to_owned()));
    assert_eq!(bytes(&answer(200, "pong")), Ok(Bytes::from_static(b"pong")));
    assert_eq!(empty(&answer(204, "")), Ok(()));
    assert_eq!(empty(&answer(200, "OK")), Ok(()));
    let latin = Answer {
        body: Bytes::from_static(&[0xe9]),
        ..answer(200, "")
    };
    assert!(reason(text(&latin)).starts_with("the body is not UTF-8 text"));
}

const PAGE_HEADERS: [(&str, &str); 4] = [
    ("x-page-count", "3"),
    ("x-current-page", "1"),
    ("x-page-size", "2"),
    ("x-total", "5"),
];

const NAMES: PageHeaders<'static> = PageHeaders {
    page_count: "X-PAGE-COUNT",
    current_page: "X-CURRENT-PAGE",
    page_size: "X-PAGE-SIZE",
    total: "X-TOTAL",
};

fn paged(headers: &[(&'static str, &'static str)]) -> Answer {
    let headers = headers
        .iter()
        .filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
        .collect();
    Answer {
        headers,
        ..answer(200, "[7,8]")
    }
}

#[test]
fn a_page_reads_like_its_items_and_knows_the_rest() {
    let page = page::<u8>(&paged(&PAGE_HEADERS), &NAMES).unwrap();
    assert_eq!(
        (
            page.page_count,
            page.current_page,
            page.page_size,
            page.total
        ),
        (Some(3), Some(1), Some(2), Some(5))
    );
    assert_eq!((page.len(), page.first()), (2, Some(&7)));
    assert_eq!((&page).into_iter().sum::<u8>(), 15);
    assert_eq!(page.into_iter().collect::<Vec<_>>(), [7, 8]);
}

#[test]
fn a_page_header_that_is_missing_or_no_number_is_an_absent_count_and_costs_no_row() {
    for index in 0..PAGE_HEADERS.len() {
        let mut without = PAGE_HEADERS.to_vec();
        without.remove(index);
        let wrong = ["", "-1", "1.5", "18446744073709551616", "many"].map(|wrong| {
            let mut headers = PAGE_HEADERS.to_vec();
            headers[index].1 = wrong;
            headers
        });
        for headers in wrong.iter().chain([&without]) {
            let page = page::<u8>(&paged(headers), &NAMES).unwrap();
            let counts = [
                page.page_count,
                page.current_page,
                page.page_size,
                page.total,
            ];
            let mut expected = [Some(3), Some(1), Some(2), Some(5)];
            expected[index] = None;
            assert_eq!((counts, &page.items[..]), (expected, &[7, 8][..]));
        }
    }
}

#[test]
fn an_outcome_can_be_unwrapped_and_mapped() {
    assert_eq!(Outcome::Done(1).map(|value| value + 1).done(), Some(2));
    assert!(Outcome::<u8>::Accepted.map(|value| value + 1).is_accepted());
    assert_eq!(Outcome::<u8>::Accepted.done(), None);
    assert!(!Outcome::Done(1).is_accepted());
}
