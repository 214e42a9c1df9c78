//! Rows as the port's types, and the words that stand for their variants: the same in every database.

use super::cells::{Cells, StoredRow};
use super::outcomes::STATUSES;
use crate::domain::account::{Account, AccountId, Client, Contract, ContractId};
use crate::domain::catalog::WorkflowVersion;
use crate::domain::change::stuck::{Failing, Failure, FailureKind, Work};
use crate::domain::change::{
    BillingOnFile, CallName, ChangeId, EffectId, IdentityRef, Reference, TicketMaker,
};
use crate::domain::reconcile::FindingCode;
use crate::ports::store::{
    ActRow, ApiKey, CardOrderRow, ChangeRow, Channel, ClientAnswer, Departed, Departure, EffectRow,
    EffectStatus, ErasedRow, FindingRow, FiscalDocument, InboundLine, JournalEntry, NoteKind, OutboxRow,
    PageSessionRow, StaffRole, StaffRow, StaffSessionRow, StoreResult, TicketNote, Traces,
};

pub(super) fn status_word(status: EffectStatus) -> &'static str {
    match status {
        EffectStatus::Intent => "intent",
        EffectStatus::Unknown => "unknown",
        EffectStatus::Succeeded => "succeeded",
        EffectStatus::Declined => "declined",
        EffectStatus::Abandoned => "abandoned",
    }
}

pub(super) fn status<R: StoredRow>(cells: &Cells<'_, R>) -> StoreResult<EffectStatus> {
    let word = cells.text("status")?;
    STATUSES
        .into_iter()
        .find(|status| status_word(*status) == word)
        .ok_or_else(|| cells.damaged("status"))
}

fn failure_kind<R: StoredRow>(cells: &Cells<'_, R>) -> StoreResult<FailureKind> {
    let word = cells.text("failure_kind")?;
    FailureKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| cells.damaged("failure_kind"))
}

pub(super) fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "mail",
        Channel::Event => "event",
    }
}

pub(super) fn change(row: &impl StoredRow) -> StoreResult<ChangeRow> {
    let cells = Cells::of("change", row);
    Ok(ChangeRow {
        id: ChangeId(cells.id("id")?),
        reference: Reference(cells.text("reference")?),
        seller: cells.parsed("seller")?,
        account: AccountId(cells.id("account")?),
        contract: ContractId(cells.id("contract")?),
        workflow: WorkflowVersion(cells.text("workflow")?),
        version: cells.number("version")?,
        stage: cells.bytes("stage")?,
        stage_name: cells.text("stage_name")?,
        machine_version: cells.number("machine_version")?,
        open: cells.flag("open")?,
        entered_at: cells.time("entered_at")?,
        asked: cells.number("asked")?,
        last_asked: cells.time_if_any("last_asked")?,
        reminded: cells.number("reminded")?,
        concern_at: cells.time_if_any("concern_at")?,
        invoice: cells.text_if_any("invoice")?,
        payment_intent: cells.text_if_any("payment_intent")?,
        return_url: cells.text_if_any("return_url")?,
        cancel_url: cells.text_if_any("cancel_url")?,
        succeeds: cells.id_if_any("succeeds")?.map(ChangeId),
        created_at: cells.time("created_at")?,
        updated_at: cells.time("updated_at")?,
        journal_head: cells.hash("journal_head")?,
    })
}

pub(super) fn card_order(row: &impl StoredRow) -> StoreResult<CardOrderRow> {
    let cells = Cells::of("card_order", row);
    Ok(CardOrderRow {
        id: cells.id("id")?,
        seller: cells.parsed("seller")?,
        account: AccountId(cells.id("account")?),
        version: cells.number("version")?,
        content: cells.bytes("content")?,
        alone: cells.flag("alone")?,
        open: cells.flag("open")?,
        next_try_at: cells.time_if_any("next_try_at")?,
        at: cells.time("at")?,
    })
}

