//! What is sold: plans, items, prices, eligibility, and what a selection would cost.
