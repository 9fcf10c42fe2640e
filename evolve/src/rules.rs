//! The table of rules: the kinds of change, what each means for existing callers, and its effect on Rust callers.

use std::fmt;

use serde::Serialize;

/// What a change means for callers that were written for the old document and stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They keep working.
    Safe,
    /// Neither a proof nor a counterexample was found.
    Undecided,
    /// The documents do not decide it: it depends on how a caller reads, or on what the server ignores.
    Risky,
    /// Some of them stop working.
    Breaking,
}

impl Verdict {
    /// Every verdict, the worst first.
    pub const ALL: [Self; 4] = [Self::Breaking, Self::Risky, Self::Undecided, Self::Safe];

    /// The spelling in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Undecided => "undecided",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

/// The version step of a client that is generated again (Semantic Versioning 2.0.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The public API stays the same.
    Patch,
    /// Something is added.
    Minor,
    /// Source code of callers may have to change.
    Major,
}

impl Step {
    /// The spelling in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

macro_rules! rules {
    ($($rule:ident $id:literal $verdict:ident $step:ident $meaning:literal $effect:literal)*) => {
        /// A kind of change. Ids are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Rule {
            $(#[doc = $meaning] #[serde(rename = $id)] $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];

            fn row(self) -> (&'static str, Verdict, Step, &'static str, &'static str) {
                match self {
                    $(Self::$rule => ($id, Verdict::$verdict, Step::$step, $meaning, $effect),)*
                }
            }
        }
    };
}

rules! {
    OperationAdded "operation-added" Safe Minor
        "A new operation." "The client gains a method."
    OperationRemoved "operation-removed" Breaking Major
        "An operation was removed." "Its method is removed; code that calls it does not compile."
    OperationRenamed "operation-renamed" Safe Major
        "An operation has another id under the same method and path." "The method has another name."
    OperationMoved "operation-moved" Breaking Patch
        "An operation has another method or path." "Source code stays the same; existing clients call an endpoint that no longer exists."
    OperationDeprecated "operation-deprecated" Safe Minor
        "An operation is now advised against." "Its method is marked `#[deprecated]`."
    OperationUndeprecated "operation-undeprecated" Safe Patch
        "An operation is no longer advised against." "Its method is no longer marked."
    SunsetAnnounced "sunset-announced" Safe Patch
        "The day when an operation goes away is named, later, or taken back." "None."
    SunsetMoved "sunset-moved" Risky Patch
        "An operation goes away earlier than was said." "None."
    ServerRemoved "server-removed" Risky Patch
        "An operation is no longer offered under a URL." "None, unless callers use the document's server."
    ServerAdded "server-added" Safe Patch
        "An operation is offered under another URL too." "None."
    RateLimitChanged "rate-limit-changed" Risky Patch
        "The server says that it admits another number of requests." "The client keeps to the new limit once it is generated again."
    SecurityTightened "security-tightened" Breaking Major
        "Credentials that were enough no longer are." "The client takes other credentials."
    SecurityLoosened "security-loosened" Safe Patch
        "Other or fewer credentials are enough." "The client may take other credentials."
    SigningAdded "signing-added" Breaking Major
        "A public operation must now be signed." "The method moves from `PublicClient` to `Client`."
    SigningRemoved "signing-removed" Safe Major
        "An operation is no longer signed." "The method moves from `Client` to `PublicClient`."
    InstructionChanged "instruction-changed" Breaking Patch
        "The signing string is built in another way." "Source code stays the same; signatures of existing clients are rejected."
    ParameterAdded "parameter-added" Safe Minor
        "A new optional parameter." "The builder gains a setter."
    ParameterRequiredAdded "parameter-required-added" Breaking Major
        "A new required parameter." "`send` fails until callers set it."
    ParameterRemoved "parameter-removed" Risky Major
        "A parameter was removed; the server may ignore or reject it." "Its setter is removed."
    ParameterRequired "parameter-became-required" Breaking Major
        "An optional parameter became required." "`send` fails until callers set it."
    ParameterOptional "parameter-became-optional" Safe Minor
        "A required parameter became optional." "Its setter need not be called."
    ParameterMoved "parameter-moved" Breaking Patch
        "A parameter is sent in another part of the request." "Source code stays the same; existing clients send it where the server does not look."
    ParameterRespelled "parameter-respelled" Safe Patch
        "The name of a header changed in upper and lower case only, which makes no difference." "None, unless the name in Rust changes."
    ParameterNarrowed "parameter-narrowed" Breaking Major
        "A parameter accepts fewer values." "Its setter may take another type, or values fail that did not."
    ParameterWidened "parameter-widened" Safe Major
        "A parameter accepts every value that it accepted before, and more." "Its setter may take another type."
    ParameterUndecided "parameter-undecided" Undecided Major
        "A parameter accepts other values; neither a rejected value nor a proof that there is none was found."
        "Its setter may take another type."
    ParameterRenamed "parameter-renamed" Safe Major
        "The name of a parameter in the path changed, which is not sent." "Its setter has another name."
    ParameterStyle "parameter-style-changed" Breaking Patch
        "The values of a parameter are written in another way." "Source code stays the same; existing clients write them as before."
    ParameterDeprecated "parameter-deprecated" Safe Minor
        "A parameter is now advised against." "Its setter is marked `#[deprecated]`."
    ParameterUndeprecated "parameter-undeprecated" Safe Patch
        "A parameter is no longer advised against." "Its setter is no longer marked."
    ParameterDefaultChanged "parameter-default-changed" Risky Patch
        "A parameter that is left out stands for another value." "None: clients leave it out as before."
    RequestBodyAdded "request-body-added" Breaking Major
        "A request now requires a body." "`send` fails until callers set it."
    RequestBodyRemoved "request-body-removed" Risky Major
        "A request no longer has a body; the server may ignore or reject it." "`body` is removed."
    RequestOptionalBodyAdded "request-optional-body-added" Safe Minor
        "A request can have a body." "The builder gains `body`."
    RequestBodyRequired "request-body-became-required" Breaking Major
        "A body that could be left out is required." "`send` fails until callers set it."
    RequestBodyOptional "request-body-became-optional" Safe Minor
        "A body that was required can be left out." "`body` need not be called."
    RequestFieldAdded "request-field-added" Safe Minor
        "A new optional property." "The type gains a field and a setter."
    RequestRequiredFieldAdded "request-required-field-added" Breaking Major
        "A new required property." "`new` takes one more argument."
    RequestFieldRemoved "request-field-removed" Risky Major
        "A property was removed; the server may ignore or reject it." "The field and its setter are removed."
    RequestFieldRequired "request-field-became-required" Breaking Major
        "An optional property became required." "An `Option` becomes an argument of `new`."
    RequestFieldOptional "request-field-became-optional" Safe Major
        "A required property became optional." "An argument of `new` becomes an `Option`."
    RequestNullAllowed "request-null-allowed" Safe Major
        "A property may be null." "An argument of `new` becomes an `Option`."
    RequestNullRefused "request-null-refused" Breaking Major
        "A property may no longer be null." "An `Option` may become an argument of `new`; the client sends no nulls."
    RequestValueAdded "request-value-added" Safe Minor
        "A new enum value is accepted." "The enum gains a variant."
    RequestClosedValueAdded "request-closed-value-added" Safe Major
        "A new value is accepted for a closed enum." "The enum gains a variant that every `match` must handle."
    RequestValueRemoved "request-value-removed" Breaking Major
        "An enum value is no longer accepted." "Its variant is removed."
    RequestArmAdded "request-arm-added" Safe Minor
        "A new variant of a union is accepted." "The enum gains a variant."
    RequestArmRemoved "request-arm-removed" Breaking Major
        "A variant of a union is no longer accepted." "Its variant is removed."
    RequestDefaultChanged "request-default-changed" Risky Patch
        "A property that is left out stands for another value." "None: clients leave it out as before."
    RequestClosed "request-object-closed" Undecided Patch
        "Properties that the document does not name are refused; whether callers send any is not known." "None: the client sends what its types have."
    RequestNarrowed "request-narrowed" Breaking Major
        "Fewer values are accepted." "The field may have another type, or values fail that did not."
    RequestWidened "request-widened" Safe Major
        "Every value that was accepted still is, and more." "The field may have another type."
    RequestUndecided "request-undecided" Undecided Major
        "Other values are accepted; neither a rejected value nor a proof that there is none was found."
        "The field may have another type."
    RequestRefused "request-refused" Breaking Patch
        "Bodies that were valid are rejected, for a reason that the comparison cannot locate." "See the operation's types."
    StatusAdded "response-success-status-added" Risky Minor
        "A success can be reported with a new status." "The status is documented."
    AcceptedAdded "response-empty-success-added" Breaking Major
        "A success can lack the body that was always present." "What `send` returns is wrapped."
    StatusRemoved "response-success-status-removed" Risky Patch
        "A success is no longer reported with this status, which callers may wait for." "What `send` returns may be unwrapped."
    FailureAdded "response-failure-status-added" Safe Minor
        "A failure can be reported with a new status." "The status is documented."
    FailureRemoved "response-failure-status-removed" Safe Patch
        "A failure is no longer reported with this status." "None."
    RequestContentChanged "request-content-changed" Safe Major
        "The client sends the request body in another format." "`body` may take another type."
    RequestMediaAdded "request-media-type-added" Safe Patch
        "A request body can also be sent in another format." "None."
    RequestMediaRemoved "request-media-type-removed" Breaking Patch
        "A request body can no longer be sent in this format." "`body` may take another type."
    ContentChanged "response-content-changed" Safe Major
        "The client reads the body in another format." "`send` returns another type."
    ResponseMediaAdded "response-media-type-added" Safe Patch
        "A body can also be received in another format, by whoever asks for it." "`send` may return another type."
    ResponseMediaRemoved "response-media-type-removed" Breaking Patch
        "A body can no longer be received in this format." "`send` may return another type."
    ResponseHeaderAdded "response-header-added" Safe Minor
        "A response has another header." "None."
    ResponseHeaderRemoved "response-header-removed" Breaking Patch
        "A header that was always present was removed." "None, unless the generator knows the header."
    ResponseOptionalHeaderRemoved "response-optional-header-removed" Risky Patch
        "An optional header was removed." "None, unless the generator knows the header."
    ResponseHeaderOptional "response-header-became-optional" Breaking Patch
        "A header that was always present can be missing." "None, unless the generator knows the header."
    ResponseHeaderRequired "response-header-became-required" Safe Patch
        "A header is now always present." "None, unless the generator knows the header."
    PagesAdded "response-pages-added" Safe Major
        "A list has page headers." "`send` returns a `Page`."
    PagesRemoved "response-pages-removed" Breaking Major
        "A list no longer has page headers." "`send` returns a `Vec`."
    ResponseFieldAdded "response-field-added" Safe Minor
        "A new property; readers ignore properties that they do not know." "The type gains a field."
    ResponseFieldRemoved "response-field-removed" Breaking Major
        "A property that was always present was removed." "The field is removed."
    ResponseOptionalFieldRemoved "response-optional-field-removed" Risky Major
        "An optional property was removed." "The field is removed; existing clients read `None`."
    ResponseFieldOptional "response-field-became-optional" Breaking Major
        "A property that was always present can be missing." "The field becomes an `Option`; existing clients fail to decode."
    ResponseFieldRequired "response-field-became-required" Safe Major
        "A property is now always present." "The field is no longer an `Option`."
    ResponseNullAdded "response-null-added" Breaking Major
        "A property that always had a value can be null." "The field becomes an `Option`; existing clients fail to decode."
    ResponseOptionalNullAdded "response-optional-null-added" Risky Patch
        "An optional property can be null; readers may or may not treat null as missing." "None: null and missing are both `None`."
    ResponseNullRemoved "response-null-removed" Safe Major
        "A property is no longer null." "The field may no longer be an `Option`."
    ResponseValueAdded "response-value-added" Risky Minor
        "A new enum value can be received; readers that expect only the known values fail." "The enum gains a variant; existing clients read `Unknown`."
    ResponseClosedValueAdded "response-closed-value-added" Breaking Major
        "A new value of a closed enum can be received." "The enum gains a variant; existing clients fail to decode."
    ResponseValueRemoved "response-value-removed" Safe Major
        "An enum value is no longer received." "Its variant is removed."
    ResponseValuesReplaced "response-values-replaced" Breaking Major
        "None of the values that were received before is received any more." "The variants are replaced; existing clients wait for values that never come."
    ExtensibleValueAdded "extensible-value-added" Safe Patch
        "A new value of an enum that says of itself that it grows." "None: its type is open."
    ExtensibleValueRefused "extensible-value-refused" Breaking Patch
        "A value of an extensible enum is no longer accepted." "None: its type is open."
    ExtensibleValueDropped "extensible-value-dropped" Safe Patch
        "A value of an extensible enum is no longer received." "None: its type is open."
    ResponseArmAdded "response-arm-added" Risky Minor
        "A new variant of a union can be received." "The enum gains a variant; existing clients read `Unknown`."
    ResponseShapeAdded "response-shape-added" Breaking Major
        "A new variant of a union without a discriminator can be received." "The enum gains a variant; existing clients may fail to decode."
    ResponseArmRemoved "response-arm-removed" Safe Major
        "A variant of a union is no longer received." "Its variant is removed."
    ResponseWidened "response-widened" Breaking Major
        "Values can be received that were not possible before." "The field may have another type; existing clients may fail to decode."
    ResponseNarrowed "response-narrowed" Safe Major
        "Every value that can be received was possible before." "The field may have another type."
    ResponseUndecided "response-undecided" Undecided Major
        "Other values are received; neither a new value nor a proof that there is none was found."
        "The field may have another type."
    ResponseUnexpected "response-unexpected" Breaking Patch
        "Bodies can be received that were not possible before, for a reason that the comparison cannot locate." "See the operation's types."
    ResponseOpened "response-object-opened" Safe Patch
        "Properties that the document does not name can be received; readers ignore them." "None."
    ResponseDefaultChanged "response-default-changed" Safe Patch
        "The default of a property that is received changed, which says nothing about what is sent." "None."
    FieldDeprecated "property-deprecated" Safe Minor
        "A property is now advised against." "Its field is marked `#[deprecated]`."
    FieldUndeprecated "property-undeprecated" Safe Patch
        "A property is no longer advised against." "Its field is no longer marked."
    WebhookAdded "webhook-added" Safe Minor
        "The server calls back with another request." "The client gains the type of its body."
    WebhookRemoved "webhook-removed" Breaking Major
        "The server no longer calls back with a request; whoever waits for it waits in vain." "The type of its body is removed."
    EnumOpened "enum-opened" Risky Major
        "A closed enum became open: values may be added." "The enum gains `Unknown`, which a `match` must handle."
    RequestEnumOpened "request-enum-opened" Safe Major
        "A closed enum became open: values may be added." "The enum gains `Unknown`, which a `match` must handle."
    EnumClosed "enum-closed" Safe Major
        "An enum became closed: no values will be added." "The enum no longer has `Unknown`."
    Unread "unread-changed" Undecided Patch
        "A keyword or header changed that is not compared; read it." "None: the generator ignores it too."
    TypeAdded "type-added" Safe Minor
        "A new type." "The client gains a type."
    TypeRemoved "type-removed" Safe Major
        "No operation uses a type any more." "Its type is removed; code that imports it does not compile."
    TypeRenamed "type-renamed" Safe Major
        "A type has another name, which is not sent." "The Rust type has another name."
}

/// What a rule is about. Two means that report the same change in the same place agree about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Whether a part exists.
    Existence,
    /// Whether a part can be missing.
    Presence,
    /// Whether a value can be null.
    Null,
    /// Which values there can be.
    Values,
    /// The format of a body.
    Format,
    /// Anything else.
    Other,
}

