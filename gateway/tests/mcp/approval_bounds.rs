//! What an approval is not: another account's, more than a no, or a promise.

use std::fs;

use bpx_gateway::{Approvals, Decision, Scope};
use bpx_sandbox::{Sandbox, SandboxConfig};
use serde_json::json;

use super::approval::{built, hasty, patient, sent};
use super::confirm::{answer, asked, hand_in, yes};
use super::support::{EXECUTE, Fixture, Plan, bid};

#[tokio::test]
async fn an_approval_of_one_account_is_worth_nothing_for_another_with_the_same_state_folder() {
    let mut fixture = built(hasty).await;
    fixture.unasking(EXECUTE, bid("20")).await.failed();
    let call = fixture.waiting(1).await.remove(0);
    let account = fixture.dispatch.account().to_owned();
    let account = account.split_once('@').unwrap().0;
    let line = format!("account: {account}");
    assert_eq!(call.summary.lines().nth(1), Some(line.as_str()));
    let decided = fixture.elsewhere().decide(&call.id, Decision::Approve);
    decided.unwrap();
    let form = asked(&fixture.call(EXECUTE, bid("20")).await).0;
    assert_eq!(form.lines().nth(1), Some(line.as_str()));
    // Another key, at another exchange.
    fs::remove_file(fixture.state.path().join("account")).unwrap();
    fixture.sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
    let plan = Plan {
        gateway: hasty,
        ..Plan::default()
    };
    let fixture = fixture.restarted(plan).await;
    assert_ne!(
        fixture.dispatch.account().split_once('@').unwrap().0,
        account
    );
    let code = fixture.unasking(EXECUTE, bid("20")).await.code();
    assert_eq!(code, "CONFIRMATION_TIMED_OUT");
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn a_no_outside_the_client_is_a_no_to_its_form_too() {
    let fixture = built(patient).await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    let no = answer("cancel", json!(null));
    let deciding = async {
        let id = fixture.waiting(1).await.remove(0).id;
        assert_eq!(sent(fixture.decision(&id, "decline")).await.0, 200);
    };
    let unasked = hand_in(&fixture, EXECUTE, bid("20"), &state, no);
    let (declined, ()) = tokio::join!(unasked, deciding);
    assert_eq!(declined.code(), "CONFIRMATION_DECLINED");
    for _ in 0..2 {
        let again = hand_in(&fixture, EXECUTE, bid("20"), &state, yes()).await;
        assert_eq!(again.code(), "CONFIRMATION_DECLINED");
    }
    // Nor by a new form for the same call.
    let again = fixture.call(EXECUTE, bid("20")).await;
    assert_eq!(again.code(), "CONFIRMATION_DECLINED");
    assert_eq!(fixture.placements(), 0);
    let (_, other) = asked(&fixture.call(EXECUTE, bid("21")).await);
    let placed = hand_in(&fixture, EXECUTE, bid("21"), &other, yes()).await;
    assert_eq!(placed.done()["price"], "21");
}

/// The policy row of the only call that waits, once it is another one.
async fn policy(fixture: &Fixture, other_than: &str) -> String {
    loop {
        let policy = fixture.waiting(1).await.remove(0).policy;
        if policy != other_than {
            return policy;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_stops_a_call_that_waits_is_shown_and_said_to_who_approves() {
    let fixture = built(patient).await;
    let deciding = async {
        let allowed = policy(&fixture, "").await;
        let capped = "trading = true\n[order]\nquantity_max = \"0.5\"";
        let capped = bpx_dispatch::Policy::parse(capped, "policy.toml").unwrap();
        fixture.dispatch.set_policy(capped);
        let refused = policy(&fixture, &allowed).await;
        assert!(refused.ends_with("it will be refused"), "{refused}");
        fixture.dispatch.kill("drill").unwrap();
        let killed = policy(&fixture, &refused).await;
        assert_eq!(killed, "the kill switch is on (drill): it will be refused");
        let id = fixture.waiting(1).await.remove(0).id;
        let (status, decided) = sent(fixture.decision(&id, "approve")).await;
        assert_eq!(status, 200, "{decided}");
        assert_eq!(decided["outlook"], format!("approved, but {killed}"));
    };
    let (reply, ()) = tokio::join!(fixture.unasking(EXECUTE, bid("20")), deciding);
    assert_eq!(reply.code(), "KILL_SWITCH");
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn a_call_that_no_longer_waits_is_not_said_to_be_made() {
    let fixture = built(hasty).await;
    fixture.unasking(EXECUTE, bid("20")).await.failed();
    let id = fixture.waiting(1).await.remove(0).id;
    let decided = sent(fixture.decision(&id, "approve")).await.1;
    let outlook = decided["outlook"].as_str().unwrap();
    assert!(
        outlook.starts_with("approved: it is made once, when its client makes it again within"),
        "{outlook}"
    );
}

#[tokio::test]
async fn without_a_page_the_model_is_told_the_command_with_the_state_folder() {
    let fixture = built(|settings| {
        hasty(settings);
        settings.rest = None;
    })
    .await;
    let failed = fixture.unasking(EXECUTE, bid("20")).await.failed();
    let fix = failed["fix"].as_str().unwrap();
    let state = fixture.state.path().display();
    let command = format!("ask the person to run `bpx approve --state '{state}'`;");
    assert!(fix.starts_with(&command), "{fix}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_others_can_read_or_that_is_gone_decides_nothing_and_the_page_says_why() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = built(hasty).await;
    let file = fixture.gateway.approve_token_file();
    let token = fixture.approve_token();
    let list = || {
        let list = fixture.http.get(fixture.page("/waiting"));
        sent(list.bearer_auth(&token))
    };
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let (status, problem) = list().await;
    let detail = "approve.token is of no use: other users can read it";
    assert_eq!((status, &problem["detail"]), (401, &json!(detail)));
    let refused = Approvals::find(fixture.state.path()).unwrap_err();
    assert!(
        refused.to_string().contains("other users can read it"),
        "{refused}"
    );
    fs::remove_file(&file).unwrap();
    let (status, problem) = list().await;
    let detail = "approve.token is of no use: it is missing";
    assert_eq!((status, &problem["detail"]), (401, &json!(detail)));
    assert!(!file.exists());
    // The tokens of callers still do what they did.
    let other = fixture.http.get(fixture.page("/waiting"));
    let other = sent(other.bearer_auth(fixture.token(Scope::Trade))).await;
    assert_eq!(other.0, 403);
}
