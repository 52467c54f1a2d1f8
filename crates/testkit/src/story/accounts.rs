//! 「演示账号」 Accounts for the people of the story. Their secrets can be made again
//! by anybody: for demonstrations only.

use super::cast::{Who, resident};
use super::{Trouble, World};
use crate::city::Story as Fate;
use crate::sso::Known;
use app::sign_in::NewAccount;
use engine_access::Purpose;
use kernel::{CitizenId, PersonId, PersonNumber, Role};
use sha2::{Digest as _, Sha256};

/// The one password of every demonstration account.
const PASSWORD: &str = "nuanxin-demo-2026";

/// A relative of a family: a number no resident and no member of the staff has.
const RELATIVE: PersonId = PersonId(9_000_000_099);
/// The last day that relative may act.
const AGENCY_ENDS: &str = "2027-08-31";

/// How somebody of the story signs in.
#[derive(Clone, Debug)]
pub struct DemoLogin {
    /// What is typed.
    pub login: String,
    /// The password.
    pub password: String,
    /// Who that is, in words.
    pub who: String,
    /// The secret of the code generator; residents have none.
    pub totp: Option<Vec<u8>>,
}

const STAFF: [(Who, &str, &str); 18] = [
    (Who::Village(1), "village", "村社干部"),
    (Who::Village(2), "village2", "另一位村社干部"),
    (Who::Town, "town", "镇街经办"),
    (Who::County, "county", "县级审核"),
    (Who::SecondCounty, "county2", "另一位县级审核"),
    (Who::Maker, "maker", "财务制单"),
    (Who::Checker, "checker", "财务复核"),
    (Who::Releaser, "releaser", "财务放行"),
    (Who::Leader, "leader", "分管领导"),
    (Who::Auditor, "auditor", "审计"),
    (Who::Author, "author", "规则编写"),
    (Who::Approver(1), "approver", "规则审批"),
    (Who::Approver(2), "approver2", "另一位规则审批"),
    (Who::Operator, "operator", "值班坐席"),
    (Who::Provider(1), "provider", "服务人员，维修、救急"),
    (Who::Provider(2), "provider2", "服务人员，照护、送餐、志愿"),
    (Who::Admin(1), "security", "安全管理员"),
    (Who::Admin(2), "security2", "另一位安全管理员"),
];

/// Opens an account for everybody of the story; told again, nothing changes.
///
/// # Errors
/// [`Trouble`] of the use cases.
pub async fn open_accounts(world: &World) -> Result<Vec<DemoLogin>, Trouble> {
    let mut logins = Vec::new();
    for (who, login, words) in STAFF {
        let secret = Sha256::digest(format!("nuanxin demo code|{login}"));
        let totp = Some(secret.iter().take(20).copied().collect());
        let role = who.actor().role;
        logins.push(open(world, (login, words), who.person(), role, totp).await?);
    }
    for family in world.city.story_families() {
        let (login, words) = match family.story {
            Fate::Granted => ("resident", "居民，已经在领的那户"),
            Fate::SavingsOver => ("resident2", "居民，没有批下来的那户"),
            Fate::Undetermined => ("resident3", "居民，还差一件事的那户"),
            Fate::IncomeOver => ("resident4", "居民，还没申请的一户"),
            Fate::Together => ("resident5", "居民，办过一件事的那户"),
            Fate::Waiting => ("resident6", "居民，找到了还没申请的一户"),
        };
        let number = family.applicant;
        let people = world
            .app
            .db()
            .read(async move |tx| Ok::<_, store::StoreError>(tx.people_with(number).await?));
        if let Some(person) = people.await?.first().copied() {
            logins.push(open(world, (login, words), person, Role::Citizen, None).await?);
            if family.story == Fate::SavingsOver {
                logins.push(relative(world, person).await?);
            }
        }
    }
    Ok(logins)
}

/// A relative who may act for a resident, and does not live with them.
async fn relative(world: &World, of: PersonId) -> Result<DemoLogin, Trouble> {
    let words = ("relative", "亲戚，替没有批下来的那户办事");
    let login = open(world, words, RELATIVE, Role::Agent, None).await?;
    let mut theirs = resident(RELATIVE, "agency/look");
    theirs.actor.role = Role::Agent;
    if world.app.own_households(&theirs).await?.is_empty() {
        let to = AGENCY_ENDS.parse().map_err(|_| Trouble::Calendar)?;
        let ctx = resident(of, "agency");
        world.app.appoint_agent(&ctx, RELATIVE, to).await?;
    }
    Ok(login)
}

async fn open(
    world: &World,
    (login, words): (&str, &str),
    person: PersonId,
    role: Role,
    totp: Option<Vec<u8>>,
) -> Result<DemoLogin, Trouble> {
    let name = match role {
        Role::Citizen => world.app.name_of(person).await?,
        _ => words.to_owned(),
    };
    let new = NewAccount {
        login: login.to_owned(),
        person,
        role,
        name,
        password: Some(PASSWORD.to_owned()),
        totp: totp.clone(),
    };
    let ctx = Who::Admin(1).acts(Purpose::Administration, format!("account/{login}"));
    world.app.open_account(&ctx, new).await?;
    Ok(DemoLogin {
        login: login.to_owned(),
        password: PASSWORD.to_owned(),
        who: words.to_owned(),
        totp,
    })
}

/// Who is known at the other houses of the demonstration: the applicants of the
/// story, two of the staff, and somebody nobody knows here.
///
/// # Errors
/// [`Trouble`] of the use cases.
pub async fn known_elsewhere(world: &World) -> Result<Vec<Known>, Trouble> {
    let mut known = Vec::new();
    for family in world.city.story_families() {
        let number = family.applicant;
        let people = world.app.db();
        let people =
            people.read(async move |tx| Ok::<_, store::StoreError>(tx.people_with(number).await?));
        if let Some(person) = people.await?.first().copied() {
            known.push(Known {
                name: world.app.name_of(person).await?,
                number: number.reveal().to_owned(),
            });
        }
    }
    for (at, login, name) in [(1, "town", "镇街经办"), (2, "county", "县级审核")] {
        let number = invented(at)?;
        let ctx = Who::Admin(1).acts(Purpose::Administration, format!("number/{login}"));
        world.app.number_account(&ctx, login, number).await?;
        known.push(Known {
            name: name.to_owned(),
            number: number.reveal().to_owned(),
        });
    }
    known.push(Known {
        name: "外地来的人".to_owned(),
        number: invented(3)?.reveal().to_owned(),
    });
    Ok(known)
}

/// A number of nobody: area 99, born before anybody of the city.
fn invented(sequence: u16) -> Result<PersonNumber, Trouble> {
    let born = "1900-01-01".parse().map_err(|_| Trouble::Calendar)?;
    let number = CitizenId::build(990_000, born, sequence);
    number
        .map(PersonNumber::Citizen)
        .map_err(|_| Trouble::Calendar)
}
