//! 「检验」 Tables of the gate, of deliveries and of verifications.
