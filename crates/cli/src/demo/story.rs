//! The scenarios, in the order in which they are played; each is a story of 2022 with the people left out.

mod child;
mod hospital;
mod hours;
mod outage;
mod second_hand;
mod shop;
mod traveller;
mod turned_red;

pub use child::under_three;
pub use hospital::red_at_the_hospital;
pub use hours::to_the_minute;
pub use outage::home_silent;
pub use second_hand::heard;
pub use shop::not_asked;
pub use traveller::recognised;
pub use turned_red::{forced_in, refused_at_home};
