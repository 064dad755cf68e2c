//! Sign-in providers of a project.
use super::table::models;

models! {
    AUTH_PROVIDER_LIST: "authProviderList" "Auth Providers List" {
        "total": integer; "platforms": list (AUTH_PROVIDER);
    }
    OAUTH2_GITHUB: "oAuth2Github" "OAuth2GitHub" (("$id", ["github"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_DISCORD: "oAuth2Discord" "OAuth2Discord" (("$id", ["discord"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_FIGMA: "oAuth2Figma" "OAuth2Figma" (("$id", ["figma"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_DROPBOX: "oAuth2Dropbox" "OAuth2Dropbox" (("$id", ["dropbox"])) {
        "$id": text; "enabled": boolean; "appKey": text; "appSecret": text;
    }
    OAUTH2_DAILYMOTION: "oAuth2Dailymotion" "OAuth2Dailymotion" (("$id", ["dailymotion"])) {
        "$id": text; "enabled": boolean; "apiKey": text; "apiSecret": text;
    }
    OAUTH2_BITBUCKET: "oAuth2Bitbucket" "OAuth2Bitbucket" (("$id", ["bitbucket"])) {
        "$id": text; "enabled": boolean; "key": text; "secret": text;
    }
    OAUTH2_BITLY: "oAuth2Bitly" "OAuth2Bitly" (("$id", ["bitly"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_BOX: "oAuth2Box" "OAuth2Box" (("$id", ["box"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_AUTODESK: "oAuth2Autodesk" "OAuth2Autodesk" (("$id", ["autodesk"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_GOOGLE: "oAuth2Google" "OAuth2Google" (("$id", ["google"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
        "prompt": text list ["none", "consent", "select_account"] = Texts(&["consent"]);
    }
    OAUTH2_ZOOM: "oAuth2Zoom" "OAuth2Zoom" (("$id", ["zoom"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_ZOHO: "oAuth2Zoho" "OAuth2Zoho" (("$id", ["zoho"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_YANDEX: "oAuth2Yandex" "OAuth2Yandex" (("$id", ["yandex"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_X: "oAuth2X" "OAuth2X" (("$id", ["x"])) {
        "$id": text; "enabled": boolean; "customerKey": text; "secretKey": text;
    }
    OAUTH2_WORD_PRESS: "oAuth2WordPress" "OAuth2WordPress" (("$id", ["wordpress"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_TWITCH: "oAuth2Twitch" "OAuth2Twitch" (("$id", ["twitch"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_STRIPE: "oAuth2Stripe" "OAuth2Stripe" (("$id", ["stripe"])) {
        "$id": text; "enabled": boolean; "clientId": text; "apiSecretKey": text;
    }
    OAUTH2_SPOTIFY: "oAuth2Spotify" "OAuth2Spotify" (("$id", ["spotify"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_SLACK: "oAuth2Slack" "OAuth2Slack" (("$id", ["slack"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_PODIO: "oAuth2Podio" "OAuth2Podio" (("$id", ["podio"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_NOTION: "oAuth2Notion" "OAuth2Notion" (("$id", ["notion"])) {
        "$id": text; "enabled": boolean; "oauthClientId": text; "oauthClientSecret": text;
    }
    OAUTH2_SALESFORCE: "oAuth2Salesforce" "OAuth2Salesforce" (("$id", ["salesforce"])) {
        "$id": text; "enabled": boolean; "customerKey": text; "customerSecret": text;
    }
    OAUTH2_YAHOO: "oAuth2Yahoo" "OAuth2Yahoo" (("$id", ["yahoo"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_LINKEDIN: "oAuth2Linkedin" "OAuth2Linkedin" (("$id", ["linkedin"])) {
        "$id": text; "enabled": boolean; "clientId": text; "primaryClientSecret": text;
    }
    OAUTH2_DISQUS: "oAuth2Disqus" "OAuth2Disqus" (("$id", ["disqus"])) {
        "$id": text; "enabled": boolean; "publicKey": text; "secretKey": text;
    }
    OAUTH2_AMAZON: "oAuth2Amazon" "OAuth2Amazon" (("$id", ["amazon"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_ETSY: "oAuth2Etsy" "OAuth2Etsy" (("$id", ["etsy"])) {
        "$id": text; "enabled": boolean; "keyString": text; "sharedSecret": text;
    }
    OAUTH2_FACEBOOK: "oAuth2Facebook" "OAuth2Facebook" (("$id", ["facebook"])) {
        "$id": text; "enabled": boolean; "appId": text; "appSecret": text;
    }
    OAUTH2_TRADESHIFT: "oAuth2Tradeshift" "OAuth2Tradeshift" (("$id", ["tradeshift", "tradeshiftBox"])) {
        "$id": text; "enabled": boolean; "oauth2ClientId": text; "oauth2ClientSecret": text;
    }
    OAUTH2_PAYPAL: "oAuth2Paypal" "OAuth2Paypal" (("$id", ["paypal", "paypalSandbox"])) {
        "$id": text; "enabled": boolean; "clientId": text; "secretKey": text;
    }
    OAUTH2_GITLAB: "oAuth2Gitlab" "OAuth2Gitlab" (("$id", ["gitlab"])) {
        "$id": text; "enabled": boolean; "applicationId": text; "secret": text; "endpoint": text;
    }
    OAUTH2_AUTHENTIK: "oAuth2Authentik" "OAuth2Authentik" (("$id", ["authentik"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text; "endpoint": text;
    }
    OAUTH2_AUTH0: "oAuth2Auth0" "OAuth2Auth0" (("$id", ["auth0"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text; "endpoint": text;
    }
    OAUTH2_FUSION_AUTH: "oAuth2FusionAuth" "OAuth2FusionAuth" (("$id", ["fusionauth"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text; "endpoint": text;
    }
    OAUTH2_KEYCLOAK: "oAuth2Keycloak" "OAuth2Keycloak" (("$id", ["keycloak"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text; "endpoint": text; "realmName": text;
    }
    OAUTH2_OIDC: "oAuth2Oidc" "OAuth2Oidc" (("$id", ["oidc"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text; "wellKnownURL": text; "authorizationURL": text; "tokenURL": text;
        "userInfoURL": text;
    }
    OAUTH2_OKTA: "oAuth2Okta" "OAuth2Okta" (("$id", ["okta"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text; "domain": text; "authorizationServerId": text;
    }
    OAUTH2_KICK: "oAuth2Kick" "OAuth2Kick" (("$id", ["kick"])) {
        "$id": text; "enabled": boolean; "clientId": text; "clientSecret": text;
    }
    OAUTH2_APPLE: "oAuth2Apple" "OAuth2Apple" (("$id", ["apple"])) {
        "$id": text; "enabled": boolean; "serviceId": text; "keyId": text; "teamId": text; "p8File": text;
    }
    OAUTH2_MICROSOFT: "oAuth2Microsoft" "OAuth2Microsoft" (("$id", ["microsoft"])) {
        "$id": text; "enabled": boolean; "applicationId": text; "applicationSecret": text; "tenant": text;
    }
    OAUTH2_PROVIDER_LIST: "oAuth2ProviderList" "OAuth2 Providers List" {
        "total": integer;
        "providers": list (OAUTH2_GITHUB, OAUTH2_DISCORD, OAUTH2_FIGMA, OAUTH2_DROPBOX, OAUTH2_DAILYMOTION, OAUTH2_BITBUCKET, OAUTH2_BITLY, OAUTH2_BOX,
            OAUTH2_AUTODESK, OAUTH2_GOOGLE, OAUTH2_ZOOM, OAUTH2_ZOHO, OAUTH2_YANDEX, OAUTH2_X, OAUTH2_WORD_PRESS, OAUTH2_TWITCH, OAUTH2_STRIPE,
            OAUTH2_SPOTIFY, OAUTH2_SLACK, OAUTH2_PODIO, OAUTH2_NOTION, OAUTH2_SALESFORCE, OAUTH2_YAHOO, OAUTH2_LINKEDIN, OAUTH2_DISQUS, OAUTH2_AMAZON,
            OAUTH2_ETSY, OAUTH2_FACEBOOK, OAUTH2_TRADESHIFT, OAUTH2_PAYPAL, OAUTH2_GITLAB, OAUTH2_AUTHENTIK, OAUTH2_AUTH0, OAUTH2_FUSION_AUTH,
            OAUTH2_KEYCLOAK, OAUTH2_OIDC, OAUTH2_APPLE, OAUTH2_OKTA, OAUTH2_KICK, OAUTH2_MICROSOFT);
    }
    AUTH_PROVIDER: "authProvider" "AuthProvider" {
        "key": text; "name": text; "appId": text; "secret": text; "enabled": boolean;
    }
    CONSOLE_OAUTH2_PROVIDER_PARAMETER: "consoleOAuth2ProviderParameter" "Console OAuth2 Provider Parameter" {
        "$id": text; "name": text; "example": text; "hint": text;
    }
    CONSOLE_OAUTH2_PROVIDER: "consoleOAuth2Provider" "Console OAuth2 Provider" {
        "$id": text; "parameters": list (CONSOLE_OAUTH2_PROVIDER_PARAMETER);
    }
    CONSOLE_OAUTH2_PROVIDER_LIST: "consoleOAuth2ProviderList" "Console OAuth2 Providers List" {
        "total": integer; "oAuth2Providers": list (CONSOLE_OAUTH2_PROVIDER);
    }
}
