//! Every code that this server ever answers a problem with: its status, and what to tell the integrator. The one place where
//! a status is chosen.

use axum::http::StatusCode;

use crate::domain::change::RefusalCode;

/// What is told about a code, wherever it comes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The stable word that clients branch on; it also names the page.
    pub code: &'static str,
    /// The status of every answer with this code.
    pub status: StatusCode,
    /// A few words, the same every time.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub next: &'static str,
    /// After how many seconds the same request may succeed, where waiting helps.
    pub retry_after: Option<u32>,
}

const fn entry(
    code: &'static str,
    status: StatusCode,
    retry_after: Option<u32>,
    told: [&'static str; 3],
) -> Entry {
    let [title, meaning, next] = told;
    Entry {
        code,
        status,
        title,
        meaning,
        next,
        retry_after,
    }
}

macro_rules! seconds {
    () => {
        None
    };
    ($seconds:literal) => {
        Some($seconds)
    };
}

/// The engine's refusals. The compiler asks for an entry for each.
macro_rules! refusals {
    ($($name:ident: $status:ident $(again $seconds:literal)?, $title:literal, $meaning:literal, $next:literal;)*) => {
        /// What is told about a refusal.
        pub fn of_refusal(code: RefusalCode) -> Entry {
            match code {
                $(RefusalCode::$name => {
                    entry(code.as_str(), StatusCode::$status, seconds!($($seconds)?), [$title, $meaning, $next])
                })*
            }
        }
    };
}

/// What can be wrong at the edge itself.
macro_rules! edges {
    ($($name:ident = $word:literal: $status:ident $(again $seconds:literal)?, $title:literal, $meaning:literal, $next:literal;)*) => {
        /// What can be wrong with a request before the engine is asked, or with the server itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EdgeCode {
            $(#[doc = $meaning] $name,)*
        }

        impl EdgeCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }

        /// What is told about it.
        pub fn of_edge(code: EdgeCode) -> Entry {
            match code {
                $(EdgeCode::$name => {
                    entry($word, StatusCode::$status, seconds!($($seconds)?), [$title, $meaning, $next])
                })*
            }
        }
    };
}

/// Every entry, for the documentation.
pub fn all() -> impl Iterator<Item = Entry> {
    let refusals = RefusalCode::ALL.iter().map(|code| of_refusal(*code));
    refusals.chain(EdgeCode::ALL.iter().map(|code| of_edge(*code)))
}

/// The entry of a word.
pub fn find(code: &str) -> Option<Entry> {
    all().find(|entry| entry.code == code)
}

