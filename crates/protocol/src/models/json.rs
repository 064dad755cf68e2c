//! JSON text as the reference writes it: `/` escaped, everything beyond ASCII as it is, whole floats as integers.
use serde_json::{Map, Number, Value};

/// Below this all whole floats are exact integers.
const EXACT: f64 = 1e15;
/// Two digits at a time.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
50515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798\
99";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// What a byte of a text becomes: 0 = itself, `u` = a four-digit escape, else the letter after the backslash.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = b'u';
        control += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table[b'/' as usize] = b'/';
    table
};

/// Appends the JSON text of a value.
pub fn write_json(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(n) => number(n, out),
        Value::String(s) => write_text(s, out),
        Value::Array(items) => list(items, out),
        Value::Object(map) => object(map, out),
    }
}

fn list(items: &[Value], out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_json(item, out);
    }
    out.push(b']');
}

fn object(map: &Map<String, Value>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (i, (key, value)) in map.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_text(key, out);
        out.push(b':');
        write_json(value, out);
    }
    out.push(b'}');
}

/// Appends the JSON text of a string.
pub fn write_text(s: &str, out: &mut Vec<u8>) {
    let bytes = s.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut rest = bytes;
    while let Some(at) = next_escape(rest) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, tail)) = from.split_first() else { break };
        rest = tail;
        match ESCAPES[usize::from(*byte)] {
            b'u' => {
                let digit = |n: u8| HEX[usize::from(n & 15)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(*byte)]);
            }
            letter => out.extend_from_slice(&[b'\\', letter]),
        }
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Where the first byte is that cannot stay as it is. Eight bytes are looked at in one step: subtracting from a byte borrows from its highest bit when it
/// is smaller, which tells those below a space, and, of a word less the byte looked for, those that are zero.
fn next_escape(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let below = |word: u64, least: u8| word.wrapping_sub(ONES * u64::from(least)) & !word & HIGHEST;
    let has = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let is_plain = |eight: &&[u8; 8]| {
        let word = u64::from_ne_bytes(**eight);
        below(word, b' ') | has(word, b'"') | has(word, b'\\') | has(word, b'/') == 0
    };
    let plain = bytes.as_chunks().0.iter().take_while(is_plain).count() * 8;
    let rest = bytes.get(plain..)?;
    rest.iter().position(|b| ESCAPES[usize::from(*b)] != 0).map(|at| plain + at)
}

fn number(n: &Number, out: &mut Vec<u8>) {
    if let Some(u) = n.as_u64() {
        whole(u, out);
    } else if let Some(i) = n.as_i64() {
        out.push(b'-');
        whole(i.unsigned_abs(), out);
    } else if let Some(f) = n.as_f64() {
        float(f, out);
    }
}

fn whole(mut n: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    while n >= 10 {
        let pair = (n % 100) as usize * 2;
        n /= 100;
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    // A lone leading digit, unless the last pair brought it along.
    if n > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + n as u8;
    }
    out.extend_from_slice(&digits[at..]);
}

/// Shortest digits that read back the same; a power of ten from 1e17 up and below 1e-4.
fn float(f: f64, out: &mut Vec<u8>) {
    let size = f.abs();
    if f.fract() == 0.0 && size < EXACT {
        if f.is_sign_negative() {
            out.push(b'-');
        }
        // Exact: whole and below 2^53.
        return whole(size as u64, out);
    }
    if (1e-4..1e17).contains(&size) {
        return out.extend_from_slice(f.to_string().as_bytes());
    }
    let text = format!("{f:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    out.extend_from_slice(digits.as_bytes());
    if !digits.contains('.') {
        out.extend_from_slice(b".0");
    }
    out.push(b'e');
    if !power.starts_with('-') {
        out.push(b'+');
    }
    out.extend_from_slice(power.as_bytes());
}
