//! A door of TLS before a simulator: whatever comes through it goes on in the clear. Its
//! certificate is by an authority of the test's own, good or wrong in one way.

#![allow(dead_code, reason = "each test takes its part")]

use app::trust::Trust;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// Who signs certificates.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate: for whom, its first and last year.
#[derive(Clone, Copy)]
pub(crate) struct Card(pub(crate) &'static str, pub(crate) i32, pub(crate) i32);

/// Nothing is wrong with it.
pub(crate) const GOOD: Card = Card("localhost", 2020, 2090);
/// Over.
pub(crate) const OVER: Card = Card("localhost", 2020, 2021);
/// To come.
pub(crate) const TO_COME: Card = Card("localhost", 2089, 2090);
/// Somebody else's.
pub(crate) const OTHERS: Card = Card("other.example", 2020, 2090);

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// What the operator's file makes of it.
    pub(crate) fn trust(&self) -> Trust {
        Trust::only(self.pem.as_bytes()).unwrap()
    }

    /// Opens a door before `behind`; gives its address, `https://…`.
    pub(crate) async fn door(&self, behind: SocketAddr, card: Card) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        self.open(listener, behind, card);
        format!("https://localhost:{port}")
    }

    /// Opens a door at a listener; who drops the handle's task closes it.
    pub(crate) fn open(
        &self,
        listener: TcpListener,
        behind: SocketAddr,
        card: Card,
    ) -> tokio::task::JoinHandle<()> {
        let acceptor = TlsAcceptor::from(self.server(card));
        tokio::spawn(async move {
            loop {
                let (came, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // Who is refused, or refuses, is gone: that is what is tested.
                    let Ok(mut came) = acceptor.accept(came).await else {
                        return;
                    };
                    let mut on = TcpStream::connect(behind).await.unwrap();
                    drop(copy_bidirectional(&mut came, &mut on).await);
                });
            }
        })
    }

    fn server(&self, Card(name, from, until): Card) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let card = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let provider = Arc::new(ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![card.der().clone()], key.into());
        Arc::new(server.unwrap())
    }
}
