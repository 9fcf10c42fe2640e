//! Checks a JSON body: first by the quick validator, then by the oracle, whose errors become findings.

use serde_json::Value;

use super::Checker;
use super::explain::explain;
use super::json::{self, Parsed};
use super::local::{Context, Local};
use super::redact::name_or_shape;
use super::walk::Walk;
use crate::contract::Root;
use crate::quick::Verdict;
use crate::report::Skip;
use crate::rules::Rule;

impl<'a> Checker<'a> {
    pub(super) fn json(
        &self,
        body: &[u8],
        root: usize,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let Some(root) = self.contract.root(root) else {
            return;
        };
        if root.is_any {
            local.finding(context, Rule::SchemaNotApplied, "", "", None);
            local.skipped(Skip::NoSchema);
            return;
        }
        if self.is_quickly_fine(root, body, context, local) {
            local.validated(body.len());
            return;
        }
        match json::parse(body) {
            Ok(parsed) => {
                match self.contract.validator(root) {
                    Ok(_) => local.validated(body.len()),
                    Err(_) => local.skipped(Skip::NoSchema),
                }
                self.held(&parsed, root, context, local);
            }
            Err(unparsed) => {
                local.finding(context, unparsed.rule, "", unparsed.reason, None);
                local.skipped(Skip::NotJson);
            }
        }
    }

    /// Only [`Verdict::Ok`] is final; everything else goes to the oracle.
    fn is_quickly_fine(
        &self,
        root: &Root,
        body: &[u8],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) -> bool {
        let verdict = match local.judged {
            true => Some(Verdict::Ok),
            false => {
                let (operation, status) = (context.operation, context.status);
                self.judge(root, operation, status, body, &mut local.counts)
            }
        };
        let Some(verdict) = verdict else { return false };
        local.verdict(verdict);
        if verdict == Verdict::Ok {
            local.take_counts(context);
        } else {
            local.counts.clear();
        }
        verdict == Verdict::Ok
    }

    /// The request's body; it does not count as a validated response.
    pub(super) fn sent(
        &self,
        body: &[u8],
        root: &Root,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        match json::parse(body) {
            Ok(_) if root.is_any => {}
            Ok(parsed) => self.held(&parsed, root, context, local),
            Err(unparsed) => local.finding(context, unparsed.rule, "", unparsed.reason, None),
        }
    }

    pub(super) fn held(
        &self,
        parsed: &Parsed,
        root: &Root,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        for key in &parsed.duplicates {
            let key = name_or_shape(key);
            local.finding(context, Rule::JsonDuplicateKey, "", key, None);
        }
        self.held_value(&parsed.value, root, context, local);
    }

    /// What the oracle says about a value, and what was seen in it.
    pub(super) fn held_value(
        &self,
        value: &Value,
        root: &Root,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let found = match self.contract.validator(root) {
            Ok(validator) if validator.is_valid(value) => Vec::new(),
            Ok(validator) => explain(self.contract, validator, value, &root.use_),
            Err(unusable) => {
                let (pointer, reason) = (unusable.pointer.as_str(), unusable.reason.as_str());
                local.finding(context, Rule::SchemaUnusable, pointer, reason, None);
                return;
            }
        };
        let refused = found.iter().filter(|it| it.rule == Rule::FieldUnknown);
        let refused = refused.map(|it| it.pointer.clone()).collect();
        for found in found {
            local.found(context, found);
        }
        let mut walk = Walk {
            contract: self.contract,
            local,
            context,
            pointer: String::new(),
            refused: &refused,
        };
        walk.value(value, &root.use_);
    }
}

/// Proxies answer in HTML or text under any media type.
pub(super) fn looks_like_json(body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'[' | b'"')) || json::parse(body).is_ok()
}
