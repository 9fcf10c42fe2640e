//! The kinds of change, each a row: what it means on the wire, and for Rust callers.

use std::fmt;

use serde::Serialize;

/// What a change means for callers that were written against the old document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They do not notice.
    Safe,
    /// Neither a proof nor a counterexample was found.
    Undecided,
    /// The documents alone cannot tell: it depends on how a caller reads, or on what a server ignores.
    Risky,
    /// Some of them stop working.
    Breaking,
}

impl Verdict {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Breaking, Self::Risky, Self::Undecided, Self::Safe];

    /// The word in reports.
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

/// The step of the version of a client that is generated anew (Semantic Versioning 2.0.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The public surface stays as it is.
    Patch,
    /// Something is added.
    Minor,
    /// Callers' source may have to change.
    Major,
}

impl Step {
    /// The word in reports.
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
        /// A kind of change. The id does not change.
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
        "A new operation." "The client has a method more."
    OperationRemoved "operation-removed" Breaking Major
        "An operation is gone." "Its method is gone; callers of it do not compile."
    OperationRenamed "operation-renamed" Safe Major
        "An operation has another id under the same method and path." "The method has another name."
    OperationMoved "operation-moved" Breaking Patch
        "An operation is found under another method or path." "The source stays; clients in use call what is no longer there."
    SigningAdded "signing-added" Breaking Major
        "A public operation has to be signed." "The method is one of `Client`, no longer of `PublicClient`."
    SigningRemoved "signing-removed" Safe Major
        "An operation is signed no longer." "The method is one of `PublicClient`."
    InstructionChanged "instruction-changed" Breaking Patch
        "The signing string is made otherwise." "The source stays; signatures of clients in use are refused."
    ParameterAdded "parameter-added" Safe Minor
        "A new parameter that may be left out." "The builder has a setter more."
    ParameterRequiredAdded "parameter-required-added" Breaking Major
        "A new parameter that must be sent." "`send` fails until callers set it."
    ParameterRemoved "parameter-removed" Risky Major
        "A parameter is gone; a server may ignore or refuse it." "Its setter is gone."
    ParameterRequired "parameter-became-required" Breaking Major
        "A parameter that could be left out must be sent." "`send` fails until callers set it."
    ParameterOptional "parameter-became-optional" Safe Minor
        "A parameter may be left out." "Its setter need not be called."
    ParameterMoved "parameter-moved" Breaking Patch
        "A parameter travels elsewhere." "The source stays; clients in use send it where nobody looks."
    ParameterRespelled "parameter-respelled" Safe Patch
        "A header is spelled in other letters; case does not count." "Nothing, unless the name in Rust changes."
    ParameterNarrowed "parameter-narrowed" Breaking Major
        "A parameter takes fewer values." "Its setter may take another type, or values fail that did not."
    ParameterWidened "parameter-widened" Safe Major
        "A parameter takes every value it took, and more." "Its setter may take another type."
    ParameterUndecided "parameter-undecided" Undecided Major
        "A parameter takes other values; no value was found that is refused now, nor a proof that there is none."
        "Its setter may take another type."
    RequestBodyAdded "request-body-added" Breaking Major
        "A request needs a body." "`send` fails until callers set it."
    RequestBodyRemoved "request-body-removed" Risky Major
        "A request has no body any more; a server may ignore or refuse it." "`body` is gone."
    RequestFieldAdded "request-field-added" Safe Minor
        "A new field that may be left out." "The type has a field and a setter more."
    RequestRequiredFieldAdded "request-required-field-added" Breaking Major
        "A new field that must be sent." "`new` takes an argument more."
    RequestFieldRemoved "request-field-removed" Risky Major
        "A field is gone; a server may ignore or refuse it." "The field and its setter are gone."
    RequestFieldRequired "request-field-became-required" Breaking Major
        "A field that could be left out must be sent." "What was an `Option` is an argument of `new`."
    RequestFieldOptional "request-field-became-optional" Safe Major
        "A field may be left out." "What was an argument of `new` is an `Option`."
    RequestNullAllowed "request-null-allowed" Safe Major
        "A field may be null." "What was an argument of `new` is an `Option`."
    RequestNullRefused "request-null-refused" Breaking Major
        "A field may be null no longer." "An `Option` may become an argument of `new`; the client sends no nulls."
    RequestValueAdded "request-value-added" Safe Minor
        "A new value may be sent." "The enum has a variant more."
    RequestClosedValueAdded "request-closed-value-added" Safe Major
        "A new value may be sent of a closed enumeration." "The enum has a variant more, which a `match` has to name."
    RequestValueRemoved "request-value-removed" Breaking Major
        "A value is accepted no longer." "Its variant is gone."
    RequestArmAdded "request-arm-added" Safe Minor
        "A new kind of object may be sent." "The enum has a variant more."
    RequestArmRemoved "request-arm-removed" Breaking Major
        "A kind of object is accepted no longer." "Its variant is gone."
    RequestNarrowed "request-narrowed" Breaking Major
        "Fewer values are accepted." "The field may have another type, or values fail that did not."
    RequestWidened "request-widened" Safe Major
        "Every value is accepted that was, and more." "The field may have another type."
    RequestUndecided "request-undecided" Undecided Major
        "Other values are accepted; none was found that is refused now, nor a proof that there is none."
        "The field may have another type."
    RequestRefused "request-refused" Breaking Patch
        "Bodies that were valid are refused, for a reason the comparison cannot place." "See the operation's types."
    StatusAdded "response-success-status-added" Risky Minor
        "A success can come under another status." "Its status is documented."
    AcceptedAdded "response-empty-success-added" Breaking Major
        "A success can come without the body that was always there." "What `send` returns is wrapped."
    StatusRemoved "response-success-status-removed" Safe Patch
        "A success comes under a status no longer." "What `send` returns may be unwrapped."
    FailureAdded "response-failure-status-added" Safe Minor
        "A failure can come under another status." "Its status is documented."
    FailureRemoved "response-failure-status-removed" Safe Patch
        "A failure comes under a status no longer." "Nothing."
    ContentChanged "response-content-changed" Breaking Major
        "Bodies are of another kind." "What `send` returns is another type."
    PagesAdded "response-pages-added" Safe Major
        "A list comes with page headers." "`send` returns a `Page`."
    PagesRemoved "response-pages-removed" Breaking Major
        "A list comes without page headers." "`send` returns a `Vec`."
    ResponseFieldAdded "response-field-added" Safe Minor
        "Objects have a field more; readers pass over what they do not know." "The type has a field more."
    ResponseFieldRemoved "response-field-removed" Breaking Major
        "A field that was always there is gone." "The field is gone."
    ResponseOptionalFieldRemoved "response-optional-field-removed" Risky Major
        "A field that could be missing is gone." "The field is gone; clients in use read `None`."
    ResponseFieldOptional "response-field-became-optional" Breaking Major
        "A field that was always there can be missing." "The field becomes an `Option`; clients in use fail to decode."
    ResponseFieldRequired "response-field-became-required" Safe Major
        "A field is always there." "The field is no `Option` any more."
    ResponseNullAdded "response-null-added" Breaking Major
        "A field that always had a value can be null." "The field becomes an `Option`; clients in use fail to decode."
    ResponseOptionalNullAdded "response-optional-null-added" Risky Patch
        "A field that could be missing can be null; readers may take one for the other or not." "Nothing: null and missing are `None`."
    ResponseNullRemoved "response-null-removed" Safe Major
        "A field is null no longer." "A field may be no `Option` any more."
    ResponseValueAdded "response-value-added" Risky Minor
        "A new value can come; readers that know all values by heart fail." "The enum has a variant more; clients in use read `Unknown`."
    ResponseClosedValueAdded "response-closed-value-added" Breaking Major
        "A new value can come of an enumeration that was closed." "The enum has a variant more; clients in use fail to decode."
    ResponseValueRemoved "response-value-removed" Safe Major
        "A value comes no longer." "Its variant is gone."
    ResponseArmAdded "response-arm-added" Risky Minor
        "A new kind of object can come." "The enum has a variant more; clients in use read `Unknown`."
    ResponseShapeAdded "response-shape-added" Breaking Major
        "A new kind of object can come, and nothing but its shape tells it apart." "The enum has a variant more; clients in use may fail to decode."
    ResponseArmRemoved "response-arm-removed" Safe Major
        "A kind of object comes no longer." "Its variant is gone."
    ResponseWidened "response-widened" Breaking Major
        "Values can come that never came." "The field may have another type; clients in use may fail to decode."
    ResponseNarrowed "response-narrowed" Safe Major
        "Every value that comes could come before." "The field may have another type."
    ResponseUndecided "response-undecided" Undecided Major
        "Other values come; none was found that never came, nor a proof that there is none."
        "The field may have another type."
    ResponseUnexpected "response-unexpected" Breaking Patch
        "Bodies can come that could not, for a reason the comparison cannot place." "See the operation's types."
    EnumOpened "enum-opened" Risky Major
        "An enumeration is closed no longer: values may be added." "The enum gets `Unknown`, which a `match` has to expect."
    RequestEnumOpened "request-enum-opened" Safe Major
        "An enumeration is closed no longer: values may be added." "The enum gets `Unknown`, which a `match` has to expect."
    EnumClosed "enum-closed" Safe Major
        "An enumeration is closed: no value will be added." "The enum has no `Unknown` any more."
    Unread "unread-changed" Undecided Patch
        "A limit or header changed that is not compared; read it." "Nothing: the generator passes over it as well."
    TypeAdded "type-added" Safe Minor
        "A type that no operation had." "The client has a type more."
    TypeRemoved "type-removed" Safe Major
        "A type that no operation has any more." "Its type is gone; callers that import it do not compile."
    TypeRenamed "type-renamed" Safe Major
        "A type has another name, which does not travel." "The Rust type has another name."
}

impl Rule {
    /// The stable name.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// What the change means on the wire.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.row().1
    }

    /// The step of the client's version, at most.
    #[must_use]
    pub fn step(self) -> Step {
        self.row().2
    }

    /// What changed, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().3
    }

    /// What Rust callers see of it.
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
