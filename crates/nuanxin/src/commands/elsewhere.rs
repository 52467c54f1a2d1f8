//! 「单点登录的设置」 Other houses to sign in at, from a TOML file: two kinds, `oidc` and
//! `ticket`; secrets lie in files of their own beside it.

use crate::ending::Failure;
use app::AppError;
use app::sign_in::elsewhere::{
    Audience, Driver, Elsewhere, Oidc, OidcSettings, Ticket, TicketSettings,
};
use app::trust::Trust;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testkit::sso::{CLIENT, demo_secret};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    house: Vec<House>,
}

/// One `[[house]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct House {
    id: String,
    label: String,
    audience: Audience,
    oidc: Option<OidcFile>,
    ticket: Option<TicketFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcFile {
    issuer: String,
    client_id: String,
    secret_file: PathBuf,
    #[serde(default)]
    scopes: Vec<String>,
    number_claim: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketFile {
    login: String,
    token: String,
    user: String,
    app_id: String,
    access_key: String,
    secret_file: PathBuf,
    #[serde(default = "number_at")]
    number_at: String,
}

/// Where 浙里办 is assumed to say the number.
fn number_at() -> String {
    "/data/personInfo/idNo".to_owned()
}

/// The houses of a file; `base` is the site's own address.
pub(crate) fn read(file: &Path, base: &str, trust: &Trust) -> Result<Vec<Elsewhere>, Failure> {
    let bad =
        |why: String| Failure::BadInput(format!("单点登录的设置 {} 有错：{why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|why| bad(why.to_string()))?;
    let read: File = toml::from_str(&text).map_err(|why| bad(why.to_string()))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut seen = BTreeSet::new();
    let houses = read.house.into_iter().map(|house| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if house.id.is_empty() || !house.id.chars().all(plain) || !seen.insert(house.id.clone()) {
            let says = format!("id = \"{}\"：只能用小写字母、数字和 -，不能重复", house.id);
            return Err(bad(says));
        }
        let driver = driver(&house, folder, trust).map_err(bad)?;
        Ok(at(base, &house.id, &house.label, house.audience, driver))
    });
    houses.collect()
}

fn driver(house: &House, folder: &Path, trust: &Trust) -> Result<Arc<dyn Driver>, String> {
    let secret = |name: &Path| {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path);
        text.map(|text| text.trim().to_owned())
            .map_err(|why| format!("{} 读不了：{why}", path.display()))
    };
    let made: Result<Arc<dyn Driver>, AppError> = match (&house.oidc, &house.ticket) {
        (Some(oidc), None) => {
            let settings = OidcSettings {
                issuer: oidc.issuer.clone(),
                client_id: oidc.client_id.clone(),
                client_secret: secret(&oidc.secret_file)?,
                scopes: oidc.scopes.clone(),
                number_claim: oidc.number_claim.clone(),
            };
            Oidc::new(settings, trust).map(|made| Arc::new(made) as Arc<dyn Driver>)
        }
        (None, Some(ticket)) => {
            let settings = TicketSettings {
                login: ticket.login.clone(),
                token: ticket.token.clone(),
                user: ticket.user.clone(),
                app_id: ticket.app_id.clone(),
                access_key: ticket.access_key.clone(),
                secret: secret(&ticket.secret_file)?,
                number_at: ticket.number_at.clone(),
            };
            Ticket::new(settings, trust).map(|made| Arc::new(made) as Arc<dyn Driver>)
        }
        _ => {
            let id = &house.id;
            return Err(format!(
                "{id}：要写 [house.oidc] 或者 [house.ticket]，二选一"
            ));
        }
    };
    made.map_err(|why| why.to_string())
}

fn at(base: &str, id: &str, label: &str, audience: Audience, driver: Arc<dyn Driver>) -> Elsewhere {
    Elsewhere {
        id: id.to_owned(),
        label: label.to_owned(),
        audience,
        callback: format!("{}/sign-in/at/{id}/back", base.trim_end_matches('/')),
        driver,
    }
}

/// The simulator's OpenID Connect house, for the staff of a demonstration.
pub(crate) fn demo_oidc(sim: &str, base: &str, seed: u64) -> Result<Elsewhere, Failure> {
    let settings = OidcSettings {
        issuer: format!("{sim}/oidc"),
        client_id: CLIENT.to_owned(),
        client_secret: demo_secret("oidc client", seed),
        scopes: Vec::new(),
        number_claim: "id_number".to_owned(),
    };
    let driver = Arc::new(Oidc::new(settings, &Trust::default())?);
    let label = "单位统一登录（模拟）";
    Ok(at(base, "office", label, Audience::Staff, driver))
}

/// The simulator's ticket centre, for the residents of a demonstration.
pub(crate) fn demo_ticket(sim: &str, base: &str, seed: u64) -> Result<Elsewhere, Failure> {
    let settings = TicketSettings {
        login: format!("{sim}/zlb/login"),
        token: format!("{sim}/zlb/access_token"),
        user: format!("{sim}/zlb/getUserInfo"),
        app_id: CLIENT.to_owned(),
        access_key: CLIENT.to_owned(),
        secret: demo_secret("zlb gateway", seed),
        number_at: number_at(),
    };
    let driver = Arc::new(Ticket::new(settings, &Trust::default())?);
    let label = "浙里办（模拟）";
    Ok(at(base, "zlb", label, Audience::Residents, driver))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[[house]]
id = "office"
label = "单位统一登录"
audience = "staff"
[house.oidc]
issuer = "https://sso.example"
client_id = "nuanxin"
secret_file = "office.secret"
number_claim = "id_number"
[[house]]
id = "zlb"
label = "浙里办"
audience = "residents"
[house.ticket]
login = "https://zlb.example/login"
token = "https://zlb.example/token"
user = "https://zlb.example/user"
app_id = "1"
access_key = "2"
secret_file = "office.secret"
"#;

    #[test]
    fn a_file_is_read_or_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sso.toml");
        std::fs::write(folder.path().join("office.secret"), "s\n").unwrap();
        let read_as = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read(&file, "http://localhost:1/", &Trust::default()).map_err(|why| why.to_string())
        };
        let houses = read_as(GOOD).unwrap();
        assert_eq!(houses.len(), 2);
        assert_eq!(
            houses[0].callback,
            "http://localhost:1/sign-in/at/office/back"
        );
        for (from, to, says) in [
            ("\"staff\"", "\"boss\"", "audience"),
            ("id = \"zlb\"", "id = \"office\"", "不能重复"),
            ("id = \"zlb\"", "id = \"../x\"", "只能用小写字母"),
            ("[house.ticket]", "[house.ticked]", "ticked"),
            (
                "secret_file = \"office.secret\"",
                "secret_file = \"gone\"",
                "gone",
            ),
            ("app_id = \"1\"", "app_di = \"1\"", "app_di"),
        ] {
            let told = read_as(&GOOD.replacen(from, to, 1))
                .map(|_| ())
                .unwrap_err();
            assert!(told.contains(says) && told.contains("sso.toml"), "{told}");
        }
    }
}
