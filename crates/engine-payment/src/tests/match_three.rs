//! 「三方对账」 Ledger, bank and treasury to the fen.

use super::*;

fn lines(list: &[(&str, i64)]) -> (Vec<LedgerLine>, Vec<BankLine>) {
    let ledger = list.iter().map(|(reference, fen)| LedgerLine {
        reference: (*reference).to_owned(),
        amount: Money::from_fen(*fen),
    });
    let bank = list.iter().map(|(reference, fen)| BankLine {
        reference: (*reference).to_owned(),
        amount: Money::from_fen(*fen),
    });
    (ledger.collect(), bank.collect())
}

fn treasury(debited: i64, refunded: i64) -> TreasuryStatement {
    TreasuryStatement {
        debited: Money::from_fen(debited),
        refunded: Money::from_fen(refunded),
    }
}

#[test]
fn three_equal_sides_differ_by_nothing() {
    let (ledger, bank) = lines(&[("a", 100), ("b", 250)]);
    let told = reconcile(&ledger, &bank, &treasury(400, 50), vec![]).unwrap();
    assert_eq!(told.differences, []);
    assert_eq!(told.difference(), Money::ZERO);
    assert!(told.is_settled());
}

#[test]
fn every_difference_has_a_kind_and_needs_a_name() {
    type Side = &'static [(&'static str, i64)];
    let table: [(Side, Side, i64, DifferenceKind, &str, i64); 6] = [
        (&[("a", 100)], &[], 0, DifferenceKind::LedgerOnly, "a", -100),
        (&[], &[("a", 100)], 100, DifferenceKind::BankOnly, "a", 100),
        (
            &[("a", 100)],
            &[("a", 99)],
            99,
            DifferenceKind::Amount,
            "a",
            -1,
        ),
        (
            &[("a", 100)],
            &[("a", 100)],
            101,
            DifferenceKind::Treasury,
            "",
            1,
        ),
        (
            &[("a", 100), ("a", 5)],
            &[("a", 105)],
            105,
            DifferenceKind::Twice,
            "a",
            5,
        ),
        (
            &[("a", 105)],
            &[("a", 100), ("a", 5)],
            105,
            DifferenceKind::Twice,
            "a",
            5,
        ),
    ];
    for (ours, theirs, net, kind, reference, fen) in table {
        let (ledger, bank) = (lines(ours).0, lines(theirs).1);
        let told = reconcile(&ledger, &bank, &treasury(net, 0), vec![]).unwrap();
        let expected = Difference {
            kind,
            reference: reference.to_owned(),
            fen,
        };
        assert!(told.differences.contains(&expected), "{kind:?}: {told:?}");
        assert!(!told.is_settled(), "{kind:?}");
        let named = |words: &str| {
            vec![Named {
                reference: reference.to_owned(),
                words: words.to_owned(),
            }]
        };
        let told = reconcile(&ledger, &bank, &treasury(net, 0), named("次日入账")).unwrap();
        assert!(told.is_settled(), "{kind:?}: {told:?}");
        let told = reconcile(&ledger, &bank, &treasury(net, 0), named("  ")).unwrap();
        assert!(!told.is_settled(), "an empty name is none");
    }
}

#[test]
fn two_errors_that_cancel_out_are_still_two_errors() {
    let ledger = lines(&[("a", 100), ("b", 200)]).0;
    let bank = lines(&[("a", 101), ("b", 199)]).1;
    let told = reconcile(&ledger, &bank, &treasury(300, 0), vec![]).unwrap();
    assert_eq!(told.difference(), Money::ZERO);
    assert_eq!(told.unnamed(), 2);
}

#[test]
fn a_batch_that_does_not_add_up_is_not_reconciled() {
    let mut batch = sent(1, 3);
    let reply = honest(&batch, &[2]);
    tell(&mut batch, reading(&reply), &machine(), 3).unwrap();
    assert_eq!(batch.state, BatchState::PartlyFailed);
    let paid: Vec<(String, i64)> = [0, 2]
        .map(|index| {
            let item = &batch.items[index];
            (line_reference(&batch, item), item.amount.fen())
        })
        .to_vec();
    let borrowed: Vec<(&str, i64)> = paid.iter().map(|(r, f)| (r.as_str(), *f)).collect();
    let (ledger, bank) = lines(&borrowed);
    let total: i64 = paid.iter().map(|p| p.1).sum();
    let sent = total + batch.items[1].amount.fen();
    let command = |refunded: i64, named| Command::Reconcile {
        ledger: ledger.clone(),
        bank: bank.clone(),
        treasury: treasury(sent, refunded),
        named,
    };
    let told = ask(&batch, command(0, vec![]), &officer(3), 9);
    assert_eq!(
        told,
        Err(Refusal::NotBalanced {
            difference: batch.items[1].amount,
            unnamed: 1
        })
    );
    let back = batch.items[1].amount.fen();
    tell(&mut batch, command(back, vec![]), &officer(3), 9).unwrap();
    let reconciliation = batch.reconciliation.as_ref().unwrap();
    assert_eq!(reconciliation.difference(), Money::ZERO);
    tell(&mut batch, Command::Close, &officer(3), 10).unwrap();
}
