//! Signing in on another house's word, over real HTTP against the simulators: whom it
//! lets in, with no right from outside, and every word that does not hold.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::sign_in::Token;
use app::sign_in::elsewhere::{
    Audience, Driver, Elsewhere, GatewaySignature, Oidc, OidcSettings, Ticket, TicketSettings,
};
use app::trust::Trust;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use kernel::{CitizenId, FixedClock, Now, Role};
use site::family::{MUM, NUMBER, family};
use site::{admin, ask, now, text};
use std::sync::Arc;
use store::testing;
use testkit::sso::{CLIENT, Houses, Known, Mischief, Sso, demo_secret, open};
use tower::ServiceExt as _;

const SITE: &str = "http://site.test";
const SEED: u64 = 7;
/// Whom the simulators know, in order.
const MOTHER: usize = 0;
const TOWN: usize = 1;
const NOBODY: usize = 2;

fn number(sequence: u16) -> CitizenId {
    CitizenId::build(990_000, "1970-01-01".parse().unwrap(), sequence).unwrap()
}

async fn houses() -> Houses {
    let known = |name: &str, number: &str| Known {
        name: name.into(),
        number: number.into(),
    };
    let world = Sso {
        site: SITE.into(),
        people: vec![
            known("母亲", NUMBER),
            known("镇街", number(1).reveal()),
            known("陌生人", number(3).reveal()),
        ],
        seed: SEED,
        clock: Arc::new(FixedClock(now())),
    };
    open(world, "127.0.0.1:0").await.unwrap()
}

fn ticket(sim: &str, secret: &str) -> Arc<dyn Driver> {
    let settings = TicketSettings {
        login: format!("{sim}/zlb/login"),
        token: format!("{sim}/zlb/access_token"),
        user: format!("{sim}/zlb/getUserInfo"),
        app_id: CLIENT.into(),
        access_key: CLIENT.into(),
        secret: secret.into(),
        number_at: "/data/personInfo/idNo".into(),
    };
    Arc::new(Ticket::new(settings, &Trust::default()).unwrap())
}

fn oidc(sim: &str, secret: &str) -> Arc<dyn Driver> {
    let settings = OidcSettings {
        issuer: format!("{sim}/oidc"),
        client_id: CLIENT.into(),
        client_secret: secret.into(),
        scopes: Vec::new(),
        number_claim: "id_number".into(),
    };
    Arc::new(Oidc::new(settings, &Trust::default()).unwrap())
}

fn at(id: &str, audience: Audience, driver: Arc<dyn Driver>) -> Elsewhere {
    Elsewhere {
        id: id.into(),
        label: format!("别家{id}"),
        audience,
        callback: format!("{SITE}/sign-in/at/{id}/back"),
        driver,
    }
}

/// A site that believes both houses: residents by ticket, staff by OIDC.
async fn believing(db: store::Db, sim: &str, secrets: [&str; 2]) -> (Router, App) {
    let all = [
        at("zlb", Audience::Residents, ticket(sim, secrets[0])),
        at("office", Audience::Staff, oidc(sim, secrets[1])),
    ];
    let (router, app) = site::site_with(db, |site| site.with_elsewhere(all)).await;
    family(&app).await;
    let ctx = admin(0, "number".into());
    let town = kernel::PersonNumber::Citizen(number(1));
    app.number_account(&ctx, "TownOfficer", town).await.unwrap();
    (router, app)
}

fn right() -> [String; 2] {
    [
        demo_secret("zlb gateway", SEED),
        demo_secret("oidc client", SEED),
    ]
}

/// A browser: the cookie of the sign-in begun.
struct Browser {
    cookie: String,
    to: String,
}

fn header<'r>(response: &'r Response<Body>, name: &str) -> &'r str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

/// Leaves the site; gives where to, and the browser that does.
async fn leave(router: &Router, house: &str, back: &str) -> Browser {
    let path = format!("/sign-in/at/{house}?back={back}");
    let answer = ask(router, "GET", &path, None, "").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{house}");
    let cookie = header(&answer, "set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/sign-in/at"));
    Browser {
        cookie: cookie.split(';').next().unwrap().to_owned(),
        to: header(&answer, "location").to_owned(),
    }
}

