//! 「换钥匙」 `nuanxin key add`. Old keys stay: they open what they sealed.

use crate::ending::{Ending, Outcome};
use crate::options::{CipherName, KeyCommand};
use crate::{keys, say};
use store::Profile;

pub(crate) fn run(command: KeyCommand) -> Outcome {
    let KeyCommand::Add { keys, cipher } = command;
    let profile = match cipher {
        CipherName::Aes => Profile::Aes256Gcm,
        CipherName::Sm4 => Profile::Sm4Gcm,
    };
    let path = keys::add_sealing(&keys, profile)?;
    say!("新钥匙在 {}。先备份，再重启每一台", path.display());
    say!("旧钥匙不要删：以前写的还靠它们打开");
    Ok(Ending::Yes)
}
