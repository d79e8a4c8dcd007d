//! Random credentials, in the form of AWS's.

use std::io;

use rustix::rand::{GetRandomFlags, getrandom};

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 20 characters, 80 bits of chance: nobody on the machine guesses it.
pub(super) fn access_key_id() -> io::Result<String> {
    Ok(format!("AKIA{}", random(16, UPPER)?))
}

/// 40 characters.
pub(super) fn secret() -> io::Result<String> {
    random(40, MIXED)
}

/// So many letters of an alphabet whose size divides 256.
fn random(length: usize, alphabet: &[u8]) -> io::Result<String> {
    let mut bytes = vec![0; length];
    let got = getrandom(&mut bytes[..], GetRandomFlags::empty())?;
    if got != length {
        return Err(io::Error::other("the system gave too few random bytes"));
    }
    let letter = |byte: &u8| {
        let place = usize::from(*byte) % alphabet.len();
        alphabet.get(place).map(|letter| char::from(*letter))
    };
    Ok(bytes.iter().filter_map(letter).collect())
}
