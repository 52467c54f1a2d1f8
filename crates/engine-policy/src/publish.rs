//! 「颁布」 How a text of the law comes into force: drafted by one person, its examples
//! and a dry run over everyone on the table, signed by two others; put out of force in
//! one step by one. Absent on purpose: the text itself, what the dry run counted.

use kernel::{Actor, Instant, Now, PersonId, Refuse};
use serde::{Deserialize, Serialize};

/// How many people must sign, none of them its author.
pub const SIGNERS: usize = 2;

/// Where a version stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 草案
    #[default]
    Draft,
    /// 施行中
    Active,
    /// 已被新版代替 Cases begun under it stay on it.
    Superseded,
    /// 停用 What was decided by it is looked at again.
    Suspended,
}

impl Standing {
    /// The word people read.
    pub fn label(self) -> &'static str {
        match self {
            Standing::Draft => "草案",
            Standing::Active => "施行中",
            Standing::Superseded => "已有新版",
            Standing::Suspended => "停用",
        }
    }
}

/// A version of the law: what happened to it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Where it stands.
    pub standing: Standing,
    /// Since when.
    pub since: Option<Instant>,
    /// Who drafted it; nobody: it was there when the house was opened.
    pub author: Option<Actor>,
    /// Its examples, all passed.
    pub examples: u64,
    /// The last dry run.
    pub dry_run: Option<DryRun>,
    /// Who signed, with the moment.
    pub signed: Vec<(Actor, Instant)>,
    /// By whom and why it was put out of force.
    pub suspended: Option<(Actor, String)>,
}

/// A dry run over everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRun {
    /// The version it was compared with.
    pub against: String,
    /// When.
    pub at: Instant,
    /// Households judged.
    pub households: u64,
    /// What the linter warned of in the text, each with its place: what signers have in
    /// view. `None`: tried before this was kept.
    #[serde(default)]
    pub warnings: Option<Vec<String>>,
}

/// What is done to a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 起草 With the number of its examples and of those that failed.
    Draft {
        /// All of them.
        examples: u64,
        /// Those with another outcome than they say.
        failed: u64,
    },
    /// 试算 Everyone was judged by it and by the version in force.
    TryOut(DryRun),
    /// 签字 `in_force` is the version in force at this moment.
    Sign {
        /// Its hash.
        in_force: String,
    },
    /// 被代替
    Supersede,
    /// 停用
    Suspend {
        /// Why.
        reasons: String,
    },
    /// 恢复 The version after it was put out of force.
    Restore,
}

/// What happened to a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// 起草了
    Drafted {
        /// By whom.
        by: Actor,
        /// Its examples.
        examples: u64,
    },
    /// 试算了 Signatures from before no longer count: they were under other figures.
    TriedOut(DryRun),
    /// 签了字
    Signed {
        /// By whom.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 站到了
    Moved {
        /// Where.
        to: Standing,
        /// When.
        at: Instant,
    },
    /// 停用了
    Suspended {
        /// By whom.
        by: Actor,
        /// Why.
        reasons: String,
    },
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishRefusal {
    /// Examples fail.
    #[error("有 {0} 个例子的结果和写的不一样。先用 nuanxin pack test 看，改好再来")]
    ExamplesFail(u64),
    /// There are none.
    #[error("一个例子也没有。每项服务至少要有符合和不符合的例子")]
    NoExamples,
    /// It is no draft any more.
    #[error("这一版已经不是草案：{}", .0.label())]
    NotADraft(Standing),
    /// Not in force.
    #[error("这一版没有在施行，不用停")]
    NotActive,
    /// No dry run.
    #[error("还没有对全体居民试算过。先试算，看清谁多了、谁少了")]
    NoDryRun,
    /// The dry run compared with a version that is no longer in force.
    #[error("试算以后施行的规定换了。请再试算一次")]
    StaleDryRun,
    /// A machine.
    #[error("要由人来签，机器不能签")]
    NotAPerson,
    /// The author.
    #[error("起草的人不能签自己的草案。请另外两个人来签")]
    Author,
    /// The same person again.
    #[error("您已经签过。还要另一个人签")]
    SignedAlready,
    /// No reasons.
    #[error("停用要写明原因")]
    NoReasons,
}

impl Refuse for PublishRefusal {
    fn code(&self) -> &'static str {
        match self {
            PublishRefusal::ExamplesFail(_) => "publish.examples_fail",
            PublishRefusal::NoExamples => "publish.no_examples",
            PublishRefusal::NotADraft(_) => "publish.not_a_draft",
            PublishRefusal::NotActive => "publish.not_active",
            PublishRefusal::NoDryRun => "publish.no_dry_run",
            PublishRefusal::StaleDryRun => "publish.stale_dry_run",
            PublishRefusal::NotAPerson => "publish.not_a_person",
            PublishRefusal::Author => "publish.author",
            PublishRefusal::SignedAlready => "publish.signed_already",
            PublishRefusal::NoReasons => "publish.no_reasons",
        }
    }
}

