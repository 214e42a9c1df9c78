//! One plan change: its stages, events, effects, refusals, and the machine that decides.
