//! TLS, with roots or without any check.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::options::{HyperOptions, InvalidHyperOptions};
use super::stream::Socket;
use crate::port::{HttpError, HttpErrorKind, Sent};

/// Makes secure channels. Sessions that were begun unchecked are not resumed as checked ones: each has its own memory.
#[derive(Clone)]
pub(super) struct Tls {
    checked: TlsConnector,
    unchecked: TlsConnector,
}

impl Tls {
    pub(super) fn new(options: &HyperOptions) -> Result<Self, InvalidHyperOptions> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for (position, root) in options.roots.iter().enumerate() {
            let certificate = CertificateDer::from(root.as_slice());
            roots.add(certificate).map_err(|_| InvalidHyperOptions::Root { position })?;
        }
        let provider = Arc::new(ring::default_provider());
        let builder = || {
            ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()
                .map_err(|error| InvalidHyperOptions::Tls(error.to_string()))
        };
        let checked = builder()?.with_root_certificates(roots).with_no_client_auth();
        let believer = Arc::new(Unchecked(Arc::clone(&provider)));
        let unchecked = builder()?.dangerous().with_custom_certificate_verifier(believer).with_no_client_auth();
        let protocols: &[&[u8]] = if options.http2 { &[HTTP2, b"http/1.1"] } else { &[b"http/1.1"] };
        let connector = |mut config: ClientConfig| {
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            TlsConnector::from(Arc::new(config))
        };
        Ok(Self { checked: connector(checked), unchecked: connector(unchecked) })
    }

    /// Makes a channel to whom `host` names, and says whether HTTP/2 is spoken over it.
    pub(super) async fn connect(
        &self,
        host: &str,
        socket: Socket,
        insecure: bool,
    ) -> Result<(TlsStream<Socket>, bool), HttpError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| HttpError::new(HttpErrorKind::Url, Sent::No, "the host is no name that a certificate has"))?;
        let connector = if insecure { &self.unchecked } else { &self.checked };
        let connected = connector.connect(name, socket).await;
        let stream = connected.map_err(|error| HttpError::new(HttpErrorKind::Tls, Sent::No, error))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
        Ok((stream, http2))
    }
}

const HTTP2: &[u8] = b"h2";

/// Takes every certificate for what it says it is.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