/// What follows from a command.
///
/// # Errors
/// [`PublishRefusal`].
pub fn decide(
    version: &Version,
    command: Command,
    by: &Actor,
    now: Now,
) -> Result<Vec<Event>, PublishRefusal> {
    let draft = || match version.standing {
        Standing::Draft => Ok(()),
        other => Err(PublishRefusal::NotADraft(other)),
    };
    let moved = |to| Event::Moved { to, at: now.at };
    match command {
        Command::Draft { failed, .. } if failed > 0 => Err(PublishRefusal::ExamplesFail(failed)),
        Command::Draft { examples: 0, .. } => Err(PublishRefusal::NoExamples),
        Command::Draft { examples, .. } => {
            draft()?;
            let by = by.clone();
            Ok(vec![
                Event::Drafted { by, examples },
                moved(Standing::Draft),
            ])
        }
        Command::TryOut(run) => {
            draft()?;
            Ok(vec![Event::TriedOut(run)])
        }
        Command::Sign { in_force } => {
            draft()?;
            sign(version, &in_force, by)?;
            let by = by.clone();
            let mut events = vec![Event::Signed { by, at: now.at }];
            if version.signed.len() + 1 >= SIGNERS {
                events.push(moved(Standing::Active));
            }
            Ok(events)
        }
        Command::Supersede => match version.standing {
            Standing::Active => Ok(vec![moved(Standing::Superseded)]),
            _ => Err(PublishRefusal::NotActive),
        },
        Command::Suspend { reasons } => {
            person(by)?;
            if version.standing != Standing::Active {
                return Err(PublishRefusal::NotActive);
            }
            if reasons.trim().is_empty() {
                return Err(PublishRefusal::NoReasons);
            }
            let by = by.clone();
            let why = Event::Suspended { by, reasons };
            Ok(vec![why, moved(Standing::Suspended)])
        }
        Command::Restore => Ok(vec![moved(Standing::Active)]),
    }
}

fn person(by: &Actor) -> Result<PersonId, PublishRefusal> {
    let person = by.person.filter(|_| by.role.is_human());
    person.ok_or(PublishRefusal::NotAPerson)
}

fn sign(version: &Version, in_force: &str, by: &Actor) -> Result<(), PublishRefusal> {
    let person = Some(person(by)?);
    let run = version.dry_run.as_ref().ok_or(PublishRefusal::NoDryRun)?;
    if run.against != in_force {
        return Err(PublishRefusal::StaleDryRun);
    }
    if version.author.as_ref().and_then(|author| author.person) == person {
        return Err(PublishRefusal::Author);
    }
    match version
        .signed
        .iter()
        .any(|(other, _)| other.person == person)
    {
        true => Err(PublishRefusal::SignedAlready),
        false => Ok(()),
    }
}

impl Version {
    /// A version that was there when the house was opened.
    pub fn found(now: Now) -> Version {
        Version {
            standing: Standing::Active,
            since: Some(now.at),
            ..Version::default()
        }
    }

