//! Tests from inside: statements are made without signatures, files are changed one word at a time.

mod believing;
mod believing_many;
mod covering;
mod deciding;
mod disclosing;
mod document;
mod explaining;
mod fixture;
mod lints;
mod logged;
mod matrix;
mod nearest;
mod one_run;
mod overlays;
mod places;
mod random;
mod refused;
mod refused_vocabulary;
mod rendering;
mod risk_areas;
mod selecting;
