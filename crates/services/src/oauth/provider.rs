//! What a provider of identities is, as data: where it is asked, how it names what it knows, and what a project must tell about itself.

/// One request for what a provider knows about a user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    /// Where; `{…}` are values of the project's settings, of the answer with the tokens, or `{token}`.
    pub(super) url: &'static str,
    /// Whether it is a POST with an empty body.
    pub(super) post: bool,
    /// Headers in place of `Authorization: Bearer`, and further ones; with the same values.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Name the answer is kept under; empty for all of it at the top.
    pub(super) under: &'static str,
}

/// How the server shows who it is when it exchanges a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    /// `client_id` and `client_secret` in the form.
    Form,
    /// `Authorization: Basic`.
    Basic,
    /// `Authorization: Basic`, and the id in the form too.
    BasicWithId,
    /// A secret signed for the occasion: Apple.
    Signed,
}

/// Where the user's address stands. Places are JSON pointers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Email {
    /// At one place.
    At(&'static str),
    /// In a list: the first primary one that is verified, else the first verified one. Names of the fields; an empty one has no such field.
    In { list: &'static str, address: &'static str, verified: &'static str, primary: &'static str, or: &'static str },
}

/// Whether the provider vouches for the address.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verified {
    /// A field says so: true, 1 or any text.
    At(&'static str),
    /// It gives out verified addresses only.
    Always,
    /// It does not say.
    Never,
    /// What the entry of [`Email::In`] says.
    Listed,
}

/// A thing a project tells about its app at the provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Parameter on the wire.
    pub(super) wire: &'static str,
    /// Key in the stored secret, which is an object then.
    pub(super) stored: &'static str,
    /// Title in the list of providers.
    pub(super) title: &'static str,
    /// Example.
    pub(super) example: &'static str,
    /// Hint.
    pub(super) hint: &'static str,
    /// Never shown.
    pub(super) secret: bool,
    /// What is said when the provider is switched on without it; empty when it may be missing.
    pub(super) needed: &'static str,
}

/// A provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Provider {
    pub(super) id: &'static str,
    /// As errors call it.
    pub(super) name: &'static str,
    /// Model of its settings.
    pub(super) model: &'static str,
    /// Where users are sent.
    pub(super) authorize: &'static str,
    /// Where codes are exchanged.
    pub(super) token: &'static str,
    /// Where tokens are refreshed.
    pub(super) refresh: &'static str,
    /// Scopes asked for.
    pub(super) scopes: &'static [&'static str],
    /// Parameter of the scopes and what joins them; an empty one is not sent.
    pub(super) scope: (&'static str, &'static str),
    /// Further parameters of the login.
    pub(super) login: &'static [(&'static str, &'static str)],
    pub(super) auth: Auth,
    /// Whether it knows PKCE.
    pub(super) pkce: bool,
    /// Part of the answer with the tokens that counts; empty for all.
    pub(super) tokens_under: &'static str,
    /// Requests for the user; none where the identity token tells.
    pub(super) asks: &'static [Ask],
    pub(super) uid: &'static str,
    pub(super) email: Email,
    pub(super) verified: Verified,
    /// Places of the parts of the name; the first alone if it is there and the last alternatives only otherwise.
    pub(super) names: &'static [&'static str],
    /// The client id.
    pub(super) client: Told,
    /// The client secret and whatever else is needed.
    pub(super) told: &'static [Told],
}

const CLIENT: Told = Told { wire: "clientId", stored: "", title: "Client ID", example: "", hint: "", secret: false, needed: "" };

impl Told {
    /// The client secret under its usual name.
    pub(super) const fn secret(wire: &'static str, title: &'static str, example: &'static str) -> Self {
        Self { wire, stored: "clientSecret", title, example, hint: "", secret: true, needed: "" }
    }
    /// Something that may be shown.
    pub(super) const fn open(wire: &'static str, stored: &'static str, title: &'static str, example: &'static str) -> Self {
        Self { wire, stored, title, example, hint: "", secret: false, needed: "" }
    }
    pub(super) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
    pub(super) const fn needed(mut self, message: &'static str) -> Self {
        self.needed = message;
        self
    }
    pub(super) const fn hidden(mut self) -> Self {
        self.secret = true;
        self
    }
}

impl Provider {
    pub(super) const fn new(id: &'static str, name: &'static str, model: &'static str) -> Self {
        Self {
            id,
            name,
            model,
            authorize: "",
            token: "",
            refresh: "",
            scopes: &[],
            scope: ("scope", " "),
            login: &[("response_type", "code")],
            auth: Auth::Form,
            pkce: false,
            tokens_under: "",
            asks: &[],
            uid: "/id",
            email: Email::At("/email"),
            verified: Verified::Never,
            names: &["/name"],
            client: CLIENT,
            told: &[],
        }
    }
    /// Where users are sent, and where codes are exchanged.
    pub(super) const fn at(mut self, authorize: &'static str, token: &'static str) -> Self {
        self.authorize = authorize;
        self.token = token;
        self.refresh = token;
        self
    }
    pub(super) const fn refresh(mut self, url: &'static str) -> Self {
        self.refresh = url;
        self
    }
    pub(super) const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }
    pub(super) const fn scope(mut self, parameter: &'static str, joint: &'static str) -> Self {
        self.scope = (parameter, joint);
        self
    }
    pub(super) const fn login(mut self, more: &'static [(&'static str, &'static str)]) -> Self {
        self.login = more;
        self
    }
    pub(super) const fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }
    pub(super) const fn pkce(mut self) -> Self {
        self.pkce = true;
        self
    }
    pub(super) const fn tokens_under(mut self, key: &'static str) -> Self {
        self.tokens_under = key;
        self
    }
    pub(super) const fn asks(mut self, asks: &'static [Ask]) -> Self {
        self.asks = asks;
        self
    }
    /// Places of id, address and name.
    pub(super) const fn user(mut self, uid: &'static str, email: &'static str, names: &'static [&'static str]) -> Self {
        self.uid = uid;
        self.email = Email::At(email);
        self.names = names;
        self
    }
    pub(super) const fn email(mut self, email: Email) -> Self {
        self.email = email;
        self.verified = Verified::Listed;
        self
    }
    pub(super) const fn verified(mut self, verified: Verified) -> Self {
        self.verified = verified;
        self
    }
    /// The names of OpenID Connect.
    pub(super) const fn oidc(self) -> Self {
        self.user("/sub", "/email", &["/name"]).verified(Verified::At("/email_verified"))
    }
    /// The app's id at the provider, by the provider's own word for it.
    pub(super) const fn client(mut self, wire: &'static str, title: &'static str, example: &'static str) -> Self {
        self.client.wire = wire;
        self.client.title = title;
        self.client.example = example;
        self
    }
    pub(super) const fn client_hint(mut self, hint: &'static str) -> Self {
        self.client.hint = hint;
        self
    }
    pub(super) const fn told(mut self, told: &'static [Told]) -> Self {
        self.told = told;
        self
    }

    /// Whether more than a secret is told: then all of it is kept as one object.
    pub(super) fn is_composite(&self) -> bool {
        !matches!(self.told, [one] if one.secret)
    }
}

impl Ask {
    /// GET with the token in the header.
    pub(super) const fn get(url: &'static str) -> Self {
        Self { url, post: false, headers: &[], under: "" }
    }
    pub(super) const fn post(url: &'static str) -> Self {
        Self { post: true, ..Self::get(url) }
    }
    pub(super) const fn with(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }
    pub(super) const fn under(mut self, key: &'static str) -> Self {
        self.under = key;
        self
    }
}
