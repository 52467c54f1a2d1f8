//! 「信谁的证书」 Whose certificates are believed when the house speaks https: those of the
//! machine's own authorities, or those of the operator's file and no others. Absent on
//! purpose: a way to believe anything, and revocation lists (no partner names one; what a
//! partner says is signed besides, see [`crate::signing`]).

use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Whose certificates are believed; as a default the machine's authorities.
#[derive(Clone, Debug, Default)]
pub struct Trust(Option<Arc<RootCertStore>>);

impl Trust {
    /// The authorities of a PEM file, and no others.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn only(pem: &[u8]) -> Result<Trust, String> {
        let mut roots = RootCertStore::empty();
        for one in CertificateDer::pem_slice_iter(pem) {
            let one = one.map_err(|why| format!("不是 PEM 证书：{why}"))?;
            let taken = roots.add(one);
            taken.map_err(|why| format!("里面有一张证书不能用：{why}"))?;
        }
        match roots.is_empty() {
            true => Err("里面没有证书（要有 BEGIN CERTIFICATE）".to_owned()),
            false => Ok(Trust(Some(Arc::new(roots)))),
        }
    }

    /// A client for any address: it follows nobody and passes through nobody.
    ///
    /// # Errors
    /// The system's words when there is no TLS to be had.
    pub fn http(&self) -> Result<ClientBuilder, String> {
        let roots = self.0.clone().unwrap_or_else(machine);
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .map_err(|why| why.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        #[expect(clippy::disallowed_methods, reason = "here it is told of certificates")]
        let client = Client::builder();
        let client = client.tls_backend_preconfigured(tls);
        Ok(client.redirect(Policy::none()).no_proxy())
    }
}

/// What the machine believes, read once. With none of them every certificate is refused.
fn machine() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        let found = rustls_native_certs::load_native_certs();
        for why in &found.errors {
            tracing::warn!("本机的根证书没有读全：{why}");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        Arc::new(roots)
    };
    ROOTS.get_or_init(read).clone()
}

/// How others are reached: how long one is waited for, whose certificates count.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Given up after.
    pub wait: Duration,
    /// Believed.
    pub trust: Trust,
}

impl From<Duration> for Reach {
    /// By the machine's authorities.
    fn from(wait: Duration) -> Reach {
        let trust = Trust::default();
        Reach { wait, trust }
    }
}

/// Why a connection is not taken for the partner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Nobody we believe signed it.
    #[error(
        "对方的证书不是这里信任的机构签发的。请用 --partner-ca 指定对方给的 CA 证书文件，或者请对方换证书"
    )]
    UnknownAuthority,
    /// Its last day is over.
    #[error("对方的证书过期了。请先核对本机时间，再请对方换新证书")]
    Expired,
    /// Its first day is to come.
    #[error("对方的证书还没有到生效的日子。请先核对本机时间，再请对方换证书")]
    NotYet,
    /// It is somebody else's.
    #[error("对方的证书不是发给这个地址的。请核对写的地址，或者请对方换一张写着这个域名的证书")]
    OtherName,
    /// Whatever else is wrong with it.
    #[error("对方的证书查验没有通过。请对方检查证书，要整条证书链")]
    Bad,
    /// No TLS was agreed on.
    #[error("没有谈成 https。请核对地址要写 https 还是 http，对方要会 TLS 1.2 或 1.3")]
    NoTls,
}

/// Why the other side is not believed to be who it should be, if that is what broke.
pub(crate) fn doubt(why: &(dyn Error + 'static)) -> Option<Doubt> {
    let mut next = Some(why);
    while let Some(one) = next {
        // A system error tells its inside by another way than `source`.
        let inside = one.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inside = inside.map(|inside| inside as &(dyn Error + 'static));
        let found = inside.and_then(|inside| inside.downcast_ref());
        if let Some(tls) = found.or_else(|| one.downcast_ref::<rustls::Error>()) {
            return Some(of(tls));
        }
        next = inside.or_else(|| one.source());
    }
    None
}

fn of(why: &rustls::Error) -> Doubt {
    use CertificateError as Wrong;
    let rustls::Error::InvalidCertificate(wrong) = why else {
        return Doubt::NoTls;
    };
    match wrong {
        // A bad signature: somebody who only calls himself as one we believe.
        Wrong::UnknownIssuer | Wrong::BadSignature => Doubt::UnknownAuthority,
        Wrong::Expired | Wrong::ExpiredContext { .. } => Doubt::Expired,
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => Doubt::NotYet,
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => Doubt::OtherName,
        _ => Doubt::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_no_trust() {
        for bad in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n",
        ] {
            assert!(Trust::only(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
