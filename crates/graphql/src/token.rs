//! From text to tokens.
use crate::error::Error;

/// Most tokens of a document: what a document becomes in memory is many times as large as its text.
const MAX_TOKENS: usize = 50_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    End,
    /// One of `! $ & ( ) ... : = @ [ ] { | }`.
    Sign(&'static str),
    Name,
    Int,
    Float,
    Text,
    BlockText,
}

impl Kind {
    /// Its name in messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::End => "<EOF>",
            Self::Sign(sign) => sign,
            Self::Name => "Name",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::Text => "String",
            Self::BlockText => "BlockString",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) pos: usize,
    /// Empty for signs.
    pub(crate) text: String,
}

impl Token {
    /// As messages describe it.
    pub(crate) fn describe(&self) -> String {
        match self.kind {
            Kind::End | Kind::Sign(_) => self.kind.name().to_owned(),
            _ => format!("{} \"{}\"", self.kind.name(), self.text),
        }
    }
}

/// Gives one token after another.
pub(crate) struct Lexer {
    chars: Vec<char>,
    pos: usize,
    made: usize,
}

impl Lexer {
    pub(crate) fn new(source: &str) -> Self {
        Self { chars: source.chars().collect(), pos: 0, made: 0 }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.pos + ahead).copied()
    }

    /// The next token that means something.
    pub(crate) fn next(&mut self) -> Result<Token, Error> {
        self.skip_ignored();
        self.made += 1;
        let pos = self.pos;
        if self.made > MAX_TOKENS {
            return Err(Error::syntax(&format!("Document contains more than {MAX_TOKENS} tokens. Parsing aborted."), pos));
        }
        let Some(c) = self.peek(0) else { return Ok(Token { kind: Kind::End, pos, text: String::new() }) };
        match c {
            'A'..='Z' | 'a'..='z' | '_' => Ok(self.name()),
            '0'..='9' | '-' => self.number(),
            '"' if self.peek(1) == Some('"') && self.peek(2) == Some('"') => self.block_text(),
            '"' => self.string(),
            _ => self.sign(c),
        }
    }

    fn skip_ignored(&mut self) {
        while let Some(c) = self.peek(0) {
            match c {
                '\t' | ' ' | ',' | '\n' | '\r' | '\u{feff}' => self.pos += 1,
                '#' => {
                    while self.peek(0).is_some_and(|c| c != '\n' && c != '\r') {
                        self.pos += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn sign(&mut self, c: char) -> Result<Token, Error> {
        const SIGNS: [&str; 13] = ["!", "$", "&", "(", ")", ":", "=", "@", "[", "]", "{", "|", "}"];
        let pos = self.pos;
        if c == '.' && self.peek(1) == Some('.') && self.peek(2) == Some('.') {
            self.pos += 3;
            return Ok(Token { kind: Kind::Sign("..."), pos, text: String::new() });
        }
        if let Some(sign) = SIGNS.iter().find(|sign| sign.starts_with(c)) {
            self.pos += 1;
            return Ok(Token { kind: Kind::Sign(sign), pos, text: String::new() });
        }
        let message = match c {
            '\0'..='\u{1f}' => format!("Cannot contain the invalid character {}", code(Some(c))),
            '\'' => "Unexpected single quote character ('), did you mean to use a double quote (\")?".to_owned(),
            _ => format!("Cannot parse the unexpected character {}.", code(Some(c))),
        };
        Err(Error::syntax(&message, pos))
    }

    fn name(&mut self) -> Token {
        let pos = self.pos;
        let text: String = self.chars.iter().skip(pos).take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        self.pos += text.len();
        Token { kind: Kind::Name, pos, text }
    }

    fn number(&mut self) -> Result<Token, Error> {
        let pos = self.pos;
        let mut text = String::new();
        let mut kind = Kind::Int;
        if self.peek(0) == Some('-') {
            self.keep(&mut text);
        }
        if self.peek(0) == Some('0') {
            self.keep(&mut text);
            if self.peek(0).is_some_and(|c| c.is_ascii_digit()) {
                return Err(Error::syntax(&format!("Invalid number, unexpected digit after 0: {}", code(self.peek(0))), self.pos));
            }
        } else {
            self.digits(&mut text)?;
        }
        if self.peek(0) == Some('.') {
            kind = Kind::Float;
            self.keep(&mut text);
            self.digits(&mut text)?;
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            kind = Kind::Float;
            self.keep(&mut text);
            if matches!(self.peek(0), Some('+' | '-')) {
                self.keep(&mut text);
            }
            self.digits(&mut text)?;
        }
        Ok(Token { kind, pos, text })
    }

    fn keep(&mut self, text: &mut String) {
        text.extend(self.peek(0));
        self.pos += 1;
    }

    fn digits(&mut self, text: &mut String) -> Result<(), Error> {
        if !self.peek(0).is_some_and(|c| c.is_ascii_digit()) {
            return Err(Error::syntax(&format!("Invalid number, expected digit but got: {}", code(self.peek(0))), self.pos));
        }
        while self.peek(0).is_some_and(|c| c.is_ascii_digit()) {
            self.keep(text);
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Token, Error> {
        let pos = self.pos;
        let mut text = String::new();
        self.pos += 1;
        loop {
            match self.peek(0) {
                None | Some('\n' | '\r') => return Err(Error::syntax("Unterminated string.", self.pos)),
                Some('"') => {
                    self.pos += 1;
                    return Ok(Token { kind: Kind::Text, pos, text });
                }
                Some('\\') => self.escape(&mut text)?,
                Some(c) if c < ' ' && c != '\t' => return Err(invalid_in_string(c, self.pos)),
                Some(_) => self.keep(&mut text),
            }
        }
    }

    /// A backslash and what follows.
    fn escape(&mut self, text: &mut String) -> Result<(), Error> {
        let Some(c) = self.peek(1) else { return Err(Error::syntax("Unterminated string.", self.pos + 1)) };
        let plain = match c {
            '"' | '/' | '\\' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(text),
            _ => return Err(Error::syntax(&format!("Invalid character escape sequence: \\{c}"), self.pos + 1)),
        };
        text.push(plain);
        self.pos += 2;
        Ok(())
    }

    /// `\uXXXX`, two of them for what lies beyond 16 bits.
    fn unicode(&mut self, text: &mut String) -> Result<(), Error> {
        let wrong = |this: &Self| {
            let digits: String = this.chars.iter().skip(this.pos + 2).take(4).collect();
            Error::syntax(&format!("Invalid character escape sequence: \\u{digits}"), this.pos + 1)
        };
        let first = self.hex(2).ok_or_else(|| wrong(self))?;
        let (value, length) = match first {
            0xd800..=0xdbff => {
                let second = (self.peek(6) == Some('\\') && self.peek(7) == Some('u')).then(|| self.hex(8)).flatten();
                let second = second.filter(|s| (0xdc00..=0xdfff).contains(s)).ok_or_else(|| {
                    let rest: String = self.chars.iter().skip(self.pos + 6).take(6).collect();
                    Error::syntax(&format!("Invalid UTF-16 trailing surrogate: {rest}"), self.pos + 7)
                })?;
                (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12)
            }
            other => (other, 6),
        };
        let c = char::from_u32(value).ok_or_else(|| wrong(self))?;
        if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
            return Err(invalid_in_string(c, self.pos));
        }
        text.push(c);
        self.pos += length;
        Ok(())
    }

    fn hex(&self, ahead: usize) -> Option<u32> {
        (0..4).try_fold(0, |value, i| Some(value * 16 + self.peek(ahead + i)?.to_digit(16)?))
    }

    fn block_text(&mut self) -> Result<Token, Error> {
        let pos = self.pos;
        let mut raw = String::new();
        self.pos += 3;
        let quotes = |this: &Self, from: usize| (from..from + 3).all(|i| this.peek(i) == Some('"'));
        loop {
            match self.peek(0) {
                None => return Err(Error::syntax("Unterminated string.", self.pos)),
                Some('"') if quotes(self, 0) => {
                    self.pos += 3;
                    return Ok(Token { kind: Kind::BlockText, pos, text: dedent(&raw) });
                }
                Some('\\') if quotes(self, 1) => {
                    raw.push_str("\"\"\"");
                    self.pos += 4;
                }
                Some(c) if c < ' ' && !matches!(c, '\t' | '\n' | '\r') => return Err(invalid_in_string(c, self.pos)),
                Some(_) => self.keep(&mut raw),
            }
        }
    }
}

fn invalid_in_string(c: char, pos: usize) -> Error {
    Error::syntax(&format!("Invalid character within String: {}", code(Some(c))), pos)
}

/// A character as messages show it.
fn code(c: Option<char>) -> String {
    match c {
        None => "<EOF>".to_owned(),
        Some(c) if u32::from(c) < 0x7f => serde_json::Value::from(c.to_string()).to_string(),
        Some(c) => format!("\"\\u{:x}\"", u32::from(c)),
    }
}

/// A block without what its lines have in common before their first letter, and without empty lines around it.
fn dedent(raw: &str) -> String {
    let text = raw.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let blank = |line: &str| line.chars().all(|c| c == ' ' || c == '\t');
    let indent = |line: &&str| line.chars().take_while(|c| *c == ' ' || *c == '\t').count();
    let common = lines.iter().skip(1).filter(|line| !blank(line)).map(indent).min().unwrap_or(0);
    let cut = |(i, line): (usize, &&str)| if i == 0 { (*line).to_owned() } else { line.chars().skip(common).collect() };
    let cut: Vec<String> = lines.iter().enumerate().map(cut).collect();
    let first = cut.iter().position(|line| !blank(line)).unwrap_or(cut.len());
    let last = cut.iter().rposition(|line| !blank(line)).map_or(first, |i| i + 1);
    cut.get(first..last).unwrap_or_default().join("\n")
}
