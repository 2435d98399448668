//! A device that keeps a passkey, and what a browser makes of its answers.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::AccountId;
use serde_json::{Value, json};
use server::testing::BASE_URL;
use sha2::{Digest as _, Sha256};

/// The name under which browsers know the test's portal.
const RELYING_PARTY: &str = "localhost";
/// Somebody was there, and was recognized.
pub const RECOGNIZED: u8 = 0b101;
/// A new key comes along.
const WITH_KEY: u8 = 0b100_0000;

/// A device with one key.
pub struct Device {
    key: EcdsaKeyPair,
    pub id: [u8; 32],
    pub account: AccountId,
    pub counter: u32,
    pub origin: &'static str,
    /// After so many bytes its answers end.
    pub cut: usize,
}

impl Device {
    pub fn new(account: AccountId) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let id = Sha256::digest(key.public_key().as_ref()).into();
        Self { key, id, account, counter: 0, origin: BASE_URL, cut: usize::MAX }
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let challenge = &options["publicKey"]["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(RELYING_PARTY).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// What a browser makes of the challenge of somebody who adds a passkey.
    pub fn make(&self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        let mut data = self.authenticator_data(RECOGNIZED | WITH_KEY);
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(self.id);
        // The key as COSE has it: EC2, ES256, P-256, x and y.
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("a short one"));
        object.extend(data);
        object.truncate(self.cut);
        let client_data = self.client_data("webauthn.create", &options);
        self.answer(json!({ "attestationObject": encode(object), "clientDataJSON": encode(client_data) }))
    }

    /// What a browser answers to a challenge; the device counts.
    pub fn sign(&mut self, options: &str) -> String {
        self.counter += 1;
        self.sign_with(options, RECOGNIZED)
    }

    pub fn sign_with(&self, options: &str, flags: u8) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        let client_data = self.client_data("webauthn.get", &options);
        let mut data = self.authenticator_data(flags);
        data.truncate(self.cut);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        self.answer(json!({
            "authenticatorData": encode(data),
            "clientDataJSON": encode(client_data),
            "signature": encode(signature),
            "userHandle": encode(self.account.0),
        }))
    }

    fn answer(&self, response: Value) -> String {
        let id = encode(self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
            .to_string()
    }
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
