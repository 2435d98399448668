//! What a page knows of its request, and how it is rendered.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::accounts::Theme;
use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::text::isolated;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use server::sessions::Visitor;
use server::{Access, RequestContext};
use tower_sessions::Session;

use crate::document::{Head, content_security_policy, document};
use crate::flash::{Flash, FormFlash};
use crate::forms::{enrol_for, local_path};
use crate::problems::Fault;
use crate::state::AppState;
use crate::texts;
use crate::ui::{self, FieldError, FlashTone, Zone};

/// A request as pages and form handlers see it.
#[derive(Clone)]
pub struct PageContext {
    pub(crate) state: AppState,
    /// When, from where, with what.
    pub request: RequestContext,
    /// Who is signed in.
    pub visitor: Option<Visitor>,
    /// What the request before had to say.
    pub flash: Flash,
    has_flash: bool,
    /// A form from before a proof of who asks, and whether a page has shown it.
    carried: Option<FormFlash>,
    carried_shown: Arc<AtomicBool>,
    uri: Uri,
}

impl FromRequestParts<AppState> for PageContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let flash = Flash::read(&parts.headers, &state.portal);
        let visitor = parts.extensions.get::<Visitor>();
        Ok(Self {
            state: state.clone(),
            request: request_context(parts, state),
            visitor: visitor.cloned(),
            has_flash: flash.is_some(),
            flash: flash.unwrap_or_default(),
            carried: visitor.and_then(|it| Flash::read_carried(&parts.headers, &state.portal, it.account.id)),
            carried_shown: Arc::default(),
            uri: parts.uri.clone(),
        })
    }
}

/// The context that the outermost layers have made, or that of a request that did not come through
/// them.
pub(crate) fn request_context(parts: &Parts, state: &AppState) -> RequestContext {
    parts.extensions.get::<RequestContext>().cloned().unwrap_or_else(|| RequestContext::internal(&state.portal))
}

impl PageContext {
    /// The address that was asked for.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The whole address that was asked for, as a link within this site.
    pub(crate) fn address(&self) -> String {
        local_path(self.uri.path_and_query().map_or("/", PathAndQuery::as_str)).to_owned()
    }

    /// The pairs of the address' query.
    pub fn query(&self) -> Vec<(String, String)> {
        self.uri.query().map(|query| serde_urlencoded::from_str(query).unwrap_or_default()).unwrap_or_default()
    }

