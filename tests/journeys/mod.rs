//! Journeys: whole plan changes through the public interfaces.
