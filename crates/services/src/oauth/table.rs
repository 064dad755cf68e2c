//! The providers. Addresses, scopes and names of fields are those of each provider's documentation; what a project tells about its app goes by the
//! names of the API. A provider is taken to vouch for an address only where it says so or gives out no other.
use super::provider::Verified::{Always, At};
use super::provider::{Ask, Auth, Email, Provider, Told};

const OPENID: &[&str] = &["openid", "profile", "email"];
const OFFLINE: &[&str] = &["openid", "profile", "email", "offline_access"];
const PAYPAL_EMAIL: Email = Email::In { list: "/emails", address: "value", verified: "confirmed", primary: "primary", or: "/emails/0/value" };

/// All of them, in order of their ids.
pub(super) const PROVIDERS: &[Provider] = &[
    Provider::new("amazon", "Amazon", "oAuth2Amazon")
        .at("https://www.amazon.com/ap/oa", "https://api.amazon.com/auth/o2/token")
        .scopes(&["profile"])
        .pkce()
        .asks(&[Ask::get("https://api.amazon.com/user/profile")])
        .user("/user_id", "/email", &["/name"])
        .verified(Always)
        .client("clientId", "Client ID", "amzn1.application-oa2-client.87400c00000000000000000000063d5b2")
        .told(&[Told::secret("clientSecret", "Client Secret", "79ffe4000000000000000000000000000000000000000000000000000002de55")]),
    Provider::new("apple", "Apple", "oAuth2Apple")
        .at("https://appleid.apple.com/auth/authorize", "https://appleid.apple.com/auth/token")
        .scopes(&["name", "email"])
        .login(&[("response_type", "code"), ("response_mode", "form_post")])
        .auth(Auth::Signed)
        .user("/sub", "/email", &[])
        .verified(At("/email_verified"))
        .client("serviceId", "Service ID", "ip.appwrite.app.web")
        .told(&[
            Told::open("keyId", "keyID", "Key ID", "P4000000N8"),
            Told::open("teamId", "teamID", "Team ID", "D4000000R6"),
            Told::open("p8File", "p8", "P8 File", "-----BEGIN PRIVATE KEY-----MIGTAg...jy2Xbna-----END PRIVATE KEY-----").hidden(),
        ]),
    Provider::new("auth0", "Auth0", "oAuth2Auth0")
        .at("https://{auth0Domain}/authorize", "https://{auth0Domain}/oauth/token")
        .scopes(OFFLINE)
        .pkce()
        .asks(&[Ask::get("https://{auth0Domain}/userinfo")])
        .oidc()
        .client("clientId", "Client ID", "OaOkIA000000000000000000005KLSYq")
        .told(&[
            Told::secret("clientSecret", "Client Secret", "zXz0000-00000000000000000000000000000-00000000000000000000PJafnF"),
            Told::open("endpoint", "auth0Domain", "Domain", "example.us.auth0.com"),
        ]),
    Provider::new("authentik", "Authentik", "oAuth2Authentik")
        .at("https://{authentikDomain}/application/o/authorize", "https://{authentikDomain}/application/o/token/")
        .scopes(OFFLINE)
        .pkce()
        .asks(&[Ask::get("https://{authentikDomain}/application/o/userinfo/")])
        .oidc()
        .client("clientId", "Client ID", "dTKOPa0000000000000000000000000000e7G8hv")
        .told(&[
            Told::secret(
                "clientSecret",
                "Client Secret",
                "ntQadq000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000Hp5WK",
            ),
            Told::open("endpoint", "authentikDomain", "Domain", "example.authentik.com").needed("Authentik endpoint is required."),
        ]),
    Provider::new("autodesk", "Autodesk", "oAuth2Autodesk")
        .at("https://developer.api.autodesk.com/authentication/v1/authorize", "https://developer.api.autodesk.com/authentication/v1/gettoken")
        .refresh("https://developer.api.autodesk.com/authentication/v1/refreshtoken")
        .scopes(&["user-profile:read"])
        .asks(&[Ask::get("https://developer.api.autodesk.com/userprofile/v1/users/@me")])
        .user("/userId", "/emailId", &["/userName"])
        .verified(At("/emailVerified"))
        .client("clientId", "Client ID", "5zw90v00000000000000000000kVYXN7")
        .told(&[Told::secret("clientSecret", "Client Secret", "7I000000000000MW")]),
    Provider::new("bitbucket", "BitBucket", "oAuth2Bitbucket")
        .at("https://bitbucket.org/site/oauth2/authorize", "https://bitbucket.org/site/oauth2/access_token")
        .asks(&[Ask::get("https://api.bitbucket.org/2.0/user"), Ask::get("https://api.bitbucket.org/2.0/user/emails").under("emails")])
        .user("/uuid", "", &["/display_name"])
        .email(Email::In { list: "/emails/values", address: "email", verified: "is_confirmed", primary: "is_primary", or: "" })
        .client("key", "Key", "Knt70000000000ByRc")
        .told(&[Told::secret("secret", "Secret", "NMfLZJ00000000000000000000TLQdDx")]),
    Provider::new("bitly", "Bitly", "oAuth2Bitly")
        .at("https://bitly.com/oauth/authorize", "https://api-ssl.bitly.com/oauth/access_token")
        .asks(&[Ask::get("https://api-ssl.bitly.com/v4/user")])
        .user("/login", "", &["/name"])
        .email(Email::In { list: "/emails", address: "email", verified: "is_verified", primary: "is_primary", or: "" })
        .client("clientId", "Client ID", "d95151000000000000000000000000000067af9b")
        .told(&[Told::secret("clientSecret", "Client Secret", "a13e250000000000000000000000000000d73095")]),
    Provider::new("box", "Box", "oAuth2Box")
        .at("https://account.box.com/api/oauth2/authorize", "https://api.box.com/oauth2/token")
        .scopes(&["manage_app_users"])
        .scope("scope", ",")
        .asks(&[Ask::get("https://api.box.com/2.0/users/me")])
        .user("/id", "/login", &["/name"])
        .verified(Always)
        .client("clientId", "Client ID", "deglcs00000000000000000000x2og6y")
        .told(&[Told::secret("clientSecret", "Client Secret", "OKM1f100000000000000000000eshEif")]),
    Provider::new("dailymotion", "Dailymotion", "oAuth2Dailymotion")
        .at("https://www.dailymotion.com/oauth/authorize", "https://api.dailymotion.com/oauth/token")
        .scopes(&["userinfo", "email"])
        .asks(&[Ask::get("https://api.dailymotion.com/user/me?fields=email,id,fullname,verified")])
        .user("/id", "/email", &["/fullname"])
        .client("apiKey", "API Key", "07a9000000000000067f")
        .told(&[Told::secret("apiSecret", "API Secret", "a399a90000000000000000000000000000d90639")]),
    Provider::new("discord", "Discord", "oAuth2Discord")
        .at("https://discord.com/api/oauth2/authorize", "https://discord.com/api/oauth2/token")
        .scopes(&["identify", "email"])
        .pkce()
        .asks(&[Ask::get("https://discord.com/api/users/@me")])
        .user("/id", "/email", &["/username"])
        .verified(At("/verified"))
        .client("clientId", "Client ID", "950722000000343754")
        .told(&[Told::secret("clientSecret", "Client Secret", "YmPXnM000000000000000000002zFg5D")]),
    Provider::new("disqus", "Disqus", "oAuth2Disqus")
        .at("https://disqus.com/api/oauth/2.0/authorize/", "https://disqus.com/api/oauth/2.0/access_token/")
        .scopes(&["read", "email"])
        .scope("scope", ",")
        .asks(&[Ask::get("https://disqus.com/api/3.0/users/details.json?access_token={token}&api_key={client_id}&api_secret={client_secret}")])
        .user("/response/id", "/response/email", &["/response/name"])
        .client("publicKey", "Public Key, also known as API Key", "cgegH70000000000000000000000000000000000000000000000000000Hr1nYX")
        .told(&[Told::secret("secretKey", "Secret Key, also known as API Secret", "W7Bykj00000000000000000000000000000000000000000000000000003o43w9")]),
    Provider::new("dropbox", "Dropbox", "oAuth2Dropbox")
        .at("https://www.dropbox.com/oauth2/authorize", "https://api.dropboxapi.com/oauth2/token")
        .pkce()
        .asks(&[Ask::post("https://api.dropboxapi.com/2/users/get_current_account")])
        .user("/account_id", "/email", &["/name/display_name"])
        .verified(At("/email_verified"))
        .client("appKey", "App Key", "jl000000000009t")
        .told(&[Told::secret("appSecret", "App Secret", "g200000000000vw")]),
    Provider::new("etsy", "Etsy", "oAuth2Etsy")
        .at("https://www.etsy.com/oauth/connect", "https://api.etsy.com/v3/public/oauth/token")
        .scopes(&["email_r", "profile_r"])
        .pkce()
        .asks(&[Ask::get("https://api.etsy.com/v3/application/users/{token_prefix}").with(&[("x-api-key", "{client_id}")])])
        .user("/user_id", "/primary_email", &["/login_name"])
        .client("keyString", "Keystring", "nsgzxh0000000000008j85a2")
        .told(&[Told::secret("sharedSecret", "Shared Secret", "tp000000ru")]),
    Provider::new("facebook", "Facebook", "oAuth2Facebook")
        .at("https://www.facebook.com/v19.0/dialog/oauth", "https://graph.facebook.com/v19.0/oauth/access_token")
        .scopes(&["email"])
        .asks(&[Ask::get("https://graph.facebook.com/v19.0/me?fields=email,name")])
        .verified(Always)
        .client("appId", "App ID", "260600000007694")
        .told(&[Told::secret("appSecret", "App Secret", "2d0b2800000000000000000000d38af4")]),
    Provider::new("figma", "Figma", "oAuth2Figma")
        .at("https://www.figma.com/oauth", "https://api.figma.com/v1/oauth/token")
        .refresh("https://api.figma.com/v1/oauth/refresh")
        .scopes(&["current_user:read"])
        .auth(Auth::Basic)
        .pkce()
        .asks(&[Ask::get("https://api.figma.com/v1/me")])
        .user("/id", "/email", &["/handle"])
        .verified(Always)
        .client("clientId", "Client ID", "byay5H0000000000VtiI40")
        .told(&[Told::secret("clientSecret", "Client Secret", "yEpOYn0000000000000000004iIsU5")]),
    Provider::new("fusionauth", "FusionAuth", "oAuth2FusionAuth")
        .at("https://{fusionAuthDomain}/oauth2/authorize", "https://{fusionAuthDomain}/oauth2/token")
        .scopes(OFFLINE)
        .pkce()
        .asks(&[Ask::get("https://{fusionAuthDomain}/oauth2/userinfo")])
        .oidc()
        .client("clientId", "Client ID", "b2222c00-0000-0000-0000-000000862097")
        .told(&[
            Told::secret("clientSecret", "Client Secret", "Jx4s0C0000000000000000000000000000000wGqLsc"),
            Told::open("endpoint", "fusionAuthDomain", "Domain", "example.fusionauth.io").needed("FusionAuth endpoint is required."),
        ]),
    Provider::new("github", "GitHub", "oAuth2Github")
        .at("https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token")
        .scopes(&["user:email"])
        .login(&[])
        .pkce()
        .asks(&[Ask::get("https://api.github.com/user"), Ask::get("https://api.github.com/user/emails").under("emails")])
        .email(Email::In { list: "/emails", address: "email", verified: "verified", primary: "primary", or: "/email" })
        .client("clientId", "OAuth2 app Client ID, or App ID", "e4d87900000000540733")
        .client_hint("Example of wrong value: 370006")
        .told(&[Told::secret("clientSecret", "Client Secret", "5e07c00000000000000000000000000000198bcc")]),
    Provider::new("gitlab", "GitLab", "oAuth2Gitlab")
        .at("{endpoint}/oauth/authorize", "{endpoint}/oauth/token")
        .scopes(&["read_user"])
        .pkce()
        .asks(&[Ask::get("{endpoint}/api/v4/user")])
        .verified(At("/confirmed_at"))
        .client("applicationId", "Application ID", "d41ffe0000000000000000000000000000000000000000000000000000d5e252")
        .told(&[
            Told::secret("secret", "Secret", "gloas-838cfa0000000000000000000000000000000000000000000000000000ecbb38"),
            Told::open("endpoint", "endpoint", "Endpoint", "https://gitlab.com"),
        ]),
    Provider::new("google", "Google", "oAuth2Google")
        .at("https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token")
        .scopes(&["https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile", "openid"])
        .login(&[("response_type", "code"), ("access_type", "offline"), ("prompt", "{prompt}")])
        .pkce()
        .asks(&[Ask::get("https://www.googleapis.com/oauth2/v3/userinfo")])
        .oidc()
        .client("clientId", "Client ID", "120000000095-92ifjb00000000000000000000g7ijfb.apps.googleusercontent.com")
        .told(&[
            Told::secret("clientSecret", "Client Secret", "GOCSPX-2k8gsR0000000000000000VNahJj"),
            Told::open("prompt", "prompt", "Prompt", "[\"consent\"]"),
        ]),
    Provider::new("keycloak", "Keycloak", "oAuth2Keycloak")
        .at(
            "https://{keycloakDomain}/realms/{keycloakRealm}/protocol/openid-connect/auth",
            "https://{keycloakDomain}/realms/{keycloakRealm}/protocol/openid-connect/token",
        )
        .scopes(OFFLINE)
        .pkce()
        .asks(&[Ask::get("https://{keycloakDomain}/realms/{keycloakRealm}/protocol/openid-connect/userinfo")])
        .oidc()
        .client("clientId", "Client ID", "appwrite-o0000000st-app")
        .told(&[
            Told::secret("clientSecret", "Client Secret", "jdjrJd00000000000000000000HUsaZO"),
            Told::open("endpoint", "keycloakDomain", "Domain", "keycloak.example.com").needed("Keycloak endpoint is required."),
            Told::open("realmName", "keycloakRealm", "Realm name", "appwrite-realm").needed("Keycloak realm name is required."),
        ]),
    Provider::new("kick", "Kick", "oAuth2Kick")
        .at("https://id.kick.com/oauth/authorize", "https://id.kick.com/oauth/token")
        .scopes(&["user:read"])
        .pkce()
        .asks(&[Ask::get("https://api.kick.com/public/v1/users")])
        .user("/data/0/user_id", "/data/0/email", &["/data/0/name"])
        .verified(Always)
        .client("clientId", "Client ID", "01KQ7C00000000000001MFHS32")
        .told(&[Told::secret("clientSecret", "Client Secret", "34ac5600000000000000000000000000000000000000000000000000e830c8b")]),
    Provider::new("linkedin", "LinkedIn", "oAuth2Linkedin")
        .at("https://www.linkedin.com/oauth/v2/authorization", "https://www.linkedin.com/oauth/v2/accessToken")
        .scopes(OPENID)
        .asks(&[Ask::get("https://api.linkedin.com/v2/userinfo")])
        .oidc()
        .client("clientId", "Client ID", "770000000000dv")
        .told(&[Told::secret("primaryClientSecret", "Primary Client Secret or Secondary Client Secret", "WPL_AP1.2Bf0000000000000./HtlYw==")]),
    Provider::new("microsoft", "Microsoft", "oAuth2Microsoft")
        .at("https://login.microsoftonline.com/{tenantID}/oauth2/v2.0/authorize", "https://login.microsoftonline.com/{tenantID}/oauth2/v2.0/token")
        .scopes(&["offline_access", "user.read"])
        .login(&[("response_type", "code"), ("response_mode", "query")])
        .pkce()
        .asks(&[Ask::get("https://graph.microsoft.com/v1.0/me")])
        .user("/id", "/userPrincipalName", &["/displayName"])
        .verified(Always)
        .client("applicationId", "Entra ID Application ID, also known as Client ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
        .told(&[
            Told::secret("applicationSecret", "Entra ID Application Secret, also known as Client Secret", "A1bC2dE3fH4iJ5kL6mN7oP8qR9sT0u"),
            Told::open("tenant", "tenantID", "Tenant", "common").needed("Microsoft tenant is required."),
        ]),
    Provider::new("notion", "Notion", "oAuth2Notion")
        .at("https://api.notion.com/v1/oauth/authorize", "https://api.notion.com/v1/oauth/token")
        .login(&[("response_type", "code"), ("owner", "user")])
        .auth(Auth::Basic)
        .asks(&[Ask::get("https://api.notion.com/v1/users/me").with(&[("notion-version", "2021-08-16")])])
        .user("/bot/owner/user/id", "/bot/owner/user/person/email", &["/bot/owner/user/name"])
        .verified(Always)
        .client("oauthClientId", "OAuth Client ID", "341d8700-0000-0000-0000-000000446ee3")
        .told(&[Told::secret("oauthClientSecret", "OAuth Client Secret", "secret_dLUr4b000000000000000000000000000000lFHAa9")]),
    Provider::new("oidc", "OpenID Connect", "oAuth2Oidc")
        .at("{authorizationEndpoint}", "{tokenEndpoint}")
        .scopes(OPENID)
        .pkce()
        .asks(&[Ask::get("{userinfoEndpoint}")])
        .oidc()
        .client("clientId", "Client ID", "qibI2x0000000000000000000000000006L2YFoG")
        .told(&[
            Told::secret(
                "clientSecret",
                "Client Secret",
                "Ah68ed000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000003qpcHV",
            ),
            Told::open("wellKnownURL", "wellKnownEndpoint", "Well-known URL", "https://myoauth.com/.well-known/openid-configuration"),
            Told::open("authorizationURL", "authorizationEndpoint", "Authorization URL", "https://myoauth.com/oauth2/authorize"),
            Told::open("tokenURL", "tokenEndpoint", "Token URL", "https://myoauth.com/oauth2/token"),
            Told::open("userInfoURL", "userInfoEndpoint", "User Info URL", "https://myoauth.com/oauth2/userinfo"),
        ]),
    Provider::new("okta", "Okta", "oAuth2Okta")
        .at("https://{oktaDomain}/oauth2/{authorizationServerId}/v1/authorize", "https://{oktaDomain}/oauth2/{authorizationServerId}/v1/token")
        .scopes(OFFLINE)
        .pkce()
        .asks(&[Ask::get("https://{oktaDomain}/oauth2/{authorizationServerId}/v1/userinfo")])
        .oidc()
        .client("clientId", "Client ID", "0oa00000000000000698")
        .told(&[
            Told::secret("clientSecret", "Client Secret", "Kiq0000000000000000000000000000000000000-00000000000H2L5-3SJ-vRV"),
            Told::open("domain", "oktaDomain", "Domain", "trial-6400025.okta.com")
                .hint("Example of wrong value: trial-6400025-admin.okta.com, or https://trial-6400025.okta.com/"),
            Told::open("authorizationServerId", "authorizationServerId", "Authorization Server ID", "aus000000000000000h7z"),
        ]),
    Provider::new("paypal", "PayPal", "oAuth2Paypal")
        .at("https://www.paypal.com/connect/", "https://api.paypal.com/v1/oauth2/token")
        .scopes(OPENID)
        .login(&[("flowEntry", "static"), ("response_type", "code")])
        .auth(Auth::Basic)
        .asks(&[Ask::get("https://api.paypal.com/v1/identity/oauth2/userinfo?schema=paypalv1.1")])
        .user("/payer_id", "", &["/name"])
        .email(PAYPAL_EMAIL)
        .verified(At("/verified_account"))
        .client("clientId", "Client ID", "AdhIEG7-000000000000-0000000000000000000000000000000-0000000000000000000000-2pyB")
        .told(&[Told::secret("secretKey", "Secret Key 1 or Secret Key 2", "EH8KCXtew--000000000000000000000000000000000000000_C-1_5UP_000000000000000CB7KDp")]),
    Provider::new("paypalSandbox", "PayPal Sandbox", "oAuth2Paypal")
        .at("https://www.sandbox.paypal.com/connect/", "https://api.sandbox.paypal.com/v1/oauth2/token")
        .scopes(OPENID)
        .login(&[("flowEntry", "static"), ("response_type", "code")])
        .auth(Auth::Basic)
        .asks(&[Ask::get("https://api.sandbox.paypal.com/v1/identity/oauth2/userinfo?schema=paypalv1.1")])
        .user("/payer_id", "", &["/name"])
        .email(PAYPAL_EMAIL)
        .verified(At("/verified_account"))
        .client("clientId", "Client ID", "AdhIEG7-000000000000-0000000000000000000000000000000-0000000000000000000000-2pyB")
        .told(&[Told::secret("secretKey", "Secret Key 1 or Secret Key 2", "EH8KCXtew--000000000000000000000000000000000000000_C-1_5UP_000000000000000CB7KDp")]),
    Provider::new("podio", "Podio", "oAuth2Podio")
        .at("https://podio.com/oauth/authorize", "https://api.podio.com/oauth/token")
        .login(&[])
        .asks(&[Ask::get("https://api.podio.com/user"), Ask::get("https://api.podio.com/user/profile").under("profile")])
        .user("/user_id", "", &["/profile/name"])
        .email(Email::In { list: "/mails", address: "mail", verified: "verified", primary: "primary", or: "/mail" })
        .client("clientId", "Client ID", "appwrite-o0000000st-app")
        .told(&[Told::secret("clientSecret", "Client Secret", "Rn247T0000000000000000000000000000000000000000000000000000W2zWTN")]),
    Provider::new("salesforce", "Salesforce", "oAuth2Salesforce")
        .at("https://login.salesforce.com/services/oauth2/authorize", "https://login.salesforce.com/services/oauth2/token")
        .scopes(&["openid"])
        .auth(Auth::Basic)
        .pkce()
        .asks(&[Ask::get("https://login.salesforce.com/services/oauth2/userinfo")])
        .user("/user_id", "/email", &["/name"])
        .verified(At("/email_verified"))
        .client("customerKey", "Consumer Key", "3MVG9I0000000000000000000000000000000000000000000000000000000000000000000000000C5Aejq")
        .told(&[Told::secret("customerSecret", "Consumer Secret", "3w000000000000e2")]),
    Provider::new("slack", "Slack", "oAuth2Slack")
        .at("https://slack.com/oauth/v2/authorize", "https://slack.com/api/oauth.v2.access")
        .scopes(&["openid", "email", "profile"])
        .scope("user_scope", " ")
        .login(&[])
        .tokens_under("authed_user")
        .asks(&[Ask::get("https://slack.com/api/users.identity")])
        .user("/user/id", "/user/email", &["/user/name"])
        .verified(Always)
        .client("clientId", "Client ID", "23000000089.15000000000023")
        .told(&[Told::secret("clientSecret", "Client Secret", "81656000000000000000000000f3d2fd")]),
    Provider::new("spotify", "Spotify", "oAuth2Spotify")
        .at("https://accounts.spotify.com/authorize", "https://accounts.spotify.com/api/token")
        .scopes(&["user-read-email"])
        .auth(Auth::Basic)
        .pkce()
        .asks(&[Ask::get("https://api.spotify.com/v1/me")])
        .user("/id", "/email", &["/display_name"])
        .client("clientId", "Client ID", "6ec271000000000000000000009beace")
        .told(&[Told::secret("clientSecret", "Client Secret", "db068a000000000000000000008b5b9f")]),
    Provider::new("stripe", "Stripe", "oAuth2Stripe")
        .at("https://connect.stripe.com/oauth/authorize", "https://connect.stripe.com/oauth/token")
        .scopes(&["read_write"])
        .asks(&[Ask::get("https://api.stripe.com/v1/accounts/{stripe_user_id}")])
        .client("clientId", "Client ID", "ca_UKibXX0000000000000000000006byvR")
        .told(&[Told::secret(
            "apiSecretKey",
            "API Secret Key",
            "sk_51SfOd000000000000000000000000000000000000000000000000000000000000000000000000000000000000000QGWYfp",
        )]),
    Provider::new("tradeshift", "Tradeshift", "oAuth2Tradeshift")
        .at("https://api.tradeshift.com/tradeshift/auth/login", "https://api.tradeshift.com/tradeshift/auth/token")
        .scopes(&["openid", "offline"])
        .auth(Auth::Basic)
        .asks(&[Ask::get("https://api.tradeshift.com/tradeshift/rest/external/account/info/user")])
        .user("/Id", "/Username", &["/FirstName", "/LastName"])
        .client("oauth2ClientId", "OAuth2 Client ID", "appwrite-tes00000.0000000000est-app")
        .told(&[Told::secret("oauth2ClientSecret", "OAuth2 Client Secret", "7cb52700-0000-0000-0000-000000ca5b83")]),
    Provider::new("tradeshiftBox", "Tradeshift Sandbox", "oAuth2Tradeshift")
        .at("https://api-sandbox.tradeshift.com/tradeshift/auth/login", "https://api-sandbox.tradeshift.com/tradeshift/auth/token")
        .scopes(&["openid", "offline"])
        .auth(Auth::Basic)
        .asks(&[Ask::get("https://api-sandbox.tradeshift.com/tradeshift/rest/external/account/info/user")])
        .user("/Id", "/Username", &["/FirstName", "/LastName"])
        .client("oauth2ClientId", "OAuth2 Client ID", "appwrite-tes00000.0000000000est-app")
        .told(&[Told::secret("oauth2ClientSecret", "OAuth2 Client Secret", "7cb52700-0000-0000-0000-000000ca5b83")]),
    Provider::new("twitch", "Twitch", "oAuth2Twitch")
        .at("https://id.twitch.tv/oauth2/authorize", "https://id.twitch.tv/oauth2/token")
        .scopes(&["user:read:email"])
        .login(&[("response_type", "code"), ("force_verify", "1")])
        .asks(&[Ask::get("https://api.twitch.tv/helix/users").with(&[("client-id", "{client_id}")])])
        .user("/data/0/id", "/data/0/email", &["/data/0/display_name"])
        .verified(Always)
        .client("clientId", "Client ID", "vvi0in000000000000000000ikmt9p")
        .told(&[Told::secret("clientSecret", "Client Secret", "pmapue000000000000000000zylw3v")]),
    Provider::new("wordpress", "WordPress", "oAuth2WordPress")
        .at("https://public-api.wordpress.com/oauth2/authorize", "https://public-api.wordpress.com/oauth2/token")
        .scopes(&["auth"])
        .asks(&[Ask::get("https://public-api.wordpress.com/rest/v1/me")])
        .user("/ID", "/email", &["/username"])
        .verified(At("/email_verified"))
        .client("clientId", "Client ID", "130005")
        .told(&[Told::secret("clientSecret", "Client Secret", "PlBfJS0000000000000000000000000000000000000000000000000000EdUZJk")]),
    Provider::new("x", "X", "oAuth2X")
        .at("https://x.com/i/oauth2/authorize", "https://api.x.com/2/oauth2/token")
        .scopes(&["tweet.read", "users.read", "users.email", "offline.access"])
        .auth(Auth::BasicWithId)
        .pkce()
        .asks(&[Ask::get("https://api.x.com/2/users/me?user.fields=confirmed_email")])
        .user("/data/id", "/data/confirmed_email", &["/data/name"])
        .verified(Always)
        .client("customerKey", "Customer Key", "slzZV0000000000000NFLaWT")
        .told(&[Told::secret("secretKey", "Secret Key", "tkEPkp00000000000000000000000000000000000000FTxbI9")]),
    Provider::new("yahoo", "Yahoo", "oAuth2Yahoo")
        .at("https://api.login.yahoo.com/oauth2/request_auth", "https://api.login.yahoo.com/oauth2/get_token")
        .scopes(OPENID)
        .auth(Auth::Basic)
        .asks(&[Ask::get("https://api.login.yahoo.com/openid/v1/userinfo")])
        .oidc()
        .client(
            "clientId",
            "Client ID, also known as Customer Key",
            "dj0yJm000000000000000000000000000000000000000000000000000000000000000000000000000000000000Z4PWRm",
        )
        .told(&[Told::secret("clientSecret", "Client Secret, also known as Customer Secret", "cf978f0000000000000000000000000000c5e2e9")]),
    Provider::new("yammer", "Yammer", "")
        .at("https://www.yammer.com/oauth2/oauth2/authorize", "https://www.yammer.com/oauth2/access_token")
        .asks(&[Ask::get("https://www.yammer.com/api/v1/users/current.json")])
        .user("/id", "/email", &["/full_name"])
        .told(&[Told::secret("secret", "", "")]),
    Provider::new("yandex", "Yandex", "oAuth2Yandex")
        .at("https://oauth.yandex.com/authorize", "https://oauth.yandex.com/token")
        .auth(Auth::Basic)
        .pkce()
        .asks(&[Ask::get("https://login.yandex.ru/info?format=json").with(&[("authorization", "OAuth {token}")])])
        .user("/id", "/default_email", &["/display_name"])
        .client("clientId", "Client ID", "6a8a6a0000000000000000000091483c")
        .told(&[Told::secret("clientSecret", "Client Secret", "bbf98500000000000000000000c75a63")]),
    Provider::new("zoho", "Zoho", "oAuth2Zoho")
        .at("https://accounts.zoho.com/oauth/v2/auth", "https://accounts.zoho.com/oauth/v2/token")
        .scopes(&["email", "profile"])
        .oidc()
        .client("clientId", "Client ID", "1000.83C178000000000000000000RPNX0B")
        .told(&[Told::secret("clientSecret", "Client Secret", "fb5cac000000000000000000000000000000a68f6e")]),
    Provider::new("zoom", "Zoom", "oAuth2Zoom")
        .at("https://zoom.us/oauth/authorize", "https://zoom.us/oauth/token")
        .scopes(&["user_info:read"])
        .auth(Auth::Basic)
        .pkce()
        .asks(&[Ask::get("https://api.zoom.us/v2/users/me")])
        .user("/id", "/email", &["/first_name", "/last_name"])
        .verified(At("/verified"))
        .client("clientId", "Client ID", "QMAC00000000000000w0AQ")
        .told(&[Told::secret("clientSecret", "Client Secret", "GAWsG4000000000000000000007U01ON")]),
];

/// Providers that Appwrite's own tests sign in with; there in development only. See `mock`.
pub(super) const MOCKS: &[Provider] = &[
    Provider::new("mock", "Mock", "").scopes(&["email"]).login(&[]).verified(At("/verified")).told(&[Told::secret("secret", "", "")]),
    Provider::new("mock-unverified", "MockUnverified", "").scopes(&["email"]).login(&[]).verified(At("/verified")).told(&[Told::secret("secret", "", "")]),
];

/// The provider of an id.
pub(super) fn find(id: &str, development: bool) -> Option<&'static Provider> {
    let mocks: &[Provider] = if development { MOCKS } else { &[] };
    PROVIDERS.iter().chain(mocks).find(|p| p.id == id)
}