pub(super) fn journal_entry(table: &'static str, row: &impl StoredRow) -> StoreResult<JournalEntry> {
    let cells = Cells::of(table, row);
    Ok(JournalEntry {
        seq: cells.number("seq")?,
        at: cells.time("at")?,
        content: cells.bytes("content")?,
        previous: cells.hash("previous")?,
        hash: cells.hash("hash")?,
    })
}

pub(super) fn effect(row: &impl StoredRow) -> StoreResult<EffectRow> {
    let cells = Cells::of("effect", row);
    let name = cells.text("name")?;
    Ok(EffectRow {
        id: EffectId(cells.id("id")?),
        change: ChangeId(cells.id("change")?),
        name: CallName::ALL
            .into_iter()
            .find(|known| known.as_str() == name)
            .ok_or_else(|| cells.damaged("name"))?,
        generation: cells.number("generation")?,
        call: cells.bytes("call")?,
        // Erased: what is left of it is its hash.
        request: cells.bytes_if_any("request")?.unwrap_or_default(),
        request_hash: cells.text("request_hash")?,
        key: cells.text("key")?,
        first_sent_at: cells.time_if_any("first_sent_at")?,
        key_deadline: cells.time_if_any("key_deadline")?,
        status: status(&cells)?,
        attempts: cells.number("attempts")?,
        next_try_at: cells.time("next_try_at")?,
        outcome: cells.bytes_if_any("outcome")?,
        last_error: cells.text_if_any("last_error")?,
        undecidable_since: cells.time_if_any("undecidable_since")?,
        charging: cells.text_if_any("charging")?,
        consumed: cells.flag("consumed")?,
    })
}

/// How the work on a subject goes, from its row in the queue.
pub(super) fn work(row: &impl StoredRow) -> StoreResult<Work> {
    let cells = Cells::of("due", row);
    let failing = match cells.time_if_any("failing_since")? {
        Some(since) => Some(Failing {
            times: cells.number("failures")?,
            since,
            last: Failure {
                kind: failure_kind(&cells)?,
                detail: cells.text("failure_detail")?,
            },
        }),
        None => None,
    };
    Ok(Work {
        due_at: cells.time_if_any("due_at")?,
        failing,
    })
}

pub(super) fn inbound_line(row: &impl StoredRow) -> StoreResult<InboundLine> {
    let cells = Cells::of("inbox", row);
    Ok(InboundLine {
        event_id: cells.text("event_id")?,
        event_type: cells.text("event_type")?,
        object: cells.text_if_any("object")?,
        received_at: cells.time("received_at")?,
    })
}

/// A row of the outbox, and what became of it.
pub(super) fn departure(row: &impl StoredRow) -> StoreResult<Departure> {
    let cells = Cells::of("outbox", row);
    let departed = match cells.text("status")?.as_str() {
        "sent" => Departed::Sent,
        "waiting" => Departed::Waiting(cells.time("next_try_at")?),
        "given_up" => Departed::GivenUp,
        _ => return Err(cells.damaged("status")),
    };
    Ok(Departure {
        row: outbox(row)?,
        departed,
        last_error: cells.text_if_any("last_error")?,
    })
}

pub(super) fn outbox(row: &impl StoredRow) -> StoreResult<OutboxRow> {
    let cells = Cells::of("outbox", row);
    let channel = match cells.text("channel")?.as_str() {
        "mail" => Channel::Mail,
        "event" => Channel::Event,
        _ => return Err(cells.damaged("channel")),
    };
    let change = cells.id_if_any("entry_change")?.map(ChangeId);
    Ok(OutboxRow {
        id: cells.id("id")?,
        dedupe_key: cells.text("dedupe_key")?,
        channel,
        seller: cells.parsed("seller")?,
        account: AccountId(cells.id("account")?),
        topic: cells.text("topic")?,
        entry: change.zip(cells.number_if_any("entry_seq")?),
        facts: cells.bytes("facts")?,
        at: cells.time("at")?,
        attempts: cells.number("attempts")?,
        leaves: cells.text("status")? == "waiting",
    })
}

/// A position in a list, for the next page.
pub(super) fn position(table: &'static str, row: &impl StoredRow) -> StoreResult<u64> {
    Cells::of(table, row).number("position")
}