impl Rule {
    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// The verdict, unless a proof by the whole body shows the change to be safe.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.row().1
    }

    /// The greatest version step that a client needs.
    #[must_use]
    pub fn step(self) -> Step {
        self.row().2
    }

    /// What changed, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().3
    }

    /// The effect on Rust callers.
    #[must_use]
    pub fn effect(self) -> &'static str {
        self.row().4
    }

    pub(crate) fn class(self) -> Class {
        let id = self.id();
        let is_part = [
            "-field-added",
            "-field-removed",
            "-status-added",
            "-status-removed",
            "-success-added",
        ];
        match id {
            _ if id.starts_with("extensible-") => Class::Other,
            _ if is_part.iter().any(|end| id.ends_with(end)) => Class::Existence,
            "parameter-added"
            | "parameter-required-added"
            | "parameter-removed"
            | "parameter-moved"
            | "request-body-added"
            | "request-optional-body-added"
            | "request-body-removed" => Class::Existence,
            _ if id.ends_with("-became-required") || id.ends_with("-became-optional") => {
                Class::Presence
            }
            _ if id.contains("-null-") => Class::Null,
            _ if id.ends_with("-content-changed") => Class::Format,
            _ if [
                "-narrowed",
                "-widened",
                "-undecided",
                "-refused",
                "-unexpected",
            ]
            .iter()
            .any(|end| id.ends_with(end)) =>
            {
                Class::Values
            }
            _ if ["-value-", "-arm-", "-shape-"]
                .iter()
                .any(|part| id.contains(part)) =>
            {
                Class::Values
            }
            "response-values-replaced" => Class::Values,
            _ => Class::Other,
        }
    }

    /// Whether only the old document has the part.
    pub(crate) fn is_removal(self) -> bool {
        self.id().ends_with("-removed")
    }

    /// Whether only the new document has the part.
    pub(crate) fn is_addition(self) -> bool {
        self.id().ends_with("-added")
    }

    /// The rule for the same change of a parameter's value.
    pub(crate) fn of_parameter(self) -> Self {
        match self {
            Self::RequestNarrowed => Self::ParameterNarrowed,
            Self::RequestWidened => Self::ParameterWidened,
            Self::RequestUndecided => Self::ParameterUndecided,
            Self::RequestDefaultChanged => Self::ParameterDefaultChanged,
            other => other,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
