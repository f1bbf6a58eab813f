//! Receivers with certificates: good ones, foreign ones, expired ones, and those of somebody else.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::receiver::answer;
use super::*;

/// Who vouches for receivers.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(super) fn options(&self) -> HyperOptions {
        HyperOptions::default().with_root(self.issuer.der().to_vec())
    }

    /// A receiver's end of TLS, with a certificate for a name that ends with a year.
    pub(super) fn acceptor(&self, name: &str, last_year: i32, protocols: &[&str]) -> TlsAcceptor {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    async fn receiver(&self, name: &str, last_year: i32) -> Receiver {
        let acceptor = self.acceptor(name, last_year, &["http/1.1"]);
        Receiver::start(move |peer| {
            let acceptor = acceptor.clone();
            async move {
                let mut peer = peer.secured(&acceptor).await?;
                while peer.hear().await? {
                    peer.say(answer("200 OK", "", "secret")).await?;
                }
                Ok(())
            }
        })
        .await
    }
}

/// A client that believes an authority, and takes every name for this machine.
pub(super) fn believing(authority: &Authority) -> HyperClient {
    HyperClient::new(authority.options().with_resolver(Names::of(&[&["127.0.0.1"]]))).unwrap()
}

#[tokio::test]
async fn a_certificate_must_be_vouched_for() {
    let authority = Authority::new();
    let receiver = authority.receiver("hook.example", 2099).await;
    let url = receiver.secure_url("hook.example");
    let client = believing(&authority);
    for _ in 0..3 {
        assert_eq!(client.send(post(&url), limits()).await.unwrap().body, "secret");
    }
    assert_eq!(receiver.connections(), 1);
    let strangers = [Names::of(&[&["127.0.0.1"]]).client(), believing(&Authority::new())];
    for client in strangers {
        assert_eq!(failed(client.send(post(&url), limits()).await), (HttpErrorKind::Tls, Sent::No));
    }
    assert_eq!(receiver.requests().len(), 3);
}

#[tokio::test]
async fn a_certificate_must_be_for_the_name_and_not_too_old() {
    let authority = Authority::new();
    let client = believing(&authority);
    let cases = [
        ("hook.example", 2099, "other.example", false),
        ("hook.example", 2099, "127.0.0.1", false),
        ("hook.example", 2021, "hook.example", false),
        ("*.hook.example", 2099, "a.hook.example", true),
        ("*.hook.example", 2099, "a.b.hook.example", false),
        ("127.0.0.1", 2099, "127.0.0.1", true),
        ("hook.example", 2099, "HOOK.example", true),
    ];
    for (name, last_year, called, is_answer) in cases {
        let receiver = authority.receiver(name, last_year).await;
        let answered = client.send(post(&receiver.secure_url(called)), limits()).await;
        match answered {
            Ok(_) => assert!(is_answer, "{name} {last_year} {called}"),
            Err(error) => {
                assert!(!is_answer, "{name} {last_year} {called}: {error}");
                assert_eq!((error.kind(), error.sent()), (HttpErrorKind::Tls, Sent::No));
                assert_eq!(receiver.requests().len(), 0);
            }
        }
    }
}

/// Neither a connection nor a session that was begun unchecked serves a call that is checked.
#[tokio::test]
async fn certificates_are_unchecked_only_as_long_as_the_policy_says_so() {
    let authority = Authority::new();
    let receiver = authority.receiver("old.example", 2021).await;
    let client = Names::of(&[&["127.0.0.1"]]).client();
    let mut settings = EgressSettings::default();
    settings.allowed_internal = "127.0.0.0/8".to_owned();
    settings.insecure = true;
    let insecure = HttpLimits { egress: Arc::new(EgressPolicy::new(&settings)), ..limits() };
    for _ in 0..2 {
        let url = receiver.secure_url("any.example");
        assert_eq!(client.send(post(&url), insecure.clone()).await.unwrap().body, "secret");
        assert_eq!(failed(client.send(post(&url), limits()).await), (HttpErrorKind::Tls, Sent::No));
    }
    assert_eq!(receiver.requests().len(), 2);
}

#[tokio::test]
async fn a_dead_connection_is_replaced_under_tls_too() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("hook.example", 2099, &[]);
    let receiver = Receiver::start(move |peer| {
        let acceptor = acceptor.clone();
        async move {
            let mut peer = peer.secured(&acceptor).await?;
            peer.hear().await?;
            peer.say(answer("200 OK", "", "secret")).await
        }
    })
    .await;
    let client = believing(&authority);
    for _ in 0..5 {
        ask(&client, &receiver.secure_url("hook.example")).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (5, 5));
}

#[test]
fn what_is_no_certificate_is_no_root() {
    let authority = Authority::new();
    let options = authority.options().with_root(b"-----BEGIN CERTIFICATE-----".to_vec());
    assert_eq!(HyperClient::new(options).unwrap_err().to_string(), "root 1 is no certificate in DER");
}