    /// One value of the address' query.
    pub fn query_value(&self, key: &str) -> Option<String> {
        self.query().into_iter().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The zone in which times are shown.
    pub fn zone(&self) -> Zone {
        Zone::named(self.visitor.as_ref().map_or("UTC", |visitor| &visitor.account.time_zone))
    }

    /// Whether mail goes out; without a mail server, links are passed on by hand.
    pub fn sends_mail(&self) -> bool {
        self.state.portal.settings().sends_mail
    }

    /// The context of a page that is told this, as if by the request before.
    pub(crate) fn told(&self, flash: Flash) -> Self {
        Self { flash, ..self.clone() }
    }

    /// What came back of a form that was sent to this address.
    pub fn form(&self, action: &str) -> FormState {
        let is_it = |form: &&FormFlash| form.action == action;
        let form = self.flash.form.as_ref().filter(is_it).or_else(|| {
            let carried = self.carried.as_ref().filter(is_it)?;
            self.carried_shown.store(true, Ordering::Relaxed);
            Some(carried)
        });
        FormState(form.cloned())
    }

    /// The visitor, at an address that is for people who are signed in.
    ///
    /// # Errors
    /// Not found, at an address of the table that is not.
    pub fn signed_in(&self) -> Result<&Visitor, Fault> {
        self.visitor.as_ref().ok_or(Fault::Problem(Problem::NotFound))
    }

    /// Renders a page with status 200.
    pub async fn render(&self, title: &str, page: impl FnOnce() -> AnyView + Send + 'static) -> Response {
        self.render_with(StatusCode::OK, title, page).await
    }

    /// Renders a page.
    pub async fn render_with(
        &self,
        status: StatusCode,
        title: &str,
        page: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Response {
        let (theme, shortcuts) = match &self.visitor {
            Some(visitor) => (visitor.account.theme, visitor.account.shortcuts),
            None => (Theme::System, true),
        };
        let head = Head { title: title.to_owned(), theme, shortcuts };
        let assets = Arc::clone(&self.state.assets);
        // The renderer may be asked to call its function many times, and does so once.
        let page = Arc::new(Mutex::new(Some(page)));
        let app = move || {
            expect_context::<ResponseOptions>().insert_header(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_str(&content_security_policy())
                    .unwrap_or(HeaderValue::from_static("default-src 'none'")),
            );
            let page = page.lock().unwrap_or_else(PoisonError::into_inner).take();
            document(&assets, head.clone(), page.map(|page| page()).into_any())
        };
        let request = Request::builder().uri(self.uri.clone()).body(Body::empty()).unwrap_or_default();
        let mut response = leptos_axum::render_app_async_with_context(|| {}, app)(request).await;
        *response.status_mut() = status;
        let shown =
            [self.has_flash.then(Flash::clear), self.carried_shown.load(Ordering::Relaxed).then(Flash::clear_carried)];
        for cookie in shown.into_iter().flatten().flatten() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// The outcome of the act before, if there is one to show.
    pub fn notice(&self) -> Option<AnyView> {
        let (tone, text) = match (&self.flash.done, self.flash.problem) {
            (Some(done), _) => (FlashTone::Success, done.text()),
            (None, Some(problem)) => (FlashTone::Error, texts::problem(problem).sentence()),
            (None, None) => return None,
        };
        Some(view! { <ui::Flash tone text undo=self.flash.undo.clone() /> }.into_any())
    }
}

/// A form that came back, or a fresh one.
#[derive(Clone, Default)]
pub struct FormState(Option<FormFlash>);

impl FormState {
    /// What was typed in a field.
    pub fn value(&self, field: &str) -> Option<String> {
        let form = self.0.as_ref()?;
        form.values.iter().find_map(|(name, value)| (name == field).then(|| value.clone()))
    }

    /// What was chosen in a field that is there several times; nothing for a fresh form.
    pub fn values(&self, field: &str) -> Option<Vec<String>> {
        let form = self.0.as_ref()?;
        Some(form.values.iter().filter(|(name, _)| name == field).map(|(_, value)| value.clone()).collect())
    }

    /// What was typed in a field, or what stood there before.
    pub fn value_or(&self, field: &str, otherwise: &str) -> String {
        self.value(field).unwrap_or_else(|| otherwise.to_owned())
    }

    /// What is wrong in a field.
    pub fn error(&self, field: &str) -> Option<String> {
        self.0.as_ref()?.errors.of(field).map(|problem| texts::field(field, problem))
    }

    /// Which problem a field has.
    pub fn problem(&self, field: &str) -> Option<FieldProblem> {
        self.0.as_ref()?.errors.of(field)
    }

    /// Whether a form came back that was not fresh.
    pub fn came_back(&self) -> bool {
        self.0.is_some()
    }

    /// All that is wrong, for the summary above the form.
    pub fn errors(&self) -> Vec<FieldError> {
        let Some(FormFlash { action, errors, .. }) = &self.0 else { return Vec::new() };
        let line = |(field, problem)| format!("{}: {}", texts::label(action, field), texts::field(field, problem));
        errors.iter().map(|error| FieldError::at(error.0, line(error))).collect()
    }
}

/// Somebody inside of an organization, as the gate has let them in. Cheap to clone.
#[derive(Clone)]
pub struct Organization {
    /// What they may do.
    pub access: Access,
    /// The request.
    pub page: Arc<PageContext>,
}

impl FromRequestParts<AppState> for Organization {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let access = parts.extensions.get::<Access>().cloned().ok_or(Fault::Problem(Problem::NotFound))?;
        let page = match PageContext::from_request_parts(parts, state).await {
            Ok(page) => page,
            Err(never) => match never {},
        };
        Ok(Self { access, page: Arc::new(page) })
    }
}

impl Organization {
    /// The same for a page that shows something else.
    pub(crate) fn on(&self, page: PageContext) -> Self {
        Self { access: self.access.clone(), page: Arc::new(page) }
    }

    /// A path below the organization's.
    pub fn path(&self, rest: &str) -> String {
        format!("/o/{}{rest}", self.access.slug())
    }

    /// That a second factor is to be set up, for whoever has not what the organization asks for.
    fn reminder(&self) -> Option<AnyView> {
        let at = self.access.reminder()?;
        let (zone, href) = (self.page.zone(), enrol_for(&self.page.address()));
        let organization = isolated(self.access.organization()).into_owned();
        let methods = self.access.policy().mfa.map_or("a second factor", |mfa| mfa.methods.describe());
        Some(
            view! {
                <ui::Notice tone=FlashTone::Warning title="Set up a second factor">
                    {organization} " asks its members for " {methods} ". You get in without until "
                    <ui::ExactTime at zone /> ". " <a class="link" href=href>"Set it up now"</a>
                </ui::Notice>
            }
            .into_any(),
        )
    }

    /// Renders a page inside of the organization's frame.
    pub async fn render(&self, title: &str, content: impl FnOnce() -> AnyView + Send + 'static) -> Response {
        let frame = crate::nav::of_organization(self, crate::approvals::waiting(self).await);
        let notice = self.page.clone();
        let reminder = self.reminder();
        let quotas = crate::quotas::banner(self).await;
        let title = format!("{} · {}", isolated(title), isolated(self.access.organization()));
        self.page
            .render(&title, move || {
                view! { <ui::Frame data=frame>{reminder} {quotas} {notice.notice()} {content()}</ui::Frame> }.into_any()
            })
            .await
    }
}

/// The browser's session, which acts of signing in and out change.
pub struct Browser(pub Session);

impl FromRequestParts<AppState> for Browser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        Session::from_request_parts(parts, state).await.map(Self).map_err(IntoResponse::into_response)
    }
}