edges! {
    Unauthorized = "unauthorized": UNAUTHORIZED,
        "An API key is needed",
        "The request has no API key, or one that this installation does not know.",
        "Send `Authorization: Bearer cho_...` with a key of this seller.";
    Forbidden = "forbidden": FORBIDDEN,
        "This key may not do that",
        "The API key is known, but its seller is not served by this installation.",
        "Use a key of a seller whose workflow file is loaded, or have the file loaded.";
    NotFound = "not_found": NOT_FOUND,
        "There is no such thing",
        "There is nothing under this address for this seller.",
        "Check the id and the path. Ids of another seller are not found either.";
    StaffTaken = "staff_taken": CONFLICT,
        "This name is taken",
        "Somebody at the console has this name, or had it: it never becomes somebody else's, so that histories stay true.",
        "Choose another name. `GET /v1/staff` lists those that are taken.";
    MethodNotAllowed = "method_not_allowed": METHOD_NOT_ALLOWED,
        "Not with this method",
        "The address exists, but does not answer to this HTTP method.",
        "The `Allow` header lists the methods that it answers to.";
    ParameterInvalid = "parameter_invalid": BAD_REQUEST,
        "A parameter is wrong",
        "A parameter in the address is unknown or not as it should be.",
        "`detail` names the parameter. Correct it and ask again.";
    ContentTypeUnsupported = "content_type_unsupported": UNSUPPORTED_MEDIA_TYPE,
        "Only JSON is understood",
        "The body is not declared as JSON.",
        "Send the body as JSON with `Content-Type: application/json`.";
    BodyMalformed = "body_malformed": BAD_REQUEST,
        "The body is not JSON",
        "The body could not be read to its end as one JSON value.",
        "`detail` says at which line and column reading stopped.";
    BodyTooDeep = "body_too_deep": BAD_REQUEST,
        "The body is nested too deeply",
        "No request here needs as many levels of nesting as this body has.",
        "Compare the body with the API reference.";
    BodyTooLarge = "body_too_large": PAYLOAD_TOO_LARGE,
        "The body is too large",
        "The body is larger than any request here needs to be.",
        "`detail` names the limit. Send less.";
    BodyTimedOut = "body_timed_out": REQUEST_TIMEOUT,
        "The body did not arrive in time",
        "The request's body was not sent fast enough. Nothing was done.",
        "Send the request again, with the same idempotency key.";
    RequestInvalid = "request_invalid": UNPROCESSABLE_ENTITY,
        "The body does not fit",
        "The body is JSON, but a field is missing, unknown or of the wrong form.",
        "`errors` points to each field. Correct it and send the request again.";
    IdempotencyKeyMissing = "idempotency_key_missing": BAD_REQUEST,
        "An idempotency key is needed",
        "Every command carries a key, so that it is carried out once however often it is sent.",
        "Send `Idempotency-Key` with a fresh random value, and the same value when you repeat this very request.";
    IdempotencyKeyInvalid = "idempotency_key_invalid": BAD_REQUEST,
        "The idempotency key cannot be used",
        "An idempotency key is 1 to 255 visible ASCII characters.",
        "Use a random UUID, for example.";
    IdempotencyKeyReused = "idempotency_key_reused": UNPROCESSABLE_ENTITY,
        "The idempotency key belongs to another request",
        "A request with this key, but another method, path or body, was carried out before. This one was not.",
        "Use a fresh key for each new request; repeat a key only with the same bytes.";
    IfMatchInvalid = "if_match_invalid": BAD_REQUEST,
        "If-Match cannot be read",
        "`If-Match` holds one entity tag as an earlier answer gave it in `ETag`, or `*`.",
        "Send the `ETag` of the answer that the command relies on, with its quotes.";
    IfMatchMissing = "if_match_missing": PRECONDITION_REQUIRED,
        "It must be said what this relies on",
        "What is saved whole replaces what is there: it must name the version that was read.",
        "Send `If-Match` with the `ETag` of what was read, or `*` to replace it whatever it is.";
    VersionMoved = "version_moved": PRECONDITION_FAILED,
        "It has moved since",
        "The version in `If-Match` is not the present one. Nothing was changed.",
        "Read it again, show what has changed, and repeat with the new `ETag` and a fresh idempotency key.";
    AlreadyExists = "already_exists": CONFLICT,
        "It exists already",
        "Something with the same external id, or for the same subscription, exists already.",
        "Use the existing one.";
    ChangeBusy = "change_busy": CONFLICT again 1,
        "The change is busy",
        "The change kept moving while the command was being decided. Nothing was changed.",
        "Send the same request again in a moment, with the same idempotency key.";
    WebhookForged = "webhook_forged": BAD_REQUEST,
        "The signature does not fit",
        "The webhook is not signed with this seller's secret. Nothing was stored.",
        "Check the endpoint's signing secret. After a rotation, both secrets can be configured.";
    WebhookStale = "webhook_stale": BAD_REQUEST,
        "The signature is too old",
        "The webhook was signed too long ago. Nothing was stored.",
        "Check the clocks; the provider signs each attempt anew.";
    WebhookMalformed = "webhook_malformed": BAD_REQUEST,
        "The event cannot be read",
        "The webhook is signed but does not hold an event. Nothing was stored.",
        "Point only the provider's event webhooks to this address.";
    SellerUnknown = "seller_unknown": NOT_FOUND,
        "There is no such seller",
        "This installation receives no webhooks for this seller.",
        "Check the last part of the endpoint's address, and the seller's webhook secret in the configuration.";
    ProviderUnavailable = "provider_unavailable": SERVICE_UNAVAILABLE again 5,
        "The payment provider cannot be asked",
        "The payment provider does not answer just now. Nothing was charged by this request.",
        "Send the same request again a little later, with the same idempotency key.";
    StoreUnavailable = "store_unavailable": SERVICE_UNAVAILABLE again 2,
        "The service cannot answer just now",
        "The service cannot reach its own store. What was promised before stays promised.",
        "Send the same request again a little later, with the same idempotency key.";
    Overloaded = "overloaded": SERVICE_UNAVAILABLE again 2,
        "Too much at once",
        "More is being asked than can be answered just now. Nothing was done.",
        "Send the same request again a little later, with the same idempotency key, and more slowly.";
    NewerVersion = "newer_version": SERVICE_UNAVAILABLE again 5,
        "A newer version of the service is at this change",
        "A newer version of the program has written this change, and this process does not read what that means. Nothing was changed.",
        "Send the same request again a little later, with the same idempotency key: another process answers it.";
    Ending = "ending": SERVICE_UNAVAILABLE again 1,
        "This process is about to end",
        "The process finishes what it has begun and takes nothing new. Others go on.",
        "Send the same request again, with the same idempotency key: another process answers it.";
    TimedOut = "timed_out": SERVICE_UNAVAILABLE again 2,
        "It took too long",
        "The answer was not ready in time. A command may still have been carried out.",
        "Send the same request again, with the same idempotency key: it is carried out at most once.";
    Internal = "internal": INTERNAL_SERVER_ERROR again 10,
        "Something is wrong here",
        "The server met something that it cannot handle. This is not the client's fault.",
        "Send the same request again later, with the same idempotency key. If it stays, give support the `instance`.";
}