pub(super) fn account(row: &impl StoredRow) -> StoreResult<(Account, Option<String>)> {
    let cells = Cells::of("account", row);
    let account = Account {
        id: AccountId(cells.id("id")?),
        seller: cells.parsed("seller")?,
        email: cells.text("email")?,
        name: cells.text("name")?,
        language: cells.parsed("language")?,
        created_at: cells.time("created_at")?,
        provider_customer: cells.text_if_any("provider_customer")?,
    };
    Ok((account, cells.text_if_any("external_id")?))
}

/// What is kept of a person, counted.
pub(super) fn traces(row: &impl StoredRow) -> StoreResult<Traces> {
    let cells = Cells::of("account", row);
    Ok(Traces {
        named: cells.flag("named")?,
        identities: cells.number("identities")?,
        requests: cells.number("requests")?,
        answers: cells.number("answers")?,
        responsible: cells.number("responsible")?,
        links: cells.number("links")?,
        under_way: cells.id_if_any("under_way")?.map(ChangeId),
        erased_at: cells.time_if_any("erased_at")?,
    })
}

/// From an account joined with its newest billing data.
pub(super) fn billing_on_file(row: &impl StoredRow) -> StoreResult<BillingOnFile> {
    let cells = Cells::of("identity", row);
    Ok(BillingOnFile {
        identity: IdentityRef {
            row: cells.id("id")?,
            hash: cells.text("hash")?,
            tax_hash: cells.text("tax_hash")?,
            tax_id_hash: cells.text("tax_id_hash")?,
        },
        saved_hash: cells.text_if_any("saved_identity_hash")?,
        saved_tax_id: cells
            .text_if_any("saved_tax_id")?
            .zip(cells.text_if_any("saved_tax_id_hash")?),
        tax_id_kind: None,
    })
}

/// The columns repeat what the database must search by; they must say the same as the content.
pub(super) fn contract(row: &impl StoredRow) -> StoreResult<Contract> {
    let cells = Cells::of("contract", row);
    let contract: Contract = cells.json("content")?;
    let same = contract.id.0 == cells.id("id")?
        && contract.account.0 == cells.id("account")?
        && contract.seller == cells.parsed("seller")?
        && contract.version == cells.number::<u64>("version")?
        && contract.subscription == cells.text_if_any("subscription")?;
    if same {
        Ok(contract)
    } else {
        Err(cells.damaged("content"))
    }
}

/// As [`contract`].
pub(super) fn client(row: &impl StoredRow) -> StoreResult<Client> {
    let cells = Cells::of("client", row);
    let client: Client = cells.json("content")?;
    let same = client.account.0 == cells.id("account")?
        && client.agency.0 == cells.id("agency")?
        && client.seller == cells.parsed("seller")?
        && client.version == cells.number::<u64>("version")?;
    if same {
        Ok(client)
    } else {
        Err(cells.damaged("content"))
    }
}

pub(super) fn fiscal_document(row: &impl StoredRow) -> StoreResult<FiscalDocument> {
    let cells = Cells::of("fiscal_document", row);
    Ok(FiscalDocument {
        id: cells.id("id")?,
        change: ChangeId(cells.id("change")?),
        number: cells.text("number")?,
        url: cells.text_if_any("url")?,
        at: cells.time("at")?,
    })
}

pub(super) fn api_key(row: &impl StoredRow) -> StoreResult<ApiKey> {
    let cells = Cells::of("api_key", row);
    Ok(ApiKey {
        seller: cells.parsed("seller")?,
        hash: cells.hash("hash")?,
        label: cells.text("label")?,
        created_at: cells.time("created_at")?,
    })
}

pub(super) fn answer(row: &impl StoredRow) -> StoreResult<([u8; 32], ClientAnswer)> {
    let cells = Cells::of("client_request", row);
    let answer = ClientAnswer {
        status: cells.number("status")?,
        body: cells.bytes("body")?,
    };
    Ok((cells.hash("fingerprint")?, answer))
}

