//! The kinds of change, one row for each.

use serde::Serialize;

use super::verdict::{Step, Verdict};

/// One row of the table.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) verdict: Verdict,
    pub(super) step: Step,
    pub(super) meaning: &'static str,
    pub(super) effect: &'static str,
    pub(super) example: &'static str,
}

macro_rules! rules {
    ($($rule:ident $id:literal $verdict:ident $step:ident $meaning:literal $effect:literal $example:literal)*) => {
        /// A kind of change. Ids are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Rule {
            $(#[doc = $meaning] #[serde(rename = $id)] $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];

            pub(super) fn row(self) -> Row {
                match self {
                    $(Self::$rule => Row {
                        id: $id,
                        verdict: Verdict::$verdict,
                        step: Step::$step,
                        meaning: $meaning,
                        effect: $effect,
                        example: $example,
                    },)*
                }
            }
        }
    };
}

rules! {
    OperationAdded "operation-added" Safe Minor
        "A new operation." "The client gains a method."
        "`POST /orders` is new"
    OperationRemoved "operation-removed" Breaking Major
        "An operation was removed." "Its method is removed; code that calls it does not compile."
        "`DELETE /orders` is gone"
    OperationRenamed "operation-renamed" Safe Major
        "An operation has another id under the same method and path." "The method has another name."
        "`getOrder` is called `readOrder`"
    OperationMoved "operation-moved" Breaking Patch
        "An operation has another method or path." "Source code stays the same; existing clients call an endpoint that no longer exists."
        "`PUT /order` becomes `PATCH /order`"
    OperationDeprecated "operation-deprecated" Safe Minor
        "An operation is now advised against." "Its method is marked `#[deprecated]`."
        "`deprecated: true`"
    OperationUndeprecated "operation-undeprecated" Safe Patch
        "An operation is no longer advised against." "Its method is no longer marked."
        "`deprecated` is gone"
    SunsetAnnounced "sunset-announced" Safe Patch
        "The day when an operation goes away is named, later, or taken back." "None."
        "`x-sunset: 2027-01-01`"
    SunsetMoved "sunset-moved" Risky Patch
        "An operation goes away earlier than was said." "None."
        "`x-sunset` becomes an earlier day"
    ServerRemoved "server-removed" Risky Patch
        "An operation is no longer offered under a URL." "None, unless callers use the document's server."
        "`https://api.example/v1` becomes `/v2`"
    ServerAdded "server-added" Safe Patch
        "An operation is offered under another URL too." "None."
        "a second URL under `servers`"
    RateLimitChanged "rate-limit-changed" Risky Patch
        "The server says that it admits another number of requests." "The client keeps to the new limit once it is generated again."
        "`x-rate-limit` becomes 1000 a minute"
    SecurityTightened "security-tightened" Breaking Major
        "Credentials that were enough no longer are." "The client takes other credentials."
        "the scope `write` is needed too"
    SecurityLoosened "security-loosened" Safe Patch
        "Other or fewer credentials are enough." "The client may take other credentials."
        "`{}` is one of the alternatives"
    SigningAdded "signing-added" Breaking Major
        "A public operation must now be signed." "The method moves from `PublicClient` to `Client`."
        "`x-instruction: read`"
    SigningRemoved "signing-removed" Safe Major
        "An operation is no longer signed." "The method moves from `Client` to `PublicClient`."
        "`x-instruction` is gone"
    InstructionChanged "instruction-changed" Breaking Patch
        "The signing string is built in another way." "Source code stays the same; signatures of existing clients are rejected."
        "`read` becomes `readAll`"
    ParameterAdded "parameter-added" Safe Minor
        "A new optional parameter." "The builder gains a setter."
        "`?limit=`"
    ParameterRequiredAdded "parameter-required-added" Breaking Major
        "A new required parameter." "`send` fails until callers set it."
        "`?symbol=` with `required: true`"
    ParameterRemoved "parameter-removed" Risky Major
        "A parameter was removed; the server may ignore or reject it." "Its setter is removed."
        "`?limit=` is gone"
    ParameterRequired "parameter-became-required" Breaking Major
        "An optional parameter became required." "`send` fails until callers set it."
        "`required: true`"
    ParameterOptional "parameter-became-optional" Safe Minor
        "A required parameter became optional." "Its setter need not be called."
        "`required` is gone"
    ParameterMoved "parameter-moved" Breaking Patch
        "A parameter is sent in another part of the request." "Source code stays the same; existing clients send it where the server does not look."
        "`in: query` becomes `in: header`"
    ParameterRespelled "parameter-respelled" Safe Patch
        "The name of a header changed in upper and lower case only, which makes no difference." "None, unless the name in Rust changes."
        "`X-Trace` becomes `X-TRACE`"
    ParameterNarrowed "parameter-narrowed" Breaking Major
        "A parameter accepts fewer values." "Its setter may take another type, or values fail that did not."
        "`maximum: 1000` becomes 100"
    ParameterWidened "parameter-widened" Safe Major
        "A parameter accepts every value that it accepted before, and more." "Its setter may take another type."
        "`type: integer` becomes `string`"
    ParameterUndecided "parameter-undecided" Undecided Major
        "A parameter accepts other values; neither a rejected value nor a proof that there is none was found." "Its setter may take another type."
        "another `format` that no specification knows"
    ParameterRenamed "parameter-renamed" Safe Major
        "The name of a parameter in the path changed, which is not sent." "Its setter has another name."
        "`/orders/{id}` becomes `/orders/{orderId}`"
    ParameterStyle "parameter-style-changed" Breaking Patch
        "The values of a parameter are written in another way." "Source code stays the same; existing clients write them as before."
        "`explode: false`: `a,b` for `a&a`"
    ParameterDeprecated "parameter-deprecated" Safe Minor
        "A parameter is now advised against." "Its setter is marked `#[deprecated]`."
        "`deprecated: true`"
    ParameterUndeprecated "parameter-undeprecated" Safe Patch
        "A parameter is no longer advised against." "Its setter is no longer marked."
        "`deprecated` is gone"
    ParameterDefaultChanged "parameter-default-changed" Risky Patch
        "A parameter that is left out stands for another value." "None: clients leave it out as before."
        "`default: 100` becomes 50"
    RequestBodyAdded "request-body-added" Breaking Major
        "A request now requires a body." "`send` fails until callers set it."
        "a body with `required: true`"
    RequestBodyRemoved "request-body-removed" Risky Major
        "A request no longer has a body; the server may ignore or reject it." "`body` is removed."
        "`requestBody` is gone"
    RequestOptionalBodyAdded "request-optional-body-added" Safe Minor
        "A request can have a body." "The builder gains `body`."
        "a body without `required`"
    RequestBodyRequired "request-body-became-required" Breaking Major
        "A body that could be left out is required." "`send` fails until callers set it."
        "`required: true`"
    RequestBodyOptional "request-body-became-optional" Safe Minor
        "A body that was required can be left out." "`body` need not be called."
        "`required` is gone"
    RequestFieldAdded "request-field-added" Safe Minor
        "A new optional property." "The type gains a field and a setter."
        "`note` under `properties`"
    RequestRequiredFieldAdded "request-required-field-added" Breaking Major
        "A new required property." "`new` takes one more argument."
        "`note`, also under `required`"
    RequestFieldRemoved "request-field-removed" Risky Major
        "A property was removed; the server may ignore or reject it." "The field and its setter are removed."
        "`note` is gone"
    RequestFieldRequired "request-field-became-required" Breaking Major
        "An optional property became required." "An `Option` becomes an argument of `new`."
        "`price` under `required`"
    RequestFieldOptional "request-field-became-optional" Safe Major
        "A required property became optional." "An argument of `new` becomes an `Option`."
        "`price` is no longer under `required`"
    RequestNullAllowed "request-null-allowed" Safe Major
        "A property may be null." "An argument of `new` becomes an `Option`."
        "`type: [string, 'null']`"
    RequestNullRefused "request-null-refused" Breaking Major
        "A property may no longer be null." "An `Option` may become an argument of `new`; the client sends no nulls."
        "`type: string` again"
    RequestValueAdded "request-value-added" Safe Minor
        "A new enum value is accepted." "The enum gains a variant."
        "`enum: [Bid, Ask, Mid]`"
    RequestClosedValueAdded "request-closed-value-added" Safe Major
        "A new value is accepted for a closed enum." "The enum gains a variant that every `match` must handle."
        "the same, with `x-closed`"
    RequestValueRemoved "request-value-removed" Breaking Major
        "An enum value is no longer accepted." "Its variant is removed."
        "`enum: [Bid]`"
    RequestArmAdded "request-arm-added" Safe Minor
        "A new variant of a union is accepted." "The enum gains a variant."
        "another schema under `oneOf`"
    RequestArmRemoved "request-arm-removed" Breaking Major
        "A variant of a union is no longer accepted." "Its variant is removed."
        "a schema of `oneOf` is gone"
    RequestDefaultChanged "request-default-changed" Risky Patch
        "A property that is left out stands for another value." "None: clients leave it out as before."
        "`default: GTC` becomes IOC"
    RequestClosed "request-object-closed" Undecided Patch
        "Properties that the document does not name are refused; whether callers send any is not known." "None: the client sends what its types have."
        "`additionalProperties: false`"
    RequestNarrowed "request-narrowed" Breaking Major
        "Fewer values are accepted." "The field may have another type, or values fail that did not."
        "`maxLength: 64` becomes 32"
    RequestWidened "request-widened" Safe Major
        "Every value that was accepted still is, and more." "The field may have another type."
        "`maxLength: 32` becomes 64"
    RequestUndecided "request-undecided" Undecided Major
        "Other values are accepted; neither a rejected value nor a proof that there is none was found." "The field may have another type."
        "another regular expression"
    RequestRefused "request-refused" Breaking Patch
        "Bodies that were valid are rejected, for a reason that the comparison cannot locate." "See the operation's types."
        "two schemas of `oneOf` overlap"
    StatusAdded "response-success-status-added" Risky Minor
        "A success can be reported with a new status." "The status is documented."
        "`201`"
    AcceptedAdded "response-empty-success-added" Breaking Major
        "A success can lack the body that was always present." "What `send` returns is wrapped."
        "`202` without `content`"
    StatusRemoved "response-success-status-removed" Risky Patch
        "A success is no longer reported with this status, which callers may wait for." "What `send` returns may be unwrapped."
        "`200` is gone"
    FailureAdded "response-failure-status-added" Safe Minor
        "A failure can be reported with a new status." "The status is documented."
        "`429`"
    FailureRemoved "response-failure-status-removed" Safe Patch
        "A failure is no longer reported with this status." "None."
        "`429` is gone"
    RequestContentChanged "request-content-changed" Safe Major
        "The client sends the request body in another format." "`body` may take another type."
        "a form instead of JSON"
    RequestMediaAdded "request-media-type-added" Safe Patch
        "A request body can also be sent in another format." "None."
        "`application/xml` beside JSON"
    RequestMediaRemoved "request-media-type-removed" Breaking Patch
        "A request body can no longer be sent in this format." "`body` may take another type."
        "`application/xml` is gone"
    ContentChanged "response-content-changed" Safe Major
        "The client reads the body in another format." "`send` returns another type."
        "JSON instead of text"
    ResponseMediaAdded "response-media-type-added" Safe Patch
        "A body can also be received in another format, by whoever asks for it." "`send` may return another type."
        "`text/csv` beside JSON"
    ResponseMediaRemoved "response-media-type-removed" Breaking Patch
        "A body can no longer be received in this format." "`send` may return another type."
        "`text/csv` is gone"
    ResponseHeaderAdded "response-header-added" Safe Minor
        "A response has another header." "None."
        "`X-Trace`"
    ResponseHeaderRemoved "response-header-removed" Breaking Patch
        "A header that was always present was removed." "None, unless the generator knows the header."
        "`X-Trace`, which was required, is gone"
    ResponseOptionalHeaderRemoved "response-optional-header-removed" Risky Patch
        "An optional header was removed." "None, unless the generator knows the header."
        "`X-Trace` is gone"
    ResponseHeaderOptional "response-header-became-optional" Breaking Patch
        "A header that was always present can be missing." "None, unless the generator knows the header."
        "`required` is gone"
    ResponseHeaderRequired "response-header-became-required" Safe Patch
        "A header is now always present." "None, unless the generator knows the header."
        "`required: true`"
    PagesAdded "response-pages-added" Safe Major
        "A list has page headers." "`send` returns a `Page`."
        "the four page headers"
    PagesRemoved "response-pages-removed" Breaking Major
        "A list no longer has page headers." "`send` returns a `Vec`."
        "the page headers are gone"
    ResponseFieldAdded "response-field-added" Safe Minor
        "A new property; readers ignore properties that they do not know." "The type gains a field."
        "`note` under `properties`"
    ResponseFieldRemoved "response-field-removed" Breaking Major
        "A property that was always present was removed." "The field is removed."
        "`price`, which was required, is gone"
    ResponseOptionalFieldRemoved "response-optional-field-removed" Risky Major
        "An optional property was removed." "The field is removed; existing clients read `None`."
        "`note` is gone"
    ResponseFieldOptional "response-field-became-optional" Breaking Major
        "A property that was always present can be missing." "The field becomes an `Option`; existing clients fail to decode."
        "`price` is no longer under `required`"
    ResponseFieldRequired "response-field-became-required" Safe Major
        "A property is now always present." "The field is no longer an `Option`."
        "`price` under `required`"
    ResponseNullAdded "response-null-added" Breaking Major
        "A property that always had a value can be null." "The field becomes an `Option`; existing clients fail to decode."
        "`price` may be `null`"
    ResponseOptionalNullAdded "response-optional-null-added" Risky Patch
        "An optional property can be null; readers may or may not treat null as missing." "None: null and missing are both `None`."
        "`note` may be `null`"
    ResponseNullRemoved "response-null-removed" Safe Major
        "A property is no longer null." "The field may no longer be an `Option`."
        "`price` may no longer be `null`"
    ResponseValueAdded "response-value-added" Risky Minor
        "A new enum value can be received; readers that expect only the known values fail." "The enum gains a variant; existing clients read `Unknown`."
        "`enum: [Open, Filled, Expired]`"
    ResponseClosedValueAdded "response-closed-value-added" Breaking Major
        "A new value of a closed enum can be received." "The enum gains a variant; existing clients fail to decode."
        "the same, with `x-closed` before"
    ResponseValueRemoved "response-value-removed" Safe Major
        "An enum value is no longer received." "Its variant is removed."
        "`enum: [Open]`"
    ResponseValuesReplaced "response-values-replaced" Breaking Major
        "None of the values that were received before is received any more." "The variants are replaced; existing clients wait for values that never come."
        "`const: ok` becomes `done`"
    ExtensibleValueAdded "extensible-value-added" Safe Patch
        "A new value of an enum that says of itself that it grows." "None: its type is open."
        "`x-extensible-enum: [a, b]`"
    ExtensibleValueRefused "extensible-value-refused" Breaking Patch
        "A value of an extensible enum is no longer accepted." "None: its type is open."
        "a value of it that is sent is gone"
    ExtensibleValueDropped "extensible-value-dropped" Safe Patch
        "A value of an extensible enum is no longer received." "None: its type is open."
        "a value of it that is received is gone"
    ResponseArmAdded "response-arm-added" Risky Minor
        "A new variant of a union can be received." "The enum gains a variant; existing clients read `Unknown`."
        "another schema, with a discriminator"
    ResponseShapeAdded "response-shape-added" Breaking Major
        "A new variant of a union without a discriminator can be received." "The enum gains a variant; existing clients may fail to decode."
        "another schema, without one"
    ResponseArmRemoved "response-arm-removed" Safe Major
        "A variant of a union is no longer received." "Its variant is removed."
        "a schema of `oneOf` is gone"
    ResponseWidened "response-widened" Breaking Major
        "Values can be received that were not possible before." "The field may have another type; existing clients may fail to decode."
        "`type: integer` becomes `number`"
    ResponseNarrowed "response-narrowed" Safe Major
        "Every value that can be received was possible before." "The field may have another type."
        "`type: number` becomes `integer`"
    ResponseUndecided "response-undecided" Undecided Major
        "Other values are received; neither a new value nor a proof that there is none was found." "The field may have another type."
        "another regular expression"
    ResponseUnexpected "response-unexpected" Breaking Patch
        "Bodies can be received that were not possible before, for a reason that the comparison cannot locate." "See the operation's types."
        "two schemas of `oneOf` overlap"
    ResponseOpened "response-object-opened" Safe Patch
        "Properties that the document does not name can be received; readers ignore them." "None."
        "`additionalProperties: false` is gone"
    ResponseDefaultChanged "response-default-changed" Safe Patch
        "The default of a property that is received changed, which says nothing about what is sent." "None."
        "`default: 1` becomes 2"
    FieldDeprecated "property-deprecated" Safe Minor
        "A property is now advised against." "Its field is marked `#[deprecated]`."
        "`deprecated: true`"
    FieldUndeprecated "property-undeprecated" Safe Patch
        "A property is no longer advised against." "Its field is no longer marked."
        "`deprecated` is gone"
    WebhookAdded "webhook-added" Safe Minor
        "The server calls back with another request." "The client gains the type of its body."
        "`webhooks`, `callbacks`"
    WebhookRemoved "webhook-removed" Breaking Major
        "The server no longer calls back with a request; whoever waits for it waits in vain." "The type of its body is removed."
        "a webhook is gone"
    EnumOpened "enum-opened" Risky Major
        "A closed enum became open: values may be added." "The enum gains `Unknown`, which a `match` must handle."
        "`x-closed` is gone"
    RequestEnumOpened "request-enum-opened" Safe Major
        "A closed enum became open: values may be added." "The enum gains `Unknown`, which a `match` must handle."
        "`x-closed` is gone"
    EnumClosed "enum-closed" Safe Major
        "An enum became closed: no values will be added." "The enum no longer has `Unknown`."
        "`x-closed: true`"
    Unread "unread-changed" Undecided Patch
        "A keyword or header changed that is not compared; read it." "None: the generator ignores it too."
        "`encoding`, `links`"
    TypeAdded "type-added" Safe Minor
        "A new type." "The client gains a type."
        "a component"
    TypeRemoved "type-removed" Safe Major
        "No operation uses a type any more." "Its type is removed; code that imports it does not compile."
        "a component that was used"
    TypeRenamed "type-renamed" Safe Major
        "A type has another name, which is not sent." "The Rust type has another name."
        "`Order` is called `Trade`"
    RustSurfaceChanged "rust-surface-changed" Safe Major
        "The Rust form of a part changes, although it is sent as before." "Code that uses it does not compile, or uses another part."
        "`max_price` is added beside `maxPrice`"
}