refusals! {
    NotAllowedHere: CONFLICT,
        "Not possible in this stage",
        "The change is in a stage in which this makes no sense. Nothing was changed.",
        "Read the change and do its `next_action`.";
    ChangeClosed: CONFLICT,
        "The change is over",
        "The change has ended: it is active, cancelled or expired.",
        "Open a new change on the contract.";
    RoleNotAllowed: FORBIDDEN,
        "This role may not do that",
        "The seller's rules do not let this person, or this side, do what was asked.",
        "`detail` names the roles that may. Show it, so that the person knows whom to ask.";
    ReasonMissing: UNPROCESSABLE_ENTITY,
        "Support has not said why",
        "What support does is kept in the change's history together with its reason, and there was none.",
        "Send `support.reason`: a few words, and no personal data.";
    NothingToDo: CONFLICT,
        "There is nothing to do",
        "Nothing halted, rests or waits that this action of support could move. Nothing was changed.",
        "Read the change again: its `actions` are what can be done now.";
    SelectionInvalid: UNPROCESSABLE_ENTITY,
        "The selection cannot be had",
        "A plan, item, quantity, currency or address in the request is not on offer.",
        "`errors` points to each field. The catalogue lists what can be chosen.";
    NothingChanges: UNPROCESSABLE_ENTITY,
        "Nothing would change",
        "The selection is what the contract holds already.",
        "Let the customer change something first.";
    TicketFormMissing: UNPROCESSABLE_ENTITY,
        "Questions must be answered first",
        "The seller asks something of whoever wants less, and it was not answered.",
        "`errors` points to each question. Show the form of `GET .../ticket`, and send `POST .../ticket`.";
    TicketFormInvalid: UNPROCESSABLE_ENTITY,
        "An answer is not right",
        "One or more answers, an address or a comment need another look.",
        "`errors` points to each of them. Let the person correct them all at once.";
    SetBySupport: CONFLICT,
        "It was set by the people of the seller",
        "A customer cannot take back what the seller's staff has set.",
        "Lead the customer to the support.";
    ChangeNotOffered: UNPROCESSABLE_ENTITY,
        "The seller does not offer this change here",
        "The seller's rules lead this change elsewhere, usually to its people.",
        "Show `message`: it is the seller's own sentence, in the account's language.";
    QuoteStale: CONFLICT,
        "The quote was replaced",
        "Another quote is on offer now. Nothing was charged.",
        "Read the change, show its quote with what differs, and ask the customer again.";
    QuoteExpired: CONFLICT,
        "The quote has expired",
        "The quote held for a while, and that time is over. Nothing was charged.",
        "Ask for a new quote with `POST .../quote`.";
    AmountDiffers: CONFLICT,
        "The amount is not the one that is due",
        "The customer saw another amount than the one that is due. Nothing was charged.",
        "`expected` is what is due. Show the quote again and confirm with its `due_today`.";
    TermsOutdated: CONFLICT,
        "The terms have changed",
        "The customer agreed to terms that are not the current ones. Nothing was charged.",
        "Show the terms of the change's `terms` and confirm with that version.";
    BillingInfoMissing: CONFLICT,
        "Billing data is needed first",
        "The account has no billing data yet, or the provider does not know the customer.",
        "Send it with `PUT .../billing-info`.";
    AccountInvalid: UNPROCESSABLE_ENTITY,
        "The account cannot be created like this",
        "A field of the account is not as it should be.",
        "`errors` points to the field.";
    BillingInfoInvalid: UNPROCESSABLE_ENTITY,
        "The billing data is not right",
        "One or more fields of the billing data need another look.",
        "`errors` points to each of them. Let the customer correct them all at once.";
    BillingLocationUnknown: UNPROCESSABLE_ENTITY,
        "The address does not tell which taxes are due",
        "The payment provider reckons the taxes, and finds no place with this address.",
        "`errors` points to what the customer should look at. Send the billing data again; nothing can be confirmed before.";
    PaymentMethodMissing: CONFLICT,
        "A card is needed first",
        "Something is, or will be, due, and no card was chosen. Nothing was charged.",
        "Choose one with `PUT .../payment-method`, or name it in the confirmation.";
    PaymentMethodUnusable: UNPROCESSABLE_ENTITY,
        "This card cannot be used",
        "The card is not one of this customer's, or giving it was not finished.",
        "List the cards with `GET .../cards`, or begin a new one with `POST .../card-setup`.";
    PaymentMethodUnavailable: CONFLICT,
        "This way to pay cannot be chosen now",
        "The seller does not take it, or not from this customer, not yet, or not for this amount. Nothing was charged.",
        "`payment_methods` of the change lists every way to pay, and from when on it can be chosen.";
    CardInUse: CONFLICT,
        "This card is used",
        "A card that pays something cannot be removed: what it pays would be left without one.",
        "Make another card the default, or finish what uses it; then remove this one.";
    ChangeInProgress: CONFLICT,
        "Another change is open on this contract",
        "A contract has one change at a time, so that nothing is charged twice.",
        "Go on with `blocking_change`, cancel it, or name it in `supersedes` once the customer has agreed.";
    PaymentInFlight: CONFLICT again 3,
        "A payment is on its way",
        "Its outcome must be known before this can be done. Nothing else was charged.",
        "Read the change again in a moment and do its `next_action`.";
    SubscriptionTrialing: CONFLICT,
        "The subscription is in its trial",
        "A plan cannot be changed during a trial at the provider.",
        "Wait for the end of the trial, or end it at the provider.";
    SubscriptionPastDue: CONFLICT,
        "A renewal is not paid yet",
        "The subscription is past due at the provider.",
        "Let the customer pay the open invoice first.";
    SubscriptionUnpaid: CONFLICT,
        "An invoice was never paid",
        "The subscription is unpaid at the provider.",
        "Let the customer pay the open invoice first.";
    SubscriptionPaused: CONFLICT,
        "The subscription is paused",
        "Collection is paused at the provider.",
        "Resume it at the provider first.";
    SubscriptionEnding: CONFLICT,
        "The subscription is set to end",
        "The subscription ends soon, and a change of it would end with it.",
        "Withdraw its cancellation at the provider first.";
    SubscriptionEnded: CONFLICT,
        "The subscription is over",
        "The subscription has ended at the provider, or never began there.",
        "Create a new contract.";
    SubscriptionSendsInvoices: CONFLICT,
        "The subscription sends invoices",
        "The subscription is not charged to a card, so a change of it cannot be paid here.",
        "The seller's support can change it, or its way of collecting.";
    SubscriptionScheduled: CONFLICT,
        "A schedule holds the subscription",
        "A schedule that Changeover did not make controls the subscription.",
        "Release the schedule at the provider first.";
    SubscriptionUpdatePending: CONFLICT,
        "An unpaid change waits on the subscription",
        "Somebody else's change of the subscription is not paid yet.",
        "Pay or void its invoice at the provider first.";
    CurrencyDiffers: CONFLICT,
        "The currency is another",
        "The subscription at the provider is in another currency than the contract.",
        "Adopt the subscription as it is, in a contract of its own.";
    ContractOutOfStep: CONFLICT,
        "The provider holds something else",
        "What the subscription holds is not what the contract says.",
        "Read the contract again in a moment: edits at the provider are being taken over. `detail` says more.";
    RenewalTooNear: CONFLICT,
        "The renewal is too near",
        "So shortly before a renewal nothing is quoted or charged: it would not hold.",
        "Ask again after the renewal; `detail` says when that is.";
    InvoiceBudgetSpent: TOO_MANY_REQUESTS,
        "Too many charges of this subscription",
        "The payment provider makes only so many invoices of one subscription a minute and a day. Nothing was sent or charged.",
        "Repeat the request, with the same idempotency key, at `again_at`; `Retry-After` says the same in seconds.";
    ClientsNotOffered: UNPROCESSABLE_ENTITY,
        "There are no clients here",
        "The seller's rules know no agencies with clients, or this account cannot have any.",
        "Only an agency's account has clients; a client's does not. The workflow file says it in `[clients]`.";
    AgencyOnly: FORBIDDEN,
        "Only the agency may do that",
        "What is settled for a client, its limits among it, is set by the people of its agency alone.",
        "Send `actor.account` with the agency's account, for a person of it; or let the client ask its agency.";
    ClientSettingsInvalid: UNPROCESSABLE_ENTITY,
        "The settings are not right",
        "One or more fields of the form need another look. The form is saved whole, so nothing was saved.",
        "`errors` points to each of them. Correct them all and send the whole form again.";
    AgencyManaged: FORBIDDEN,
        "The agency manages this service",
        "The agency has kept a service of this client to itself: the client's own people cannot start a change of it.",
        "Let the client ask its agency, or let the agency make the service client managed.";
    ClientAccessClosed: FORBIDDEN,
        "These people have no access",
        "The agency decides whether a client's own people reach client services, and these do not.",
        "Let the client ask its agency; the switch is `access` in the client's settings.";
    PayerOnly: FORBIDDEN,
        "Only the payer may do that",
        "Accepting, billing data, card and confirmation are for the people of the account that is charged.",
        "`detail` names that account. Let one of its people go on, with that account in `actor.account`.";
    ContractHeld: CONFLICT,
        "The account holds a contract already",
        "A change that begins without a contract is for an account that holds none.",
        "Open the change on the contract that `detail` names.";
    CatalogNotPushed: CONFLICT,
        "The provider lacks a price",
        "A price of the workflow file does not exist at the provider yet.",
        "Run `changeover catalog push` for this seller, then ask again.";
    ContractEnded: CONFLICT,
        "The contract is no longer in force",
        "What was held has ended, and nothing more is counted or changed on it.",
        "Create a new contract.";
    UsageMeterUnknown: UNPROCESSABLE_ENTITY,
        "There is no such meter",
        "The seller's workflow file counts nothing of this name.",
        "The contract's entitlements list the meters that can be reported.";
    UsageInvalid: UNPROCESSABLE_ENTITY,
        "The report cannot be counted like this",
        "Its quantity or its variant is not one that the meter takes.",
        "`errors` points to the field. Correct the report and send it again.";
    UsageInFuture: UNPROCESSABLE_ENTITY,
        "The use has not happened yet",
        "The report's time lies in the future. Clocks may differ by five minutes.",
        "Report use once it has happened, and set the clock that the time comes from.";
    UsagePeriodClosed: CONFLICT,
        "The period is closed",
        "The report's period is over and was closed, so that what is due for it can no longer change.",
        "Report use soon after it happens. `detail` says from when on use can still be reported.";
    UsageConflict: CONFLICT,
        "This id of a report is taken",
        "A report with this id, but another content, was counted before. This one was not.",
        "Give each report an id of its own; repeat an id only with the same content.";
    ProviderRefused: BAD_GATEWAY,
        "The payment provider refuses",
        "The payment provider refuses the request as such. Nothing was charged by it.",
        "Repeating it does not help. Support finds the provider's code in `detail`.";
}
