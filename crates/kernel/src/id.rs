//! 「编号」 Typed ids. Numbers come from the application (store allocates them in
//! the same transaction), never from the database's own counters, so that both
//! databases hold the same numbers. Members of a household get neighbouring
//! `PersonId`s: their records then lie together.

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

id! {
    /// 人 A natural person in the register.
    PersonId,
    /// 家庭 A household in the register.
    HouseholdId,
    /// 地点 A place in the register.
    PlaceId,
    /// 合并 A proposal that two entries of the register are one person.
    MergeId,
    /// 数据批次 A delivery of records by a department.
    DataBatchId,
    /// 办件 A case.
    CaseId,
    /// 核对 One verification of a household.
    VerificationId,
    /// 授权 A signed authorisation to verify.
    AuthorisationId,
    /// 决定 A signed decision.
    DecisionId,
    /// 待遇 An entitlement: who is owed what from when.
    EntitlementId,
    /// 应发 One obligation: programme × person × period × component × revision.
    ObligationId,
    /// 发放批次 A payment batch.
    PaymentBatchId,
    /// 账户 A ledger account.
    AccountId,
    /// 转账 A ledger transfer.
    TransferId,
    /// 消息 A message.
    MessageId,
    /// 线索 A finding or lead.
    FindingId,
    /// 家底 All of one kind that can be booked at one place.
    StockId,
    /// 预约 A booking, or a wait that comes to one.
    BookingId,
    /// 交接链 Something that goes from hand to hand.
    ChainId,
    /// 评估 One assessment by a sheet.
    AssessmentId,
    /// 受评单位 An organisation or institution that is rated or inspected.
    BodyId,
    /// 抽查 One random draw.
    DrawId,
    /// 文书 A document: notice, decision, form.
    DocumentId,
    /// 工单 An order.
    OrderId,
    /// 服务方 Who does what orders ask.
    ProviderId,
    /// 慈善组织 An organisation that keeps funds.
    FundOrgId,
    /// 报告 The figures of a plan as frozen on a day.
    ReportId,
    /// 人生大事 A death, a birth, a marriage, with what follows from it.
    LifeEventId,
}
