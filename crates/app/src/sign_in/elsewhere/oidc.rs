//! 「OIDC」 OpenID Connect: code flow with PKCE, state and nonce; the identity token's
//! signature, issuer, audience and times are checked by the library.

use super::{Came, Driver, Leaving, Secrets, client, disbelieved, number, silent};
use crate::trust::Trust;
use crate::{AppError, Result};
use futures_util::future::BoxFuture;
use kernel::{Now, PersonNumber};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a house speaks OpenID Connect.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// Who issues, as its own metadata says.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: String,
    /// What else is asked for, besides `openid`.
    pub scopes: Vec<String>,
    /// The claim with the document number.
    pub number_claim: String,
}

/// One house that speaks OpenID Connect.
#[derive(Debug)]
pub struct Oidc {
    settings: OidcSettings,
    http: reqwest::Client,
}

/// Whatever else the token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type House = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The line broke.
#[derive(Debug, thiserror::Error)]
enum Line {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Shape(#[from] openidconnect::http::Error),
}

impl Oidc {
    /// A house by its settings.
    ///
    /// # Errors
    /// The system's words when no HTTP client can be made.
    pub fn new(settings: OidcSettings, trust: &Trust) -> Result<Oidc> {
        let http = client(trust)?;
        Ok(Oidc { settings, http })
    }

    /// What the house says of itself, its keys included: asked anew each time, so
    /// that a changed key counts at once.
    async fn house(&self, callback: &str) -> Result<House> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|why| fault(&why))?;
        let http = |request| ask(self.http.clone(), request);
        let told = CoreProviderMetadata::discover_async(issuer, &http).await;
        let told = told.map_err(|why| fault(&why))?;
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(self.settings.client_secret.clone());
        let back = RedirectUrl::new(callback.to_owned()).map_err(|why| fault(&why))?;
        let house = Client::from_provider_metadata(told, id, Some(secret));
        Ok(house.set_redirect_uri(back))
    }

    async fn leave(&self, callback: &str, state: &str) -> Result<Leaving> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = state.to_owned();
        let house = self.house(callback).await?;
        let asking = house.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            Nonce::new_random,
        );
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let asking = asking.add_scopes(scopes).set_pkce_challenge(challenge);
        let (to, _, nonce) = asking.url();
        Ok(Leaving {
            to: to.into(),
            secrets: Secrets {
                nonce: nonce.secret().clone(),
                verifier: verifier.secret().clone(),
            },
        })
    }

    async fn ask_who(
        &self,
        callback: &str,
        secrets: &Secrets,
        came: &Came,
        now: Now,
    ) -> Result<PersonNumber> {
        let Some(code) = came.get("code") else {
            return Err(disbelieved("您在那边没有登录，或者对方没有同意"));
        };
        let house = self.house(callback).await?;
        let http = |request| ask(self.http.clone(), request);
        let code = AuthorizationCode::new(code.clone());
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let asked = house.exchange_code(code).map_err(|why| fault(&why))?;
        let told = asked.set_pkce_verifier(verifier).request_async(&http).await;
        let told = told.map_err(|why| match why {
            RequestTokenError::ServerResponse(said) => {
                disbelieved(format!("对方不认这次登录（{}）", said.error()))
            }
            other => fault(&other),
        })?;
        let token = told.id_token();
        let token = token.ok_or_else(|| disbelieved("对方没有给身份证明"))?;
        let judge = house
            .id_token_verifier()
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJwsSigningAlgorithm::EdDsa,
            ])
            .set_time_fn(move || now.at);
        let nonce = Nonce::new(secrets.nonce.clone());
        let claims = token.claims(&judge, &nonce).map_err(|why| {
            tracing::warn!(%why, "an identity token was not believed");
            disbelieved("对方的身份证明没有通过核对（签名、时间或者对应的登录不对）")
        })?;
        let said = claims
            .additional_claims()
            .0
            .get(&self.settings.number_claim);
        number(said.and_then(Value::as_str))
    }
}

impl Driver for Oidc {
    fn begin<'a>(&'a self, callback: &'a str, state: &'a str) -> BoxFuture<'a, Result<Leaving>> {
        Box::pin(self.leave(callback, state))
    }

    fn state(&self, _: &str, came: &Came) -> Option<String> {
        came.get("state").cloned()
    }

    fn ticket<'a>(&self, came: &'a Came) -> Option<&'a str> {
        came.get("code").map(String::as_str)
    }

    fn finish<'a>(
        &'a self,
        callback: &'a str,
        secrets: &'a Secrets,
        came: &'a Came,
        now: Now,
    ) -> BoxFuture<'a, Result<PersonNumber>> {
        Box::pin(self.ask_who(callback, secrets, came, now))
    }
}

async fn ask(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Line> {
    let answer = http.execute(request.try_into()?).await?;
    let mut told = openidconnect::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        told = told.header(name, value);
    }
    Ok(told.body(answer.bytes().await?.to_vec())?)
}

fn fault(why: &(dyn std::error::Error + 'static)) -> AppError {
    silent("统一登录", why)
}
