//! The standard a unit is judged against: file model, defaults, matching, who may confirm.