pub(super) fn page_session(row: &impl StoredRow) -> StoreResult<PageSessionRow> {
    let cells = Cells::of("page_session", row);
    Ok(PageSessionRow {
        id: cells.id("id")?,
        seller: cells.parsed("seller")?,
        account: AccountId(cells.id("account")?),
        content: cells.bytes("content")?,
        expires_at: cells.time("expires_at")?,
        created_at: cells.time("created_at")?,
    })
}

pub(super) fn staff(row: &impl StoredRow) -> StoreResult<StaffRow> {
    let cells = Cells::of("staff", row);
    let role = cells.text("role")?;
    let disabled_by = cells.text_if_any("disabled_by")?;
    Ok(StaffRow {
        id: cells.id("id")?,
        login: cells.text("login")?,
        role: { StaffRole::ALL.into_iter() }
            .find(|known| known.as_str() == role)
            .ok_or_else(|| cells.damaged("role"))?,
        seller: cells
            .text_if_any("seller")?
            .map(|seller| seller.parse().map_err(|_| cells.damaged("seller")))
            .transpose()?,
        password: cells.text("password")?,
        added_by: cells.text("added_by")?,
        created_at: cells.time("created_at")?,
        disabled: cells.time_if_any("disabled_at")?.zip(disabled_by),
    })
}

/// From a session joined with its person, whose columns keep their names; the session's own times have names of their own.
pub(super) fn staff_session(row: &impl StoredRow) -> StoreResult<(StaffSessionRow, StaffRow)> {
    let cells = Cells::of("staff_session", row);
    let session = StaffSessionRow {
        hash: cells.hash("hash")?,
        staff: cells.id("id")?,
        created_at: cells.time("began_at")?,
        expires_at: cells.time("expires_at")?,
    };
    Ok((session, staff(row)?))
}

pub(super) fn act(row: &impl StoredRow) -> StoreResult<ActRow> {
    let cells = Cells::of("journal", row);
    Ok(ActRow {
        change: ChangeId(cells.id("change")?),
        reference: Reference(cells.text("reference")?),
        seller: cells.parsed("seller")?,
        seq: cells.number("seq")?,
        at: cells.time("at")?,
        content: cells.bytes("content")?,
    })
}

pub(super) fn erased(row: &impl StoredRow) -> StoreResult<ErasedRow> {
    let cells = Cells::of("erasure", row);
    Ok(ErasedRow {
        account: AccountId(cells.id("account")?),
        seller: cells.parsed("seller")?,
        at: cells.time("at")?,
        by: cells.text("by")?,
        why: cells.text("why")?,
    })
}

pub(super) fn ticket_note(row: &impl StoredRow) -> StoreResult<TicketNote> {
    let cells = Cells::of("ticket_note", row);
    let (kind, author) = (cells.text("kind")?, cells.text("author")?);
    let kinds = NoteKind::ALL.into_iter();
    let authors = [TicketMaker::Customer, TicketMaker::Support].into_iter();
    Ok(TicketNote {
        id: cells.id("id")?,
        change: ChangeId(cells.id("change")?),
        kind: { kinds }
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| cells.damaged("kind"))?,
        author: { authors }
            .find(|known| known.as_str() == author)
            .ok_or_else(|| cells.damaged("author"))?,
        data: cells.bytes_if_any("data")?,
        hash: cells.text("hash")?,
        at: cells.time("at")?,
    })
}

pub(super) fn finding(row: &impl StoredRow) -> StoreResult<FindingRow> {
    let cells = Cells::of("finding", row);
    let word = cells.text("code")?;
    let code = FindingCode::ALL.into_iter().find(|code| code.as_str() == word);
    Ok(FindingRow {
        seller: cells.parsed("seller")?,
        contract: ContractId(cells.id("contract")?),
        code: code.ok_or_else(|| cells.damaged("code"))?,
        change: cells.id_if_any("change")?.map(ChangeId),
        evidence: cells.json("evidence")?,
        repair: cells.text("repair")?,
        first_seen_at: cells.time("first_seen_at")?,
    })
}