    /// With what happened.
    #[must_use]
    pub fn after(mut self, events: &[Event]) -> Version {
        for event in events {
            match event {
                Event::Drafted { by, examples } => {
                    self.author = Some(by.clone());
                    self.examples = *examples;
                }
                Event::TriedOut(run) => {
                    self.dry_run = Some(run.clone());
                    self.signed.clear();
                }
                Event::Signed { by, at } => self.signed.push((by.clone(), *at)),
                Event::Moved { to, at } => {
                    self.standing = *to;
                    self.since = Some(*at);
                }
                Event::Suspended { by, reasons } => {
                    self.suspended = Some((by.clone(), reasons.clone()));
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Role;

    fn now() -> Now {
        Now {
            at: "2026-09-01T02:00:00Z".parse().unwrap(),
        }
    }

    fn by(person: i64, role: Role) -> Actor {
        Actor {
            account: format!("a{person}"),
            person: Some(PersonId(person)),
            role,
        }
    }

    fn run(against: &str) -> Command {
        Command::TryOut(DryRun {
            against: against.to_owned(),
            at: now().at,
            households: 10,
            warnings: None,
        })
    }

    fn sign(in_force: &str) -> Command {
        Command::Sign {
            in_force: in_force.to_owned(),
        }
    }

    fn drafted() -> Version {
        let author = by(1, Role::RuleAuthor);
        let draft = Command::Draft {
            examples: 3,
            failed: 0,
        };
        let events = decide(&Version::default(), draft, &author, now()).unwrap();
        Version::default().after(&events)
    }

    fn does(version: Version, command: Command, who: i64) -> Result<Version, PublishRefusal> {
        let events = decide(&version, command, &by(who, Role::RuleApprover), now())?;
        Ok(version.after(&events))
    }

    #[test]
    fn only_with_a_dry_run_and_two_others_does_a_draft_come_into_force() {
        let draft = drafted();
        let refused = does(draft.clone(), sign("old"), 2).unwrap_err();
        assert_eq!(refused, PublishRefusal::NoDryRun);
        let tried = does(draft, run("old"), 1).unwrap();
        let stale = does(tried.clone(), sign("newer"), 2).unwrap_err();
        assert_eq!(stale, PublishRefusal::StaleDryRun);
        let author = does(tried.clone(), sign("old"), 1).unwrap_err();
        assert_eq!(author, PublishRefusal::Author);
        let one = does(tried, sign("old"), 2).unwrap();
        assert_eq!(one.standing, Standing::Draft);
        let again = does(one.clone(), sign("old"), 2).unwrap_err();
        assert_eq!(again, PublishRefusal::SignedAlready);
        let other_figures = does(one.clone(), run("old"), 1).unwrap();
        assert!(
            other_figures.signed.is_empty(),
            "signed under other figures"
        );
        let active = does(one, sign("old"), 3).unwrap();
        assert_eq!(active.standing, Standing::Active);
        let late = does(active, sign("old"), 4).unwrap_err();
        assert_eq!(late, PublishRefusal::NotADraft(Standing::Active));
    }

    #[test]
    fn failing_examples_and_machines_bring_nothing_into_force() {
        let author = by(1, Role::RuleAuthor);
        for (examples, failed, refusal) in [
            (3, 1, PublishRefusal::ExamplesFail(1)),
            (0, 0, PublishRefusal::NoExamples),
        ] {
            let command = Command::Draft { examples, failed };
            let told = decide(&Version::default(), command, &author, now());
            assert_eq!(told, Err(refusal));
        }
        let tried = does(drafted(), run("old"), 1).unwrap();
        let machine = Actor {
            account: "system".to_owned(),
            person: None,
            role: Role::System,
        };
        let told = decide(&tried, sign("old"), &machine, now());
        assert_eq!(told, Err(PublishRefusal::NotAPerson));
    }

    #[test]
    fn what_is_in_force_is_suspended_in_one_step_with_reasons() {
        let active = Version::found(now());
        let suspend = |reasons: &str| Command::Suspend {
            reasons: reasons.to_owned(),
        };
        let silent = does(active.clone(), suspend(" "), 2).unwrap_err();
        assert_eq!(silent, PublishRefusal::NoReasons);
        let gone = does(active, suspend("算错了"), 2).unwrap();
        assert_eq!(gone.standing, Standing::Suspended);
        let twice = does(gone, suspend("算错了"), 2).unwrap_err();
        assert_eq!(twice, PublishRefusal::NotActive);
    }
}
