//! The rules: id, severity, meaning and fix of each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; never changes the exit code.
    Note,
    /// Probably a fault of the contract, or of a proxy on the way.
    Warning,
    /// The recording contradicts the contract.
    Error,
}

impl Severity {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! rules {
    ($($rule:ident $id:literal $severity:ident $meaning:literal $fix:literal)*) => {
        /// What a finding is about. The id is part of fingerprints and does not change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule {
            $(#[doc = $meaning] #[serde(rename = $id)] $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];

            fn row(self) -> (&'static str, Severity, &'static str, &'static str) {
                match self {
                    $(Self::$rule => ($id, Severity::$severity, $meaning, $fix),)*
                }
            }
        }
    };
}

rules! {
    InputEmpty "input-empty" Warning
        "A file is empty." "Leave it out, or find out why nothing was recorded."
    InputUnrecognised "input-unrecognised" Error
        "A file is in none of the known formats." "Convert it to NDJSON or HAR 1.2."
    InputTruncated "input-truncated" Error
        "A file ends early; what came before is checked." "Record or copy it again."
    RecordingIncomplete "recording-incomplete" Warning
        "The recorder could not keep up and dropped interactions." "Write to a faster disk, or record less."
    LineInvalid "line-invalid" Error
        "A line or entry of a recording is not an interaction." "Record it again; the location gives line and byte."
    LineTooLong "line-too-long" Error
        "A line is longer than the limit." "Record in smaller pieces, or raise the limit."
    BodyUnreadable "body-unreadable" Warning
        "A recorded body is damaged, or not where the recording says." "Record it again, or copy the files of the recording together."
    Utf8Invalid "utf8-invalid" Error
        "Bytes that are not UTF-8 where text is required." "Record bodies that are not UTF-8 as base64."
    OperationUndocumented "operation-undocumented" Error
        "No operation of the contract has this method and path." "Add the operation, or leave the interaction out."
    StatusUndocumented "status-undocumented" Error
        "The operation does not document this status." "Add the status to the operation."
    ContentTypeUndocumented "content-type-undocumented" Error
        "A body has another media type than documented." "Find out who sent it; add the media type if it belongs to the API."
    ContentTypeMissing "content-type-missing" Note
        "A body has no media type; the documented one is assumed." "Record response headers."
    HeaderMissing "header-missing" Error
        "Missing required response header." "Make it optional in the contract, or report it to the API's owner."
    HeaderMalformed "header-malformed" Error
        "A response header is not of the documented type." "Correct its type in the contract, or report it to the API's owner."
    AnswerMissing "answer-missing" Note
        "The connection broke off before a response." "Nothing, unless it happens often."
    BodyMissing "body-missing" Error
        "A documented body is empty." "Document the status without a body, or report it to the API's owner."
    BodyUnexpected "body-unexpected" Error
        "A body where none is documented." "Document the body."
    ErrorBodyNotJson "error-body-not-json" Warning
        "A failure does not have the documented JSON body." "Clients must not rely on error bodies of this status."
    SchemaNotApplied "schema-not-applied" Warning
        "The operation matched, but the contract has no schema for the body." "Give the response a schema."
    SchemaUnusable "schema-unusable" Error
        "A schema of the contract cannot be applied." "Correct the keyword or reference at this pointer of the contract."
    FormatUnknown "format-unknown" Note
        "A format that nobody knows: values of any form pass it." "Nothing, or describe the form with a pattern."
    JsonInvalid "json-invalid" Error
        "A body is not valid JSON." "Find out who responded, or whether the recording is cut."
    JsonDuplicateKey "json-duplicate-key" Error
        "An object has a key twice; readers disagree about which counts." "Report it to the API's owner."
    JsonTooDeep "json-too-deep" Error
        "JSON nested deeper than 127 levels." "Report it to the API's owner; clients should not read it."
    NumberOutOfRange "number-out-of-range" Error
        "A number that fits no 64-bit type." "Send it as a string."
    RequiredMissing "required-missing" Error
        "Missing required property." "Make it optional in the contract, or report it to the API's owner."
    TypeWrong "type-wrong" Error
        "A value has another JSON type than documented." "Correct the type in the contract, or report it to the API's owner."
    FormatDecimal "format-decimal" Error
        "A string is not a decimal." "Drop `format: decimal`, or report it to the API's owner."
    FormatDateTime "format-date-time" Error
        "A string is not a date-time of the documented form." "Correct the format in the contract."
    FormatInteger "format-integer" Error
        "An integer does not fit its format." "Widen the format in the contract."
    FormatInvalid "format-invalid" Error
        "A string is not of its documented format." "Correct the format in the contract, or report it to the API's owner."
    ConstraintViolated "constraint-violated" Error
        "A value breaks a bound or pattern of the contract." "Correct the bound in the contract."
    EnumUnknown "enum-unknown" Error
        "Value is not one of the documented enum values." "Add the value to the enumeration; the proposed patch does."
    FieldUnknown "field-unknown" Error
        "A property that the contract does not document." "Add the property to the contract; the proposed patch does."
    PropertyUndocumented "property-undocumented" Note
        "A property that the contract neither documents nor forbids." "Nothing, or add the property to the contract."
    DirectionWrong "direction-wrong" Error
        "A read-only property in a request, or a write-only one in a response." "Report it to whoever sends it, or correct the contract."
    UnionNone "union-none" Error
        "A value fits no arm of its union." "Add the arm, or correct the discriminator."
    UnionAmbiguous "union-ambiguous" Warning
        "A value fits several arms of its `oneOf`." "Give the union a discriminator, or make it an `anyOf`."
    NullUndeclared "null-undeclared" Note
        "An explicit null that the contract does not declare; it is taken as absence." "Nothing, or declare the property nullable."
    ParameterUndocumented "parameter-undocumented" Warning
        "A query parameter that the operation does not document." "Add the parameter, or correct the client."
    ParameterMissing "parameter-missing" Error
        "Missing required parameter." "Correct the client."
    ParameterMalformed "parameter-malformed" Error
        "A parameter does not fit its documented schema." "Correct the client, or the type in the contract."
    ChannelUndocumented "channel-undocumented" Error
        "No channel of the contract has an address that fits the stream." "Add the channel, or leave the messages out."
    MessageUndocumented "message-undocumented" Error
        "A message that is neither of a stream nor a documented request or reply." "Add the message to the contract, or report it to whoever sends it."
    MessageNotChecked "message-not-checked" Warning
        "A message of a stream, and no AsyncAPI document to check it against." "Name the document: --asyncapi FILE."
    RequestNotChecked "request-not-checked" Warning
        "A request body in a form that is not read." "Check it by other means."
    BytesNotChecked "bytes-not-checked" Note
        "A body or part of bytes, of which the contract says no more." "Nothing."
}

impl Rule {
    /// The stable name.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// How much its findings matter.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.row().1
    }

    /// What a finding of this rule means, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().2
    }

    /// What to do about a finding.
    #[must_use]
    pub fn fix(self) -> &'static str {
        self.row().3
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
