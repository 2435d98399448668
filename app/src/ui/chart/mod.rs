//! Charts: drawings of numbers, made on the server, each with its numbers as a table.
//!
//! What is drawn is placed by shares of the chart's width and height, so that it fits every screen while its lines and
//! its hatching stay as they are. What is written beside it is no part of the drawing, and keeps its size.

mod axes;
mod bars;
mod columns;
mod fill;
mod heat;
mod legend;
mod scale;
mod share;
mod table;

pub use self::axes::Axes;
pub use self::bars::{Bar, HATCHED, Hatching};
pub use self::columns::{Columns, Step};
pub use self::fill::{Fill, Mark};
pub use self::heat::HeatMap;
pub use self::legend::{Key, Legend};
pub use self::scale::{long_day, short_day, top};
pub use self::share::{Share, SharePart};
pub use self::table::ChartTable;

use super::number;

/// What is counted: the word for one, and for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted(pub &'static str, pub &'static str);

impl Counted {
    /// So many of them, e.g. "1,204 sign-ins".
    #[must_use]
    pub fn of(self, count: u64) -> String {
        let word = if count == 1 { self.0 } else { self.1 };
        format!("{} {word}", number(count))
    }
}
