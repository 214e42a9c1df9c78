//! Languages, numbers, dates and money as people read them.
