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
    RequestBodyAdded "request-body-added" Breaking Major
        "A request now requires a body." "`send` fails until callers set it."
    RequestBodyRemoved "request-body-removed" Risky Major
        "A request no longer has a body; the server may ignore or reject it." "`body` is removed."
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
    StatusRemoved "response-success-status-removed" Safe Patch
        "A success is no longer reported with this status." "What `send` returns may be unwrapped."
    FailureAdded "response-failure-status-added" Safe Minor
        "A failure can be reported with a new status." "The status is documented."
    FailureRemoved "response-failure-status-removed" Safe Patch
        "A failure is no longer reported with this status." "None."
    RequestContentChanged "request-content-changed" Breaking Major
        "The request body has another content type." "`body` may take another type."
    ContentChanged "response-content-changed" Breaking Major
        "The body has another content type." "`send` returns another type."
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
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
