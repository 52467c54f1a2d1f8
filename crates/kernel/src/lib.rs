//! The vocabulary: ids, money, dates, regions, identity numbers.
