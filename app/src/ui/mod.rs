//! The design system: what pages are made of.
//!
//! A page is a list of nouns from here – [`Frame`], [`Table`], [`Field`] – with plain data as props. Everything
//! renders on the server and works without scripts; what these add is in [`crate::browser`], woken by the island
//! [`Live`]. Colours and spacing come from `style/`: a page that needs a colour of its own needs a component instead.

mod avatar;
mod badge;
mod brand;
mod bulk;
mod button;
mod card;
pub mod chart;
mod choice;
mod code;
mod copy;
mod danger;
mod drawing;
mod error_page;
mod facts;
mod field;
mod filter;
mod flash;
mod form;
mod frame;
mod icon_names;
mod icons;
mod live;
mod menu;
mod nav;
mod new_password;
mod page;
mod pager;
mod palette;
mod passkey;
mod person;
mod progress;
mod secret;
mod select;
mod sidebar;
mod table;
mod time_ago;
mod verify;

pub use self::avatar::{Avatar, AvatarSize, Mark, initials};
pub use self::badge::{Badge, Tone};
pub use self::brand::{Brand, Logo};
pub use self::bulk::{AllBox, BulkBar, SelectAll, SelectBox};
pub use self::button::{Button, ButtonLink, ButtonVariant, CancelLink, button_class};
pub use self::card::{Card, Panel};
pub use self::choice::{CheckboxField, CheckboxGroup, Choice, FileField, RadioGroup};
pub use self::code::{CodeList, ShortId};
pub use self::copy::{CopyButton, PrintButton};
pub use self::danger::{DangerZone, TypedConfirmation};
pub use self::drawing::Drawing;
pub use self::error_page::ErrorPage;
pub use self::facts::{Fact, Facts, Stat, Stats};
pub use self::field::{CodeField, Field, FieldKind, Moment, TextArea, field_id};
pub use self::filter::{Chip, FilterBar, FilterMenu, FilterOption, SearchBox, Segments};
pub use self::flash::{Flash, FlashTone, Notice, Undo};
pub use self::form::{ErrorSummary, FieldError, Form, FormFoot, HiddenField};
pub use self::frame::{AuthFrame, Frame};
#[cfg(feature = "ssr")]
pub(crate) use self::icons::sprite;
pub use self::icons::{Icon, IconName};
pub use self::live::{Live, LiveRegion, LiveStatus};
pub use self::menu::{LinkTarget, MenuButton, MenuItem, RowMenu};
pub use self::nav::{FrameData, NavBadge, NavItem, NavSection, OrgLink, PersonBadge};
pub use self::new_password::NewPasswordField;
pub use self::page::{Breadcrumb, Crumb, FormPage, Narrow, PageHeader};
pub use self::pager::{EmptyPanel, EmptyState, Neighbours, Pager};
#[cfg(feature = "hydrate")]
pub(crate) use self::palette::fits;
pub use self::passkey::PasskeyForm;
pub use self::person::Person;
pub use self::progress::Progress;
pub use self::secret::SecretPanel;
pub use self::select::{SelectField, SelectGroup, SelectOption};
pub use self::table::{Cell, CellKind, ColumnHeader, Row, Sort, Table};
pub use self::time_ago::{ExactTime, TimeAgo, Zone, exact, relative};
pub use self::verify::VerifyFiles;

pub use domain::numbers::number;