/// Signs in over there as somebody; gives the way back, path and query.
async fn over_there(to: &str, who: usize) -> String {
    let http = Trust::default().http().unwrap().build().unwrap();
    let page = http.get(to).send().await.unwrap().text().await.unwrap();
    let link = page.split("href=\"").nth(1 + who).unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    let origin: String = to.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let answer = http.get(format!("{origin}{link}")).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap();
    back.strip_prefix(SITE).unwrap().to_owned()
}

async fn come_back(router: &Router, browser: &Browser, path: &str) -> Response<Body> {
    let request = Request::get(path)
        .header("host", "site.test")
        .header("cookie", &browser.cookie)
        .body(Body::empty())
        .unwrap();
    router.clone().oneshot(request).await.unwrap()
}

fn session(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all("set-cookie").iter();
    cookies
        .filter_map(|value| value.to_str().unwrap().strip_prefix("nx_session="))
        .map(|value| Token(value.split(';').next().unwrap().to_owned()))
        .next()
}

async fn refused(answer: Response<Body>, words: &str, what: &str) {
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{what}");
    assert!(session(answer.headers()).is_none(), "{what}");
    let page = text(answer).await;
    assert!(page.contains(words), "{what}: {page}");
}

#[tokio::test]
async fn residents_and_staff_come_in_by_number_with_what_they_have_here() {
    testing::both(async |db| {
        let houses = houses().await;
        let [zlb, office] = right();
        let (router, app) = believing(db, &houses.serving.base(), [&zlb, &office]).await;
        let page = text(ask(&router, "GET", "/sign-in", None, "").await).await;
        assert!(page.contains("别家zlb") && page.contains("别家office"));
        // A resident of the register, without an account until now; twice the same one.
        for _ in 0..2 {
            let browser = leave(&router, "zlb", "/three").await;
            let back = over_there(&browser.to, MOTHER).await;
            let answer = come_back(&router, &browser, &back).await;
            assert_eq!(header(&answer, "location"), "/three");
            let token = session(answer.headers()).unwrap();
            let visitor = app.visitor(&token).await.unwrap().unwrap();
            assert_eq!(visitor.actor.role, Role::Citizen);
            assert_eq!(visitor.actor.person, Some(MUM));
            assert_eq!(visitor.name, "试甲");
            assert!(!visitor.proved);
            let desk = ask(&router, "GET", "/desk", Some(&token), "").await;
            assert_eq!(desk.status(), StatusCode::FORBIDDEN);
        }
        // An officer: the account that is here, and a proof of ours before what matters.
        let browser = leave(&router, "office", "").await;
        let back = over_there(&browser.to, TOWN).await;
        let answer = come_back(&router, &browser, &back).await;
        assert_eq!(header(&answer, "location"), "/desk");
        let token = session(answer.headers()).unwrap();
        let visitor = app.visitor(&token).await.unwrap().unwrap();
        assert_eq!(visitor.actor.account, "TownOfficer");
        let answer = ask(&router, "POST", "/desk/tokens", Some(&token), "note=x").await;
        assert!(header(&answer, "location").starts_with("/prove?"));
        houses.serving.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_is_not_known_here_gets_words_and_nothing_else() {
    let place = testing::sqlite();
    let houses = houses().await;
    let [zlb, office] = right();
    let db = place.open().await;
    let (router, _) = believing(db, &houses.serving.base(), [&zlb, &office]).await;
    for (house, who, words) in [
        ("zlb", NOBODY, "底册里还没有您"),
        ("office", NOBODY, "这里没有您的工作账号"),
        // A resident is no officer, however well the office knows them.
        ("office", MOTHER, "这里没有您的工作账号"),
        ("zlb", TOWN, "底册里还没有您"),
    ] {
        let browser = leave(&router, house, "").await;
        let back = over_there(&browser.to, who).await;
        let answer = come_back(&router, &browser, &back).await;
        refused(answer, words, house).await;
    }
    houses.serving.close().await;
}

#[tokio::test]
async fn a_word_counts_once_in_the_browser_that_asked_for_it() {
    let place = testing::sqlite();
    let houses = houses().await;
    let [zlb, office] = right();
    let db = place.open().await;
    let (router, _) = believing(db, &houses.serving.base(), [&zlb, &office]).await;
    let once = "这次登录不是在这里开始的，或者已经用过";
    for (house, who) in [("zlb", MOTHER), ("office", TOWN)] {
        let browser = leave(&router, house, "").await;
        let back = over_there(&browser.to, who).await;
        // Another browser, to which the address was sent: not even the first time.
        let other = leave(&router, house, "").await;
        refused(
            come_back(&router, &other, &back).await,
            once,
            "another browser",
        )
        .await;
        let stranger = Browser {
            cookie: "nx_look=large".into(),
            to: String::new(),
        };
        refused(
            come_back(&router, &stranger, &back).await,
            once,
            "no cookie",
        )
        .await;
        let answer = come_back(&router, &browser, &back).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{house}");
        refused(come_back(&router, &browser, &back).await, once, "again").await;
        // The same ticket or code under a fresh sign-in of the same browser.
        let next = leave(&router, house, "").await;
        let state = |browser: &Browser| browser.cookie.split('=').nth(1).unwrap().to_owned();
        let replayed = back.replace(&state(&browser), &state(&next));
        assert_ne!(replayed, back);
        refused(come_back(&router, &next, &replayed).await, once, "replayed").await;
    }
    // Without signing in over there, and with a way back that is not ours.
    let browser = leave(&router, "zlb", "").await;
    let state = browser.cookie.split('=').nth(1).unwrap();
    for (path, words) in [
        (
            format!(
                "/sign-in/at/zlb/back?ticketId=made-up&redirectUrl=http%3A%2F%2Fsite.test%2Fsign-in%2Fat%2Fzlb%2Fback%3Fstate%3D{state}"
            ),
            "对方不认这张票据",
        ),
        (
            format!("/sign-in/at/office/back?error=access_denied&state={state}"),
            once,
        ),
        ("/sign-in/at/zlb/back?ticketId=1".to_owned(), once),
        (
            format!(
                "/sign-in/at/zlb/back?ticketId=1&redirectUrl=http%3A%2F%2Fevil.test%2Fsign-in%2Fat%2Fzlb%2Fback%3Fstate%3D{state}"
            ),
            once,
        ),
    ] {
        refused(come_back(&router, &browser, &path).await, words, &path).await;
    }
    for back in ["https://evil.test/", "//evil.test", "javascript:alert(1)"] {
        let path = format!("/sign-in/at/zlb?back={back}");
        let answer = ask(&router, "GET", &path, None, "").await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{back}");
        assert!(text(answer).await.contains("不是本站的"));
    }
    houses.serving.close().await;
}

#[tokio::test]
async fn a_word_that_does_not_hold_is_not_believed() {
    let place = testing::sqlite();
    let houses = houses().await;
    let [zlb, office] = right();
    let db = place.open().await;
    let (router, _) = believing(db, &houses.serving.base(), [&zlb, &office]).await;
    for mischief in [
        Mischief::Signature,
        Mischief::Time,
        Mischief::Nonce,
        Mischief::Audience,
    ] {
        houses.be(mischief);
        let browser = leave(&router, "office", "").await;
        let back = over_there(&browser.to, TOWN).await;
        let answer = come_back(&router, &browser, &back).await;
        refused(answer, "没有通过核对", &format!("{mischief:?}")).await;
    }
    houses.be(Mischief::None);
    let browser = leave(&router, "office", "").await;
    let back = over_there(&browser.to, TOWN).await;
    let answer = come_back(&router, &browser, &back).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    houses.serving.close().await;
}

#[tokio::test]
async fn a_house_that_does_not_believe_us_is_said_so() {
    let place = testing::sqlite();
    let houses = houses().await;
    let db = place.open().await;
    let (router, _) = believing(db, &houses.serving.base(), ["wrong", "wrong"]).await;
    for (house, who, words) in [
        ("zlb", MOTHER, "网关没有认我们的签名"),
        ("office", TOWN, "对方不认这次登录（invalid_client）"),
    ] {
        let browser = leave(&router, house, "").await;
        let back = over_there(&browser.to, who).await;
        refused(come_back(&router, &browser, &back).await, words, house).await;
    }
    // The gateway holds us to its clock.
    let old = Now {
        at: now().at - chrono::TimeDelta::seconds(91),
    };
    let signed = GatewaySignature::sign(CLIENT, &right()[0], "POST", "/zlb/access_token", old);
    let http = Trust::default().http().unwrap().build().unwrap();
    let answer = http
        .post(format!("{}/zlb/access_token", houses.serving.base()))
        .header("X-BG-HMAC-ACCESS-KEY", signed.access_key)
        .header("X-BG-DATE-TIME", signed.date)
        .header("X-BG-HMAC-SIGNATURE", signed.signature)
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.text().await.unwrap().contains("Clock skew exceeded"));
    houses.serving.close().await;
}
