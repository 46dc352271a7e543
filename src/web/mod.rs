//! Pages, JSON API, health and metrics.
