//! 「居民的权限」 Residents, their guardians and agents.

use super::*;

pub(super) const RULES: &[Rule] = &[
    // 居民 Sees and does everything of their own, in every state but a sealed one.
    rule(
        Citizen,
        &[A::ReadCase, A::ReadPerson, A::Judge],
        Own,
        &[P::Own],
        L4,
        ANY,
    ),
    rule(
        Citizen,
        &[A::Apply],
        Own,
        &[P::Own],
        L4,
        &[S::None, S::Draft, S::Open],
    ),
    rule(
        Citizen,
        &[A::Authorise],
        Own,
        &[P::Own],
        L3,
        &[S::None, S::Draft, S::Open, S::Decided],
    ),
    rule(
        Citizen,
        &[A::Withdraw],
        Own,
        &[P::Own],
        L3,
        &[S::Draft, S::Open, S::Decided],
    ),
    rule(Citizen, &[A::Speak], Own, &[P::Own], L4, LASTING),
    rule(Citizen, &[A::Appeal], Own, &[P::Own], L3, DONE),
    rule(Citizen, &[A::ChangeAccount], Own, &[P::Own], L3, PLAIN),
    // 幸福码 Showing it is consent: by the owner alone.
    rule(Citizen, &[A::ShowXingfuma], Own, &[P::Own], L1, PLAIN),
    // 工单 Asks, follows, confirms, rates.
    rule(
        Citizen,
        &[A::Order, A::ReadOrder, A::ConfirmOrder],
        Own,
        &[P::Own],
        L4,
        &[S::None, S::Open, S::Closed],
    ),
    rule(
        Agent,
        &[A::Order, A::ReadOrder, A::ConfirmOrder],
        Own,
        &[P::Own],
        L3,
        &[S::None, S::Open, S::Closed],
    ),
    // 评估 Reads how he was assessed.
    rule(Citizen, &[A::ReadAssessment], Own, &[P::Own], L4, KNOWN),
    // 监护人、代办人 The same for a time, but neither consent nor bank account.
    rule(
        Agent,
        &[A::ReadCase, A::ReadPerson],
        Own,
        &[P::Own],
        L3,
        ANY,
    ),
    rule(
        Agent,
        &[A::Apply],
        Own,
        &[P::Own],
        L4,
        &[S::None, S::Draft, S::Open],
    ),
    rule(
        Agent,
        &[A::Withdraw],
        Own,
        &[P::Own],
        L3,
        &[S::Draft, S::Open, S::Decided],
    ),
    rule(Agent, &[A::Speak], Own, &[P::Own], L4, LASTING),
    rule(Agent, &[A::Appeal], Own, &[P::Own], L3, DONE),
    rule(Agent, &[A::ReadAssessment], Own, &[P::Own], L4, KNOWN),
    // 预约 Their own.
    rule(
        Citizen,
        &[A::Book, A::ReadBooking],
        Own,
        &[P::Own],
        L3,
        &[S::None, S::Open, S::Closed],
    ),
    rule(
        Agent,
        &[A::Book, A::ReadBooking],
        Own,
        &[P::Own],
        L3,
        &[S::None, S::Open, S::Closed],
    ),
    // 账本 Their own.
    rule(
        Citizen,
        &[A::ReadBook, A::UseBook],
        Own,
        &[P::Own],
        L3,
        &[S::None, S::Open],
    ),
    rule(
        Agent,
        &[A::ReadBook, A::UseBook],
        Own,
        &[P::Own],
        L3,
        &[S::None, S::Open],
    ),
];
